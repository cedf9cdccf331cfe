package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// weaving has a barrier that gives 60 records on and 2,500 new ones.
const weaving = `
jackfield: 1
name: Weaving
steps:
  - {id: start, uses: test.start, with: {items: [{of: a}]}}
  - {id: read, uses: test.pages, with: {pages: 20, size: 3}}
  - {id: weave, uses: test.weave, with: {key: .n, new: 2500}}
  - {id: back, uses: test.map, map: "{of: $trigger.of, n: $steps.read.n, own: (.n // .new)}"}
  - {id: send, uses: test.sendall, with: {table: t}}
edges:
  - start -> read
  - {from: read, to: weave, when: .n != 7}
  - weave -> back
  - back -> send
`

func pagesOf(h *enginetest.House, id flow.RunID, step flow.StepID) (pages []flow.StepRun) {
	for _, s := range h.StepRuns(id) {
		if s.Step == step {
			pages = append(pages, s)
		}
	}
	return pages
}

func TestBarrierGivesPageByPage(t *testing.T) {
	h := open(t)
	h.Add("f", weaving)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "counts", h.Counts(r.ID), "[back.done=2559 read.done=60 send.done=2559 start.done=1 weave.done=2559]")

	var sizes, ins, froms, held []int
	for _, s := range pagesOf(h, r.ID, "weave") {
		sizes, ins, froms, held = append(sizes, s.Out[flow.Done]), append(ins, s.In), append(froms, len(s.From)), append(held, s.Passed)
	}
	equal(t, "pages", sizes, []int{1000, 1000, 559})
	equal(t, "taken with each", ins, []int{0, 0, 59})
	equal(t, "held back", held, []int{0, 0, 1})
	equal(t, "batches taken with each", froms, []int{0, 0, 20})

	came, gave := h.Records(r.ID, "read", flow.Done), h.Records(r.ID, "weave", flow.Done)
	came = slices.DeleteFunc(came, func(rec flow.Record) bool { return rec.Data.(map[string]any)["n"] == 7 })
	ids := map[flow.RecordID]bool{}
	for i, rec := range gave {
		ids[rec.ID] = true
		if i < len(came) {
			equal(t, "a record that goes on", rec, came[i])
		}
	}
	equal(t, "ids", len(ids), len(gave))
	back := h.Data(r.ID, "back", flow.Done)
	equal(t, "seen behind it", back[10], any(map[string]any{"of": "a", "n": nil, "own": 11}))
	equal(t, "seen behind it", back[2000], any(map[string]any{"of": "a", "n": nil, "own": 2000 - 59}))
	sum := gave[100].Data.(map[string]any)["sum"]
	equal(t, "the key was evaluated on each", sum, any(59*60/2-7))
}

func TestBarrierGivesHeavyRecordsInSmallPages(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Heavy
steps:
  - {id: start, uses: test.start, with: {items: [1]}}
  - {id: weave, uses: test.weave, with: {new: 10, size: 3000000}}
edges: [start -> weave]
`)
	r := h.Run(engine.Start{Flow: "f"})
	var sizes []int
	for _, s := range pagesOf(h, r.ID, "weave") {
		sizes = append(sizes, s.Out[flow.Done])
	}
	equal(t, "pages", sizes, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
}

func TestBarrierRestsWhileFourBatchesWaitBehindIt(t *testing.T) {
	w := enginetest.NewWorld()
	block := make(chan struct{})
	w.Block = block
	var given atomic.Int64
	w.OnGive = func(int) error { given.Add(1); return nil }
	began := make(chan flow.RecordID, 10_000)
	w.Began = began
	h := enginetest.Open(t, w, engine.NewMemory())
	h.Add("f", `
jackfield: 1
name: Pressure
steps:
  - {id: start, uses: test.start, with: {items: [1]}}
  - {id: weave, uses: test.weave, with: {new: 9999}}
  - {id: slow, uses: test.wait}
edges: [start -> weave, weave -> slow]
`)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 10_000 {
		<-began
		if most := int64((n/1000 + 5) * 1000); given.Load() > most {
			t.Fatalf("%d records given after %d were done", given.Load(), n)
		}
		block <- struct{}{}
	}
	equal(t, "state", h.Wait(id).State, flow.RunDone)
}

func TestDeathAtAnyWriteOfABarrierCostsNothing(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n, died := 1, true; died; n++ {
			w := enginetest.NewWorld()
			history := engine.NewMemory()
			mortal := &enginetest.Mortal{History: history, DieAt: n, After: after}
			h := enginetest.Open(t, w, mortal)
			h.Add("f", weaving)
			id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
			if err != nil {
				continue // before anything was on disk
			}
			_, _ = h.Local.Wait(t.Context(), id)
			h.Close()
			died = mortal.Dead()
			h.History = history
			h.Reopen()
			if err := h.Local.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("state after a death at %d", n), h.Wait(id).State, flow.RunDone)
			equal(t, fmt.Sprintf("counts after a death at %d", n), h.Counts(id), "[back.done=2559 read.done=60 send.done=2559 start.done=1 weave.done=2559]")
			equal(t, fmt.Sprintf("what was sent, by key, after a death at %d", n), len(w.Sent()), 2559)
		}
	}
}

func TestBarrierThatBreaksGoesOnWithTheSamePage(t *testing.T) {
	for _, at := range []int{0, 30, 59, 999, 1000, 1001, 2000, 2558} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			w := enginetest.NewWorld()
			well := false
			w.OnGive = func(n int) error {
				if n == at && !well {
					return kit.Fail(kit.Full, "no room")
				}
				return nil
			}
			h := enginetest.Open(t, w, engine.NewMemory())
			h.Add("f", weaving)
			r := h.Run(engine.Start{Flow: "f"})
			equal(t, "state", r.State, flow.RunFailed)
			equal(t, "why", r.Problem.What, "no room")
			r = h.Resume(r.ID) // in vain
			equal(t, "state", r.State, flow.RunFailed)
			well = true
			r = h.Resume(r.ID)
			equal(t, "state", r.State, flow.RunDone)
			equal(t, "counts", h.Counts(r.ID), "[back.done=2559 read.done=60 send.done=2559 start.done=1 weave.done=2559]")
			equal(t, "what was sent, by key", len(w.Sent()), 2559)
		})
	}
}

func TestRunStoppedInTheMiddleOfABarrierKeepsItsVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := enginetest.NewWorld()
		reached, stopped := make(chan struct{}), make(chan struct{})
		first := true
		w.OnGive = func(n int) error {
			if n == 1500 && first {
				first = false
				close(reached)
				<-stopped
			}
			return nil
		}
		h := enginetest.Open(t, w, engine.NewMemory())
		h.Add("f", weaving)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		<-reached
		end := make(chan error)
		go func() { end <- h.Local.Stop(t.Context(), id) }()
		synctest.Wait()
		close(stopped)
		if err := <-end; err != nil {
			t.Fatal(err)
		}
		equal(t, "pages", len(pagesOf(h, id, "weave")), 1)
		h.Add("f", strings.Replace(weaving, "new: 2500", "new: 7", 1))
		r := h.Resume(id)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "version", r.Version, 1)
		equal(t, "counts", h.Counts(id), "[back.done=2559 read.done=60 send.done=2559 start.done=1 weave.done=2559]")
		equal(t, "what was sent, by key", len(w.Sent()), 2559)
	})
}

func TestRecordsThatFailAtABarrierLeaveInPages(t *testing.T) {
	h := open(t)
	text := `
jackfield: 1
name: Bad keys
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 30, size: 100}}
  - {id: weave, uses: test.weave, with: {key: '%s', new: 1}}
edges: [start -> read, read -> weave]
`
	h.Add("f", fmt.Sprintf(text, `if .n < 2500 then error("no key") else .n end`))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "failures", r.Failures, 2500)
	equal(t, "counts", h.Counts(r.ID), "[read.done=3000 start.done=1 weave.done=501 weave.failed=2500]")
	equal(t, "pages", len(pagesOf(h, r.ID, "weave")), 4)
	h.Keep("f", enginetest.Parse(t, fmt.Sprintf(text, ".n")))
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "counts", h.Counts(r.ID), "[read.done=3000 start.done=1 weave.done=3002]")
	for _, rec := range h.Records(r.ID, "weave", flow.Done) {
		if rec.Problem != nil {
			t.Fatalf("a record goes on with the problem %v", rec.Problem)
		}
	}
}

func TestMappingThatGivesVeryMuchIsDoneInParts(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Much
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 1, size: 1000}}
  - {id: swell, uses: test.map, map: ".n as $n | range(300) | {n: $n, i: ., text: (\"x\" * 150)}"}
  - {id: one, uses: test.test, with: {when: ".i == 7"}}
edges: [start -> read, read -> swell, swell -> one]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[one.false=299000 one.true=1000 read.done=1000 start.done=1 swell.done=300000]")
	for _, s := range pagesOf(h, r.ID, "swell") {
		if s.Out[flow.Done] > 120_000 { // of 200 bytes
			t.Errorf("%d records were made in one go", s.Out[flow.Done])
		}
	}
	for i, rec := range h.Data(r.ID, "one", "true") {
		if rec.(map[string]any)["n"] != i {
			t.Fatalf("record %d is %v", i, rec)
		}
	}
}
