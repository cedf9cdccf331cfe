package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"jackfield/ui/theme"
)

// NewEmptyState fills a place where there is nothing yet: what it is, and what to do
// next.
func NewEmptyState(icon, title, text string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	middle := func(o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewHBox(layout.NewSpacer(), o, layout.NewSpacer())
	}
	column := container.NewVBox(
		middle(NewIcon(icon, theme.Muted, theme.LargeIconSize)),
		middle(NewText(title, Title)),
	)
	if text != "" {
		column.Add(container.New(&narrow{theme.ReadWidth}, NewCentredProse(text, Muted)))
	}
	if len(actions) > 0 {
		column.Add(NewGap(theme.WideGap))
		column.Add(middle(container.NewHBox(actions...)))
	}
	return container.NewVBox(layout.NewSpacer(), column, layout.NewSpacer())
}

// narrow keeps its one object in the middle and no wider than a size of the theme.
type narrow struct{ most fyne.ThemeSizeName }

func (n *narrow) width(room float32) float32 { return min(room, theme.Size(n.most)) }

func (n *narrow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		width := n.width(size.Width)
		o.Resize(fyne.NewSize(width, size.Height))
		o.Move(fyne.NewPos((size.Width-width)/2, 0))
	}
}

func (n *narrow) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}
