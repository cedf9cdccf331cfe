package editor

import (
	"math"
	"slices"

	"jackfield/flow"
)

// place finds the heights: each spot as near as it can be to where its edges would be
// straight, with the order of the column kept.
func (g *tidyGraph) place() {
	for _, column := range g.columns {
		y := float32(0)
		for _, s := range column {
			s.y = y
			y += s.pitch()
		}
	}
	in, out := func(s *spot) []link { return s.in }, func(s *spot) []link { return s.out }
	for range 2 {
		for _, column := range g.columns {
			settleColumn(column, in)
		}
		for _, column := range slices.Backward(g.columns) {
			settleColumn(column, out)
		}
	}
	for _, column := range g.columns {
		settleColumn(column, in)
	}
}

// pitch is from the top of a spot to the top of the next one below it: whole cells of
// the grid, so that a column stays even.
func (s *spot) pitch() float32 {
	if s.card == nil {
		return GridStep
	}
	const least = 30
	return float32(math.Ceil(float64(s.h+least)/GridStep)) * GridStep
}

// lay writes down where the cards come to lie, and gives the lower end of them.
func (g *tidyGraph) lay(at map[flow.StepID]flow.Point, corner flow.Point) (bottom float32) {
	top := float32(math.Inf(1))
	for _, s := range g.real {
		top = min(top, s.y)
	}
	for _, column := range g.columns {
		free := float32(math.Inf(-1))
		for _, s := range column {
			if s.card == nil {
				continue
			}
			y := max(onGrid(s.y-top), free)
			at[s.card.ID()] = flow.Point{X: corner.X + float32(s.column)*(CardWidth+Gap), Y: corner.Y + y}
			free = y + s.pitch()
			bottom = max(bottom, corner.Y+free)
		}
	}
	return bottom
}

// settleColumn moves the spots of a column to the mean of where their links want them,
// in order and without overlap: the least sum of squares, found by pooling neighbours
// that would collide.
func settleColumn(column []*spot, links func(*spot) []link) {
	type pool struct {
		first, last int
		sum, weight float64 // of the wished tops, each less what stands above it in the pool
		tall        float64
	}
	var pools []pool
	for i, s := range column {
		wish, weight := s.wish(links)
		p := pool{first: i, last: i, sum: wish * weight, weight: weight, tall: float64(s.pitch())}
		for len(pools) > 0 {
			up := pools[len(pools)-1]
			if up.sum/up.weight+up.tall <= p.sum/p.weight {
				break
			}
			p = pool{up.first, p.last, up.sum + p.sum - up.tall*p.weight, up.weight + p.weight, up.tall + p.tall}
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	for _, p := range pools {
		y := p.sum / p.weight
		for _, s := range column[p.first : p.last+1] {
			s.y = float32(y)
			y += float64(s.pitch())
		}
	}
}

// wish is the top that would make a spot's links straight on average. A spot without
// links wants to stay, but not much.
func (s *spot) wish(links func(*spot) []link) (top, weight float64) {
	all := links(s)
	if len(all) == 0 {
		return float64(s.y), 0.1
	}
	for _, l := range all {
		top += float64(l.to.y + l.there - l.here)
	}
	return top / float64(len(all)), 1
}
