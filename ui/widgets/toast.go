package widgets

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/ui/theme"
)

// A toast stays for a while, longer where it offers something to do.
const (
	toastStay = 5 * time.Second
	offerStay = 10 * time.Second
)

// ToastKind is what a toast is about.
type ToastKind int

// The kinds of toast.
const (
	News ToastKind = iota
	Good
	Mixed // it went well, but not all of it
	Bad
)

func (k ToastKind) icon() (name string, colour fyne.ThemeColorName) {
	switch k {
	case Good:
		return "check", theme.Done
	case Mixed:
		return "warning", theme.Partial
	case Bad:
		return "warning", theme.Failed
	}
	return "info", theme.Accent
}

type toast struct {
	panel  *Panel
	cancel func()
}

// Toast tells something in passing, at the lower edge of the window.
func (l *Layer) Toast(kind ToastKind, text string) { l.Offer(kind, text, "", nil) }

// Offer is a toast with a button, like "Undo".
func (l *Layer) Offer(kind ToastKind, text, action string, do func()) {
	if l == nil {
		return
	}
	t := &toast{}
	close := func() { l.endToast(t) }
	icon, colour := kind.icon()
	row := container.NewHBox(centred(NewIcon(icon, colour, theme.IconSize)), centred(l.toastText(text)))
	if do != nil {
		row.Add(centred(NewButton(Second, "", action, func() { close(); do() })))
	}
	row.Add(centred(NewSmallIconButton("cross", "", close)))
	t.panel = NewPanel(row).Float()
	t.panel.Padded(theme.WideGap, theme.Inner)
	l.toasts = append(l.toasts, t)
	l.placeToasts()
	stay := toastStay
	if do != nil {
		stay = offerStay
	}
	t.cancel = l.later(stay, close)
}

// toastText wraps what is too long for one line.
func (l *Layer) toastText(text string) fyne.CanvasObject {
	line := NewText(oneLine(text), Plain)
	most := theme.Size(theme.ReadWidth)
	if line.MinSize().Width <= most {
		return line
	}
	prose := NewProse(text, Plain)
	prose.Resize(fyne.NewSize(most, 0))
	return container.NewGridWrap(fyne.NewSize(most, prose.MinSize().Height), prose)
}

// Toasts lists what is being told, oldest first.
func (l *Layer) Toasts() []string {
	var texts []string
	for _, t := range l.toasts {
		texts = append(texts, textIn(t.panel.Content))
	}
	return texts
}

// textIn is the first text below o.
func textIn(o fyne.CanvasObject) string {
	switch o := o.(type) {
	case *Text:
		return o.Text()
	case *Prose:
		return o.Text()
	case *fyne.Container:
		for _, child := range o.Objects {
			if text := textIn(child); text != "" {
				return text
			}
		}
	}
	return ""
}

func (l *Layer) endToast(t *toast) {
	i := slices.Index(l.toasts, t)
	if i < 0 {
		return
	}
	l.toasts = slices.Delete(l.toasts, i, i+1)
	if t.cancel != nil {
		t.cancel()
	}
	l.Take(t.panel)
	l.placeToasts()
}

// placeToasts stacks them upwards from the lower edge, the newest lowest.
func (l *Layer) placeToasts() {
	gap := theme.Size(theme.WideGap)
	y := l.Size().Height - theme.Size(theme.FarGap)
	for _, t := range slices.Backward(l.toasts) {
		size := t.panel.MinSize()
		y -= size.Height
		l.Put(t.panel, fyne.NewPos((l.Size().Width-size.Width)/2, y).Add(absolute(l)), size)
		y -= gap
	}
}
