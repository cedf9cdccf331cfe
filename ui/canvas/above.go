package canvas

import (
	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// drawTop draws what a gesture shows above the steps: the edge that is being drawn,
// guides, the rubber band, the step that comes from the palette.
func (c *Canvas) drawTop(v editor.View) {
	s := &c.stage
	p := &s.topPen
	p.begin()
	switch g := c.gesture.(type) {
	case *drawing:
		c.drawDrawing(g, v)
	case *moving:
		c.drawGuides(g, v)
	case *banding:
		c.drawBand(g, v)
	}
	if c.pending != nil {
		if curve, ok := c.looseCurve(c.pending.from, c.pending.to); ok {
			c.drawLoose(curve, v, true)
		}
	}
	if c.ghost != nil {
		c.drawGhost(v)
	}
	if len(p.objects)+len(s.top.Objects) > 0 {
		s.top.Objects = p.objects
		s.back.Refresh()
	}
}

func onScreen(v editor.View, p flow.Point) flow.Point {
	x, y := v.Screen(p)
	return flow.Point{X: x, Y: y}
}

func (c *Canvas) drawLoose(curve editor.Curve, v editor.View, good bool) {
	for i, p := range curve {
		curve[i] = onScreen(v, p)
	}
	ink := c.stage.looks.active
	if !good {
		ink = c.stage.looks.states[Failed]
	}
	width := max(whole(2.6*v.Zoom), 2)
	c.stage.topPen.curve(curve, editor.Rect{W: v.W, H: v.H}.Grown(20), width, ink)
	for _, end := range []flow.Point{curve[0], curve[3]} {
		c.stage.topPen.disc(end.X, end.Y, max(5*v.Zoom, 3), ink, c.stage.looks.canvas, max(1.5*v.Zoom, 1))
	}
}

func (c *Canvas) drawDrawing(g *drawing, v editor.View) {
	if !g.begun {
		return
	}
	curve, ok := g.ends(c)
	if !ok {
		return
	}
	refused := g.found && g.why != nil
	c.drawLoose(curve, v, !refused)
	at := onScreen(v, g.at)
	switch {
	case refused:
		c.drawLabelAt(at, "cross", theme.Failed, g.why.Error(), v)
	case g.found:
		c.drawLabelAt(at, "check", theme.Done, c.doc.Card(g.target.Step).Title(), v)
	case g.pickedUp():
		c.drawLabelAt(at, "delete", theme.Muted, dropToRemove, v)
	default:
		c.drawLabelAt(at, "add", theme.Muted, dropToAdd, v)
	}
}

// drawLabelAt says a few words beside the pointer, within the view.
func (c *Canvas) drawLabelAt(at flow.Point, icon string, ink fyne.ThemeColorName, words string, v editor.View) {
	l, p := c.stage.looks, &c.stage.topPen
	const size, height = 12, 26
	w := 34 + fyne.MeasureText(words, size, fyne.TextStyle{}).Width + 10
	x := min(max(at.X+16, 8), max(v.W-w-8, 8))
	y := min(max(at.Y+18, 8), max(v.H-height-8, 8))
	box := p.box(whole(x), whole(y), whole(w), height, 8, l.raised, l.outline, 1)
	box.Shadow = l.floating()
	p.icon(whole(x)+17, whole(y)+height/2, 14, icon, ink, 0)
	p.text(whole(x)+30, whole(y)+height/2, leftOf, words, size, false, l.text)
}

// drawGuides shows what the steps on the move are in line with.
func (c *Canvas) drawGuides(g *moving, v editor.View) {
	l, p := c.stage.looks, &c.stage.topPen
	for _, guide := range g.guides {
		a, b := flow.Point{X: guide.From - 24, Y: guide.At}, flow.Point{X: guide.To + 24, Y: guide.At}
		if guide.Vertical {
			a, b = flow.Point{X: guide.At, Y: guide.From - 24}, flow.Point{X: guide.At, Y: guide.To + 24}
		}
		a, b = onScreen(v, a), onScreen(v, b)
		p.line(whole(a.X)+0.5, whole(a.Y)+0.5, whole(b.X)+0.5, whole(b.Y)+0.5, 1, l.active)
	}
	if g.splice != (editor.EdgeID{}) {
		c.drawLabelAt(onScreen(v, c.world(c.pointer.at)), "add", theme.Accent, willInsert, v)
	}
}

func (c *Canvas) drawBand(g *banding, v editor.View) {
	if !g.begun {
		return
	}
	l := c.stage.looks
	r := editor.Between(onScreen(v, g.from), onScreen(v, g.to))
	c.stage.topPen.box(whole(r.X), whole(r.Y), whole(r.W), whole(r.H), 3, theme.Fade(l.active, 0.12), l.active, 1)
}

// drawGhost shows the step that comes from the palette where it would lie, and the
// edges that it would get.
func (c *Canvas) drawGhost(v editor.View) {
	l, p := c.stage.looks, &c.stage.topPen
	r := c.ghost.rect
	if a := c.doc.Arrow(c.ghost.splice); a != nil {
		in := editor.NewCurve(a.Curve[0], flow.Point{X: r.X, Y: r.Y + editor.InletY}, a.Failed())
		out := editor.NewCurve(flow.Point{X: r.Right(), Y: r.Y + editor.InletY}, a.Curve[3], false)
		for _, curve := range []editor.Curve{in, out} {
			for i, at := range curve {
				curve[i] = onScreen(v, at)
			}
			p.curve(curve, editor.Rect{W: v.W, H: v.H}.Grown(20), max(whole(2*v.Zoom), 1), theme.Fade(l.active, 0.55))
		}
	}
	at := onScreen(v, flow.Point{X: r.X, Y: r.Y})
	x, y, z := whole(at.X), whole(at.Y), v.Zoom
	title, icon, name := c.doc.LooksOf(c.ghost.op)
	t := l.tint(name)
	p.box(x, y, whole(r.W*z), whole(r.H*z), whole(cardRadius*z), theme.Fade(l.card, 0.88), l.active, 2)
	p.box(x+whole(tileInset*z), y+whole(tileInset*z), whole(tileSize*z), whole(tileSize*z), whole(tileRadius*z), t.back, nil, 0)
	p.icon(x+whole((tileInset+tileSize/2)*z), y+whole((tileInset+tileSize/2)*z), iconSize*z, icon, t.name, 0)
	title = l.cuts.fit(title, titleSize, true, editor.CardWidth-textLeft-textRight)
	p.text(x+whole(textLeft*z), y+whole(editor.InletY*z), leftOf, title, textSize(titleSize, z), true, l.text)
	if c.ghost.splice != (editor.EdgeID{}) {
		c.drawLabelAt(flow.Point{X: at.X + r.W*z/2, Y: at.Y + r.H*z - 10}, "add", theme.Accent, willInsert, v)
	}
}

// drawOverlay draws what floats above everything: tools, the map, and the words on an
// empty canvas.
func (c *Canvas) drawOverlay(v editor.View) {
	s := &c.stage
	now := overlay{
		view: v, doc: c.doc.Revision(), pick: c.doc.SelectionRevision(), run: c.run.rev, theme: s.generation,
		hover: s.tools.hover, press: s.tools.press, ghost: c.ghost != nil, readOnly: c.readOnly, led: c.led,
	}
	if now == s.overlaid {
		return
	}
	s.overlaid = now
	defer s.back.Refresh() // the toolkit does not see every change of a primitive
	objects := s.overlay.Objects[:0]
	if c.doc.Len() == 0 && c.ghost == nil {
		objects = append(objects, c.drawEmpty(v)...)
	}
	objects = append(objects, c.drawMinimap(v)...)
	s.overlay.Objects = append(objects, c.drawTools(v)...)
}

// overlay is everything that what floats above depends on.
type overlay struct {
	view         editor.View
	doc, pick    int
	run, theme   int
	hover, press string
	ghost        bool
	readOnly     bool
	led          bool
}

func (c *Canvas) drawEmpty(v editor.View) []fyne.CanvasObject {
	l, p := c.stage.looks, &c.stage.hintPen
	p.begin()
	title, hint := emptyTitle, emptyHint
	if c.readOnly {
		hint = readOnlyHint
	}
	x, y := whole(v.W/2), whole(v.H/2)
	p.box(x-28, y-78, 56, 56, 16, l.tint("blue").back, nil, 0)
	p.icon(x, y-50, 28, "flow", l.tint("blue").name, 0)
	p.text(x, y+2, middleOf, title, theme.Size(theme.TitleSize), true, l.text)
	p.text(x, y+28, middleOf, hint, theme.Size(theme.TextSize), false, l.muted)
	return p.objects
}
