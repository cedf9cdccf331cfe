package canvas

import (
	"image"

	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// The measures of the small map of the whole flow.
const (
	mapWidth  = 200
	mapHeight = 140
	mapMargin = 14
	mapInset  = 8
)

// minimap shows the whole flow and the view on it, in the lower right corner. It
// hides while everything can be seen.
type minimap struct {
	raster *paint.Raster
	pen    pen
	doc    *editor.Document
	run    *run
	looks  *looks
	drawn  mapDrawn
	box    editor.Rect // on the canvas widget
	area   editor.Rect // of the flow that it shows
	shown  bool
	buffer *image.RGBA
}

type mapDrawn struct {
	doc, run, theme int
	area            editor.Rect
}

func (m *minimap) prepare() {
	m.raster = paint.NewRaster(m.paint)
	m.raster.ScaleMode = paint.ImageScaleFastest
}

// show places the map and gives what it is made of. While steps are being dragged the
// map waits.
func (c *Canvas) drawMinimap(v editor.View) []fyne.CanvasObject {
	s := &c.stage
	m := &s.minimap
	if !c.doc.Dragging() {
		bounds := c.doc.Bounds()
		m.shown = !bounds.Empty() && !v.Area().Holds(bounds) && v.W > 2*mapWidth && v.H > 2*mapHeight
		if m.shown {
			m.area = mapArea(bounds)
		}
	}
	if !m.shown {
		return nil
	}
	m.doc, m.run, m.looks = c.doc, &c.run, s.looks
	m.box = editor.Rect{X: v.W - mapWidth - mapMargin, Y: v.H - mapHeight - mapMargin, W: mapWidth, H: mapHeight}
	now := mapDrawn{c.doc.Revision(), c.run.rev, s.generation, m.area}
	if now != m.drawn && !c.doc.Dragging() {
		m.drawn = now
		m.raster.Refresh()
	}
	m.pen.begin()
	frame := m.pen.box(m.box.X, m.box.Y, m.box.W, m.box.H, 10, s.looks.raised, s.looks.outline, 1)
	frame.Shadow = s.looks.floating()
	m.pen.put(m.raster)
	place(m.raster, m.box.X+mapInset, m.box.Y+mapInset, m.box.W-2*mapInset, m.box.H-2*mapInset)
	m.drawView(v)
	return m.pen.objects
}

// mapArea is what the map shows: the bounds with some room, in the map's own shape.
func mapArea(bounds editor.Rect) editor.Rect {
	const w, h = mapWidth - 2*mapInset, mapHeight - 2*mapInset
	zoom := min(w/(bounds.W*1.04), h/(bounds.H*1.04), 0.2)
	c := bounds.Centre()
	return editor.Rect{X: c.X - w/zoom/2, Y: c.Y - h/zoom/2, W: w / zoom, H: h / zoom}
}

// zoom is how large the flow is on the map.
func (m *minimap) zoom() float32 { return (m.box.W - 2*mapInset) / m.area.W }

// drawView draws the frame of the view, as far as it lies on the map.
func (m *minimap) drawView(v editor.View) {
	z, a := m.zoom(), v.Area()
	in := m.box.Grown(-3)
	x1, y1 := max(m.box.X+mapInset+(a.X-m.area.X)*z, in.X), max(m.box.Y+mapInset+(a.Y-m.area.Y)*z, in.Y)
	x2, y2 := min(m.box.X+mapInset+(a.Right()-m.area.X)*z, in.Right()), min(m.box.Y+mapInset+(a.Bottom()-m.area.Y)*z, in.Bottom())
	if x2 > x1 && y2 > y1 {
		m.pen.box(x1, y1, max(x2-x1, 4), max(y2-y1, 4), 3, theme.Fade(m.looks.active, 0.16), m.looks.active, 1)
	}
}

// world is the place of the flow under a point of the widget.
func (m *minimap) world(p fyne.Position) flow.Point {
	z := m.zoom()
	return flow.Point{X: m.area.X + (p.X-m.box.X-mapInset)/z, Y: m.area.Y + (p.Y-m.box.Y-mapInset)/z}
}

func (m *minimap) has(p fyne.Position) bool {
	return m.shown && m.box.Has(flow.Point{X: p.X, Y: p.Y})
}

func (m *minimap) paint(w, h int) image.Image {
	if m.buffer == nil || m.buffer.Rect.Dx() != w || m.buffer.Rect.Dy() != h {
		m.buffer = image.NewRGBA(image.Rect(0, 0, w, h))
	} else {
		clear(m.buffer.Pix)
	}
	if m.doc == nil || m.area.Empty() || w == 0 {
		return m.buffer
	}
	zoom := float32(w) / m.area.W
	if len(m.doc.Cards()) <= 400 {
		for _, a := range m.doc.Arrows() {
			p, q := a.Curve[0], a.Curve[3]
			stroke(m.buffer, float64((p.X-m.area.X)*zoom), float64((p.Y-m.area.Y)*zoom),
				float64((q.X-m.area.X)*zoom), float64((q.Y-m.area.Y)*zoom), 1, solid(m.looks.edge))
		}
	}
	f := farOff{doc: m.doc, run: m.run, looks: m.looks}
	for _, c := range m.doc.Cards() {
		r := editor.Rect{X: (c.Rect.X - m.area.X) * zoom, Y: (c.Rect.Y - m.area.Y) * zoom, W: max(c.Rect.W*zoom, 1), H: max(c.Rect.H*zoom, 1)}
		ink := f.cardInk(c)
		if len(m.doc.Problems(c.ID())) > 0 && !m.run.shown {
			ink = m.looks.states[Failed]
		}
		fill(m.buffer, r, solid(ink))
	}
	return m.buffer
}

// floating is the shadow of what lies above the flow.
func (c *looks) floating() paint.Shadow {
	return paint.Shadow{Color: c.shadow, BlurRadius: 10, Offset: fyne.NewPos(0, 3), Variant: paint.DropShadow}
}
