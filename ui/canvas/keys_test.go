package canvas

import (
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
)

func TestWheelZoomsAtThePointer(t *testing.T) {
	h := work(t, chain("a", "b"))
	before := h.d.View().World(300, 200)
	h.scroll(300, 200, 0, notch)
	same(t, "one notch", math.Round(float64(h.d.View().Zoom)*1000), 1100.)
	after := h.d.View().World(300, 200)
	if math.Hypot(float64(before.X-after.X), float64(before.Y-after.Y)) > 0.01 {
		t.Errorf("the point under the pointer went from %v to %v", before, after)
	}
	h.scroll(300, 200, 0, -notch)
	same(t, "back at full size", h.d.View().Zoom, float32(1))
	h.with(fyne.KeyModifierControl, func() { h.scroll(300, 200, 0, -2*notch) })
	same(t, "with ctrl", math.Round(float64(h.d.View().Zoom)*1000), 826.)
	h.scroll(300, 200, 0, notch*1250)
	if z := h.d.View().Zoom; z > 1.5 {
		t.Errorf("one quick turn zooms to %v", z)
	}
	for range 100 {
		h.scroll(300, 200, 0, -notch)
	}
	same(t, "the least", h.d.View().Zoom, float32(editor.MinZoom))
	for range 100 {
		h.scroll(300, 200, 0, notch)
	}
	same(t, "the most", h.d.View().Zoom, float32(editor.MaxZoom))
}

func TestTouchpadPans(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.scroll(300, 200, 3.5, -7.25)
	same(t, "the zoom", h.d.View().Zoom, float32(1))
	same(t, "the view", h.d.View().At, flow.Point{X: -3.5, Y: 7.25})
	h.with(fyne.KeyModifierShift, func() { h.scroll(300, 200, 0, notch) })
	same(t, "shift and the wheel pan sideways", h.d.View().At, flow.Point{X: -53.5, Y: 7.25})
}

func TestZoomKeys(t *testing.T) {
	h := work(t, chain("a", "b", "c", "d", "e", "f", "g", "h"))
	h.c.TypedRune('1')
	if !h.d.View().Area().Holds(h.d.Bounds()) {
		t.Errorf("1 shows %v of %v", h.d.View().Area(), h.d.Bounds())
	}
	h.c.TypedRune('0')
	same(t, "0", h.d.View().Zoom, float32(1))
	h.d.Select("h")
	h.c.TypedRune('2')
	if !h.d.View().Area().Holds(h.d.Card("h").Rect) {
		t.Error("2 does not show what is selected")
	}
	h.c.TypedRune('-')
	same(t, "-", math.Round(float64(h.d.View().Zoom)*1000), 826.)
	h.c.TypedRune('+')
	same(t, "+", h.d.View().Zoom, float32(1))
}

func TestKeysForSteps(t *testing.T) {
	h := work(t, chain("a", "b", "c"))
	var opened, renamed, run []flow.StepID
	h.c.OnOpen = func(id flow.StepID) { opened = append(opened, id) }
	h.c.OnRename = func(id flow.StepID) { renamed = append(renamed, id) }
	h.c.OnRunTo = func(id flow.StepID) { run = append(run, id) }
	h.key(fyne.KeyReturn)
	h.d.Select("a")
	h.key(fyne.KeyRight)
	same(t, "right", h.d.Selected(), []flow.StepID{"b"})
	h.key(fyne.KeyReturn)
	h.key(fyne.KeyF2)
	h.ctrl(fyne.KeyReturn)
	same(t, "opened, renamed, run", [][]flow.StepID{opened, renamed, run}, [][]flow.StepID{{"b"}, {"b"}, {"b"}})
	h.with(fyne.KeyModifierShift, func() { h.key(fyne.KeyDown) })
	same(t, "shift and down", h.at("b"), flow.Point{X: 380, Y: 120})
	h.ctrl(fyne.KeyRight)
	same(t, "ctrl and right", h.at("b"), flow.Point{X: 381, Y: 120})
	h.c.TypedRune('d')
	s, _ := h.d.Step("b")
	same(t, "off", s.Off, true)
	h.ctrl(fyne.KeyDelete)
	same(t, "ctrl and delete", h.edges(), []string{"a -> c"})
	h.d.Select("a")
	h.key(fyne.KeyDelete)
	same(t, "delete", h.d.Len(), 1)
	h.key(fyne.KeyTab)
	h.c.TypedRune('a')
	same(t, "asked for a step", len(h.asks), 2)
	if !h.c.AcceptsTab() {
		t.Error("Tab leads away")
	}
}

func TestJoinKey(t *testing.T) {
	h := work(t, row("a", "b"))
	h.click(200, 130)
	h.with(fyne.KeyModifierControl, func() { h.click(480, 130) })
	h.c.TypedRune('f')
	same(t, "the edges", h.edges(), []string{"a -> b"})
	h.d.Select("a", "b")
	h.c.TypedRune('f')
	same(t, "it says", h.said, []string{"this edge is there already"})
}

func TestTabAsksAtThePointer(t *testing.T) {
	h := work(t, row("a"))
	h.moveTo(640, 420)
	h.c.MouseIn(h.event(640, 420, 0))
	h.key(fyne.KeyTab)
	same(t, "at the pointer", h.asks[0].At, flow.Point{X: 640, Y: 420})
	id := h.c.Add("core.map", h.asks[0])
	same(t, "the step", h.at(id), flow.Point{X: 540, Y: 380})
	h.c.MouseOut()
	h.d.SelectNone()
	h.key(fyne.KeyTab)
	same(t, "in the middle", h.asks[1].At, flow.Point{X: viewW / 2, Y: viewH / 2})
	h.d.Select("a")
	h.key(fyne.KeyTab)
	h.c.Add("core.map", h.asks[2])
	same(t, "after the selected one", h.edges(), []string{"a -> map_2"})
	same(t, "right of it", h.at("map_2"), flow.Point{X: 380, Y: 100})
}

func TestClipboardShortcuts(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.c.TypedShortcut(&fyne.ShortcutSelectAll{})
	h.c.TypedShortcut(&fyne.ShortcutCopy{})
	h.c.MouseIn(h.event(600, 500, 0))
	h.c.TypedShortcut(&fyne.ShortcutPaste{})
	same(t, "after paste", h.edges(), []string{"a -> b", "a_2 -> b_2"})
	same(t, "in the middle of the pointer", h.d.Card("a_2").Rect.With(h.d.Card("b_2").Rect).Centre(), flow.Point{X: 600, Y: 492})
	h.c.TypedShortcut(&fyne.ShortcutCut{})
	same(t, "after cut", h.d.Len(), 2)
	h.ctrl(fyne.KeyD)
	same(t, "nothing is selected to be duplicated", h.d.Len(), 2)
	h.d.Select("a")
	h.ctrl(fyne.KeyD)
	same(t, "after duplicate", h.d.Len(), 3)
	h.c.TypedShortcut(&fyne.ShortcutUndo{})
	same(t, "after undo", h.d.Len(), 2)
	h.ctrl(fyne.KeyZ, fyne.KeyModifierShift)
	same(t, "after redo", h.d.Len(), 3)
	h.c.TypedShortcut(&fyne.ShortcutUndo{})
	h.c.TypedShortcut(&fyne.ShortcutRedo{})
	same(t, "after redo", h.d.Len(), 3)
	same(t, "the first words", h.said[0], "Undone: duplicated a_2")
	fyne.CurrentApp().Clipboard().SetContent("hello")
	h.c.Paste()
	same(t, "the last words", h.said[len(h.said)-1], "the text is not a flow, nor a part of one")
}

func TestTidyKey(t *testing.T) {
	f := chain("a", "b", "c")
	f.Steps[1].At = flow.Point{X: 77, Y: 500}
	h := work(t, f)
	h.ctrl(fyne.KeyL, fyne.KeyModifierShift)
	same(t, "words", h.d.Undoable(), "tidied the flow")
	same(t, "a row", []float32{h.at("a").Y, h.at("b").Y, h.at("c").Y}, []float32{h.at("a").Y, h.at("a").Y, h.at("a").Y})
}

func TestUnknownShortcutsGoOnToTheWindow(t *testing.T) {
	h := work(t, row("a"))
	var passed []string
	h.c.pass = func(s fyne.Shortcut) { passed = append(passed, s.ShortcutName()) }
	h.ctrl(fyne.KeyS)
	h.ctrl(fyne.KeyReturn) // runs to a step, and none is selected
	h.c.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyD, Modifier: fyne.KeyModifierAlt})
	h.ctrl(fyne.KeyD)
	same(t, "passed on", len(passed), 3)
}

func TestReadOnlyChangesNothing(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.c.SetReadOnly(true)
	opened := 0
	h.c.OnOpen = func(flow.StepID) { opened++ }
	before := h.d.Flow()
	h.pullTo(200, 130, 300, 400)
	h.pullTo(301, 132, 600, 400)
	h.pullTo(365, 132, 600, 400)
	h.with(fyne.KeyModifierAlt, func() { h.click(340, 132) })
	h.doubleClick(600, 500)
	h.doubleClick(340, 132)
	h.d.SelectAll()
	for _, k := range []fyne.KeyName{fyne.KeyDelete, fyne.KeyF2, fyne.KeyTab} {
		h.key(k)
	}
	for _, r := range "afd" {
		h.c.TypedRune(r)
	}
	h.ctrl(fyne.KeyD)
	h.ctrl(fyne.KeyDelete)
	h.ctrl(fyne.KeyRight)
	h.ctrl(fyne.KeyL, fyne.KeyModifierShift)
	h.c.TypedShortcut(&fyne.ShortcutCopy{})
	h.c.TypedShortcut(&fyne.ShortcutPaste{})
	h.c.TypedShortcut(&fyne.ShortcutCut{})
	if _, ok := h.c.DropAt(fyne.NewPos(400, 400), "core.map"); ok {
		t.Error("a step was dropped")
	}
	same(t, "the flow", h.d.Flow(), before)
	same(t, "asked", len(h.asks), 0)
	h.click(200, 130)
	same(t, "steps can be selected", h.d.Selected(), []flow.StepID{"a"})
	h.doubleClick(200, 130)
	same(t, "and opened", opened, 1)
	h.scroll(300, 300, 0, notch)
	if h.d.View().Zoom == 1 {
		t.Error("and yet the view is fixed")
	}
}
