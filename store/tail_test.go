package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jackfield/flow"
)

// holdingStore is one that may hold entries of the run r, of which one is on disk.
func holdingStore(t *testing.T, home string) *Store {
	t.Helper()
	s := openStore(t, home)
	s.Compute(func(context.Context, flow.Run, flow.StepRun) (map[flow.Outlet]flow.Batch, error) {
		return heldEntry("").Batches, nil
	})
	if err := s.Begin(t.Context(), flow.Run{ID: "r", Flow: "f", State: flow.Running}); err != nil {
		t.Fatal(err)
	}
	if at := put(t, s, plainEntry("first")); at != 0 {
		t.Fatalf("the first entry is at place %d", at)
	}
	return s
}

func plainEntry(key string) flow.Entry {
	return flow.Entry{StepRun: flow.StepRun{Run: "r", Key: key, Step: "s", Out: map[flow.Outlet]int{}}}
}

func heldEntry(key string) flow.Entry {
	e := plainEntry(key)
	e.MayWait, e.Computed, e.Version = true, true, 1
	e.Out[flow.Done] = 1
	e.Batches = map[flow.Outlet]flow.Batch{flow.Done: {{ID: "c", Data: "x"}}}
	return e
}

func put(t *testing.T, s *Store, e flow.Entry) int {
	t.Helper()
	seq, err := s.Append(t.Context(), e)
	if err != nil {
		t.Fatalf("append %s: %v", e.Key, err)
	}
	return seq
}

// commits is how many transactions have changed the file.
func commits(t *testing.T, s *Store) (n uint64) {
	t.Helper()
	if err := s.view(t.Context(), func(tx *txn) error {
		n = shelfOf(tx, metaBucket).bucket.Sequence()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func keysOf(t *testing.T, s *Store) string {
	t.Helper()
	var keys []string
	for r, err := range s.StepRuns(t.Context(), "r") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, fmt.Sprint(r.Seq, r.Key))
	}
	return fmt.Sprint(keys)
}

func TestWhatMayWaitIsWrittenTogetherWithTheNext(t *testing.T) {
	ended := flow.Run{ID: "r", Flow: "f", State: flow.RunDone}
	tests := []struct {
		name string
		next func(s *Store) error
		want string
	}{
		{"an entry", func(s *Store) error { _, err := s.Append(t.Context(), plainEntry("next")); return err }, "[0first 1a 2b 3next]"},
		{"the run's row", func(s *Store) error { return s.Update(t.Context(), ended) }, "[0first 1a 2b]"},
		{"somebody reads it", func(s *Store) error { _, err := s.Log(t.Context(), "r"); return err }, "[0first 1a 2b]"},
		{"it is to last", func(s *Store) error { return s.Settle(t.Context(), "r") }, "[0first 1a 2b]"},
		{"it is shown", func(s *Store) error { _, err := s.Digest(t.Context(), "r", 1); return err }, "[0first 1a 2b]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			s := holdingStore(t, home)
			before := commits(t, s)
			put(t, s, heldEntry("a"))
			put(t, s, heldEntry("b"))
			if n := commits(t, s) - before; n != 0 {
				t.Errorf("two entries that may wait cost %d transactions", n)
			}
			if err := tt.next(s); err != nil {
				t.Fatal(err)
			}
			if n := commits(t, s) - before; n != 1 {
				t.Errorf("they and what follows cost %d transactions", n)
			}
			s.Lose()
			if got := keysOf(t, s); got != tt.want {
				t.Errorf("on disk is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestClosingWritesWhatWaitsAndACrashMayLoseIt(t *testing.T) {
	for _, crashed := range []bool{false, true} {
		t.Run(fmt.Sprint("crashed ", crashed), func(t *testing.T) {
			home := t.TempDir()
			s := holdingStore(t, home)
			put(t, s, heldEntry("a"))
			want, next := "[0first 1a]", 2
			if crashed {
				s.Lose()
				want, next = "[0first]", 1
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Append(t.Context(), heldEntry("late")); !errors.Is(err, ErrClosed) {
				t.Errorf("a closed store takes what may wait: %v", err)
			}
			s = openStore(t, home)
			if got := keysOf(t, s); got != want {
				t.Errorf("there is %s, want %s", got, want)
			}
			if at := put(t, s, plainEntry("next")); at != next {
				t.Errorf("the next entry is at place %d, want %d", at, next)
			}
		})
	}
}

func TestARefusedWriteLeavesWhatWaits(t *testing.T) {
	s := holdingStore(t, t.TempDir())
	put(t, s, heldEntry("a"))
	tail := s.tails.take("r")
	refusal := errors.New("no")
	if err := s.updateRunOf(t.Context(), tail, func(*txn) error { return refusal }); !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	s.tails.leave(tail)
	if at := put(t, s, heldEntry("b")); at != 2 {
		t.Errorf("the next that waits is at place %d, want 2", at)
	}
	if at := put(t, s, plainEntry("c")); at != 3 {
		t.Errorf("the next entry is at place %d, want 3", at)
	}
	if got := keysOf(t, s); got != "[0first 1a 2b 3c]" {
		t.Errorf("on disk is %s", got)
	}
}

func TestNoMoreWaitsThanMayBeLost(t *testing.T) {
	s := holdingStore(t, t.TempDir())
	before := commits(t, s)
	for i := range mostHeld + 1 {
		put(t, s, heldEntry(fmt.Sprint("few", i)))
	}
	if n := commits(t, s) - before; n != 1 {
		t.Errorf("%d entries cost %d transactions", mostHeld+1, n)
	}
	long := heldEntry("long")
	long.Took = longestHeld + 1
	put(t, s, long)
	if n := commits(t, s) - before; n != 2 {
		t.Errorf("one that took long cost %d transactions", n-1)
	}
}

func TestTailsOfRunsThatEndedAreForgotten(t *testing.T) {
	s := holdingStore(t, t.TempDir())
	put(t, s, heldEntry("a"))
	if err := s.Update(t.Context(), flow.Run{ID: "r", Flow: "f", State: flow.RunDone}); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), flow.Run{ID: "never", Flow: "f", State: flow.RunDone}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a run that never began: %v", err)
	}
	if n := len(s.tails.known); n > 0 {
		t.Errorf("%d are known", n)
	}
	put(t, s, heldEntry("resumed"))
	if at := put(t, s, heldEntry("more")); at != 3 {
		t.Errorf("behind a resume it is at place %d, want 3", at)
	}
	if got := keysOf(t, s); got != "[0first 1a 2resumed 3more]" {
		t.Errorf("on disk is %s", got)
	}
}
