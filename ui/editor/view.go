package editor

import (
	"math"

	"jackfield/flow"
)

// The limits of the zoom, and how much one notch of the wheel or one key changes it.
const (
	MinZoom   = 0.05
	MaxZoom   = 4
	ZoomNotch = 1.1
	fitMargin = 48
)

// View is the part of the canvas that can be seen.
type View struct {
	At   flow.Point // the point of the canvas in the upper left corner
	Zoom float32
	W, H float32 // the size of the view on the screen
}

// World is the point of the canvas under a point of the screen.
func (v View) World(x, y float32) flow.Point {
	return flow.Point{X: v.At.X + x/v.Zoom, Y: v.At.Y + y/v.Zoom}
}

// Screen is where a point of the canvas is seen.
func (v View) Screen(p flow.Point) (x, y float32) {
	return (p.X - v.At.X) * v.Zoom, (p.Y - v.At.Y) * v.Zoom
}

// Area is the part of the canvas that can be seen.
func (v View) Area() Rect { return Rect{v.At.X, v.At.Y, v.W / v.Zoom, v.H / v.Zoom} }

// Zoomed sets the zoom so that the point under x, y stays there.
func (v View) Zoomed(x, y, zoom float32) View {
	fixed := v.World(x, y)
	v.Zoom = min(max(zoom, MinZoom), MaxZoom)
	v.At = flow.Point{X: fixed.X - x/v.Zoom, Y: fixed.Y - y/v.Zoom}
	return v
}

// Panned moves the canvas by a distance on the screen.
func (v View) Panned(dx, dy float32) View {
	v.At.X -= dx / v.Zoom
	v.At.Y -= dy / v.Zoom
	return v
}

// Fitting shows all of r with a margin, at most at full size.
func (v View) Fitting(r Rect) View {
	if v.W <= 0 || v.H <= 0 || r.Empty() {
		return v
	}
	w, h := max(v.W-2*fitMargin, 16), max(v.H-2*fitMargin, 16)
	v.Zoom = min(max(min(w/r.W, h/r.H, 1), MinZoom), MaxZoom)
	return v.Centred(r.Centre())
}

// Centred brings p to the middle of the view. The corner falls on a whole pixel, so
// that text is sharp.
func (v View) Centred(p flow.Point) View {
	whole := func(x float32) float32 { return float32(math.Round(float64(x*v.Zoom))) / v.Zoom }
	v.At = flow.Point{X: whole(p.X - v.W/v.Zoom/2), Y: whole(p.Y - v.H/v.Zoom/2)}
	return v
}

// View is the part of the canvas that can be seen.
func (d *Document) View() View { return d.view }

// SetView moves the view. It is not a step of undo.
func (d *Document) SetView(v View) { d.view = v }

// Fit shows the whole flow.
func (d *Document) Fit() {
	if b := d.Bounds(); !b.Empty() {
		d.view = d.view.Fitting(b)
	}
}

// FitSelection shows the selected steps, or the whole flow where none is.
func (d *Document) FitSelection() {
	var b Rect
	for _, id := range d.pick.steps {
		b = b.With(d.drawn.cards[id].Rect)
	}
	if b.Empty() {
		b = d.Bounds()
	}
	if !b.Empty() {
		d.view = d.view.Fitting(b)
	}
}

// Reveal moves the view just enough to show r, where it does not.
func (d *Document) Reveal(r Rect) {
	margin := min(24/d.view.Zoom, d.view.W/d.view.Zoom/4, d.view.H/d.view.Zoom/4)
	seen, r := d.view.Area(), r.Grown(margin)
	d.view.At.X += outside(seen.X, seen.Right(), r.X, r.Right())
	d.view.At.Y += outside(seen.Y, seen.Bottom(), r.Y, r.Bottom())
}

// outside is how far the span from lo to hi must move to hold the one from a to b, or
// its beginning where it is too long.
func outside(lo, hi, a, b float32) float32 {
	if a < lo || b-a > hi-lo {
		return a - lo
	}
	return max(b-hi, 0)
}

// Between is the view on the way to another, from 0 to 1. The zoom goes on evenly to
// the eye, and what is in the middle of the way stays on a line.
func (v View) Between(to View, share float32) View {
	if share >= 1 {
		return to
	}
	zoom := float32(float64(v.Zoom) * math.Pow(float64(to.Zoom/v.Zoom), float64(share)))
	a, b := v.Area(), to.Area()
	middle := share
	if v.Zoom != to.Zoom { // the point that stays fixed while both sides scale
		middle = (1/zoom - 1/v.Zoom) / (1/to.Zoom - 1/v.Zoom)
	}
	x, y := a.X+(b.X-a.X)*middle, a.Y+(b.Y-a.Y)*middle
	to.At, to.Zoom = flow.Point{X: x, Y: y}, zoom
	return to
}
