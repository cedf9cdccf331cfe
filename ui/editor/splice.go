package editor

import (
	"errors"
	"fmt"

	"jackfield/flow"
)

// CanSplice says why a step of an operation may not stand in the middle of an edge;
// nil where it may.
func (d *Document) CanSplice(id EdgeID, op flow.OpID) error {
	if d.Arrow(id) == nil {
		return errNoStep
	}
	if d.operation(op).op.Trigger {
		return errIntoTrigger
	}
	return nil
}

// SpliceNew puts a new step in the middle of an edge. What comes after moves to the
// right just enough to make room.
func (d *Document) SpliceNew(id EdgeID, op flow.OpID, at flow.Point) (flow.StepID, error) {
	if err := d.CanSplice(id, op); err != nil {
		return "", err
	}
	step := d.newStep(op, d.besides(id, at))
	step.In = d.besideOf(id.From)
	outlet := d.operation(op).outlets(&step)[0]
	words := fmt.Sprintf("put %s between %s and %s", d.opTitle(op), d.label(id.From), d.label(id.To))
	d.changeSelecting(words, func(t *draft) {
		t.addStep(step)
		d.spliceInto(t, id, step, outlet)
	}, func(s *selection) { s.clear(); s.addStep(step.ID) })
	return step.ID, nil
}

// Splice puts a step that no edge touches in the middle of an edge, where it was
// dragged to.
func (d *Document) Splice(id EdgeID, step flow.StepID, at flow.Point) error {
	c := d.drawn.cards[step]
	switch {
	case c == nil || d.Arrow(id) == nil:
		return errNoStep
	case c.Trigger:
		return errIntoTrigger
	case !c.Alone():
		return errors.New("other edges touch this step")
	}
	words := fmt.Sprintf("put %s between %s and %s", d.label(step), d.label(id.From), d.label(id.To))
	outlet, at := c.Outlets[0], d.besides(id, at)
	d.changeSelecting(words, func(t *draft) {
		t.edit(step, func(s *flow.Step) { s.At = at })
		d.spliceInto(t, id, *t.step(step), outlet)
	}, func(s *selection) { s.clear(); s.addStep(step) })
	return nil
}

// spliceInto rewires the edge through the step and makes room behind it.
func (d *Document) spliceInto(t *draft, id EdgeID, step flow.Step, outlet flow.Outlet) {
	t.editEdges(func(e *flow.Edge) bool {
		hit := idOf(e) == id
		if hit {
			e.To = step.ID
		}
		return hit
	})
	t.addEdge(newEdge(step.ID, outlet, id.To))
	to := d.drawn.cards[id.To]
	by := step.At.X + CardWidth + Gap - to.Rect.X
	card := Rect{step.At.X, step.At.Y, CardWidth, CardHeight}
	if by <= 0 || !sameRow(card, to.Rect) && to.Rect.X >= card.Right()+2*GridStep {
		return
	}
	down := d.downstream(to)
	t.editEach(func(s *flow.Step) bool {
		s.At.X += by
		return down[s.ID]
	})
}

// besides is where a step goes that is put into the edge at a place: there, or right
// of the edge's beginning where it would lie on top of that.
func (d *Document) besides(id EdgeID, at flow.Point) flow.Point {
	from := d.drawn.cards[id.From].Rect
	card := Rect{at.X, at.Y, CardWidth, CardHeight}
	if sameRow(card, from) && at.X < from.Right()+2*GridStep {
		at.X = onGrid(from.Right() + Gap)
	}
	return at
}

func sameRow(a, b Rect) bool {
	return a.Y-GridStep < b.Bottom() && b.Y < a.Bottom()+GridStep
}

// downstream holds a step and all that records reach from it.
func (d *Document) downstream(c *Card) map[flow.StepID]bool {
	reached := map[flow.StepID]bool{c.ID(): true}
	queue := []*Card{c}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, a := range at.out {
			if a.to != nil && !reached[a.to.ID()] {
				reached[a.to.ID()] = true
				queue = append(queue, a.to)
			}
		}
	}
	return reached
}

// EdgeToSplice finds the edge that a step dropped with its middle at p would be put
// into: one within reach of p, in its middle part, so that it is not mistaken for an
// end.
func (d *Document) EdgeToSplice(p flow.Point, reach float32) (EdgeID, bool) {
	a, along := d.ArrowNear(p, reach)
	if a == nil || along < 0.12 || along > 0.88 {
		return EdgeID{}, false
	}
	return a.ID(), true
}
