package editor

import (
	"testing"

	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// looped is a flow with a loop around two steps, one step before it and one behind.
func looped() *Document {
	return New(flow.Flow{
		Steps: []flow.Step{
			{ID: "begin", Uses: "core.manual", At: flow.Point{X: 0, Y: 0}},
			{ID: "loop", Uses: "core.each", At: flow.Point{X: 300, Y: 0}},
			{ID: "a", Uses: "core.map", In: "loop", At: flow.Point{X: 300, Y: 200}},
			{ID: "b", Uses: "core.map", In: "loop", At: flow.Point{X: 580, Y: 200}},
			{ID: "end", Uses: "core.map", At: flow.Point{X: 1200, Y: 0}},
		},
		Edges: []flow.Edge{{From: "begin", To: "loop"}, {From: "a", To: "b"}, {From: "loop", To: "end"}},
	}, kit.Set{core.New()})
}

func (d *Document) in(id flow.StepID) flow.StepID {
	s, _ := d.Step(id)
	return s.In
}

func pull(d *Document, id flow.StepID, dx, dy float32) {
	d.BeginDrag([]flow.StepID{id})
	d.Drag(dx, dy)
	d.Drop()
}

func TestAFrameLiesAroundWhatIsInAContainer(t *testing.T) {
	d := looped()
	frames := d.Frames()
	same(t, "frames", len(frames), 1)
	for _, id := range []flow.StepID{"a", "b"} {
		if !frames[0].Rect.Holds(d.drawn.cards[id].Rect) {
			t.Errorf("%s is not in the frame", id)
		}
	}
	if frames[0].Rect.Has(d.drawn.cards["end"].Rect.Centre()) {
		t.Error("end is in the frame")
	}
	same(t, "the scope at a", d.ScopeAt(d.drawn.cards["a"].Rect.Centre()), flow.StepID("loop"))
}

func TestAContainerTakesAlongWhatIsInIt(t *testing.T) {
	d := looped()
	pull(d, "loop", 40, 60)
	same(t, "a lies at", d.drawn.cards["a"].Step.At, flow.Point{X: 340, Y: 260})
	same(t, "a is in", d.in("a"), flow.StepID("loop"))
	d.Undo()
	same(t, "a lies again at", d.drawn.cards["a"].Step.At, flow.Point{X: 300, Y: 200})
}

func TestDraggingPutsAStepIntoAContainerAndTakesItOut(t *testing.T) {
	d := looped()
	pull(d, "end", -700, 200)
	same(t, "end is in", d.in("end"), flow.StepID("loop"))
	pull(d, "end", 900, -200)
	same(t, "end is in", d.in("end"), flow.StepID(""))
	d.Undo()
	same(t, "end is in again", d.in("end"), flow.StepID("loop"))
}

func TestTheOnlyStepOfAContainerStaysInItWhereverItGoes(t *testing.T) {
	d := looped()
	d.SetIn("b", "")
	pull(d, "a", 0, 900)
	same(t, "a is in", d.in("a"), flow.StepID("loop"))
}

func TestNewStepsJoinTheScopeTheyLandIn(t *testing.T) {
	d := looped()
	id, _ := d.AddStepAfter("b", "", "core.map")
	same(t, "behind b", d.in(id), flow.StepID("loop"))
	id, _ = d.AddStepAfter("loop", "", "core.map")
	same(t, "behind the loop", d.in(id), flow.StepID(""))
	id = d.AddStep("core.map", flow.Point{X: 440, Y: 230})
	same(t, "dropped into the frame", d.in(id), flow.StepID("loop"))
	id, err := d.SpliceNew(EdgeID{"a", flow.Done, "b"}, "core.map", flow.Point{X: 440, Y: 200})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "between a and b", d.in(id), flow.StepID("loop"))
}

func TestAContainerIsNotPutIntoItself(t *testing.T) {
	d := looped()
	inner := d.AddStep("core.scope", flow.Point{X: 900, Y: 420})
	d.SetIn(inner, "loop")
	same(t, "for the loop", len(d.Containers("loop")), 0)
	same(t, "for the inner one", d.Containers(inner)[0], flow.StepID("loop"))
	frames := d.Frames()
	same(t, "the outer one comes first", frames[0].ID, flow.StepID("loop"))
	if !frames[0].Rect.Holds(frames[1].Rect) || !frames[1].Empty {
		t.Errorf("the frames are %+v", frames)
	}
}

func TestContainersInACircleAreDrawnAllTheSame(t *testing.T) {
	d := New(flow.Flow{Steps: []flow.Step{
		{ID: "x", Uses: "core.each", In: "y", At: flow.Point{X: 1}}, {ID: "y", Uses: "core.each", In: "x", At: flow.Point{X: 400}},
	}}, kit.Set{core.New()})
	same(t, "frames", len(d.Frames()), 2)
}
