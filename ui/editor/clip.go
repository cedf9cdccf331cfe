package editor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"jackfield/flow"
)

// Copy gives the selected steps and the edges between them as text: a flow file of
// its own, that can be pasted into a flow, a file or a message. It gives false where no
// step is selected.
func (d *Document) Copy() (text string, ok bool) {
	steps, edges := d.part()
	if len(steps) == 0 {
		return "", false
	}
	return string(flow.WriteFile(flow.Flow{Name: d.now.name, Steps: steps, Edges: edges})), true
}

// Cut copies the selected steps and deletes them.
func (d *Document) Cut() (text string, ok bool) {
	if text, ok = d.Copy(); ok {
		d.Delete(d.pick.steps...)
	}
	return text, ok
}

// part lists the selected steps in the order of the flow, and the edges that begin and
// end at them.
func (d *Document) part() (steps []flow.Step, edges []flow.Edge) {
	for _, s := range d.now.steps {
		if d.Has(s.ID) {
			steps = append(steps, *s)
		}
	}
	for _, e := range d.now.edges {
		if d.Has(e.From) && d.Has(e.To) {
			edges = append(edges, *e)
		}
	}
	return steps, edges
}

var errNoFlow = errors.New("the clipboard holds no steps")

// Paste adds the steps of a text that Copy gave, or of any flow file, with their middle
// at a place. Ids that are taken are given a number, and the jq of the steps is
// rewritten to mean the new ones.
func (d *Document) Paste(text string, at flow.Point) ([]flow.StepID, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errNoFlow
	}
	f, problems := flow.ReadFile([]byte(text), "")
	for _, p := range append(problems, f.Structure()...) {
		if !p.Warning {
			return nil, fmt.Errorf("the clipboard holds no steps: %w", p)
		}
	}
	if len(f.Steps) == 0 {
		return nil, errNoFlow
	}
	box := d.boxOf(f.Steps)
	by := flow.Point{X: onGrid(at.X - box.W/2 - box.X), Y: onGrid(at.Y - box.H/2 - box.Y)}
	return d.insert("pasted", f.Steps, f.Edges, by), nil
}

// duplicateBy is how far aside a copy lies.
const duplicateBy = 2 * GridStep

// Duplicate adds a copy of the selected steps, with the edges between them, a little
// aside.
func (d *Document) Duplicate() []flow.StepID {
	steps, edges := d.part()
	if len(steps) == 0 {
		return nil
	}
	return d.insert("duplicated", steps, edges, flow.Point{X: duplicateBy, Y: duplicateBy + CardHeight})
}

func (d *Document) boxOf(steps []flow.Step) Rect {
	var box Rect
	for i := range steps {
		s := &steps[i]
		h := heightFor(len(d.operation(s.Uses).outlets(s)))
		box = box.With(Rect{s.At.X, s.At.Y, CardWidth, h})
	}
	return box
}

// insert adds steps and edges under ids of their own, and selects them.
func (d *Document) insert(verb string, steps []flow.Step, edges []flow.Edge, by flow.Point) []flow.StepID {
	ids := d.freshIDs(steps)
	words := fmt.Sprintf("%s %d steps", verb, len(steps))
	if len(steps) == 1 {
		words = verb + " " + steps[0].Label()
	}
	steps = slices.Clone(steps)
	by = d.freeOffset(steps, by)
	list := make([]flow.StepID, len(steps))
	for i := range steps {
		s := &steps[i]
		list[i] = ids[s.ID]
		d.renameAll(s, ids)
		s.ID = list[i]
		s.At.X, s.At.Y = s.At.X+by.X, s.At.Y+by.Y
	}
	d.changeSelecting(words, func(t *draft) {
		for _, s := range steps {
			t.addStep(s)
		}
		for _, e := range edges {
			for old, id := range ids {
				e.When = renameInJQ(e.When, old, id)
			}
			e.From, e.To = ids[e.From], ids[e.To]
			t.addEdge(e)
		}
	}, func(s *selection) {
		s.clear()
		for _, id := range list {
			s.addStep(id)
		}
	})
	return list
}

// freshIDs gives each step an id that is free here; its own where that is. No new id is
// one that another of the steps had, so that references can be rewritten one by one.
func (d *Document) freshIDs(steps []flow.Step) map[flow.StepID]flow.StepID {
	ids := map[flow.StepID]flow.StepID{}
	given := map[flow.StepID]bool{}
	for _, s := range steps {
		if !d.taken(s.ID) {
			ids[s.ID], given[s.ID] = s.ID, true
		}
	}
	for _, s := range steps {
		if d.taken(s.ID) {
			id := freshID(withoutNumber(string(s.ID)), func(id flow.StepID) bool { return d.taken(id) || given[id] })
			ids[s.ID], given[id] = id, true
		}
	}
	return ids
}

// withoutNumber makes "read" of "read_2", so that the copy of a copy is read_3.
func withoutNumber(id string) string {
	base := strings.TrimRight(id, "0123456789")
	if base != id && strings.HasSuffix(base, "_") && len(base) > 1 {
		return base[:len(base)-1]
	}
	return id
}

// renameAll rewrites the jq of a copied step to mean the copies of the others.
func (d *Document) renameAll(s *flow.Step, ids map[flow.StepID]flow.StepID) {
	for old, id := range ids {
		if old != id {
			d.renameInside(s, old, id)
		}
	}
}

// freeOffset moves copies on until none lies exactly on a step that is there.
func (d *Document) freeOffset(steps []flow.Step, by flow.Point) flow.Point {
	for {
		covered := slices.ContainsFunc(steps, func(s flow.Step) bool {
			at := flow.Point{X: s.At.X + by.X, Y: s.At.Y + by.Y}
			return slices.ContainsFunc(d.CardsIn(Rect{at.X, at.Y, 1, 1}, nil), func(c *Card) bool {
				return c.Rect.X == at.X && c.Rect.Y == at.Y
			})
		})
		if !covered {
			return by
		}
		by.X, by.Y = by.X+GridStep, by.Y+GridStep
	}
}
