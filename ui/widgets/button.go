package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// ButtonKind is the weight of a button.
type ButtonKind int

// The kinds, from loud to quiet.
const (
	Primary ButtonKind = iota // the one thing to do here
	Second                    // one of several
	Ghost                     // shows its ground only below the pointer
	Danger                    // takes something away
)

// Button is words, an icon or both that do something. Its tip says what, which a
// button without words needs.
type Button struct {
	widget.DisableableWidget
	tipper
	Text     string
	Icon     string // the name of an icon
	Tip      string
	Kind     ButtonKind
	Small    bool // as high as a row
	On       bool // a Ghost that stands for something that is on
	OnTapped func()
	OnEscape func() // Escape, while the keys go to it

	hovered, focused bool
}

var (
	_ fyne.Tappable     = (*Button)(nil)
	_ fyne.Focusable    = (*Button)(nil)
	_ fyne.Disableable  = (*Button)(nil)
	_ desktop.Hoverable = (*Button)(nil)
)

// NewButton is a button with words, and with an icon where that is not "".
func NewButton(kind ButtonKind, icon, text string, tapped func()) *Button {
	b := &Button{Kind: kind, Icon: icon, Text: text, OnTapped: tapped}
	b.ExtendBaseWidget(b)
	return b
}

// NewIconButton is a quiet button without words.
func NewIconButton(icon, tip string, tapped func()) *Button {
	b := NewButton(Ghost, icon, "", tapped)
	b.Tip = tip
	return b
}

// NewSmallIconButton is one that fits into a row.
func NewSmallIconButton(icon, tip string, tapped func()) *Button {
	b := NewIconButton(icon, tip, tapped)
	b.Small = true
	return b
}

// SetText changes the words.
func (b *Button) SetText(text string) {
	if text != b.Text {
		b.Text = text
		b.Refresh()
	}
}

// SetIcon changes the icon.
func (b *Button) SetIcon(icon string) {
	if icon != b.Icon {
		b.Icon = icon
		b.Refresh()
	}
}

// SetOn says whether what it stands for is on.
func (b *Button) SetOn(on bool) {
	if on != b.On {
		b.On = on
		b.Refresh()
	}
}

// Tapped does it.
func (b *Button) Tapped(*fyne.PointEvent) {
	b.out(b)
	if !b.Disabled() && b.OnTapped != nil {
		b.OnTapped()
	}
}

// MouseIn lights it and shows its tip after a while.
func (b *Button) MouseIn(*desktop.MouseEvent) {
	b.hovered = true
	b.in(b, b.Tip)
	b.Refresh()
}

// MouseMoved changes nothing.
func (b *Button) MouseMoved(*desktop.MouseEvent) {}

// MouseOut dims it.
func (b *Button) MouseOut() {
	b.hovered = false
	b.out(b)
	b.Refresh()
}

// FocusGained shows that keys go to it.
func (b *Button) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost hides that.
func (b *Button) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune does nothing.
func (b *Button) TypedRune(rune) {}

// TypedKey does it on the space bar and on Enter.
func (b *Button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeyEscape:
		if b.OnEscape != nil {
			b.OnEscape()
		}
	}
}

// colours are those of its ground and of what stands on it; a ground of "" is none.
func (b *Button) colours() (ground, front fyne.ThemeColorName) {
	switch {
	case b.Disabled() && (b.Kind == Ghost):
		return "", theme.Disabled
	case b.Disabled():
		return theme.Quiet, theme.Disabled
	case b.Kind == Primary:
		return theme.AccentFill, theme.OnAccent
	case b.Kind == Danger:
		return theme.Quiet, theme.Failed
	case b.Kind == Ghost && b.On:
		return theme.AccentSoft, theme.Accent
	case b.Kind == Ghost && b.hovered:
		return "", theme.Foreground
	case b.Kind == Ghost && b.Text == "":
		return "", theme.Muted
	case b.Kind == Ghost:
		return "", theme.Foreground
	}
	return theme.Quiet, theme.Foreground
}

func (b *Button) look() Look { return Look{Bold: b.Kind == Primary} }

// CreateRenderer draws it.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{
		button: b, ground: &canvas.Rectangle{}, light: &canvas.Rectangle{},
		icon: &canvas.Image{FillMode: canvas.ImageFillContain}, text: canvas.NewText("", nil),
	}
	r.apply()
	return r
}

type buttonRenderer struct {
	button        *Button
	ground, light *canvas.Rectangle
	icon          *canvas.Image
	text          *canvas.Text
}

func (r *buttonRenderer) measures() (icon, gap, pad, height float32) {
	b := r.button
	height, pad = theme.Size(theme.ControlHeight), theme.Size(theme.WideGap)
	if b.Small {
		height = theme.Size(theme.RowHeight) - theme.Size(theme.Gap)
		pad = theme.Size(theme.Inner)
	}
	if b.Icon != "" {
		icon = theme.Size(theme.IconSize)
		if b.Small {
			icon = theme.Size(theme.SmallIconSize)
		}
	}
	if b.Icon != "" && b.Text != "" {
		gap = theme.Size(theme.Inner)
	}
	if b.Text != "" && !b.Small {
		pad += theme.Size(theme.Gap)
	}
	return icon, gap, pad, height
}

func (r *buttonRenderer) MinSize() fyne.Size {
	icon, gap, pad, height := r.measures()
	if r.button.Text == "" {
		return fyne.NewSize(height, height)
	}
	return fyne.NewSize(icon+gap+2*pad+r.button.look().measure(r.button.Text).Width, height)
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	icon, gap, _, _ := r.measures()
	r.ground.Resize(size)
	r.light.Resize(size)
	words := r.button.look().measure(r.button.Text)
	if r.button.Text == "" {
		words.Width = 0
	}
	x := (size.Width - icon - gap - words.Width) / 2
	r.icon.Move(fyne.NewPos(x, (size.Height-icon)/2))
	r.icon.Resize(fyne.NewSize(icon, icon))
	r.text.Move(fyne.NewPos(x+icon+gap, (size.Height-words.Height)/2))
	r.text.Resize(words)
}

func (r *buttonRenderer) apply() {
	b := r.button
	ground, front := b.colours()
	radius := theme.Size(theme.Radius)
	r.ground.CornerRadius, r.light.CornerRadius = radius, radius
	r.ground.FillColor = nil
	if ground != "" {
		r.ground.FillColor = theme.Color(ground)
	}
	r.ground.StrokeWidth = 0
	if b.focused {
		r.ground.StrokeColor, r.ground.StrokeWidth = theme.Color(theme.Primary), theme.Size(theme.Line)
	}
	r.light.FillColor = nil
	if b.hovered && !b.Disabled() {
		r.light.FillColor = theme.Color(theme.Hover)
	}
	b.look().In(front).apply(r.text, b.Text)
	r.icon.Hidden = b.Icon == ""
	if b.Icon == "" {
		return
	}
	if res := theme.IconTinted(b.Icon, front); r.icon.Resource == nil || r.icon.Resource.Name() != res.Name() {
		r.icon.Resource = res
		r.icon.Refresh()
	}
}

func (r *buttonRenderer) Refresh() {
	r.apply()
	r.Layout(r.button.Size())
	canvas.Refresh(r.button)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.light, r.icon, r.text}
}

func (r *buttonRenderer) Destroy() {}
