package canvas

import "fyne.io/fyne/v2"

// CreateRenderer draws the canvas.
func (c *Canvas) CreateRenderer() fyne.WidgetRenderer { return &renderer{c} }

type renderer struct{ c *Canvas }

// Layout fits what is drawn to the size of the widget.
func (r *renderer) Layout(size fyne.Size) {
	r.c.stage.back.Resize(size)
	if cv := fyne.CurrentApp().Driver().CanvasForObject(r.c); cv != nil && cv.Scale() > 0 {
		r.c.scale = cv.Scale()
	}
	r.c.draw()
}

// MinSize is the least that tools and a few steps need.
func (r *renderer) MinSize() fyne.Size { return fyne.NewSize(320, 200) }

// Refresh draws what changed. The toolkit calls it when the theme changes; otherwise
// whoever changed the document calls it, who needs not be told by OnChange and OnSelect.
func (r *renderer) Refresh() {
	if next := newLooks(); r.c.stage.looks == nil || !next.same(r.c.stage.looks) {
		r.c.takeTheme()
	}
	r.c.told = told{r.c.doc.Mark(), r.c.doc.SelectionRevision()}
	r.c.sync()
}

func (r *renderer) Objects() []fyne.CanvasObject { return r.c.stage.objects() }

// Destroy ends what moves by itself.
func (r *renderer) Destroy() {
	r.c.stopTicker()
	r.c.stopGlide()
}
