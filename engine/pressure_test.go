package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func pressures(h *enginetest.House) (all []flow.Pressure) {
	for _, e := range h.Events() {
		if e.Kind == flow.PressureChanged {
			all = append(all, e.Pressure)
		}
	}
	return all
}

func TestPressureTellsWhatWaitsAndWhoRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := enginetest.NewWorld()
		block, behind := make(chan struct{}), make(chan struct{})
		w.Block = block
		w.Hold = func(context.Context, any) error { <-behind; return nil }
		h := enginetest.Open(t, w, engine.NewMemory())
		h.Add("f", `
jackfield: 1
name: Pressure
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 50, size: 10}}
  - {id: quick, uses: test.map}
  - {id: slow, uses: test.wait}
  - {id: all, uses: test.weave, with: {new: 9500}}
  - {id: last, uses: test.send}
edges: [start -> read, read -> quick -> all, read -> slow, all -> last]
`)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		told := pressures(h)
		equal(t, "how often in a second without change", len(told), 1)
		equal(t, "pressure", told[0], flow.Pressure{
			Waits: []flow.Waits{
				{Edge: 0, Step: "read", Batches: 1, Records: 1},
				{Edge: 3, Step: "slow", Batches: 4, Records: 40},
				{Edge: 2, Step: "all", Batches: 4, Records: 40, Gathers: true},
			},
			Held: []flow.Held{{Step: "read", By: "slow"}},
		})
		for range 500 {
			block <- struct{}{}
		}
		<-time.After(time.Second)
		told = pressures(h)
		equal(t, "pressure behind the barrier", told[len(told)-1], flow.Pressure{
			Waits: []flow.Waits{
				{Edge: 2, Step: "all", Batches: 50, Records: 500, Gathers: true},
				{Edge: 4, Step: "last", Batches: 4, Records: 4000},
			},
			Held: []flow.Held{{Step: "all", By: "last"}},
		})
		close(behind)
		equal(t, "state", h.Wait(id).State, flow.RunDone)
		told = pressures(h)
		equal(t, "pressure in the end", told[len(told)-1], flow.Pressure{})
	})
}

func TestPressureIsToldFourTimesASecondAtTheMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := enginetest.NewWorld()
		block := make(chan struct{})
		w.Block = block
		h := enginetest.Open(t, w, engine.NewMemory())
		h.Add("f", `
jackfield: 1
name: Pressure
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 1000, size: 1}}
  - {id: slow, uses: test.wait}
edges: [start -> read, read -> slow]
`)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 1000 {
			if n < 996 {
				<-time.After(10 * time.Millisecond)
			}
			block <- struct{}{}
		}
		equal(t, "state", h.Wait(id).State, flow.RunDone)
		if n := len(pressures(h)); n > 42 {
			t.Errorf("told %d times in ten seconds", n)
		}
	})
}
