package canvas

import (
	"testing"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/editor"
)

func TestDropFromThePalette(t *testing.T) {
	h := work(t, chain("a", "b"))
	if !h.c.HoverAt(fyne.NewPos(600, 400), "csv.read") || len(h.c.stage.top.Objects) == 0 {
		t.Error("no ghost is shown")
	}
	h.c.EndHover()
	same(t, "what is drawn above", len(h.c.stage.top.Objects), 0)
	id, ok := h.c.DropAt(fyne.NewPos(600, 400), "csv.read")
	same(t, "dropped", ok, true)
	same(t, "the step", h.at(id), flow.Point{X: 500, Y: 360})
	if _, ok := h.c.DropAt(fyne.NewPos(1200, 400), "csv.read"); ok {
		t.Error("a step was dropped outside")
	}
	h.c.HoverAt(fyne.NewPos(340, 135), "core.map")
	same(t, "the edge it would go into", h.c.spliceEdge(), editor.EdgeID{From: "a", Outlet: "done", To: "b"})
	h.c.HoverAt(fyne.NewPos(340, 135), "core.manual")
	same(t, "no trigger goes into an edge", h.c.spliceEdge(), editor.EdgeID{})
	h.c.DropAt(fyne.NewPos(340, 135), "core.map")
	same(t, "the edges", h.edges(), []string{"a -> map", "map -> b"})
}

func TestAddAfterStandsRightOfTheStep(t *testing.T) {
	h := work(t, row("a"))
	id := h.c.AddAfter("a", flow.Done, "core.map")
	same(t, "the edges", h.edges(), []string{"a -> map"})
	same(t, "the step", h.at(id), flow.Point{X: 380, Y: 100})
	h.c.AddAfter("a", flow.Done, "core.manual")
	same(t, "it says", h.said, []string{"a trigger takes no records"})
}

func TestMinimapMovesTheView(t *testing.T) {
	h := work(t, large(400))
	m := &h.c.stage.minimap
	if !m.shown {
		t.Fatal("there is no map")
	}
	p := m.box.Centre()
	h.press(p.X, p.Y)
	middle := h.d.View().Area().Centre()
	want := m.world(fyne.NewPos(p.X, p.Y))
	if abs(middle.X-want.X) > 2 || abs(middle.Y-want.Y) > 2 {
		t.Errorf("a click shows %v, want %v", middle, want)
	}
	h.drag(p.X+20, p.Y+10)
	if now := h.d.View().Area().Centre(); now.X <= middle.X || now.Y <= middle.Y {
		t.Errorf("a drag goes from %v to %v", middle, now)
	}
	h.release(p.X+20, p.Y+10)
	same(t, "what can be undone", h.d.Undoable(), "")
	h.c.Fit()
	same(t, "the map when all can be seen", m.shown, false)
}

func TestToolsAboveTheFlow(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.tool("Undo (Ctrl+Z)")
	same(t, "undo with nothing to undo", len(h.said), 0)
	h.click(200, 130)
	h.tool("Delete (Del)")
	same(t, "delete", h.d.Len(), 1)
	h.tool("Undo (Ctrl+Z)")
	same(t, "undo", h.d.Len(), 2)
	h.tool("Redo (Ctrl+Shift+Z)")
	same(t, "redo", h.d.Len(), 1)
	h.tool("Zoom in (+)")
	if h.d.View().Zoom <= 1 {
		t.Errorf("zoom in gives %v", h.d.View().Zoom)
	}
	h.tool("Full size (0)")
	same(t, "full size", h.d.View().Zoom, float32(1))
	h.tool("Zoom out (-)")
	if h.d.View().Zoom >= 1 {
		t.Errorf("zoom out gives %v", h.d.View().Zoom)
	}
	h.tool("Show all (1)")
	if !h.d.View().Area().Holds(h.d.Bounds()) {
		t.Error("show all does not")
	}
	h.tool("Tidy (Ctrl+Shift+L)")
	h.doubleClick(20, 20)
	same(t, "a double click on a bar asks for nothing", len(h.asks), 0)
}

func TestEmptyCanvasTellsWhatToDo(t *testing.T) {
	h := work(t, flow.Flow{})
	before := h.primitives()
	h.c.AskAdd()
	h.c.Add("core.map", h.asks[0])
	h.c.Undo()
	same(t, "primitives", h.primitives(), before)
}
