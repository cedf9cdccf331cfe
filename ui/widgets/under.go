package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// Under sets a bar above what takes the rest of the room. The keyboard comes to the
// bar first, as the eye does; in a border of the toolkit it comes there last.
func Under(bar, rest fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewBorderLayout(bar, nil, nil, nil), bar, rest)
}
