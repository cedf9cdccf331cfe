package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// ordered is followed by invoiced; gathered takes events together.
const (
	ordered = `
jackfield: 1
name: Ordered
steps:
  - {id: start, uses: test.start}
  - {id: shape, uses: test.map}
edges: [start -> shape]
`
	invoiced = `
jackfield: 1
name: Invoiced
steps:
  - {id: end, uses: test.after, with: {flow: Ordered}}
  - {id: send, uses: test.send, map: "{body: .run}"}
edges: [end -> send]
`
	gathered = `
jackfield: 1
name: Gathered
steps:
  - {id: hook, uses: test.listen, with: {quiet: 10s}}
  - {id: send, uses: test.send, map: "{body: .n}"}
edges: [hook -> send]
`
)

// deathKeepsEvents kills the program before and after each write between an event and
// its run: the end of a run that another flow follows, events that are gathered, one
// that comes with its listener's mark.
func deathKeepsEvents(t *testing.T, open func(t testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		for n, more := 1, true; more; n++ {
			name := fmt.Sprintf("before write %d", n)
			if after {
				name = fmt.Sprintf("after write %d", n)
			}
			more = false
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { more = dieBetweenEvents(t, open(t), n, after) })
			})
			if n > 200 {
				t.Fatal("events of ever more writes")
			}
		}
	}
}

// dieBetweenEvents says whether it got as far as the n-th write.
func dieBetweenEvents(t *testing.T, history engine.History, n int, after bool) bool {
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h := Open(t, NewWorld(), mortal)
	h.Enabled = []flow.ID{"invoiced", "gathered"}
	h.Add("ordered", ordered)
	flows := []flow.Flow{h.Add("invoiced", invoiced), h.Add("gathered", gathered)}
	on := func() {
		t.Helper()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		letPass(time.Second) // what was cut off may end before those who wait for it are live
		for _, f := range flows {
			if err := h.Local.Enable(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		letPass(time.Second)
	}
	on()
	// Those whose giver heard that they were taken must come through; the others may.
	var sure, maybe []any
	give := func(e kit.Event) {
		_, err := h.World.Give(t.Context(), "hook", e)
		if n := e.Data[0].(map[string]any)["n"]; err == nil {
			sure = append(sure, n)
		} else {
			maybe = append(maybe, n)
		}
	}
	begun, _ := h.Local.Start(t.Context(), engine.Start{Flow: "ordered"})
	give(kit.Event{Data: []any{map[string]any{"n": 1}}, Cause: "webhook"})
	letPass(5 * time.Second)
	give(kit.Event{Data: []any{map[string]any{"n": 2}}, Cause: "webhook", Mark: flow.Cursor(`{"at":2}`)})
	letPass(time.Minute)
	give(kit.Event{Data: []any{map[string]any{"n": 3}}, Cause: "webhook"})
	letPass(time.Minute)
	h.Close()
	died := mortal.Dead()
	h.History = history
	h.Reopen()
	on()
	letPass(2 * time.Minute)
	sent := map[any]int{}
	for _, times := range h.World.Sent() {
		sent[times[0]]++ // the same key again is the same delivery
	}
	for _, n := range sure {
		same(t, fmt.Sprintf("deliveries of event %v, which was taken", n), sent[n], 1)
	}
	for _, n := range maybe {
		if sent[n] > 1 {
			t.Errorf("event %v, of which nobody heard whether it was taken, was delivered %d times", n, sent[n])
		}
	}
	ends := 0
	for id := range seenRuns(h) {
		r, err := history.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "state of a run of "+r.Name, r.State, flow.RunDone)
		if r.Flow == "ordered" {
			ends++
			same(t, "runs that follow "+string(id), sent[string(id)], 1)
		}
	}
	if begun != "" {
		same(t, "runs that were begun", ends, 1)
	}
	for _, at := range []struct {
		flow flow.ID
		step flow.StepID
	}{{"invoiced", "end"}, {"gathered", "hook"}} {
		left, err := history.Standing(t.Context(), at.flow, at.step)
		if err != nil || len(left.Planned) > 0 {
			t.Errorf("still on disk for %s: %+v, %v", at.step, left.Planned, err)
		}
		if at.step == "hook" && slices.Contains(sure, any(2)) {
			same(t, "mark", string(left.Mark), `{"at":2}`)
		}
	}
	if !died {
		same(t, "deliveries", len(slices.Collect(maps.Keys(sent))), 4)
		same(t, "runs", len(seenRuns(h)), 1+1+2)
	}
	h.Close()
	return died
}
