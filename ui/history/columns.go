package history

import (
	"fyne.io/fyne/v2"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// column is a title and its share of a table's width.
type column struct {
	title string
	share float32
}

// newColumns is the line of titles above rows.
func newColumns(titles func() []column) fyne.CanvasObject {
	rows := widgets.NewRows(func() int { return 1 }, func(_ int, pen *widgets.Pen) {
		x := float32(0)
		for _, c := range titles() {
			pen.Text(x+theme.Size(theme.WideGap), c.share*pen.Width, c.title, widgets.Caption)
			x += c.share * pen.Width
		}
	})
	rows.Still = true
	return rows
}
