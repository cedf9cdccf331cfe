package enginetest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/flow"
)

// nightly has a run of some length at each full hour, and more of them to make up for.
const nightly = `
jackfield: 1
name: Nightly
steps:
  - {id: clock, uses: test.clock, with: {cron: 0 * * * *, timezone: UTC, missed: all}}
  - {id: shape, uses: test.map, map: ".slot"}
  - {id: send, uses: test.send}
edges: [clock -> shape, shape -> send]
`

// deathKeepsSlots kills the program before and after each write of a schedule's life: of
// slots that start at once, that were missed, that were asked for. The next program
// gives each slot one run.
func deathKeepsSlots(t *testing.T, open func(t testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		for n, more := 1, true; more; n++ {
			name := fmt.Sprintf("before write %d", n)
			if after {
				name = fmt.Sprintf("after write %d", n)
			}
			more = false
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { more = dieBetweenSlots(t, open(t), n, after) })
			})
			if n > 200 {
				t.Fatal("a schedule of ever more writes")
			}
		}
	}
}

// dieBetweenSlots says whether the schedule got as far as its n-th write.
func dieBetweenSlots(t *testing.T, history engine.History, n int, after bool) bool {
	h := Open(t, NewWorld(), history)
	f := h.Add("f", nightly)
	on := func() {
		t.Helper()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.Local.Enable(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	on()
	letPass(time.Hour + time.Minute) // 01:00 has its run
	h.Close()
	letPass(2 * time.Hour)
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h.History = mortal
	h.Reopen()
	on() // 02:00 and 03:00 were missed
	letPass(10 * time.Minute)
	asked := []time.Time{time.Date(1999, 12, 31, 22, 0, 0, 0, time.UTC), time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)}
	_ = h.Local.Backfill(t.Context(), f, "clock", asked) // the dead do not answer
	letPass(time.Hour)                                   // 04:00 comes
	h.Close()
	died := mortal.Dead()
	h.History = history
	h.Reopen()
	on()
	if err := h.Local.Backfill(t.Context(), f, "clock", missing(t, h, asked)); err != nil {
		t.Fatal(err)
	}
	letPass(time.Hour) // 05:00 comes
	runs := map[string]int{}
	for id := range seenRuns(h) {
		r, err := history.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "state of the run of "+r.Slot.String(), r.State, flow.RunDone)
		runs[r.Slot.UTC().Format("15:04")]++
		same(t, "what it was given", h.Data(id, "clock", flow.Done), []any{map[string]any{"slot": r.Slot.UTC().Format(time.RFC3339), "by": "schedule"}})
	}
	want := map[string]int{"22:00": 1, "23:00": 1, "01:00": 1, "02:00": 1, "03:00": 1, "04:00": 1, "05:00": 1}
	same(t, "runs of each slot", runs, want)
	at, err := history.Standing(t.Context(), "f", "clock")
	if err != nil || len(at.Planned) > 0 {
		t.Errorf("still planned: %+v, %v", at.Planned, err)
	}
	h.Close()
	return died
}

func letPass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func seenRuns(h *House) map[flow.RunID]bool {
	ids := map[flow.RunID]bool{}
	for _, e := range h.Events() {
		if e.Kind == flow.RunChanged {
			ids[e.Run.ID] = true
		}
	}
	return ids
}

// missing are the slots that have no run and are not planned, which a person asks for
// again.
func missing(t *testing.T, h *House, slots []time.Time) []time.Time {
	t.Helper()
	have := map[int64]bool{}
	at, err := h.History.Standing(t.Context(), "f", "clock")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range at.Planned {
		have[p.Slot.Unix()] = true
	}
	for id := range seenRuns(h) {
		r, err := h.History.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		have[r.Slot.Unix()] = true
	}
	var left []time.Time
	for _, slot := range slots {
		if !have[slot.Unix()] {
			left = append(left, slot)
		}
	}
	return left
}
