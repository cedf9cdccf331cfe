package uitest

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// Screen is a window without a display. It is looked at through the texts that are
// seen on it, and handled by them, as a person would.
type Screen struct {
	t   testing.TB
	Win fyne.Window
}

// Show puts content into a window of a size.
func Show(t testing.TB, theme fyne.Theme, content fyne.CanvasObject, size fyne.Size) *Screen {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme)
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(size)
	return Of(t, w)
}

// Of looks at a window that is there already.
func Of(t testing.TB, w fyne.Window) *Screen { return &Screen{t, w} }

// seen is an object with those that it lies in, the outermost first, and its place.
type seen struct {
	fyne.CanvasObject
	in []fyne.CanvasObject
	at fyne.Position
}

// walk visits what is visible, what floats over the rest first.
func (s *Screen) walk(visit func(seen) bool) {
	c := s.Win.Canvas()
	roots := slices.Clone(c.Overlays().List())
	slices.Reverse(roots)
	var down func(o seen) bool
	down = func(o seen) bool {
		if o.CanvasObject == nil || !o.Visible() {
			return true
		}
		o.at = o.at.Add(o.Position())
		if !visit(o) {
			return false
		}
		var children []fyne.CanvasObject
		switch x := o.CanvasObject.(type) {
		case *fyne.Container:
			children = x.Objects
		case fyne.Widget:
			children = test.WidgetRenderer(x).Objects()
		}
		in := append(slices.Clip(slices.Clone(o.in)), o.CanvasObject)
		for _, child := range children {
			if !down(seen{child, in, o.at}) {
				return false
			}
		}
		return true
	}
	for _, root := range append(roots, c.Content()) {
		if !down(seen{CanvasObject: root}) {
			return
		}
	}
}

// Texts lists what can be read, from the top of what floats to the end of the page.
func (s *Screen) Texts() []string {
	var all []string
	s.walk(func(o seen) bool {
		if t, ok := o.CanvasObject.(*canvas.Text); ok && strings.TrimSpace(t.Text) != "" {
			all = append(all, t.Text)
		}
		return true
	})
	return all
}

// Has says whether a text is seen, alone or within another.
func (s *Screen) Has(text string) bool {
	return strings.Contains(strings.Join(s.Texts(), "\n"), text)
}

// Want fails the test for each text that is not seen.
func (s *Screen) Want(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !s.Has(text) {
			s.t.Errorf("%q is not seen among %q", text, s.Texts())
		}
	}
}

// WantNot fails the test for each text that is seen.
func (s *Screen) WantNot(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if s.Has(text) {
			s.t.Errorf("%q is seen among %q", text, s.Texts())
		}
	}
}

func (s *Screen) find(text string) (found seen, ok bool) {
	s.walk(func(o seen) bool {
		if t, is := o.CanvasObject.(*canvas.Text); is && t.Text == text {
			found, ok = o, true
		}
		return !ok
	})
	return found, ok
}

// Click presses what shows a text.
func (s *Screen) Click(text string) { s.press(text, desktop.MouseButtonPrimary) }

// Menu presses the other button on what shows a text.
func (s *Screen) Menu(text string) { s.press(text, desktop.MouseButtonSecondary) }

func (s *Screen) press(text string, button desktop.MouseButton) {
	s.t.Helper()
	o, ok := s.find(text)
	if !ok {
		s.t.Fatalf("%q is not seen among %q", text, s.Texts())
	}
	middle := o.at.AddXY(min(o.Size().Width, o.MinSize().Width)/2, o.Size().Height/2)
	for _, around := range slices.Backward(o.in) {
		at := middle.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(around))
		point := fyne.PointEvent{AbsolutePosition: middle, Position: at}
		switch x := around.(type) {
		case desktop.Mouseable:
			x.MouseDown(&desktop.MouseEvent{PointEvent: point, Button: button})
			x.MouseUp(&desktop.MouseEvent{PointEvent: point, Button: button})
			return
		case fyne.Tappable:
			x.Tapped(&point)
			return
		}
	}
	s.t.Fatalf("%q cannot be pressed", text)
}

// FocusBelow gives the keyboard to the first field behind a label.
func (s *Screen) FocusBelow(label string) fyne.Focusable {
	s.t.Helper()
	var field fyne.Focusable
	past := false
	s.walk(func(o seen) bool {
		if t, is := o.CanvasObject.(*canvas.Text); is && t.Text == label {
			past = true
		}
		if f, is := o.CanvasObject.(fyne.Focusable); is && past {
			field = f
		}
		return field == nil
	})
	if field == nil {
		s.t.Fatalf("there is no field below %q among %q", label, s.Texts())
	}
	s.Win.Canvas().Focus(field)
	return field
}

// Type replaces what stands in the field behind a label.
func (s *Screen) Type(label, text string) {
	s.t.Helper()
	field := s.FocusBelow(label)
	if all, ok := field.(fyne.Shortcutable); ok {
		all.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
	if text == "" {
		field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	}
	for _, r := range text {
		field.TypedRune(r)
	}
}

// Key types a key into what has the keyboard.
func (s *Screen) Key(names ...fyne.KeyName) {
	s.t.Helper()
	for _, name := range names {
		focused := s.Win.Canvas().Focused()
		if focused == nil {
			if typed := s.Win.Canvas().OnTypedKey(); typed != nil {
				typed(&fyne.KeyEvent{Name: name})
			}
			continue
		}
		focused.TypedKey(&fyne.KeyEvent{Name: name})
	}
}

// Leave takes the keyboard from all.
func (s *Screen) Leave() { s.Win.Canvas().Unfocus() }
