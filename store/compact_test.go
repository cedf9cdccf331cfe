package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"jackfield/flow"
)

// small is an entry with so many records of a kilobyte.
func small(run flow.RunID, key string, records int) flow.Entry {
	e := flow.Entry{StepRun: flow.StepRun{Run: run, Key: key, Step: "a", Out: map[flow.Outlet]int{flow.Done: records}}}
	var b flow.Batch
	for i := range records {
		b = append(b, flow.Record{ID: flow.RecordID(fmt.Sprint(key, "-", i)), Data: strings.Repeat("x", 1000)})
	}
	e.Batches = map[flow.Outlet]flow.Batch{flow.Done: b}
	return e
}

func mustDo(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func openStore(t testing.TB, home string) *Store {
	t.Helper()
	s, err := Open(home, Options{})
	mustDo(t, err)
	t.Cleanup(func() { mustDo(t, s.Close()) })
	return s
}

// busy is a store that several people use at random, and what they were told is kept.
type busy struct {
	store *Store
	mu    sync.Mutex
	runs  map[flow.RunID]int // how many step runs each has
}

// use does n random things as one of several people; each has runs of its own.
func (b *busy) use(ctx context.Context, person, n int, chance *rand.Rand) error {
	var mine []flow.RunID
	for i := range n {
		id := flow.RunID(fmt.Sprintf("r%02d-%05d", person, i))
		of := flow.ID(fmt.Sprint("flow", chance.IntN(3)))
		switch roll := chance.IntN(10); {
		case roll < 3 || len(mine) == 0:
			if err := b.store.Begin(ctx, flow.Run{ID: id, Flow: of, State: flow.Running}); err != nil {
				return err
			}
			mine = append(mine, id)
			b.set(id, 0)
		case roll < 8:
			id = mine[chance.IntN(len(mine))]
			seq, err := b.store.Append(ctx, small(id, fmt.Sprint("k", i), 1+chance.IntN(20)))
			if err != nil {
				return err
			}
			b.set(id, seq+1)
		case roll < 9:
			at := chance.IntN(len(mine))
			id, mine = mine[at], append(mine[:at:at], mine[at+1:]...)
			if err := b.store.Update(ctx, flow.Run{ID: id, Flow: of, State: flow.RunDone}); err != nil {
				return err
			}
			b.set(id, -1)
			if err := b.store.RemoveRun(ctx, id); err != nil {
				return err
			}
		default:
			if err := b.store.SetPref(fmt.Sprint("p", chance.IntN(5)), fmt.Sprint(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// set says how many step runs a run has; -1 is that it may be gone.
func (b *busy) set(id flow.RunID, steps int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs[id] = steps
}

func (b *busy) told() map[flow.RunID]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	runs := map[flow.RunID]int{}
	for id, steps := range b.runs {
		runs[id] = steps
	}
	return runs
}

// check says whether a home folder holds at least what was acknowledged.
func check(home string, runs map[flow.RunID]int) error {
	s, err := Open(home, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	for id, steps := range runs {
		if steps < 0 {
			continue
		}
		have := 0
		for one, err := range s.StepRuns(context.Background(), id) {
			if err != nil {
				return err
			}
			batch, err := s.Batch(context.Background(), flow.Ref{Run: id, Seq: one.Seq, Outlet: flow.Done})
			if err != nil || len(batch) != one.Out[flow.Done] {
				return fmt.Errorf("run %s, place %d: %d records: %w", id, one.Seq, len(batch), err)
			}
			have++
		}
		if have < steps {
			return fmt.Errorf("run %s has %d step runs, %d were acknowledged", id, have, steps)
		}
	}
	return s.Check(context.Background())
}

// contents lists every row and every bucket's number, so that two files can be held
// side by side.
func contents(db *bbolt.DB) (string, error) {
	var all bytes.Buffer
	var list func(name string, b *bbolt.Bucket) error
	list = func(name string, b *bbolt.Bucket) error {
		fmt.Fprintf(&all, "%q %d\n", name, b.Sequence())
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return list(name+"/"+string(k), b.Bucket(k))
			}
			fmt.Fprintf(&all, "%q %x %x\n", name, k, v)
			return nil
		})
	}
	err := db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return list(string(name), b) })
	})
	return all.String(), err
}

func TestACopyHoldsAllThatWasChangedWhileItWasMade(t *testing.T) {
	for seed := range uint64(3) {
		b := &busy{store: openStore(t, t.TempDir()), runs: map[flow.RunID]int{}}
		swaps := 0
		b.store.atCompaction = func(place string, to *bbolt.DB) {
			if place != "swap" {
				return
			}
			swaps++
			was, err := contents(b.store.db)
			is, err2 := contents(to)
			if mustDo(t, err, err2); was != is {
				t.Errorf("seed %d: the copy differs from the file", seed)
			}
		}
		var people sync.WaitGroup
		for person := range 4 {
			people.Go(func() {
				if err := b.use(t.Context(), person, 250, rand.New(rand.NewPCG(seed, uint64(person)))); err != nil {
					t.Error(err)
				}
			})
		}
		ended := make(chan struct{})
		go func() { people.Wait(); close(ended) }()
		for going := true; going; {
			select {
			case <-ended:
				going = false
			default:
			}
			mustDo(t, b.store.Compact(t.Context()))
		}
		if swaps == 0 {
			t.Error("no copy took the file's place")
		}
		mustDo(t, b.store.Close(), check(b.store.home, b.told()))
	}
}

// What lies on the disk at each step of a copy is what a crash there would leave: a
// store opened on that holds everything that was acknowledged.
func TestACrashAtAnyStepOfACompactionLosesNothing(t *testing.T) {
	b := &busy{store: openStore(t, t.TempDir()), runs: map[flow.RunID]int{}}
	mustDo(t, b.use(t.Context(), 9, 1500, rand.New(rand.NewPCG(1, 9))))
	seen := map[string]int{}
	b.store.atCompaction = func(place string, _ *bbolt.DB) {
		if seen[place]++; place == "copy" {
			b.store.open.Lock() // nobody is in the middle of a commit
			defer b.store.open.Unlock()
		}
		if seen[place] > 12 {
			return
		}
		left := t.TempDir()
		told := b.told()
		entries, err := os.ReadDir(b.store.home)
		mustDo(t, err)
		for _, e := range entries {
			if !e.IsDir() && e.Name() != lockName {
				data, err := os.ReadFile(filepath.Join(b.store.home, e.Name()))
				mustDo(t, err, os.WriteFile(filepath.Join(left, e.Name()), data, 0o600))
			}
		}
		if err := check(left, told); err != nil {
			t.Errorf("after a crash at %s: %v", place, err)
		}
		if _, err := os.Stat(filepath.Join(left, fileName+compactDraft)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after a crash at %s the draft is still there: %v", place, err)
		}
	}
	var people sync.WaitGroup
	for person := range 3 {
		people.Go(func() {
			if err := b.use(t.Context(), person, 200, rand.New(rand.NewPCG(2, uint64(person)))); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		mustDo(t, b.store.Compact(t.Context()))
	}
	people.Wait()
	if seen["copy"] < 3 || seen["swap"] != 3 || seen["swapped"] != 3 {
		t.Errorf("the copies went through %v", seen)
	}
}

// Without waiting for Close: the file is smaller as soon as the copy has taken its place.
func TestRemovingSmallRunsMakesTheFileSmallerWhileOthersWrite(t *testing.T) {
	s := openStore(t, t.TempDir())
	ctx := t.Context()
	for r := range 30 {
		id := flow.RunID(fmt.Sprintf("r%02d", r))
		mustDo(t, s.Begin(ctx, flow.Run{ID: id, Flow: "a", State: flow.Running}))
		for n := range 20 {
			_, err := s.Append(ctx, small(id, fmt.Sprint(n), 40))
			mustDo(t, err)
		}
		mustDo(t, s.Update(ctx, flow.Run{ID: id, Flow: "a", State: flow.RunDone}))
	}
	before, err := s.Usage(ctx)
	mustDo(t, err)
	swapped := make(chan struct{}, 100)
	s.atCompaction = func(place string, _ *bbolt.DB) {
		if place == "swapped" {
			swapped <- struct{}{}
		}
	}
	mustDo(t, s.Begin(ctx, flow.Run{ID: "z", Flow: "a", State: flow.Running}))
	for r := range 28 {
		mustDo(t, s.RemoveRun(ctx, flow.RunID(fmt.Sprintf("r%02d", r))))
		_, err := s.Append(ctx, small("z", fmt.Sprint(r), 1))
		mustDo(t, err)
	}
	<-swapped
	mustDo(t, s.Compact(ctx)) // waits for one that still goes on
	after, err := s.Usage(ctx)
	mustDo(t, err)
	if before.File < 20<<20 || after.File > 4<<20 {
		t.Errorf("the file had %d bytes and has %d", before.File, after.File)
	}
}
