package enginetest

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// Runner tests runs over a history: that what the engine promises holds with it. open
// gives a new, empty one.
func Runner(t *testing.T, open func(t testing.TB) engine.History) {
	t.Run("flows come to their ends", func(t *testing.T) { flowsComeToTheirEnds(t, open) })
	t.Run("a death at any write costs nothing", func(t *testing.T) { deathCostsNothing(t, open) })
	t.Run("a death at any write changes nothing of what is joined or looped", func(t *testing.T) { deathChangesNoConstruct(t, open) })
	t.Run("an interruption at any record does nothing twice", func(t *testing.T) { interruptionRepeatsNothing(t, open) })
	t.Run("a run is never there without its input", func(t *testing.T) { inputComesWithTheRun(t, open) })
	t.Run("a full disk fails the run and loses nothing", func(t *testing.T) { fullDiskLosesNothing(t, open(t)) })
	t.Run("many runs go on at once", func(t *testing.T) { manyRunsAtOnce(t, open(t)) })
	t.Run("what counts each time", func(t *testing.T) { intents(t, open) })
	t.Run("questions", func(t *testing.T) { questions(t, open) })
	t.Run("a death at any write loses no slot and doubles none", func(t *testing.T) { deathKeepsSlots(t, open) })
	t.Run("a death at any write loses no event and doubles none", func(t *testing.T) { deathKeepsEvents(t, open) })
	t.Run("a death at any write tells of a failure once", func(t *testing.T) { failuresAreToldOnce(t, open) })
	t.Run("a death at any write of a replay leaves none that is half", func(t *testing.T) { replaysBeginWhole(t, open) })
	t.Run("a checkpoint is where the next run begins", func(t *testing.T) { nextRunBeginsAtCheckpoint(t, open(t)) })
}

// journey goes through every kind of step: a source, a mapping with look-back, a
// branch, a service with failures, a barrier, a bulk service with something to finish.
const journey = `
jackfield: 1
name: Journey
steps:
  - {id: start, uses: test.start, with: {items: [{of: a}, {of: b}]}}
  - {id: read, uses: test.pages, with: {pages: 3, size: 4, mark: true}, map: "{of: .of}"}
  - {id: shape, uses: test.map, map: '{key: "\($steps.start.of)\(.n)", n}'}
  - {id: even, uses: test.test, with: {when: ".n % 2 == 0"}}
  - {id: send, uses: test.send, map: "{body: .key}"}
  - {id: all, uses: test.collect}
  - {id: one, uses: test.map, map: ".[]"}
  - {id: file, uses: test.file}
edges:
  - start -> read
  - read -> shape
  - shape -> even
  - even.true -> send
  - {from: even.false, to: all, when: .n != 5}
  - send -> file
  - all -> one
  - one -> file
`

const journeyCounts = "[all.done=1 even.false=12 even.true=12 file.done=20 one.done=10 read.done=24 send.done=10 send.failed=2 shape.done=24 start.done=2]"

func journeyWorld() *World {
	w := NewWorld()
	w.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
		if data == "a2" || data == "b10" {
			return kit.Fail(kit.Refused, "not that one")
		}
		return nil
	}
	return w
}

func flowsComeToTheirEnds(t *testing.T, open func(t testing.TB) engine.History) {
	for _, tt := range []struct {
		name, text, counts string
		state              flow.RunState
	}{
		{"journey", journey, journeyCounts, flow.RunPartial},
		{"nothing to do", "jackfield: 1\nname: Empty\nsteps: [{id: start, uses: test.start}]\n", "[start.done=1]", flow.RunDone},
		{
			"a source of nothing", "jackfield: 1\nname: Nothing\nsteps:\n  - {id: start, uses: test.start}\n  - {id: read, uses: test.pages, with: {pages: 3, size: 0}}\n  - {id: all, uses: test.collect}\nedges: [start -> read, read -> all]\n",
			"[start.done=1]", flow.RunDone,
		},
		{"forty steps in a row", row(40), "", flow.RunDone},
		{"forty steps side by side", sideBySide(40), "", flow.RunDone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := Open(t, journeyWorld(), open(t))
			h.Add("f", tt.text)
			r := h.Run(engine.Start{Flow: "f"})
			same(t, "state", r.State, tt.state)
			if tt.counts != "" {
				same(t, "counts", h.Counts(r.ID), tt.counts)
			}
		})
	}
}

func row(n int) string {
	var steps, edges strings.Builder
	for i := range n {
		fmt.Fprintf(&steps, "  - {id: s%d, uses: test.map}\n", i)
		if i > 0 {
			fmt.Fprintf(&edges, "  - s%d -> s%d\n", i-1, i)
		}
	}
	return "jackfield: 1\nname: Row\nsteps:\n" + steps.String() + "edges:\n" + edges.String()
}

func sideBySide(n int) string {
	var steps, edges strings.Builder
	steps.WriteString("  - {id: start, uses: test.start}\n  - {id: all, uses: test.collect}\n")
	for i := range n {
		fmt.Fprintf(&steps, "  - {id: s%d, uses: test.map}\n", i)
		fmt.Fprintf(&edges, "  - start -> s%d\n  - s%d -> all\n", i, i)
	}
	return "jackfield: 1\nname: Side by side\nsteps:\n" + steps.String() + "edges:\n" + edges.String()
}

// deathCostsNothing kills the program before and after every write of a run. What the
// next program makes of it must be what the run would have come to; and who was sent
// something twice can tell by the key.
func deathCostsNothing(t *testing.T, open func(t testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		for n, more := 1, true; more; n++ {
			name := fmt.Sprintf("before write %d", n)
			if after {
				name = fmt.Sprintf("after write %d", n)
			}
			more = false
			t.Run(name, func(t *testing.T) { more = dieAndRecover(t, open(t), n, after) })
			if n > 500 {
				t.Fatal("a run of ever more writes")
			}
		}
	}
}

// dieAndRecover says whether the run got as far as its n-th write.
func dieAndRecover(t *testing.T, history engine.History, n int, after bool) bool {
	w := journeyWorld()
	mortal := &Mortal{History: history, DieAt: n, After: after}
	h := Open(t, w, mortal)
	h.Add("f", journey)
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err == nil {
		// A run that cannot be written down ends with an error, or parked.
		_, _ = h.Local.Wait(t.Context(), id)
	}
	h.Close()
	died := mortal.Dead()
	h.History = history
	h.Reopen()
	if err := h.Local.Recover(t.Context()); err != nil {
		t.Fatalf("recover: %v", err)
	}
	if _, known := history.Run(t.Context(), id); err != nil || known != nil {
		if id = onlyRun(t, h); id == "" { // it died before anything of the run was on disk
			same(t, "what was sent", len(w.Sent()), 0)
			return died
		}
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunPartial)
	same(t, "failures", r.Failures, 2)
	same(t, "counts", h.Counts(id), journeyCounts)
	sent := w.Sent()
	same(t, "what was sent, by key", len(sent), 10+20)
	for key, times := range sent {
		for _, one := range times {
			if !reflect.DeepEqual(one, times[0]) {
				t.Errorf("key %s came with %v and with %v", key, times[0], one)
			}
		}
	}
	if len(w.Finished()) == 0 {
		t.Error("the file was not finished")
	}
	return died
}

// onlyRun finds the run of a start that was not heard of.
func onlyRun(t *testing.T, h *House) flow.RunID {
	t.Helper()
	for _, e := range h.Events() {
		if e.Kind == flow.RunChanged {
			return e.Run.ID
		}
	}
	return ""
}

// interruptionRepeatsNothing interrupts a run in the middle of a delivery, for each
// delivery that it makes: a person stops it and resumes it, or the program is closed
// and started again. Unlike a death, that leaves nothing in the dark, so nothing may
// be delivered twice.
func interruptionRepeatsNothing(t *testing.T, open func(t testing.TB) engine.History) {
	for _, closes := range []bool{false, true} {
		for at := range 30 {
			name := fmt.Sprintf("stop at delivery %d", at)
			if closes {
				name = fmt.Sprintf("close at delivery %d", at)
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { interrupt(t, open(t), at, closes) })
			})
		}
	}
}

func interrupt(t *testing.T, history engine.History, at int, closes bool) {
	w := journeyWorld()
	h := Open(t, w, history)
	h.Add("f", journey)
	var mu sync.Mutex
	deliveries := 0
	reached, interrupted := make(chan struct{}), make(chan struct{})
	well := w.OnSend
	w.OnSend = func(env kit.Env, rec flow.Record, data any) error {
		mu.Lock()
		now := deliveries == at
		deliveries++
		mu.Unlock()
		if now {
			close(reached)
			<-interrupted
		}
		return well(env, rec, data)
	}
	id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
	if err != nil {
		t.Fatal(err)
	}
	<-reached
	ended := make(chan error)
	go func() {
		if closes {
			ended <- h.Local.Close(t.Context())
		} else {
			ended <- h.Local.Stop(t.Context(), id)
		}
	}()
	synctest.Wait() // the end is heard of, and waits for the delivery
	close(interrupted)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if closes {
		h.Reopen()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	} else {
		same(t, "state of the stopped run", h.Wait(id).State, flow.RunStopped)
		h.Resume(id)
	}
	r := h.Wait(id)
	same(t, "state", r.State, flow.RunPartial)
	same(t, "counts", h.Counts(id), journeyCounts)
	for key, times := range w.Sent() {
		same(t, "deliveries of "+key, len(times), 1)
	}
	h.Close()
}

func inputComesWithTheRun(t *testing.T, open func(testing.TB) engine.History) {
	for _, after := range []bool{false, true} {
		history := open(t)
		h := Open(t, journeyWorld(), &Mortal{History: history, DieAt: 1, After: after})
		h.Add("f", journey)
		if _, err := h.Local.Start(t.Context(), engine.Start{Flow: "f", Input: []any{map[string]any{"of": "x"}}}); err == nil {
			t.Fatal("the start was confirmed before its input was safe")
		}
		h.Close()
		h.History = history
		h.Reopen()
		unfinished, err := history.Unfinished(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !after {
			same(t, "runs without a write", len(unfinished), 0)
			continue
		}
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		id := unfinished[0].ID
		same(t, "ended", h.Wait(id).State.Ended(), true)
		same(t, "input", fmt.Sprint(h.Data(id, "start", flow.Done)), "[map[of:x]]")
	}
}

func fullDiskLosesNothing(t *testing.T, history engine.History) {
	full := true
	ill := &Ill{History: history, Fails: func(e flow.Entry) error {
		if full && e.Step == "send" {
			return &fs.PathError{Op: "write", Path: "jackfield.db", Err: syscall.ENOSPC}
		}
		return nil
	}}
	h := Open(t, journeyWorld(), ill)
	h.Add("f", journey)
	r := h.Run(engine.Start{Flow: "f"})
	same(t, "state", r.State, flow.RunFailed)
	if p := r.Problem; p == nil || p.Code != kit.Full || !strings.Contains(p.What, `"send"`) || p.Fix == "" {
		t.Errorf("problem %+v", p)
	}
	full = false
	r = h.Resume(r.ID)
	same(t, "state", r.State, flow.RunPartial)
	same(t, "counts", h.Counts(r.ID), journeyCounts)
}

func manyRunsAtOnce(t *testing.T, history engine.History) {
	h := Open(t, journeyWorld(), history)
	h.Add("f", strings.ReplaceAll(journey, ", mark: true", ""))
	var work sync.WaitGroup
	ids := make([]flow.RunID, 20)
	errs := make([]error, len(ids))
	for i := range ids {
		work.Go(func() {
			if ids[i], errs[i] = h.Local.Start(t.Context(), engine.Start{Flow: "f"}); errs[i] == nil {
				_, errs[i] = h.Local.Wait(t.Context(), ids[i])
			}
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		same(t, "counts", h.Counts(id), journeyCounts)
	}
}

func nextRunBeginsAtCheckpoint(t *testing.T, history engine.History) {
	h := Open(t, NewWorld(), history)
	h.Add("f", `
jackfield: 1
name: Incremental
steps:
  - {id: start, uses: test.start, with: {items: [{of: a}, {of: b}]}}
  - {id: read, uses: test.pages, with: {pages: 4, size: 1, mark: true}, map: "{of: .of}"}
edges: [start -> read]
`)
	r := h.Run(engine.Start{Flow: "f", Limit: 3})
	same(t, "with a limit", h.Counts(r.ID), "[read.done=3 start.done=2]")
	r = h.Run(engine.Start{Flow: "f"})
	same(t, "a limit moves nothing", h.Counts(r.ID), "[read.done=8 start.done=2]")
	r = h.Run(engine.Start{Flow: "f", Input: []any{map[string]any{"of": "b"}, map[string]any{"of": "c"}}})
	same(t, "each of what is read stands where it was left", h.Data(r.ID, "read", flow.Done), []any{
		map[string]any{"n": 4, "of": "b", "page": 4},
		map[string]any{"n": 0, "of": "c", "page": 0},
		map[string]any{"n": 1, "of": "c", "page": 1},
		map[string]any{"n": 2, "of": "c", "page": 2},
		map[string]any{"n": 3, "of": "c", "page": 3},
	})
}
