package widgets

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow/value"
	"jackfield/ui/theme"
)

// JSONView shows a value as a tree that folds. Small values are open from the start.
type JSONView struct {
	widget.BaseWidget
	OnUse  func(path string)                   // a person wants the path, by double click, Enter or the menu
	OnDrag func(path string, at fyne.Position) // a row is drawn over the window
	OnDrop func(path string, at fyne.Position)
	Beyond func(*fyne.ScrollEvent)

	value any
	set   bool
	rows  []jsonRow
	fold  *fold
	list  *Rows
	hits  []string
	hit   int
}

// openUpTo is how many members may be seen without a person opening them.
const openUpTo = 60

// NewJSONView is one that shows nothing yet.
func NewJSONView() *JSONView {
	v := &JSONView{}
	v.list = NewRows(func() int { return len(v.rows) }, v.draw)
	v.list.Height = theme.CodeRow
	v.list.Width = v.width
	v.list.OnPress = v.press
	v.list.OnOpen = v.use
	v.list.OnKey = v.key
	v.list.OnMenu = v.menu
	v.list.OnCopy = v.copied
	v.list.OnDrag = func(row int, at fyne.Position) { v.drag(v.OnDrag, row, at) }
	v.list.OnDrop = func(row int, at fyne.Position) { v.drag(v.OnDrop, row, at) }
	v.list.Beyond = func(e *fyne.ScrollEvent) {
		if v.Beyond != nil {
			v.Beyond(e)
		}
	}
	v.ExtendBaseWidget(v)
	v.SetValue(nil)
	v.set = false
	v.rows = nil
	return v
}

func (v *JSONView) drag(to func(string, fyne.Position), row int, at fyne.Position) {
	if to != nil && row < len(v.rows) {
		to(v.rows[row].path, at)
	}
}

// Value is what it shows.
func (v *JSONView) Value() any { return v.value }

// SetValue shows a value. What a person folded or opened stays so, by path, so that
// one can step through records.
func (v *JSONView) SetValue(x any) {
	if v.fold == nil {
		v.fold = &fold{named: map[string]bool{}}
	}
	v.value, v.set, v.hits = x, true, nil
	small := count(x, openUpTo) < openUpTo
	v.fold.open = func(row jsonRow) bool { return small || row.depth == 0 && row.holds <= 10*openUpTo }
	v.flatten()
}

// Clear shows nothing.
func (v *JSONView) Clear() {
	v.value, v.set, v.rows = nil, false, nil
	v.list.Pick(-1)
	v.list.Refresh()
}

// count is how many members a value has, all in all, up to a limit.
func count(x any, most int) int {
	n := 0
	eachMember(jsonRow{value: x}, func(child jsonRow) bool {
		n += 1 + count(child.value, most-n)
		return n < most
	})
	return n
}

func (v *JSONView) flatten() {
	v.rows = flatten(v.value, v.fold)
	v.list.Refresh()
}

// Rows lists what is seen, a line each, as "path value".
func (v *JSONView) Rows() []string {
	lines := make([]string, len(v.rows))
	for i, row := range v.rows {
		lines[i] = row.path + " " + v.text(row)
	}
	return lines
}

// SetOpen opens or folds the list or object at a path.
func (v *JSONView) SetOpen(path string, open bool) {
	v.fold.named[path] = open
	v.flatten()
}

// OpenAll opens everything, FoldAll folds everything but the top.
func (v *JSONView) OpenAll() { v.foldAll(true) }

// FoldAll folds everything but the top.
func (v *JSONView) FoldAll() { v.foldAll(false) }

func (v *JSONView) foldAll(open bool) {
	v.fold.named = map[string]bool{}
	v.fold.open = func(row jsonRow) bool { return open || row.depth == 0 }
	v.flatten()
}

// Pick chooses the row of a path, if it is seen.
func (v *JSONView) Pick(path string) {
	v.list.Pick(slices.IndexFunc(v.rows, func(r jsonRow) bool { return r.path == path }))
}

// Picked is the path of the chosen row, "" for none.
func (v *JSONView) Picked() string {
	if i := v.list.Picked(); i >= 0 && i < len(v.rows) {
		return v.rows[i].path
	}
	return ""
}

// mostSearched is how many members a search looks at.
const mostSearched = 200_000

// Find opens what a text is found in and goes to the first place; it tells how many
// there are.
func (v *JSONView) Find(text string) int {
	v.hits, v.hit = nil, 0
	if text != "" {
		hits, around := found(v.value, text, mostSearched)
		v.hits = hits
		for path := range around {
			v.fold.named[path] = true
		}
	}
	v.flatten()
	v.goTo()
	return len(v.hits)
}

// FindNext goes on to the next place where the text was found, or back; it tells which
// one of how many that is, from 1.
func (v *JSONView) FindNext(by int) (at, of int) {
	if n := len(v.hits); n > 0 {
		v.hit = ((v.hit+by)%n + n) % n
		v.goTo()
		return v.hit + 1, n
	}
	return 0, 0
}

func (v *JSONView) goTo() {
	if len(v.hits) > 0 {
		v.Pick(v.hits[v.hit])
	}
}

// text is what stands behind the key.
func (v *JSONView) text(row jsonRow) string {
	if row.holds <= 0 || !v.fold.isOpen(row) {
		return Preview(row.value)
	}
	if _, list := row.value.([]any); list {
		return "[" + strconv.Itoa(row.holds) + "]"
	}
	return "{" + strconv.Itoa(row.holds) + "}"
}

// KindLook is the icon and the colour of a kind of value.
func KindLook(x any) (icon string, colour fyne.ThemeColorName) {
	switch x.(type) {
	case nil:
		return "null", theme.CodeKeyword
	case bool:
		return "boolean", theme.CodeKeyword
	case string:
		return "text", theme.CodeString
	case []any:
		return "array", theme.Muted
	case map[string]any:
		return "json", theme.Muted
	}
	return "number", theme.CodeNumber
}

func (v *JSONView) x(row jsonRow) float32 {
	return theme.Size(theme.Gap) + float32(row.depth)*theme.Size(theme.IndentSize)
}

func (v *JSONView) draw(i int, pen *Pen) {
	row := v.rows[i]
	gap, small := theme.Size(theme.Gap), theme.Size(theme.SmallIconSize)
	if len(v.hits) > 0 && !pen.Picked && slices.Contains(v.hits, row.path) {
		pen.Fill(0, pen.Full, theme.CodeMatch)
	}
	x := v.x(row)
	if row.holds > 0 {
		icon := "chevron-right"
		if v.fold.isOpen(row) {
			icon = "chevron-down"
		}
		pen.Icon(x, icon, theme.Muted, theme.SmallIconSize)
	}
	x += small + gap
	if row.depth > 0 {
		key := Code.In(theme.CodePath)
		if _, err := strconv.Atoi(row.key); err == nil {
			key = Code.In(theme.Muted)
		}
		x = pen.Text(x, 0, row.key, key)
		x = pen.Text(x, 0, ":", Code.In(theme.Muted)) + 2*gap
	}
	look := Code
	if _, look.Color = KindLook(row.value); row.holds >= 0 {
		look = Code.In(theme.Muted)
	}
	pen.Text(x, max(pen.Width-x-gap, small), v.text(row), look)
}

// width is that of the keys and a fair piece of the values.
func (v *JSONView) width() float32 {
	most := float32(0)
	if len(v.rows) > 5000 {
		return 0 // too many to measure
	}
	for _, row := range v.rows {
		w := v.x(row) + Code.measure(row.key).Width
		most = max(most, w)
	}
	return most + theme.Size(theme.ColumnWidth)
}

// press folds and opens at the chevron.
func (v *JSONView) press(i int, x float32) bool {
	row := v.rows[i]
	left := v.x(row)
	if row.holds <= 0 || x < left || x > left+theme.Size(theme.SmallIconSize)+theme.Size(theme.Gap) {
		return false
	}
	v.turn(i)
	return true
}

func (v *JSONView) turn(i int) {
	row := v.rows[i]
	v.fold.named[row.path] = !v.fold.isOpen(row)
	v.flatten()
}

// use is a double click or Enter: it opens what holds something where nobody wants
// the path.
func (v *JSONView) use(i int) {
	row := v.rows[i]
	switch {
	case v.OnUse != nil:
		v.OnUse(row.path)
	case row.holds > 0:
		v.turn(i)
	}
}

func (v *JSONView) key(e *fyne.KeyEvent) bool {
	i := v.list.Picked()
	if i < 0 || i >= len(v.rows) {
		return false
	}
	row := v.rows[i]
	open := row.holds > 0 && v.fold.isOpen(row)
	switch {
	case e.Name == fyne.KeyRight && row.holds > 0 && !open, e.Name == fyne.KeyLeft && open, e.Name == fyne.KeySpace && row.holds > 0:
		v.turn(i)
	case e.Name == fyne.KeyLeft:
		for i > 0 && v.rows[i].depth >= row.depth {
			i--
		}
		v.list.Pick(i)
	default:
		return false
	}
	return true
}

// copied is the chosen value; a text without its quotes.
func (v *JSONView) copied() string {
	i := v.list.Picked()
	if i < 0 || i >= len(v.rows) {
		return ""
	}
	return ValueText(v.rows[i].value)
}

// ValueText is a value as a person would paste it: a text without quotes, all else as
// indented JSON.
func ValueText(x any) string {
	if s, ok := x.(string); ok {
		return s
	}
	return string(value.Indent(nil, x))
}

func (v *JSONView) menu(i int, at fyne.Position) {
	c := canvasOf(v)
	if c == nil {
		return
	}
	row, clip := v.rows[i], fyne.CurrentApp().Clipboard()
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Copy value", func() { clip.SetContent(ValueText(row.value)) }),
		fyne.NewMenuItem("Copy path", func() { clip.SetContent(row.path) }),
	}
	if v.OnUse != nil {
		items = append([]*fyne.MenuItem{fyne.NewMenuItem("Insert "+row.path, func() { v.OnUse(row.path) }), fyne.NewMenuItemSeparator()}, items...)
	}
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Open all", v.OpenAll), fyne.NewMenuItem("Fold all", v.FoldAll))
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, at)
}

// CreateRenderer draws it.
func (v *JSONView) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(v.list) }
