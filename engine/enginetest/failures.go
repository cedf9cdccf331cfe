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
