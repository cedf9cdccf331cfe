package canvas

import (
	"fmt"
	"testing"
	"time"

	"jackfield/flow"
	"jackfield/ui/editor"
)

func TestRunIsShownOnCardsAndEdges(t *testing.T) {
	h := work(t, chain("a", "b", "c"))
	ab, bc := editor.EdgeID{From: "a", Outlet: "done", To: "b"}, editor.EdgeID{From: "b", Outlet: "done", To: "c"}
	h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Running}}, map[editor.EdgeID]Traffic{ab: {Took: 1240}})
	card := func(id flow.StepID) cardLook { return h.c.stage.shownCards[id].look }
	same(t, "a", card("a").status, Status{State: Done, Count: 1240})
	same(t, "its badge", h.c.stage.shownCards["a"].badgeText(), "1.2k")
	same(t, "the edge to b lives", h.c.stage.shownEdges[ab].look.alive, true)
	same(t, "the edge to c does not", h.c.stage.shownEdges[bc].look.alive, false)
	h.time = h.time.Add(time.Second)
	h.c.SetRun(map[flow.StepID]Status{"a": {State: Done, Count: 1240}, "b": {State: Failed}}, map[editor.EdgeID]Traffic{ab: {Took: 1240}})
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
