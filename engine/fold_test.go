package engine_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// randomFlow draws a flow: a trigger, and up to eleven steps that hang behind it.
func randomFlow(rnd *rand.Rand) flow.Flow {
	f := flow.Flow{ID: "f", Version: 1, Name: "Random", Steps: []flow.Step{{ID: "start", Uses: "test.start"}}}
	ops := []flow.OpID{"test.map", "test.test", "test.send", "test.pages", "test.collect", "test.file", "test.map", "test.join"}
	outlets := map[flow.OpID][]flow.Outlet{"test.map": {"done", "failed"}, "test.test": {"true", "false", "failed"}}
	for i := range 2 + rnd.IntN(10) {
		s := flow.Step{ID: flow.StepID(fmt.Sprintf("s%d", i)), Uses: ops[rnd.IntN(len(ops))], Off: rnd.IntN(12) == 0}
		if s.Uses == "test.test" {
			s.With = flow.Values{"when": "."}
		}
		ways := 1 + rnd.IntN(3)
		if s.Uses == "test.join" {
			s.With = flow.Values{"as": []any{"lists", "stream"}[rnd.IntN(2)]}
			f.Edges = append(f.Edges, flow.Edge{From: "start", Outlet: "done", To: s.ID}, flow.Edge{From: "start", Outlet: "failed", To: s.ID})
		}
		for range ways {
			from := f.Steps[rnd.IntN(len(f.Steps))]
			e := flow.Edge{From: from.ID, To: s.ID}
			choice := []flow.Outlet{"done", "done", "failed"}
			if from.ID == "start" {
				choice = choice[:1]
			}
			if own := outlets[from.Uses]; own != nil {
				choice = own
			}
			e.Outlet = choice[rnd.IntN(len(choice))]
			if !slices.Contains(f.Edges, e) {
				f.Edges = append(f.Edges, e)
			}
		}
		f.Steps = append(f.Steps, s)
	}
	return f
}

// simulation performs tasks without a worker. What becomes of a batch hangs on where
// it came from, never on when it came.
type simulation struct {
	plan    *engine.Plan
	run     flow.Run
	state   engine.State
	history []flow.StepRun
	names   map[flow.Ref]string // what a batch is, told without any number that hangs on time
	counts  map[flow.Ref]int
	pages   map[string]int // the first page read of a record
	healed  bool
}

func simulate(t *testing.T, f flow.Flow) *simulation {
	p, problems := engine.NewPlan(f, enginetest.NewWorld().Ops(), engine.PlanOptions{})
	if p == nil {
		t.Fatalf("%v\n%+v", problems, f)
	}
	m := &simulation{
		plan: p, run: flow.Run{ID: "r", Flow: "f", Trigger: "start", Started: time.Unix(0, 0)},
		names: map[flow.Ref]string{}, counts: map[flow.Ref]int{}, pages: map[string]int{},
	}
	var err error
	if m.state, err = p.Start(m.run); err != nil {
		t.Fatal(err)
	}
	return m
}

func dice(name string, sides uint64) int {
	h := fnv.New64a()
	h.Write([]byte(name))
	return int(h.Sum64() >> 7 % sides)
}

// perform is what a worker would make of a task.
func (m *simulation) perform(f flow.Flow, t engine.Task) flow.StepRun {
	r := flow.StepRun{Run: m.run.ID, Seq: len(m.history), Key: t.Key, Step: t.Step, From: t.From, Edge: -1, Nth: t.Nth, Page: t.Page, Out: map[flow.Outlet]int{}}
	step, _ := f.Step(t.Step)
	var from []string
	n := -t.Nth
	for ref := range t.Takes() {
		from = append(from, m.names[ref])
		n += m.counts[ref]
	}
	slices.Sort(from)
	name := fmt.Sprintf("%s(%s)+%d#%d", t.Step, strings.Join(from, ","), t.Nth, t.Page)
	bad := 0
	if !m.healed && dice(name, 4) == 0 {
		bad = 1
	}
	switch {
	case strings.HasPrefix(t.Key, "finish:"):
	case t.Step == "start":
		r.Out[flow.Done] = 5
	case step.Off:
		r.In = n
		r.Out[firstOutlet(step)] = n
	case step.Uses == "test.pages":
		m.readPage(&r, t, name, bad)
	case step.Uses == "test.collect", step.With["as"] == "lists":
		m.gather(&r, t, n, name, bad)
	default:
		r.In = n
		if n > 1 && dice("part"+name, 5) == 0 {
			r.In = n / 2 // interrupted: the rest becomes a task of its own
		}
		if bad = min(bad, r.In); bad > 0 {
			r.Out[flow.Failed] = bad
		}
		if left := r.In - bad; left > 0 {
			r.Out[firstOutlet(step)] = left
		}
	}
	for o, n := range r.Out {
		ref := flow.Ref{Run: m.run.ID, Seq: r.Seq, Outlet: o}
		m.names[ref], m.counts[ref] = name+"."+string(o), n
	}
	return r
}

// gather gives a page of what came to a barrier. Some of them break at one.
func (m *simulation) gather(r *flow.StepRun, t engine.Task, n int, name string, bad int) {
	if bad > 0 && dice("breaks"+name, 2) == 0 {
		r.Fatal = &flow.Problem{Step: t.Step, What: "could not go on"}
		return
	}
	r.Out[flow.Done] = 1 + dice("size"+name, 3)
	if bad > 0 {
		r.Out[flow.Failed] = 1
	}
	all, _, _ := strings.Cut(name, "#")
	if r.More = t.Page < dice("pages"+all, 4); !r.More {
		r.In, r.From = n, slices.Collect(t.Takes())
	}
}

func (m *simulation) readPage(r *flow.StepRun, t engine.Task, name string, bad int) {
	record := fmt.Sprint(t.From[0], t.Nth)
	if first, seen := m.pages[record]; !seen || t.Page == first {
		m.pages[record] = t.Page
		r.In = 1 // a source takes its record with the first page that it reads of it
	}
	if bad > 0 {
		r.Out[flow.Failed] = 1
		r.Fatal = &flow.Problem{Step: t.Step, What: "could not read on"}
		return
	}
	r.Out[flow.Done] = 1 + dice("size"+name, 3)
	if t.Page < dice("pages"+m.names[t.From[0]], 4) {
		r.More, r.Next = true, flow.Cursor(`"next"`)
	}
}

func firstOutlet(s flow.Step) flow.Outlet {
	if s.Uses == "test.test" {
		return "true"
	}
	return flow.Done
}

// toTheEnd lets tasks end in an order that rnd chooses.
func (m *simulation) toTheEnd(t *testing.T, f flow.Flow, rnd *rand.Rand) flow.RunState {
	for range 100_000 {
		tasks := m.plan.Ready(m.state)
		if len(tasks) == 0 {
			state, _, ended := m.plan.Ended(m.state)
			if !ended {
				t.Fatal("nothing is ready and the run has not ended")
			}
			return state
		}
		before := keys(tasks)
		r := m.perform(f, tasks[rnd.IntN(len(tasks))])
		m.history = append(m.history, r)
		next := m.plan.After(m.state, r)
		if again := keys(m.plan.Ready(m.state)); !slices.Equal(again, before) {
			t.Fatalf("the state before changed:\n%v\n%v", before, again)
		}
		m.state = next
	}
	t.Fatal("the run never ends")
	return ""
}

func keys(tasks []engine.Task) []string {
	var all []string
	for _, t := range tasks {
		all = append(all, t.Key)
	}
	return all
}

func TestAnyOrderLeadsToTheSameTotals(t *testing.T) {
	for seed := range uint64(300) {
		f := randomFlow(rand.New(rand.NewPCG(seed, 1)))
		var want, wantHealed string
		var ended, endedHealed flow.RunState
		for order := range uint64(4) {
			rnd := rand.New(rand.NewPCG(seed, 100+order))
			m := simulate(t, f)
			state := m.toTheEnd(t, f, rnd)
			got := enginetest.Counts(m.state.Counts(m.plan))
			if order == 0 {
				want, ended = got, state
			}
			if got != want || state != ended {
				t.Fatalf("seed %d, order %d: %s %s\nwant %s %s\n%+v", seed, order, state, got, ended, want, f.Edges)
			}
			if len(unique(keysOf(m.history))) != len(m.history) {
				t.Fatalf("seed %d: keys come twice: %v", seed, keysOf(m.history))
			}
			m.resume()
			m.healed = true
			state = m.toTheEnd(t, f, rnd)
			got = enginetest.Counts(m.state.Counts(m.plan))
			if totals := enginetest.Counts(flow.Totals(m.history)); got != totals {
				t.Fatalf("seed %d: the state counts %s\nand the step runs add up to %s", seed, got, totals)
			}
			if order == 0 {
				wantHealed, endedHealed = got, state
			}
			if !hasBarrier(f) && got != wantHealed || state != endedHealed {
				t.Fatalf("seed %d, order %d, resumed: %s %s\nwant %s %s", seed, order, state, got, endedHealed, wantHealed)
			}
		}
	}
}

func (m *simulation) resume() {
	r := flow.StepRun{Run: m.run.ID, Seq: len(m.history), Key: "resume:1", Edge: -1}
	m.history = append(m.history, r)
	m.state = m.plan.After(m.state, r)
}

// hasBarrier says that how many lists a resumed run makes may hang on time.
func hasBarrier(f flow.Flow) bool {
	return slices.ContainsFunc(f.Steps, func(s flow.Step) bool { return s.Uses == "test.collect" || s.Uses == "test.join" })
}

func keysOf(history []flow.StepRun) []string {
	var all []string
	for _, r := range history {
		all = append(all, r.Key)
	}
	return all
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func TestFoldFromScratchEqualsTheStateThatGrew(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		f := randomFlow(rnd)
		m := simulate(t, f)
		m.toTheEnd(t, f, rnd)
		m.resume()
		m.healed = true
		m.toTheEnd(t, f, rnd)
		grown, err := m.plan.Start(m.run)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range m.history {
			scratch, err := m.plan.Fold(m.run, m.history[:i])
			if err != nil {
				t.Fatal(err)
			}
			if a, b := keys(m.plan.Ready(grown)), keys(m.plan.Ready(scratch)); !slices.Equal(a, b) {
				t.Fatalf("seed %d, after %d step runs:\n%v\n%v", seed, i, a, b)
			}
			if a, b := enginetest.Counts(grown.Counts(m.plan)), enginetest.Counts(scratch.Counts(m.plan)); a != b {
				t.Fatalf("seed %d, after %d step runs:\n%s\n%s", seed, i, a, b)
			}
			grown = m.plan.After(grown, r)
		}
	}
}
