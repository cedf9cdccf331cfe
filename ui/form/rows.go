package form

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Rows is a form of fields. Those that do not matter, given the others, are hidden;
// the advanced ones wait below a line that unfolds them.
type Rows struct {
	widget.BaseWidget
	OnSet func(field string, value any) // nil is the default

	fields   kit.Fields
	defaults kit.Fields
	unfit    flow.Values // settings that their fields do not take
	ask      Asker
	rows     []*row
	content  *fyne.Container
}

// row is one field in the form.
type row struct {
	field   kit.Field
	control control
	box     *fyne.Container
	wrong   *widgets.Prose
	said    string
}

// NewRows is a form of fields that are bound to the values to show; defaults are the
// same fields of a fresh operation.
func NewRows(fields, defaults kit.Fields, ask Asker) *Rows {
	return newRows(fields, defaults, ask, nil, nil)
}

// newRows folds the given fields away: the step's connection fills them, and what is
// set here wins over it. unfit is shown as it was set, though the fields do not take it.
func newRows(fields, defaults kit.Fields, ask Asker, given []string, unfit flow.Values) *Rows {
	r := &Rows{fields: fields, defaults: defaults, unfit: unfit, ask: ask, content: container.NewVBox()}
	more, from := container.NewVBox(), container.NewVBox()
	for _, f := range fields {
		f.Required = f.Required && !slices.Contains(given, f.Name)
		one := r.newRow(f)
		r.rows = append(r.rows, one)
		switch {
		case slices.Contains(given, f.Name):
			from.Add(one.box)
		case f.Advanced:
			more.Add(one.box)
		default:
			r.content.Add(one.box)
		}
	}
	if len(more.Objects) > 0 {
		r.content.Add(widgets.NewSection("More settings", r.anySet(), more))
	}
	if len(from.Objects) > 0 {
		r.content.Add(widgets.NewSection("Instead of the connection's", false, from))
	}
	r.ExtendBaseWidget(r)
	r.refreshShown()
	return r
}

// anySet says whether an advanced field has another value than its default.
func (r *Rows) anySet() bool {
	for _, f := range r.fields {
		if d, ok := r.defaults.Field(f.Name); f.Advanced && ok && !same(f.Get(), d.Get()) {
			return true
		}
	}
	return false
}

func (r *Rows) newRow(f kit.Field) *row {
	one := &row{field: f, wrong: widgets.NewProse("", widgets.Caption.In(theme.Failed))}
	var object fyne.CanvasObject
	one.control, object = newControl(f, r.ask, func(v any) { r.set(one, v) })
	one.control.show(r.value(f))
	one.wrong.Hide()
	one.box = container.NewVBox()
	if f.Kind != kit.ToggleField {
		one.box.Add(label(f))
	}
	one.box.Add(object)
	if f.Hint != "" {
		one.box.Add(widgets.NewProse(f.Hint, widgets.Caption))
	}
	one.box.Add(one.wrong)
	one.box.Add(widgets.NewGap(theme.Gap))
	return one
}

// label is a field's name, with a mark where it is needed.
func label(f kit.Field) fyne.CanvasObject {
	text := widgets.NewText(f.Label, widgets.Muted)
	if !f.Required {
		return text
	}
	return container.NewHBox(text, widgets.NewText("needed", widgets.Caption.In(theme.Accent)))
}

// set binds what a person set, so that the other fields know, and reports it.
func (r *Rows) set(one *row, v any) {
	// A value that does not fit stays what it was here; the check of the flow says so.
	_ = one.field.Set(v)
	if d, ok := r.defaults.Field(one.field.Name); ok && same(v, d.Get()) {
		v = nil
	}
	r.refreshShown()
	if r.OnSet != nil {
		r.OnSet(one.field.Name, v)
	}
}

// same compares a setting with a default; nothing and emptiness are the same.
func same(a, b any) bool { return value.Equal(plain(a), plain(b)) }

func plain(v any) any {
	switch v := v.(type) {
	case kit.Secret:
		return v.Reveal()
	case string:
		if v == "" {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	case map[string]any:
		if len(v) == 0 {
			return nil
		}
	}
	return v
}

// refreshShown hides the fields that do not matter.
func (r *Rows) refreshShown() {
	for _, one := range r.rows {
		show(one.box, one.field.Matters())
	}
	r.content.Refresh()
}

// value is what a field is set to, whether it takes that or not.
func (r *Rows) value(f kit.Field) any {
	if v, wrong := r.unfit[f.Name]; wrong {
		return v
	}
	return f.Get()
}

// update shows values that were set elsewhere, like by an undo. fields are bound to
// them, and have the same names in the same order.
func (r *Rows) update(fields kit.Fields, unfit flow.Values) {
	r.fields, r.unfit = fields, unfit
	for i, one := range r.rows {
		if i < len(fields) && fields[i].Name == one.field.Name {
			one.field = fields[i]
			one.control.show(r.value(fields[i]))
		}
	}
	r.refreshShown()
}

// SetProblems says below each field what is wrong with it.
func (r *Rows) SetProblems(all []flow.Problem) {
	for _, one := range r.rows {
		text := ""
		for i, p := range problemsOf(all, one.field.Name) {
			if i > 0 {
				text += "\n"
			}
			text += sayProblem(p)
		}
		if text == one.said {
			continue
		}
		one.said = text
		one.wrong.SetText(text)
		show(one.wrong, text != "")
	}
}

// sayProblem leaves out where: it stands right there.
func sayProblem(p flow.Problem) string {
	text := p.What
	if p.Fix != "" {
		text += "; " + p.Fix
	}
	return text
}

// CreateRenderer shows the form.
func (r *Rows) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }
