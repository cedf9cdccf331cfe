package start

import (
	"fyne.io/fyne/v2"

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

// gridLayout sets cards side by side, as many as there is room for, with air between.
type gridLayout struct{}

func (*gridLayout) columns(width float32) int {
	return max(1, int((width+theme.Size(theme.WideGap))/(cardWidth+theme.Size(theme.WideGap))))
}

func (g *gridLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap, n := theme.Size(theme.WideGap), g.columns(size.Width)
	width := (size.Width - float32(n-1)*gap) / float32(n)
	for i, o := range objects {
		o.Resize(fyne.NewSize(width, cardHeight))
		o.Move(fyne.NewPos(float32(i%n)*(width+gap), float32(i/n)*(cardHeight+gap)))
	}
}

// MinSize counts two columns, which the page has at its least width.
func (*gridLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	rows := (len(objects) + 1) / 2
	return fyne.NewSize(cardWidth, float32(rows)*(cardHeight+theme.Size(theme.WideGap)))
}
