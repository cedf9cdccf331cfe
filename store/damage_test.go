package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// content is what a store holds, read through its methods.
type content struct {
	Flows       []flow.Overview
	Versions    map[flow.ID][]flow.Flow
	Connections []flow.Connection
	Secret      []byte
	Theme       string
	Checkpoints []flow.Checkpoint
	Runs        []flow.Run
	Steps       map[flow.RunID][]flow.StepRun
	Batches     map[flow.Ref]flow.Batch
	Logs        map[flow.RunID][]flow.LogLine
}

// sampleHome gives a copy of a home folder that is filled once for all tests.
func sampleHome(t testing.TB) string {
	t.Helper()
	fillSample.Do(func() {
		home, err := os.MkdirTemp("", "jackfield-sample-")
		must(t, err)
		sample = home
		sampleStore(t, home)
	})
	return copyHome(t, sample)
}

var (
	fillSample sync.Once
	sample     string // removed by TestMain
)

// sampleStore fills a store with some of everything, over many transactions.
func sampleStore(t testing.TB, home string) {
	t.Helper()
	s := openHome(t, home)
	for v := range 5 {
		for _, name := range []string{"Orders", "Bills"} {
			got(s.PutFlow(t.Context(), flow.Flow{
				ID: flow.ID(strings.ToLower(name)), Name: name, Path: "/" + name, Note: fmt.Sprint("version ", v),
				Steps: []flow.Step{{ID: "read", Uses: "csv.read", With: flow.Values{"path": "a.csv"}, Map: strings.Repeat(".a | ", 20) + "."}},
			}))(t)
		}
		must(t, s.PutConnection(t.Context(), flow.Connection{Name: fmt.Sprint("crm", v), Connector: "http", Values: flow.Values{"url": "http://x"}}))
	}
	must(t, s.SetEnabled(t.Context(), "orders", true))
	must(t, s.PutSealed(t.Context(), "secret", []byte("sealed")))
	must(t, s.SetPref("theme", "dark"))
	for r := range 12 {
		id := flow.RunID(fmt.Sprintf("r%02d", r))
		run := sampleRun(id)
		must(t, s.Begin(t.Context(), run))
		for i := range 12 {
			e := entry(id, fmt.Sprint("k", i), records(3, 200*i))
			if i == 11 {
				e.Batches["done"] = records(100, 1000)
			}
			e.Log = []flow.LogLine{{Level: flow.Info, Text: fmt.Sprint("line ", i)}}
			e.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor(fmt.Sprint(i)), Run: id}
			got(s.Append(t.Context(), e))(t)
		}
		if r != 11 {
			run.State = []flow.RunState{flow.RunDone, flow.RunFailed}[r%2]
			must(t, s.Update(t.Context(), run))
		}
	}
	must(t, s.Close())
}

// contentOf reads all of a store. An error of any part is an error.
func contentOf(t testing.TB, home string) (c content, err error) {
	s, err := store.Open(home, store.Options{})
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx := t.Context()
	var errs []error
	keep := func(err error) { errs = append(errs, err) }
	c.Flows, err = s.Flows(ctx)
	keep(err)
	c.Versions = map[flow.ID][]flow.Flow{}
	for _, o := range c.Flows {
		for v := 1; v <= o.Version; v++ {
			f, err := s.Flow(ctx, o.ID, v)
			keep(err)
			c.Versions[o.ID] = append(c.Versions[o.ID], f)
		}
	}
	c.Connections, err = s.Connections(ctx)
	keep(err)
	c.Secret, err = s.Sealed(ctx, "secret")
	keep(err)
	c.Theme, _ = s.Pref("theme")
	c.Checkpoints, err = s.Checkpoints(ctx, "orders")
	keep(err)
	c.Runs, err = s.Runs(ctx, "", "", "", 0)
	keep(err)
	c.Steps, c.Batches, c.Logs = map[flow.RunID][]flow.StepRun{}, map[flow.Ref]flow.Batch{}, map[flow.RunID][]flow.LogLine{}
	for _, r := range c.Runs {
		for one, err := range s.StepRuns(ctx, r.ID) {
			keep(err)
			c.Steps[r.ID] = append(c.Steps[r.ID], one)
			ref := flow.Ref{Run: r.ID, Seq: one.Seq, Outlet: flow.Done}
			c.Batches[ref], err = s.Batch(ctx, ref)
			keep(err)
		}
		c.Logs[r.ID], err = s.Log(ctx, r.ID)
		keep(err)
	}
	keep(s.Check(ctx))
	return c, errors.Join(errs...)
}

// copyHome copies a home folder, so that a test may damage the copy.
func copyHome(t testing.TB, home string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(home)))
	return to
}

func damage(t testing.TB, home string, how func(file []byte) []byte) {
	t.Helper()
	path := filepath.Join(home, "jackfield.db")
	file, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, how(file), 0o600))
}

const page = 4096

func TestADamagedFileSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	sound := sampleHome(t)
	for _, test := range []struct {
		name string
		how  func(file []byte) []byte
		says string
	}{
		{"empty", func([]byte) []byte { return nil }, "the file is empty"},
		{"a few bytes", func(f []byte) []byte { return f[:100] }, "the second header cannot be read"},
		{"something else", func([]byte) []byte { return []byte(strings.Repeat("PK\x03\x04 no store ", 2000)) }, "it is not the header of a store"},
		{"both headers gone", func(f []byte) []byte { clear(f[:2*page]); return f }, "there is no second one either"},
		{"cut in half", func(f []byte) []byte { return f[:len(f)/2/page*page] }, "the file ends after"},
		{"all pages gone", func(f []byte) []byte { clear(f[2*page:]); return f }, "page "},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := copyHome(t, sound)
			damage(t, home, test.how)
			_, err := store.Open(home, store.Options{})
			var damaged *store.DamagedError
			var seen flow.Problem
			if !errors.As(err, &damaged) || !errors.As(err, &seen) {
				t.Fatalf("Open gave %v", err)
			}
			if damaged.Path != filepath.Join(home, "jackfield.db") || seen.File != damaged.Path {
				t.Errorf("it names %q", damaged.Path)
			}
			if !strings.Contains(seen.What, test.says) || !strings.Contains(seen.Fix, "doctor --rescue") {
				t.Errorf("it says %q and advises %q", seen.What, seen.Fix)
			}
		})
	}
}

// A header that was torn, as when the power goes, costs nothing, whichever it is: the
// newest state is in the file.
func TestOneBrokenHeaderIsMendedAndNothingIsLost(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	for _, at := range []int{0, page} {
		for _, from := range []int{0, 16, 40, 64, 72} {
			home := copyHome(t, sound)
			damage(t, home, func(f []byte) []byte {
				for i := at + from; i < at+page; i++ {
					f[i] ^= 0xa5
				}
				return f
			})
			is, err := contentOf(t, home)
			if err != nil || !reflect.DeepEqual(is, want) {
				t.Errorf("header at %d, spoilt from %d on: %v; it holds the same: %v", at, from, err, reflect.DeepEqual(is, want))
			}
		}
	}
}

// Whatever is changed in the file: either Open refuses, or nothing that is read is
// different from what was written. Nothing panics, and nothing is lost without a word.
func TestDamageNeverGoesUnseen(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	if len(want.Versions["orders"]) != 5 || len(want.Batches) != 144 || len(want.Logs["r03"]) != 12 {
		t.Fatalf("the sample is not what it should be: %+v", want)
	}
	chance := rand.New(rand.NewPCG(uint64(os.Getpid()), 3))
	refused := 0
	home := copyHome(t, sound)
	path := filepath.Join(home, "jackfield.db")
	file := got(os.ReadFile(path))(t)
	for range 200 {
		bad := append([]byte(nil), file...)
		what := spoil(bad, chance)
		must(t, os.WriteFile(path, bad, 0o600))
		is, err := contentOf(t, home)
		var damaged *store.DamagedError
		if errors.As(err, &damaged) {
			refused++
			continue
		}
		if err != nil || !reflect.DeepEqual(is, want) {
			t.Fatalf("%s: nobody noticed: %v", what, err)
		}
	}
	t.Logf("%d of 200 damaged files were refused, the others had it in free pages", refused)
	if refused < 50 {
		t.Error("so few that the test says little")
	}
}

// spoil damages a file in one of the ways that disks and programs do, mostly where
// there is something.
func spoil(file []byte, chance *rand.Rand) string {
	var used []int
	for at := 0; at < len(file); at += page {
		for _, b := range file[at : at+page] {
			if b != 0 {
				used = append(used, at)
				break
			}
		}
	}
	at := used[chance.IntN(len(used))]
	in := at
	if chance.IntN(2) == 0 {
		in += chance.IntN(64) // heads and elements of pages
	} else {
		in += chance.IntN(page)
	}
	switch chance.IntN(5) {
	case 0:
		file[in] ^= 1 << chance.IntN(8)
		return fmt.Sprintf("a bit of byte %d of page %d", in-at, at/page)
	case 1:
		file[in] = byte(chance.IntN(256))
		return fmt.Sprintf("byte %d of page %d", in-at, at/page)
	case 2:
		from := used[chance.IntN(len(used))]
		copy(file[at:at+page], file[from:from+page])
		return fmt.Sprintf("page %d over page %d", from/page, at/page)
	case 3:
		clear(file[at : at+page])
		return fmt.Sprintf("page %d zeroed", at/page)
	}
	for i := in; i < at+page && i < in+200; i++ {
		file[i] = byte(chance.IntN(256))
	}
	return fmt.Sprintf("noise from byte %d of page %d", in-at, at/page)
}

func TestAFileThatWasTakenAwayLeavesItsBatchesInPeace(t *testing.T) {
	home := sampleHome(t)
	must(t, os.Remove(filepath.Join(home, "jackfield.db")))
	openHome(t, home)
	kept := got(os.ReadDir(filepath.Join(home, "batches.left-1")))(t)
	if len(kept) != 12 {
		t.Errorf("%d folders were kept", len(kept))
	}
	if _, err := os.Stat(filepath.Join(home, "batches")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the new store begins with the batches of the old one")
	}
}

func TestAFileCutOffUnderAnOpenStoreEndsNoProcess(t *testing.T) {
	home := sampleHome(t)
	s := openHome(t, home)
	must(t, os.Truncate(filepath.Join(home, "jackfield.db"), 0))
	var damaged *store.DamagedError
	if _, err := s.Flows(t.Context()); !errors.As(err, &damaged) {
		t.Errorf("reading gave %v", err)
	}
	if err := s.SetPref("theme", "light"); !errors.As(err, &damaged) {
		t.Errorf("writing gave %v", err)
	}
	if err := s.Check(t.Context()); !errors.As(err, &damaged) {
		t.Errorf("checking gave %v", err)
	}
	must(t, s.Close())
}
