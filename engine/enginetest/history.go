package enginetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"jackfield/engine"
	"jackfield/flow"
)

// History tests what every history promises. open gives a new, empty one.
func History(t *testing.T, open func(t testing.TB) engine.History) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, engine.History)
	}{
		{"gives back the run that began", runComesBack},
		{"begins a run once", beginsOnce},
		{"keeps what was updated", keepsUpdates},
		{"lists unfinished runs, the oldest first", listsUnfinished},
		{"numbers entries from 0 in each run", numbersEntries},
		{"takes an entry with the same key once", takesKeysOnce},
		{"gives back what an entry held", entryComesBack},
		{"moves a checkpoint with its entry", movesCheckpoint},
		{"keeps how a checkpoint moved", keepsMoves},
		{"moves a checkpoint for a person, but not during a run", movesForAPerson},
		{"refuses an entry of a run that never began", refusesUnknownRun},
		{"begins a run with its first entry", beginsWithAnEntry},
		{"ends a run with its last entry, where that comes last", endsWithAnEntry},
		{"says what is not there", saysWhatIsMissing},
		{"can be read while it is written", readsWhileWriting},
		{"takes entries from many at once", takesManyAtOnce},
		{"holds large batches", holdsLargeBatches},
		{"keeps what may wait at its place", keepsWhatWaits},
		{"takes what may wait once", takesWhatWaitsOnce},
		{"takes what may wait from many at once", takesManyThatWait},
		{"ends a run behind what may wait", endsBehindWhatWaits},
		{"keeps what is planned for each trigger", keepsWhatIsPlanned},
		{"begins a run with what was planned, or not at all", beginsWhatWasPlanned},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

var began = time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)

func run(id flow.RunID) flow.Run {
	return flow.Run{
		ID: id, Flow: "orders", Name: "Orders", Version: 3, Dir: "/tmp/orders", Trigger: "nightly", Cause: "schedule",
		Slot: began.Add(-time.Minute), Set: []flow.Setting{{Step: "read", Key: "size", Value: 7}}, Limit: 5, State: flow.Running, Started: began,
	}
}

func begin(t *testing.T, h engine.History, r flow.Run) {
	t.Helper()
	if err := h.Begin(t.Context(), r); err != nil {
		t.Fatalf("begin: %v", err)
	}
}

func add(t *testing.T, h engine.History, e flow.Entry) int {
	t.Helper()
	seq, err := h.Append(t.Context(), e)
	if err != nil {
		t.Fatalf("append %s: %v", e.Key, err)
	}
	return seq
}

// entry is one with a batch of n records.
func entry(id flow.RunID, key string, n int) flow.Entry {
	e := flow.Entry{StepRun: flow.StepRun{
		Run: id, Key: key, Step: "read", From: []flow.Ref{{Run: id, Seq: 0, Outlet: flow.Done}}, Edge: 2, Nth: 4, Page: 1, More: true,
		Next: flow.Cursor(`{"page":2}`), Attempt: 2, In: 1, Passed: 3, Out: map[flow.Outlet]int{flow.Done: n},
		Problems: []flow.Problem{{Step: "read", Code: "busy", What: "locked", Fix: "wait"}}, Started: began, Took: 15 * time.Millisecond,
	}}
	batch := flow.Batch{}
	for i := range n {
		id := flow.Child("read", []flow.RecordID{"p"}, i)
		batch = append(batch, flow.Record{ID: id, Parents: []flow.RecordID{"p"}, Data: map[string]any{"n": i, "text": "héllo", "half": 0.5, "none": nil, "list": []any{true, "x"}}})
	}
	if n > 0 {
		e.Batches = map[flow.Outlet]flow.Batch{flow.Done: batch}
	}
	e.Log = []flow.LogLine{{Time: began, Level: flow.Info, Step: "read", Text: key}}
	return e
}

func stepRuns(t *testing.T, h engine.History, id flow.RunID) []flow.StepRun {
	t.Helper()
	var all []flow.StepRun
	for s, err := range h.StepRuns(t.Context(), id) {
		if err != nil {
			t.Fatalf("step runs: %v", err)
		}
		all = append(all, s)
	}
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func sameRun(t *testing.T, h engine.History, want flow.Run) {
	t.Helper()
	got, err := h.Run(t.Context(), want.ID)
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	got.Bytes = want.Bytes // the history's own count
	for _, times := range [][2]*time.Time{{&got.Started, &want.Started}, {&got.Ended, &want.Ended}, {&got.Slot, &want.Slot}} {
		if !times[0].Equal(*times[1]) {
			t.Errorf("time %s, want %s", times[0], times[1])
		}
		*times[0], *times[1] = time.Time{}, time.Time{}
	}
	same(t, "run", got, want)
}

func runComesBack(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	sameRun(t, h, run("r1"))
}

func beginsOnce(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	add(t, h, entry("r1", "a", 1))
	other := run("r1")
	other.Name = "Other"
	begin(t, h, other)
	sameRun(t, h, run("r1"))
	same(t, "step runs", len(stepRuns(t, h, "r1")), 1)
}

func keepsUpdates(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	r := run("r1")
	r.State, r.Ended, r.Given, r.Failures, r.Resumed = flow.RunPartial, began.Add(time.Hour), 10, 2, 1
	r.Problem = &flow.Problem{Step: "read", Code: "x", What: "bad", Fix: "good"}
	if err := h.Update(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	sameRun(t, h, r)
}

func listsUnfinished(t *testing.T, h engine.History) {
	for _, id := range []flow.RunID{"r3", "r1", "r2"} {
		begin(t, h, run(id))
	}
	done := run("r2")
	done.State = flow.RunDone
	if err := h.Update(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	runs, err := h.Unfinished(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []flow.RunID
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	same(t, "unfinished", ids, []flow.RunID{"r1", "r3"})
	again := run("r2")
	if err := h.Update(t.Context(), again); err != nil { // resumed
		t.Fatal(err)
	}
	if runs, err = h.Unfinished(t.Context()); err != nil || len(runs) != 3 {
		t.Errorf("unfinished after a resume: %v, %v", runs, err)
	}
}

func numbersEntries(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	begin(t, h, run("r2"))
	for i := range 3 {
		same(t, "seq", add(t, h, entry("r1", fmt.Sprint(i), 1)), i)
		same(t, "seq", add(t, h, entry("r2", fmt.Sprint(i), 1)), i)
	}
	for i, s := range stepRuns(t, h, "r2") {
		same(t, "seq in the list", s.Seq, i)
		same(t, "key in the list", s.Key, fmt.Sprint(i))
	}
}

func takesKeysOnce(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	add(t, h, entry("r1", "a", 2))
	add(t, h, entry("r1", "b", 3))
	again := entry("r1", "a", 5)
	again.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor(`9`), Run: "r1", Moved: began}
	same(t, "seq of the second one", add(t, h, again), 0)
	same(t, "step runs", len(stepRuns(t, h, "r1")), 2)
	b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 0, Outlet: flow.Done})
	if err != nil || len(b) != 2 {
		t.Errorf("the batch has %d records (%v), want the first one's 2", len(b), err)
	}
	if c, err := h.Checkpoint(t.Context(), "orders", "read"); c != nil || err != nil {
		t.Errorf("the second one moved the checkpoint: %v, %v", c, err)
	}
}

func entryComesBack(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	e := entry("r1", "a", 3)
	bad := flow.Record{ID: "bad", Data: "x", Problem: &flow.Problem{Step: "read", Record: "bad", Code: "c", What: "w", Fix: "f"}}
	e.Batches[flow.Failed] = flow.Batch{bad}
	e.Out[flow.Failed] = 1
	e.Fatal = &flow.Problem{What: "stop"}
	add(t, h, e)
	got := stepRuns(t, h, "r1")[0]
	if !got.Started.Equal(e.Started) {
		t.Errorf("started %s", got.Started)
	}
	got.Started = e.Started
	same(t, "step run", got, e.StepRun)
	for o, want := range e.Batches {
		b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 0, Outlet: o})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "batch "+string(o), b, want)
	}
}

func movesCheckpoint(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	if c, err := h.Checkpoint(t.Context(), "orders", "read"); c != nil || err != nil {
		t.Fatalf("a checkpoint from nowhere: %v, %v", c, err)
	}
	for i := range 3 {
		e := entry("r1", fmt.Sprint(i), 1)
		e.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor(fmt.Sprint(i)), Run: "r1", Moved: began}
		add(t, h, e)
	}
	if err := h.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: "clock", Cursor: flow.Cursor(`7`), Moved: began}); err != nil {
		t.Fatal(err)
	}
	if c, err := h.Checkpoint(t.Context(), "orders", "clock"); err != nil || c == nil || string(c.Cursor) != "7" || c.Run != "" {
		t.Errorf("the checkpoint that was set is %+v, %v", c, err)
	}
	e := entry("r1", "other", 1)
	e.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read@0123456789ab", Cursor: flow.Cursor(`"x"`), Run: "r1", Moved: began}
	add(t, h, e)
	c, err := h.Checkpoint(t.Context(), "orders", "read")
	if err != nil || c == nil || string(c.Cursor) != "2" || c.Run != "r1" || !c.Moved.Equal(began) {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
	c, err = h.Checkpoint(t.Context(), "orders", "read@0123456789ab")
	if err != nil || c == nil || string(c.Cursor) != `"x"` {
		t.Errorf("the other's checkpoint %+v, %v", c, err)
	}
}

func refusesUnknownRun(t *testing.T, h engine.History) {
	if _, err := h.Append(t.Context(), entry("nobody", "a", 1)); err == nil {
		t.Error("it was taken")
	}
	if err := h.Update(t.Context(), run("nobody")); err == nil {
		t.Error("its row was taken")
	}
}

func saysWhatIsMissing(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	add(t, h, entry("r1", "a", 1))
	if _, err := h.Run(t.Context(), "r2"); err == nil {
		t.Error("a run that is not there")
	}
	if b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 0, Outlet: flow.Failed}); len(b) != 0 || err != nil {
		t.Errorf("what left by an outlet that nothing left by: %v, %v", b, err)
	}
	for _, ref := range []flow.Ref{{Run: "r1", Seq: 1, Outlet: flow.Done}, {Run: "r2", Seq: 0, Outlet: flow.Done}} {
		if b, err := h.Batch(t.Context(), ref); err == nil {
			t.Errorf("a batch that is not there: %+v has %d records", ref, len(b))
		}
	}
	for _, err := range h.StepRuns(t.Context(), "r2") {
		if err == nil {
			t.Error("a step run of a run that is not there")
		}
	}
}

func readsWhileWriting(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	for i := range 10 {
		add(t, h, entry("r1", fmt.Sprint(i), 1))
	}
	seen := 0
	for s, err := range h.StepRuns(t.Context(), "r1") {
		if err != nil {
			t.Fatal(err)
		}
		same(t, "seq", s.Seq, seen)
		seen++
		// A history that held its lock here would never come back.
		add(t, h, entry("r1", fmt.Sprint("more", s.Seq), 1))
		if _, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: s.Seq, Outlet: flow.Done}); err != nil {
			t.Fatal(err)
		}
		if seen == 15 {
			break
		}
	}
	if seen < 10 {
		t.Errorf("saw %d step runs of at least 10", seen)
	}
}

func takesManyAtOnce(t *testing.T, h engine.History) {
	const writers, each = 8, 20
	begin(t, h, run("r1"))
	var work sync.WaitGroup
	seqs := make([][]int, writers)
	errs := make([]error, writers)
	for w := range writers {
		work.Go(func() {
			for i := range each {
				seq, err := h.Append(context.WithoutCancel(t.Context()), entry("r1", fmt.Sprintf("%d/%d", w, i), 2))
				seqs[w], errs[w] = append(seqs[w], seq), errors.Join(errs[w], err)
			}
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	all := slices.Sorted(slices.Values(slices.Concat(seqs...)))
	for i, seq := range all {
		if seq != i {
			t.Fatalf("places are not 0 to %d: %v", writers*each-1, all)
		}
	}
	same(t, "step runs", len(stepRuns(t, h, "r1")), writers*each)
}

func holdsLargeBatches(t *testing.T, h engine.History) {
	begin(t, h, run("r1"))
	for i := range 3 {
		e := entry("r1", fmt.Sprint(i), 3000)
		add(t, h, e)
		b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: flow.Done})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "records", len(b), 3000)
		same(t, "last", b[2999], e.Batches[flow.Done][2999])
	}
}

func planned(keys ...string) []flow.Planned {
	var all []flow.Planned
	for _, key := range keys {
		all = append(all, flow.Planned{
			Key: key, Why: flow.Backfilled, Slot: began.Add(-time.Hour), Data: []byte(`[{"n":` + "12345678901234567890" + `}]`),
			Cause: "schedule", Of: "r0", Since: began,
		})
	}
	return all
}

func arrange(t *testing.T, h engine.History, a flow.Arrangement) {
	t.Helper()
	a.Flow = "orders"
	if err := h.Arrange(t.Context(), a); err != nil {
		t.Fatalf("arrange: %v", err)
	}
}

// stands compares how a trigger stands.
func stands(t *testing.T, h engine.History, step flow.StepID, mark string, want ...flow.Planned) {
	t.Helper()
	got, err := h.Standing(t.Context(), "orders", step)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mark of "+string(step), string(got.Mark), mark)
	for i := range got.Planned {
		p := &got.Planned[i]
		if i < len(want) && (!p.Slot.Equal(want[i].Slot) || !p.Since.Equal(want[i].Since)) {
			t.Errorf("planned for %s since %s, want %s since %s", p.Slot, p.Since, want[i].Slot, want[i].Since)
		}
		p.Slot, p.Since = began.Add(-time.Hour), began
	}
	same(t, "planned for "+string(step), got.Planned, want)
}

func keepsWhatIsPlanned(t *testing.T, h engine.History) {
	stands(t, h, "clock", "")
	arrange(t, h, flow.Arrangement{Step: "clock", Put: planned("c", "a", "b"), Mark: flow.Cursor(`{"at":1}`)})
	arrange(t, h, flow.Arrangement{Step: "clock2", Put: planned("z")})
	stands(t, h, "clock", `{"at":1}`, planned("a", "b", "c")...)
	again := planned("b")
	again[0].Of = "r7"
	arrange(t, h, flow.Arrangement{Step: "clock", Put: again, Drop: []string{"a", "never"}})
	stands(t, h, "clock", `{"at":1}`, again[0], planned("c")[0])
	arrange(t, h, flow.Arrangement{Step: "clock", Drop: []string{"b", "c"}, Put: planned("c"), Mark: flow.Cursor(`2`)})
	stands(t, h, "clock", `2`, planned("c")...)
	stands(t, h, "clock2", "", planned("z")...)
	if at, err := h.Standing(t.Context(), "other", "clock"); err != nil || at.Mark != nil || len(at.Planned) > 0 {
		t.Errorf("another flow's trigger stands at %+v, %v", at, err)
	}
}

func beginsWhatWasPlanned(t *testing.T, h engine.History) {
	arrange(t, h, flow.Arrangement{Step: "clock", Put: planned("a", "b")})
	r := run("r1")
	arrange(t, h, flow.Arrangement{Step: "clock", Drop: []string{"a"}, Run: &r, Mark: flow.Cursor(`1`)})
	sameRun(t, h, run("r1"))
	stands(t, h, "clock", `1`, planned("b")...)
	add(t, h, entry("r1", "x", 1))
	unfinished, err := h.Unfinished(t.Context())
	if err != nil || len(unfinished) != 1 {
		t.Errorf("unfinished %v, %v", unfinished, err)
	}
	none := run("")
	if err := h.Arrange(t.Context(), flow.Arrangement{Flow: "orders", Step: "clock", Drop: []string{"b"}, Run: &none}); err == nil {
		t.Error("a run without an id began")
	}
	stands(t, h, "clock", `1`, planned("b")...)
}

func beginsWithAnEntry(t *testing.T, h engine.History) {
	r := run("r1")
	first := entry("r1", "a", 1)
	first.Begin = &r
	for range 2 { // again changes nothing
		if seq, err := h.Append(t.Context(), first); seq != 0 || err != nil {
			t.Fatalf("place %d, %v", seq, err)
		}
	}
	if got, err := h.Run(t.Context(), "r1"); err != nil || got.Flow != r.Flow || got.State != flow.Running {
		t.Errorf("the run is %+v (%v)", got, err)
	}
	if all, err := h.Unfinished(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d runs are unfinished (%v)", len(all), err)
	}
	if b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Outlet: flow.Done}); err != nil || len(b) != 1 {
		t.Errorf("the batch is %v (%v)", b, err)
	}
}

func endsWithAnEntry(t *testing.T, h engine.History) {
	r := run("r1")
	begin(t, h, r)
	done := r
	done.State, done.Ended = flow.RunDone, began.Add(time.Minute)
	last := entry("r1", "a", 1)
	last.End, last.Seq = &done, 1
	if seq, err := h.Append(t.Context(), last); seq != 0 || err != nil {
		t.Fatalf("place %d, %v", seq, err)
	}
	if got, err := h.Run(t.Context(), "r1"); err != nil || got.State != flow.Running {
		t.Errorf("it took another place than that, and the run is %s (%v)", got.State, err)
	}
	last.Key = "b"
	for range 2 {
		if seq, err := h.Append(t.Context(), last); seq != 1 || err != nil {
			t.Fatalf("place %d, %v", seq, err)
		}
		if got, err := h.Run(t.Context(), "r1"); err != nil || got.State != flow.RunDone || !got.Ended.Equal(done.Ended) {
			t.Errorf("the run is %+v (%v)", got, err)
		}
	}
	if all, err := h.Unfinished(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d runs are unfinished (%v)", len(all), err)
	}
}
