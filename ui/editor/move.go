package editor

import (
	"math"
	"slices"

	"jackfield/flow"
)

// drag is a move that is under way. The cards lie where they are dragged; the flow
// changes once, when they are dropped.
type drag struct {
	cards  []*Card
	dx, dy float32
}

// BeginDrag takes hold of steps to move them.
func (d *Document) BeginDrag(ids []flow.StepID) {
	d.cancelDrag()
	d.moved = drag{}
	moving := d.withInside(ids) // what lies in a container goes with it
	for _, c := range d.drawn.list {
		if moving[c.ID()] {
			d.moved.cards = append(d.moved.cards, c)
		}
	}
}

// Dragging says whether steps are on the move.
func (d *Document) Dragging() bool { return len(d.moved.cards) > 0 }

// Drag lays the steps that are on the move at a distance from where they were.
func (d *Document) Drag(dx, dy float32) {
	if !d.Dragging() || d.moved.dx == dx && d.moved.dy == dy {
		return
	}
	d.moved.dx, d.moved.dy = dx, dy
	for _, c := range d.moved.cards {
		d.drawn.place(c, flow.Point{X: c.Step.At.X + dx, Y: c.Step.At.Y + dy})
	}
	for _, c := range d.moved.cards {
		d.drawn.bend(c)
	}
	d.rev++
}

// Drop leaves the steps where they were dragged.
func (d *Document) Drop() bool {
	ids, dx, dy := d.draggedIDs(), d.moved.dx, d.moved.dy
	into := d.landed(ids)
	d.cancelDrag()
	if dx == 0 && dy == 0 {
		return false
	}
	return d.move(ids, dx, dy, into)
}

// CancelDrag puts the steps back to where they were.
func (d *Document) CancelDrag() { d.cancelDrag() }

func (d *Document) cancelDrag() {
	if !d.Dragging() {
		return
	}
	d.Drag(0, 0)
	d.moved = drag{}
}

func (d *Document) draggedIDs() []flow.StepID {
	ids := make([]flow.StepID, len(d.moved.cards))
	for i, c := range d.moved.cards {
		ids[i] = c.ID()
	}
	return ids
}

// Move moves steps by a distance.
func (d *Document) Move(ids []flow.StepID, dx, dy float32) bool {
	if dx == 0 && dy == 0 {
		return false
	}
	return d.move(ids, dx, dy, nil)
}

// move also puts steps into containers.
func (d *Document) move(ids []flow.StepID, dx, dy float32, into map[flow.StepID]flow.StepID) bool {
	moving := setOf(ids)
	return d.change("moved "+d.several(ids), func(t *draft) {
		t.editEach(func(s *flow.Step) bool {
			s.At.X, s.At.Y = s.At.X+dx, s.At.Y+dy
			if in, changes := into[s.ID]; changes {
				s.In = in
			}
			return moving[s.ID]
		})
	})
}

// Nudge moves the selected steps by one key: a cell of the grid, or with fine a
// single unit. Steps off the grid come to lie on it.
func (d *Document) Nudge(dir Direction, fine bool) bool {
	if len(d.pick.steps) == 0 {
		return false
	}
	step := float32(GridStep)
	if fine {
		step = 1
	}
	dx, dy := dir.unit()
	dx, dy = dx*step, dy*step
	if !fine {
		at := d.drawn.cards[d.pick.steps[0]].Rect
		dx, dy = gridMove(at.X, dx), gridMove(at.Y, dy)
	}
	return d.Move(slices.Clone(d.pick.steps), dx, dy)
}

// gridMove is by to the next line of the grid in its direction.
func gridMove(at, by float32) float32 {
	switch {
	case by > 0:
		return float32(math.Floor(float64(at)/GridStep)+1)*GridStep - at
	case by < 0:
		return float32(math.Ceil(float64(at)/GridStep)-1)*GridStep - at
	}
	return 0
}

func (dir Direction) unit() (dx, dy float32) {
	switch dir {
	case Left:
		return -1, 0
	case Right:
		return 1, 0
	case Up:
		return 0, -1
	}
	return 0, 1
}

func setOf(ids []flow.StepID) map[flow.StepID]bool {
	set := make(map[flow.StepID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
