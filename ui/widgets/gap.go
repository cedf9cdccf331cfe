package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Gap is empty room of one of the theme's sizes, both ways.
type Gap struct {
	widget.BaseWidget
	size fyne.ThemeSizeName
}

// NewGap is empty room.
func NewGap(size fyne.ThemeSizeName) *Gap {
	g := &Gap{size: size}
	g.ExtendBaseWidget(g)
	return g
}

// MinSize is its size.
func (g *Gap) MinSize() fyne.Size { return fyne.NewSquareSize(theme.Size(g.size)) }

// CreateRenderer draws nothing.
func (g *Gap) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(nil))
}

// Spaced stacks objects with a gap of the theme between them.
func Spaced(size fyne.ThemeSizeName, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&spaced{size}, objects...)
}

type spaced struct{ size fyne.ThemeSizeName }

func (s *spaced) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y, gap := float32(0), theme.Size(s.size)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		height := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		if wrapped := o.MinSize().Height; wrapped != height { // prose knows its height when it knows its width
			height = wrapped
			o.Resize(fyne.NewSize(size.Width, height))
		}
		y += height + gap
	}
}

func (s *spaced) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	gap := theme.Size(s.size)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		if size.Height > 0 {
			size.Height += gap
		}
		size = fyne.NewSize(max(size.Width, least.Width), size.Height+least.Height)
	}
	return size
}
