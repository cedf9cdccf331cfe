package enginetest

import (
	"fmt"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// failingFlow fails one record, takes its records side by side, and tells of its failures.
const failingFlow = `
jackfield: 1
name: Failing
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3, 4]}}
  - {id: send, uses: test.send, parallel: 3, order: ". % 2"}
edges: [start -> send]
settings: {on_failure: tell}
`

const tellingFlow = "jackfield: 1\nname: Telling\nsteps: [{id: tell, uses: test.send}]\n"

func failingWorld() *World {
	w := NewWorld()
	w.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
		if data == 3 {
			return kit.Fail(kit.Refused, "not that one")
		}
		return nil
	}
	return w
}

// failuresAreToldOnce kills the program before and after every write of a run that ends
// badly and of the one that tells of it: that there is one such, which was told all.
func failuresAreToldOnce(t *testing.T, open func(t testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		for n, more := 1, true; more; n++ {
			name := fmt.Sprintf("before write %d", n)
			if after {
				name = fmt.Sprintf("after write %d", n)
			}
			more = false
			t.Run(name, func(t *testing.T) { more = dieAndTell(t, open(t), n, after) })
		}
	}
}

func dieAndTell(t *testing.T, history engine.History, n int, after bool) (died bool) {
	w := failingWorld()
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h := Open(t, w, mortal)
	h.Add("f", failingFlow)
	h.Add("tell", tellingFlow)
	if id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"}); err == nil {
		_, _ = h.Local.Wait(t.Context(), id)
		_, _ = h.Local.Wait(t.Context(), id+"-failure")
	}
	h.Close()
	died = mortal.Dead()
	h.History = history
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatalf("recover: %v", err)
	}
	id := onlyRun(t, h)
	if id == "" {
		return died
	}
	if r, err := history.Run(t.Context(), id); err != nil || r.Flow != "f" {
		return died // it died before anything of the run was on disk
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunPartial)
	same(t, "counts", h.Counts(id), "[send.done=3 send.failed=1 start.done=4]")
	told := h.Wait(id + "-failure")
	same(t, "state of the one that tells", told.State, flow.RunDone)
	same(t, "its counts", h.Counts(told.ID), "[tell.done=1]")
	for key, times := range w.Sent() {
		for _, one := range times {
			if m, is := one.(map[string]any); is && (m["run"] != string(id) || m["state"] != "partial" || m["failures"] != 1) {
				t.Errorf("key %s was told %v", key, m)
			}
		}
	}
	return died
}

// replaysBeginWhole kills the program before and after every write of a replay from a
// step: it is not there, says that its records were lost, or does all of it.
func replaysBeginWhole(t *testing.T, open func(t testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		for n, more := 1, true; more; n++ {
			name := fmt.Sprintf("before write %d", n)
			if after {
				name = fmt.Sprintf("after write %d", n)
			}
			more = false
			t.Run(name, func(t *testing.T) { more = dieInReplay(t, open(t), n, after) })
		}
	}
}

func dieInReplay(t *testing.T, history engine.History, n int, after bool) (died bool) {
	h := Open(t, journeyWorld(), history)
	h.Add("f", journey)
	first := h.Run(engine.Start{Flow: "f"})
	h.Close()
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h.History = mortal
	h.Reopen()
	if id, err := h.Local.Replay(t.Context(), engine.Replay{Run: first.ID, From: "shape"}); err == nil {
		_, _ = h.Local.Wait(t.Context(), id)
	}
	h.Close()
	died = mortal.Dead()
	h.History = history
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatalf("recover: %v", err)
	}
	all, err := history.Runs(t.Context(), "f", "", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 1 {
		return died
	}
	r := h.Wait(all[0].ID)
	if r.State == flow.RunFailed && r.Problem.Code == "input-lost" {
		same(t, "what it did", h.Counts(r.ID), "[]")
		return died
	}
	same(t, "state", r.State, flow.RunPartial)
	same(t, "counts", h.Counts(r.ID), "[all.done=1 even.false=12 even.true=12 file.done=20 one.done=10 send.done=10 send.failed=2 shape.done=24]")
	same(t, "records that it began with", r.Given, 24)
	return died
}
