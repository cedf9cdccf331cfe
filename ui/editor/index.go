package editor

import (
	"cmp"
	"math"
	"slices"

	"jackfield/flow"
)

// cellSize is the side of a square of the index: a few cards each.
const cellSize = 512

// longArrow is how many cells an arrow may fill; a longer one is asked every time.
const longArrow = 128

type cell struct{ x, y int32 }

// cellSpan is a block of cells, both corners included.
type cellSpan struct{ lo, hi cell }

type cells[T comparable] map[cell][]T

func cellOf(p flow.Point) cell {
	return cell{cellNumber(p.X), cellNumber(p.Y)}
}

// cellNumber keeps far-off places, as a file may hold them, within what a number
// takes.
func cellNumber(v float32) int32 {
	return int32(min(max(math.Floor(float64(v)/cellSize), math.MinInt32/2), math.MaxInt32/2))
}

func spanOf(r Rect) cellSpan {
	return cellSpan{cellOf(flow.Point{X: r.X, Y: r.Y}), cellOf(flow.Point{X: r.Right(), Y: r.Bottom()})}
}

func (s cellSpan) count() int {
	return (int(s.hi.x) - int(s.lo.x) + 1) * (int(s.hi.y) - int(s.lo.y) + 1)
}

func (g cells[T]) add(c cell, v T) { g[c] = append(g[c], v) }

func (g cells[T]) remove(c cell, v T) {
	list := g[c]
	if i := slices.Index(list, v); i >= 0 {
		list[i] = list[len(list)-1]
		clear(list[len(list)-1:])
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		delete(g, c)
		return
	}
	g[c] = list
}

// within yields what lies in the block. A block of more cells than are in use is
// answered from those.
func (g cells[T]) within(s cellSpan, yield func(T)) {
	if s.count() > len(g) {
		for c, list := range g {
			if c.x >= s.lo.x && c.x <= s.hi.x && c.y >= s.lo.y && c.y <= s.hi.y {
				for _, v := range list {
					yield(v)
				}
			}
		}
		return
	}
	for y := s.lo.y; y <= s.hi.y; y++ {
		for x := s.lo.x; x <= s.hi.x; x++ {
			for _, v := range g[cell{x, y}] {
				yield(v)
			}
		}
	}
}

// file lays an arrow and enters it where it lies now.
func (w *drawing) file(a *Arrow) {
	if !a.tied() {
		return
	}
	curve := NewCurve(a.from.Outlet(a.Edge.Leaves()), a.to.Inlet(), a.Failed())
	if curve == a.Curve && a.filed {
		return
	}
	a.Curve, a.Box = curve, curve.Box()
	span := spanOf(a.Box)
	if a.filed && span == a.cells {
		return
	}
	w.unfile(a)
	a.cells, a.filed = span, true
	if span.count() > longArrow {
		w.long = append(w.long, a)
		return
	}
	for y := span.lo.y; y <= span.hi.y; y++ {
		for x := span.lo.x; x <= span.hi.x; x++ {
			w.linesAt.add(cell{x, y}, a)
		}
	}
}

func (w *drawing) unfile(a *Arrow) {
	if !a.filed {
		return
	}
	a.filed = false
	if a.cells.count() > longArrow {
		w.long = slices.DeleteFunc(w.long, func(o *Arrow) bool { return o == a })
	} else {
		for y := a.cells.lo.y; y <= a.cells.hi.y; y++ {
			for x := a.cells.lo.x; x <= a.cells.hi.x; x++ {
				w.linesAt.remove(cell{x, y}, a)
			}
		}
	}
}

// CardsIn lists the steps that lie in r, in the order of the flow, appended to list.
func (d *Document) CardsIn(r Rect, list []*Card) []*Card {
	begin := len(list)
	reach := Rect{r.X - CardWidth, r.Y - d.drawn.tallest, r.W + CardWidth, r.H + d.drawn.tallest}
	d.drawn.cardsAt.within(spanOf(reach), func(c *Card) {
		if c.Rect.Meets(r) {
			list = append(list, c)
		}
	})
	slices.SortFunc(list[begin:], func(a, b *Card) int { return cmp.Compare(a.order, b.order) })
	return list
}

// ArrowsIn lists the edges whose boxes meet r, in the order of the flow, appended to
// list.
func (d *Document) ArrowsIn(r Rect, list []*Arrow) []*Arrow {
	begin := len(list)
	w := &d.drawn
	w.asked++
	take := func(a *Arrow) {
		if a.seen != w.asked && a.Box.Grown(1).Meets(r) {
			a.seen = w.asked
			list = append(list, a)
		}
	}
	w.linesAt.within(spanOf(r), take)
	for _, a := range w.long {
		take(a)
	}
	slices.SortFunc(list[begin:], func(a, b *Arrow) int { return cmp.Compare(a.order, b.order) })
	return list
}
