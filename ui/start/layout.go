package start

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// pageLayout keeps the page readable in a wide window: in the middle, no wider than
// pageWidth.
type pageLayout struct{}

func (*pageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	pad := 2 * theme.Size(theme.FarGap)
	width := min(size.Width-2*pad, pageWidth)
	for _, o := range objects {
		o.Resize(fyne.NewSize(width, size.Height-2*pad))
		o.Move(fyne.NewPos((size.Width-width)/2, pad))
	}
}

func (*pageLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 320) }

// columnsLayout sets two columns side by side, the first a little narrower.
type columnsLayout struct{}

func (*columnsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	between := 2 * theme.Size(theme.FarGap)
	left := (size.Width - between) * 0.5
	widths := []float32{left, size.Width - between - left}
	x := float32(0)
	for i, o := range objects {
		o.Resize(fyne.NewSize(widths[i], size.Height))
		o.Move(fyne.NewPos(x, 0))
		x += widths[i] + between
	}
}

func (*columnsLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// spacer keeps a distance of the theme.
type spacer struct {
	widget.BaseWidget
	size fyne.ThemeSizeName
}

// MinSize is the distance.
func (s *spacer) MinSize() fyne.Size {
	d := theme.Size(s.size)
	return fyne.NewSize(d, d)
}

// CreateRenderer draws nothing.
func (s *spacer) CreateRenderer() fyne.WidgetRenderer { return &nothing{s} }

type nothing struct{ s *spacer }

func (n *nothing) Layout(fyne.Size)             {}
func (n *nothing) MinSize() fyne.Size           { return n.s.MinSize() }
func (n *nothing) Refresh()                     {}
func (n *nothing) Objects() []fyne.CanvasObject { return nil }
func (n *nothing) Destroy()                     {}
