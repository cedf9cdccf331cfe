package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Text is one line. It follows the theme; where its room is too small it ends
// in "…".
type Text struct {
	widget.BaseWidget
	text  string
	look  Look
	least float32 // the width that it asks for; below zero for all of it
}

// NewText is a line that asks for all the room it needs.
func NewText(text string, look Look) *Text {
	t := &Text{text: text, look: look, least: -1}
	t.ExtendBaseWidget(t)
	return t
}

// NewCutText is a line that makes do with any width.
func NewCutText(text string, look Look) *Text {
	t := &Text{text: text, look: look}
	t.ExtendBaseWidget(t)
	return t
}

// Text is what it says, uncut.
func (t *Text) Text() string { return t.text }

// SetText says something else.
func (t *Text) SetText(text string) {
	if text != t.text {
		t.text = text
		t.Refresh()
	}
}

// SetLook says it in another look.
func (t *Text) SetLook(look Look) {
	if look != t.look {
		t.look = look
		t.Refresh()
	}
}

// CreateRenderer draws it.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{text: t, line: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type textRenderer struct {
	text *Text
	line *canvas.Text
}

func (r *textRenderer) Layout(size fyne.Size) {
	r.text.look.apply(r.line, r.text.look.cut(r.text.text, size.Width))
	r.line.Resize(size)
}

func (r *textRenderer) MinSize() fyne.Size {
	size := r.text.look.measure(r.text.text)
	if size.Height == 0 {
		size.Height = r.text.look.measure("M").Height
	}
	if r.text.least >= 0 {
		size.Width = r.text.least
	}
	return size
}

func (r *textRenderer) Refresh() {
	r.Layout(r.text.Size())
	canvas.Refresh(r.text)
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }
func (r *textRenderer) Destroy()                     {}
