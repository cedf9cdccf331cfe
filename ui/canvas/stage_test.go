package canvas

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"jackfield/flow"
	"jackfield/ui/editor"
	"jackfield/ui/theme"
)

// primitives counts what the toolkit would walk in one frame.
func (h *hand) primitives() int {
	count := 0
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		count++
		if box, ok := o.(*fyne.Container); ok {
			for _, child := range box.Objects {
				walk(child)
			}
		}
	}
	for _, o := range h.c.stage.objects() {
		walk(o)
	}
	return count
}

func TestNoZoomDrawsMoreThanAFrameCanBear(t *testing.T) {
	h := work(t, large(10000))
	h.w.Resize(fyne.NewSize(1900, 1000))
	seen := map[level]bool{}
	for zoom := float32(editor.MinZoom); zoom <= editor.MaxZoom; zoom *= 1.05 {
		v := h.d.View()
		v.At, v.Zoom = flow.Point{X: 2000, Y: 4000}, zoom
		h.d.SetView(v)
		h.c.Refresh()
		seen[h.c.stage.level] = true
		if n := h.primitives(); n > 4500 {
			t.Errorf("at %.0f %% a frame has %d primitives (level %d)", zoom*100, n, h.c.stage.level)
		}
	}
	same(t, "the levels", seen, map[level]bool{full: true, medium: true, small: true, far: true})
}

func TestManyCardsCloseTogetherAreDrawnSimpler(t *testing.T) {
	var f flow.Flow
	for i := range 700 {
		f.Steps = append(f.Steps, flow.Step{ID: flow.StepID(fmt.Sprintf("s%d", i)), Uses: "core.map", At: flow.Point{X: float32(i % 40 * 20), Y: float32(i / 40 * 20)}})
	}
	h := work(t, f)
	same(t, "the level at full size", h.c.stage.level, small)
}

func TestPanningWithinThePreparedAreaMovesOneContainer(t *testing.T) {
	h := work(t, large(200))
	h.c.MouseOut()
	round, at := h.c.stage.round, h.c.stage.world.Position()
	h.c.pan(30, 12)
	h.c.sync()
	same(t, "drawings", h.c.stage.round, round)
	same(t, "the world", h.c.stage.world.Position(), at.AddXY(30, 12))
	h.c.pan(300, 0)
	h.c.sync()
	same(t, "drawings after leaving the area", h.c.stage.round, round+1)
}

func TestCardsThatStayInViewAreTheSameObjects(t *testing.T) {
	h := work(t, large(200))
	before := map[flow.StepID]*drawnCard{}
	for id, d := range h.c.stage.shownCards {
		before[id] = d
	}
	h.c.pan(-500, 0)
	h.c.sync()
	kept := 0
	for id, d := range h.c.stage.shownCards {
		if was := before[id]; was != nil {
			kept++
			if was != d {
				t.Errorf("%s is drawn by another card now", id)
			}
		}
	}
	if kept == 0 {
		t.Fatal("no card stayed")
	}
	made := len(h.c.stage.shownCards) + len(h.c.stage.freeCards)
	for range 20 {
		h.c.pan(-500, 0)
		h.c.sync()
		h.c.pan(500, 0)
		h.c.sync()
	}
	if now := len(h.c.stage.shownCards) + len(h.c.stage.freeCards); now > made+20 {
		t.Errorf("going to and fro made %d cards of %d", now, made)
	}
}

func TestOnlyWhatCanBeSeenIsDrawn(t *testing.T) {
	h := work(t, large(10000))
	for id := range h.c.stage.shownCards {
		if !h.c.stage.area.Meets(h.d.Card(id).Rect) {
			t.Errorf("%s is drawn at %v, outside %v", id, h.d.Card(id).Rect, h.c.stage.area)
		}
	}
	if n := len(h.c.stage.shownCards); n == 0 || n > 60 {
		t.Errorf("%d of 10,000 cards are drawn", n)
	}
}

func TestRunIsShownOnCardsAndEdges(t *testing.T) {
	h := work(t, chain("a", "b", "c"))
	ab, bc := editor.EdgeID{From: "a", Outlet: "done", To: "b"}, editor.EdgeID{From: "b", Outlet: "done", To: "c"}
	h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Running}}, map[editor.EdgeID]int{ab: 1240})
	card := func(id flow.StepID) cardLook { return h.c.stage.shownCards[id].look }
	same(t, "a", card("a").status, Status{State: Done, Count: 1240})
	same(t, "its badge", h.c.stage.shownCards["a"].badgeText(), "1.2k")
	same(t, "the edge to b lives", h.c.stage.shownEdges[ab].look.alive, true)
	same(t, "the edge to c does not", h.c.stage.shownEdges[bc].look.alive, false)
	h.time = h.time.Add(time.Second)
	h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Failed}}, map[editor.EdgeID]int{ab: 1240})
	same(t, "the edge to b rests", h.c.stage.shownEdges[ab].look.alive, false)
	same(t, "c is not less than others while the flow is edited", card("c").neverRan, false)
	h.c.SetReadOnly(true)
	same(t, "c never ran", card("c").neverRan, true)
	h.c.SetRun(nil, nil)
	same(t, "no run", card("a").status, Status{})
}

func TestARunIsDrawnAtMostSixteenTimesASecond(t *testing.T) {
	h := work(t, chain("a", "b"))
	var due []func()
	h.c.later = func(_ time.Duration, f func()) { due = append(due, f) }
	for i := range 100 {
		h.time = h.time.Add(10 * time.Millisecond)
		h.c.SetRun(map[flow.StepID]Status{"a": {State: Running, Count: i + 1}}, nil)
		if i%6 == 5 {
			for _, f := range due {
				f()
			}
			due = nil
		}
	}
	if h.c.run.rev > 34 {
		t.Errorf("a second of updates was drawn %d times", h.c.run.rev)
	}
	h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 500}}, nil)
	same(t, "the end is drawn at once", h.c.stage.shownCards["a"].look.status.Count, 500)
}

func TestCompactCounts(t *testing.T) {
	for _, c := range []struct {
		n    int
		want string
	}{{0, "0"}, {940, "940"}, {1000, "1k"}, {1049, "1k"}, {1240, "1.2k"}, {9999, "9.9k"}, {12400, "12k"}, {999999, "999k"}, {4100000, "4.1M"}, {2000000000, "2G"}} {
		same(t, fmt.Sprint(c.n), compact(c.n), c.want)
	}
}

func TestProblemsAreCountedOnTheCard(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.d.SetProblems([]flow.Problem{{Step: "a"}, {Step: "a", Warning: true}, {Step: "b", Warning: true}})
	h.c.Refresh()
	a, b := h.c.stage.shownCards["a"].look, h.c.stage.shownCards["b"].look
	same(t, "errors and warnings", []int{a.errors, a.warnings, b.errors, b.warnings}, []int{1, 1, 0, 1})
}

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

func TestSwitchOfTheThemeReachesEverything(t *testing.T) {
	h := work(t, chain("a", "b"))
	dark := h.c.stage.back.FillColor
	fyne.CurrentApp().Settings().SetTheme(theme.New(false))
	h.c.Refresh()
	if h.c.stage.back.FillColor == dark {
		t.Error("the canvas stays dark")
	}
	for id, d := range h.c.stage.shownCards {
		if d.look.theme != h.c.stage.generation {
			t.Errorf("%s is drawn in the old theme", id)
		}
	}
}

// Whatever the hand does, nothing breaks, and all of it can be taken back.
func TestAnyHandIsTakenBack(t *testing.T) {
	for seed := range uint64(12) {
		f := large(30)
		h := work(t, f)
		before := h.d.Flow()
		rng := rand.New(rand.NewPCG(seed, 3))
		x, y := float32(0), float32(0)
		to := func() { x, y = rng.Float32()*viewW, rng.Float32()*viewH }
		mods := []fyne.KeyModifier{0, 0, 0, fyne.KeyModifierShift, fyne.KeyModifierControl, fyne.KeyModifierAlt}
		keys := []fyne.KeyName{fyne.KeyDelete, fyne.KeyEscape, fyne.KeyTab, fyne.KeyLeft, fyne.KeyRight, fyne.KeyReturn, fyne.KeyF2}
		for range 300 {
			h.time = h.time.Add(time.Duration(rng.IntN(600)) * time.Millisecond)
			h.mods = mods[rng.IntN(len(mods))]
			switch rng.IntN(12) {
			case 0, 1:
				h.pressSoon(x, y)
			case 2, 3, 4:
				to()
				h.drag(x, y)
			case 5, 6:
				h.release(x, y)
			case 7:
				to()
				h.moveTo(x, y)
			case 8:
				h.key(keys[rng.IntN(len(keys))])
			case 9:
				h.c.TypedRune([]rune("0a1f2d+-")[rng.IntN(8)])
			case 10:
				h.scroll(x, y, 0, float32(rng.IntN(5)-2)*notch)
			case 11:
				if len(h.asks) > 0 {
					h.c.Add("core.filter", h.asks[len(h.asks)-1])
					h.asks = nil
				}
				h.c.MouseDown(h.event(x, y, desktop.MouseButtonSecondary))
				h.c.MouseUp(h.event(x, y, desktop.MouseButtonSecondary))
			}
		}
		h.key(fyne.KeyEscape)
		for h.d.Undoable() != "" {
			h.c.Undo()
		}
		if !reflect.DeepEqual(h.d.Flow(), before) {
			t.Errorf("seed %d: undo does not lead back", seed)
		}
	}
}

// The pictures are small and few: what is drawn is checked by the looks above, how it
// is drawn by these.
func TestPictures(t *testing.T) {
	f := chain("a", "b", "c")
	f.Steps[0].Uses, f.Steps[0].Title = "core.manual", "Every night"
	f.Steps[1].Uses, f.Steps[1].Title, f.Steps[1].With = "core.filter", "Only the large ones", flow.Values{"path": "orders.csv"}
	f.Edges[1].Outlet, f.Edges[1].When = "true", ".x"
	f.Steps[2].Off = true
	for _, dark := range []bool{true, false} {
		name := map[bool]string{true: "dark", false: "light"}[dark]
		t.Run(name, func(t *testing.T) {
			h := work(t, f)
			fyne.CurrentApp().Settings().SetTheme(theme.New(dark))
			h.w.Resize(fyne.NewSize(820, 260))
			h.d.SetView(editor.View{At: flow.Point{X: 60, Y: -20}, Zoom: 0.9, W: 820, H: 260})
			h.d.SetProblems([]flow.Problem{{Step: "b"}})
			h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Failed}}, map[editor.EdgeID]int{{From: "a", Outlet: "done", To: "b"}: 1240})
			h.d.Select("b")
			h.c.Refresh()
			test.AssertImageMatches(t, "canvas_"+name+".png", h.w.Canvas().Capture())
		})
	}
}

func TestStrokeCoversWhatItShould(t *testing.T) {
	ink := color.NRGBA{R: 255, A: 255}
	for _, c := range []struct {
		name           string
		x1, y1, x2, y2 float64
		inside, beside image.Point
	}{
		{"flat", 2, 10.5, 38, 10.5, image.Pt(20, 10), image.Pt(20, 13)},
		{"upright", 10.5, 2, 10.5, 38, image.Pt(10, 20), image.Pt(13, 20)},
		{"falling", 2, 2, 38, 38, image.Pt(20, 20), image.Pt(24, 20)},
		{"from outside", -100, 20.5, 200, 20.5, image.Pt(1, 20), image.Pt(20, 24)},
		{"backwards", 38, 10.5, 2, 10.5, image.Pt(20, 10), image.Pt(20, 13)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := image.NewRGBA(image.Rect(0, 0, 40, 40))
			stroke(m, c.x1, c.y1, c.x2, c.y2, 2, ink)
			if a := m.RGBAAt(c.inside.X, c.inside.Y).A; a < 200 {
				t.Errorf("at %v it covers %d", c.inside, a)
			}
			if a := m.RGBAAt(c.beside.X, c.beside.Y).A; a != 0 {
				t.Errorf("at %v it covers %d", c.beside, a)
			}
		})
	}
}

func TestFarOffStepsAreSeenInTheColoursOfTheirKind(t *testing.T) {
	h := work(t, large(2000))
	h.c.SetZoom(0.1)
	same(t, "the level", h.c.stage.level, far)
	h.c.SetRun(map[flow.StepID]Status{"s0": {State: Failed}}, nil)
	m := h.c.stage.farOff.paint(int(h.c.stage.clip.W), int(h.c.stage.clip.H)).(*image.RGBA)
	inkAt := func(id flow.StepID) color.Color {
		p, a := h.d.Card(id).Rect.Centre(), h.c.stage.area
		return color.NRGBAModel.Convert(m.At(int((p.X-a.X)*0.1), int((p.Y-a.Y)*0.1)))
	}
	same(t, "what failed", inkAt("s0"), color.Color(solid(h.c.stage.looks.states[Failed])))
	same(t, "what never ran", inkAt("s1"), color.Color(solid(h.c.stage.looks.dim(h.c.stage.looks.tint("green").far, dimShare))))
}

func TestTextsAreCutToTheirRoom(t *testing.T) {
	width := func(s string) float32 { return float32(len([]rune(s))) }
	for _, c := range []struct {
		text string
		room float32
		want string
	}{{"short", 5, "short"}, {"longer", 5, "long…"}, {"longer", 1, ""}, {"", 5, ""}, {"äöüß", 3, "äö…"}} {
		same(t, c.text, shorten(c.text, c.room, width), c.want)
	}
}

func TestAPointerThatRestsIsTold(t *testing.T) {
	f := chain("a", "b")
	f.Steps[0].Title = "A title that no card has the room for"
	h := work(t, f)
	h.d.SetProblems([]flow.Problem{{Step: "b", Field: "path", What: "a file is needed"}})
	h.c.SetRun(map[flow.StepID]Status{"b": {State: Failed, What: "no such file"}}, nil)
	h.moveTo(200, 130)
	same(t, "on a", h.c.tip.text, f.Steps[0].Title)
	h.moveTo(480, 130)
	same(t, "on b", h.c.tip.text, "no such file · path: a file is needed")
	h.moveTo(100+editor.FailedX, 164)
	same(t, "on the failed outlet", h.c.tip.text, failedHint)
	h.moveTo(500, 400)
	same(t, "on nothing", h.c.tip, tip{})
	p := h.c.stage.tools.view[0].box.Centre()
	h.moveTo(p.X, p.Y)
	same(t, "on a tool", h.c.tip.text, "Zoom out (-)")
	h.press(200, 130)
	same(t, "while pressed", h.c.tip, tip{})
}

func TestRefreshTellsNobody(t *testing.T) {
	h := work(t, chain("a", "b"))
	h.c.OnChange = func() { t.Error("told of a change that was made elsewhere") }
	h.c.OnSelect = func() { t.Error("told of a selection that was made elsewhere") }
	h.d.Select("a")
	h.d.SetOff(true, "a")
	h.c.Refresh()
	same(t, "and yet it is drawn", h.c.stage.shownCards["a"].look.selected, true)
	h.moveTo(500, 500)
}

func TestANewDocumentIsShownWhole(t *testing.T) {
	h := work(t, chain("a"))
	d := editor.New(large(400), testOps)
	h.c.SetDocument(d)
	if !d.View().Area().Holds(d.Bounds()) {
		t.Errorf("%v does not show %v", d.View(), d.Bounds())
	}
	h.w.Resize(fyne.NewSize(600, 400))
	if !d.View().Area().Holds(d.Bounds()) {
		t.Errorf("in a smaller window %v does not show %v", d.View(), d.Bounds())
	}
	h.c.SetZoom(1)
	h.w.Resize(fyne.NewSize(900, 500))
	same(t, "the zoom, once a person has set it", d.View().Zoom, float32(1))
	h.c.SetDocument(h.d)
	h.c.SetDocument(d)
	same(t, "the zoom, when it comes back", d.View().Zoom, float32(1))
}
