package editor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jackfield/flow"
)

var (
	errIntoTrigger = errors.New("a trigger takes no records")
	errToItself    = errors.New("a step cannot lead to itself")
	errThere       = errors.New("this edge is there already")
	errNoStep      = errors.New("there is no such step")
	errNoOutlet    = errors.New("there is no such outlet")
)

func newEdge(from flow.StepID, outlet flow.Outlet, to flow.StepID) flow.Edge {
	if outlet == flow.Done {
		outlet = ""
	}
	return flow.Edge{From: from, Outlet: outlet, To: to}
}

// Judge knows which steps an edge that is being drawn may lead to. It is made once,
// when the drawing begins, and asked for every step that the pointer comes near.
type Judge struct {
	d       *Document
	fixed   *Card       // the end that stays
	outlet  flow.Outlet // of fixed, where that is the beginning
	leaving bool        // fixed is the beginning
	except  EdgeID      // an edge whose end was picked up counts as gone
	next    map[*Card]*Card
}

// JudgeFrom judges edges that leave a step by an outlet. An edge of which the end was
// picked up is given as except; it counts as gone.
func (d *Document) JudgeFrom(from flow.StepID, outlet flow.Outlet, except EdgeID) Judge {
	if outlet == "" {
		outlet = flow.Done
	}
	j := Judge{d: d, fixed: d.drawn.cards[from], outlet: outlet, leaving: true, except: except}
	j.reach(func(c *Card) []*Arrow { return c.in }, func(a *Arrow) *Card { return a.from })
	return j
}

// JudgeInto judges edges that lead to a step.
func (d *Document) JudgeInto(to flow.StepID, except EdgeID) Judge {
	j := Judge{d: d, fixed: d.drawn.cards[to], except: except}
	j.reach(func(c *Card) []*Arrow { return c.out }, func(a *Arrow) *Card { return a.to })
	return j
}

// reach notes for every step that comes before the fixed one (or after it) the next
// step on the way there.
func (j *Judge) reach(arrows func(*Card) []*Arrow, far func(*Arrow) *Card) {
	j.next = map[*Card]*Card{}
	if j.fixed == nil {
		return
	}
	queue := []*Card{j.fixed}
	for len(queue) > 0 {
		c := queue[0]
		queue = queue[1:]
		for _, a := range arrows(c) {
			other := far(a)
			if other == nil || other == j.fixed || a.ID() == j.except || j.next[other] != nil {
				continue
			}
			j.next[other] = c
			queue = append(queue, other)
		}
	}
}

// To says why an edge may not lead to a step, or from it by the outlet where the
// beginning is sought; nil where it may.
func (j Judge) To(other flow.StepID, outlet flow.Outlet) error {
	c := j.d.drawn.cards[other]
	if c == nil || j.fixed == nil {
		return errNoStep
	}
	from, to := c, j.fixed
	if j.leaving {
		from, to, outlet = j.fixed, c, j.outlet
	}
	switch {
	case from == to:
		return errToItself
	case to.Trigger:
		return errIntoTrigger
	case outlet != flow.Failed && !slices.Contains(from.Outlets, outlet) || outlet == flow.Failed && from.Trigger:
		return errNoOutlet
	}
	id := EdgeID{from.ID(), outlet, to.ID()}
	if id != j.except && j.d.Arrow(id) != nil {
		return errThere
	}
	if j.next[c] != nil {
		return fmt.Errorf("would go round through %s", j.round(c))
	}
	return nil
}

// round names the steps that would stand in the circle, in the order that records
// would take.
func (j Judge) round(c *Card) string {
	var names []string
	for at := c; at != nil && at != j.fixed; at = j.next[at] {
		names = append(names, at.Title())
	}
	names = append(names, j.fixed.Title())
	if !j.leaving {
		slices.Reverse(names)
	}
	const most = 4
	if len(names) > most {
		names = append(names[:2], "…", names[len(names)-1])
	}
	return strings.Join(names, ", ")
}

// CanConnect says why an edge may not be drawn; nil where it may.
func (d *Document) CanConnect(from flow.StepID, outlet flow.Outlet, to flow.StepID) error {
	return d.JudgeFrom(from, outlet, EdgeID{}).To(to, "")
}

// Connect leads an outlet to a step, or says why that may not be.
func (d *Document) Connect(from flow.StepID, outlet flow.Outlet, to flow.StepID) error {
	if err := d.CanConnect(from, outlet, to); err != nil {
		return err
	}
	e := newEdge(from, outlet, to)
	d.changeSelecting("wired "+d.label(from)+" → "+d.label(to),
		func(t *draft) { t.addEdge(e) },
		func(s *selection) { s.clear(); s.addEdge(idOf(&e)) })
	return nil
}

// Reconnect leads an edge from or to somewhere else; its condition stays with it.
func (d *Document) Reconnect(old EdgeID, from flow.StepID, outlet flow.Outlet, to flow.StepID) error {
	if d.Arrow(old) == nil {
		return errNoStep
	}
	if err := d.JudgeFrom(from, outlet, old).To(to, ""); err != nil {
		return err
	}
	next := newEdge(from, outlet, to)
	d.changeSelecting("moved an edge to "+d.label(from)+" → "+d.label(to), func(t *draft) {
		t.editEdges(func(e *flow.Edge) bool {
			if idOf(e) != old || idOf(&next) == old {
				return false
			}
			e.From, e.Outlet, e.To = next.From, next.Outlet, next.To
			return true
		})
	}, func(s *selection) { s.clear(); s.addEdge(idOf(&next)) })
	return nil
}

// Disconnect takes edges away.
func (d *Document) Disconnect(ids ...EdgeID) bool {
	words := fmt.Sprintf("took %d edges away", len(ids))
	if len(ids) == 1 {
		words = "unwired " + d.label(ids[0].From) + " → " + d.label(ids[0].To)
	}
	return d.change(words, func(t *draft) {
		t.dropEdges(func(e *flow.Edge) bool { return slices.Contains(ids, idOf(e)) })
	})
}

// SetWhen sets an edge's condition; "" lets every record pass.
func (d *Document) SetWhen(id EdgeID, jq string, at time.Time) bool {
	field := fmt.Sprintf("when:%s:%s:%s", id.From, id.Outlet, id.To)
	words := "changed the condition of " + d.label(id.From) + " → " + d.label(id.To)
	return d.typing(field, words, at, func(t *draft) {
		t.editEdges(func(e *flow.Edge) bool {
			changes := idOf(e) == id && e.When != jq
			e.When = jq
			return changes
		})
	})
}

// Join leads one of two selected steps to the other: from the one that was selected
// first, or else from the one further left, by the first outlet that has no edge yet.
func (d *Document) Join(a, b flow.StepID) error {
	first := d.join(a, b)
	if first == nil || d.join(b, a) == nil {
		return nil
	}
	return first
}

func (d *Document) join(from, to flow.StepID) error {
	c := d.drawn.cards[from]
	if c == nil {
		return errNoStep
	}
	return d.Connect(from, c.Open(), to)
}
