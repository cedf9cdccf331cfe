package editor

import (
	"errors"
	"fmt"
	"slices"

	"jackfield/flow"
)

// Copy gives the selected steps and the edges between them as text, that can be pasted
// into a flow, a file or a message. It gives false where no step is selected.
func (d *Document) Copy() (text string, ok bool) {
	if len(d.pick.steps) == 0 {
		return "", false
	}
	return string(flow.Copy(d.Flow(), d.pick.steps)), true
}

// Cut copies the selected steps and deletes them.
func (d *Document) Cut() (text string, ok bool) {
	if text, ok = d.Copy(); ok {
		d.Delete(d.pick.steps...)
	}
	return text, ok
}

// Paste adds the steps of a text that Copy gave, or of a whole flow file, with their
// middle at a place, and selects them. A step whose id is taken gets another, and the
// jq of the others follows.
func (d *Document) Paste(text string, at flow.Point) ([]flow.StepID, error) {
	return d.insert("pasted", text, func(box Rect) flow.Point {
		return flow.Point{X: onGrid(at.X - box.W/2), Y: onGrid(at.Y - box.H/2)}
	})
}

// Duplicate adds a copy of the selected steps, with the edges between them, a little
// aside, and selects it.
func (d *Document) Duplicate() ([]flow.StepID, error) {
	text, ok := d.Copy()
	if !ok {
		return nil, nil
	}
	corner := d.selectedBox()
	return d.insert("duplicated", text, func(Rect) flow.Point {
		return flow.Point{X: corner.X + 2*GridStep, Y: corner.Y + 2*GridStep + CardHeight}
	})
}

func (d *Document) selectedBox() Rect {
	var box Rect
	for _, id := range d.pick.steps {
		box = box.With(d.drawn.cards[id].Rect)
	}
	return box
}

// insert adds the steps and edges of a text in one change, with their corner where
// corner says, given how large they are.
func (d *Document) insert(verb, text string, corner func(Rect) flow.Point) ([]flow.StepID, error) {
	before := d.Flow()
	after, ids, err := flow.Paste(before, []byte(text), flow.Point{})
	if err != nil {
		return nil, err
	}
	if err := d.newFault(before, after); err != nil {
		return nil, err
	}
	steps, edges := after.Steps[len(before.Steps):], after.Edges[len(before.Edges):]
	by := d.freeOffset(steps, corner(d.boxOf(steps)))
	d.changeSelecting(fmt.Sprintf("%s %s", verb, labelOf(steps)), func(t *draft) {
		for _, s := range steps {
			s.At.X, s.At.Y = s.At.X+by.X, s.At.Y+by.Y
			t.addStep(s)
		}
		for _, e := range edges {
			t.addEdge(e)
		}
	}, func(s *selection) {
		s.clear()
		for _, id := range ids {
			s.addStep(id)
		}
	})
	return ids, nil
}

func labelOf(steps []flow.Step) string {
	if len(steps) == 1 {
		return steps[0].Label()
	}
	return fmt.Sprintf("%d steps", len(steps))
}

// newFault tells what would be wrong with the flow after a paste that was not before,
// like a circle.
func (d *Document) newFault(before, after flow.Flow) error {
	old := before.Structure()
	for _, p := range after.Structure() {
		if !p.Warning && !slices.Contains(old, p) {
			return fmt.Errorf("the text cannot be pasted: %w", p)
		}
	}
	for _, e := range after.Edges[len(before.Edges):] {
		if s, ok := after.Step(e.To); ok && d.operation(s.Uses).op.Trigger {
			return errors.New("the text cannot be pasted: " + errIntoTrigger.Error())
		}
	}
	return nil
}

func (d *Document) boxOf(steps []flow.Step) Rect {
	var box Rect
	for i := range steps {
		s := &steps[i]
		h := heightFor(d.operation(s.Uses).outlets(s))
		box = box.With(Rect{s.At.X, s.At.Y, CardWidth, h})
	}
	return box
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
