package editor

import (
	"cmp"
	"slices"

	"jackfield/flow"
)

// Tidy lays steps out from left to right, and all of them where none is named: each
// in the column after the last step that leads to it, in rows that cross as few edges
// as two sweeps find (K. Sugiyama's method). What a person placed higher stays higher
// where the edges leave a choice. It gives false where nothing had to move.
func (d *Document) Tidy(ids ...flow.StepID) bool {
	at := d.layout(ids)
	words := "tidied the flow"
	if len(ids) > 0 {
		words = "tidied " + d.several(ids)
	}
	return d.change(words, func(t *draft) {
		t.editEach(func(s *flow.Step) bool {
			p, there := at[s.ID]
			changes := there && p != s.At
			s.At = p
			return changes
		})
	})
}

// layout places the parts that no edge joins below each other, and steps that stand
// alone in rows at the end.
func (d *Document) layout(ids []flow.StepID) map[flow.StepID]flow.Point {
	spots, origin := d.spots(ids)
	at := make(map[flow.StepID]flow.Point, len(spots))
	y := origin.Y
	var alone []*spot
	for _, part := range parts(spots) {
		if len(part) == 1 {
			alone = append(alone, part[0])
			continue
		}
		g := tidyGraph{real: part}
		g.breakRounds()
		g.layer()
		g.stretch()
		g.order()
		g.place()
		y = g.lay(at, flow.Point{X: origin.X, Y: y}) + RowGap
	}
	layRows(at, alone, flow.Point{X: origin.X, Y: onGrid(y)})
	return at
}

// loneSteps is how many steps without an edge share a row.
const loneSteps = 6

func layRows(at map[flow.StepID]flow.Point, alone []*spot, corner flow.Point) {
	for row := range slices.Chunk(alone, loneSteps) {
		tallest := float32(0)
		for i, s := range row {
			at[s.card.ID()] = flow.Point{X: corner.X + float32(i)*(CardWidth+Gap), Y: corner.Y}
			tallest = max(tallest, s.pitch())
		}
		corner.Y += tallest
	}
}

// spots gives a spot for each of the steps, sorted by what is higher, and the corner
// of them all.
func (d *Document) spots(ids []flow.StepID) ([]*spot, flow.Point) {
	wanted := setOf(ids)
	of := map[*Card]*spot{}
	var all []*spot
	var box Rect
	for _, c := range d.drawn.list {
		if len(ids) == 0 || wanted[c.ID()] {
			s := &spot{card: c, was: c.Rect.Y, h: c.Rect.H}
			of[c] = s
			all = append(all, s)
			box = box.With(c.Rect)
		}
	}
	for _, a := range d.drawn.lines {
		from, to := of[a.from], of[a.to]
		if from != nil && to != nil && from != to {
			join(from, to, a.from.Outlet(a.Edge.Leaves()).Y-a.from.Rect.Y, InletY)
		}
	}
	slices.SortStableFunc(all, func(a, b *spot) int {
		return cmp.Or(cmp.Compare(a.was, b.was), cmp.Compare(a.card.Rect.X, b.card.Rect.X))
	})
	return all, flow.Point{X: onGrid(box.X), Y: onGrid(box.Y)}
}

// parts cuts the spots into those that edges join, the highest first.
func parts(spots []*spot) [][]*spot {
	number := map[*spot]int{}
	count := 0
	for _, s := range spots {
		if _, done := number[s]; done {
			continue
		}
		number[s] = count
		queue := []*spot{s}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			for _, l := range slices.Concat(at.in, at.out) {
				if _, done := number[l.to]; !done {
					number[l.to] = count
					queue = append(queue, l.to)
				}
			}
		}
		count++
	}
	list := make([][]*spot, count)
	for _, s := range spots {
		list[number[s]] = append(list[number[s]], s)
	}
	return list
}
