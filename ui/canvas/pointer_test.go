package canvas

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"jackfield/flow"
	"jackfield/ui/editor"
)

func TestClickSelects(t *testing.T) {
	h := work(t, chain("a", "b", "c"))
	told := 0
	h.c.OnSelect = func() { told++ }
	h.click(200, 130)
	same(t, "after a click", h.d.Selected(), []flow.StepID{"a"})
	h.with(fyne.KeyModifierControl, func() { h.click(480, 130) })
	same(t, "after ctrl and a click", h.d.Selected(), []flow.StepID{"a", "b"})
	h.with(fyne.KeyModifierShift, func() { h.click(200, 130) })
	same(t, "after shift and a click on what is selected", h.d.Selected(), []flow.StepID{"b"})
	h.click(325, 132)
	same(t, "after a click on an edge", h.d.SelectedEdges(), []editor.EdgeID{{From: "a", Outlet: "done", To: "b"}})
	h.click(500, 500)
	same(t, "after a click beside", len(h.d.Selected())+len(h.d.SelectedEdges()), 0)
	same(t, "how often it was told", told, 5)
}

func TestClickOnOneOfManySelectsItAlone(t *testing.T) {
	h := work(t, row("a", "b", "c"))
	h.d.SelectAll()
	h.click(480, 130)
	same(t, "the selection", h.d.Selected(), []flow.StepID{"b"})
}

func TestDragMovesWhatIsSelectedInOneChange(t *testing.T) {
	h := work(t, row("a", "b", "c"))
	changes := 0
	h.c.OnChange = func() { changes++ }
	h.d.Select("a", "b")
	h.pull(200, 130, 243, 331)
	same(t, "a in the flow while it is dragged", h.at("a"), flow.Point{X: 100, Y: 100})
	h.release(243, 331)
	same(t, "a", h.at("a"), flow.Point{X: 140, Y: 300})
	same(t, "b", h.at("b"), flow.Point{X: 420, Y: 300})
	same(t, "c", h.at("c"), flow.Point{X: 660, Y: 100})
	same(t, "changes", changes, 1)
	h.c.TypedShortcut(&fyne.ShortcutUndo{})
	same(t, "a after undo", h.at("a"), flow.Point{X: 100, Y: 100})
}

func TestDragSnapsUnlessCtrlIsHeld(t *testing.T) {
	h := work(t, row("a", "b"))
	h.pull(200, 130, 203, 333)
	same(t, "guides", len(h.c.gesture.(*moving).guides), 0)
	h.drag(477, 333)
	if g := h.c.gesture.(*moving).guides; len(g) != 1 || !g[0].Vertical || g[0].At != 380 {
		t.Errorf("guides are %v", g)
	}
	h.release(477, 333)
	same(t, "in line with b", h.at("a"), flow.Point{X: 380, Y: 300})
	h.with(fyne.KeyModifierControl, func() {
		h.press(480, 330)
		h.drag(500, 337)
	})
	same(t, "ctrl and a press toggles instead", h.c.gesture, nil)
	h.d.Select("a")
	h.press(480, 330)
	h.with(fyne.KeyModifierControl, func() { h.drag(487, 341); h.release(487, 341) })
	same(t, "without snapping", h.at("a"), flow.Point{X: 387, Y: 311})
}

func TestASmallShakeIsNoDrag(t *testing.T) {
	h := work(t, row("a"))
	h.press(200, 130)
	h.drag(202, 131)
	h.release(202, 131)
	same(t, "what can be undone", h.d.Undoable(), "")
}

func TestEscapeGivesADragUp(t *testing.T) {
	h := work(t, row("a"))
	h.pull(200, 130, 400, 400)
	h.key(fyne.KeyEscape)
	h.release(400, 400)
	same(t, "a", h.d.Card("a").Rect.X, float32(100))
	same(t, "what can be undone", h.d.Undoable(), "")
}

func TestBandSelects(t *testing.T) {
	h := work(t, row("a", "b", "c"))
	h.pull(60, 60, 450, 140)
	same(t, "while it is stretched", h.d.Selected(), []flow.StepID{"a", "b"})
	same(t, "what is drawn above", len(h.c.stage.top.Objects), 1)
	h.release(450, 140)
	same(t, "what is drawn above after", len(h.c.stage.top.Objects), 0)
	h.with(fyne.KeyModifierShift, func() { h.pullTo(640, 60, 700, 140) })
	same(t, "with shift", h.d.Selected(), []flow.StepID{"a", "b", "c"})
	h.with(fyne.KeyModifierControl, func() { h.pullTo(60, 60, 120, 140) })
	same(t, "with ctrl", h.d.Selected(), []flow.StepID{"b", "c"})
	h.with(fyne.KeyModifierAlt, func() { h.pullTo(60, 60, 450, 240) })
	same(t, "with alt only what is enclosed", h.d.Selected(), []flow.StepID{"a"})
}

func TestDragFromAnOutletConnects(t *testing.T) {
	for _, c := range []struct {
		name string
		x, y float32
	}{
		{"to the inlet", 381, 133},
		{"near the inlet", 366, 140},
		{"to the card", 500, 110},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := work(t, row("a", "b"))
			h.pullTo(301, 132, c.x, c.y)
			same(t, "the edges", h.edges(), []string{"a -> b"})
			same(t, "words", h.d.Undoable(), "wired a → b")
		})
	}
}

func TestWhileAnEdgeIsDrawnCardsShowWhetherItMayEndThere(t *testing.T) {
	h := work(t, chain("a", "b", "c"))
	h.pull(581, 132, 600, 300)
	moods := func() []mood {
		var list []mood
		for _, id := range []flow.StepID{"a", "b", "c"} {
			list = append(list, h.c.stage.shownCards[id].look.mood)
		}
		return list
	}
	same(t, "from b, that leads to c", moods(), []mood{refusing, beginning, refusing})
	h.drag(200, 120)
	same(t, "the reason", h.c.gesture.(*drawing).why.Error(), "would go round through a, b")
	h.release(200, 120)
	same(t, "the edges", h.edges(), []string{"a -> b", "b -> c"})
	same(t, "what it says", h.said, []string{"would go round through a, b"})
	same(t, "afterwards", moods(), []mood{calm, calm, calm})
	h.pull(301, 132, 700, 300)
	same(t, "from a", moods(), []mood{beginning, refusing, inviting})
	h.drag(700, 130)
	same(t, "over c", moods(), []mood{beginning, refusing, aimed})
	h.key(fyne.KeyEscape)
	same(t, "given up", moods(), []mood{calm, calm, calm})
	h.release(700, 130)
	same(t, "the number of edges", len(h.edges()), 2)
}

func TestAnEdgeDroppedOnNothingAsksForAStep(t *testing.T) {
	h := work(t, row("a"))
	h.pullTo(301, 132, 500, 300)
	if len(h.asks) != 1 || h.asks[0].From == nil {
		t.Fatalf("it asked %v", h.asks)
	}
	same(t, "the loose edge", *h.asks[0].From, Loose{Step: "a", Outlet: "done"})
	if len(h.c.stage.top.Objects) == 0 {
		t.Error("the loose edge is not shown while the palette is open")
	}
	id := h.c.Add("core.filter", h.asks[0])
	same(t, "the edges", h.edges(), []string{"a -> filter"})
	same(t, "its inlet", h.d.Card(id).Inlet(), flow.Point{X: 500, Y: 300})
	same(t, "what is drawn above", len(h.c.stage.top.Objects), 0)
	h.c.TypedShortcut(&fyne.ShortcutUndo{})
	same(t, "one change", h.d.Len(), 1)
}

func TestAnEdgeDrawnBackwardsAsksForItsBeginning(t *testing.T) {
	h := work(t, row("a", "b"))
	h.pullTo(380, 132, 340, 400)
	if len(h.asks) != 1 || h.asks[0].From == nil || !h.asks[0].From.Into {
		t.Fatalf("it asked %v", h.asks)
	}
	h.c.Add("csv.read", h.asks[0])
	same(t, "the edges", h.edges(), []string{"read -> b"})
	h.pullTo(100, 132, 480, 110)
	same(t, "over another card", h.edges(), []string{"read -> b", "b -> a"})
}

func TestAnEdgeBroughtBackIsNoWish(t *testing.T) {
	h := work(t, row("a"))
	h.pull(301, 132, 500, 300)
	h.drag(200, 130)
	h.release(200, 130)
	same(t, "asked", len(h.asks), 0)
}

func TestTwoClicksConnectToo(t *testing.T) {
	h := work(t, row("a", "b"))
	h.click(301, 132)
	h.moveTo(350, 140)
	if g, ok := h.c.gesture.(*drawing); !ok || !g.loose {
		t.Fatalf("after a click on the outlet the gesture is %v", h.c.gesture)
	}
	h.click(480, 130)
	same(t, "the edges", h.edges(), []string{"a -> b"})
	h.click(581, 132)
	h.c.MouseDown(h.event(600, 300, desktop.MouseButtonSecondary))
	h.c.MouseUp(h.event(600, 300, desktop.MouseButtonSecondary))
	same(t, "the right button gives it up", h.c.gesture, nil)
}

func TestEndsOfEdgesArePickedUp(t *testing.T) {
	for _, c := range []struct {
		name           string
		x1, y1, x2, y2 float32
		want           []string
	}{
		{"from the inlet to another step", 381, 132, 760, 120, []string{"a -> c"}},
		{"near the end to another step", 365, 132, 760, 120, []string{"a -> c"}},
		{"near the beginning to another step", 318, 132, 760, 120, []string{"c -> b"}},
		{"to nothing", 381, 132, 500, 400, nil},
		{"back to where it was", 381, 132, 470, 120, []string{"a -> b"}},
		{"to where it may not end", 381, 132, 200, 120, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := row("a", "b", "c")
			f.Edges = []flow.Edge{{From: "a", To: "b", When: ".x"}}
			h := work(t, f)
			h.pullTo(c.x1, c.y1, c.x2, c.y2)
			same(t, "the edges", h.edges(), c.want)
			if len(h.d.Flow().Edges) == 1 {
				same(t, "its condition", h.d.Flow().Edges[0].When, ".x")
			}
		})
	}
}

func TestAClickOnAWiredInletLeavesTheEdge(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.click(381, 132)
	same(t, "the edges", h.edges(), []string{"a -> b"})
	same(t, "the gesture", h.c.gesture, nil)
}

func TestAltClickTakesAnEdgeAway(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.with(fyne.KeyModifierAlt, func() { h.click(340, 132) })
	same(t, "the edges", h.edges(), nil)
}

func TestDoubleClick(t *testing.T) {
	h := work(t, chain("a", "b"))
	var opened []flow.StepID
	h.c.OnOpen = func(id flow.StepID) { opened = append(opened, id) }
	h.doubleClick(200, 130)
	same(t, "on a card", opened, []flow.StepID{"a"})
	h.doubleClick(500, 400)
	same(t, "on nothing", h.asks[0].At, flow.Point{X: 500, Y: 400})
	h.doubleClick(325, 132)
	if h.asks[1].Edge == nil {
		t.Fatalf("on an edge it asked %v", h.asks[1])
	}
	h.c.Add("core.map", h.asks[1])
	same(t, "the edges", h.edges(), []string{"a -> map", "map -> b"})
	h.click(200, 130)
	h.click(200, 130)
	same(t, "two slow clicks open nothing", len(opened), 1)
}

func TestAStepIsPutIntoTheEdgeItIsDroppedOn(t *testing.T) {
	f := chain("a", "b")
	f.Steps = append(f.Steps, flow.Step{ID: "x", Uses: "core.map", At: flow.Point{X: 100, Y: 400}})
	h := work(t, f)
	h.pull(200, 430, 340, 134)
	same(t, "the edge in question", h.c.spliceEdge(), editor.EdgeID{From: "a", Outlet: "done", To: "b"})
	same(t, "it is shown", h.c.stage.shownEdges[h.c.spliceEdge()].look.splice, true)
	h.release(340, 134)
	same(t, "the edges", h.edges(), []string{"a -> x", "x -> b"})
	h.c.Undo()
	same(t, "one change", h.at("x"), flow.Point{X: 100, Y: 400})
	h.with(fyne.KeyModifierAlt, func() { h.pullTo(200, 430, 340, 134) })
	same(t, "alt leaves the edge", h.edges(), []string{"a -> b"})
}

func TestRightButtonAsksForTheMenuOrPans(t *testing.T) {
	h := work(t, chain("a", "b"))
	var menus []Menu
	h.c.OnMenu = func(m Menu) { menus = append(menus, m) }
	right := func(x1, y1, x2, y2 float32) {
		h.c.MouseDown(h.event(x1, y1, desktop.MouseButtonSecondary))
		h.c.MouseMoved(h.event((x1+x2)/2, (y1+y2)/2, desktop.MouseButtonSecondary))
		h.c.MouseMoved(h.event(x2, y2, desktop.MouseButtonSecondary))
		h.c.MouseUp(h.event(x2, y2, desktop.MouseButtonSecondary))
	}
	right(200, 130, 202, 131)
	same(t, "the menu of a step", menus[0].Under, editor.Hit{Part: editor.OnCard, Step: "a"})
	same(t, "it is selected", h.d.Selected(), []flow.StepID{"a"})
	right(340, 132, 340, 132)
	same(t, "the menu of an edge", menus[1].Under.Edge, editor.EdgeID{From: "a", Outlet: "done", To: "b"})
	right(500, 400, 500, 400)
	same(t, "the menu of nothing", menus[2].At, flow.Point{X: 500, Y: 400})
	right(500, 400, 560, 430)
	same(t, "menus after a drag", len(menus), 3)
	same(t, "the view", h.d.View().At, flow.Point{X: -60, Y: -30})
}

func TestMiddleButtonAndSpacePan(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.c.MouseDown(h.event(200, 130, desktop.MouseButtonTertiary))
	h.drag(250, 160)
	h.drag(300, 150)
	h.c.MouseUp(h.event(300, 150, desktop.MouseButtonTertiary))
	same(t, "by the middle button", h.d.View().At, flow.Point{X: -100, Y: -20})
	same(t, "a", h.at("a"), flow.Point{X: 100, Y: 100})
	h.c.KeyDown(&fyne.KeyEvent{Name: fyne.KeySpace})
	h.pullTo(300, 150, 200, 130)
	h.c.KeyUp(&fyne.KeyEvent{Name: fyne.KeySpace})
	same(t, "by the space bar", h.d.View().At, flow.Point{})
	h.pullTo(200, 130, 240, 130)
	same(t, "afterwards steps move again", h.at("a"), flow.Point{X: 140, Y: 100})
}

func TestNearTheBorderTheViewFollows(t *testing.T) {
	h := work(t, row("a"))
	h.pull(200, 130, viewW-4, 350)
	if h.c.ticker == nil {
		t.Fatal("nothing moves the view")
	}
	before, x := h.d.View().At, h.d.Card("a").Rect.X
	for range 10 {
		h.c.tick()
	}
	moved := h.d.View().At.X - before.X
	if moved < 100 {
		t.Errorf("ten frames moved the view by %v", moved)
	}
	if went := h.d.Card("a").Rect.X - x; went < moved-20 || went > moved+20 {
		t.Errorf("the view moved by %v, the step by %v", moved, went)
	}
	h.drag(500, 350)
	same(t, "away from the border", h.c.ticker, nil)
	h.release(500, 350)
}

func TestTheButtonOnAnEdgePutsAStepIntoIt(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.moveTo(320, 132)
	edge := h.c.stage.shownEdges[editor.EdgeID{From: "a", Outlet: "done", To: "b"}]
	same(t, "it is offered", []bool{edge.look.plus, edge.look.hotPlus}, []bool{true, false})
	h.moveTo(340, 138)
	same(t, "the pointer is on it", edge.look.hotPlus, true)
	h.click(340, 138)
	if len(h.asks) != 1 || h.asks[0].Edge == nil {
		t.Fatalf("it asked %v", h.asks)
	}
	h.c.Add("core.map", h.asks[0])
	same(t, "the edges", h.edges(), []string{"a -> map", "map -> b"})
}

func TestHoverShowsWhatThePointerIsOn(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.moveTo(200, 130)
	same(t, "a", h.c.stage.shownCards["a"].look.hovered, true)
	same(t, "the cursor on a card", h.c.Cursor(), desktop.Cursor(desktop.PointerCursor))
	h.moveTo(301, 132)
	same(t, "its outlet", h.c.stage.shownCards["a"].look.hotPort, flow.Done)
	same(t, "the cursor on an outlet", h.c.Cursor(), desktop.Cursor(desktop.CrosshairCursor))
	h.moveTo(340, 132)
	same(t, "a no more", h.c.stage.shownCards["a"].look.hovered, false)
	same(t, "the edge", h.c.stage.shownEdges[editor.EdgeID{From: "a", Outlet: "done", To: "b"}].look.hovered, true)
	h.c.MouseOut()
	same(t, "nothing", h.c.pointer.hover, editor.Hit{})
}
