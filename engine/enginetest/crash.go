package enginetest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
	"jackfield/flow/value"
)

// Crash kills the program at random writes of random flows, again and again until each
// run is at its end, once for each seed. Whatever was cut off where, a run comes to what
// it would have come to: nothing is lost, what a service takes once by its key has one
// key, and what counts each time is done as often as without a crash, given somebody who
// answers what the run asks and looks on the other side before.
func Crash(t *testing.T, open func(t testing.TB) engine.History, seeds int) {
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 7))
			flows := randomFlows(rnd, "ask")
			var want ending
			synctest.Test(t, func(t *testing.T) {
				c := newCrash(t, engine.NewMemory(), flows)
				c.live(&Mortal{History: c.history})
				want = c.ending()
			})
			synctest.Test(t, func(t *testing.T) {
				c := newCrash(t, open(t), flows)
				for range 1 + rnd.IntN(5) {
					c.live(&Mortal{History: c.history, DieAt: 1 + rnd.IntN(want.writes), After: rnd.IntN(2) == 0})
				}
				c.live(&Mortal{History: c.history})
				sameLines(t, c.ending().told(), want.told())
				if t.Failed() {
					t.Log(c.problems(), flows)
				}
			})
		})
	}
	for seed := range seeds / 4 {
		t.Run(fmt.Sprint("any rule and any answer, seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 8))
			synctest.Test(t, func(t *testing.T) { crashByAnyRule(t, open(t), rnd) })
		})
	}
}

// ending is what came of a run, as far as it does not hang on who was faster.
type ending struct {
	state  flow.RunState
	counts string
	data   string
	others string // how the runs ended that it called or started
	sent   string
	writes int
}

// sameLines tells the lines in which two endings differ.
func sameLines(t *testing.T, got, want string) {
	t.Helper()
	is, should := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range is {
		if !slices.Contains(should, line) {
			t.Errorf("it ends with  %s", line)
		}
	}
	for _, line := range should {
		if !slices.Contains(is, line) {
			t.Errorf("and should with %s", line)
		}
	}
}

func (e ending) told() string {
	return fmt.Sprintf("%s %s\ndata:\n%s\nothers: %s\nsent:\n%s", e.state, e.counts, e.data, e.others, e.sent)
}

// crash is a run that lives through several programs.
type crash struct {
	t       *testing.T
	history engine.History
	house   *House
	world   *World
	id      flow.RunID
	writes  int
	answer  func(q flow.Question) string
}

func newCrash(t *testing.T, history engine.History, flows flowTexts) *crash {
	c := &crash{t: t, history: history, world: moodyWorld()}
	c.house = Open(t, c.world, history)
	c.house.Close()
	for id, text := range flows {
		c.house.Add(id, text)
	}
	c.answer = c.house.honestly
	return c
}

// live is the life of one program: it takes up the run, or begins it, and answers what
// is asked, until the run or the program has ended.
func (c *crash) live(m *Mortal) {
	c.house.History = m
	c.house.Reopen()
	defer c.house.Close()
	if begun, err := c.history.Unfinished(c.t.Context()); err == nil && c.id == "" && len(begun) > 0 {
		c.id = begun[0].ID // it was begun, and nobody heard of it
	}
	if c.id == "" {
		if id, err := c.house.Local.Start(c.t.Context(), engine.Start{Flow: "f"}); err == nil {
			c.id = id
		}
	} else if err := c.house.Local.Recover(c.t.Context()); err != nil && !m.Dead() {
		c.t.Fatalf("recover: %v", err)
	}
	for idle := 0; ; {
		synctest.Wait()
		waitAnHour(c.t)
		c.writes = m.Writes()
		if m.Dead() || c.ended() {
			return
		}
		asked, err := c.house.Local.Questions(c.t.Context(), "")
		if err != nil {
			if m.Dead() {
				return
			}
			c.t.Fatalf("questions: %v", err)
		}
		if idle++; len(asked) > 0 {
			idle = 0
		}
		if idle > 24 { // nothing waits so long
			c.stuck()
		}
		for _, q := range asked {
			err := c.house.Local.Answer(c.t.Context(), q.ID, flow.Answer{Choice: c.answer(q), By: "test"})
			if err != nil && !m.Dead() && !errors.Is(err, errDead) {
				c.t.Fatalf("answer: %v", err)
			}
		}
	}
}

// stuck tells where a run stands that neither goes on nor asks.
func (c *crash) stuck() {
	row, err := c.history.Run(c.t.Context(), c.id)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, row := range c.unfinished() {
		c.t.Logf("%+v", row)
		for _, s := range c.house.StepRuns(row.ID) {
			c.t.Logf("%+v", s)
		}
	}
	c.t.Fatalf("the run neither goes on nor asks: %+v, %v\n%s\n%v\n%s", row, err, c.house.Counts(c.id), c.house.Troubles(), stacks)
}

// ended says whether the run has, and all those that it called or started.
func (c *crash) ended() bool {
	row, err := c.history.Run(c.t.Context(), c.id)
	return err == nil && row.State.Ended() && len(c.unfinished()) == 0
}

// problems lists what went wrong in the run.
func (c *crash) problems() []flow.Problem {
	var all []flow.Problem
	for _, s := range c.house.StepRuns(c.id) {
		all = append(all, s.Problems...)
	}
	return all
}

func (c *crash) unfinished() []flow.Run {
	all, err := c.history.Unfinished(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

func (c *crash) ending() ending {
	row, err := c.history.Run(c.t.Context(), c.id)
	if err != nil {
		c.t.Fatal(err)
	}
	c.house.History = c.history
	e := ending{state: row.State, counts: c.house.Counts(c.id), writes: c.writes}
	var lines []string
	for step, outlets := range flow.Totals(c.house.StepRuns(c.id)) {
		for o := range outlets {
			if o == flow.Done || o == flow.Failed { // records in other outlets are those that came
				lines = append(lines, fmt.Sprintf("%s.%s %s", step, o, lineOf(c.data(step, o))))
			}
		}
	}
	slices.Sort(lines)
	e.data = strings.Join(lines, "\n")
	e.others = c.others()
	e.sent = c.deliveries()
	return e
}

// data is what left a step. Which of several records with one key met in a keyed join
// hangs on who was faster, so of those it is the keys.
func (c *crash) data(step flow.StepID, o flow.Outlet) []any {
	all := c.house.Data(c.id, step, o)
	if strings.HasPrefix(string(step), "keyed") && o == flow.Done {
		for i, v := range all {
			all[i] = v.(map[string]any)["key"]
		}
	}
	return all
}

// others tells how the runs ended that the run called or started.
func (c *crash) others() string {
	rows, err := c.history.Runs(c.t.Context(), "", "", "", 10_000)
	if err != nil {
		c.t.Fatal(err)
	}
	var ends []string
	for _, row := range rows {
		if row.ID != c.id {
			ends = append(ends, fmt.Sprintf("%s %s", row.Cause, row.State))
		}
	}
	slices.Sort(ends)
	return strings.Join(ends, ", ")
}

// lineOf writes data so that it compares whatever order it came in.
func lineOf(data []any) string { return strings.Join(texts(data), " ") }

func texts(data []any) []string {
	var all []string
	for _, v := range data {
		all = append(all, string(value.Append(nil, settled(v))))
	}
	slices.Sort(all)
	return all
}

// settled is a value without what differs from run to run: the order of lists, and ids of
// runs.
func settled(v any) any {
	switch v := v.(type) {
	case []any:
		return lineOf(v)
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, one := range v {
			if k != "run" {
				m[k] = settled(one)
			}
		}
		return m
	}
	return v
}

// deliveries writes what each step delivered: each key once where the service takes it
// once, else each delivery.
func (c *crash) deliveries() string {
	of := map[string][]any{}
	for key, times := range c.world.Sent() {
		step := stepOf(key)
		for _, one := range times {
			if !value.Equal(one, times[0]) {
				c.t.Errorf("key %s came with %v and with %v", key, times[0], one)
			}
		}
		if !counts(step, times[0]) {
			times = times[:1]
		}
		of[step] = append(of[step], times...)
	}
	var lines []string
	for _, step := range slices.Sorted(maps.Keys(of)) {
		lines = append(lines, step+" "+lineOf(of[step]))
	}
	return strings.Join(lines, "\n")
}

// stepOf is the step in a key of run, step and record.
func stepOf(key string) string {
	parts := strings.Split(key, "-")
	return parts[len(parts)-2]
}

// counts says whether each delivery by a step of a random flow does.
func counts(step string, data any) bool {
	if !strings.HasPrefix(step, "oncepost") {
		return strings.HasPrefix(step, "once")
	}
	n, _ := data.(map[string]any)["n"].(int)
	return n%2 == 1
}

// moodyWorld refuses some records for ever and some at first, and is silent about some
// that it took. Which, hangs on the step and the record alone.
func moodyWorld() *World {
	w := NewWorld()
	seen := map[string]bool{}
	mood := func(env kit.Env, data any) uint32 {
		h := fnv.New32a()
		_, _ = h.Write(value.Append([]byte(env.Step), data))
		return h.Sum32() % 16
	}
	first := func(key string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		was := seen[key]
		seen[key] = true
		return !was
	}
	w.OnSend = func(env kit.Env, rec flow.Record, data any) error {
		switch m := mood(env, data); {
		case m == 0:
			return kit.Fail(kit.Refused, "never")
		case m == 1 && first("send "+env.Key(rec.ID)):
			return kit.Fail(kit.Busy, "not now")
		}
		return nil
	}
	w.OnSent = func(env kit.Env, rec flow.Record, data any) error {
		if mood(env, data) == 2 && first("sent "+env.Key(rec.ID)) {
			return kit.Fail(kit.Unavailable, "silence").Unsure()
		}
		return nil
	}
	return w
}

// crashByAnyRule lets each step settle what is uncertain by a rule of its own, and
// answers at random. Then deliveries may be missing or repeated, but only by the rule of
// the step or by an answer.
func crashByAnyRule(t *testing.T, history engine.History, rnd *rand.Rand) {
	flows := randomFlows(rnd, "ask", "again", "skip")
	rules := map[string]flow.WhenUncertain{}
	for _, text := range flows {
		for _, s := range Parse(t, text).Steps {
			rules[string(s.ID)] = s.Uncertain
		}
	}
	c := newCrash(t, history, flows)
	again := map[string]int{} // by key
	c.answer = func(q flow.Question) string {
		if q.Kind == flow.Approval {
			return flow.Approve
		}
		if rnd.IntN(2) == 0 {
			return flow.Skip
		}
		again[fmt.Sprintf("%s-%s-%s", q.Run, q.Step, q.Record.ID)]++
		return flow.Again
	}
	for range 1 + rnd.IntN(6) {
		c.live(&Mortal{History: c.history, DieAt: 1 + rnd.IntN(60), After: rnd.IntN(2) == 0})
	}
	c.live(&Mortal{History: c.history})
	if row, err := c.history.Run(t.Context(), c.id); err != nil || row.Problem != nil && row.Problem.Step == "" {
		t.Errorf("the run ended as %+v, %v\n%s", row, err, flows)
	}
	for key, times := range c.world.Sent() {
		step := stepOf(key)
		if counts(step, times[0]) && rules[step] != flow.DoAgain && len(times) > 1+again[key] {
			t.Errorf("key %s was delivered %d times, and asked for %d times more than once\n%s", key, len(times), again[key], flows)
		}
	}
}
