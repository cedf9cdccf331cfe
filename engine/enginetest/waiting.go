package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"jackfield/engine"
	"jackfield/flow"
)

// mayWait is an entry that a history may hold until the next one of its run.
func mayWait(id flow.RunID, key string, n int) flow.Entry {
	e := entry(id, key, n)
	e.MayWait, e.Computed, e.Version, e.Attempt, e.Problems = true, true, 1, 1, nil
	return e
}

// computes has a history not store what is computed: each entry has the batch of n
// records that entry gives it.
func computes(h engine.History, n int) {
	if c, ok := h.(engine.Computing); ok {
		c.Compute(func(_ context.Context, r flow.Run, s flow.StepRun) (map[flow.Outlet]flow.Batch, error) {
			return entry(r.ID, s.Key, n).Batches, nil
		})
	}
}

// keys lists the step runs of a run, each of which has to stand at its place.
func keys(t *testing.T, h engine.History, id flow.RunID) []string {
	t.Helper()
	var all []string
	for i, s := range stepRuns(t, h, id) {
		same(t, "place of "+s.Key, s.Seq, i)
		all = append(all, s.Key)
	}
	return all
}

func keepsWhatWaits(t *testing.T, h engine.History) {
	computes(h, 2)
	begin(t, h, run("r1"))
	begin(t, h, run("r2"))
	for i, e := range []flow.Entry{
		mayWait("r1", "a", 2), entry("r1", "b", 2), mayWait("r1", "c", 2), mayWait("r1", "d", 2), entry("r1", "e", 2), mayWait("r1", "f", 2),
	} {
		same(t, "place of "+e.Key, add(t, h, e), i)
		b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: flow.Done})
		if err != nil || len(b) != 2 {
			t.Errorf("the batch of %s has %d records (%v)", e.Key, len(b), err)
		}
	}
	same(t, "place in another run", add(t, h, entry("r2", "a", 1)), 0)
	same(t, "step runs", keys(t, h, "r1"), []string{"a", "b", "c", "d", "e", "f"})
	same(t, "place behind what was read", add(t, h, mayWait("r1", "g", 2)), 6)
	if c, ok := h.(engine.Computing); ok {
		if err := errors.Join(c.Settle(t.Context(), "r1"), c.Settle(t.Context(), "r2")); err != nil {
			t.Errorf("settle: %v", err)
		}
	}
	same(t, "step runs in the end", len(keys(t, h, "r1")), 7)
}

func takesWhatWaitsOnce(t *testing.T, h engine.History) {
	computes(h, 2)
	begin(t, h, run("r1"))
	add(t, h, entry("r1", "a", 1))
	for range 2 {
		same(t, "place", add(t, h, mayWait("r1", "b", 2)), 1)
	}
	same(t, "place of one that may not wait", add(t, h, entry("r1", "b", 5)), 1)
	for range 2 {
		same(t, "place of one that is on disk", add(t, h, mayWait("r1", "a", 2)), 0)
	}
	same(t, "place of the next", add(t, h, mayWait("r1", "c", 2)), 2)
	same(t, "step runs", keys(t, h, "r1"), []string{"a", "b", "c"})
	if b, err := h.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 1, Outlet: flow.Done}); err != nil || len(b) != 2 {
		t.Errorf("the batch has %d records (%v), want the first one's 2", len(b), err)
	}
}

// takesManyThatWait is a run to which others write while its loop does: answers, marks.
func takesManyThatWait(t *testing.T, h engine.History) {
	const writers, each = 6, 20
	computes(h, 1)
	begin(t, h, run("r1"))
	var mu sync.Mutex
	places := map[int]string{}
	var all error
	var work sync.WaitGroup
	for w := range writers {
		work.Go(func() {
			for i := range each {
				e := entry("r1", fmt.Sprintf("%d/%d", w, i), 1)
				if w%2 == 0 {
					e = mayWait("r1", e.Key, 1)
				}
				seq, err := h.Append(context.WithoutCancel(t.Context()), e)
				if err == nil && i%5 == w {
					err = h.Update(context.WithoutCancel(t.Context()), run("r1"))
				}
				mu.Lock()
				if was, taken := places[seq]; taken && err == nil {
					err = fmt.Errorf("%s and %s are both at place %d", was, e.Key, seq)
				}
				places[seq], all = e.Key, errors.Join(all, err)
				mu.Unlock()
			}
		})
	}
	work.Wait()
	if all != nil {
		t.Fatal(all)
	}
	got := keys(t, h, "r1")
	same(t, "step runs", len(got), writers*each)
	for i, key := range got {
		same(t, fmt.Sprint("at place ", i), key, places[i])
	}
}

func endsBehindWhatWaits(t *testing.T, h engine.History) {
	computes(h, 2)
	for _, id := range []flow.RunID{"r1", "r2"} {
		begin(t, h, run(id))
		add(t, h, entry(id, "a", 1))
		add(t, h, mayWait(id, "b", 2))
	}
	done := run("r1")
	done.State, done.Ended = flow.RunDone, began
	last := mayWait("r1", "c", 2)
	last.End, last.Seq = &done, 2
	same(t, "place of the last", add(t, h, last), 2)
	sameRun(t, h, done)
	same(t, "step runs", keys(t, h, "r1"), []string{"a", "b", "c"})
	done.ID = "r2"
	if err := h.Update(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	sameRun(t, h, done)
	same(t, "step runs where the row ends it", keys(t, h, "r2"), []string{"a", "b"})
}
