package app_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

// life is one life of the program over a home folder.
type life struct {
	*app.Local
	t  *testing.T
	st *store.Store
}

func begin(t *testing.T, home string) *life {
	t.Helper()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &life{t: t, st: st, Local: app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: kit.Set{core.New()}, Home: home})}
}

func (l *life) end() {
	l.t.Helper()
	if err := errors.Join(l.Close(context.Background()), l.st.Close()); err != nil {
		l.t.Fatal(err)
	}
}

// asked begins a run and waits until it asks.
func (l *life) asked(id flow.ID, input ...any) flow.RunID {
	l.t.Helper()
	watching, enough := context.WithCancel(l.t.Context())
	defer enough()
	events := l.Watch(watching)
	run, err := l.Start(l.t.Context(), app.Start{Flow: id, Input: input})
	if err != nil {
		l.t.Fatal(err)
	}
	for e := range events {
		if e.Kind == flow.RunChanged && e.Run.ID == run && e.Run.Questions > 0 {
			return run
		}
	}
	l.t.Fatal("nothing was asked")
	return ""
}

// approve answers what a run asks, and waits for its end.
func (l *life) approve(run flow.RunID) flow.Run {
	l.t.Helper()
	asked, err := l.Questions(l.t.Context(), run)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, q := range asked {
		if err := l.Answer(l.t.Context(), q.ID, flow.Answer{Choice: flow.Approve, By: "test"}); err != nil {
			l.t.Fatal(err)
		}
	}
	r, err := l.Wait(l.t.Context(), run)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

const guarded = `jackfield: 1
name: Guarded
steps:
  - {id: start, uses: core.manual}
  - {id: may, uses: core.approval, with: {text: '"May \(.n)?"'}}
  - {id: after, uses: core.map, map: '{n}'}
edges:
  - start -> may
  - may.approved -> after
`

func TestARunKeepsTheVersionThatItBeganWith(t *testing.T) {
	home := t.TempDir()
	one := begin(t, home)
	f, _ := flow.ReadFile([]byte(guarded), "guarded")
	f, err := one.Save(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	edited, removed := one.asked(f.ID, order(1)), one.asked(f.ID, order(2))
	other, _ := flow.ReadFile([]byte(strings.ReplaceAll(guarded, "after", "behind")), "guarded")
	other.ID = f.ID
	if _, err := one.Save(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if r := one.approve(edited); r.State != flow.RunDone || r.Version != 1 {
		t.Errorf("the run ended as %+v", r)
	}
	if err := one.RemoveFlow(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Flow(t.Context(), f.ID, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the flow that was removed is still there: %v", err)
	}
	one.end()

	two := begin(t, home)
	defer two.end()
	if err := two.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := two.approve(removed)
	if r.State != flow.RunDone || r.Version != 1 {
		t.Fatalf("the run ended as %+v", r)
	}
	steps, err := two.StepRuns(t.Context(), removed)
	if got := flow.Totals(steps); err != nil || got["after"][flow.Done] != 1 {
		t.Errorf("what left its steps: %v, %v", got, err)
	}
}

func TestACorruptedBatchFailsItsRunAlone(t *testing.T) {
	home := t.TempDir()
	one := begin(t, home)
	f, _ := flow.ReadFile([]byte(guarded), "guarded")
	f, err := one.Save(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	spoilt, well := one.asked(f.ID, order(1)), one.asked(f.ID, order(2))
	one.end()
	spoil(t, filepath.Join(home, "batches", string(spoilt)))

	two := begin(t, home)
	defer two.end()
	watching, enough := context.WithCancel(t.Context())
	defer enough()
	events := two.Watch(watching)
	if err := two.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked, err := two.Questions(t.Context(), "")
	if err != nil || len(asked) != 1 || asked[0].Run != well {
		t.Errorf("questions %+v, %v", asked, err)
	}
	if r := two.approve(well); r.State != flow.RunDone {
		t.Errorf("the other run ended as %+v", r)
	}
	for e := range events {
		if e.Kind == flow.Trouble && strings.Contains(e.What, string(spoilt)) && strings.Contains(e.What, "its checksum does not fit") {
			break
		}
	}
	if err := two.Answer(t.Context(), flow.QuestionID(spoilt, 1, 0), flow.Answer{Choice: flow.Approve}); err != nil {
		t.Fatal(err)
	}
	r, err := two.Wait(t.Context(), spoilt)
	if err != nil {
		t.Fatal(err)
	}
	const what = `the records that left step run 1 by waiting cannot be read`
	if r.State != flow.RunFailed || r.Problem == nil || !strings.HasPrefix(r.Problem.What, what) || !strings.Contains(r.Problem.What, "its checksum does not fit") ||
		!strings.Contains(r.Problem.Fix, "start the flow anew") {
		t.Errorf("the run with the corrupted batch ended as %s: %+v", r.State, r.Problem)
	}
}

// order is one that is too large to lie inside the store's file.
func order(n int) any { return map[string]any{"n": n, "pad": strings.Repeat("x", 100_000)} }

// spoil changes a byte in the middle of each file of a folder.
func spoil(t *testing.T, folder string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files to spoil: %v", err)
	}
	for _, one := range files {
		path := filepath.Join(folder, one.Name())
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(fmt.Errorf("spoil %s: %w", path, err))
		}
	}
}

func TestRunWhoseProgramHasEndedIsToldAsInterruptedUntilSomebodyServes(t *testing.T) {
	home := t.TempDir()
	one := begin(t, home)
	f, _ := flow.ReadFile([]byte(guarded), "guarded")
	f, err := one.Save(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	id := one.asked(f.ID, order(1))
	told := func(l *life, want bool) {
		t.Helper()
		r, err := l.Run(t.Context(), id)
		if err != nil || r.State != flow.Running || r.Interrupted != want {
			t.Errorf("the run is told as %+v, %v; interrupted should be %v", r, err, want)
		}
		rows, err := l.Runs(t.Context(), app.Query{})
		if err != nil || len(rows) != 1 || rows[0].Interrupted != want {
			t.Errorf("the list tells %+v, %v; interrupted should be %v", rows, err, want)
		}
	}
	told(one, false)
	one.end()

	two := begin(t, home)
	defer two.end()
	told(two, true)
	if err := two.Serve(t.Context()); err != nil {
		t.Fatal(err)
	}
	told(two, false)
	if r := two.approve(id); r.State != flow.RunDone || r.Interrupted {
		t.Errorf("it ended as %+v", r)
	}
}
