package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Option is one of the values of a Choice.
type Option struct {
	Value string
	Label string
}

// Choice is one of a few values, taken from a menu or with the arrow keys.
type Choice struct {
	widget.DisableableWidget
	Options   []Option
	Hint      string // what it shows while nothing is chosen
	OnChanged func(value string)

	value            string
	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*Choice)(nil)
	_ fyne.Focusable    = (*Choice)(nil)
	_ desktop.Hoverable = (*Choice)(nil)
)

// NewChoice is one of which nothing is chosen yet.
func NewChoice(options []Option, changed func(value string)) *Choice {
	c := &Choice{Options: options, OnChanged: changed}
	c.ExtendBaseWidget(c)
	return c
}

// Value is what is chosen.
func (c *Choice) Value() string { return c.value }

// SetValue chooses something. OnChanged is not told.
func (c *Choice) SetValue(value string) {
	if value != c.value {
		c.value = value
		c.Refresh()
	}
}

// SetOptions offers other values; what is chosen stays.
func (c *Choice) SetOptions(options []Option) {
	if !slices.Equal(options, c.Options) {
		c.Options = options
		c.Refresh()
	}
}

// Label is what it shows: a value that is not among the options stands for itself.
func (c *Choice) Label() string {
	for _, o := range c.Options {
		if o.Value == c.value {
			return o.label()
		}
	}
	return c.value
}

func (o Option) label() string {
	if o.Label == "" {
		return o.Value
	}
	return o.Label
}

// Tapped opens the menu.
func (c *Choice) Tapped(*fyne.PointEvent) {
	if c.Disabled() {
		return
	}
	Focus(c)
	window := canvasOf(c)
	if window == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, o := range c.Options {
		item := fyne.NewMenuItem(o.label(), func() { c.choose(o.Value) })
		item.Checked = o.Value == c.value
		items = append(items, item)
	}
	if len(items) == 0 {
		item := fyne.NewMenuItem("Nothing to choose from", func() {})
		item.Disabled = true
		items = append(items, item)
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), window)
	menu.Resize(fyne.NewSize(max(c.Size().Width, menu.MinSize().Width), menu.MinSize().Height))
	menu.ShowAtPosition(absolute(c).AddXY(0, c.Size().Height+theme.Size(theme.Hairline)))
}

// choose is a choice by a person.
func (c *Choice) choose(value string) {
	if value == c.value {
		return
	}
	c.SetValue(value)
	if c.OnChanged != nil {
		c.OnChanged(value)
	}
}

// TypedKey goes to the next option, or opens the menu.
func (c *Choice) TypedKey(e *fyne.KeyEvent) {
	if c.Disabled() || len(c.Options) == 0 {
		return
	}
	at := slices.IndexFunc(c.Options, func(o Option) bool { return o.Value == c.value })
	switch e.Name {
	case fyne.KeyDown:
		c.choose(c.Options[min(at+1, len(c.Options)-1)].Value)
	case fyne.KeyUp:
		c.choose(c.Options[max(at-1, 0)].Value)
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.Tapped(nil)
	}
}

// TypedRune does nothing.
func (c *Choice) TypedRune(rune) {}

// FocusGained shows that keys go to it.
func (c *Choice) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost hides that.
func (c *Choice) FocusLost() { c.focused = false; c.Refresh() }

// MouseIn lights it.
func (c *Choice) MouseIn(*desktop.MouseEvent) { c.hovered = true; c.Refresh() }

// MouseMoved changes nothing.
func (c *Choice) MouseMoved(*desktop.MouseEvent) {}

// MouseOut dims it.
func (c *Choice) MouseOut() { c.hovered = false; c.Refresh() }

// CreateRenderer draws it.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	r := &choiceRenderer{choice: c, ground: &canvas.Rectangle{}, pen: newPen()}
	r.Refresh()
	return r
}

type choiceRenderer struct {
	choice *Choice
	ground *canvas.Rectangle
	pen    *Pen
}

func (r *choiceRenderer) MinSize() fyne.Size {
	widest := float32(0)
	for _, o := range r.choice.Options {
		widest = max(widest, Plain.measure(o.label()).Width)
	}
	widest = min(widest, theme.Size(theme.ColumnWidth))
	return fyne.NewSize(widest+theme.Size(theme.SmallIconSize)+3*theme.Size(theme.WideGap), theme.Size(theme.ControlHeight))
}

func (r *choiceRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.draw(size)
}

func (r *choiceRenderer) draw(size fyne.Size) {
	c, pad, icon := r.choice, theme.Size(theme.WideGap), theme.Size(theme.SmallIconSize)
	r.pen.Width, r.pen.Height = size.Width, size.Height
	r.pen.begin()
	look, text := Plain, c.Label()
	if text == "" {
		look, text = Plain.In(theme.Placeholder), c.Hint
	}
	if c.Disabled() {
		look = Plain.In(theme.Disabled)
	}
	if room := size.Width - icon - 3*pad; room > 0 {
		r.pen.Text(pad, room, text, look)
	}
	r.pen.Icon(size.Width-pad-icon, "chevron-down", theme.Muted, theme.SmallIconSize)
	r.pen.end()
}

func (r *choiceRenderer) Refresh() {
	c := r.choice
	r.ground.FillColor = theme.Color(theme.Input)
	r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(theme.InputBorder), theme.Size(theme.Hairline)
	r.ground.CornerRadius = theme.Size(theme.Radius)
	switch {
	case c.focused:
		r.ground.StrokeColor = theme.Color(theme.Primary)
	case c.hovered && !c.Disabled():
		r.ground.StrokeColor = theme.Color(theme.Muted)
	}
	r.draw(c.Size())
	canvas.Refresh(c)
}

func (r *choiceRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.pen.box}
}

func (r *choiceRenderer) Destroy() {}
