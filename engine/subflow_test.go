package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// openCore puts a house with the operations of the core beside those of the test.
func openCore(t testing.TB, w *enginetest.World, h engine.History) *enginetest.House {
	return enginetest.OpenWith(t, append(w.Ops(), core.New()), h)
}

const cleaner = `
jackfield: 1
name: Clean
steps:
  - id: come
    uses: core.called
    with: {takes: [{name: city, needed: true}, {name: zip, type: integer}], gives: [{name: city, needed: true}]}
  - {id: clean, uses: core.map, map: "{city: (.city | ascii_upcase)}"}
edges: [come -> clean]
`

func TestCalledFlowHoldsBothSidesToItsWord(t *testing.T) {
	h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
	h.Add("clean", cleaner)
	h.Add("liar", strings.NewReplacer("name: Clean", "name: Liar", "{city: (.city | ascii_upcase)}", "{town: .city}").Replace(cleaner))
	h.Add("f", `
jackfield: 1
name: Calls
steps:
  - {id: start, uses: core.manual, with: {items: [{city: graz}, {city: 5}, {town: linz}, {city: wien, zip: x}]}}
  - {id: ask, uses: core.flow, with: {flow: clean}}
  - {id: lie, uses: core.flow, with: {flow: liar}}
edges: [start -> ask, start -> lie]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "given", h.Data(r.ID, "ask", flow.Done), []any{obj("city", "GRAZ")})
	var told []string
	for _, step := range []flow.StepID{"ask", "lie"} {
		for _, rec := range h.Records(r.ID, step, flow.Failed) {
			told = append(told, rec.Problem.What)
		}
	}
	equal(t, "told", strings.Join(told, "\n"), strings.Join([]string{
		`the flow "Clean" takes something else: field "city": a text is wanted, and this is the number 5`,
		`the flow "Clean" takes something else: field "city": it is missing`,
		`the flow "Clean" takes something else: field "zip": a whole number is wanted, and this is "x"`,
		`record 1 of what the called flow "Liar" gave is not what it promises: field "city": it is missing`,
		`the flow "Liar" takes something else: field "city": a text is wanted, and this is the number 5`,
		`the flow "Liar" takes something else: field "city": it is missing`,
		`the flow "Liar" takes something else: field "zip": a whole number is wanted, and this is "x"`,
	}, "\n"))
}

func TestCheckOfACallTellsOfInputsThatDoNotFit(t *testing.T) {
	called := enginetest.Parse(t, cleaner)
	find := func(name string) (flow.Flow, error) {
		if name != "Clean" {
			return flow.Flow{}, errors.New("no such flow")
		}
		return called, nil
	}
	for _, tt := range []struct{ name, step, want string }{
		{"missing", `with: {flow: Clean}, map: "{record: {zip: 5}}"`, `step "ask", field "map": the flow "Clean" takes "city", and the mapping does not give it; write {record: {city: …}}`},
		{"not given at all", `with: {flow: Clean}, map: "{}"`, `step "ask", field "map": the flow "Clean" takes "city", and the mapping does not give it; write {record: {city: …}}`},
		{"misspelt", `with: {flow: Clean}, map: "{record: {city: .c, zipp: 5}}"`, `step "ask", field "map": the flow "Clean" does not take "zipp"; did you mean "zip"?`},
		{"a fixed record", `with: {flow: Clean, record: {city: 5}}`, `step "ask", field "record": the flow "Clean" takes something else: a text is wanted, and this is the number 5`},
		{"no such flow", `with: {flow: Klean}`, `step "ask", field "flow": there is no flow "Klean" here; draw it, or name another one`},
		{"well", `with: {flow: Clean}, map: "{record: {city: .c}}"`, ""},
		{"the record as it comes", `with: {flow: Clean}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := enginetest.Parse(t, "jackfield: 1\nname: Calls\nsteps:\n  - {id: start, uses: core.manual}\n  - {id: ask, uses: core.flow, "+tt.step+"}\nedges: [start -> ask]\n")
			_, problems := engine.NewPlan(f, kit.Set{core.New()}, engine.PlanOptions{Flow: find})
			got := ""
			for _, p := range problems {
				got += p.Error()
			}
			equal(t, "problems", got, tt.want)
		})
	}
}

const forking = `
jackfield: 1
name: Fork
steps:
  - {id: start, uses: core.manual, with: {items: [{n: 1}, {n: 2}]}}
  - {id: fork, uses: core.start_flow, with: {flow: slow}, map: "{record: {n: .n}}"}
  - {id: meanwhile, uses: core.map, map: .n}
  - {id: join, uses: core.join_flow, with: {run: .run}}
edges: [start -> fork, fork -> meanwhile, fork -> join]
`

const slow = `
jackfield: 1
name: Slow
steps:
  - {id: come, uses: core.called}
  - {id: rest, uses: core.wait, with: {for: 5h}}
  - {id: end, uses: test.send, map: "{body: (.n * 10)}"}
edges: [come -> rest, rest -> end]
`

func TestFlowIsStartedAndJoinedLater(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart ", restart), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
				h.Add("slow", slow)
				h.Add("f", forking)
				began := time.Now()
				id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				equal(t, "meanwhile", h.Data(id, "meanwhile", flow.Done), []any{1, 2})
				equal(t, "counts", h.Counts(id), "[fork.done=2 join.waiting=2 meanwhile.done=2 start.done=2]")
				if restart {
					h.Close()
					h.Reopen()
					if err := h.Local.Recover(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				r := h.Wait(id)
				equal(t, "state", r.State, flow.RunDone)
				equal(t, "ended after", r.Ended.Sub(began).Round(time.Minute), 5*time.Hour)
				equal(t, "joined", inOrder(h.Data(id, "join", flow.Done)), "10 20")
				h.Close()
			})
		})
	}
}

// inOrder writes values in the order of their texts: runs end in any order.
func inOrder(values []any) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, fmt.Sprint(v))
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

func TestResumeOfAJoinResumesWhatItHadStarted(t *testing.T) {
	w := enginetest.NewWorld()
	broken := true
	w.OnSend = func(kit.Env, flow.Record, any) error {
		if broken {
			return kit.Fail(kit.Refused, "not now")
		}
		return nil
	}
	h := openCore(t, w, engine.NewMemory())
	h.Add("slow", strings.ReplaceAll(slow, "5h", "1ms"))
	h.Add("f", forking)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "failed", h.Counts(r.ID), "[fork.done=2 join.failed=2 meanwhile.done=2 start.done=2]")
	broken = false
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "joined", inOrder(h.Data(r.ID, "join", flow.Done)), "10 20")
}

func TestStartedFlowIsStartedOnceWhateverDies(t *testing.T) {
	for n, more := 1, true; more; n++ {
		for _, after := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) { more = startAndDie(t, n, after) })
		}
		if n > 300 {
			t.Fatal("a run of ever more writes")
		}
	}
}

// startAndDie says whether the runs got as far as their n-th write.
func startAndDie(t *testing.T, n int, after bool) bool {
	w := enginetest.NewWorld()
	memory := engine.NewMemory()
	mortal := &enginetest.Mortal{History: memory, DieAt: n, After: after}
	h := openCore(t, w, mortal)
	defer h.Close()
	h.Add("slow", slow)
	h.Add("f", forking)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	time.Sleep(24 * time.Hour) // what can end has ended
	h.Close()
	h.History = memory
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		return mortal.Dead() // nobody heard of the run
	}
	r := h.Wait(id)
	equal(t, fmt.Sprintf("state after death at %d, %v", n, after), r.State, flow.RunDone)
	equal(t, "joined", inOrder(h.Data(id, "join", flow.Done)), "10 20")
	equal(t, "different deliveries", len(w.Sent()), 2)
	return mortal.Dead()
}

func TestApprovalAndFormInsideALoopWaitForEachItem(t *testing.T) {
	h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
	h.Add("f", `
jackfield: 1
name: Approve
steps:
  - {id: start, uses: core.manual, with: {items: [{lines: [a, b]}]}}
  - {id: loop, uses: core.each, with: {items: .lines}}
  - {id: may, uses: core.approval, in: loop, with: {text: '"\(.)?"'}}
  - {id: who, uses: core.form, in: loop, with: {text: '"who \(.)?"', fields: [who], give: alone}}
  - {id: no, uses: core.map, in: loop, map: '"not \(.)"'}
edges: [start -> loop, may.approved -> who, may.rejected -> no]
`)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	answer := func(text string, said flow.Answer) {
		for {
			open, err := h.Local.Questions(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range open {
				if q.Text == text {
					if err := h.Local.Answer(t.Context(), q.ID, said); err != nil {
						t.Fatal(err)
					}
					return
				}
			}
		}
	}
	answer("a?", flow.Answer{Choice: flow.Reject})
	answer("b?", flow.Answer{Choice: flow.Approve})
	h.Close()
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer("who b?", flow.Answer{Values: flow.Values{"who": "Ada"}})
	r := h.Wait(id)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "given", h.Data(id, "loop", flow.Done), []any{obj("lines", []any{"a", "b"}, "results", []any{"not a", obj("who", "Ada")})})
}

func TestBranchesWorkSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
		h.Add("f", `
jackfield: 1
name: Branches
steps:
  - {id: start, uses: core.manual}
  - {id: a, uses: core.wait, with: {for: 1s}}
  - {id: b, uses: core.wait, with: {for: 1s}}
  - {id: c, uses: core.wait, with: {for: 1s}}
edges: [start -> a, start -> b, start -> c]
`)
		began := time.Now()
		h.Run(engine.Start{Flow: "f"})
		equal(t, "three branches of a second each", time.Since(began), time.Second)
		h.Close()
	})
}

func TestSourcesWorkSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := enginetest.NewWorld()
		w.OnRead = func(int) error { time.Sleep(time.Second); return nil }
		h := openCore(t, w, engine.NewMemory())
		h.Add("f", `
jackfield: 1
name: Sources
steps:
  - {id: start, uses: core.manual}
  - {id: a, uses: test.pages, with: {pages: 5, size: 1}}
  - {id: b, uses: test.pages, with: {pages: 5, size: 1}}
edges: [start -> a, start -> b]
`)
		began := time.Now()
		h.Run(engine.Start{Flow: "f"})
		equal(t, "two sources of five seconds each", time.Since(began), 5*time.Second)
		h.Close()
	})
}

// The step said "not found; check the path", though no file was named.
func TestCallOfAFlowThatIsNotThereSaysWhichAndWhereToLook(t *testing.T) {
	h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
	h.Add("f", `
jackfield: 1
name: Calls
steps:
  - {id: start, uses: core.manual}
  - {id: ask, uses: core.flow, with: {flow: Nowhere}}
  - {id: go, uses: core.start_flow, with: {flow: Nowhere}}
edges: [start -> ask, start -> go]
`)
	r := h.Run(engine.Start{Flow: "f"})
	for _, step := range []flow.StepID{"ask", "go"} {
		for _, rec := range h.Records(r.ID, step, flow.Failed) {
			equal(t, string(step), rec.Problem.What, `there is no flow "Nowhere"`)
			equal(t, "the fix begins", strings.HasPrefix(rec.Problem.Fix, "see its name: jackfield flows ls"), true)
		}
		equal(t, "failed", len(h.Records(r.ID, step, flow.Failed)), 1)
	}
}

// trying calls a flow whose loop begins anew where it is resumed, for the failure of the
// last item is caught.
const trying = `
jackfield: 1
name: Trying
steps:
  - {id: come, uses: core.called}
  - {id: loop, uses: core.each, with: {items: .items}}
  - {id: mail, uses: test.mail, in: loop}
  - {id: ask, uses: test.send, in: loop}
  - {id: log, uses: core.map}
edges: [come -> loop, mail -> ask, loop.finally -> log]
`

func tryingHouse(t *testing.T, retry string) *enginetest.House {
	w := enginetest.NewWorld()
	w.OnSend = func(env kit.Env, _ flow.Record, data any) error {
		if env.Step == "ask" && data == "b" {
			return kit.Fail(kit.Busy, "not now")
		}
		return nil
	}
	h := openCore(t, w, engine.NewMemory())
	h.World = w
	h.Add("sub", trying)
	h.Add("f", `
jackfield: 1
name: Calls
steps:
  - {id: start, uses: core.manual, with: {items: [{items: [a, b]}]}}
  - {id: call, uses: core.flow, with: {flow: sub}`+retry+`}
edges: [start -> call]
`)
	return h
}

func mailsTo(h *enginetest.House, to string) int {
	n := 0
	for key, times := range h.World.Sent() {
		if strings.Contains(key, "-mail-") && times[0] == to {
			n += len(times)
		}
	}
	return n
}

func TestCalledFlowThatFailedIsDoneAgainOnlyWhereSomebodyAsks(t *testing.T) {
	for _, tt := range []struct {
		name, retry    string
		mails, resumed int
	}{
		{"by itself", "", 1, 2},
		{"by the step's retry", ", retry: {tries: 2, first: 1ms}", 2, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := tryingHouse(t, tt.retry)
				r := h.Run(engine.Start{Flow: "f"})
				equal(t, "state", r.State, flow.RunFailed)
				equal(t, "mails", mailsTo(h, "a"), tt.mails)
				h.Resume(r.ID)
				equal(t, "mails once resumed", mailsTo(h, "a"), tt.resumed)
				h.Close()
			})
		})
	}
}

func TestCalledFlowThatFailedIsNotDoneAgainBecauseTheProgramDied(t *testing.T) {
	for n, more := 1, true; more; n++ {
		synctest.Test(t, func(t *testing.T) {
			h := tryingHouse(t, "")
			memory := h.History
			mortal := &enginetest.Mortal{History: memory, DieAt: n, After: true}
			h.Close()
			h.History = mortal
			h.Reopen()
			id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
			time.Sleep(time.Hour)
			h.Close()
			h.History = memory
			h.Reopen()
			if err := h.Local.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if more = mortal.Dead(); err == nil {
				settle(t, h, id)
				equal(t, fmt.Sprint("mails after death at ", n), mailsTo(h, "a"), 1)
			}
			h.Close()
		})
	}
}

// settle answers what is uncertain, as somebody does who sees that it was done, until the
// run has ended.
func settle(t *testing.T, h *enginetest.House, id flow.RunID) {
	for {
		time.Sleep(time.Hour)
		if row, err := h.History.Run(t.Context(), id); err != nil || row.State.Ended() {
			return
		}
		open, err := h.Local.Questions(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range open {
			choice := flow.Again
			if len(h.World.Sent()[fmt.Sprintf("%s-%s-%s", q.Run, q.Step, q.Record.ID)]) > 0 {
				choice = flow.Skip
			}
			if err := h.Local.Answer(t.Context(), q.ID, flow.Answer{Choice: choice}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCallAndStartOfTheProgramTakeUpACalledRunOnce(t *testing.T) {
	for n := range 40 {
		synctest.Test(t, func(t *testing.T) {
			h := openCore(t, enginetest.NewWorld(), engine.NewMemory())
			h.Add("slow", slow)
			h.Add("f", `
jackfield: 1
name: Calls
steps:
  - {id: start, uses: core.manual, with: {items: [{n: 1}, {n: 2}]}}
  - {id: call, uses: core.flow, with: {flow: slow}}
edges: [start -> call]
`)
			id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			h.Close()
			h.Reopen()
			if err := h.Local.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprint("state, time ", n), h.Wait(id).State, flow.RunDone)
			h.Close()
		})
	}
}

func TestCheckTellsOfFlowsThatAreNotThere(t *testing.T) {
	here := func(name string) (flow.Flow, error) {
		if name == "Here" {
			return flow.Flow{ID: "here", Name: name}, nil
		}
		return flow.Flow{}, errors.New("no such flow")
	}
	for _, tt := range []struct {
		name, text, want string
		find             func(string) (flow.Flow, error)
	}{
		{"on failure", "settings: {on_failure: Gone}", `field "settings.on_failure": there is no flow "Gone" here; draw it, or name another one`, here},
		{"on failure, which is there", "settings: {on_failure: Here}", "", here},
		{"a file checked alone", "settings: {on_failure: Gone}", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := enginetest.Parse(t, "jackfield: 1\nname: F\nsteps:\n  - {id: start, uses: core.manual}\n  - {id: log, uses: core.log}\nedges: [start -> log]\n"+tt.text+"\n")
			plan, problems := engine.NewPlan(f, kit.Set{core.New()}, engine.PlanOptions{Flow: tt.find})
			got := ""
			for _, p := range problems {
				got += p.Error()
			}
			equal(t, "problems", got, tt.want)
			equal(t, "it can run", plan != nil, true)
		})
	}
}

func TestCheckTellsOfAWaitUntilWhatHasPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000
		for _, tt := range []struct{ name, with, want string }{
			{"passed", `with: {until: '"1999-12-24"'}`, `step "wait", field "until": 24 December 1999, 00:00 has passed, so nothing is waited for; name a moment to come, or one that each record has, for example .due`},
			{"passed, and a while behind it that has not", `with: {until: '"1999-12-24"', for: 240h}`, ""},
			{"to come", `with: {until: '"2030-12-24"'}`, ""},
			{"reckoned with", `with: {until: 2030-12-24}`, `step "wait", field "until": ` + time.Unix(2030-12-24, 0).Format("2 January 2006, 15:04") + ` has passed, so nothing is waited for; a date stands in quotation marks, for example "2030-01-31"; without them it is reckoned with, or it is a number of seconds since 1970`},
			{"no time", `with: {until: '"tomorrow"'}`, `step "wait", field "until": "tomorrow" is no time; write it like 2026-01-31T08:00:00Z or 2026-01-31`},
			{"of the record", `with: {until: .due}`, ""},
			{"of the mapping", `with: {until: '"1999-12-24"'}, map: "{until: .due}"`, ""},
			{"for a while", `with: {for: 1h}`, ""},
		} {
			f := enginetest.Parse(t, "jackfield: 1\nname: F\nsteps:\n  - {id: start, uses: core.manual}\n  - {id: wait, uses: core.wait, "+tt.with+"}\nedges: [start -> wait]\n")
			plan, problems := engine.NewPlan(f, kit.Set{core.New()}, engine.PlanOptions{})
			got := ""
			for _, p := range problems {
				got += p.Error()
			}
			equal(t, tt.name, got, tt.want)
			equal(t, tt.name+": it can run", plan != nil, true)
		}
	})
}
