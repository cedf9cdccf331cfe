package editor

import (
	"math"
	"slices"

	"jackfield/flow"
)

// selection is what a person has picked out, in the order they did so. It is
// replaced, never changed in place, because the past keeps it too.
type selection struct {
	steps []flow.StepID
	edges []EdgeID
	has   map[flow.StepID]struct{}
	holds map[EdgeID]struct{}
}

func (s selection) clone() selection {
	next := selection{has: make(map[flow.StepID]struct{}, len(s.steps)), holds: make(map[EdgeID]struct{}, len(s.edges))}
	for _, id := range s.steps {
		next.addStep(id)
	}
	for _, id := range s.edges {
		next.addEdge(id)
	}
	return next
}

func (s *selection) clear() {
	*s = selection{has: map[flow.StepID]struct{}{}, holds: map[EdgeID]struct{}{}}
}

func (s *selection) addStep(id flow.StepID) {
	if _, there := s.has[id]; !there {
		s.steps, s.has[id] = append(s.steps, id), struct{}{}
	}
}

func (s *selection) addEdge(id EdgeID) {
	if _, there := s.holds[id]; !there {
		s.edges, s.holds[id] = append(s.edges, id), struct{}{}
	}
}

func (s *selection) dropStep(id flow.StepID) {
	s.steps = slices.DeleteFunc(s.steps, func(o flow.StepID) bool { return o == id })
	delete(s.has, id)
}

func (s *selection) dropEdge(id EdgeID) {
	s.edges = slices.DeleteFunc(s.edges, func(o EdgeID) bool { return o == id })
	delete(s.holds, id)
}

// keepOnly gives the selection without what is not there any more.
func (s selection) keepOnly(d *Document) selection {
	stepGone := func(id flow.StepID) bool { return d.drawn.cards[id] == nil }
	edgeGone := func(id EdgeID) bool { return d.Arrow(id) == nil }
	if !slices.ContainsFunc(s.steps, stepGone) && !slices.ContainsFunc(s.edges, edgeGone) {
		return s
	}
	next := selection{}
	next.clear()
	for _, id := range s.steps {
		if !stepGone(id) {
			next.addStep(id)
		}
	}
	for _, id := range s.edges {
		if !edgeGone(id) {
			next.addEdge(id)
		}
	}
	return next
}

func (d *Document) choose(how func(*selection)) {
	next := d.pick.clone()
	how(&next)
	if slices.Equal(next.steps, d.pick.steps) && slices.Equal(next.edges, d.pick.edges) {
		return
	}
	d.setPick(next)
	d.rev++
}

// setPick replaces the selection and counts it, where it differs.
func (d *Document) setPick(next selection) {
	if !slices.Equal(next.steps, d.pick.steps) || !slices.Equal(next.edges, d.pick.edges) {
		d.picks++
	}
	d.pick = next
}

// SelectionRevision grows whenever something else is selected.
func (d *Document) SelectionRevision() int { return d.picks }

// Selected lists the selected steps, in the order they were selected.
func (d *Document) Selected() []flow.StepID { return d.pick.steps }

// SelectedEdges lists the selected edges.
func (d *Document) SelectedEdges() []EdgeID { return d.pick.edges }

// Has says whether a step is selected.
func (d *Document) Has(id flow.StepID) bool { _, there := d.pick.has[id]; return there }

// HasEdge says whether an edge is selected.
func (d *Document) HasEdge(id EdgeID) bool { _, there := d.pick.holds[id]; return there }

// Select selects these steps and nothing else. Steps that are not there are left out.
func (d *Document) Select(ids ...flow.StepID) {
	d.choose(func(s *selection) {
		s.clear()
		for _, id := range ids {
			if d.drawn.cards[id] != nil {
				s.addStep(id)
			}
		}
	})
}

// SelectEdge selects one edge and nothing else.
func (d *Document) SelectEdge(id EdgeID) {
	d.choose(func(s *selection) {
		s.clear()
		if d.Arrow(id) != nil {
			s.addEdge(id)
		}
	})
}

// Toggle adds a step to the selection, or takes it out.
func (d *Document) Toggle(id flow.StepID) {
	d.choose(func(s *selection) {
		if _, there := s.has[id]; there {
			s.dropStep(id)
		} else if d.drawn.cards[id] != nil {
			s.addStep(id)
		}
	})
}

// ToggleEdge adds an edge to the selection, or takes it out.
func (d *Document) ToggleEdge(id EdgeID) {
	d.choose(func(s *selection) {
		if _, there := s.holds[id]; there {
			s.dropEdge(id)
		} else if d.Arrow(id) != nil {
			s.addEdge(id)
		}
	})
}

// SelectAll selects every step.
func (d *Document) SelectAll() {
	d.choose(func(s *selection) {
		s.clear()
		for _, c := range d.drawn.list {
			s.addStep(c.ID())
		}
	})
}

// SelectNone lets go of everything.
func (d *Document) SelectNone() { d.choose(func(s *selection) { s.clear() }) }

// BandMode says what a rubber band does with what was selected before it.
type BandMode int

// The ways of a rubber band.
const (
	BandReplaces BandMode = iota
	BandAdds
	BandToggles
)

// Band is a rubber band being drawn. Begin one with NewBand.
type Band struct {
	mode  BandMode
	began selection
}

// NewBand begins a rubber band on what is selected now.
func (d *Document) NewBand(mode BandMode) Band { return Band{mode, d.pick} }

// Stretch selects what the band touches; with enclosed only what it wholly holds. A
// band that touches no step selects the edges it crosses.
func (d *Document) Stretch(b Band, r Rect, enclosed bool) {
	var steps []flow.StepID
	for _, c := range d.CardsIn(r, nil) {
		if !enclosed || r.Holds(c.Rect) {
			steps = append(steps, c.ID())
		}
	}
	var edges []EdgeID
	if len(steps) == 0 {
		for _, a := range d.ArrowsIn(r, nil) {
			if enclosed && r.Holds(a.Box) || !enclosed && a.Curve.touches(r) {
				edges = append(edges, a.ID())
			}
		}
	}
	d.choose(func(s *selection) {
		*s = b.began.clone()
		if b.mode == BandReplaces {
			s.clear()
		}
		for _, id := range steps {
			if _, there := b.began.has[id]; there && b.mode == BandToggles {
				s.dropStep(id)
			} else {
				s.addStep(id)
			}
		}
		for _, id := range edges {
			if _, there := b.began.holds[id]; there && b.mode == BandToggles {
				s.dropEdge(id)
			} else {
				s.addEdge(id)
			}
		}
	})
}

// Direction is one of the four ways from a step to its neighbours.
type Direction int

// The directions.
const (
	Left Direction = iota
	Right
	Up
	Down
)

// Neighbour finds the step nearest to another in a direction; "" where there is
// none. From "" it is the one nearest to the middle of the view. What lies straight
// ahead is nearer than what lies aside: a step aside counts double.
func (d *Document) Neighbour(id flow.StepID, dir Direction) flow.StepID {
	here := d.drawn.cards[id]
	from, ahead := d.view.Area().Centre(), func(dx, dy float64) float64 { return math.Hypot(dx, dy) }
	if here != nil {
		from, ahead = here.Rect.Centre(), func(dx, dy float64) float64 { return distanceAhead(dir, dx, dy) }
	}
	best, least := flow.StepID(""), math.Inf(1)
	for _, c := range d.drawn.list {
		if c == here {
			continue
		}
		p := c.Rect.Centre()
		if l := ahead(float64(p.X-from.X), float64(p.Y-from.Y)); l < least {
			best, least = c.ID(), l
		}
	}
	return best
}

// distanceAhead is infinite for what does not lie in the direction's quarter or so.
func distanceAhead(dir Direction, dx, dy float64) float64 {
	along, across := dx, dy
	switch dir {
	case Left:
		along = -dx
	case Up:
		along, across = -dy, dx
	case Down:
		along, across = dy, dx
	}
	across = math.Abs(across)
	if along < 1 || across > 2.5*along+CardHeight {
		return math.Inf(1)
	}
	return along + 2*across
}
