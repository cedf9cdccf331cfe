package ui

import (
	"testing"

	"jackfield/flow"
	"jackfield/ui/canvas"
	"jackfield/ui/editor"
)

func ended(seq int, step flow.StepID, edge, in int, out map[flow.Outlet]int, from ...flow.Ref) flow.Event {
	return flow.Event{Kind: flow.StepEnded, Run: flow.Run{ID: "r"}, Step: flow.StepRun{Run: "r", Seq: seq, Step: step, Edge: edge, In: in, Out: out, From: from}}
}

func TestAStepRunThatIsStoredAndToldCountsOnce(t *testing.T) {
	l := newLive(flow.Run{ID: "r"})
	e := ended(0, "read", -1, 1, map[flow.Outlet]int{flow.Done: 40})
	l.take(e)
	l.take(e)
	if n := l.steps["read"].total(); n != 40 {
		t.Errorf("%d records, want 40", n)
	}
}

func TestBadgesFollowARunAndItsRetry(t *testing.T) {
	l := newLive(flow.Run{ID: "r"})
	l.take(ended(0, "read", -1, 1, map[flow.Outlet]int{flow.Done: 3}))
	l.take(flow.Event{Kind: flow.StepBegan, Run: flow.Run{ID: "r"}, Step: flow.StepRun{Step: "send"}})
	if s := l.steps["send"].status(); s.State != canvas.Running {
		t.Errorf("while it works the badge is %v", s)
	}
	l.take(ended(1, "send", 0, 3, map[flow.Outlet]int{flow.Done: 1, flow.Failed: 2}, flow.Ref{Run: "r", Seq: 0, Outlet: flow.Done}))
	if s := l.steps["send"].status(); s.State != canvas.Partial || s.Count != 1 {
		t.Errorf("with failures the badge is %v", s)
	}
	l.take(ended(2, "", -1, 0, nil))
	l.take(ended(3, "send", -1, 2, map[flow.Outlet]int{flow.Done: 2}, flow.Ref{Run: "r", Seq: 1, Outlet: flow.Failed}))
	if s := l.steps["send"].status(); s.State != canvas.Done || s.Count != 3 {
		t.Errorf("after the retry the badge is %v", s)
	}
	if l.edges[0] != 3 || l.steps["send"].in != 3 {
		t.Errorf("the edge has %d, the step took %d, want 3 of each", l.edges[0], l.steps["send"].in)
	}
}

func TestEventsOfAnotherRunChangeNothing(t *testing.T) {
	l := newLive(flow.Run{ID: "other"})
	if l.take(ended(0, "read", -1, 1, map[flow.Outlet]int{flow.Done: 3})) || len(l.steps) > 0 {
		t.Error("it took them")
	}
}

func TestWhatWaitsIsShownOnItsEdgeAndWhoRestsBecauseOfIt(t *testing.T) {
	f := flow.Flow{Edges: []flow.Edge{{From: "read", To: "send"}, {From: "send", To: "keep"}}}
	l := newLive(flow.Run{ID: "r", State: flow.Running})
	l.take(ended(0, "read", -1, 1, map[flow.Outlet]int{flow.Done: 4000}))
	l.take(flow.Event{Kind: flow.PressureChanged, Run: flow.Run{ID: "r"}, Pressure: flow.Pressure{
		Waits: []flow.Waits{{Edge: 0, Step: "send", Batches: 4, Records: 4000}},
		Held:  []flow.Held{{Step: "read", By: "send"}},
	}})
	steps, edges := l.picture(f)
	if got := edges[editor.EdgeID{From: "read", Outlet: flow.Done, To: "send"}]; got != (canvas.Traffic{Waits: 4000, Full: true}) {
		t.Errorf("the edge shows %+v", got)
	}
	if got := steps["read"]; got.State != canvas.Waiting || got.What != "rests until send has taken some of what waits there" {
		t.Errorf("the source shows %+v", got)
	}
	l.take(flow.Event{Kind: flow.RunChanged, Run: flow.Run{ID: "r", State: flow.RunStopped}})
	if _, edges = l.picture(f); len(edges) > 0 {
		t.Errorf("of a run that ended something waits: %v", edges)
	}
}
