package start

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/app"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// exampleCard is an example to open with one tap.
type exampleCard struct {
	widget.BaseWidget
	panel   *widgets.Panel
	tapped  func()
	hovered bool
}

var (
	_ fyne.Tappable     = (*exampleCard)(nil)
	_ desktop.Hoverable = (*exampleCard)(nil)
)

func newExampleCard(e app.Example, tapped func()) *exampleCard {
	icon := canvas.NewImageFromResource(theme.IconTinted("example", theme.Accent))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(theme.Size(theme.IconSize)))
	title := container.NewBorder(nil, nil, icon, nil, widgets.NewCutText(e.Title, widgets.Strong))
	c := &exampleCard{tapped: tapped}
	c.panel = widgets.NewCard(container.NewBorder(title, nil, nil, nil, newLines(e.Summary, 4)))
	c.panel.PadX, c.panel.PadY = theme.WideGap, theme.WideGap
	c.ExtendBaseWidget(c)
	return c
}

// Tapped opens the example.
func (c *exampleCard) Tapped(*fyne.PointEvent) { c.tapped() }

// MouseIn lifts the card.
func (c *exampleCard) MouseIn(*desktop.MouseEvent) { c.hover(true) }

// MouseMoved does nothing.
func (c *exampleCard) MouseMoved(*desktop.MouseEvent) {}

// MouseOut sets it down.
func (c *exampleCard) MouseOut() { c.hover(false) }

// Cursor is a hand.
func (c *exampleCard) Cursor() desktop.Cursor { return desktop.PointerCursor }

func (c *exampleCard) hover(on bool) {
	c.hovered = on
	c.panel.Border = theme.CardBorder
	if on {
		c.panel.Border = theme.Accent
	}
	c.panel.Refresh()
}

// CreateRenderer shows the card.
func (c *exampleCard) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.panel) }

// newLines shows the beginning of a text in at most n lines.
func newLines(text string, n int) fyne.CanvasObject {
	const roomForALine = 32 // in characters, at the width of a card
	if most := n * roomForALine; len([]rune(text)) > most {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return widgets.NewProse(text, widgets.Caption)
}
