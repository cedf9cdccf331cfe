package storage

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/ui/theme"
)

// meter is a bar: how much of what history may take is taken, or of the disk where it
// may take all.
type meter struct {
	widget.BaseWidget
	share, free float32
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

func (m *meter) set(u app.Usage) {
	whole := u.Quota
	if whole <= 0 {
		whole = u.Total + u.Disk
	}
	m.share, m.free = 0, 0
	if whole > 0 {
		m.share = min(1, float32(float64(u.Total)/float64(whole)))
		m.free = min(m.share, float32(float64(u.Free)/float64(whole)))
	}
	m.Refresh()
}

// nearlyFull is the share from which the meter warns.
const nearlyFull = 0.9

// CreateRenderer draws the bar.
func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{meter: m, whole: &canvas.Rectangle{}, taken: &canvas.Rectangle{}, free: &canvas.Rectangle{}}
	r.Refresh()
	return r
}

type meterRenderer struct {
	meter              *meter
	whole, taken, free *canvas.Rectangle
}

func (r *meterRenderer) Layout(size fyne.Size) {
	r.whole.Resize(size)
	width := max(size.Width*r.meter.share, min(size.Height, size.Width))
	r.taken.Resize(fyne.NewSize(width, size.Height))
	free := size.Width * r.meter.free
	r.free.Resize(fyne.NewSize(free, size.Height))
	r.free.Move(fyne.NewPos(width-free, 0))
}

func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(0, theme.Size(theme.WideGap)) }

func (r *meterRenderer) Refresh() {
	ink := theme.Done
	if r.meter.share >= nearlyFull {
		ink = theme.Partial
	}
	r.whole.FillColor, r.taken.FillColor = theme.Color(theme.CardBorder), theme.Color(ink)
	r.free.FillColor = theme.Mix(theme.Color(theme.CardBorder), theme.Color(ink), 0.4)
	for _, o := range r.Objects() {
		o.(*canvas.Rectangle).CornerRadius = theme.Size(theme.WideGap) / 2
	}
	r.Layout(r.meter.Size())
	canvas.Refresh(r.meter)
}

func (r *meterRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.whole, r.taken, r.free}
}
func (r *meterRenderer) Destroy() {}
