package store_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

func TestRescueSavesEverythingWhereOnlyAHeaderIsLost(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	for name, how := range map[string]func(file []byte){
		"the first header":  func(f []byte) { clear(f[:page]) },
		"the second header": func(f []byte) { clear(f[page : 2*page]) },
		"a bit of a header": func(f []byte) { f[page+60] ^= 4 },
	} {
		t.Run(name, func(t *testing.T) {
			home := copyHome(t, sound)
			damage(t, home, func(f []byte) []byte { how(f); return f })
			bad := got(os.ReadFile(filepath.Join(home, "jackfield.db")))(t)
			moved, saved, err := store.Rescue(home)
			must(t, err)
			if moved != filepath.Join(home, "jackfield.db.damaged-1") || !reflect.DeepEqual(got(os.ReadFile(moved))(t), bad) {
				t.Errorf("the damaged file is not as it was at %s", moved)
			}
			if saved.Flows != 2 || saved.Versions != 10 || saved.Connections != 5 || saved.Secrets != 1 || saved.Checkpoints != 1 ||
				saved.Runs != 12 || saved.StepRuns != 144 || saved.Batches != 144 || len(saved.Lost) > 0 {
				t.Errorf("the report is %+v", saved)
			}
			is, err := contentOf(t, home)
			must(t, err)
			if !reflect.DeepEqual(is, want) {
				t.Errorf("what was saved is not what there was:\n%+v\nwant\n%+v", is, want)
			}
		})
	}
}

func TestRescueFindsTheNewestStateWithoutAnyHeader(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	home := copyHome(t, sound)
	damage(t, home, func(f []byte) []byte { clear(f[:2*page]); return f })
	_, saved, err := store.Rescue(home)
	must(t, err)
	if len(saved.Lost) != 2 || saved.Runs != 12 || saved.StepRuns != 144 {
		t.Errorf("the report is %+v", saved)
	}
	is, err := contentOf(t, home)
	must(t, err)
	if r := is.Runs[0]; r.State != flow.RunFailed || r.Problem == nil || r.Problem.Code != "damaged" {
		t.Errorf("the run that went on is %+v", r)
	}
	is.Runs[0], is.Flows[1].State = want.Runs[0], want.Flows[1].State
	if !reflect.DeepEqual(is, want) {
		t.Errorf("what was saved is not what there was:\n%+v\nwant\n%+v", is, want)
	}
}

func TestRescueOfNothingSaysThatAllIsLost(t *testing.T) {
	home := sampleHome(t)
	damage(t, home, func([]byte) []byte { return nil })
	_, saved, err := store.Rescue(home)
	must(t, err)
	if len(saved.Lost) != 1 || !strings.HasPrefix(saved.Lost[0], "everything") {
		t.Errorf("lost is %q", saved.Lost)
	}
	s := openHome(t, home)
	if all := got(s.Flows(t.Context()))(t); len(all) != 0 {
		t.Errorf("the flows are %+v", all)
	}
	if kept := got(os.ReadDir(filepath.Join(home, "batches.damaged-1")))(t); len(kept) != 12 {
		t.Errorf("the segment files of %d runs were kept", len(kept))
	}
	must(t, s.Close())
	damage(t, home, func([]byte) []byte { return nil })
	moved, _, err := store.Rescue(home)
	if err != nil || filepath.Base(moved) != "jackfield.db.damaged-2" {
		t.Errorf("the second time it gave %s, %v", moved, err)
	}
}

func TestRescueLeavesASoundOrOpenStoreAlone(t *testing.T) {
	home := sampleHome(t)
	if _, _, err := store.Rescue(home); err == nil || !strings.Contains(err.Error(), "nothing in it is damaged") {
		t.Errorf("a sound store gave %v", err)
	}
	if _, _, err := store.Rescue(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no store gave %v", err)
	}
	s := openHome(t, home)
	var open *store.OpenError
	if _, _, err := store.Rescue(home); !errors.As(err, &open) {
		t.Errorf("an open store gave %v", err)
	}
	must(t, s.Close())
	_, err := contentOf(t, home)
	must(t, err)
}

// Whatever is damaged: the rescued store is sound, holds nothing that there never
// was, and what is missing in it is reported.
func TestRescueMakesNothingUpAndHidesNothing(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	chance := rand.New(rand.NewPCG(uint64(os.Getpid()), 5))
	all := 0
	for range 40 {
		home := copyHome(t, sound)
		var what []string
		damage(t, home, func(f []byte) []byte {
			for range 1 + chance.IntN(6) {
				what = append(what, spoil(f, chance))
			}
			return f
		})
		_, saved, err := store.Rescue(home)
		if err != nil && strings.Contains(err.Error(), "nothing in it is damaged") {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !checkRescued(t, home, saved, want) {
			t.Fatalf("after %s", what)
		}
		if saved.Runs == 12 {
			all++
		}
	}
	if all < 5 {
		t.Errorf("only %d times all runs were saved", all)
	}
}

// The root of an older state may lie where a page of another bucket was before.
func TestRescueTakesNoRootForAPageOfSomethingElse(t *testing.T) {
	sound := sampleHome(t)
	want, err := contentOf(t, sound)
	must(t, err)
	file, err := os.ReadFile(filepath.Join(sound, "jackfield.db"))
	must(t, err)
	stride := max(1, len(file)/page/25) * page
	for at := 2 * page; at < len(file); at += stride {
		home := copyHome(t, sound)
		damage(t, home, func(f []byte) []byte {
			copy(f[at:at+page], rootPage(f))
			binary.NativeEndian.PutUint64(f[at:], uint64(at/page))
			return f
		})
		_, saved, err := store.Rescue(home)
		if err != nil && strings.Contains(err.Error(), "nothing in it is damaged") {
			continue
		}
		must(t, err)
		if !checkRescued(t, home, saved, want) {
			t.Fatalf("with the root as page %d", at/page)
		}
	}
}

// rootPage is the page of the newest header's root.
func rootPage(file []byte) []byte {
	number := func(at int) int { return int(binary.NativeEndian.Uint64(file[at:])) }
	const root, commit = 16 + 16, 16 + 48 // in a header: bbolt's meta behind its page head
	at := number(root)
	if number(page+commit) > number(commit) {
		at = number(page + root)
	}
	return file[at*page : (at+1)*page]
}

func checkRescued(t *testing.T, home string, saved store.Report, want content) bool {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	must(t, err)
	defer s.Close()
	must(t, s.Check(t.Context()))
	lost := strings.Join(saved.Lost, "\n")
	missing := 0
	for _, o := range want.Flows {
		for v := 1; v <= o.Version; v++ {
			f, err := s.Flow(t.Context(), o.ID, v)
			if err != nil {
				missing++
				continue
			}
			f.Path = want.Versions[o.ID][v-1].Path // it may be lost on its own
			if !reflect.DeepEqual(f, want.Versions[o.ID][v-1]) {
				t.Errorf("version %d of %s is %+v", v, o.ID, f)
			}
		}
	}
	for _, c := range want.Connections {
		if is, err := s.Connection(t.Context(), c.Name); err != nil {
			missing++
		} else if !reflect.DeepEqual(is, c) {
			t.Errorf("connection %s is %+v", c.Name, is)
		}
	}
	for _, r := range want.Runs {
		missing += checkRescuedRun(t, s, r, want, lost)
	}
	if missing > 0 && lost == "" {
		t.Errorf("%d things are missing and the report says nothing", missing)
	}
	return !t.Failed()
}

func checkRescuedRun(t *testing.T, s *store.Store, r flow.Run, want content, lost string) (missing int) {
	t.Helper()
	is, err := s.Run(t.Context(), r.ID)
	if err != nil {
		return 1
	}
	for one, err := range s.StepRuns(t.Context(), r.ID) {
		must(t, err)
		if !slices.ContainsFunc(want.Steps[r.ID], func(s flow.StepRun) bool { return reflect.DeepEqual(s, one) }) {
			t.Errorf("run %s has a step run that never was: %+v", r.ID, one)
		}
		ref := flow.Ref{Run: r.ID, Seq: one.Seq, Outlet: flow.Done}
		batch, err := s.Batch(t.Context(), ref)
		if err != nil {
			missing++
		} else if !reflect.DeepEqual(batch, want.Batches[ref]) {
			t.Errorf("the batch at %v is not what it was", ref)
		}
	}
	missing += len(want.Steps[r.ID]) - len(stepRuns(t, s, r.ID))
	if missing > 0 && !strings.Contains(lost, "run "+string(r.ID)) {
		t.Errorf("run %s lost %d things and the report does not name it:\n%s", r.ID, missing, lost)
	}
	if missing > 0 && is.State == flow.Running {
		t.Errorf("run %s goes on though it lost something", r.ID)
	}
	if missing == 0 && is.State != r.State && !strings.Contains(lost, "run "+string(r.ID)) && !strings.Contains(lost, "runs") {
		t.Errorf("run %s is %s and was %s", r.ID, is.State, r.State)
	}
	return missing
}

func TestALostSegmentFileIsFoundAndRescued(t *testing.T) {
	home := sampleHome(t)
	must(t, os.RemoveAll(filepath.Join(home, "batches", "r03")))
	for name, spoil := range map[string]func(path string) error{
		"r04": func(path string) error { return os.Truncate(path, 1000) },
		"r05": func(path string) error { return os.WriteFile(path, make([]byte, 200_000), 0o600) },
	} {
		files := got(os.ReadDir(filepath.Join(home, "batches", name)))(t)
		must(t, spoil(filepath.Join(home, "batches", name, files[0].Name())))
	}
	s := openHome(t, home)
	var damaged *store.DamagedError
	if err := s.Check(t.Context()); !errors.As(err, &damaged) || len(damaged.Faults) != 3 {
		t.Errorf("Check gave %v", err)
	}
	if _, err := s.Batch(t.Context(), flow.Ref{Run: "r03", Seq: 11, Outlet: flow.Done}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the batch of a lost file gave %v", err)
	}
	for _, id := range []flow.RunID{"r04", "r05"} {
		if b, err := s.Batch(t.Context(), flow.Ref{Run: id, Seq: 11, Outlet: flow.Done}); err == nil {
			t.Errorf("a damaged file gave %d records", len(b))
		}
	}
	must(t, s.Close())
	_, saved, err := store.Rescue(home)
	must(t, err)
	if saved.StepRuns != 144 || saved.Batches != 141 || len(saved.Lost) != 3 {
		t.Errorf("the report is %+v", saved)
	}
	must(t, openHome(t, home).Check(t.Context()))
}

func TestOpenTakesOverWhatRescueCouldNotFinish(t *testing.T) {
	home := sampleHome(t)
	want, err := contentOf(t, home)
	must(t, err)
	path := filepath.Join(home, "jackfield.db")
	must(t, os.Rename(path, path+".rescued")) // the damaged file has its other name already
	must(t, os.WriteFile(path+".compact", []byte("half"), 0o600))
	is, err := contentOf(t, home)
	must(t, err)
	if !reflect.DeepEqual(is, want) {
		t.Errorf("there is %+v", is)
	}
	must(t, os.WriteFile(path+".compact", []byte("half"), 0o600))
	openHome(t, home)
	if left := got(filepath.Glob(path + ".*"))(t); len(left) > 0 {
		t.Errorf("left behind are %q", left)
	}
}
