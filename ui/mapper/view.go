package mapper

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// view is one of the two looks at a Mapper. Both are made of the same parts.
type view struct {
	m       *Mapper
	editor  *widgets.Editor
	input   *input
	state   *state
	result  *result
	fields  *fields
	content fyne.CanvasObject
	parts   *fyne.Container // of the narrow one, below each other
	cover   *widgets.Cover  // of the large one
}

func newView(m *Mapper, actions ...fyne.CanvasObject) *view {
	v := &view{m: m}
	v.editor = widgets.NewCodeEditor("jq", m.changed)
	v.editor.Hint = ". | {…}"
	v.editor.Complete = m.complete
	v.input = newInput(v, actions...)
	v.state = newState(v)
	v.result = newResult(v)
	v.fields = newFields(v)
	return v
}

// How many lines the narrow view shows of each part.
const (
	leastCode, mostCode     = 4, 14
	leastInput, mostInput   = 3, 8
	leastResult, mostResult = 2, 10
	mostFields              = 8
)

// newNarrow stands in a panel that scrolls: each part is as high as it needs to be,
// within bounds.
func newNarrow(m *Mapper) *view {
	v := newView(m, widgets.NewSmallIconButton("expand", "Open large", m.Open))
	v.editor.MinLines, v.editor.MaxLines = leastCode, mostCode
	beyond := func(e *fyne.ScrollEvent) {
		if m.Beyond != nil {
			m.Beyond(e)
		}
	}
	v.editor.Beyond, v.input.json.Beyond, v.result.json.Beyond, v.fields.rows.Beyond = beyond, beyond, beyond, beyond
	v.parts = widgets.Spaced(theme.WideGap,
		v.input.head,
		v.input.box(&lines{rows: v.input.lines}),
		v.editor,
		v.state.content,
		v.result.head,
		v.result.box,
		v.fields.head,
		container.New(&lines{rows: v.fields.lines, height: theme.RowHeight}, v.fields.rows),
	)
	v.content = v.parts
	return v
}

// newLarge stands in front of the window: the record, the program and the result side
// by side.
func newLarge(m *Mapper) *view {
	v := newView(m)
	v.editor.Numbers, v.editor.Bare = true, true
	close := widgets.NewIconButton("cross", "Close (Esc)", m.Close)
	v.editor.OnEscape = m.Close
	title := container.NewHBox(container.NewCenter(widgets.NewTile("map", "violet")), widgets.NewGap(theme.Gap), container.NewVBox(
		widgets.NewText("Mapping", widgets.Caption), widgets.NewText(m.target.Title, widgets.Title)))
	head := widgets.NewPanel(container.NewBorder(nil, nil, title, container.NewCenter(close))).
		Padded(theme.FarGap, theme.WideGap).On("")
	side := func(top fyne.CanvasObject, below fyne.CanvasObject) fyne.CanvasObject {
		return widgets.NewPanel(container.NewBorder(top, nil, nil, nil, below)).Padded(theme.WideGap, theme.WideGap).On("")
	}
	left := side(v.input.head, v.input.box(layout.NewStackLayout()))
	middle := container.NewBorder(nil, widgets.NewPanel(v.state.content).Padded(theme.WideGap, theme.WideGap).On(""), nil, nil,
		widgets.NewPanel(v.editor).On(theme.Input))
	v.result.box = boxed(layout.NewStackLayout(), v.result.json)
	right := side(v.result.head, v.result.box)
	if len(m.target.wanted()) > 0 {
		right = widgets.NewStack(right, side(v.fields.head, v.fields.rows), widgets.Last, theme.Size(theme.SideWidth))
	}
	width := theme.Size(theme.PanelWidth)
	body := widgets.NewColumns(left, widgets.NewColumns(middle, right, widgets.Last, width), widgets.First, width)
	v.content = container.NewBorder(container.NewVBox(head, widgets.NewLine()), nil, nil, nil, body)
	return v
}

// show brings every part up to date.
func (v *view) show() {
	v.editor.SetText(v.m.text)
	v.input.show()
	v.state.show()
	v.result.show()
	v.fields.show()
	v.arrange()
}

// arrange gives every part the room that it needs now. The toolkit would, but forgets
// it where two parts change at once.
func (v *view) arrange() {
	if v.parts != nil {
		v.parts.Layout.Layout(v.parts.Objects, v.parts.Size())
	}
}

// insert writes a path at the caret.
func (v *view) insert(path string) {
	v.editor.Insert(path)
	widgets.Focus(v.editor)
}

// drop writes a path where it was let go: at a place of the program, or as the value
// of a field.
func (v *view) drop(path string, at fyne.Position) {
	if over(v.editor, at) {
		v.editor.SetCaretAt(at)
		v.insert(path)
		return
	}
	if name, ok := v.fields.at(at); ok {
		v.fill(name, path)
	}
}

// hover shows where a path that is being dragged would go.
func (v *view) hover(at fyne.Position) {
	if over(v.editor, at) {
		widgets.Focus(v.editor)
		v.editor.SetCaretAt(at)
	}
}

// fill adds a field to the object that the program gives.
func (v *view) fill(name, expression string) {
	v.editor.Replace(withKey(v.editor.Text(), name, expression))
}

// over says whether a place of the window is on o.
func over(o fyne.CanvasObject, at fyne.Position) bool {
	p := at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(o))
	return o.Visible() && p.X >= 0 && p.Y >= 0 && p.X < o.Size().Width && p.Y < o.Size().Height
}

// lines makes its one object as many rows high as it has, within bounds.
type lines struct {
	rows   func() int
	height fyne.ThemeSizeName // of a row; "" is theme.CodeRow
}

func (l *lines) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (l *lines) MinSize([]fyne.CanvasObject) fyne.Size {
	height := l.height
	if height == "" {
		height = theme.CodeRow
	}
	return fyne.NewSize(0, float32(l.rows())*theme.Size(height))
}

// boxed puts o on the ground that things to read lie on.
func boxed(l fyne.Layout, o fyne.CanvasObject) *widgets.Panel {
	p := widgets.NewPanel(container.New(l, o))
	p.Back, p.Border, p.Radius = theme.Input, theme.CardBorder, theme.Radius
	return p.Padded(theme.Gap, theme.Gap)
}
