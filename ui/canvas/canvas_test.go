package canvas

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// The operations that the tests draw with.

type plain struct{ path string }

func (p *plain) Fields() kit.Fields { return kit.Fields{kit.File(&p.path, "path", "File")} }

func newPlain() kit.Operation { return &plain{} }

var testOps = kit.Set{
	{ID: "core", Title: "Core", Icon: "flow", Tint: "violet", Ops: []kit.Op{
		{ID: "manual", Title: "By hand", Icon: "manual", Trigger: true, New: newPlain},
		{ID: "map", Title: "Map", Icon: "map", Tint: "green", New: newPlain},
		{ID: "filter", Title: "Filter", Icon: "filter", Tint: "amber", Outlets: []flow.Outlet{"true", "false"}, New: newPlain},
	}},
	{ID: "csv", Title: "CSV", Icon: "csv", Tint: "teal", Ops: []kit.Op{{ID: "read", Title: "Read", New: newPlain}}},
}

// row is steps a, b, c … in a row from 100, 100 on, 280 apart, without edges.
func row(ids ...flow.StepID) flow.Flow {
	f := flow.Flow{Name: "test"}
	for i, id := range ids {
		f.Steps = append(f.Steps, flow.Step{ID: id, Uses: "core.map", At: flow.Point{X: 100 + float32(i)*280, Y: 100}})
	}
	return f
}

// chain is a row in which each step leads to the next.
func chain(ids ...flow.StepID) flow.Flow {
	f := row(ids...)
	for i := 1; i < len(ids); i++ {
		f.Edges = append(f.Edges, flow.Edge{From: ids[i-1], To: ids[i]})
	}
	return f
}

func large(n int) flow.Flow {
	var f flow.Flow
	uses := []flow.OpID{"csv.read", "core.map", "core.filter"}
	for i := range n {
		line, column := i/40, i%40
		id := flow.StepID(fmt.Sprintf("s%d", i))
		f.Steps = append(f.Steps, flow.Step{
			ID: id, Title: fmt.Sprintf("Step number %d", i), Uses: uses[i%3],
			At: flow.Point{X: float32(column) * 280, Y: float32(line) * 120},
		})
		if column > 0 {
			f.Edges = append(f.Edges, flow.Edge{From: f.Steps[i-1].ID, Outlet: map[flow.OpID]flow.Outlet{"core.filter": "true"}[f.Steps[i-1].Uses], To: id})
		}
	}
	return f
}

// hand works the canvas as the toolkit would for a person.
type hand struct {
	t    testing.TB
	c    *Canvas
	d    *editor.Document
	w    fyne.Window
	mods fyne.KeyModifier
	time time.Time
	said []string
	asks []Place
}

const viewW, viewH = 1000, 700

func work(t testing.TB, f flow.Flow) *hand {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(true))
	h := &hand{t: t, d: editor.New(f, testOps), time: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)}
	h.c = New(h.d)
	h.c.mods = func() fyne.KeyModifier { return h.mods }
	h.c.now = func() time.Time { return h.time }
	h.c.OnNotice = func(words string) { h.said = append(h.said, words) }
	h.c.OnAdd = func(p Place) { h.asks = append(h.asks, p) }
	h.w = test.NewTempWindow(t, h.c)
	h.w.SetPadded(false)
	h.w.Resize(fyne.NewSize(viewW, viewH))
	h.d.SetView(editor.View{Zoom: 1, W: viewW, H: viewH})
	h.c.Refresh()
	return h
}

func (h *hand) event(x, y float32, button desktop.MouseButton) *desktop.MouseEvent {
	p := fyne.NewPos(x, y)
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: p, AbsolutePosition: p}, Button: button, Modifier: h.mods}
}

func (h *hand) moveTo(x, y float32) { h.c.MouseMoved(h.event(x, y, 0)) }

func (h *hand) press(x, y float32) {
	h.time = h.time.Add(time.Second)
	h.pressSoon(x, y)
}

func (h *hand) pressSoon(x, y float32) {
	h.moveTo(x, y)
	h.c.MouseDown(h.event(x, y, desktop.MouseButtonPrimary))
}

func (h *hand) drag(x, y float32) {
	p := fyne.NewPos(x, y)
	h.c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: p, AbsolutePosition: p}})
}

func (h *hand) release(x, y float32) {
	h.c.MouseUp(h.event(x, y, desktop.MouseButtonPrimary))
	h.c.DragEnd()
}

// pull drags in four moves from one place to another, without letting go.
func (h *hand) pull(x1, y1, x2, y2 float32) {
	h.press(x1, y1)
	for i := range 4 {
		s := float32(i+1) / 4
		h.drag(x1+(x2-x1)*s, y1+(y2-y1)*s)
	}
}

func (h *hand) pullTo(x1, y1, x2, y2 float32) {
	h.pull(x1, y1, x2, y2)
	h.release(x2, y2)
}

func (h *hand) click(x, y float32) {
	h.press(x, y)
	h.c.MouseUp(h.event(x, y, desktop.MouseButtonPrimary))
}

func (h *hand) doubleClick(x, y float32) {
	h.click(x, y)
	h.time = h.time.Add(100 * time.Millisecond)
	h.pressSoon(x, y)
	h.c.MouseUp(h.event(x, y, desktop.MouseButtonPrimary))
}

func (h *hand) scroll(x, y, dx, dy float32) {
	h.moveTo(x, y)
	h.c.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Scrolled: fyne.NewDelta(dx, dy)})
}

func (h *hand) key(name fyne.KeyName) { h.c.TypedKey(&fyne.KeyEvent{Name: name}) }

func (h *hand) ctrl(name fyne.KeyName, more ...fyne.KeyModifier) {
	s := &desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierShortcutDefault}
	for _, m := range more {
		s.Modifier |= m
	}
	h.c.TypedShortcut(s)
}

func (h *hand) with(mods fyne.KeyModifier, do func()) {
	h.mods = mods
	do()
	h.mods = 0
}

func (h *hand) at(id flow.StepID) flow.Point {
	h.t.Helper()
	s, ok := h.d.Step(id)
	if !ok {
		h.t.Fatalf("there is no step %s", id)
	}
	return s.At
}

func (h *hand) edges() []string {
	var list []string
	for _, e := range h.d.Flow().Edges {
		list = append(list, e.String())
	}
	return list
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if fmt.Sprintf("%v", got) != fmt.Sprintf("%v", want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// tool presses a button above the flow.
func (h *hand) tool(tip string) {
	h.t.Helper()
	for _, list := range [][]tool{h.c.stage.tools.change, h.c.stage.tools.view} {
		for _, b := range list {
			if b.tip == tip {
				p := b.box.Centre()
				h.click(p.X, p.Y)
				return
			}
		}
	}
	h.t.Fatalf("there is no tool %q", tip)
}
