package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

const reminders = `
jackfield: 1
name: Reminders
steps:
  - {id: start, uses: test.start, with: {items: [{in: 72h}, {in: 1h}, {in: 24h}, {in: 1h}, {in: 0s}]}}
  - {id: hold, uses: test.later, with: {in: .in}}
  - {id: mail, uses: test.send, map: "{body: {in: .in, of: $steps.start.in}}"}
edges: [start -> hold, hold -> mail]
`

func TestWaitingRecordsGoOnInTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", reminders)
		began := time.Now()
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, d := range []time.Duration{0, 59 * time.Minute, time.Hour, 23 * time.Hour, 24 * time.Hour, 71 * time.Hour} {
			time.Sleep(time.Until(began.Add(d + time.Minute)))
			synctest.Wait()
			row, err := h.History.Run(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, fmt.Sprintf("%v: %d sent, next %v", d, len(h.World.Sent()), row.Wakes.Sub(began)))
		}
		r := h.Wait(id)
		equal(t, "on the way", told, []string{
			"0s: 1 sent, next 1h0m0s", "59m0s: 3 sent, next 24h0m0s", "1h0m0s: 3 sent, next 24h0m0s",
			"23h0m0s: 3 sent, next 24h0m0s", "24h0m0s: 4 sent, next 72h0m0s", "71h0m0s: 4 sent, next 72h0m0s",
		})
		equal(t, "ended after", r.Ended.Sub(began).Round(time.Second), 72*time.Hour)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "wakes", r.Wakes, time.Time{})
		equal(t, "counts", h.Counts(id), "[hold.done=5 mail.done=5 start.done=5]")
		for _, v := range h.Data(id, "mail", flow.Done) {
			equal(t, "looked back", v.(map[string]any)["of"], v.(map[string]any)["in"])
		}
		h.Close()
	})
}

func TestWaitingSurvivesTheEndOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", reminders)
		began := time.Now()
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		h.Close()
		time.Sleep(30 * time.Hour) // the program is off while one of the records becomes due
		equal(t, "sent", len(h.World.Sent()), 3)
		h.Reopen()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		equal(t, "made up for", len(h.World.Sent()), 4)
		r := h.Wait(id)
		equal(t, "ended after", r.Ended.Sub(began).Round(time.Second), 72*time.Hour)
		equal(t, "counts", h.Counts(id), "[hold.done=5 mail.done=5 start.done=5]")
		h.Close()
	})
}

func TestWaitingRunIsStoppedAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", reminders)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if err := h.Local.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		equal(t, "state", h.Wait(id).State, flow.RunStopped)
		equal(t, "counts", h.Counts(id), "[hold.done=3 hold.waiting=2 mail.done=3 start.done=5]")
		time.Sleep(100 * time.Hour)
		equal(t, "sent by a stopped run", len(h.World.Sent()), 3)
		r := h.Resume(id)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "counts", h.Counts(id), "[hold.done=5 mail.done=5 start.done=5]")
		h.Close()
	})
}

func TestAThousandWaitingRecordsHoldNoGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", `
jackfield: 1
name: Many
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 20, size: 50}}
  - {id: hold, uses: test.later, with: {in: '"\(1 + .n % 30)h"'}}
  - {id: all, uses: test.collect}
edges: [start -> read, read -> hold, hold -> all]
`)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := runtime.NumGoroutine(); n > 30 {
			t.Errorf("%d goroutines while a thousand records wait", n)
		}
		r := h.Wait(id)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "counts", h.Counts(id), "[all.done=1 hold.done=1000 read.done=1000 start.done=1]")
		h.Close()
	})
}

func TestClockThatIsSetIsNoticed(t *testing.T) {
	p, problems := engine.NewPlan(enginetest.Parse(t, reminders), enginetest.NewWorld().Ops(), engine.PlanOptions{})
	if p == nil {
		t.Fatal(problems)
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	wait := func(h, n int) flow.Wait { return flow.Wait{Until: noon.Add(time.Duration(h) * time.Hour), Count: n} }
	s, err := p.Fold(flow.Run{ID: "r", Trigger: "start"}, []flow.StepRun{
		{Run: "r", Seq: 0, Key: "start<", Step: "start", Edge: -1, Out: map[flow.Outlet]int{"done": 5}},
		{
			Run: "r", Seq: 1, Key: "hold<0.done>0", Step: "hold", From: []flow.Ref{{Run: "r", Seq: 0, Outlet: "done"}}, In: 5,
			Out: map[flow.Outlet]int{"waiting": 5}, Waits: []flow.Wait{wait(1, 2), wait(2, 2), wait(9, 1)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	never := func(flow.RunID) bool { return false }
	for hours, want := range map[int]string{-100: "[]", 0: "[]", 1: "[hold<1.waiting+0]", 3: "[hold<1.waiting+0]", 5000: "[hold<1.waiting+0]"} {
		equal(t, fmt.Sprintf("after %d hours", hours), fmt.Sprint(keys(p.Due(s, noon.Add(time.Duration(hours)*time.Hour), never))), want)
	}
	if len(p.Ready(s)) > 0 {
		t.Errorf("ready: %v", keys(p.Ready(s)))
	}
	if _, _, ended := p.Ended(s); ended {
		t.Error("the run has ended while records wait")
	}
	s = p.After(s, flow.StepRun{
		Run: "r", Seq: 2, Key: "hold<1.waiting+0", Step: "hold", From: []flow.Ref{{Run: "r", Seq: 1, Outlet: "waiting"}}, In: 3,
		Out: map[flow.Outlet]int{"done": 3}, // the task had been made when three were due
	})
	equal(t, "then", fmt.Sprint(keys(p.Due(s, noon.Add(2*time.Hour), never))), "[hold<1.waiting+3]")
	equal(t, "counts", enginetest.Counts(s.Counts(p)), "[hold.done=3 hold.waiting=2 start.done=5]")
}

func TestARunWaitsForTheEndOfAnother(t *testing.T) {
	for _, restart := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := open(t)
			h.Add("slow", "jackfield: 1\nname: Slow\nsteps:\n  - {id: start, uses: test.start}\n  - {id: hold, uses: test.later, with: {in: '\"5h\"'}}\nedges: [start -> hold]\n")
			h.Add("f", `
jackfield: 1
name: Waits
steps:
  - {id: start, uses: test.start}
  - {id: hold, uses: test.later, with: {run: .run}}
edges: [start -> hold]
`)
			began := time.Now()
			slow, err := h.Local.Start(t.Context(), engine.Start{Flow: "slow"})
			if err != nil {
				t.Fatal(err)
			}
			id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f", Input: []any{obj("run", string(slow)), obj("run", string(slow)), obj("run", "no-such-run")}})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			equal(t, "counts", h.Counts(id), "[hold.done=1 hold.waiting=2 start.done=3]")
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
			equal(t, "counts", h.Counts(id), "[hold.done=3 start.done=3]")
			h.Close()
		})
	}
}

func TestRunThatIsStoppedWhileAWaitIsDueLetsItsOtherTaskEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := enginetest.NewWorld()
		held := make(chan struct{})
		w.Hold = func(context.Context, any) error {
			close(held)
			time.Sleep(time.Second) // it does not hear that it is to end
			return nil
		}
		h := enginetest.Open(t, w, engine.NewMemory())
		h.Add("f", `
jackfield: 1
name: Stopped
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1}]}}
  - {id: later, uses: test.later, with: {in: '"1ms"'}}
  - {id: slow, uses: test.send}
edges: [start -> later, start -> slow]
`)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		<-held
		synctest.Wait()
		if err := h.Local.Stop(t.Context(), id); err != nil { // a loop that turns without rest would not let time pass
			t.Fatal(err)
		}
		equal(t, "state", h.Wait(id).State, flow.RunStopped)
		h.Close()
	})
}
