package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Cover is something in front of the whole window, until it is closed: a question, or
// a large editor. What is behind it is dimmed and out of reach of the pointer.
type Cover struct {
	widget.BaseWidget
	OnClosed func()

	layer   *Layer
	content fyne.CanvasObject
	fills   bool // it takes all the room there is, but for a margin
	dim     *canvas.Rectangle
}

var (
	_ fyne.Tappable     = (*Cover)(nil)
	_ fyne.Focusable    = (*Cover)(nil)
	_ fyne.Scrollable   = (*Cover)(nil)
	_ desktop.Hoverable = (*Cover)(nil)
)

// Cover shows content in front of the window, as large as it asks to be, or as large
// as there is room.
func (l *Layer) Cover(content fyne.CanvasObject, fills bool) *Cover {
	card := NewCard(content)
	card.Shadow, card.Back, card.Border = true, theme.Overlay, theme.RaisedEdge
	if fills {
		card.PadX, card.PadY = "", ""
	}
	c := &Cover{layer: l, content: card, fills: fills, dim: &canvas.Rectangle{}}
	c.ExtendBaseWidget(c)
	if l != nil {
		l.HideTip()
		l.objects = append(l.objects, c)
		l.Refresh()
		c.Focus(c)
	}
	return c
}

// Focus gives the keyboard to something in it. The function Focus would not find the
// window of what was never drawn.
func (c *Cover) Focus(o fyne.Focusable) {
	if window := canvasOf(c.layer); window != nil {
		window.Focus(o)
	}
}

// Close takes it away.
func (c *Cover) Close() {
	if c.layer.Has(c) {
		c.layer.Take(c)
		call(c.OnClosed)
	}
}

// Covered is what stands uppermost in front of the window, nil for nothing.
func (l *Layer) Covered() *Cover {
	if l == nil {
		return nil
	}
	for i := len(l.objects) - 1; i >= 0; i-- {
		if c, ok := l.objects[i].(*Cover); ok {
			return c
		}
	}
	return nil
}

// Ask puts a question in front of the window: a title, what it means, and a button
// that does it beside one that does not.
func (l *Layer) Ask(title, text string, kind ButtonKind, action string, do func()) *Cover {
	var c *Cover
	yes := NewButton(kind, "", action, func() { c.Close(); do() })
	no := NewButton(Second, "", "Cancel", func() { c.Close() })
	prose := NewProse(text, Muted)
	width := theme.Size(theme.FloatWidth)
	prose.Resize(fyne.NewSize(width, 0))
	c = l.Cover(Spaced(theme.FarGap,
		Spaced(theme.WideGap, NewText(title, Title), container.NewGridWrap(fyne.NewSize(width, prose.MinSize().Height), prose)),
		container.NewHBox(layout.NewSpacer(), no, yes),
	), false)
	c.Focus(yes)
	return c
}

// Tapped keeps clicks from what is behind, and the keyboard in front.
func (c *Cover) Tapped(*fyne.PointEvent) { c.Focus(c) }

// Scrolled keeps the wheel from what is behind.
func (c *Cover) Scrolled(*fyne.ScrollEvent) {}

// MouseIn keeps the pointer from what is behind.
func (c *Cover) MouseIn(*desktop.MouseEvent) {}

// MouseMoved does too.
func (c *Cover) MouseMoved(*desktop.MouseEvent) {}

// MouseOut does nothing.
func (c *Cover) MouseOut() {}

// FocusGained shows nothing.
func (c *Cover) FocusGained() {}

// FocusLost shows nothing.
func (c *Cover) FocusLost() {}

// TypedRune does nothing.
func (c *Cover) TypedRune(rune) {}

// TypedKey closes it on Escape.
func (c *Cover) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		c.Close()
	}
}

// CreateRenderer draws it.
func (c *Cover) CreateRenderer() fyne.WidgetRenderer {
	r := &coverRenderer{c}
	r.Refresh()
	return r
}

type coverRenderer struct{ cover *Cover }

func (r *coverRenderer) MinSize() fyne.Size { return r.cover.content.MinSize() }

func (r *coverRenderer) Layout(size fyne.Size) {
	c := r.cover
	c.dim.Resize(size)
	inner := c.content.MinSize().Min(size)
	if c.fills {
		margin := 2 * theme.Size(theme.FarGap)
		inner = size.SubtractWidthHeight(2*margin, 2*margin)
	}
	c.content.Resize(inner)
	c.content.Move(fyne.NewPos((size.Width-inner.Width)/2, (size.Height-inner.Height)/2))
}

func (r *coverRenderer) Refresh() {
	r.cover.dim.FillColor = theme.Color(theme.Dim)
	r.cover.content.Refresh()
	r.Layout(r.cover.Size())
	canvas.Refresh(r.cover)
}

func (r *coverRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.cover.dim, r.cover.content}
}

func (r *coverRenderer) Destroy() {}
