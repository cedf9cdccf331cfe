package canvas

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	paint "fyne.io/fyne/v2/canvas"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// farOff shows the flow from far off as one picture, somewhat larger than the view.
type farOff struct {
	raster *paint.Raster
	doc    *editor.Document
	run    *run
	looks  *looks
	area   editor.Rect
	buffer *image.RGBA
	cards  []*editor.Card
	edges  []*editor.Arrow
}

// mostPixels is how large the picture may be; a larger one is painted with half as
// many pixels each way and stretched.
const mostPixels = 4_000_000

func (f *farOff) prepare() {
	f.raster = paint.NewRaster(f.paint)
	f.raster.ScaleMode = paint.ImageScaleFastest
	f.raster.Hide()
}

func (f *farOff) hide() {
	if f.raster.Visible() {
		f.raster.Hide()
		f.buffer, f.cards, f.edges = nil, nil, nil
	}
}

func (c *Canvas) drawFar() {
	s := &c.stage
	f := &s.farOff
	f.doc, f.run, f.looks, f.area = c.doc, &c.run, s.looks, s.area
	f.raster.Show()
	f.raster.Move(fyne.NewPos(s.clip.X, s.clip.Y))
	f.raster.Resize(fyne.NewSize(s.clip.W, s.clip.H))
	f.raster.Refresh()
}

func (f *farOff) paint(w, h int) image.Image {
	if w*h > mostPixels {
		w, h = w/2, h/2
	}
	if f.buffer == nil || f.buffer.Rect.Dx() != w || f.buffer.Rect.Dy() != h {
		f.buffer = image.NewRGBA(image.Rect(0, 0, w, h))
	} else {
		clear(f.buffer.Pix)
	}
	if f.doc == nil || f.area.Empty() || w == 0 || h == 0 {
		return f.buffer
	}
	zoom := float32(w) / f.area.W
	f.paintEdges(zoom)
	f.paintCards(zoom)
	return f.buffer
}

func (f *farOff) paintEdges(zoom float32) {
	f.edges = f.doc.ArrowsIn(f.area, f.edges[:0])
	width := min(max(2*float64(zoom)*4, 0.7), 1.4)
	for _, a := range f.edges {
		ink := f.looks.edge
		switch {
		case f.doc.HasEdge(a.ID()):
			ink = f.looks.active
		case a.Failed():
			ink = f.looks.failedEdge
		}
		c := a.Curve
		for i, p := range c {
			c[i] = flow.Point{X: (p.X - f.area.X) * zoom, Y: (p.Y - f.area.Y) * zoom}
		}
		strokeCurve(f.buffer, c, width, solid(ink))
	}
}

func (f *farOff) paintCards(zoom float32) {
	f.cards = f.doc.CardsIn(f.area, f.cards[:0])
	for _, c := range f.cards {
		r := editor.Rect{X: (c.Rect.X - f.area.X) * zoom, Y: (c.Rect.Y - f.area.Y) * zoom, W: c.Rect.W * zoom, H: c.Rect.H * zoom}
		if f.doc.Has(c.ID()) {
			fill(f.buffer, r.Grown(2), solid(f.looks.active))
		}
		fill(f.buffer, r, solid(f.cardInk(c)))
	}
}

// cardInk is the colour of a card from far off: that of its kind, or of what went
// wrong.
func (f *farOff) cardInk(c *editor.Card) color.Color {
	ink := f.looks.tint(c.Tint).far
	if f.run.shown {
		switch s := f.run.status(c.ID()).State; s {
		case Idle:
			return f.looks.dim(ink, dimShare)
		case Failed, Partial, Running, Waiting:
			return f.looks.states[s]
		}
	}
	if c.Step.Off {
		return f.looks.dim(ink, offShare)
	}
	return ink
}

func solid(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }
