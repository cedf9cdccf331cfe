package form

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/connectors/kit"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// notePart says what the settings do not show, with a button to copy it by.
type notePart struct {
	text    *widgets.Prose
	what    *widgets.Text
	line    *fyne.Container
	content *widgets.Panel
	now     kit.Note
}

func newNotePart() *notePart {
	n := &notePart{text: widgets.NewProse("", widgets.Caption), what: widgets.NewCutText("", widgets.Code)}
	take := widgets.NewSmallIconButton("copy", "Copy", func() {
		fyne.CurrentApp().Clipboard().SetContent(n.now.Copy)
		widgets.LayerOf(n.content).Toast(widgets.Good, "Copied")
	})
	n.line = container.NewBorder(nil, nil, nil, take, n.what)
	n.content = widgets.NewPanel(widgets.Spaced(theme.Gap, n.text, n.line)).Padded(theme.WideGap, theme.Inner).On(theme.AccentSoft)
	n.content.Radius = theme.Radius
	n.content.Hide()
	return n
}

func (n *notePart) show(note kit.Note) {
	if note == n.now {
		return
	}
	n.now = note
	n.text.SetText(note.Text)
	n.what.SetText(note.Copy)
	show(n.line, note.Copy != "")
	show(n.content, note.Text != "")
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
