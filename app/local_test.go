package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"jackfield/app"
	"jackfield/connectors/core"
	"jackfield/connectors/csv"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

const hello = `jackfield: 1
name: Hello
steps:
  - id: start
    uses: core.manual
    with: {items: [{n: 1}, {n: 2}, {n: 3}]}
  - id: double
    uses: core.map
    map: "if .n == 2 then error(\"two is refused\") else {n: (.n * 2)} end"
edges:
  - start -> double
`

// desk is a door over a real store in a folder of its own.
type desk struct {
	*app.Local
	t    *testing.T
	home string
	st   *store.Store
}

// account is a connector that only has a connection with a secret.
type account struct {
	url   string
	token kit.Secret
}

func (a *account) Fields() kit.Fields {
	return kit.Fields{kit.Text(&a.url, "url", "Address"), kit.Hidden(&a.token, "token", "Token")}
}

func (a *account) Test(context.Context, kit.Env) []kit.Check {
	return []kit.Check{{Name: "token", OK: a.token.Reveal() == "s3cret-token", What: "looked at " + a.url}}
}

func open(t *testing.T, more ...kit.Connector) *desk {
	t.Helper()
	home := t.TempDir()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	crm := kit.Connector{ID: "crm", Title: "CRM", Summary: "For tests", Connection: func() kit.Connection { return &account{url: "x"} }}
	d := &desk{t: t, home: home, st: st, Local: app.New(app.Options{
		Store: st, Vault: secrets, History: st, Ops: append(kit.Set{core.New(), csv.New(), crm}, more...), Home: home,
		Examples: fstest.MapFS{"hello.flow.yaml": {Data: []byte(hello)}, "data/x.csv": {Data: []byte("a\n1\n")}},
	})}
	t.Cleanup(func() {
		if err := errors.Join(d.Close(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return d
}

// file writes a flow file and gives its path.
func (d *desk) file(text string) string {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), "f.flow.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return path
}

func (d *desk) opened(path string) flow.Flow {
	d.t.Helper()
	f, problems, err := d.Open(d.t.Context(), path)
	if err != nil || len(problems) > 0 {
		d.t.Fatalf("open: %v, %v", problems, err)
	}
	return f
}

func (d *desk) ran(id flow.RunID, err error) flow.Run {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	r, err := d.Wait(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func TestARunFromAFileIsPartialWhenARecordFails(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello))
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Cause: "test"})
	r := d.ran(id, err)
	if r.State != flow.RunPartial || r.Given != 3 || r.Failures != 1 {
		t.Fatalf("the run is %+v", r)
	}
	steps, err := d.StepRuns(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	totals := flow.Totals(steps)
	if totals["double"][flow.Done] != 2 || totals["double"][flow.Failed] != 1 {
		t.Errorf("totals are %v", totals)
	}
	for _, s := range steps {
		if s.Out[flow.Failed] == 0 {
			continue
		}
		batch, err := d.Records(t.Context(), flow.Ref{Run: id, Seq: s.Seq, Outlet: flow.Failed})
		if err != nil || len(batch) != 1 || batch[0].Problem == nil || !strings.Contains(batch[0].Problem.What, "two is refused") {
			t.Errorf("the failed record is %+v, %v", batch, err)
		}
	}
}

func TestReplayStartsWithTheSameRecords(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello))
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Input: []any{map[string]any{"n": 5}, map[string]any{"n": 6}}, Cause: "test"})
	first := d.ran(id, err)
	again, err := d.Replay(t.Context(), app.Replay{Run: id})
	second := d.ran(again, err)
	if first.State != flow.RunDone || second.State != flow.RunDone || second.Given != 2 || second.Of != id {
		t.Errorf("first %+v, second %+v", first, second)
	}
}

func TestOpeningAFileAgainMakesAVersionOnlyWhenItChanged(t *testing.T) {
	d := open(t)
	path := d.file(hello)
	first, same := d.opened(path), d.opened(path)
	if err := os.WriteFile(path, []byte(strings.Replace(hello, "name: Hello", "name: Hello again", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	changed := d.opened(path)
	if same.Version != first.Version || changed.Version != first.Version+1 || changed.ID != first.ID {
		t.Errorf("versions %d, %d, %d of %s and %s", first.Version, same.Version, changed.Version, first.ID, changed.ID)
	}
}

func TestSavingKeepsWhatSomebodyElseWroteIntoTheFile(t *testing.T) {
	d := open(t)
	path := d.file(hello)
	f := d.opened(path)
	theirs := strings.Replace(hello, "name: Hello", "name: Theirs", 1)
	if err := os.WriteFile(path, []byte(theirs), 0o644); err != nil {
		t.Fatal(err)
	}
	f.Name = "Mine"
	saved, err := d.Save(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := d.Versions(t.Context(), f.ID)
	if err != nil || len(versions) != 3 || saved.Version != 3 {
		t.Fatalf("%d versions, saved %d, %v", len(versions), saved.Version, err)
	}
	between, err := d.Flow(t.Context(), f.ID, 2)
	if err != nil || between.Name != "Theirs" {
		t.Errorf("version 2 is %q, %v", between.Name, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte("name: Mine")) {
		t.Errorf("the file has %s, %v", text, err)
	}
}

func TestADraftOutlivesUntilTheFlowIsSaved(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello))
	f.Note = "not saved"
	if err := d.KeepDraft(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	draft, kept := d.Draft(t.Context(), f.ID)
	if !kept || draft.Note != "not saved" || len(draft.Steps) != 2 {
		t.Fatalf("the draft is %+v, %v", draft, kept)
	}
	if _, err := d.Save(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if _, kept := d.Draft(t.Context(), f.ID); kept {
		t.Error("the draft is there after the flow was saved")
	}
}

func TestASecretIsSealedAndStillServes(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	c := flow.Connection{Name: "crm", Connector: "crm", Values: flow.Values{"url": "https://crm.example", "token": "s3cret-token"}}
	if err := d.SaveConnection(ctx, c); err != nil {
		t.Fatal(err)
	}
	all, err := d.Connections(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stored := all[len(all)-1]
	if _, there := stored.Values["token"]; there || stored.Secrets["token"] == "" {
		t.Errorf("the stored connection is %+v", stored)
	}
	checks, err := found(d.TestConnection(ctx, stored))
	if err != nil || len(checks) != 1 || !checks[0].OK {
		t.Errorf("the test found %+v, %v", checks, err)
	}
	err = filepath.WalkDir(d.home, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("s3cret-token")) {
			t.Errorf("%s holds the secret in clear", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestABuiltInConnectionCannotBeReplaced(t *testing.T) {
	d := open(t)
	err := d.SaveConnection(t.Context(), flow.Connection{Name: "demo", Connector: "crm"})
	if problems, ok := errors.AsType[app.Problems](err); !ok || !strings.Contains(problems.Error(), "built in") {
		t.Errorf("saving demo gave %v", err)
	}
}

func TestAnExampleIsCopiedOnceAndAChangedCopyStays(t *testing.T) {
	d := open(t)
	f, err := d.Example(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(f.Path), "data", "x.csv")); err != nil {
		t.Error("its data is missing:", err)
	}
	f.Name = "My own"
	if _, err := d.Save(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	again, err := d.Example(t.Context(), "hello")
	if err != nil || again.Name != "My own" {
		t.Errorf("opened again it is %q, %v", again.Name, err)
	}
	if _, err := d.Example(t.Context(), "../hello"); err == nil {
		t.Error("a path outside the examples was opened")
	}
}

func TestASampleComesFromTheLastRunOrFromALook(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(hello))
	look, from, err := d.Sample(t.Context(), f, "double", 2)
	if err != nil || len(look) != 2 || !strings.Contains(from, "look") {
		t.Fatalf("before a run: %v from %q, %v", look, from, err)
	}
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Input: []any{map[string]any{"n": 7}}, Cause: "test"})
	d.ran(id, err)
	sample, from, err := d.Sample(t.Context(), f, "double", 2)
	if err != nil || len(sample) != 1 || !strings.Contains(from, "run") {
		t.Errorf("after a run: %v from %q, %v", sample, from, err)
	}
}

func TestWatchTellsTheEndOfARunToASlowWatcher(t *testing.T) {
	d := open(t)
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	events := d.Watch(ctx)
	f := d.opened(d.file(hello))
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Cause: "test"})
	d.ran(id, err)
	ended := false
	for e := range events {
		if e.Kind == flow.RunChanged && e.Run.ID == id && e.Run.State.Ended() {
			ended = true
			enough()
		}
	}
	if !ended {
		t.Error("the end was not told")
	}
}

func TestAFlowWithProblemsIsNotEnabled(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(strings.Replace(hello, "core.map", "core.mapp", 1)))
	err := d.Enable(t.Context(), f.ID, true)
	if problems, ok := errors.AsType[app.Problems](err); !ok || !strings.Contains(problems.Error(), "core.map") {
		t.Errorf("enabling gave %v", err)
	}
	if _, err := d.Start(t.Context(), app.Start{Flow: f.ID}); err == nil {
		t.Error("it could be started")
	}
}

func TestARecordBehindAFailedOutletKnowsWhyItFailed(t *testing.T) {
	d := open(t)
	text := strings.Replace(hello, "edges:\n", "  - id: why\n    uses: core.map\n    map: \"{n: .n, why: $problem.what, where: $problem.step}\"\nedges:\n  - double.failed -> why\n", 1)
	id, err := d.Start(t.Context(), app.Start{Flow: d.opened(d.file(text)).ID, Cause: "test"})
	d.ran(id, err)
	steps, err := d.StepRuns(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Step != "why" {
			continue
		}
		batch, err := d.Records(t.Context(), flow.Ref{Run: id, Seq: s.Seq, Outlet: flow.Done})
		if err != nil || len(batch) != 1 {
			t.Fatalf("records %v, %v", batch, err)
		}
		got, _ := batch[0].Data.(map[string]any)
		if why, _ := got["why"].(string); got["n"] != 2 || got["where"] != "double" || !strings.Contains(why, "two is refused") {
			t.Errorf("the record is %v", got)
		}
		return
	}
	t.Error("nothing came to the step")
}

func TestReplayOfAFlowWithoutATriggerStartsWithItsInput(t *testing.T) {
	d := open(t)
	f := d.opened(d.file("jackfield: 1\nname: Bare\nsteps:\n  - {id: shape, uses: core.map, map: \"{n: .n}\"}\n"))
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Input: []any{map[string]any{"n": 1}, map[string]any{"n": 2}}, Cause: "test"})
	d.ran(id, err)
	again, err := d.Replay(t.Context(), app.Replay{Run: id})
	d.ran(again, err)
	steps, err := d.StepRuns(t.Context(), again)
	if err != nil || flow.Totals(steps)["shape"][flow.Done] != 2 {
		t.Errorf("the second run gave %v, %v", flow.Totals(steps), err)
	}
}

func TestOneFlowCallsAnotherByItsName(t *testing.T) {
	d := open(t)
	d.opened(d.file("jackfield: 1\nname: Twice as much\nsteps:\n  - {id: shape, uses: core.map, map: \"{n: (.n * 2)}\"}\n"))
	caller := d.opened(d.file("jackfield: 1\nname: Caller\nsteps:\n  - {id: other, uses: core.flow, with: {flow: Twice as much}}\n"))
	id, err := d.Start(t.Context(), app.Start{Flow: caller.ID, Input: []any{map[string]any{"n": 4}}, Cause: "test"})
	r := d.ran(id, err)
	if r.State != flow.RunDone {
		t.Fatalf("the run is %+v", r)
	}
	steps, err := d.StepRuns(t.Context(), id)
	if err != nil || flow.Totals(steps)["other"][flow.Done] != 1 {
		t.Errorf("the call gave %v, %v", flow.Totals(steps), err)
	}
}

// What a replay begins with is its own: the old run may go.
func TestReplayOutlivesTheRunThatItRepeats(t *testing.T) {
	d := open(t)
	f := d.opened(d.file(`jackfield: 1
name: Look back
steps:
  - {id: start, uses: core.manual}
  - {id: shape, uses: core.map, map: "{n: .n, twice: (.n * 2)}"}
  - {id: check, uses: core.map, map: 'if $trigger.bad then error("bad") else {was: $steps.start.n, twice} end'}
edges: [start -> shape -> check]
`))
	id, err := d.Start(t.Context(), app.Start{Flow: f.ID, Input: []any{map[string]any{"n": 5}, map[string]any{"n": 6, "bad": true}}, Cause: "test"})
	first := d.ran(id, err)
	again, err := d.Replay(t.Context(), app.Replay{Run: id, From: "check"})
	second := d.ran(again, err)
	if first.State != flow.RunPartial || second.State != flow.RunPartial || second.Given != 2 {
		t.Fatalf("first %+v, second %+v", first, second)
	}
	if err := d.RemoveRun(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	f.Steps[2].Map = "{was: $steps.start.n, twice, bad: $trigger.bad}"
	if _, err := d.Save(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if err := d.Resume(t.Context(), again, flow.Newest); err != nil {
		t.Fatal(err)
	}
	third := d.ran(again, nil)
	steps, err := d.StepRuns(t.Context(), again)
	if err != nil || third.State != flow.RunDone {
		t.Fatalf("%+v, %v", third, err)
	}
	batch, err := d.Records(t.Context(), flow.Ref{Run: again, Seq: steps[len(steps)-1].Seq, Outlet: flow.Done})
	if err != nil || len(batch) != 1 || fmt.Sprint(batch[0].Data) != "map[bad:true twice:12 was:6]" {
		t.Errorf("got %v, %v", batch, err)
	}
}
