package mapper

import (
	"slices"

	"fyne.io/fyne/v2"

	"jackfield/connectors/kit"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// fields is the list of what the operation takes, with what is mapped already. A press
// on one maps it; a path can be dropped on it.
type fields struct {
	v    *view
	rows *widgets.Rows
	head *fyne.Container
	note *widgets.Text
	auto *widgets.Button
	all  kit.Fields
}

func newFields(v *view) *fields {
	f := &fields{v: v, note: widgets.NewText("", widgets.Caption)}
	f.rows = widgets.NewRows(func() int { return len(f.all) }, f.draw)
	f.rows.OnOpen = f.use
	f.rows.OnPress = func(row int, _ float32) bool { f.use(row); return true }
	f.auto = widgets.NewButton(widgets.Ghost, "tidy", "Match names", f.match)
	f.auto.Small = true
	f.auto.Tip = "Map every field that the record has a member of the same name for"
	f.head = widgets.NewHead("FIELDS", f.note, f.auto)
	return f
}

// way is how a field gets its value.
type way int

const (
	unset  way = iota // by nothing
	mapped            // by the mapping
	fixed             // by the step's settings
)

func (f *fields) way(field kit.Field) way {
	m := f.v.m
	if slices.Contains(m.result.keys, field.Name) {
		return mapped
	}
	if len(m.result.values) == 1 && m.result.ran {
		if object, ok := m.result.values[0].(map[string]any); ok {
			if _, ok := object[field.Name]; ok {
				return mapped
			}
		}
	}
	if _, ok := m.target.With[field.Name]; ok || m.target.Given != nil && m.target.Given(field.Name) {
		return fixed
	}
	return unset
}

func (f *fields) show() {
	f.all = f.v.m.target.wanted()
	f.head.Hidden = len(f.all) == 0
	f.rows.Hidden = len(f.all) == 0
	n, needed := 0, 0
	for _, field := range f.all {
		switch w := f.way(field); {
		case w == mapped:
			n++
		case w == unset && field.Required:
			needed++
		}
	}
	note := widgets.Number(n) + " of " + widgets.Number(len(f.all)) + " mapped"
	if needed > 0 {
		note += ", " + widgets.Number(needed) + " needed"
	}
	f.note.SetText(note)
	enable(f.auto, len(f.matches()) > 0)
	f.rows.Refresh()
}

// lines is how many the narrow view gives it.
func (f *fields) lines() int { return min(len(f.all), mostFields) }

func (f *fields) draw(row int, pen *widgets.Pen) {
	field, gap := f.all[row], theme.Size(theme.WideGap)
	icon, colour, note := "add", theme.Muted, field.Label
	switch w := f.way(field); {
	case w == mapped:
		icon, colour = "check", theme.Done
	case w == fixed:
		icon, note = "settings", "set"
	case field.Required:
		icon, colour, note = "warning", theme.Partial, field.Label+", needed"
	}
	x := pen.Icon(gap, icon, colour, theme.SmallIconSize) + gap
	x = pen.Text(x, pen.Width-x-gap, field.Name, widgets.Code) + gap
	look := widgets.Caption
	look.Right = true
	if room := pen.Width - x - gap; room > 0 {
		pen.Text(x, room, note, look)
	}
}

// use maps a field, or goes to where it is mapped.
func (f *fields) use(row int) {
	field := f.all[row]
	if at, ok := keyAt(f.v.editor.Text(), field.Name); ok {
		f.v.editor.Select(at, at+len(field.Name))
		widgets.Focus(f.v.editor)
		return
	}
	path, ok := match(f.v.m.sample(), field.Name)
	if !ok {
		path = "."
	}
	f.v.fill(field.Name, path)
	widgets.Focus(f.v.editor)
}

// at is the name of the field at a place of the window.
func (f *fields) at(at fyne.Position) (string, bool) {
	if !over(f.rows, at) {
		return "", false
	}
	p := at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(f.rows))
	if row := f.rows.RowAt(p.Y); row >= 0 {
		return f.all[row].Name, true
	}
	return "", false
}

// pair is a field and where it would be filled from.
type pair struct{ name, path string }

// matches are the fields that nothing gives yet and that the sample has a member for.
func (f *fields) matches() (pairs []pair) {
	sample := f.v.m.sample()
	if sample == nil {
		return nil
	}
	for _, field := range f.all {
		if f.way(field) != unset {
			continue
		}
		if path, ok := match(sample, field.Name); ok {
			pairs = append(pairs, pair{field.Name, path})
		}
	}
	return pairs
}

// match maps all of them as one change.
func (f *fields) match() {
	text := f.v.editor.Text()
	for _, p := range f.matches() {
		text = withKey(text, p.name, p.path)
	}
	f.v.editor.Replace(text)
}
