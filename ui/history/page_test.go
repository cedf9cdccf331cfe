package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/uitest"
	"jackfield/ui/widgets"
)

// sheet is the page of a run in a window, with the batches that it can ask for.
type sheet struct {
	*uitest.Screen
	*Page
	wishes  []string
	batches map[flow.Ref]flow.Batch
	asked   int
	slow    []func() // answers that are held back, where hold is
	hold    bool
}

func newSheet(t *testing.T) *sheet {
	t.Helper()
	s := &sheet{batches: map[flow.Ref]flow.Batch{}, Screen: uitest.Show(t, theme.New(true), widgets.NewText("", widgets.Plain), fyne.NewSize(1400, 900))}
	wish := func(format string, args ...any) { s.wishes = append(s.wishes, fmt.Sprintf(format, args...)) }
	s.Page = NewPage()
	s.OnBack = func() { wish("back") }
	s.OnResume = func(id flow.RunID) { wish("retry %s", id) }
	s.OnReplay = func(r app.Replay) { wish("again %s", r.Run) }
	s.OnStop = func(id flow.RunID) { wish("stop %s", id) }
	s.OnFlow = func(id flow.ID) { wish("flow %s", id) }
	s.OnStep = func(id flow.StepID) { wish("step %s", id) }
	s.OnRecords = func(ref flow.Ref, got func(flow.Batch)) {
		s.asked++
		answer := func() { got(s.batches[ref]) }
		if s.hold {
			s.slow = append(s.slow, answer)
		} else {
			answer()
		}
	}
	s.SetSteps([]flow.StepID{"read", "send", "keep"}, func(id flow.StepID) string { return strings.ToUpper(string(id)) })
	s.Win.SetContent(widgets.WithLayer(s.Page))
	return s
}

func (s *sheet) wished(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.wishes, want) {
		t.Errorf("it wished for %q, want %q", s.wishes, want)
	}
	s.wishes = nil
}

func ref(seq int, o flow.Outlet) flow.Ref { return flow.Ref{Run: "r1", Seq: seq, Outlet: o} }

func stepRun(seq int, step flow.StepID, in int, out map[flow.Outlet]int, from ...flow.Ref) flow.StepRun {
	return flow.StepRun{Run: "r1", Seq: seq, Step: step, In: in, Out: out, From: from, Attempt: 1, Took: 3 * time.Millisecond}
}

var refused = flow.Problem{Step: "send", Record: "b", Code: "rejected", What: "the service says no", Fix: "ask it nicely"}

// someFailed is a run of which one record of three was refused, and rests.
func (s *sheet) someFailed() (flow.Run, []flow.StepRun) {
	s.batches[ref(0, flow.Done)] = flow.Batch{
		{ID: "a", Data: map[string]any{"id": "A-1", "name": "Ada"}}, {ID: "b", Data: map[string]any{"id": "A-2", "name": "Kurt"}}, {ID: "c", Data: map[string]any{"id": "A-3"}},
	}
	s.batches[ref(1, flow.Done)] = flow.Batch{{ID: "a2", Data: map[string]any{"sent": "A-1"}}, {ID: "c2", Data: map[string]any{"sent": "A-3"}}}
	s.batches[ref(1, flow.Failed)] = flow.Batch{{ID: "b", Data: map[string]any{"id": "A-2", "name": "Kurt"}, Problem: &refused}}
	r := run("r1", flow.RunPartial)
	r.Given, r.Failures, r.Version, r.Flow = 3, 1, 7, "orders"
	send := stepRun(1, "send", 3, map[flow.Outlet]int{flow.Done: 2, flow.Failed: 1}, ref(0, flow.Done))
	send.Problems = []flow.Problem{refused}
	return r, []flow.StepRun{stepRun(0, "read", 1, map[flow.Outlet]int{flow.Done: 3}), send}
}

func TestAPageTellsWhatHappened(t *testing.T) {
	s := newSheet(t)
	r, steps := s.someFailed()
	s.Fill(r, steps, nil, noon)
	s.Want("Done, but some of 3 records failed: 1 record at SEND.", "some failed", "Orders r1 · version 7 · started 12:00:00 by hand · took 1.5 s",
		"READ", "3 done", "SEND", "2 done, 1 failed")
	s.wished(t, "step send")
	if s.Step() != "send" {
		t.Errorf("it begins at %q, want the step that failed", s.Step())
	}
	s.Want("Output: failed 1", "Kurt", "the service says no", "ask it nicely")
}

func TestStepsStandAsInTheFlow(t *testing.T) {
	s := newSheet(t)
	s.Fill(run("r1", flow.RunDone), []flow.StepRun{stepRun(0, "keep", 1, nil), stepRun(1, "gone", 1, nil), stepRun(2, "read", 1, nil), stepRun(3, "send", 1, nil)}, nil, noon)
	var got []flow.StepID
	for _, l := range s.lines {
		got = append(got, l.id)
	}
	if want := []flow.StepID{"read", "send", "keep", "gone"}; !slices.Equal(got, want) {
		t.Errorf("they stand as %v, want %v", got, want)
	}
}

func TestButtonsFitTheState(t *testing.T) {
	rests := []flow.StepRun{stepRun(0, "send", 2, map[flow.Outlet]int{flow.Failed: 1, flow.Done: 1})}
	taken := append(slices.Clone(rests), stepRun(1, "keep", 1, map[flow.Outlet]int{flow.Done: 1}, ref(0, flow.Failed)))
	for _, tc := range []struct {
		name         string
		state        flow.RunState
		steps        []flow.StepRun
		shown, apart []string
	}{
		{"done", flow.RunDone, nil, []string{"Run again"}, []string{"Retry", "Stop"}},
		{"failed records rest", flow.RunPartial, rests, []string{"Retry", "Run again"}, []string{"Stop"}},
		{"failed records were taken care of", flow.RunPartial, taken, []string{"Run again"}, []string{"Retry", "Stop"}},
		{"failed", flow.RunFailed, nil, []string{"Retry", "Run again"}, []string{"Stop"}},
		{"stopped", flow.RunStopped, nil, []string{"Retry", "Run again"}, nil},
		{"running", flow.Running, nil, []string{"Stop"}, []string{"Retry", "Run again"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSheet(t)
			s.Fill(run("r1", tc.state), tc.steps, nil, noon)
			for _, text := range tc.shown {
				if !slices.Contains(s.Texts(), text) {
					t.Errorf("%q is not offered", text)
				}
			}
			for _, text := range tc.apart {
				if slices.Contains(s.Texts(), text) {
					t.Errorf("%q is offered", text)
				}
			}
		})
	}
}

func TestButtonsWish(t *testing.T) {
	s := newSheet(t)
	r, steps := s.someFailed()
	s.Fill(r, steps, nil, noon)
	s.wishes = nil
	for _, text := range []string{"Retry", "Run again", "Open flow"} {
		s.Click(text)
	}
	r.State = flow.Running
	s.Fill(r, steps, nil, noon)
	s.Click("Stop")
	s.wished(t, "retry r1", "again r1", "flow orders", "stop r1")
}

func TestTabsShowWhatCameAndWhatLeft(t *testing.T) {
	s := newSheet(t)
	r, steps := s.someFailed()
	s.Fill(r, steps, []flow.LogLine{{Step: "send", Text: "POST refused", Level: flow.Warn}, {Step: "read", Text: "read the file"}}, noon)
	s.Click("Input 3")
	s.Want("Ada", "Kurt", "A-3")
	s.Click("Output: done 2")
	s.Want("sent", "A-1")
	s.WantNot("Ada")
	s.Click("Problems 1")
	s.Want("the service says no", "WHAT TO DO", "ask it nicely", `record b`)
	s.Click("Log")
	s.Want("POST refused")
	s.WantNot("read the file")
	s.Click("READ")
	s.Want("Output: done 3", "Ada")
	s.Click("Log")
	s.Want("read the file")
	s.wished(t, "step send", "step read")
}

func TestAPageStaysWhereAPersonLooksWhileTheRunGoesOn(t *testing.T) {
	s := newSheet(t)
	r, steps := s.someFailed()
	r.State = flow.Running
	s.Fill(r, steps, nil, noon)
	s.Click("READ")
	s.Click("Output: done 3")
	s.Click("Kurt")
	s.wishes = nil
	s.batches[ref(2, flow.Done)] = flow.Batch{{ID: "d", Data: map[string]any{"id": "A-4", "name": "Emmy"}}}
	s.Fill(r, append(steps, stepRun(2, "read", 0, map[flow.Outlet]int{flow.Done: 1})), nil, noon)
	if s.Step() != "read" || s.inspector.tab != "done" || s.inspector.records.shown != 1 {
		t.Errorf("it went to %s, %s, record %d", s.Step(), s.inspector.tab, s.inspector.records.shown)
	}
	s.Want("Output: done 4", "Emmy")
	s.wished(t)
	other := run("r2", flow.RunDone)
	s.Fill(other, []flow.StepRun{stepRun(0, "keep", 1, nil)}, nil, noon)
	if s.Step() != "keep" {
		t.Errorf("of another run it shows %q", s.Step())
	}
}

func TestALogThatGrowsKeepsItsPlace(t *testing.T) {
	s := newSheet(t)
	r, steps := s.someFailed()
	log := []flow.LogLine{{Step: "send", Text: "one refused"}, {Step: "send", Text: "two taken"}}
	s.Fill(r, steps, log, noon)
	s.Click("Log")
	s.inspector.lines.Filter("refused")
	s.Fill(r, steps, append(log, flow.LogLine{Step: "send", Text: "three refused"}, flow.LogLine{Step: "read", Text: "four refused"}), noon)
	if got := s.inspector.lines.Shown(); !slices.Equal(got, []string{"one refused", "three refused"}) {
		t.Errorf("it shows %q", got)
	}
}

func TestAMillionRecordsAreLookedThrough(t *testing.T) {
	s := newSheet(t)
	var steps []flow.StepRun
	const batches, each = 1000, 1000
	for i := range batches {
		steps = append(steps, stepRun(i, "read", 0, map[flow.Outlet]int{flow.Done: each}))
	}
	s.OnRecords = func(ref flow.Ref, got func(flow.Batch)) {
		s.asked++
		var b flow.Batch
		for i := range each {
			b = append(b, flow.Record{Data: map[string]any{"number": ref.Seq*each + i}})
		}
		got(b)
	}
	s.Fill(run("r1", flow.RunDone), steps, nil, noon)
	s.Want("Output: done 1M", "number")
	rows := s.inspector.records.table
	rows.FocusRows()
	s.Key(fyne.KeyEnd)
	s.Want("999999", widgets.Number(1_000_000))
	if s.inspector.records.shown != batches*each-1 {
		t.Errorf("record %d is shown whole", s.inspector.records.shown)
	}
	if held := len(s.inspector.records.shelf.held); held > mostHeld || s.asked > 10 {
		t.Errorf("%d batches are in memory, %d were asked for", held, s.asked)
	}
}

func TestRecordsThatComeLateAreShown(t *testing.T) {
	s := newSheet(t)
	s.hold = true
	r, steps := s.someFailed()
	s.Fill(r, steps, nil, noon)
	s.Want("…")
	s.WantNot("Kurt")
	s.Click("Input 3")
	for _, answer := range s.slow {
		answer() // also that of the tab that is not open any more
	}
	s.Want("Ada", "Kurt")
	s.WantNot("the service says no")
	s.Click("Output: failed 1")
	for _, answer := range s.slow {
		answer()
	}
	s.Want("the service says no")
}

func TestRecordsThatAreNoObjectsHaveOneColumn(t *testing.T) {
	s := newSheet(t)
	s.batches[ref(0, flow.Done)] = flow.Batch{{Data: "a text"}, {Data: 17}, {Data: []any{1, "x"}}}
	s.Fill(run("r1", flow.RunDone), []flow.StepRun{stepRun(0, "read", 1, map[flow.Outlet]int{flow.Done: 3})}, nil, noon)
	s.Want("value", "a text", "17", `[1,"x"]`)
}

func TestOutcomes(t *testing.T) {
	title := func(id flow.StepID) string { return string(id) }
	failed := func(steps ...flow.StepID) map[flow.StepID]map[flow.Outlet]int {
		m := map[flow.StepID]map[flow.Outlet]int{}
		for _, id := range steps {
			m[id] = map[flow.Outlet]int{flow.Failed: 2}
		}
		return m
	}
	for _, tc := range []struct {
		name   string
		run    flow.Run
		counts map[flow.StepID]map[flow.Outlet]int
		want   string
	}{
		{"done", flow.Run{State: flow.RunDone, Given: 1}, nil, "Done: 1 record went through."},
		{"many", flow.Run{State: flow.RunDone, Given: 123456}, nil, "Done: 123.5k records went through."},
		{"partial", flow.Run{State: flow.RunPartial, Given: 40}, failed("send"), "Done, but some of 40 records failed: 2 records at send."},
		{"partial at two", flow.Run{State: flow.RunPartial, Given: 40}, failed("send", "keep"), "Done, but some of 40 records failed at 2 steps."},
		{"failed with a reason", flow.Run{State: flow.RunFailed, Problem: &flow.Problem{Step: "read", What: "no such file", Fix: "name another."}}, nil, `Failed: step "read": no such file; name another.`},
		{"failed without", flow.Run{State: flow.RunFailed}, failed("send"), "Failed: 2 records at send."},
		{"stopped", flow.Run{State: flow.RunStopped}, nil, "Stopped by a person. Retry goes on where it stood."},
		{"running", flow.Run{State: flow.Running, Given: 5}, nil, "Running: 5 records so far."},
		{
			"interrupted",
			flow.Run{State: flow.Running, Given: 5, Interrupted: true},
			nil,
			"Interrupted after 5 records: the program ended before the run did. It goes on where it was as soon as Jackfield serves.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(tc.run, tc.counts, title); got != tc.want {
				t.Errorf("it says %q, want %q", got, tc.want)
			}
		})
	}
}

func TestProblemsAreSaidWhole(t *testing.T) {
	p := NewProblems()
	s := uitest.Show(t, theme.New(true), widgets.WithLayer(p), fyne.NewSize(1000, 300))
	s.Want("Nothing is wrong")
	var picked []flow.Problem
	p.OnPick = func(one flow.Problem) { picked = append(picked, one) }
	long := flow.Problem{Step: "send", Field: "url", What: strings.Repeat("a long story ", 20) + "with an end", Fix: "make it short"}
	short := flow.Problem{File: "a.yaml", Line: 3, Column: 9, What: "no colon"}
	p.Fill([]flow.Problem{short, long})
	s.Want("no colon", "a.yaml:3:9")
	s.WantNot("WHAT TO DO")
	p.rows.Pick(0)
	s.Click("send")
	if where, what, fix := p.Chosen(); where != `step "send", field "url"` || what != long.What || fix != long.Fix {
		t.Errorf("it says %q, %q, %q", where, what, fix)
	}
	s.Want("with an end", "make it short")
	if !slices.Equal(picked, []flow.Problem{long}) {
		t.Errorf("picked %v", picked)
	}
	p.Fill([]flow.Problem{long}) // the other was mended
	if _, what, _ := p.Chosen(); what != long.What {
		t.Errorf("it says %q", what)
	}
}

func TestARunThatWaitsOrIsUnresolvedSaysWhatCanBeDone(t *testing.T) {
	for _, c := range []struct {
		name string
		run  flow.Run
		want []string
		not  []string
	}{
		{name: "asks", run: flow.Run{State: flow.Running, Questions: 2}, want: []string{"Answer", "Stop"}, not: []string{"Give up"}},
		{name: "failed", run: flow.Run{State: flow.RunFailed}, want: []string{"Give up", "Retry"}, not: []string{"Answer"}},
		{name: "given up", run: flow.Run{State: flow.RunFailed, GivenUp: true}, want: []string{"Retry"}, not: []string{"Give up"}},
		{name: "done", run: flow.Run{State: flow.RunDone}, want: []string{"Run again"}, not: []string{"Give up", "Answer"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPage()
			s := uitest.Show(t, theme.New(true), p, fyne.NewSize(1200, 700))
			c.run.ID, c.run.Name, c.run.Started = "r1", "Orders", time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			p.Fill(c.run, nil, nil, c.run.Started)
			s.Want(c.want...)
			s.WantNot(c.not...)
		})
	}
}

func TestARunIsRunAgainFromTheChosenStep(t *testing.T) {
	p := NewPage()
	s := uitest.Show(t, theme.New(true), p, fyne.NewSize(1200, 700))
	var got []app.Replay
	p.OnReplay = func(r app.Replay) { got = append(got, r) }
	steps := []flow.StepRun{
		{Run: "r1", Seq: 0, Step: "start", Out: map[flow.Outlet]int{flow.Done: 3}},
		{Run: "r1", Seq: 1, Step: "send", From: []flow.Ref{{Run: "r1", Outlet: flow.Done}}, In: 3, Out: map[flow.Outlet]int{flow.Done: 1, flow.Failed: 2}},
	}
	p.SetSteps([]flow.StepID{"start", "send"}, func(id flow.StepID) string { return "step " + string(id) })
	p.Fill(flow.Run{ID: "r1", Name: "Orders", State: flow.RunPartial, Trigger: "start"}, steps, nil, time.Now())
	s.Click("Run again")
	p.Pick("send")
	p.offerReplays()
	s.Click("From step send, by the flow as it is now")
	p.offerReplays()
	s.Click("Only what failed at step send, by the flow as it is now")
	p.Pick("start")
	p.offerReplays()
	s.WantNot("From step start, as it was")
	want := []app.Replay{{Run: "r1"}, {Run: "r1", From: "send", By: flow.Newest}, {Run: "r1", From: "send", Failed: true, By: flow.Newest}}
	if !slices.Equal(got, want) {
		t.Errorf("asked for %+v, want %+v", got, want)
	}
}
