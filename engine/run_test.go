package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// open puts a house over a history in memory.
func open(t testing.TB) *enginetest.House {
	return enginetest.Open(t, enginetest.NewWorld(), engine.NewMemory())
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestRunLeadsRecordsFromStepToStep(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Simple
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 3, size: 2}}
  - {id: shape, uses: test.map, map: "{number: .n, twice: (.n * 2)}"}
  - {id: send, uses: test.send}
edges:
  - start -> read
  - read -> shape
  - {from: shape, to: send, when: .number != 3}
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "problem", r.Problem, (*flow.Problem)(nil))
	equal(t, "counts", h.Counts(r.ID), "[read.done=6 send.done=5 shape.done=6 start.done=1]")
	equal(t, "given", r.Given, 7)
	equal(t, "last", h.Data(r.ID, "send", flow.Done)[4], map[string]any{"number": 5, "twice": 10})
	equal(t, "keys sent", len(h.World.Sent()), 5)
	passed := 0
	for _, s := range h.StepRuns(r.ID) {
		passed += s.Passed
	}
	equal(t, "held back by the condition", passed, 1)
}

func TestFlowWithoutTriggerBeginsWithAnEmptyRecordAtEachRoot(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: No trigger
steps:
  - {id: a, uses: test.map}
  - {id: b, uses: test.map, map: "{b: $trigger}"}
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[a.done=1 b.done=1]")
	equal(t, "a", h.Data(r.ID, "a", flow.Done), []any{map[string]any{}})
	equal(t, "b", h.Data(r.ID, "b", flow.Done), []any{map[string]any{"b": map[string]any{}}})
	r = h.Run(engine.Start{Flow: "f", Input: []any{1, 2}})
	equal(t, "with input", h.Data(r.ID, "a", flow.Done), []any{1, 2})
}

func TestInputStandsInPlaceOfTheTrigger(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Input
steps:
  - {id: start, uses: test.start, with: {items: [1]}}
  - {id: out, uses: test.map}
edges: [start -> out]
`)
	r := h.Run(engine.Start{Flow: "f", Input: []any{map[string]any{"x": int64(4)}}})
	equal(t, "out", h.Data(r.ID, "out", flow.Done), []any{map[string]any{"x": 4}})
	r = h.Run(engine.Start{Flow: "f"})
	equal(t, "out", h.Data(r.ID, "out", flow.Done), []any{1})
	r = h.Run(engine.Start{Flow: "f", Input: []any{}})
	equal(t, "state with no input at all", r.State, flow.RunDone)
	equal(t, "counts with no input at all", h.Counts(r.ID), "[]")
}

func TestInputsAreMergedLayerByLayer(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Layers
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1}, {n: 2, to: mapped}, {n: 3}]}}
  - id: send
    uses: test.send
    connection: main
    with: {to: with, host: with.example}
    map: "if .to then {body: .n, to: .to} else {body: .n} end"
edges: [start -> send]
`)
	r := h.Run(engine.Start{Flow: "f", Set: []flow.Setting{{Step: "send", Key: "to", Value: "set"}}})
	var sent []any
	for _, rec := range h.Records(r.ID, "start", flow.Done) {
		sent = append(sent, h.World.Sent()[fmt.Sprintf("%s-send-%s", r.ID, rec.ID)]...)
	}
	line := func(n int, to string) any {
		return map[string]any{"body": n, "to": to, "host": "with.example", "token": "s3cret"}
	}
	equal(t, "sent", sent, []any{line(1, "set"), line(2, "mapped"), line(3, "set")})
}

func TestMappingFailsOneRecordAndTheOthersGoOn(t *testing.T) {
	h := open(t)
	var items []string
	for i := range 10 {
		item := fmt.Sprintf("{n: %d}", i)
		if i == 7 {
			item = `{n: seven}`
		}
		items = append(items, item)
	}
	h.Add("f", `
jackfield: 1
name: Record 7
steps:
  - {id: start, uses: test.start, with: {items: [`+strings.Join(items, ", ")+`]}}
  - {id: half, uses: test.map, map: "{half: (.n / 2)}"}
edges: [start -> half]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "failures", r.Failures, 1)
	equal(t, "counts", h.Counts(r.ID), "[half.done=9 half.failed=1 start.done=10]")
	bad := h.Records(r.ID, "half", flow.Failed)[0]
	equal(t, "as it came", bad.Data, map[string]any{"n": "seven"})
	equal(t, "its id", bad.ID, h.Records(r.ID, "start", flow.Done)[7].ID)
	if p := bad.Problem; p == nil || p.Step != "half" || p.Field != "map" || p.Record != bad.ID || p.What == "" {
		t.Errorf("problem %+v", p)
	}
}

func TestEveryRecordEndsInAnOutlet(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Outlets
steps:
  - {id: start, uses: test.start, with: {items: [{k: a}, {k: b}, {k: c}, {k: bad}, {k: none}, {k: many}]}}
  - id: pick
    uses: test.pick
    with: {cases: [{name: first, when: '.k == "a"'}, {name: second, when: '.k == "a" or .k == "b"'}]}
  - id: spread
    uses: test.map
    map: 'if .k == "bad" then error("no") elif .k == "none" then empty elif .k == "many" then 1, 2, 3 else .k end'
  - {id: yes, uses: test.test, with: {when: '.k == "c"'}}
  - {id: odd, uses: test.odd, map: '{give: {a: "outlet", b: "channel", c: "nothing", bad: "int64"}[.k]}'}
edges: [start -> pick, start -> spread, start -> yes, start -> odd]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "counts", h.Counts(r.ID), "["+strings.Join([]string{
		"odd.done=4", "odd.empty=1", "odd.failed=2",
		"pick.first=1", "pick.second=1", "pick.unmatched=4",
		"spread.done=6", "spread.empty=1", "spread.failed=1",
		"start.done=6", "yes.false=5", "yes.true=1",
	}, " ")+"]")
	equal(t, "spread", h.Data(r.ID, "spread", flow.Done), []any{"a", "b", "c", 1, 2, 3})
	equal(t, "normal values", h.Data(r.ID, "odd", flow.Done)[:2], []any{7, "1970-01-01T00:00:00Z"})
	came, passed := h.Records(r.ID, "start", flow.Done), h.Records(r.ID, "pick", "unmatched")
	equal(t, "who passes keeps the id", passed[0].ID, came[2].ID)
	many := h.Records(r.ID, "spread", flow.Done)
	equal(t, "who is new has a parent", many[5].Parents, []flow.RecordID{came[5].ID})
	equal(t, "and a number", many[5].ID, flow.Child("spread", many[5].Parents, 2))
	equal(t, "nothing given", h.Records(r.ID, "spread", "empty")[0].ID, came[4].ID)
}

func TestFailedRecordsFollowTheirEdge(t *testing.T) {
	h := open(t)
	h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
		if rec.Data.(map[string]any)["n"] == 1 {
			return kit.Fail(kit.Refused, "no ones")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Rejects
steps:
  - {id: start, uses: test.start, with: {items: [{n: 0}, {n: 1}]}}
  - {id: send, uses: test.send}
  - {id: rejects, uses: test.test, with: {when: true}}
edges: [start -> send, send.failed -> rejects]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "counts", h.Counts(r.ID), "[rejects.true=1 send.done=1 send.failed=1 start.done=2]")
	reject := h.Records(r.ID, "rejects", "true")[0]
	equal(t, "reject", reject.Data, map[string]any{"n": 1})
	equal(t, "its problem ends where it is taken", reject.Problem, (*flow.Problem)(nil))
}

func TestStepWithoutFailedEdgeThatFailsEverythingFailsTheRun(t *testing.T) {
	h := open(t)
	h.World.OnSend = func(kit.Env, flow.Record, any) error { return kit.Fail(kit.Denied, "not signed in").Hint("sign in") }
	h.Add("f", `
jackfield: 1
name: All fail
steps:
  - {id: start, uses: test.start, with: {items: [1, 2]}}
  - {id: send, uses: test.send}
edges: [start -> send]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	if r.Problem == nil || r.Problem.Step != "send" || r.Problem.What != "not signed in" || r.Problem.Fix != "sign in" {
		t.Errorf("problem %+v", r.Problem)
	}
}

func TestStopOnErrorLeavesTheRestUndoneAndResumeDoesIt(t *testing.T) {
	h := open(t)
	ill := true
	h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
		if ill && rec.Data == 3 {
			return kit.Fail(kit.Refused, "not three")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Stop
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3, 4, 5]}}
  - {id: send, uses: test.send, on_error: stop}
  - {id: after, uses: test.map}
edges: [start -> send, send -> after]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "counts", h.Counts(r.ID), "[send.done=2 send.failed=1 start.done=5]")
	equal(t, "sent", len(h.World.Sent()), 2)
	ill = false
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "resumed", r.Resumed, 1)
	equal(t, "counts", h.Counts(r.ID), "[after.done=5 send.done=5 start.done=5]")
	for key, times := range h.World.Sent() {
		equal(t, "deliveries of "+key, len(times), 1)
	}
}

func TestStepsSeeTheRecordsTheyDescendFrom(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Lineage
steps:
  - {id: start, uses: test.start, with: {items: [{shop: A}, {shop: B}]}}
  - {id: read, uses: test.pages, with: {pages: 2, size: 1}, map: "{of: .shop}"}
  - {id: shape, uses: test.map, map: ".n, .n + 100"}
  - {id: pass, uses: test.test, with: {when: "$steps.read.n < 3"}}
  - {id: last, uses: test.map, map: "[., $steps.read.n, $steps.start.shop, $trigger.shop, $steps.read.of]"}
  - {id: all, uses: test.collect}
  - {id: sum, uses: test.map, map: "[length, $steps.read, $trigger]"}
edges:
  - start -> read
  - read -> shape
  - shape -> pass
  - {from: pass.true, to: last, when: $steps.start.shop == "B"}
  - read -> all
  - all -> sum
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "problem", r.Problem, (*flow.Problem)(nil))
	equal(t, "last", h.Data(r.ID, "last", flow.Done), []any{
		[]any{0, 0, "B", "B", "B"}, []any{100, 0, "B", "B", "B"}, []any{1, 1, "B", "B", "B"}, []any{101, 1, "B", "B", "B"},
	})
	equal(t, "behind a barrier many are nobody's", h.Data(r.ID, "sum", flow.Done), []any{[]any{4, nil, nil}})
	r = h.Run(engine.Start{Flow: "f", Input: []any{map[string]any{"shop": "C"}}})
	equal(t, "and one is everybody's", h.Data(r.ID, "sum", flow.Done), []any{[]any{2, nil, map[string]any{"shop": "C"}}})
}

func TestVariablesTellOfRunAndFlow(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Variables
steps:
  - {id: v, uses: test.map, map: "[$run.id, $run.limit, ($run.started | fromdate), $flow, (now | floor)]"}
`)
	r := h.Run(engine.Start{Flow: "f", Limit: 7})
	started := int(r.Started.Unix())
	equal(t, "variables", h.Data(r.ID, "v", flow.Done), []any{[]any{
		string(r.ID), 7, float64(started), map[string]any{"id": "f", "name": "Variables", "version": 1}, float64(started),
	}})
}

func TestBarrierTakesAll(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Barrier
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 20, size: 3}}
  - {id: even, uses: test.test, with: {when: ".n % 2 == 0"}}
  - {id: all, uses: test.collect}
  - {id: never, uses: test.collect}
  - {id: broken, uses: test.collect, with: {fail: "no list today"}}
  - {id: count, uses: test.map, map: length}
edges:
  - start -> read
  - read -> even
  - even.true -> all
  - {from: even.false, to: all, when: .n < 10}
  - {from: even.false, to: never, when: "false"}
  - read -> broken
  - all -> count
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "why", r.Problem.What, "no list today")
	equal(t, "counts", h.Counts(r.ID), "[all.done=1 count.done=1 even.false=30 even.true=30 read.done=60 start.done=1]")
	equal(t, "collected", h.Data(r.ID, "count", flow.Done), []any{35})
	tasks := 0
	for _, s := range h.StepRuns(r.ID) {
		if s.Step == "all" {
			tasks++
			equal(t, "in", s.In, 35)
			equal(t, "held back", s.Passed, 25)
		}
	}
	equal(t, "tasks of the barrier", tasks, 1)
}

func TestSourceRestsWhileFourBatchesWaitBehindIt(t *testing.T) {
	w := enginetest.NewWorld()
	block := make(chan struct{})
	w.Block = block
	h := enginetest.Open(t, w, engine.NewMemory())
	h.Add("f", `
jackfield: 1
name: Pressure
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 50, size: 1}}
  - {id: slow, uses: test.wait}
edges: [start -> read, read -> slow]
`)
	reads := make(chan int, 100)
	w.OnRead = func(page int) error { reads <- page; return nil }
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		<-reads
	}
	block <- struct{}{} // one is done, so one more may be read
	<-reads
	for done := range 50 {
		if n := len(reads); n > 1 {
			t.Fatalf("%d pages read ahead after %d were done", n+4, done)
		}
		if done == 49 {
			break
		}
		block <- struct{}{}
		if done < 45 {
			<-reads
		}
	}
	equal(t, "state", h.Wait(id).State, flow.RunDone)
}

func TestSourceIsFedRecordByRecordAndItsNumbersRunOn(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Fed
steps:
  - {id: start, uses: test.start, with: {items: [{of: a}, {of: b}, {of: skip}, {of: c}]}}
  - {id: read, uses: test.pages, with: {pages: 2, size: 2}, map: "{of: .of}"}
edges: [{from: start, to: read, when: '.of != "skip"'}]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[read.done=12 start.done=4]")
	from := h.Records(r.ID, "start", flow.Done)
	for i, rec := range h.Records(r.ID, "read", flow.Done) {
		parent := []flow.RecordID{from[[]int{0, 1, 3}[i/4]].ID}
		equal(t, "parent", rec.Parents, parent)
		equal(t, "id", rec.ID, flow.Child("read", parent, i%4))
	}
	r = h.Run(engine.Start{Flow: "f", Limit: 5})
	equal(t, "counts with a limit", h.Counts(r.ID), "[read.done=5 start.done=4]")
}

func TestSwitchedOffStepLetsRecordsPass(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Off
steps:
  - {id: start, uses: test.start, with: {items: [1, 2]}}
  - {id: send, uses: test.sendall, off: true, map: "error"}
  - {id: pick, uses: test.pick, off: true, with: {cases: [{name: x, when: "false"}]}}
  - {id: all, uses: test.collect, off: true}
edges: [start -> send, {from: send, to: pick, when: ". > 1"}, pick.x -> all]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[all.done=1 pick.x=1 send.done=2 start.done=2]")
	equal(t, "passed", h.Records(r.ID, "all", flow.Done)[0].ID, h.Records(r.ID, "start", flow.Done)[1].ID)
	equal(t, "sent", len(h.World.Sent()), 0)
}

func TestBulkOperationTakesWhatHasTheSameInputs(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Bulk
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1, t: x}, {n: 2, t: x}, {n: 3, t: y}, {n: 4}]}}
  - {id: send, uses: test.sendall, map: "{body: .n, table: .t}"}
edges: [start -> send]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[send.done=3 send.failed=1 start.done=4]")
	var sent []any
	for _, rec := range h.Records(r.ID, "send", flow.Done) {
		sent = append(sent, h.World.Sent()[fmt.Sprintf("%s-send-%s", r.ID, rec.ID)]...)
	}
	equal(t, "sent", sent, []any{
		map[string]any{"table": "x", "body": 1}, map[string]any{"table": "x", "body": 2}, map[string]any{"table": "y", "body": 3},
	})
	equal(t, "who passes goes on as it came", h.Data(r.ID, "send", flow.Done)[0], map[string]any{"n": 1, "t": "x"})
	equal(t, "the problem", h.Records(r.ID, "send", flow.Failed)[0].Problem.Field, "table")
}

func TestPanicOfAConnectorFailsItsRecordOnly(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Panic
steps:
  - {id: start, uses: test.start, with: {items: [{ok: true}, {ok: false}]}}
  - {id: bad, uses: test.panic}
edges: [start -> bad]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	p := h.Records(r.ID, "bad", flow.Failed)[0].Problem
	if !strings.Contains(p.What, `connector "test" broke down`) || p.Fix == "" {
		t.Errorf("problem %+v", p)
	}
	if lines := h.Lines(); len(lines) != 1 || !strings.Contains(lines[0].Text, "world.go") {
		t.Errorf("the log does not say where: %v", lines)
	}
}

func TestLogKeepsTheFirstAndTheLastLinesAndCountsTheRest(t *testing.T) {
	h := open(t)
	h.World.OnSend = func(env kit.Env, rec flow.Record, _ any) error {
		for i := range 30 {
			env.Log(flow.Info, rec.ID, "line %d", i)
		}
		return nil
	}
	items := make([]any, 40)
	h.Add("f", `
jackfield: 1
name: Log
steps:
  - {id: start, uses: test.start}
  - {id: send, uses: test.send}
edges: [start -> send]
`)
	r := h.Run(engine.Start{Flow: "f", Input: items})
	log, err := h.History.(*engine.Memory).Log(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "lines", len(log), 1001)
	equal(t, "the gap", log[800].Text, "200 lines of this step run were left out here")
	equal(t, "the first", log[0].Text, "line 0")
	equal(t, "the last", log[1000].Text, "line 29")
	equal(t, "its record", log[1000].Record, h.Records(r.ID, "start", flow.Done)[39].ID)
	equal(t, "told", len(h.Lines()), 1000)
}

func TestFinishComesWhenNothingMoreCan(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Finish
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 5, size: 1}}
  - {id: one, uses: test.file}
  - {id: empty, uses: test.file}
  - {id: two, uses: test.file}
  - {id: elsewhere, uses: test.listen}
  - {id: three, uses: test.file}
edges:
  - start -> read
  - read -> one
  - {from: read, to: empty, when: "false"}
  - one -> two
  - elsewhere -> three
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	done := h.World.Finished()
	slices.Sort(done)
	equal(t, "finished", done, []string{"empty", "one", "two"})
	for _, s := range h.StepRuns(r.ID) {
		if strings.HasPrefix(s.Key, "finish:") {
			equal(t, "key", s.Key, "finish:"+string(s.Step))
			equal(t, "in and out", []int{s.In, len(s.Out)}, []int{0, 0})
		}
	}
}

func TestFinishThatFailsFailsTheRunAndIsMadeUpForByAResume(t *testing.T) {
	h := open(t)
	ill := true
	h.World.OnFinish = func(kit.Env) error {
		if ill {
			return kit.Fail(kit.Full, "no room")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Finish
steps:
  - {id: start, uses: test.start}
  - {id: file, uses: test.file}
edges: [start -> file]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "why", r.Problem.Error(), `step "file": no room`)
	ill = false
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "finished", h.World.Finished(), []string{"file"})
	all := h.StepRuns(r.ID)
	equal(t, "key", all[len(all)-1].Key, "finish:file:1")
}

func TestRunThatCanOnlyFailIsNotFinishedBeforeItsResume(t *testing.T) {
	h := open(t)
	ill := true
	h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
		if ill && rec.Data == 2 {
			return kit.Fail(kit.Refused, "not two")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Finish
steps:
  - {id: start, uses: test.start, with: {items: [2]}}
  - {id: good, uses: test.start, with: {items: [1, 2]}}
  - {id: file, uses: test.file}
edges: [start -> file, good -> file]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "finished", h.World.Finished(), []string(nil))
	partial := h.Run(engine.Start{Flow: "f", Trigger: "good"})
	equal(t, "state", partial.State, flow.RunPartial)
	equal(t, "finished", h.World.Finished(), []string{"file"})
	ill = false
	equal(t, "state", h.Resume(r.ID).State, flow.RunDone)
	equal(t, "state", h.Resume(partial.ID).State, flow.RunDone)
	equal(t, "finished", h.World.Finished(), []string{"file", "file", "file"})
}
