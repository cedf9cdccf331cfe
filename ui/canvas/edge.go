package canvas

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// edgeLook is everything that a drawn edge depends on.
type edgeLook struct {
	curve    editor.Curve // on the stage
	clip     editor.Rect
	level    level
	theme    int
	zoom     float32
	selected bool
	hovered  bool
	failed   bool
	when     bool
	traffic  Traffic
	counted  bool // a run is shown
	alive    bool
	faint    bool
	splice   bool // a step would be put into it
	plus     bool // it offers to put a step into it
	hotPlus  bool
}

// drawnEdge is an edge on the stage. Its strokes lie below all labels.
type drawnEdge struct {
	strokes pen
	labels  pen
	look    edgeLook
	seen    int
}

// lookOfEdge tells how an edge is to be drawn now.
func (c *Canvas) lookOfEdge(a *editor.Arrow, l level) edgeLook {
	s := &c.stage
	look := edgeLook{
		curve: s.local(a.Curve), clip: s.clip, level: l, theme: s.generation, zoom: s.zoom,
		selected: c.doc.HasEdge(a.ID()), failed: a.Failed(), when: a.Edge.When != "",
		hovered: c.pointer.hover.Part == editor.OnEdge && c.pointer.hover.Edge == a.ID(),
	}
	if c.run.shown {
		look.traffic, look.counted = c.run.edges[a.ID()], true
		look.alive = c.run.alive(a)
	}
	if g, ok := c.gesture.(*drawing); ok {
		look.faint = g.hides(a.ID())
	}
	look.splice = c.spliceEdge() == a.ID()
	look.plus = look.hovered && !c.readOnly && c.gesture == nil && l == full
	look.hotPlus = look.plus && c.pointer.onPlus
	return look
}

func (d *drawnEdge) show(look edgeLook, c *looks) {
	if d.look == look {
		return
	}
	if d.look.theme != look.theme {
		d.labels.forgetIcons()
	}
	d.look = look
	d.strokes.begin()
	d.labels.begin()
	ink := d.ink(c)
	width := look.width()
	curve := look.curve
	head := d.head()
	end := curve
	if head > 0 {
		end[3].X -= head * 0.6 // the line ends inside the arrowhead, not at its tip
	}
	d.strokes.curve(end, look.clip, width, ink)
	if tip := curve[3]; head > 0 && look.clip.Grown(20).Has(tip) {
		d.strokes.arrowhead(tip.X-portRadius*look.zoom, tip.Y, head, ink)
	}
	if look.level == full {
		d.drawLabel(c, ink)
	}
	if look.plus {
		d.drawPlus(c)
	}
}

// plusRadius is the size of the button that puts a step into an edge.
const plusRadius = 10

// plusAt is where that button is: half way, or above what is written there.
func plusAt(curve editor.Curve, zoom float32, labelled bool) flow.Point {
	at := curve.At(0.5)
	if labelled {
		at.Y -= 22 * zoom
	}
	return at
}

func (d *drawnEdge) drawPlus(c *looks) {
	l := &d.look
	at := plusAt(l.curve, l.zoom, l.when || l.counted && l.traffic.Took > 0)
	x, y, radius := whole(at.X), whole(at.Y), whole(plusRadius*l.zoom)
	fill, border, icon := c.raised, c.outline, theme.Foreground
	if l.hotPlus {
		fill, border, icon = c.active, c.active, c.onStateName()
	}
	d.labels.disc(x, y, radius, fill, border, 1)
	d.labels.icon(x, y, 14*l.zoom, "add", icon, 0)
}

// isOnPlus says whether a point of the widget is on the button of the edge that the
// pointer is at.
func (c *Canvas) isOnPlus(p fyne.Position) bool {
	h := c.pointer.hover
	if h.Part != editor.OnEdge || c.readOnly || c.stage.level != full {
		return false
	}
	a := c.doc.Arrow(h.Edge)
	if a == nil {
		return false
	}
	zoom := c.doc.View().Zoom
	counted := c.run.shown && c.run.edges[h.Edge].texts() != [2]string{}
	curve := a.Curve
	for i, at := range curve {
		curve[i] = onScreen(c.doc.View(), at)
	}
	at := plusAt(curve, zoom, a.Edge.When != "" || counted)
	return math.Hypot(float64(p.X-at.X), float64(p.Y-at.Y)) <= float64(plusRadius*zoom)+2
}

// width is that of the stroke in whole pixels, as the toolkit's painter rounds it.
func (l *edgeLook) width() float32 {
	switch bold := l.selected || l.splice; {
	case l.zoom < 0.45:
		return 1
	case bold:
		return max(whole(2.6*l.zoom), 2)
	case l.zoom < 0.68:
		return 1
	case l.zoom < 1.5:
		return 2
	}
	return whole(1.5 * l.zoom)
}

func (d *drawnEdge) head() float32 {
	if d.look.level == small {
		return 0
	}
	return max(8*d.look.zoom, 4)
}

// rank orders edges that lie on each other: those that step back below, those that are
// meant above.
func (l *edgeLook) rank() int {
	switch {
	case l.selected || l.hovered || l.splice:
		return 2
	case l.faint || l.counted && l.traffic.Took == 0:
		return 0
	}
	return 1
}

func (d *drawnEdge) ink(c *looks) color.Color {
	l := &d.look
	ink := c.edge
	switch {
	case l.faint:
		return c.dim(c.edge, dimShare)
	case l.selected || l.splice:
		return c.active
	case l.alive:
		return c.states[Running]
	case l.failed && (!l.counted || l.traffic.Took > 0):
		ink = c.failedEdge
	case l.counted && l.traffic.Took > 0:
		ink = c.doneEdge
	case l.counted:
		return c.dim(c.edge, dimShare)
	}
	if l.hovered {
		return theme.Mix(ink, c.text, 0.45)
	}
	return ink
}

// texts are the words on an edge: what took it, and what waits on it.
func (t Traffic) texts() (words [2]string) {
	if t.Took > 0 {
		words[0] = compact(t.Took)
	}
	if t.Waits > 0 {
		words[1] = "+" + compact(t.Waits)
	}
	return words
}

// drawLabel draws a pill half way: a funnel where the edge has a condition, how many
// records took it, and how many wait on it.
func (d *drawnEdge) drawLabel(c *looks, ink color.Color) {
	l := &d.look
	var texts [2]string
	if l.counted {
		texts = l.traffic.texts()
	}
	bare := texts == [2]string{}
	if bare && !l.when {
		return
	}
	at := l.curve.At(0.5)
	if !l.clip.Grown(40).Has(at) {
		return
	}
	size, gap := textSize(labelSize, l.zoom), 3*l.zoom
	height, pad := 2*whole(9*l.zoom), 6*l.zoom
	var widths []float32
	icon := float32(0)
	if l.when {
		icon = 12 * l.zoom
		widths = append(widths, icon)
	}
	for _, text := range texts {
		if text != "" {
			widths = append(widths, fyne.MeasureText(text, size, fyne.TextStyle{}).Width)
		}
	}
	width := 2*pad - gap
	for _, w := range widths {
		width += w + gap
	}
	width = max(whole(width), height)
	x, y := whole(at.X-width/2), whole(at.Y-height/2)
	border := theme.Mix(c.card, ink, 0.7)
	if l.traffic.Full {
		border = theme.Mix(c.card, theme.Color(theme.Partial), 0.7)
	}
	d.labels.box(x, y, width, height, height/2, c.card, border, 1)
	left := x + pad
	if bare {
		left = x + (width-icon)/2
	}
	if l.when {
		d.labels.icon(left+icon/2, y+height/2, icon, "filter", theme.Muted, 0)
		left += icon + gap
	}
	for i, text := range texts {
		if text == "" {
			continue
		}
		colour := theme.Mix(c.muted, ink, 0.5)
		if i == 1 {
			colour = theme.Mix(c.text, theme.Color(theme.Partial), 0.9)
		}
		d.labels.text(left, y+height/2, leftOf, text, size, false, colour)
		left += fyne.MeasureText(text, size, fyne.TextStyle{}).Width + gap
	}
}

// local is a curve on the stage.
func (s *stage) local(c editor.Curve) editor.Curve {
	for i, p := range c {
		c[i] = flow.Point{X: (p.X - s.anchor.X) * s.zoom, Y: (p.Y - s.anchor.Y) * s.zoom}
	}
	return c
}
