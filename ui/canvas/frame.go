package canvas

import (
	"image/color"

	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// frameRadius and frameInset are of the frame around the steps of a container, in
// units of the canvas.
const (
	frameRadius = 12
	frameInset  = 14
	frameHint   = "Drop the steps of its scope here"
)

// drawFrames draws the scopes of containers below everything else: a frame with the
// container's title, tied to its card.
func (c *Canvas) drawFrames() {
	s := &c.stage
	p := &s.framePen
	p.begin()
	for _, f := range c.doc.Frames() {
		if !f.Rect.Grown(60).Meets(s.area) {
			continue
		}
		c.drawFrame(p, f)
	}
}

func (c *Canvas) drawFrame(p *pen, f editor.Frame) {
	s := &c.stage
	at := s.local(editor.Curve{f.Tie, {X: f.Rect.X, Y: f.Rect.Y}, {X: f.Rect.Right(), Y: f.Rect.Bottom()}, {}})
	x, y := whole(at[1].X), whole(at[1].Y)
	w, h := whole(at[2].X-at[1].X), whole(at[2].Y-at[1].Y)
	ink := c.frameInk(f)
	c.tie(p, at[0].X, at[0].Y, x, y, w, ink)
	p.box(x, y, w, h, frameRadius*s.zoom, theme.Mix(s.looks.canvas, ink, 0.06), theme.Mix(s.looks.canvas, ink, 0.55), max(1, 1.5*s.zoom))
	size := textSize(11.5, s.zoom)
	p.text(x+frameInset*s.zoom, y+16*s.zoom, leftOf, c.doc.TitleOf(f.ID), size, true, theme.Mix(s.looks.muted, ink, 0.6))
	if f.Empty {
		p.text(x+w/2, y+h/2+8*s.zoom, middleOf, frameHint, size, false, s.looks.muted)
	}
}

func (c *Canvas) frameInk(f editor.Frame) color.Color {
	if c.doc.Has(f.ID) {
		return c.stage.looks.active
	}
	step, _ := c.doc.Step(f.ID)
	_, _, tint := c.doc.LooksOf(step.Uses)
	return c.stage.looks.tint(tint).front
}

// tie draws a line from the container's card to the nearest point of its frame's top.
func (c *Canvas) tie(p *pen, fromX, fromY, x, y, w float32, ink color.Color) {
	toX := min(max(fromX, x+frameRadius*c.stage.zoom), x+w-frameRadius*c.stage.zoom)
	if y <= fromY {
		return // it lies beside or above: the title says whose it is
	}
	p.line(fromX, fromY, toX, y, max(1, 1.5*c.stage.zoom), theme.Mix(c.stage.looks.canvas, ink, 0.55))
}
