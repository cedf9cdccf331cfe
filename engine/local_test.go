package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

const waiting = `
jackfield: 1
name: Waiting
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3]}}
  - {id: slow, uses: test.wait}
  - {id: after, uses: test.send}
edges: [start -> slow, slow -> after]
`

// waitingHouse has a flow whose step waits at each record until block lets it.
func waitingHouse(t testing.TB) (h *enginetest.House, began chan flow.RecordID, block chan struct{}) {
	h = open(t)
	began, block = make(chan flow.RecordID), make(chan struct{})
	h.World.Began, h.World.Block = began, block
	h.Add("f", waiting)
	return h, began, block
}

func start(t *testing.T, h *enginetest.House, s engine.Start) flow.RunID {
	t.Helper()
	id, err := h.Local.Start(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestStopEndsALongOperationAtOnceAndResumeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, began, block := waitingHouse(t)
		id := start(t, h, engine.Start{Flow: "f"})
		<-began
		block <- struct{}{}
		<-began
		stopped := time.Now()
		if err := h.Local.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		r := h.Wait(id)
		equal(t, "state", r.State, flow.RunStopped)
		equal(t, "time that passed", time.Since(stopped), time.Duration(0))
		equal(t, "what was done is kept", h.Counts(id), "[slow.done=1 start.done=3]")
		close(block)
		go func() {
			for range began {
			}
		}()
		r = h.Resume(id)
		close(began)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "counts", h.Counts(id), "[after.done=3 slow.done=3 start.done=3]")
	})
}

func TestCloseLetsTheRecordEndAndTheNextProgramGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, began, block := waitingHouse(t)
		id := start(t, h, engine.Start{Flow: "f"})
		<-began
		closed := make(chan error)
		go func() { closed <- h.Local.Close(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-closed:
			t.Fatalf("closed before the record was done: %v", err)
		default:
		}
		close(block)
		if err := <-closed; err != nil {
			t.Fatal(err)
		}
		r, err := h.History.Run(t.Context(), id)
		if err != nil || r.State != flow.Running {
			t.Errorf("the run is %s, %v; want it to wait for the next program", r.State, err)
		}
		equal(t, "counts", h.Counts(id), "[slow.done=1 start.done=3]")
		if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"}); err == nil {
			t.Error("a closed runner started a run")
		}
		h.Reopen()
		h.World.Began = nil
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		equal(t, "state", h.Wait(id).State, flow.RunDone)
		equal(t, "counts", h.Counts(id), "[after.done=3 slow.done=3 start.done=3]")
		for key, times := range h.World.Sent() {
			equal(t, "deliveries of "+key, len(times), 1)
		}
	})
}

func TestCloseCutsShortWhatDoesNotEndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, began, _ := waitingHouse(t)
		id := start(t, h, engine.Start{Flow: "f"})
		<-began
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begin := time.Now()
		if err := h.Local.Close(ctx); err != nil {
			t.Fatal(err)
		}
		equal(t, "time that passed", time.Since(begin), 10*time.Second)
		if r, err := h.History.Run(t.Context(), id); err != nil || r.State != flow.Running {
			t.Errorf("the run is %s, %v", r.State, err)
		}
		equal(t, "nothing failed", h.Counts(id), "[start.done=3]")
	})
}

func TestStopOfARunThatNobodyPerforms(t *testing.T) {
	h := open(t)
	h.Add("f", waiting)
	left := flow.Run{ID: "left", Flow: "f", Version: 1, State: flow.Running, Started: time.Now()}
	if err := h.History.Begin(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	if err := h.Local.Stop(t.Context(), "left"); err != nil {
		t.Fatal(err)
	}
	equal(t, "state", h.Wait("left").State, flow.RunStopped)
	var ps engine.Problems
	if err := h.Local.Stop(t.Context(), "left"); !errors.As(err, &ps) || ps[0].Code != "ended" {
		t.Errorf("the second stop: %v", err)
	}
}

func TestStartRefusesAFlowWithProblems(t *testing.T) {
	h := open(t)
	h.Add("f", "jackfield: 1\nname: Bad\nsteps: [{id: a, uses: test.sendall}]\n")
	_, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	var ps engine.Problems
	if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Step != "a" || ps[0].Field != "table" {
		t.Errorf("start: %v", err)
	}
	if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "g"}); kit.AsFailure(err).Kind != kit.Missing {
		t.Errorf("start of a flow that is not there: %v", err)
	}
	h.Add("g", waiting)
	if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "g", Trigger: "slow"}); !errors.As(err, &ps) || ps[0].Code != "no-trigger" {
		t.Errorf("start at a step that is no trigger: %v", err)
	}
}

func TestRecoverFailsARunWhoseFlowIsGone(t *testing.T) {
	h := open(t)
	if err := h.History.Begin(t.Context(), flow.Run{ID: "lost", Flow: "gone", Version: 3, State: flow.Running, Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := h.Wait("lost")
	equal(t, "state", r.State, flow.RunFailed)
	if r.Problem == nil || !strings.Contains(r.Problem.What, `no version 3 of flow "gone"`) || r.Problem.Fix != "start the flow anew" {
		t.Errorf("problem %+v", r.Problem)
	}
}

func TestRunGoesOnWithTheVersionItStartedWith(t *testing.T) {
	h, began, block := waitingHouse(t)
	id := start(t, h, engine.Start{Flow: "f"})
	<-began
	if err := h.Local.Stop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	h.Add("f", "jackfield: 1\nname: Other\nsteps: [{id: start, uses: test.start}]\n")
	close(block)
	h.World.Began = nil
	equal(t, "state", h.Resume(id).State, flow.RunDone)
	equal(t, "counts", h.Counts(id), "[after.done=3 slow.done=3 start.done=3]")
}

func TestEventsTellOfRunStepsAndLog(t *testing.T) {
	h := open(t)
	h.Add("f", "jackfield: 1\nname: Events\nsteps:\n  - {id: start, uses: test.start}\n  - {id: read, uses: test.pages}\nedges: [start -> read]\n")
	r := h.Run(engine.Start{Flow: "f"})
	var got []string
	for _, e := range h.Events() {
		equal(t, "run of the event", e.Run.ID, r.ID)
		equal(t, "flow of the event", e.Flow, flow.ID("f"))
		got = append(got, fmt.Sprint(e.Kind, " ", e.Run.State, e.Step.Step, " ", e.Step.Out, e.Line.Text))
	}
	equal(t, "events", got, []string{
		"run running map[]", "began start map[]", "ended start map[done:1]", "began read map[]",
		"log  map[]read page 0", "ended read map[done:1]", "run done map[]",
	})
}

func TestListenerStartsARunForEachEvent(t *testing.T) {
	h := open(t)
	f := h.Add("f", `
jackfield: 1
name: Listen
steps:
  - {id: hook, uses: test.listen}
  - {id: shape, uses: test.map, map: .x}
edges: [hook -> shape]
`)
	if err := h.Local.Enable(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	receipt, err := h.World.Give(t.Context(), "hook", kit.Event{Data: []any{map[string]any{"x": 1}}, Cause: "webhook"})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Data(receipt.Run, "hook", flow.Done); len(got) != 1 {
		t.Errorf("the event was not on disk when it was taken: %v", got)
	}
	r, err := receipt.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "state and cause", []any{r.State, r.Cause, r.Trigger}, []any{flow.RunDone, "webhook", flow.StepID("hook")})
	equal(t, "data", h.Data(r.ID, "shape", flow.Done), []any{1})
	if err := h.Local.Disable("f"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.World.Give(ctx, "hook", kit.Event{}); err == nil {
		t.Error("a disabled flow still listens")
	}
	if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"}); err != nil {
		t.Fatal(err)
	}
}

func TestStartByHandOfAListenerSaysWhatIsMissing(t *testing.T) {
	h := open(t)
	h.Add("f", "jackfield: 1\nname: Listen\nsteps: [{id: hook, uses: test.listen}]\n")
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	if r.Problem == nil || r.Problem.Step != "hook" || r.Problem.Fix == "" {
		t.Errorf("problem %+v", r.Problem)
	}
}

func TestListenerThatGivesUpIsToldOfOnceAndAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		asked := 0
		h.World.OnListen = func() error {
			if asked++; asked < 5 {
				return kit.Fail(kit.Busy, "the port is taken").Hint("choose another")
			}
			return nil
		}
		enable(t, h, h.Add("f", "jackfield: 1\nname: Listen\nsteps: [{id: hook, uses: test.listen}]\n"))
		pass(10 * time.Second)
		equal(t, "troubles", h.Troubles(), []string{`trigger "hook" of "Listen" does not listen: the port is taken; choose another`})
		pass(time.Minute)
		equal(t, "asked", asked, 5)
		equal(t, "troubles", len(h.Troubles()), 1)
		if lines := h.Lines(); len(lines) != 1 || lines[0].Text != "is well again" {
			t.Errorf("lines %+v", lines)
		}
		if _, err := h.World.Give(t.Context(), "hook", kit.Event{Data: []any{1}, Cause: "webhook"}); err != nil {
			t.Error(err)
		}
		h.Close()
	})
}

func TestFlowCallsAnotherFlowAndTakesItsResults(t *testing.T) {
	h := open(t)
	h.Add("outer", `
jackfield: 1
name: Outer
steps:
  - {id: start, uses: test.start, with: {items: [1, 2]}}
  - {id: ask, uses: test.call, with: {flow: inner}}
edges: [start -> ask]
`)
	h.Add("inner", `
jackfield: 1
name: Inner
steps:
  - {id: start, uses: test.start}
  - {id: big, uses: test.map, map: ". * 10, . * 10 + 1"}
  - {id: parts, uses: test.test, with: {when: ". % 10 == 0"}}
  - {id: tens, uses: test.map}
edges: [start -> big, big -> parts, parts.true -> tens]
`)
	r := h.Run(engine.Start{Flow: "outer"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "results", h.Data(r.ID, "ask", flow.Done), []any{10, 20})
	children := 0
	for _, e := range h.Events() {
		if e.Kind == flow.RunChanged && e.Run.Of == r.ID && e.Run.State == flow.RunDone {
			children++
			equal(t, "cause", e.Run.Cause, "flow")
		}
	}
	equal(t, "called runs", children, 2)
}

func TestFailureOfACalledFlowIsTheCallersAndResumeGoesOnInIt(t *testing.T) {
	h := open(t)
	ill := true
	h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
		if ill && rec.Data == 2 {
			return kit.Fail(kit.Refused, "not two")
		}
		return nil
	}
	h.Add("outer", `
jackfield: 1
name: Outer
steps:
  - {id: start, uses: test.start}
  - {id: ask, uses: test.call, with: {flow: inner}}
edges: [start -> ask]
`)
	h.Add("inner", `
jackfield: 1
name: Inner
steps:
  - {id: start, uses: test.start}
  - {id: list, uses: test.map, map: "1, 2, 3"}
  - {id: send, uses: test.send}
edges: [start -> list, list -> send]
`)
	r := h.Run(engine.Start{Flow: "outer"})
	equal(t, "state", r.State, flow.RunFailed)
	if !strings.HasPrefix(r.Problem.What, `1 record of the called flow "Inner" failed`) {
		t.Errorf("why: %+v", r.Problem)
	}
	ill = false
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "results", h.Data(r.ID, "ask", flow.Done), []any{1, 3, 2})
	for key, times := range h.World.Sent() {
		equal(t, "deliveries of "+key, len(times), 1)
	}
}

func TestCallsThatGoRoundOrTooDeepAreRefused(t *testing.T) {
	h := open(t)
	caller := func(name, callee string) string {
		return "jackfield: 1\nname: " + name + "\nsteps:\n  - {id: start, uses: test.start}\n  - {id: ask, uses: test.call, with: {flow: " + callee + "}}\nedges: [start -> ask]\n"
	}
	h.Add("a", caller("A", "b"))
	h.Add("b", caller("B", "a"))
	r := h.Run(engine.Start{Flow: "a"})
	equal(t, "state", r.State, flow.RunFailed)
	if !strings.Contains(r.Problem.What, "flows would call each other without end: a → b → a") {
		t.Errorf("why: %s", r.Problem.What)
	}
	for i := range 20 {
		h.Add(flow.ID(fmt.Sprint("d", i)), caller(fmt.Sprint("D", i), fmt.Sprint("d", i+1)))
	}
	r = h.Run(engine.Start{Flow: "d0"})
	if !strings.Contains(r.Problem.What, "flows call each other 16 deep") {
		t.Errorf("why: %s", r.Problem.What)
	}
}

func TestCalledRunEndsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, began, block := waitingHouse(t)
		h.Add("outer", `
jackfield: 1
name: Outer
steps:
  - {id: start, uses: test.start}
  - {id: ask, uses: test.call, with: {flow: f}}
edges: [start -> ask]
`)
		id := start(t, h, engine.Start{Flow: "outer"})
		<-began
		if err := h.Local.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		unfinished, err := h.History.Unfinished(t.Context())
		if err != nil || len(unfinished) != 0 {
			t.Errorf("left going on: %v, %v", unfinished, err)
		}
		h.World.Began = nil
		close(block)
		equal(t, "state", h.Resume(id).State, flow.RunDone)
		equal(t, "results", len(h.Data(id, "ask", flow.Done)), 1)
	})
}

func TestCalledRunsDoNotStarveOneAnother(t *testing.T) {
	h := open(t)
	h.Add("outer", `
jackfield: 1
name: Outer
steps:
  - {id: start, uses: test.start}
  - {id: ask, uses: test.call, with: {flow: inner}}
edges: [start -> ask]
`)
	h.Add("inner", "jackfield: 1\nname: Inner\nsteps: [{id: start, uses: test.start}, {id: end, uses: test.map}]\nedges: [start -> end]\n")
	var ids []flow.RunID
	for range 40 { // many more than there are workers
		ids = append(ids, start(t, h, engine.Start{Flow: "outer"}))
	}
	for _, id := range ids {
		equal(t, "state", h.Wait(id).State, flow.RunDone)
	}
}
