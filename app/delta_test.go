package app_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/csv"
	"jackfield/connectors/kit"
	"jackfield/engine/enginetest"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

const people = `jackfield: 1
name: People
steps:
  - {id: rows, uses: csv.read, with: {path: rows.csv}}
  - {id: check, uses: core.map, map: 'if .name == "bad" then error("a bad one") else . end'}
  - {id: delta, uses: core.delta, with: {key: [id], ignore: [seen], before: before}}
  - {id: new, uses: core.map, map: 'if .name == "stop" then error("not now") else . end'}
edges: [rows -> check, check -> delta, delta.created -> new, delta.changed -> new]
`

// list writes the file of the flow, a row for each of "id name".
func (d *desk) list(f flow.Flow, rows ...string) {
	d.t.Helper()
	text := "id,name,seen\n"
	for i, row := range rows {
		id, name, _ := strings.Cut(row, " ")
		text += fmt.Sprintf("%s,%s,%d\n", id, name, i)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(f.Path), "rows.csv"), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// tells says what left the step delta, by outlet, as "created 1 2, deleted 3".
func (d *desk) tells(id flow.RunID) string {
	d.t.Helper()
	steps, err := d.StepRuns(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	left := map[flow.Outlet][]string{}
	for _, s := range steps {
		if s.Step != "delta" {
			continue
		}
		for o, n := range s.Out {
			batch, err := d.Records(d.t.Context(), flow.Ref{Run: id, Seq: s.Seq, Outlet: o})
			if err != nil || len(batch) != n {
				d.t.Fatalf("%d records of %d, %v", len(batch), n, err)
			}
			for _, rec := range batch {
				m := rec.Data.(map[string]any)
				text := fmt.Sprint(m["id"])
				if before, ok := m["before"].(map[string]any); ok {
					text += fmt.Sprintf("(%v to %v)", before["name"], m["name"])
				}
				left[o] = append(left[o], text)
			}
		}
	}
	var all []string
	for _, o := range []flow.Outlet{"created", "changed", "deleted", "unchanged", flow.Failed} {
		if slices.Sort(left[o]); len(left[o]) > 0 {
			all = append(all, string(o)+" "+strings.Join(left[o], " "))
		}
	}
	return strings.Join(all, ", ")
}

func (d *desk) wantDelta(f flow.Flow, state flow.RunState, want string) flow.Run {
	d.t.Helper()
	r := d.ran(d.Start(d.t.Context(), app.Start{Flow: f.ID}))
	if got := d.tells(r.ID); got != want || r.State != state {
		d.t.Errorf("the run is %s (%v) and tells %q, want %s with %q", r.State, r.Problem, got, state, want)
	}
	return r
}

func many(n int) []string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("%02d x", i))
	}
	return rows
}

func TestDeltaTellsWhatChangedSinceTheLastRunThatEndedWell(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, "3 Cy", "1 Ada", "2 Bo")
	d.wantDelta(f, flow.RunDone, "created 1 2 3")
	d.list(f, "1 Ada", "2 Bob", "4 Di")
	d.wantDelta(f, flow.RunDone, "created 4, changed 2(Bo to Bob), deleted 3, unchanged 1")
	d.wantDelta(f, flow.RunDone, "unchanged 1 2 4")
	d.list(f)
	d.wantDelta(f, flow.RunDone, "deleted 1 2 4")
	d.wantDelta(f, flow.RunDone, "")
	d.list(f, "1 Ada")
	d.wantDelta(f, flow.RunDone, "created 1")
	all, err := d.Cursors(t.Context(), f.ID)
	if err != nil || len(all) != 1 || all[0].Step != "delta" || !strings.Contains(string(all[0].Cursor), `"records":1`) {
		t.Errorf("the cursors are %+v, %v", all, err)
	}
	if err := d.SetCursor(t.Context(), f.ID, "delta", nil, ""); err != nil {
		t.Fatal(err)
	}
	d.wantDelta(f, flow.RunDone, "created 1")
	kept, _ := filepath.Glob(filepath.Join(d.home, "keep", string(f.ID), "delta", "*"))
	if len(kept) != 3 {
		t.Errorf("it keeps %v", kept)
	}
	if err := d.RemoveFlow(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(d.home, "keep", string(f.ID))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a removed flow kept is there: %v", err)
	}
}

func TestDeltaOfARunThatDidNotEndWellComesAgain(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, "1 Ada", "2 Bo")
	d.wantDelta(f, flow.RunDone, "created 1 2")
	d.list(f, "1 Ada", "2 stop", "3 Cy")
	r := d.wantDelta(f, flow.RunPartial, "created 3, changed 2(Bo to stop), unchanged 1")
	d.wantDelta(f, flow.RunPartial, "created 3, changed 2(Bo to stop), unchanged 1")
	later := d.opened(f.Path)
	for i := range later.Steps {
		if later.Steps[i].ID == "new" {
			later.Steps[i].Map = "."
		}
	}
	if _, err := d.Save(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if err := d.Resume(t.Context(), r.ID, flow.Fitting); err != nil {
		t.Fatal(err)
	}
	if r = d.ran(r.ID, nil); r.State != flow.RunDone {
		t.Fatalf("the resumed run is %s", r.State)
	}
	d.wantDelta(f, flow.RunDone, "unchanged 1 2 3")
}

func TestDeltaTakesNothingForDeletedWhereTheListIsNotWhole(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, "1 Ada", "2 Bo", "3 Cy")
	d.wantDelta(f, flow.RunDone, "created 1 2 3")
	d.list(f, "1 bad", "3 Cyd")
	d.wantDelta(f, flow.RunPartial, "changed 3(Cy to Cyd)")
	if err := os.Remove(filepath.Join(filepath.Dir(f.Path), "rows.csv")); err != nil {
		t.Fatal(err)
	}
	d.wantDelta(f, flow.RunFailed, "")
	d.list(f, "1 Ada", "3 Cy")
	limited := d.ran(d.Start(t.Context(), app.Start{Flow: f.ID, Limit: 1}))
	if got := d.tells(limited.ID); got != "unchanged 1" || limited.State != flow.RunDone {
		t.Errorf("a run with a limit is %s and tells %q", limited.State, got)
	}
	d.wantDelta(f, flow.RunDone, "deleted 2, unchanged 1 3")
}

func TestDeltaRefusesToDeleteMostOfTheList(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, many(40)...)
	d.wantDelta(f, flow.RunDone, "created "+strings.ReplaceAll(strings.Join(many(40), " "), " x", ""))
	for _, left := range [][]string{nil, many(19)} {
		d.list(f, left...)
		r := d.wantDelta(f, flow.RunFailed, "")
		if r.Problem == nil || r.Problem.Field != "guard" || !strings.Contains(r.Problem.What, "of the 40 records of the last run are gone") || !strings.Contains(r.Problem.Fix, "--set delta.guard=100") {
			t.Errorf("the problem is %+v", r.Problem)
		}
	}
	r := d.ran(d.Start(t.Context(), app.Start{Flow: f.ID, Set: []flow.Setting{{Step: "delta", Key: "guard", Value: 100}}}))
	if got := d.tells(r.ID); r.State != flow.RunDone || strings.Count(got, " ") != 41 || !strings.HasPrefix(got, "deleted 19 20") {
		t.Errorf("told to, the run is %s (%v) and tells %q", r.State, r.Problem, got)
	}
}

func TestDeltaFailsRecordsItCannotTellApart(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, "1 Ada", "2 Bo", "1 Eva", " nobody")
	d.wantDelta(f, flow.RunPartial, "created  1 2, failed 1")
}

func TestDeltaLosesNothingWhereTheProgramDies(t *testing.T) {
	for after := range 2 {
		for dies := 1; ; dies++ {
			home := t.TempDir()
			st, err := store.Open(home, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			mortal := &enginetest.Mortal{History: st}
			begin := func(h *enginetest.Mortal) *desk {
				secrets, err := vault.Open(home, st, vault.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return &desk{t: t, home: home, Local: app.New(app.Options{Store: st, Vault: secrets, History: h, Ops: kit.Set{core.New(), csv.New()}, Home: home})}
			}
			d := begin(mortal)
			f := d.opened(d.file(people))
			d.list(f, "1 Ada", "2 Bo", "3 Cy")
			d.wantDelta(f, flow.RunDone, "created 1 2 3")
			d.list(f, "1 Ada", "2 Bob", "4 Di")
			mortal.DieAt, mortal.After = mortal.Writes()+dies, after == 1
			id, err := d.Start(t.Context(), app.Start{Flow: f.ID})
			if err == nil {
				_, _ = d.Wait(t.Context(), id)
			}
			died := mortal.Dead()
			if err := d.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			d = begin(&enginetest.Mortal{History: st})
			if err := d.Serve(t.Context()); err != nil {
				t.Fatal(err)
			}
			const want = "created 4, changed 2(Bo to Bob), deleted 3, unchanged 1"
			if err != nil { // the run never began
				d.wantDelta(f, flow.RunDone, want)
			} else if r := d.ran(id, nil); r.State != flow.RunDone || d.tells(id) != want {
				t.Errorf("killed at write %d it is %s (%v) and tells %q", dies, r.State, r.Problem, d.tells(id))
			}
			d.wantDelta(f, flow.RunDone, "unchanged 1 2 4")
			if err := errors.Join(d.Close(t.Context()), st.Close()); err != nil {
				t.Fatal(err)
			}
			if !died {
				break
			}
		}
	}
}

func TestAReplayOfAPartDeletesNothingAndMovesNothing(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(people))
	d.list(f, "1 Ada")
	old := d.wantDelta(f, flow.RunDone, "created 1")
	d.list(f, "1 Ada", "2 Bo")
	d.wantDelta(f, flow.RunDone, "created 2, unchanged 1")
	r := d.ran(d.Replay(t.Context(), app.Replay{Run: old.ID, From: "delta"}))
	if got := d.tells(r.ID); r.State != flow.RunDone || got != "unchanged 1" {
		t.Errorf("the replay is %s (%v) and tells %q", r.State, r.Problem, got)
	}
	d.wantDelta(f, flow.RunDone, "unchanged 1 2")
}
