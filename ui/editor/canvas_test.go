package editor

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"jackfield/flow"
)

func TestDropMovesStepsInOneChange(t *testing.T) {
	d := chain("a", "b", "c")
	d.BeginDrag([]flow.StepID{"a", "b"})
	for i := range 10 {
		d.Drag(float32(i*10), float32(i*20))
	}
	same(t, "a on the move", d.Card("a").Rect, Rect{90, 180, 200, 64})
	s, _ := d.Step("a")
	same(t, "a in the flow", s.At, flow.Point{})
	same(t, "the edge follows", d.Arrow(EdgeID{"a", flow.Done, "b"}).Curve[0], flow.Point{X: 290, Y: 212})
	d.Drop()
	s, _ = d.Step("a")
	same(t, "a in the flow", s.At, flow.Point{X: 90, Y: 180})
	same(t, "words", d.Undoable(), "moved 2 steps")
	d.Undo()
	same(t, "a after undo", d.Card("a").Rect, Rect{0, 0, 200, 64})
	same(t, "the edge after undo", d.Arrow(EdgeID{"a", flow.Done, "b"}).Curve[0], flow.Point{X: 200, Y: 32})
}

func TestCancelledDragLeavesNothing(t *testing.T) {
	d := chain("a", "b")
	d.BeginDrag([]flow.StepID{"a"})
	d.Drag(500, 500)
	d.CancelDrag()
	same(t, "a", d.Card("a").Rect, Rect{0, 0, 200, 64})
	same(t, "what can be undone", d.Undoable(), "")
	same(t, "cards at the old place", len(d.CardsIn(Rect{0, 0, 10, 10}, nil)), 1)
}

func TestAnyChangeEndsADrag(t *testing.T) {
	d := chain("a", "b")
	d.BeginDrag([]flow.StepID{"a"})
	d.Drag(500, 500)
	d.Delete("a")
	same(t, "dragging", d.Dragging(), false)
	d.Drag(600, 600)
	d.Undo()
	d.BeginDrag([]flow.StepID{"a"})
	d.Drag(600, 600)
	same(t, "a in a drag after it", d.Card("a").Rect, Rect{600, 600, 200, 64})
	d.CancelDrag()
	same(t, "a", d.Card("a").Rect, Rect{0, 0, 200, 64})
}

func TestSnapPrefersNeighboursToTheGrid(t *testing.T) {
	d := chain("a", "b")
	d.Move([]flow.StepID{"b"}, 3, 207)
	d.SetView(View{Zoom: 1, W: 1000, H: 800})
	d.BeginDrag([]flow.StepID{"a"})
	for _, c := range []struct {
		name         string
		dx, dy       float32
		wantX, wantY float32
		guides       int
		vertical     bool
		along, from  float32
	}{
		{name: "far from all", dx: 52, dy: 49, wantX: 60, wantY: 40},
		{name: "left sides", dx: 280, dy: 49, wantX: 283, wantY: 40, guides: 1, vertical: true, along: 283, from: 40},
		{name: "tops", dx: 47, dy: 210, wantX: 40, wantY: 207, guides: 1, along: 207, from: 40},
		{name: "right of a to left of b is no line", dx: 86, dy: 49, wantX: 80, wantY: 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y, guides := d.Snap(c.dx, c.dy, 6)
			same(t, "the distance", [2]float32{x, y}, [2]float32{c.wantX, c.wantY})
			if len(guides) != c.guides {
				t.Fatalf("the guides are %v", guides)
			}
			if c.guides == 1 {
				same(t, "the guide", []any{guides[0].Vertical, guides[0].At, guides[0].From}, []any{c.vertical, c.along, c.from})
			}
		})
	}
}

func TestNudgeGoesToTheGrid(t *testing.T) {
	d := chain("a")
	d.Move([]flow.StepID{"a"}, 7, 13)
	d.Select("a")
	for _, c := range []struct {
		dir  Direction
		fine bool
		want flow.Point
	}{
		{Right, false, flow.Point{X: 20, Y: 13}},
		{Left, false, flow.Point{X: 0, Y: 13}},
		{Up, false, flow.Point{X: 0, Y: 0}},
		{Down, true, flow.Point{X: 0, Y: 1}},
	} {
		d.Nudge(c.dir, c.fine)
		s, _ := d.Step("a")
		same(t, "the place", s.At, c.want)
	}
}

func TestHitFindsWhatAPersonMeans(t *testing.T) {
	d := chain("a", "b")
	fork := d.AddStep("core.filter", flow.Point{X: 0, Y: 200})
	trigger := d.AddStep("core.manual", flow.Point{X: 0, Y: 400})
	for _, c := range []struct {
		name string
		p    flow.Point
		want Hit
	}{
		{"a card", flow.Point{X: 100, Y: 30}, Hit{Part: OnCard, Step: "a"}},
		{"its inlet from outside", flow.Point{X: -5, Y: 33}, Hit{Part: OnInlet, Step: "a"}},
		{"its outlet", flow.Point{X: 203, Y: 30}, Hit{Part: OnOutlet, Step: "a", Outlet: "done"}},
		{"its failed outlet", flow.Point{X: FailedX, Y: 66}, Hit{Part: OnOutlet, Step: "a", Outlet: "failed"}},
		{"the upper of two outlets", flow.Point{X: 200, Y: 221}, Hit{Part: OnOutlet, Step: fork, Outlet: "true"}},
		{"the lower of two outlets", flow.Point{X: 200, Y: 243}, Hit{Part: OnOutlet, Step: fork, Outlet: "false"}},
		{"no inlet at a trigger", flow.Point{X: 2, Y: 432}, Hit{Part: OnCard, Step: trigger}},
		{"nothing", flow.Point{X: 240, Y: 120}, Hit{}},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, "the hit", d.Hit(c.p, 8, 8), c.want) })
	}
	h := d.Hit(flow.Point{X: 240, Y: 36}, 8, 8)
	same(t, "the edge", h.Edge, EdgeID{"a", flow.Done, "b"})
	if math.Abs(float64(h.Along)-0.5) > 0.05 {
		t.Errorf("half way along is %v", h.Along)
	}
}

func TestTheLastCardIsOnTop(t *testing.T) {
	d := New(flow.Flow{Steps: []flow.Step{
		{ID: "a", Uses: "core.map"}, {ID: "b", Uses: "core.map", At: flow.Point{X: 150, Y: 10}},
	}}, testOps)
	same(t, "the card", d.CardAt(flow.Point{X: 180, Y: 30}).ID(), flow.StepID("b"))
	same(t, "a's outlet lies below b", d.Hit(flow.Point{X: 200, Y: 32}, 8, 8), Hit{Part: OnCard, Step: "b"})
}

// What the index says must be what looking at everything says.
func TestIndexFindsTheSameAsLookingAtAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d := New(large(300), testOps)
	for round := range 200 {
		if round%4 == 0 {
			ids := []flow.StepID{d.Cards()[rng.IntN(d.Len())].ID(), d.Cards()[rng.IntN(d.Len())].ID()}
			d.BeginDrag(ids)
			d.Drag(rng.Float32()*4000-2000, rng.Float32()*4000-2000)
			if rng.IntN(2) == 0 {
				d.Drop()
			}
		}
		r := Rect{rng.Float32()*4000 - 1500, rng.Float32()*8000 - 1500, rng.Float32() * 2000, rng.Float32() * 2000}
		var cards []*Card
		for _, c := range d.Cards() {
			if c.Rect.Meets(r) {
				cards = append(cards, c)
			}
		}
		if got := d.CardsIn(r, nil); !slices.Equal(got, cards) {
			t.Fatalf("round %d: %d cards in %v, want %d", round, len(got), r, len(cards))
		}
		var arrows []*Arrow
		for _, a := range d.Arrows() {
			if a.Box.Grown(1).Meets(r) {
				arrows = append(arrows, a)
			}
		}
		if got := d.ArrowsIn(r, nil); !slices.Equal(got, arrows) {
			t.Fatalf("round %d: %d edges in %v, want %d", round, len(got), r, len(arrows))
		}
	}
}

func TestFarOffPlacesDoNoHarm(t *testing.T) {
	d := chain("a", "b")
	d.SetView(View{Zoom: 1, W: 900, H: 700})
	d.Move([]flow.StepID{"b"}, 3e37, -3e37)
	d.Tidy()
	same(t, "b", d.Card("b").Rect.X-d.Card("a").Rect.X, float32(280))
	d.Undo()
	d.Fit()
	same(t, "edges in all", len(d.ArrowsIn(d.Bounds(), nil)), 1)
	same(t, "zoom", d.View().Zoom, float32(MinZoom))
}

func TestBandSelectsWhatItTouches(t *testing.T) {
	d := chain("a", "b", "c")
	band := d.NewBand(BandReplaces)
	d.Stretch(band, Rect{190, -10, 100, 30}, false)
	same(t, "touched", d.Selected(), []flow.StepID{"a", "b"})
	d.Stretch(band, Rect{190, -10, 300, 100}, true)
	same(t, "enclosed", d.Selected(), []flow.StepID{"b"})
	d.Stretch(d.NewBand(BandAdds), Rect{560, 0, 10, 10}, false)
	same(t, "added", d.Selected(), []flow.StepID{"b", "c"})
	d.Stretch(d.NewBand(BandToggles), Rect{-10, -10, 300, 100}, false)
	same(t, "toggled", d.Selected(), []flow.StepID{"c", "a"})
	d.Stretch(d.NewBand(BandReplaces), Rect{210, 20, 50, 30}, false)
	same(t, "no step", len(d.Selected()), 0)
	same(t, "the edge", d.SelectedEdges(), []EdgeID{{"a", flow.Done, "b"}})
}

func TestArrowKeysGoToTheNearestStep(t *testing.T) {
	d := chain("a", "b", "c")
	d.AddStep("core.map", flow.Point{X: 280, Y: 200})
	d.AddStep("core.map", flow.Point{X: 560, Y: 240})
	for _, c := range []struct {
		from flow.StepID
		dir  Direction
		want flow.StepID
	}{
		{"a", Right, "b"},
		{"a", Left, ""},
		{"b", Down, "map"},
		{"map", Up, "b"},
		{"map", Right, "map_2"},
		{"c", Left, "b"},
		{"map_2", Up, "c"},
	} {
		same(t, "from "+string(c.from), d.Neighbour(c.from, c.dir), c.want)
	}
}

func TestZoomKeepsThePointUnderThePointer(t *testing.T) {
	v := View{At: flow.Point{X: 10, Y: 20}, Zoom: 1, W: 800, H: 600}
	before := v.World(300, 200)
	after := v.Zoomed(300, 200, 2.5).World(300, 200)
	if math.Hypot(float64(before.X-after.X), float64(before.Y-after.Y)) > 0.01 {
		t.Errorf("%v moved to %v", before, after)
	}
	same(t, "the least zoom", v.Zoomed(0, 0, 0.0001).Zoom, float32(MinZoom))
	same(t, "the most zoom", v.Zoomed(0, 0, 100).Zoom, float32(MaxZoom))
}

func TestFitShowsEverythingWithAMargin(t *testing.T) {
	d := New(large(60), testOps)
	d.SetView(View{Zoom: 1, W: 900, H: 700})
	d.Fit()
	v := d.View()
	x, y := v.Screen(flow.Point{X: d.Bounds().X, Y: d.Bounds().Y})
	if x < fitMargin-1 || y < fitMargin-1 || !v.Area().Holds(d.Bounds()) {
		t.Errorf("%v does not show %v", v, d.Bounds())
	}
	d.Select("s0")
	d.FitSelection()
	same(t, "zoom on one step", d.View().Zoom, float32(1))
}

func TestUndoShowsWhatItChanged(t *testing.T) {
	d := chain("a", "b")
	d.SetView(View{Zoom: 1, W: 600, H: 400})
	d.Move([]flow.StepID{"a"}, 10, 0)
	d.SetView(View{Zoom: 1, W: 600, H: 400, At: flow.Point{X: 50}})
	d.Undo()
	same(t, "the view where it is seen", d.View().At, flow.Point{X: 50})
	d.SetView(View{Zoom: 1, W: 600, H: 400, At: flow.Point{X: 5000}})
	d.Redo()
	if !d.View().Area().Meets(d.Card("a").Rect) {
		t.Errorf("the view stays at %v", d.View())
	}
}

func TestCurvePiecesMeetAndStayOnTheCurve(t *testing.T) {
	c := NewCurve(flow.Point{X: 0, Y: 0}, flow.Point{X: -300, Y: 400}, false)
	left, right := c.Split(0.3)
	same(t, "the joint", left[3], right[0])
	same(t, "the joint", left[3], c.At(0.3))
	if d, along := c.Near(c.At(0.62)); d > 2 || math.Abs(float64(along)-0.62) > 0.01 {
		t.Errorf("a point of the curve is %v away at %v", d, along)
	}
	for i := range 50 {
		if p := c.At(float32(i) / 49); !c.Box().Grown(0.01).Has(p) {
			t.Errorf("%v lies outside %v", p, c.Box())
		}
	}
}

func TestProblemsStandAtTheirSteps(t *testing.T) {
	d := chain("a", "b")
	d.SetProblems([]flow.Problem{{Step: "b", What: "x"}, {What: "y"}, {Step: "b", What: "z"}})
	same(t, "at b", len(d.Problems("b")), 2)
	same(t, "at a", len(d.Problems("a")), 0)
	same(t, "at the flow", len(d.Problems("")), 1)
	same(t, "all", len(d.AllProblems()), 3)
}

func TestSavedTellsWhatChangedMeanwhile(t *testing.T) {
	d := chain("a")
	d.SetTitle("a", "A", noon)
	mark, f := d.Mark(), d.Flow()
	d.SetOff(true, "a")
	f.ID, f.Version = "test", 3
	d.Saved(mark, f)
	same(t, "dirty", d.Dirty(), true)
	d.Undo()
	same(t, "dirty after undo", d.Dirty(), false)
	same(t, "id and version", []any{d.Flow().ID, d.Flow().Version}, []any{"test", 3})
}

func TestUndoIsLimited(t *testing.T) {
	d := chain("a")
	for i := range pastLimit + 20 {
		d.Move([]flow.StepID{"a"}, float32(i+1), 0)
	}
	steps := 0
	for {
		if _, ok := d.Undo(); !ok {
			break
		}
		steps++
	}
	same(t, "steps of undo", steps, pastLimit)
}

func TestAFlowWithHolesIsDrawnAndKept(t *testing.T) {
	f := flow.Flow{
		Steps: []flow.Step{{ID: "a", Uses: "core.map", At: flow.Point{X: 10}}, {ID: "a", Uses: "csv.read"}, {ID: "b", Uses: "core.map"}},
		Edges: []flow.Edge{{From: "a", To: "zzz"}, {From: "a", To: "b"}, {From: "b", To: "a"}, {From: "b", To: "b"}},
	}
	d := New(f, testOps)
	d.Tidy()
	d.Undo()
	same(t, "the flow", d.Flow(), f)
	id := d.AddStep("core.map", flow.Point{})
	if err := d.Rename(id, "zzz"); err != nil {
		t.Fatal(err)
	}
	if a := d.Arrow(EdgeID{"a", flow.Done, "zzz"}); a == nil || a.Curve == (Curve{}) {
		t.Error("the edge did not find the step that came")
	}
	d.Delete("zzz", "a")
	same(t, "the steps", d.stepIDs(), []flow.StepID{"b"})
	d.Undo()
	d.Undo()
	d.Undo()
	same(t, "the flow", d.Flow(), f)
}

func TestEndsOfAnEdgeBeingDrawn(t *testing.T) {
	d := chain("a", "b", "c")
	fork := d.AddStep("core.filter", flow.Point{X: 0, Y: 200})
	forth := d.JudgeFrom("b", flow.Done, EdgeID{})
	for _, c := range []struct {
		name  string
		judge Judge
		p     flow.Point
		want  End
		why   string
		found bool
	}{
		{"near an inlet", forth, flow.Point{X: -12, Y: 230}, End{Step: fork, At: flow.Point{X: 0, Y: 232}}, "", true},
		{"over a card", forth, flow.Point{X: 100, Y: 250}, End{Step: fork, At: flow.Point{X: 0, Y: 232}}, "", true},
		{"over a card that is refused", forth, flow.Point{X: 100, Y: 20}, End{Step: "a", At: flow.Point{X: 0, Y: 32}}, "would go round through a, b", true},
		{"near an inlet that is refused", forth, flow.Point{X: 552, Y: 30}, End{Step: "c", At: flow.Point{X: 560, Y: 32}}, "this edge is there already", true},
		{"over itself", forth, flow.Point{X: 380, Y: 20}, End{}, "", false},
		{"nowhere", forth, flow.Point{X: 380, Y: 700}, End{}, "", false},
		{"near an outlet, from an inlet", d.JudgeInto("a", EdgeID{}), flow.Point{X: 210, Y: 246}, End{fork, "false", flow.Point{X: 200, Y: 244}}, "", true},
		{"over a card, from an inlet", d.JudgeInto("a", EdgeID{}), flow.Point{X: 100, Y: 230}, End{fork, "true", flow.Point{X: 200, Y: 220}}, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			end, found, why := d.EndNear(c.judge, c.p, 20)
			said := ""
			if why != nil {
				said = why.Error()
			}
			same(t, "the end", []any{end, said, found}, []any{c.want, c.why, c.found})
		})
	}
}

func TestBetweenTwoViewsTheCommonPointStays(t *testing.T) {
	from := View{At: flow.Point{X: 10, Y: 20}, Zoom: 1, W: 800, H: 600}
	to := from.Zoomed(300, 200, 0.2)
	fixed := from.World(300, 200)
	for _, share := range []float32{0, 0.2, 0.5, 0.9, 1} {
		x, y := from.Between(to, share).Screen(fixed)
		if math.Hypot(float64(x-300), float64(y-200)) > 0.1 {
			t.Errorf("at %v the fixed point is at %v, %v", share, x, y)
		}
	}
	same(t, "the beginning", from.Between(to, 0), from)
	same(t, "the end", from.Between(to, 1), to)
	aside := from.Panned(100, 0)
	same(t, "half way aside", from.Between(aside, 0.5).At, flow.Point{X: -40, Y: 20})
}
