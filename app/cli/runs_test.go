package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"jackfield/app/cli"
	"jackfield/flow"
)

// runDesk has one run whose steps ended in another order than they stand in the flow.
func runDesk(t *testing.T, state flow.RunState) *desk {
	d := newDesk(t)
	d.Stored = []flow.Flow{{
		ID: "prices", Name: "Prices", Version: 1,
		Steps: []flow.Step{{ID: "start", Uses: "core.manual"}, {ID: "shape", Uses: "core.map"}, {ID: "tell", Uses: "core.log"}},
	}}
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.Local)
	d.RunRows = []flow.Run{{
		ID: "r1", Flow: "prices", Name: "Prices", Version: 1, State: state, Cause: "command line",
		Started: began, Ended: began.Add(1500 * time.Millisecond), Given: 3, Failures: 1,
	}}
	bad := flow.Problem{Step: "shape", Field: "map", Record: "rec2", Code: "jq", What: "no number", Fix: "mend it"}
	d.Steps = map[flow.RunID][]flow.StepRun{"r1": {
		{Run: "r1", Seq: 0, Key: "start", Step: "start", Out: map[flow.Outlet]int{"done": 3}},
		{Run: "r1", Seq: 1, Step: "tell", In: 1, Out: map[flow.Outlet]int{"done": 1}},
		{Run: "r1", Seq: 2, Step: "shape", In: 3, Out: map[flow.Outlet]int{"done": 2, "failed": 1}, Problems: []flow.Problem{bad}},
	}}
	d.Batches = map[flow.Ref]flow.Batch{{Run: "r1", Seq: 2, Outlet: "failed"}: {{ID: "rec2", Data: map[string]any{"n": "two"}, Problem: &bad}}}
	return d
}

func TestRunIsShownInTheOrderOfItsFlow(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	d.want("runs show r1", said{cli.Done, `◐ Prices: done, some records failed in 1.5s  (run r1)
  step   outlet  records
  start  done    3
  shape  done    2
         failed  1
  tell   done    1

what failed:
  step "shape", field "map", record rec2: no number; mend it
    {"n":"two"}

to go on: jackfield runs resume r1

started 2026-03-01 12:00:00, by: command line, version 1
1 failed record of step "shape": jackfield runs records r1 shape --outlet failed
`, ""})
}

func TestRecordsThatWereTakenAgainAreNotShownAsFailed(t *testing.T) {
	d := runDesk(t, flow.RunDone)
	d.Steps["r1"] = append(d.Steps["r1"],
		flow.StepRun{Run: "r1", Seq: 3, Key: "resume:1"},
		flow.StepRun{Run: "r1", Seq: 4, Step: "shape", In: 1, From: []flow.Ref{{Run: "r1", Seq: 2, Outlet: "failed"}}, Out: map[flow.Outlet]int{"done": 1}})
	got := d.call("runs", "show", "last")
	if got.code != cli.Done || strings.Contains(got.out, "failed") || strings.Contains(got.out, "resume r1") {
		t.Errorf("got %+v", got)
	}
}

func TestResumeIsProposedWhereItHelps(t *testing.T) {
	caught := []flow.Edge{{From: "shape", Outlet: "failed", To: "tell"}}
	for _, test := range []struct {
		name  string
		state flow.RunState
		edges []flow.Edge
		want  bool
	}{
		{name: "all done", state: flow.RunDone},
		{name: "failed records rest", state: flow.RunPartial, want: true},
		{name: "failed records went on", state: flow.RunPartial, edges: caught},
		{name: "the run failed", state: flow.RunFailed, edges: caught, want: true},
		{name: "the run was stopped", state: flow.RunStopped, edges: caught, want: true},
		{name: "the run goes on", state: flow.Running},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := runDesk(t, test.state)
			d.Stored[0].Edges = test.edges
			if got := strings.Contains(d.call("runs", "show", "r1").out, "to go on: jackfield runs resume r1"); got != test.want {
				t.Errorf("proposed: %v", got)
			}
		})
	}
}

func TestRunSaysItsSummaryAndTheExitCode(t *testing.T) {
	for state, code := range map[flow.RunState]int{
		flow.RunDone: cli.Done, flow.RunFailed: cli.RunFailed, flow.RunStopped: cli.RunFailed, flow.RunPartial: cli.SomeFail,
	} {
		d := runDesk(t, state)
		d.RunRows[0].ID = "started"
		d.Steps["started"] = d.Steps["r1"]
		got := d.call("run", "prices", "--json")
		var s map[string]any
		if err := json.Unmarshal([]byte(got.out), &s); err != nil || got.code != code || got.err != "" || s["state"] != string(state) || len(s) != 5 {
			t.Errorf("%s: %v, %+v", state, err, got)
		}
	}
}

func TestWhyARunFailedIsSaidOnce(t *testing.T) {
	d := runDesk(t, flow.RunFailed)
	d.RunRows[0].Problem = &d.Steps["r1"][2].Problems[0]
	if got := d.call("runs", "show", "r1"); strings.Count(got.out, "no number; mend it") != 1 {
		t.Errorf("got %s", got.out)
	}
	d.RunRows[0].Problem = &flow.Problem{What: "the disk is full"}
	if got := d.call("runs", "show", "r1"); !strings.HasPrefix(got.out, "✗ Prices: failed in 1.5s  (run r1)\n  the disk is full\n") {
		t.Errorf("got %s", got.out)
	}
}

func TestRunsAreFoundByTheBeginningOfTheirID(t *testing.T) {
	d := runDesk(t, flow.RunDone)
	d.RunRows[0].ID = "abc1"
	d.RunRows = append(d.RunRows, flow.Run{ID: "abd2", State: flow.RunDone})
	d.want("runs rm abd", said{cli.Done, "removed abd2\n", ""})
	d.want("runs rm last", said{cli.Done, "removed abc1\n", ""})
	d.want("runs rm ab", said{cli.BadUsage, "", "jackfield: 2 runs begin with \"ab\"; write more of it\n"})
	d.want("runs rm x", said{cli.BadUsage, "", "jackfield: there is no run \"x\"; jackfield runs ls lists them\n"})
	d.RunRows = nil
	d.want("runs rm last", said{cli.BadUsage, "", "jackfield: there are no runs yet; jackfield run FILE starts one\n"})
	d.want("runs ls", said{cli.Done, "", "no runs; jackfield run FILE starts one\n"})
	d.want("runs ls --json", said{cli.Done, "[]\n", ""})
}

func TestRecordsOfAStepThatDidNothingAreNotThere(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	d.want("runs records r1 shap", said{cli.BadUsage, "", "jackfield: step \"shap\" did nothing in this run; did you mean \"shape\"?\n"})
	d.want("runs records r1 shape --outlet failed", said{cli.Done, "{\"n\":\"two\"}\n", ""})
	got := d.call("runs", "records", "r1", "shape", "--outlet", "failed", "--json")
	if got.out != `{"data":{"n":"two"},"id":"rec2","problem":"step \"shape\", field \"map\", record rec2: no number; mend it"}`+"\n" {
		t.Errorf("got %+v", got)
	}
}

func TestRunIsShownThoughItsRecordsAreLost(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	d.Lost = true
	got := d.call("runs", "show", "r1")
	if got.code != cli.Done || !strings.Contains(got.out, "record rec2: no number; mend it\n\nto go on") {
		t.Errorf("got %+v", got)
	}
	d.want("runs records r1 shape --outlet failed", said{cli.RunFailed, "", "jackfield: batch r1 2 failed: file does not exist; these records are lost, and jackfield doctor says what else is\n"})
}

func TestRunsAreComparedByWhatLeftTheirSteps(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	d.RunRows = append(d.RunRows, flow.Run{ID: "r0", Flow: "prices", Name: "Prices", Version: 1, State: flow.RunDone, Started: d.RunRows[0].Started})
	d.Steps["r0"] = []flow.StepRun{{Run: "r0", Step: "start", Out: map[flow.Outlet]int{"done": 3}}, {Run: "r0", Seq: 1, Step: "shape", Out: map[flow.Outlet]int{"done": 3}}}
	d.want("runs diff r0 r1", said{cli.Done, `✓ r0  version 1  2026-03-01 12:00:00
◐ r1  version 1  2026-03-01 12:00:00
step   outlet  first  second  more
shape  done    3      2       -1
shape  failed  0      1       +1
tell   done    0      1       +1
`, ""})
	d.want("runs diff r1 last", said{cli.Done, `◐ r1  version 1  2026-03-01 12:00:00
◐ r1  version 1  2026-03-01 12:00:00
the same number of records left every step
`, ""})
}

func TestReplayAndResumeSayWhatAndByWhichVersion(t *testing.T) {
	for _, tt := range []struct{ args, asked string }{
		{"runs replay r1", "replay r1"},
		{"runs replay r1 --from shape", "replay r1 from shape"},
		{"runs replay r1 --failed --new", "replay r1 failed newest"},
		{"runs replay r1 --from shape --failed --old", "replay r1 from shape failed old"},
		{"runs resume r1 --new", "resume r1 newest"},
		{"runs resume r1", "resume r1"},
		{"runs give-up r1", "give up r1"},
	} {
		d := runDesk(t, flow.RunPartial)
		d.RunRows = append(d.RunRows, flow.Run{ID: "replayed", Flow: "prices", Name: "Prices", Version: 1, State: flow.RunDone})
		d.call(strings.Fields(tt.args)...)
		if asked := d.Asked(); len(asked) != 1 || asked[0] != tt.asked {
			t.Errorf("%s asked %q", tt.args, asked)
		}
	}
	d := runDesk(t, flow.RunPartial)
	d.want("runs resume r1 --old --new", said{cli.BadUsage, "", "jackfield: --old and --new say two things; choose one\n"})
}

func TestRunsThatWaitTheirTurnAndThoseGivenUpAreListedSo(t *testing.T) {
	d := runDesk(t, flow.RunFailed)
	d.RunRows[0].GivenUp = true
	d.RunRows = append(d.RunRows, flow.Run{ID: "r0", Flow: "prices", Name: "Prices", State: flow.Running, Queued: true, Started: time.Now()})
	got := d.call("runs", "ls")
	for _, text := range []string{"failed, given up", "running, waits its turn"} {
		if !strings.Contains(got.out, text) {
			t.Errorf("nothing says %q in %s", text, got.out)
		}
	}
}

// The run of a container told the failure inside it twice, and proposed a resume that
// had nothing to do.
func TestFailureThatAContainerCatchesIsToldOnceAndNotToBeResumed(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	f := &d.Stored[0]
	f.Steps = []flow.Step{{ID: "start", Uses: "core.manual"}, {ID: "try", Uses: "core.scope"}, {ID: "shape", In: "try", Uses: "core.map"}, {ID: "tell", Uses: "core.log"}}
	f.Edges = []flow.Edge{{From: "start", To: "try"}, {From: "try", Outlet: flow.Failed, To: "tell"}}
	steps := d.Steps["r1"]
	d.Steps["r1"] = append(steps, flow.StepRun{Run: "r1", Seq: 3, Step: "try", In: 3, Out: map[flow.Outlet]int{"done": 2, "failed": 1}, Problems: steps[2].Problems})
	got := d.call("runs", "show", "r1").out
	if n := strings.Count(got, "no number"); n != 1 {
		t.Errorf("the failure is told %d times:\n%s", n, got)
	}
	if strings.Contains(got, "more") || strings.Contains(got, "to go on") {
		t.Errorf("nothing is left to tell or to do:\n%s", got)
	}
	f.Edges = f.Edges[:1]
	if got := d.call("runs", "show", "r1").out; !strings.Contains(got, "to go on") {
		t.Errorf("a failure that nothing catches can be resumed:\n%s", got)
	}
}

// After a run that called a flow, runs show last showed that flow's run.
func TestLastIsTheRunThatAPersonStarted(t *testing.T) {
	d := runDesk(t, flow.RunPartial)
	child := d.RunRows[0]
	child.ID, child.Cause, child.Name = "r1-child", "flow", "Called"
	told := child
	told.ID, told.Cause = "r1-failure", "failure"
	d.RunRows = append([]flow.Run{told, child}, d.RunRows...)
	if got := d.call("runs", "show", "last").out; !strings.Contains(got, "(run r1)") {
		t.Errorf("the last run is\n%s", got)
	}
}

// A flow whose on_failure names a flow that is not there ended badly in silence.
func TestRunSaysThatNobodyHeardOfItsBadEnd(t *testing.T) {
	d := runDesk(t, flow.RunFailed)
	d.Stored[0].Settings.OnFailure = "alam"
	d.Stored = append(d.Stored, flow.Flow{ID: "alarm", Name: "Alarm", Version: 1})
	if got := d.call("runs", "resume", "r1").err; !strings.Contains(got, `on_failure names "alam", which could not be started: there is no flow "alam"; did you mean "alarm"?`) {
		t.Errorf("it says\n%s", got)
	}
}

func TestInterruptedRunIsNotSaidToRun(t *testing.T) {
	d := runDesk(t, flow.Running)
	d.RunRows[0].Interrupted, d.RunRows[0].Ended = true, time.Time{}
	hint := "interrupted: the program ended before the run did. It goes on where it was when the window opens or jackfield serve runs; jackfield runs resume RUN takes it up now"
	for _, test := range []struct{ name, args, out, err string }{
		{"list", "runs ls", "… interrupted", hint},
		{"one", "runs show r1", hint, ""},
		{"list as JSON", "runs ls --json", `"interrupted": true`, ""},
		{"one as JSON", "runs show r1 --json", `"interrupted": true`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := d.call(strings.Fields(test.args)...)
			if got.code != cli.Done || !strings.Contains(got.out, test.out) || !strings.Contains(got.err, test.err) || strings.Contains(got.out, "… running") {
				t.Errorf("got %+v", got)
			}
		})
	}
}
