package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// SearchField is a line to search with. Escape empties it, and leaves it where it
// is empty.
type SearchField struct {
	widget.BaseWidget
	OnDown   func() // the arrow down: to what was found
	OnUp     func()
	OnSubmit func() // Enter
	OnEscape func() // Escape in an empty field

	changed func(text string)
	editor  *Editor
	clear   *Button
	ground  *Panel
}

// NewSearchField is an empty one that says what can be searched for.
func NewSearchField(hint string, changed func(text string)) *SearchField {
	s := &SearchField{changed: changed}
	s.editor = NewTextField(hint, func(string) { s.tell() })
	s.editor.Bare = true
	s.editor.OnKey = s.key
	s.editor.OnSubmit = func() { call(s.OnSubmit) }
	s.editor.OnFocus = func(on bool) {
		s.ground.Border = theme.InputBorder
		if on {
			s.ground.Border = theme.Primary
		}
		s.ground.Refresh()
	}
	s.clear = NewSmallIconButton("cross", "", func() {
		s.SetText("")
		s.Focus()
	})
	s.clear.Hide()
	icon := container.NewHBox(NewGap(theme.Gap), NewIcon("search", theme.Muted, theme.SmallIconSize))
	s.ground = NewPanel(container.NewBorder(nil, nil, icon, centred(s.clear), s.editor))
	s.ground.Back, s.ground.Border, s.ground.Radius = theme.Input, theme.InputBorder, theme.Radius
	s.ExtendBaseWidget(s)
	return s
}

// Text is what is searched for.
func (s *SearchField) Text() string { return s.editor.Text() }

// SetText searches for something else.
func (s *SearchField) SetText(text string) {
	if text != s.Text() {
		s.editor.SetText(text)
		s.tell()
	}
}

// Focus gives it the keyboard and chooses what stands in it.
func (s *SearchField) Focus() {
	Focus(s.editor)
	s.editor.Select(0, len(s.Text()))
}

// FocusIn gives it the keyboard of a window that has not drawn it yet.
func (s *SearchField) FocusIn(c fyne.Canvas) { c.Focus(s.editor) }

func (s *SearchField) tell() {
	if s.clear.Visible() != (s.Text() != "") {
		s.clear.Hidden = s.Text() == ""
		s.ground.Refresh()
	}
	if s.changed != nil {
		s.changed(s.Text())
	}
}

// key knows Escape and the arrows.
func (s *SearchField) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyEscape:
		if s.Text() == "" {
			return call(s.OnEscape)
		}
		s.SetText("")
		return true
	case fyne.KeyDown:
		return call(s.OnDown)
	case fyne.KeyUp:
		return call(s.OnUp)
	}
	return false
}

// call calls f, where there is one.
func call(f func()) bool {
	if f != nil {
		f()
	}
	return f != nil
}

// CreateRenderer draws it.
func (s *SearchField) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.ground) }
