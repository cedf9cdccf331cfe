package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// SearchField is a line to search with. Escape empties it, and leaves it where it
// is empty.
type SearchField struct {
	widget.Entry
	OnDown   func() // the arrow down: to what was found
	OnUp     func()
	OnEscape func() // Escape in an empty field
	clear    *Button
}

// NewSearchField is an empty one that says what can be searched for.
func NewSearchField(hint string, changed func(text string)) *SearchField {
	s := &SearchField{}
	s.ExtendBaseWidget(s)
	s.PlaceHolder = hint
	s.Icon = theme.IconTinted("search", theme.Muted)
	s.clear = NewSmallIconButton("cross", "", func() {
		s.SetText("")
		Focus(s)
	})
	s.clear.Hide()
	s.ActionItem = s.clear
	s.OnChanged = func(text string) {
		s.clear.Hidden = text == ""
		s.clear.Refresh()
		if changed != nil {
			changed(text)
		}
	}
	return s
}

// TypedKey knows Escape and the arrows.
func (s *SearchField) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && s.Text != "":
		s.SetText("")
	case e.Name == fyne.KeyEscape && s.OnEscape != nil:
		s.OnEscape()
	case e.Name == fyne.KeyDown && s.OnDown != nil:
		s.OnDown()
	case e.Name == fyne.KeyUp && s.OnUp != nil:
		s.OnUp()
	default:
		s.Entry.TypedKey(e)
	}
}
