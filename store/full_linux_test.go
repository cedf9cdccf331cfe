package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// A full disk is made in two ways: by a limit to the size of files, which every
// system and user knows, and by a small file system of its own where that may be
// mounted.
func TestAFullDiskRefusesAndIsUsableAgainWithRoom(t *testing.T) {
	t.Run("limit to the size of files", func(t *testing.T) {
		if out, err := process(t, "fill", t.TempDir()).Output(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	})
	small := t.TempDir()
	if err := syscall.Mount("jackfield", small, "tmpfs", 0, "size=3m"); err != nil {
		t.Logf("no file system of its own: %v", err)
		return
	}
	t.Cleanup(func() { must(t, syscall.Unmount(small, 0)) })
	t.Run("full file system", func(t *testing.T) {
		ballast := filepath.Join(small, "ballast")
		must(t, os.WriteFile(ballast, make([]byte, 1<<20), 0o600))
		must(t, fillUp(filepath.Join(small, "home"), func() error { return os.Remove(ballast) }))
	})
}

// fillTheDisk is what the child does that has a limit to the size of its files.
func fillTheDisk(home string) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	was := limit.Cur
	limit.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return fillUp(home, func() error {
		limit.Cur = was
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	})
}

// fillUp appends until the disk is full, in small batches and in large ones, then
// makes room and goes on.
func fillUp(home string, makeRoom func() error) error {
	ctx := context.Background()
	s, err := store.Open(home, store.Options{})
	if err != nil {
		return err
	}
	again := func(_ context.Context, _ flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error) {
		return map[flow.Outlet]flow.Batch{flow.Done: records(r.In, 10)}, nil
	}
	s.Compute(again)
	if err := s.Begin(ctx, flow.Run{ID: "r1", Flow: "a", State: flow.Running}); err != nil {
		return err
	}
	var mu sync.Mutex
	taken := map[int]flow.Entry{} // by place
	add := func(key string, records flow.Batch) error {
		e := entry("r1", key, records)
		seq, err := s.Append(ctx, e)
		mu.Lock()
		defer mu.Unlock()
		if _, twice := taken[seq]; err == nil && twice {
			return fmt.Errorf("place %d was given twice", seq)
		}
		if err == nil {
			taken[seq] = e
		}
		return err
	}
	full := func(err error) error {
		if errors.Is(err, syscall.ENOSPC) && strings.HasPrefix(err.Error(), "append to run r1: ") {
			return nil
		}
		return fmt.Errorf("a full disk gave %w", err)
	}
	fill := func(kind string, records flow.Batch) error {
		for n := range 10_000 {
			if err := add(fmt.Sprint(kind, n), records); err != nil {
				return full(err)
			}
		}
		return errors.New("the disk never became full")
	}
	together := func() error {
		all := make([]error, 40)
		var wg sync.WaitGroup
		for n := range all {
			wg.Go(func() {
				if err := add(fmt.Sprint("together", n), records(1+n%4*8, 1000)); err != nil {
					all[n] = full(err)
				}
			})
		}
		wg.Wait()
		return errors.Join(all...)
	}
	check := func() error {
		n := 0
		for one, err := range s.StepRuns(ctx, "r1") {
			if err != nil {
				return err
			}
			batch, err := s.Batch(ctx, flow.Ref{Run: "r1", Seq: one.Seq, Outlet: flow.Done})
			if err != nil || one.Key != taken[n].Key || len(batch) != one.In {
				return fmt.Errorf("place %d: key %s with %d records: %w", n, one.Key, len(batch), err)
			}
			n++
		}
		if n != len(taken) {
			return fmt.Errorf("there are %d step runs, %d were acknowledged", n, len(taken))
		}
		return s.Check(ctx)
	}
	for kind, batch := range map[string]flow.Batch{"large": records(100, 1000), "small": records(10, 1000)} {
		if err := errors.Join(fill(kind, batch), check()); err != nil {
			return err
		}
	}
	if err := errors.Join(together(), check()); err != nil {
		return err
	}
	// What may wait is held while there is no room, and keeps its place.
	for n, room := 0, true; room; n++ {
		waits := entry("r1", fmt.Sprint("waits", n), records(3, 10))
		waits.MayWait, waits.Computed = true, true
		seq, err := s.Append(ctx, waits)
		if err != nil || seq != len(taken) {
			return fmt.Errorf("what may wait is at place %d (%w), want %d", seq, err, len(taken))
		}
		taken[seq] = waits
		if err := add(fmt.Sprint("behind", n), records(10, 1000)); err != nil {
			if err := full(err); err != nil {
				return err
			}
			room = false
		}
	}
	if err := makeRoom(); err != nil {
		return err
	}
	for _, batch := range []flow.Batch{records(100, 1000), records(10, 1000)} {
		if err := add(fmt.Sprint("room", len(batch)), batch); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	if err := check(); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = store.Open(home, store.Options{}); err != nil {
		return err
	}
	s.Compute(again)
	return errors.Join(check(), s.Close())
}
