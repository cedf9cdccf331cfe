package history

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// pill is a word on a soft ground of a tint.
type pill struct {
	widget.BaseWidget
	text, tint string
}

func newPill() *pill {
	p := &pill{}
	p.ExtendBaseWidget(p)
	return p
}

func (p *pill) set(text, tint string) {
	p.text, p.tint = text, tint
	p.Refresh()
}

// CreateRenderer draws it.
func (p *pill) CreateRenderer() fyne.WidgetRenderer {
	r := &pillRenderer{pill: p, ground: canvas.NewRectangle(nil), word: widgets.NewText("", widgets.Strong)}
	r.Refresh()
	return r
}

type pillRenderer struct {
	pill   *pill
	ground *canvas.Rectangle
	word   *widgets.Text
}

func (r *pillRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.ground.CornerRadius = size.Height / 2
	word := r.word.MinSize()
	r.word.Resize(word)
	r.word.Move(fyne.NewPos((size.Width-word.Width)/2, (size.Height-word.Height)/2))
}

func (r *pillRenderer) MinSize() fyne.Size {
	return r.word.MinSize().AddWidthHeight(2*theme.Size(theme.WideGap)+theme.Size(theme.Gap), 2*theme.Size(theme.Gap))
}

func (r *pillRenderer) Refresh() {
	front, back := theme.TintNames(r.pill.tint)
	r.ground.FillColor = theme.Color(back)
	r.word.SetText(r.pill.text)
	r.word.SetLook(widgets.Strong.In(front))
	r.ground.Refresh()
	r.word.Refresh()
}

func (r *pillRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.ground, r.word} }

func (r *pillRenderer) Destroy() {}
