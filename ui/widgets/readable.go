package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/ui/theme"
)

// NewReadable keeps content no wider than is good to read, at the left of its room.
func NewReadable(content fyne.CanvasObject) *fyne.Container {
	return container.New(&readable{}, content)
}

type readable struct{}

func (*readable) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(fyne.NewSize(min(size.Width, theme.Size(theme.ReadWidth)+2*theme.Size(theme.FarGap)), size.Height))
	}
}

func (*readable) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }
