package ui

import (
	"testing"

	"jackfield/flow"
	"jackfield/ui/canvas"
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
