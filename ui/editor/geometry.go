package editor

import (
	"math"

	"jackfield/flow"
)

// The measures of a card, in units of the canvas (one is a pixel at zoom 1).
const (
	CardWidth  = 200
	CardHeight = 64  // where no outlets make it taller
	OutletRow  = 24  // from one outlet to the next
	InletY     = 32  // where edges come in; the same on every card, so that rows are straight
	FailedX    = 178 // where the failed outlet hangs below the card
	GridStep   = 20
	Gap        = 80 // between a step and the one after it
	RowGap     = 40 // between a step and the one below it
)

// Rect is an upright rectangle.
type Rect struct{ X, Y, W, H float32 }

// Right is the x of the right side.
func (r Rect) Right() float32 { return r.X + r.W }

// Bottom is the y of the lower side.
func (r Rect) Bottom() float32 { return r.Y + r.H }

// Centre is the point in the middle.
func (r Rect) Centre() flow.Point { return flow.Point{X: r.X + r.W/2, Y: r.Y + r.H/2} }

// Empty says whether the rectangle has no area.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Has says whether p is inside.
func (r Rect) Has(p flow.Point) bool {
	return p.X >= r.X && p.X < r.Right() && p.Y >= r.Y && p.Y < r.Bottom()
}

// Meets says whether the two have any point in common.
func (r Rect) Meets(o Rect) bool {
	return r.X < o.Right() && o.X < r.Right() && r.Y < o.Bottom() && o.Y < r.Bottom()
}

// Holds says whether o lies wholly inside.
func (r Rect) Holds(o Rect) bool {
	return o.X >= r.X && o.Y >= r.Y && o.Right() <= r.Right() && o.Bottom() <= r.Bottom()
}

// Grown is r with d more on every side.
func (r Rect) Grown(d float32) Rect { return Rect{r.X - d, r.Y - d, r.W + 2*d, r.H + 2*d} }

// Shifted is r moved.
func (r Rect) Shifted(dx, dy float32) Rect { return Rect{r.X + dx, r.Y + dy, r.W, r.H} }

// With is the smallest rectangle that holds both. An empty one adds nothing.
func (r Rect) With(o Rect) Rect {
	if r.Empty() {
		return o
	}
	if o.Empty() {
		return r
	}
	x, y := min(r.X, o.X), min(r.Y, o.Y)
	return Rect{x, y, max(r.Right(), o.Right()) - x, max(r.Bottom(), o.Bottom()) - y}
}

// Between is the rectangle that has a and b for corners.
func Between(a, b flow.Point) Rect {
	x, y := min(a.X, b.X), min(a.Y, b.Y)
	return Rect{x, y, max(a.X, b.X) - x, max(a.Y, b.Y) - y}
}

// Curve is a cubic Bézier curve: start, two control points, end.
type Curve [4]flow.Point

// NewCurve leads from an outlet to an inlet. It leaves to the right, or downwards
// where it hangs below its card, and always comes in from the left.
func NewCurve(from, to flow.Point, below bool) Curve {
	dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
	reach := math.Abs(dx) / 2
	if dx < 0 {
		reach = math.Min(40+math.Abs(dx)/4+math.Abs(dy)/8, 180)
	}
	k := float32(math.Max(reach, math.Min(36, math.Hypot(dx, dy)/2)))
	if !below {
		return Curve{from, {X: from.X + k, Y: from.Y}, {X: to.X - k, Y: to.Y}, to}
	}
	down := float32(math.Min(math.Max(math.Abs(dy)*0.35, 26), 70)) // soon aside, past the card below
	return Curve{from, {X: from.X, Y: from.Y + down}, {X: to.X - max(min(0.7*k, 120), 36), Y: to.Y}, to}
}

// At is the point at t, from 0 to 1.
func (c Curve) At(t float32) flow.Point {
	u := 1 - t
	a, b, e, f := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return flow.Point{
		X: a*c[0].X + b*c[1].X + e*c[2].X + f*c[3].X,
		Y: a*c[0].Y + b*c[1].Y + e*c[2].Y + f*c[3].Y,
	}
}

// Split cuts the curve at t, by de Casteljau's construction.
func (c Curve) Split(t float32) (Curve, Curve) {
	mid := func(a, b flow.Point) flow.Point {
		return flow.Point{X: a.X + (b.X-a.X)*t, Y: a.Y + (b.Y-a.Y)*t}
	}
	ab, bc, cd := mid(c[0], c[1]), mid(c[1], c[2]), mid(c[2], c[3])
	abc, bcd := mid(ab, bc), mid(bc, cd)
	p := mid(abc, bcd)
	return Curve{c[0], ab, abc, p}, Curve{p, bcd, cd, c[3]}
}

// Box holds the curve: its control points lie inside, so the curve does.
func (c Curve) Box() Rect {
	lo, hi := c[0], c[0]
	for _, p := range c[1:] {
		lo.X, lo.Y = min(lo.X, p.X), min(lo.Y, p.Y)
		hi.X, hi.Y = max(hi.X, p.X), max(hi.Y, p.Y)
	}
	return Rect{lo.X, lo.Y, hi.X - lo.X, hi.Y - lo.Y}
}

// curvePieces is how many straight pieces stand for a curve where only a distance is
// asked for; the error of a curve of 1,000 units is below two.
const curvePieces = 24

// Near gives the distance of p from the curve, and where on it the nearest point is.
func (c Curve) Near(p flow.Point) (distance, t float32) {
	best := math.Inf(1)
	a := c[0]
	for i := 1; i <= curvePieces; i++ {
		b := c.At(float32(i) / curvePieces)
		d, along := segmentNear(p, a, b)
		if d < best {
			best, t = d, (float32(i-1)+float32(along))/curvePieces
		}
		a = b
	}
	return float32(math.Sqrt(best)), t
}

// segmentNear gives the squared distance of p from the line between a and b, and
// how far along it the nearest point is.
func segmentNear(p, a, b flow.Point) (squared, along float64) {
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	px, py := float64(p.X-a.X), float64(p.Y-a.Y)
	if length := dx*dx + dy*dy; length > 0 {
		along = math.Min(math.Max((px*dx+py*dy)/length, 0), 1)
	}
	px, py = px-along*dx, py-along*dy
	return px*px + py*py, along
}

// touches says whether the curve has a point inside r.
func (c Curve) touches(r Rect) bool {
	if !c.Box().Grown(1).Meets(r) {
		return false
	}
	a := c[0]
	for i := 1; i <= curvePieces; i++ {
		b := c.At(float32(i) / curvePieces)
		if segmentMeets(a, b, r) {
			return true
		}
		a = b
	}
	return false
}

// segmentMeets clips the line between a and b against r (Liang and Barsky).
func segmentMeets(a, b flow.Point, r Rect) bool {
	lo, hi := float32(0), float32(1)
	dx, dy := b.X-a.X, b.Y-a.Y
	for _, side := range [4][2]float32{{-dx, a.X - r.X}, {dx, r.Right() - a.X}, {-dy, a.Y - r.Y}, {dy, r.Bottom() - a.Y}} {
		p, q := side[0], side[1]
		switch {
		case p == 0 && q < 0:
			return false
		case p < 0:
			lo = max(lo, q/p)
		case p > 0:
			hi = min(hi, q/p)
		}
	}
	return lo <= hi
}

func onGrid(v float32) float32 {
	return float32(math.Round(float64(v)/GridStep)) * GridStep
}
