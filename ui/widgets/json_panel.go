package widgets

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// JSONPanel is a JSONView below a line to search it, open and fold it, and copy it.
type JSONPanel struct {
	widget.BaseWidget
	View *JSONView

	search  *SearchField
	counter *Text
	content fyne.CanvasObject
}

// NewJSONPanel is one that shows nothing yet.
func NewJSONPanel() *JSONPanel {
	p := &JSONPanel{View: NewJSONView(), counter: NewText("", Caption)}
	p.search = NewSearchField("Search", p.find)
	p.search.OnDown = func() { p.next(1) }
	p.search.OnUp = func() { p.next(-1) }
	p.search.OnSubmit = func() { p.next(1) }
	tools := container.NewHBox(centred(p.counter),
		NewSmallIconButton("expand", "Open all", func() { p.View.OpenAll() }),
		NewSmallIconButton("shrink", "Fold all", func() { p.View.FoldAll() }),
		NewSmallIconButton("copy", "Copy as JSON", p.copy))
	head := NewPanel(container.NewBorder(nil, nil, nil, tools, p.search)).Padded(theme.Gap, theme.Gap)
	p.content = container.NewBorder(head.On(""), nil, nil, nil, p.View)
	p.ExtendBaseWidget(p)
	return p
}

// SetValue shows a value.
func (p *JSONPanel) SetValue(v any) {
	p.View.SetValue(v)
	if text := p.search.Text(); text != "" {
		p.find(text)
	}
}

func (p *JSONPanel) find(text string) {
	n := p.View.Find(text)
	p.tell(min(1, n), n, text)
}

func (p *JSONPanel) next(by int) {
	at, of := p.View.FindNext(by)
	p.tell(at, of, p.search.Text())
}

func (p *JSONPanel) tell(at, of int, text string) {
	switch {
	case text == "":
		p.counter.SetText("")
	case of == 0:
		p.counter.SetText("not found")
	default:
		p.counter.SetText(fmt.Sprintf("%d of %d", at, of))
	}
}

func (p *JSONPanel) copy() {
	fyne.CurrentApp().Clipboard().SetContent(ValueText(p.View.Value()))
	LayerOf(p).Toast(Good, "Copied")
}

// CreateRenderer draws it.
func (p *JSONPanel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(p.content)
}
