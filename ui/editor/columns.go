package editor

import (
	"cmp"
	"math"
	"slices"
)

// spot is a place in the layout: a card, or one of the way points that a long edge
// keeps free as it passes a column.
type spot struct {
	card    *Card // nil for a way point
	was     float32
	column  int
	y       float32
	h       float32
	rank    float64
	visited int
	in, out []link
}

// link joins two spots; the offsets say at which height of each it begins and ends.
type link struct {
	to          *spot
	here, there float32
}

func join(from, to *spot, here, there float32) {
	from.out = append(from.out, link{to, here, there})
	to.in = append(to.in, link{from, there, here})
}

// tidyGraph is one part of the flow that edges hold together.
type tidyGraph struct {
	real    []*spot
	columns [][]*spot
}

// breakRounds takes out of the graph one link of every circle; a flow has none, unless
// its file was written by hand.
func (g *tidyGraph) breakRounds() {
	const open, closed = 1, 2
	var visit func(*spot)
	visit = func(s *spot) {
		s.visited = open
		s.out = slices.DeleteFunc(s.out, func(l link) bool {
			if l.to.visited == open {
				l.to.in = slices.DeleteFunc(l.to.in, func(back link) bool { return back.to == s })
				return true
			}
			if l.to.visited == 0 {
				visit(l.to)
			}
			return false
		})
		s.visited = closed
	}
	for _, s := range g.real {
		if s.visited == 0 {
			visit(s)
		}
	}
}

// layer gives each step the column after the last one that leads to it. A step that
// nothing leads to, and that is no trigger, stands right before what it leads to.
func (g *tidyGraph) layer() {
	waits := map[*spot]int{}
	var queue []*spot
	for _, s := range g.real {
		if waits[s] = len(s.in); waits[s] == 0 {
			queue = append(queue, s)
		}
	}
	for i := 0; i < len(queue); i++ {
		s := queue[i]
		for _, l := range s.out {
			l.to.column = max(l.to.column, s.column+1)
			if waits[l.to]--; waits[l.to] == 0 {
				queue = append(queue, l.to)
			}
		}
	}
	for _, s := range g.real {
		if len(s.in) > 0 || len(s.out) == 0 || s.card.Trigger {
			continue
		}
		s.column = math.MaxInt
		for _, l := range s.out {
			s.column = min(s.column, l.to.column-1)
		}
	}
}

// stretch puts way points into the columns that long edges pass, and fills the columns
// in the order of what was higher.
func (g *tidyGraph) stretch() {
	for _, s := range g.real {
		g.enter(s)
	}
	for _, s := range g.real {
		for i, l := range slices.Clone(s.out) {
			if l.to.column <= s.column+1 {
				continue
			}
			target := l.to
			at := slices.IndexFunc(target.in, func(b link) bool { return b.to == s && b.there == l.here })
			target.in = slices.Delete(target.in, at, at+1)
			from, here := s, l.here
			for c := s.column + 1; c < target.column; c++ {
				way := &spot{column: c, was: (s.was + target.was) / 2}
				g.enter(way)
				if from == s {
					s.out[i] = link{way, here, 0}
					way.in = append(way.in, link{s, 0, here})
				} else {
					join(from, way, here, 0)
				}
				from, here = way, 0
			}
			join(from, target, here, l.there)
		}
	}
	for _, column := range g.columns {
		slices.SortStableFunc(column, func(a, b *spot) int { return cmp.Compare(a.was, b.was) })
	}
}

func (g *tidyGraph) enter(s *spot) {
	for len(g.columns) <= s.column {
		g.columns = append(g.columns, nil)
	}
	g.columns[s.column] = append(g.columns[s.column], s)
}

// order sorts each column by the barycentre of its neighbours: one sweep to the right,
// one to the left. Equal ones keep their order.
func (g *tidyGraph) order() {
	position := map[*spot]float64{}
	number := func(column []*spot) {
		for i, s := range column {
			position[s] = float64(i)
		}
	}
	for _, column := range g.columns {
		number(column)
	}
	sweep := func(column []*spot, links func(*spot) []link) {
		for _, s := range column {
			s.rank = position[s]
			if all := links(s); len(all) > 0 {
				s.rank = 0
				for _, l := range all {
					s.rank += position[l.to] + float64(l.there)/1000
				}
				s.rank /= float64(len(all))
			}
		}
		slices.SortStableFunc(column, func(a, b *spot) int { return cmp.Compare(a.rank, b.rank) })
		number(column)
	}
	for i := 1; i < len(g.columns); i++ {
		sweep(g.columns[i], func(s *spot) []link { return s.in })
	}
	for i := len(g.columns) - 2; i >= 0; i-- {
		sweep(g.columns[i], func(s *spot) []link { return s.out })
	}
}
