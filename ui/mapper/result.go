package mapper

import (
	"fyne.io/fyne/v2"

	"jackfield/ui/widgets"
)

// result shows what the record became. While the program is wrong the last result
// stays, and says so.
type result struct {
	v     *view
	json  *widgets.JSONView
	box   *widgets.Panel // around it
	head  *fyne.Container
	note  *widgets.Text
	shown any
	any   bool
}

func newResult(v *view) *result {
	r := &result{v: v, json: widgets.NewJSONView(), note: widgets.NewText("", widgets.Caption)}
	copy := widgets.NewSmallIconButton("copy", "Copy the result", func() {
		if r.any {
			fyne.CurrentApp().Clipboard().SetContent(widgets.ValueText(r.shown))
			widgets.LayerOf(r.json).Toast(widgets.Good, "Copied")
		}
	})
	r.head = widgets.NewHead("RESULT", r.note, copy)
	r.box = boxed(&lines{rows: r.lines}, r.json)
	r.box.Hide()
	return r
}

func (r *result) show() {
	o := r.v.m.result
	if len(r.v.m.records) == 0 && r.any {
		r.any = false
		r.json.Clear()
	}
	defer func() {
		r.box.Hidden = !r.any
		r.head.Hidden = !r.any && r.note.Text() == ""
	}()
	if o.stale {
		return
	}
	if !o.ran || o.failure != nil || o.stopped || o.syntax != nil {
		r.note.SetText(map[bool]string{true: "as it was before", false: ""}[r.any])
		return
	}
	r.note.SetText("")
	switch n := len(o.values); n {
	case 0:
		r.any = false
		r.json.Clear()
		r.note.SetText("nothing")
	case 1:
		r.set(o.values[0])
	default:
		r.note.SetText(widgets.Count(n, "value", "values"))
		r.set(o.values)
	}
}

func (r *result) set(v any) {
	if !r.any || !same(v, r.shown) {
		r.any, r.shown = true, v
		r.json.SetValue(v)
	}
}

// lines is how many the narrow view gives it.
func (r *result) lines() int {
	return max(leastResult, min(len(r.json.Rows()), mostResult))
}
