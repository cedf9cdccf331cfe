package editor

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
)

// maxID is the longest that a step's id may be, as flow.StepID says.
const maxID = 64

// freshID makes an id for a step out of a wish: "read", and where that is taken
// "read_2".
func freshID(wish string, taken func(flow.StepID) bool) flow.StepID {
	var b strings.Builder
	for _, r := range strings.ToLower(wish) {
		switch {
		case r >= 'a' && r <= 'z', b.Len() > 0 && r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	base := strings.TrimRight(b.String(), "_")
	if base == "" {
		base = "step"
	}
	base = base[:min(len(base), maxID-6)]
	id := flow.StepID(base)
	for n := 2; taken(id); n++ {
		id = flow.StepID(fmt.Sprintf("%s_%d", base, n))
	}
	return id
}

func (d *Document) taken(id flow.StepID) bool { return d.drawn.cards[id] != nil }

// newStep makes a step with its defaults: nothing is set that the operation sets by
// itself.
func (d *Document) newStep(op flow.OpID, at flow.Point) flow.Step {
	wish := op.Name()
	if other, taken := d.Step(flow.StepID(wish)); taken && other.Uses != op {
		wish = op.Connector() + "_" + wish // its number would count steps of another kind
	}
	return flow.Step{ID: freshID(wish, d.taken), Uses: op, At: at}
}

// givenID says whether a step has an id like those that newStep gives, and the number
// in it, 0 for none.
func givenID(s *flow.Step) (number int, given bool) {
	for _, base := range []string{s.Uses.Name(), s.Uses.Connector() + "_" + s.Uses.Name()} {
		rest, found := strings.CutPrefix(string(s.ID), base)
		if found && rest == "" {
			return 0, true
		}
		if digits, numbered := strings.CutPrefix(rest, "_"); found && numbered {
			if n, err := strconv.Atoi(digits); err == nil {
				return n, true
			}
		}
	}
	return 0, false
}

// opTitle is what a person calls an operation.
func (d *Document) opTitle(op flow.OpID) string {
	return firstOf(d.operation(op).op.Title, op.Name(), string(op))
}

// sizeOf is the size of the card that a new step of an operation gets.
func (d *Document) sizeOf(op flow.OpID) (w, h float32) {
	return CardWidth, heightFor(d.operation(op).outlets(&flow.Step{Uses: op}))
}

// GhostOf is where a new step's card would lie with its middle at p, on the grid.
func (d *Document) GhostOf(op flow.OpID, p flow.Point) Rect {
	w, h := d.sizeOf(op)
	return Rect{onGrid(p.X - w/2), onGrid(p.Y - InletY), w, h}
}

// AddStep adds a step of an operation at a place, or below it where that is taken,
// and selects it.
func (d *Document) AddStep(op flow.OpID, at flow.Point) flow.StepID {
	_, h := d.sizeOf(op)
	step := d.newStep(op, d.freeSlot(at, h, nil))
	step.In = d.ScopeAt(flow.Point{X: at.X + CardWidth/2, Y: at.Y + h/2})
	d.changeSelecting("added "+d.opTitle(op), func(t *draft) { t.addStep(step) },
		func(s *selection) { s.clear(); s.addStep(step.ID) })
	return step.ID
}

// AddStepAfter adds a step to the right of another and leads its outlet there; "" is
// the first outlet without an edge. Where the two cannot be joined the step is added all
// the same, and why says so.
func (d *Document) AddStepAfter(after flow.StepID, outlet flow.Outlet, op flow.OpID) (id flow.StepID, why error) {
	c := d.drawn.cards[after]
	if c == nil {
		return "", fmt.Errorf("there is no step %q", string(after))
	}
	if outlet == "" {
		outlet = c.Open()
	}
	p := c.Outlet(outlet)
	at := flow.Point{X: onGrid(c.Rect.Right() + Gap), Y: p.Y - InletY}
	if outlet == flow.Failed {
		at.Y = onGrid(c.Rect.Bottom() + RowGap)
	}
	return d.AddStepFrom(after, outlet, op, at)
}

// AddStepFrom adds a step at a place and leads an outlet of another step there.
func (d *Document) AddStepFrom(from flow.StepID, outlet flow.Outlet, op flow.OpID, at flow.Point) (id flow.StepID, why error) {
	_, h := d.sizeOf(op)
	step := d.newStep(op, d.freeSlot(at, h, nil))
	step.In = d.besideOf(from)
	if d.operation(op).op.Trigger {
		why = errIntoTrigger
	}
	d.changeSelecting("added "+d.opTitle(op)+" after "+d.label(from), func(t *draft) {
		t.addStep(step)
		if why == nil {
			t.addEdge(newEdge(from, outlet, step.ID))
		}
	}, func(s *selection) { s.clear(); s.addStep(step.ID) })
	return step.ID, why
}

// AddStepBefore adds a step at a place and leads its first outlet to another step.
func (d *Document) AddStepBefore(to flow.StepID, op flow.OpID, at flow.Point) flow.StepID {
	_, h := d.sizeOf(op)
	step := d.newStep(op, d.freeSlot(at, h, nil))
	step.In = d.besideOf(to)
	d.changeSelecting("added "+d.opTitle(op)+" before "+d.label(to), func(t *draft) {
		t.addStep(step)
		t.addEdge(newEdge(step.ID, d.operation(op).outlets(&step)[0], to))
	}, func(s *selection) { s.clear(); s.addStep(step.ID) })
	return step.ID
}

// freeSlot is the first place at or below at where a card of height h overlaps no
// other. The steps in except do not count.
func (d *Document) freeSlot(at flow.Point, h float32, except map[flow.StepID]bool) flow.Point {
	for {
		r := Rect{at.X, at.Y, CardWidth, h}.Grown(GridStep / 2)
		below := at.Y
		for _, c := range d.CardsIn(r, nil) {
			if !except[c.ID()] {
				below = max(below, c.Rect.Bottom()+GridStep)
			}
		}
		if below <= at.Y {
			return at
		}
		at.Y = onGrid(below + GridStep/2 - 1)
	}
}

// SetTitle sets what the step's card shows; "" is its id. Like all that is typed,
// letters that follow each other within 800 ms are one change; at is now.
func (d *Document) SetTitle(id flow.StepID, title string, at time.Time) bool {
	return d.typing("title:"+string(id), "renamed "+d.label(id)+" to "+firstOf(title, string(id)), at, func(t *draft) {
		if s := t.step(id); s != nil && s.Title != title {
			t.edit(id, func(s *flow.Step) { s.Title = title })
		}
	})
}

// SetField sets one value under the step's "with"; nil takes it away.
func (d *Document) SetField(id flow.StepID, key string, value any, at time.Time) bool {
	return d.typing("with:"+string(id)+":"+key, "changed "+key+" of "+d.label(id), at, func(t *draft) {
		s := t.step(id)
		if s == nil {
			return
		}
		old, there := s.With[key]
		if there != (value != nil) || !reflect.DeepEqual(old, value) {
			t.edit(id, func(s *flow.Step) { setValue(s, key, value) })
		}
	})
}

// SetWith replaces all values under the step's "with" in one change.
func (d *Document) SetWith(id flow.StepID, with flow.Values) bool {
	with = maps.Clone(with)
	return d.change("changed "+d.label(id), func(t *draft) {
		if s := t.step(id); s != nil && !reflect.DeepEqual(s.With, with) {
			t.edit(id, func(s *flow.Step) { s.With = with })
		}
	})
}

// SetMap sets the step's mapping.
func (d *Document) SetMap(id flow.StepID, jq string, at time.Time) bool {
	return d.typing("map:"+string(id), "changed the mapping of "+d.label(id), at, func(t *draft) {
		if s := t.step(id); s != nil && s.Map != jq {
			t.edit(id, func(s *flow.Step) { s.Map = jq })
		}
	})
}

// SetConnection names the connection that the step uses; "" is none.
func (d *Document) SetConnection(id flow.StepID, name string) bool {
	return d.set(id, "changed the connection of "+d.label(id), func(s *flow.Step) { s.Connection = name })
}

// SetRetry sets how often the step tries again.
func (d *Document) SetRetry(id flow.StepID, r flow.Retry, at time.Time) bool {
	return d.typing("retry:"+string(id), "changed the retries of "+d.label(id), at, func(t *draft) {
		if s := t.step(id); s != nil && !s.Retry.Equal(r) {
			t.edit(id, func(s *flow.Step) { s.Retry = r })
		}
	})
}

// SetOnError sets what a failed record means for the run.
func (d *Document) SetOnError(id flow.StepID, e flow.OnError) bool {
	return d.set(id, "changed what "+d.label(id)+" does on errors", func(s *flow.Step) { s.OnError = e })
}

// SetTimeout sets how long one attempt may take; 0 leaves it to the operation.
func (d *Document) SetTimeout(id flow.StepID, limit time.Duration, at time.Time) bool {
	return d.typing("timeout:"+string(id), "changed the time-out of "+d.label(id), at, func(t *draft) {
		if s := t.step(id); s != nil && s.Timeout != limit {
			t.edit(id, func(s *flow.Step) { s.Timeout = limit })
		}
	})
}

// SetWork changes one setting of how the step does its work.
func (d *Document) SetWork(id flow.StepID, field string, change func(*flow.Step), at time.Time) bool {
	return d.typing("work:"+string(id)+":"+field, "changed how "+d.label(id)+" works", at, func(t *draft) {
		if t.step(id) != nil {
			t.edit(id, change)
		}
	})
}

// SetUses gives the step another operation. Its settings stay; what does not fit is a
// problem that the check tells of.
func (d *Document) SetUses(id flow.StepID, op flow.OpID) bool {
	return d.set(id, "made "+d.label(id)+" a "+d.opTitle(op), func(s *flow.Step) { s.Uses = op })
}

// SetOff turns steps off or on: records pass a step that is off untouched.
func (d *Document) SetOff(off bool, ids ...flow.StepID) bool {
	words := "turned on " + d.several(ids)
	if off {
		words = "turned off " + d.several(ids)
	}
	return d.change(words, func(t *draft) {
		t.editEach(func(s *flow.Step) bool {
			changes := s.Off != off && slices.Contains(ids, s.ID)
			s.Off = off
			return changes
		})
	})
}

// SetName names the flow.
func (d *Document) SetName(name string, at time.Time) bool {
	return d.typing("flow name", "named the flow "+name, at, func(t *draft) { t.name = name })
}

// SetNote sets what the flow is for.
func (d *Document) SetNote(note string, at time.Time) bool {
	return d.typing("flow note", "changed the note", at, func(t *draft) { t.note = note })
}

// SetSettings sets what holds for the flow as a whole.
func (d *Document) SetSettings(s flow.Settings, at time.Time) bool {
	return d.typing("flow settings", "changed the flow's settings", at, func(t *draft) { t.settings = s })
}

// set changes a step in one stroke. It is no change where the step stays as it is.
func (d *Document) set(id flow.StepID, words string, change func(*flow.Step)) bool {
	return d.change(words, func(t *draft) {
		s := t.step(id)
		if s == nil {
			return
		}
		next := *s
		change(&next)
		if next.Connection != s.Connection || next.OnError != s.OnError || next.Uses != s.Uses || next.In != s.In {
			t.edit(id, change)
		}
	})
}

// several names one step, or how many there are.
func (d *Document) several(ids []flow.StepID) string {
	if len(ids) == 1 {
		return d.label(ids[0])
	}
	return fmt.Sprintf("%d steps", len(ids))
}
