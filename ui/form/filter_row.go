package form

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/flow/filter"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// filterRow is one condition: a field, an operator and what it is compared with.
type filterRow struct {
	of     *filterControl
	node   *node
	field  *entry // nil where the condition has none
	op     *widgets.Choice
	values []*entry // one, two of between, or one of a list
	line   *fyne.Container
	wrong  *widgets.Prose
	box    *fyne.Container
}

func newFilterRow(of *filterControl, in, n *node) *filterRow {
	r := &filterRow{of: of, node: n, wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed)), line: container.New(&filterLayout{})}
	r.wrong.Hide()
	remove := widgets.NewSmallIconButton("cross", "Remove", func() { of.remove(in, n) })
	r.box = container.NewVBox(container.NewBorder(nil, nil, nil, container.New(&besideFirst{}, remove), r.line), r.wrong)
	if n.other != nil {
		r.line.Layout = nil
		r.line.Add(widgets.NewCutText(filter.Print(filter.Filter{Where: n.expr()}), widgets.Code))
		return r
	}
	r.field = newEntry("field", func(s string) {
		n.field = strings.TrimSpace(s)
		of.changed()
	})
	r.field.Complete = func(src string, caret int) []widgets.Suggestion {
		return of.suggest(src, 0, len(src), false)
	}
	r.field.OnFocus = func(on bool) {
		r.field.focused = on
		if on {
			of.learn(r.offer)
			r.offer()
		}
	}
	r.op = widgets.NewChoice(nil, func(op string) {
		n.setOp(op)
		r.build()
		of.changed()
	})
	r.build()
	return r
}

// offer lists the fields while the row has none.
func (r *filterRow) offer() {
	if r.field.focused && r.node.field == "" {
		r.field.Offer()
	}
}

// The operators of a row, and what people call them.
var (
	rowOperators = []string{"=", "!=", ">", ">=", "<", "<=", "contains", "not contains", "between", "in", "not in", isEmpty, hasValue}
	operatorName = map[string]string{"!=": "≠", ">=": "≥", "<=": "≤", "in": "is one of", "not in": "is none of", "not contains": "has no", "not " + isTrue: "does not hold"}
)

// build makes the controls that the operator needs.
func (r *filterRow) build() {
	var options []widgets.Option
	names := rowOperators
	if now := r.node.opName(); !isAmong(now, names) {
		names = append([]string{now}, names...)
	}
	for _, name := range names {
		label := operatorName[name]
		if label == "" {
			label = name
		}
		options = append(options, widgets.Option{Value: name, Label: label})
	}
	r.op.SetOptions(options)
	r.op.SetValue(r.node.opName())
	r.values = nil
	count := len(r.node.values)
	if r.node.op == string(filter.In) {
		count = 1
	}
	r.line.Objects = []fyne.CanvasObject{r.field.Editor, r.op}
	for i := range count {
		hint := "value"
		switch {
		case r.node.op == string(filter.In):
			hint = "a, b, c"
		case r.node.op == string(filter.Between):
			hint = []string{"from", "to"}[i]
		}
		e := newEntry(hint, func(s string) { r.typed(i, s) })
		r.values = append(r.values, e)
		r.line.Add(e.Editor)
	}
	r.fill()
	r.line.Refresh()
}

// fill shows field and values, where nobody is typing.
func (r *filterRow) fill() {
	if r.field == nil {
		return
	}
	r.field.fill(r.node.field)
	kind := r.of.kind(r.node.field)
	if r.node.op == string(filter.In) {
		r.values[0].fill(showValues(r.node.values, kind))
		return
	}
	for i, e := range r.values {
		e.fill(showValue(r.node.values[i], kind))
	}
}

// typed takes what was typed for a value.
func (r *filterRow) typed(i int, s string) {
	kind := r.of.kind(r.node.field)
	if r.node.op == string(filter.In) {
		r.node.values = readValues(s, kind)
		for i, v := range r.node.values {
			r.node.values[i] = r.node.fit(v)
		}
	} else {
		r.node.values[i] = r.node.fit(readValue(s, kind))
	}
	r.of.changed()
}

func (r *filterRow) editing() bool {
	if r.field == nil {
		return false
	}
	for _, e := range r.values {
		if e.focused {
			return true
		}
	}
	return r.field.focused
}

// check says below the row what is wrong with it, given what is known of the fields, and
// whether it said something else before.
func (r *filterRow) check(types flow.Schema) (changed bool) {
	if r.field == nil {
		return false
	}
	said, aboutField := "", false
	for _, p := range (filter.Filter{Where: r.node.expr()}).Check(types) {
		said, aboutField = sayProblem(p), p.Code == filter.UnknownField
		break
	}
	unset := len(r.values) > 0 && strings.TrimSpace(r.values[0].Text()) == "" && !r.values[0].focused
	if unset && !aboutField && said != "" {
		said = "" // it has only been begun
	}
	r.field.SetWrong(aboutField)
	for _, e := range r.values {
		e.SetWrong(said != "" && !aboutField)
	}
	if said == r.wrong.Text() {
		return false
	}
	r.wrong.SetText(said)
	show(r.wrong, said != "")
	r.box.Refresh()
	return true
}

// filterLayout puts field, operator and value beside each other: the operator as wide as
// it needs, the others sharing the rest. Two values go into a second line, as does one
// where the first has no room for it.
type filterLayout struct{}

// leastField is the width below which nobody can read what stands in a field.
const leastField = 60

func (*filterLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Size(theme.Gap)
	height := objects[0].MinSize().Height
	op := opWidth(objects[1])
	put := func(o fyne.CanvasObject, x, y, width float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(width, height))
	}
	switch len(objects) {
	case 3:
		part := max((size.Width-op-2*gap)/2, 0)
		put(objects[0], 0, 0, part)
		put(objects[1], part+gap, 0, op)
		put(objects[2], part+op+2*gap, 0, part)
	default:
		put(objects[0], 0, 0, max(size.Width-op-gap, 0))
		put(objects[1], max(size.Width-op, 0), 0, op)
		if len(objects) == 4 {
			part := (size.Width - gap) / 2
			put(objects[2], 0, height+gap, part)
			put(objects[3], part+gap, height+gap, part)
		}
	}
}

func (*filterLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := objects[0].MinSize().Height
	if len(objects) == 4 {
		height = 2*height + theme.Size(theme.Gap)
	}
	return fyne.NewSize(opWidth(objects[1])+2*leastField, height)
}

// besideFirst puts a button beside the first line of a row.
type besideFirst struct{}

func (*besideFirst) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	least := objects[0].MinSize()
	line := min(theme.Size(theme.ControlHeight), size.Height)
	objects[0].Resize(least)
	objects[0].Move(fyne.NewPos((size.Width-least.Width)/2, (line-least.Height)/2))
}

func (*besideFirst) MinSize(objects []fyne.CanvasObject) fyne.Size {
	least := objects[0].MinSize()
	return fyne.NewSize(least.Width, min(least.Height, theme.Size(theme.ControlHeight)))
}

// opWidth is the room for the operator that is chosen, not for the longest there is.
func opWidth(o fyne.CanvasObject) float32 {
	label := o.(*widgets.Choice).Label()
	text := fyne.MeasureText(label, theme.Size(theme.TextSize), fyne.TextStyle{}).Width
	return text + theme.Size(theme.SmallIconSize) + 3*theme.Size(theme.WideGap)
}
