package editor

import (
	"cmp"
	"slices"

	"jackfield/flow"
)

// Frame is the scope of a container as it lies on the canvas: around the steps in it,
// and around the frames of the containers among them.
type Frame struct {
	ID    flow.StepID // the container's
	Rect  Rect
	Tie   flow.Point // on the container's card, from which a line leads here
	Empty bool       // no step is in it yet
	depth int
}

// The room of a frame around what is in it, of its title, and of one that is empty.
const (
	framePad    = 24
	frameTitle  = 30
	emptyWidth  = 300
	emptyHeight = 110
)

// Frames lists the frames of all containers, outer ones first.
func (d *Document) Frames() []Frame { return d.frames(nil) }

// frames leaves out the steps that are on the move.
func (d *Document) frames(without map[flow.StepID]bool) []Frame {
	inside := map[flow.StepID][]*Card{}
	var containers []*Card
	for _, c := range d.drawn.list {
		if c.Step.In != "" && !without[c.ID()] {
			inside[c.Step.In] = append(inside[c.Step.In], c)
		}
		if c.op.contains {
			containers = append(containers, c)
		}
	}
	var all []Frame
	for _, c := range containers {
		rect, empty := frameRect(c, inside, 0)
		all = append(all, Frame{ID: c.ID(), Rect: rect, Empty: empty, Tie: flow.Point{X: c.Rect.X + c.Rect.W/2, Y: c.Rect.Bottom()}, depth: d.depth(c)})
	}
	slices.SortStableFunc(all, func(a, b Frame) int { return cmp.Compare(a.depth, b.depth) })
	return all
}

// frameRect is the room around what is in a container, or below its card where nothing
// is.
func frameRect(c *Card, inside map[flow.StepID][]*Card, deep int) (rect Rect, empty bool) {
	for _, child := range inside[c.ID()] {
		rect = joined(rect, child.Rect)
		if child.op.contains && deep < mostNested {
			inner, _ := frameRect(child, inside, deep+1)
			rect = joined(rect, inner)
		}
	}
	if rect.Empty() {
		return Rect{X: c.Rect.X, Y: c.Rect.Bottom() + RowGap, W: emptyWidth, H: emptyHeight}, true
	}
	rect = rect.Grown(framePad)
	rect.Y -= frameTitle
	rect.H += frameTitle
	return rect, false
}

// mostNested ends the look into a flow whose containers lie in each other in a circle,
// which its check tells of.
const mostNested = 32

func joined(a, b Rect) Rect {
	if a.Empty() {
		return b
	}
	return a.With(b)
}

// depth is in how many containers a card lies.
func (d *Document) depth(c *Card) int {
	n := 0
	for in := c.Step.In; in != "" && n < mostNested; n++ {
		around := d.drawn.cards[in]
		if around == nil {
			break
		}
		in = around.Step.In
	}
	return n
}

// ScopeAt is the innermost container whose frame is at a place, "" for none.
func (d *Document) ScopeAt(p flow.Point) flow.StepID { return innermost(d.Frames(), p, nil) }

func innermost(frames []Frame, p flow.Point, not map[flow.StepID]bool) flow.StepID {
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].Rect.Has(p) && !not[frames[i].ID] {
			return frames[i].ID
		}
	}
	return ""
}

// Containers lists the containers that a step may be put into: all but itself and those
// in it.
func (d *Document) Containers(id flow.StepID) []flow.StepID {
	not := d.withInside([]flow.StepID{id})
	var ids []flow.StepID
	for _, c := range d.drawn.list {
		if c.op.contains && !not[c.ID()] {
			ids = append(ids, c.ID())
		}
	}
	return ids
}

// withInside is the steps, and all that lie in those of them that are containers.
func (d *Document) withInside(ids []flow.StepID) map[flow.StepID]bool {
	set := setOf(ids)
	for more := true; more; {
		more = false
		for _, c := range d.drawn.list {
			if c.Step.In != "" && set[c.Step.In] && !set[c.ID()] {
				set[c.ID()] = true
				more = true
			}
		}
	}
	return set
}

// SetIn puts a step into a container, or with "" out of all.
func (d *Document) SetIn(id, in flow.StepID) bool {
	words := "took " + d.label(id) + " out of its container"
	if in != "" {
		words = "put " + d.label(id) + " into " + d.label(in)
	}
	return d.set(id, words, func(s *flow.Step) { s.In = in })
}

// landed tells into which container each of the dragged steps has come, where that is
// another than before. A step that its container's only steps left with stays in it
// until it is dropped on another.
func (d *Document) landed(ids []flow.StepID) map[flow.StepID]flow.StepID {
	moving := d.withInside(ids)
	frames := d.frames(moving)
	into := map[flow.StepID]flow.StepID{}
	for _, id := range ids {
		c := d.drawn.cards[id]
		if c == nil || c.Step.In != "" && moving[c.Step.In] {
			continue // it goes with its container
		}
		in := innermost(frames, c.Rect.Centre(), moving)
		at := slices.IndexFunc(frames, func(f Frame) bool { return f.ID == c.Step.In })
		if in == "" && at >= 0 && frames[at].Empty {
			continue
		}
		if in != c.Step.In {
			into[id] = in
		}
	}
	return into
}

// besideOf is the container of a step, which one that is wired to it joins.
func (d *Document) besideOf(id flow.StepID) flow.StepID {
	if c := d.drawn.cards[id]; c != nil {
		return c.Step.In
	}
	return ""
}
