package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/ui/theme"
)

// NewHead is the line over a part: its name, a note behind it that is cut where there
// is no room, and what can be done at the right end.
func NewHead(name string, note *Text, actions ...fyne.CanvasObject) *fyne.Container {
	note.least = 0
	left := container.NewHBox(centred(NewText(name, Overline)), NewGap(theme.Gap))
	return container.NewBorder(nil, nil, left, container.NewHBox(actions...), note)
}

// NewLine is a hairline across.
func NewLine() *Panel {
	return NewPanel(NewGap(theme.Hairline)).On(theme.Separator)
}
