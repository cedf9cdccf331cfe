package mapper

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// input shows the record that comes in, one of the samples. Its names can be used and
// dragged.
type input struct {
	v          *view
	json       *widgets.JSONView
	ground     *widgets.Panel // below it
	head       *fyne.Container
	place      *widgets.Text
	back, next *widgets.Button
	none       *fyne.Container
	ghost      *widgets.Panel
	shown      any
	any        bool
}

func newInput(v *view, more ...fyne.CanvasObject) *input {
	in := &input{v: v, json: widgets.NewJSONView(), place: widgets.NewText("", widgets.Caption)}
	in.json.OnUse = v.insert
	in.json.OnDrag = in.drag
	in.json.OnDrop = func(path string, at fyne.Position) {
		in.endDrag()
		v.drop(path, at)
	}
	in.back = widgets.NewSmallIconButton("chevron-left", "Record before", func() { v.m.ShowRecord(v.m.at - 1) })
	in.next = widgets.NewSmallIconButton("chevron-right", "Next record", func() { v.m.ShowRecord(v.m.at + 1) })
	in.head = widgets.NewHead("INPUT", in.place, append([]fyne.CanvasObject{in.back, in.next}, more...)...)
	get := widgets.NewButton(widgets.Second, "download", "Get records", func() {
		if v.m.OnSample != nil {
			v.m.OnSample()
		}
	})
	paste := widgets.NewButton(widgets.Ghost, "copy", "Paste JSON", in.paste)
	in.none = container.NewVBox(
		widgets.NewProse("No records to try it on yet: run the flow, or look at what comes before this step.", widgets.Muted),
		container.NewHBox(get, paste))
	return in
}

// box holds the record, or what to do where there is none.
func (in *input) box(l fyne.Layout) fyne.CanvasObject {
	in.ground = boxed(l, in.json)
	return container.NewStack(in.ground, in.none)
}

func (in *input) show() {
	m := in.v.m
	rec, ok := m.record()
	in.none.Hidden = ok
	in.ground.Hidden = !ok
	show(in.back, len(m.records) > 1)
	show(in.next, len(m.records) > 1)
	enable(in.back, m.at > 0)
	enable(in.next, m.at < len(m.records)-1)
	in.place.SetText(in.where())
	if !ok {
		in.any = false
		in.json.Clear()
		return
	}
	if !in.any || !same(in.shown, rec.Data) {
		in.any, in.shown = true, rec.Data
		in.json.SetValue(rec.Data)
	}
}

func (in *input) where() string {
	m := in.v.m
	switch n := len(m.records); n {
	case 0:
		return ""
	case 1:
		return m.from
	default:
		return fmt.Sprintf("%d of %s, from %s", m.at+1, widgets.Number(n), m.from)
	}
}

// lines is how many the narrow view gives it.
func (in *input) lines() int {
	return max(leastInput, min(len(in.json.Rows()), mostInput))
}

// paste takes what is on the clipboard for samples: the members of a list, or one
// record.
func (in *input) paste() {
	v, err := value.Decode([]byte(fyne.CurrentApp().Clipboard().Content()))
	if err != nil {
		widgets.LayerOf(in.json).Toast(widgets.Bad, "What is on the clipboard is not JSON: "+err.Error())
		return
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	records := make(flow.Batch, len(list))
	for i, data := range list {
		records[i] = flow.Record{ID: flow.Child("pasted", nil, i), Data: data}
	}
	in.v.m.SetSamples(records, "the clipboard")
}

// drag moves a ghost of the path with the pointer.
func (in *input) drag(path string, at fyne.Position) {
	layer := widgets.LayerOf(in.json)
	if in.ghost == nil {
		in.ghost = widgets.NewPanel(widgets.NewText(path, widgets.Code)).Float()
	}
	layer.Put(in.ghost, at.AddXY(theme.Size(theme.WideGap), theme.Size(theme.WideGap)), in.ghost.MinSize())
	in.v.hover(at)
}

func (in *input) endDrag() {
	if in.ghost != nil {
		widgets.LayerOf(in.json).Take(in.ghost)
		in.ghost = nil
	}
}

// same says whether two values are one and the same to look at.
func same(a, b any) bool { return value.Equal(a, b) }

func show(b *widgets.Button, on bool) {
	if b.Visible() != on {
		b.Hidden = !on
		b.Refresh()
	}
}

func enable(b *widgets.Button, on bool) {
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}
