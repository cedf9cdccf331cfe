package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// TestAClockThatWasSetBackConfusesNobody: the program before had a clock that was a day
// ahead.
func TestAClockThatWasSetBackConfusesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		history := engine.NewMemory()
		h := enginetest.Open(t, enginetest.NewWorld(), history)
		h.Add("f", sending("send", "title: x"))
		time.Sleep(24 * time.Hour)
		first := h.Run(engine.Start{Flow: "f"})
		h.Close()

		ahead := flow.Run{
			ID: first.ID[:len(first.ID)-1] + "z", Flow: "f", Name: "f", Version: 1, Trigger: "start", Cause: "manual",
			State: flow.Running, Started: time.Now().Add(24 * time.Hour),
		}
		if err := history.Begin(t.Context(), ahead); err != nil {
			t.Fatal(err)
		}
		h.Local = engine.NewLocal(engine.LocalOptions{History: history, Ops: h.World.Ops(), Flows: h.Flow, Home: t.TempDir(), Newest: ahead.ID})
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := h.Wait(ahead.ID)
		equal(t, "state", r.State, flow.RunDone)
		if r.Ended.Before(r.Started) || r.Took(time.Now()) < 0 {
			t.Errorf("it began at %s, ended at %s and took %s", r.Started, r.Ended, r.Took(time.Now()))
		}
		for range 3 {
			next := h.Run(engine.Start{Flow: "f"})
			if next.ID <= ahead.ID {
				t.Errorf("run %s follows run %s", next.ID, ahead.ID)
			}
			ahead.ID = next.ID
		}
		for _, s := range h.StepRuns(r.ID) {
			if s.Took < 0 {
				t.Errorf("step %s took %s", s.Step, s.Took)
			}
		}
	})
}
