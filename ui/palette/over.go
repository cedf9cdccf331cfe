package palette

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// over lays something over the whole window and tells when a person presses beside it,
// which the toolkit's pop-up keeps to itself.
type over struct {
	widget.BaseWidget
	panel  fyne.CanvasObject
	at     fyne.Position
	size   fyne.Size
	beside func()
	canvas fyne.Canvas
}

var (
	_ fyne.Tappable          = (*over)(nil)
	_ fyne.SecondaryTappable = (*over)(nil)
)

// showOver lays a panel near a place of the window, wholly inside it.
func showOver(c fyne.Canvas, panel fyne.CanvasObject, at fyne.Position, size fyne.Size, margin float32, beside func()) *over {
	room := c.Size()
	size = size.Min(room)
	o := &over{panel: panel, size: size, beside: beside, canvas: c}
	o.at = fyne.NewPos(max(0, min(at.X, room.Width-size.Width-margin)), max(0, min(at.Y, room.Height-size.Height-margin)))
	o.ExtendBaseWidget(o)
	c.Overlays().Add(o)
	o.Resize(room)
	return o
}

func (o *over) hide() { o.canvas.Overlays().Remove(o) }

// Tapped is a press beside the panel, or on what takes none in it.
func (o *over) Tapped(e *fyne.PointEvent) {
	in := e.Position.Subtract(o.at)
	if in.X < 0 || in.Y < 0 || in.X > o.size.Width || in.Y > o.size.Height {
		o.beside()
	}
}

// TappedSecondary is the same with the other button.
func (o *over) TappedSecondary(e *fyne.PointEvent) { o.Tapped(e) }

// CreateRenderer places the panel.
func (o *over) CreateRenderer() fyne.WidgetRenderer { return &overRenderer{o} }

type overRenderer struct{ o *over }

func (r *overRenderer) Layout(fyne.Size) {
	r.o.panel.Resize(r.o.size)
	r.o.panel.Move(r.o.at)
}

func (r *overRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *overRenderer) Refresh()                     { r.o.panel.Refresh() }
func (r *overRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.o.panel} }
func (r *overRenderer) Destroy()                     {}
