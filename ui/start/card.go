package start

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// exampleCard is an example to open with one tap, or with Enter.
type exampleCard struct {
	widget.BaseWidget
	panel            *widgets.Panel
	tapped           func()
	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*exampleCard)(nil)
	_ fyne.Focusable    = (*exampleCard)(nil)
	_ desktop.Hoverable = (*exampleCard)(nil)
)

func newExampleCard(e app.Example, tapped func()) *exampleCard {
	icon := widgets.NewIcon("example", theme.Accent, theme.IconSize)
	steps := widgets.NewText(widgets.Count(e.Steps, "step", "steps"), widgets.Caption)
	title := container.NewBorder(nil, nil, icon, steps, widgets.NewCutText(e.Title, widgets.Strong))
	c := &exampleCard{tapped: tapped}
	c.panel = widgets.NewCard(widgets.Under(container.NewVBox(title, widgets.NewGap(theme.Gap)), newExcerpt(e.Summary)))
	c.panel.PadX, c.panel.PadY = theme.WideGap, theme.WideGap
	c.ExtendBaseWidget(c)
	return c
}

// Tapped opens the example.
func (c *exampleCard) Tapped(*fyne.PointEvent) { c.tapped() }

// MouseIn lifts the card.
func (c *exampleCard) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.light() }

// MouseMoved does nothing.
func (c *exampleCard) MouseMoved(*desktop.MouseEvent) {}

// MouseOut sets it down.
func (c *exampleCard) MouseOut() { c.hovered = false; c.light() }

// FocusGained shows that keys go to it.
func (c *exampleCard) FocusGained() { c.focused = true; c.light() }

// FocusLost hides that.
func (c *exampleCard) FocusLost() { c.focused = false; c.light() }

// TypedRune does nothing.
func (c *exampleCard) TypedRune(rune) {}

// TypedKey opens the example on the space bar and on Enter.
func (c *exampleCard) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.tapped()
	}
}

// Cursor is a hand.
func (c *exampleCard) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (c *exampleCard) light() {
	c.panel.Border = theme.CardBorder
	if c.hovered || c.focused {
		c.panel.Border = theme.Accent
	}
	c.panel.Refresh()
}

// CreateRenderer shows the card.
func (c *exampleCard) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.panel) }

// excerpt is the beginning of a text, as many whole words of it as there is room for.
type excerpt struct {
	text  string
	prose *widgets.Prose
	room  fyne.Size // that it was cut for
}

func newExcerpt(text string) fyne.CanvasObject {
	e := &excerpt{text: strings.Join(strings.Fields(text), " "), prose: widgets.NewProse("", widgets.Caption)}
	return container.New(e, e.prose)
}

// Layout cuts the text anew for the room.
func (e *excerpt) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size != e.room {
		e.room = size
		e.prose.SetText(e.cut(size))
	}
	e.prose.Resize(size)
}

// MinSize asks for a line.
func (e *excerpt) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, measure("M").Height) }

// cut gives what fits, ended with "…" behind a word where something is left out.
func (e *excerpt) cut(room fyne.Size) string {
	most := int(room.Height / measure("M").Height)
	words := strings.Fields(e.text)
	for n := len(words); n > 0; n-- {
		text := strings.Join(words[:n], " ")
		if n < len(words) {
			text = strings.TrimRight(text, ".,;:") + "…"
		}
		if lines(text, room.Width) <= most {
			return text
		}
	}
	return ""
}

// lines counts the lines that a text takes at a width.
func lines(text string, width float32) int {
	n, line := 1, ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if measure(longer).Width > width && line != "" {
			n, longer = n+1, word
		}
		line = longer
	}
	return n
}

func measure(text string) fyne.Size {
	return fyne.MeasureText(text, theme.Size(theme.CaptionSize), fyne.TextStyle{})
}
