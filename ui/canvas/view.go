package canvas

import (
	"math"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// notch is what the toolkit gives for one notch of a wheel; what a touchpad gives is
// a fraction of it.
const notch = 25

// mostNotches is how many count at once: the toolkit multiplies a quick turn.
const mostNotches = 5

// Scrolled zooms with a wheel and pans with a touchpad. Shift and the wheel pan
// sideways; with ctrl both zoom.
func (c *Canvas) Scrolled(e *fyne.ScrollEvent) {
	c.stopGlide()
	mods := c.mods()
	dx, dy := e.Scrolled.DX, e.Scrolled.DY
	at := e.Position
	if c.stage.minimap.has(at) {
		at = fyne.NewPos(c.Size().Width/2, c.Size().Height/2)
	}
	by := pow(editor.ZoomNotch, min(max(dy/notch, -mostNotches), mostNotches))
	switch {
	case mods&(fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0:
		c.zoomAt(at, by)
	case mods&fyne.KeyModifierShift != 0:
		if dx == 0 {
			dx = dy
		}
		c.pan(2*dx, 0)
	case wheelTurned(dx, dy):
		c.zoomAt(at, by)
	default:
		c.pan(dx, dy)
	}
	if c.gesture != nil {
		c.gesture.move(c, c.pointer.at)
	}
	c.sync()
}

// wheelTurned tells a wheel from a touchpad: a wheel turns by whole notches, up or down.
func wheelTurned(dx, dy float32) bool {
	return dx == 0 && dy != 0 && math.Mod(float64(dy), notch) == 0
}

func pow(base, exponent float32) float32 {
	return float32(math.Pow(float64(base), float64(exponent)))
}

func (c *Canvas) pan(dx, dy float32) { c.doc.SetView(c.doc.View().Panned(dx, dy)) }

func (c *Canvas) zoomAt(p fyne.Position, by float32) {
	v := c.doc.View()
	c.doc.SetView(v.Zoomed(p.X, p.Y, nearFull(v.Zoom, v.Zoom*by)))
}

// nearFull makes a zoom that passes or comes near to full size stop there, so that
// text is as sharp as it can be.
func nearFull(from, to float32) float32 {
	if math.Abs(float64(to)-1) < 0.03 || (from-1)*(to-1) < 0 && math.Abs(float64(from)-1) > 0.001 {
		return 1
	}
	return to
}

// zoomBy zooms at the middle of the view, or at the pointer where it is on the canvas
// and not on a tool.
func (c *Canvas) zoomBy(by float32) {
	p := fyne.NewPos(c.Size().Width/2, c.Size().Height/2)
	if _, over := c.stage.tools.at(c.pointer.at); c.pointer.inside && !over {
		p = c.pointer.at
	}
	c.zoomAt(p, by)
	c.sync()
}

// SetZoom sets the zoom at the middle of the view.
func (c *Canvas) SetZoom(zoom float32) {
	v := c.doc.View()
	c.glide(func() { c.doc.SetView(v.Zoomed(v.W/2, v.H/2, zoom)) })
}

// Fit shows the whole flow.
func (c *Canvas) Fit() { c.glide(c.doc.Fit) }

// FitSelection shows what is selected.
func (c *Canvas) FitSelection() { c.glide(c.doc.FitSelection) }

// Reveal moves the view so that a step can be seen, and selects it.
func (c *Canvas) Reveal(id flow.StepID) {
	c.doc.Select(id)
	c.glide(func() { c.revealStep(id) })
}

// glideTime is how long the view takes to another place, so that the eye can follow.
const glideTime = 160 * time.Millisecond

// glide lets the view go on to where change puts it.
func (c *Canvas) glide(change func()) {
	c.stopGlide()
	from := c.doc.View()
	change()
	to := c.doc.View()
	if from == to || from.W <= 0 || !fyne.CurrentApp().Settings().ShowAnimations() {
		c.sync()
		return
	}
	c.doc.SetView(from)
	c.gliding = fyne.NewAnimation(glideTime, func(done float32) {
		c.doc.SetView(from.Between(to, done))
		if done == 1 {
			c.gliding = nil
		}
		c.sync()
	})
	c.gliding.Curve = fyne.AnimationEaseOut
	c.gliding.Start()
}

// stopGlide leaves the view where it is.
func (c *Canvas) stopGlide() {
	if c.gliding != nil {
		c.gliding.Stop()
		c.gliding = nil
	}
}

// AbsoluteOf is where a step's card lies on the window, for a box beside it.
func (c *Canvas) AbsoluteOf(id flow.StepID) (at fyne.Position, size fyne.Size, found bool) {
	card := c.doc.Card(id)
	if card == nil {
		return at, size, false
	}
	v := c.doc.View()
	x, y := v.Screen(flow.Point{X: card.Rect.X, Y: card.Rect.Y})
	return c.absolute(fyne.NewPos(x, y)), fyne.NewSize(card.Rect.W*v.Zoom, card.Rect.H*v.Zoom), true
}
