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
			text := randomFlow(rnd, "ask")
			var want ending
			synctest.Test(t, func(t *testing.T) {
				c := newCrash(t, engine.NewMemory(), text)
				c.live(&Mortal{History: c.history})
				want = c.ending()
			})
			synctest.Test(t, func(t *testing.T) {
				c := newCrash(t, open(t), text)
				for range 1 + rnd.IntN(5) {
					c.live(&Mortal{History: c.history, DieAt: 1 + rnd.IntN(want.writes), After: rnd.IntN(2) == 0})
				}
				c.live(&Mortal{History: c.history})
				sameLines(t, c.ending().told(), want.told())
				if t.Failed() {
					t.Log(text)
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
	return fmt.Sprintf("%s %s\ndata:\n%s\nsent:\n%s", e.state, e.counts, e.data, e.sent)
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

func newCrash(t *testing.T, history engine.History, text string) *crash {
	c := &crash{t: t, history: history, world: moodyWorld()}
	c.house = Open(t, c.world, history)
	c.house.Close()
	c.house.Add("f", text)
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
	for {
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
		if len(asked) == 0 {
			row, err := c.history.Run(c.t.Context(), c.id)
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			for _, s := range c.house.StepRuns(c.id) {
				c.t.Logf("%+v", s)
			}
			c.t.Fatalf("the run neither goes on nor asks: %+v, %v\n%s\n%v\n%s", row, err, c.house.Counts(c.id), c.house.Troubles(), stacks)
		}
		for _, q := range asked {
			err := c.house.Local.Answer(c.t.Context(), q.ID, flow.Answer{Choice: c.answer(q), By: "test"})
			if err != nil && !m.Dead() && !errors.Is(err, errDead) {
				c.t.Fatalf("answer: %v", err)
			}
		}
	}
}

func (c *crash) ended() bool {
	row, err := c.history.Run(c.t.Context(), c.id)
	return err == nil && row.State.Ended()
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
				lines = append(lines, fmt.Sprintf("%s.%s %s", step, o, strings.Join(texts(c.house.Data(c.id, step, o)), " ")))
			}
		}
	}
	slices.Sort(lines)
	e.data = strings.Join(lines, "\n")
	e.sent = c.deliveries()
	return e
}

// texts writes data so that lists compare whatever order they came in.
func texts(data []any) []string {
	var all []string
	for _, v := range data {
		if list, is := v.([]any); is {
			v = strings.Join(texts(list), ",")
		}
		all = append(all, string(value.Append(nil, v)))
	}
	slices.Sort(all)
	return all
}

// deliveries writes what each step delivered: each key once where the service takes it
// once, else each delivery.
func (c *crash) deliveries() string {
	of := map[string][]any{}
	for key, times := range c.world.Sent() {
		step := strings.Split(strings.TrimPrefix(key, string(c.id)+"-"), "-")[0]
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
		lines = append(lines, step+" "+strings.Join(texts(of[step]), " "))
	}
	return strings.Join(lines, "\n")
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
	text := randomFlow(rnd, "ask", "again", "skip")
	f := Parse(t, text)
	c := newCrash(t, history, text)
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
		t.Errorf("the run ended as %+v, %v\n%s", row, err, text)
	}
	for key, times := range c.world.Sent() {
		id := flow.StepID(strings.Split(strings.TrimPrefix(key, string(c.id)+"-"), "-")[0])
		step, _ := f.Step(id)
		if counts(string(id), times[0]) && step.Uncertain != flow.DoAgain && len(times) > 1+again[key] {
			t.Errorf("key %s was delivered %d times, and asked for %d times more than once\n%s", key, len(times), again[key], text)
		}
	}
}

// randomFlow writes a flow out of steps of every effect, with branches, barriers,
// retries and failures. The steps that count each time are called once….
func randomFlow(rnd *rand.Rand, rules ...string) string {
	g := &grower{rnd: rnd, rules: rules}
	g.step("start", "test.start, with: {items: ["+strings.TrimSuffix(strings.Repeat("{n: 1}, {n: 2}, {n: 3}, ", 1+rnd.IntN(2)), ", ")+"]}")
	if rnd.IntN(2) == 0 {
		g.step("pages", fmt.Sprintf("test.pages, with: {pages: %d, size: %d, mark: true}", 1+rnd.IntN(3), 1+rnd.IntN(4)), "start")
		g.open = []string{"pages"}
	} else {
		g.open = []string{"start"}
	}
	for range 2 + rnd.IntN(6) {
		g.grow()
	}
	return "jackfield: 1\nname: Random\nsteps:\n" + g.steps.String() + "edges:\n" + g.edges.String()
}

// grower grows a flow from its open outlets. No step gets one record by two ways, so
// that a key stands for one delivery.
type grower struct {
	rnd          *rand.Rand
	rules        []string
	steps, edges strings.Builder
	open         []string
	n            int
}

func (g *grower) step(name, uses string, from ...string) {
	fmt.Fprintf(&g.steps, "  - {id: %s, uses: %s}\n", name, uses)
	for _, o := range from {
		if g.rnd.IntN(4) == 0 {
			fmt.Fprintf(&g.edges, "  - {from: %s, to: %s, when: .n != 2}\n", o, name)
		} else {
			fmt.Fprintf(&g.edges, "  - %s -> %s\n", o, name)
		}
	}
}

func (g *grower) grow() {
	g.n++
	from := g.open[g.rnd.IntN(len(g.open))]
	name := func(kind string) string { return fmt.Sprint(kind, g.n) }
	tries := ", retry: {tries: 3, first: 1ms}"
	rule := ", uncertain: " + g.rules[g.rnd.IntN(len(g.rules))]
	deliver := func(name, uses string) {
		g.step(name, uses, from)
		g.open = append(g.open, name)
		if g.rnd.IntN(3) == 0 {
			g.open = append(g.open, name+".failed")
		}
	}
	if g.rnd.IntN(3) == 0 {
		tries += fmt.Sprintf(", parallel: %d", 2+g.rnd.IntN(3))
	}
	switch g.rnd.IntN(11) {
	case 0:
		maps := []string{". + {x: 1}", "., . + {twice: true}", "select(.n != 3)"}
		g.step(name("map"), "test.map, map: '"+maps[g.rnd.IntN(len(maps))]+"'", from)
		g.open = append(g.open, name("map"))
	case 1:
		g.step(name("test"), "test.test, with: {when: .n % 2 == 0}", from)
		g.open = append(g.open, name("test")+".true", name("test")+".false")
	case 2:
		g.step(name("all"), "test.collect", g.several(from)...)
		fmt.Fprintf(&g.steps, "  - {id: %s, uses: test.map, map: '.[]'}\n", name("each"))
		fmt.Fprintf(&g.edges, "  - %s -> %s\n", name("all"), name("each"))
		g.open = append(g.open, name("each"))
	case 3:
		deliver(name("send"), "test.send"+tries)
	case 4:
		deliver(name("bulk"), "test.sendall, with: {table: x}"+tries)
	case 5:
		deliver(name("file"), "test.file"+tries)
	case 6:
		deliver(name("once"), "test.mail"+tries+rule)
	case 7:
		deliver(name("oncebulk"), "test.mailall, with: {table: x}"+tries+rule)
	case 8:
		g.step(name("ask"), "test.ask", from)
		g.open = append(g.open, name("ask")+".approved")
	case 9:
		g.step(name("pause"), "test.wait, timeout: 1s", from)
		g.open = append(g.open, name("pause")+".failed")
	case 10:
		deliver(name("oncepost"), "test.post, map: '{body: ., counts: (.n % 2 == 1)}'"+tries+rule)
	}
}

// several is one open outlet with up to two others.
func (g *grower) several(from string) []string {
	all := []string{from}
	for range g.rnd.IntN(3) {
		if o := g.open[g.rnd.IntN(len(g.open))]; !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}
