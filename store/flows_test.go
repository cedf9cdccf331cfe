package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"jackfield/flow"
	"jackfield/store"
)

func TestEveryFieldOfAFlowIsStored(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	for seed := range uint64(20) {
		var f flow.Flow
		fill(reflect.ValueOf(&f).Elem(), rand.New(rand.NewPCG(seed, 1)))
		f.ID, f.Version = "", 0
		put := got(s.PutFlow(t.Context(), f))(t)
		f.ID, f.Version = put.ID, 1
		back := got(s.Flow(t.Context(), put.ID, 1))(t)
		if !reflect.DeepEqual(back, f) || !reflect.DeepEqual(put, f) {
			t.Fatalf("stored\n%+v\nand read\n%+v\nof\n%+v", put, back, f)
		}
	}
}

// fill gives every field a value other than its zero, so that one which the store
// forgets shows.
func fill(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("é <%d>", r.IntN(1_000_000)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1 + r.Int64N(1<<40))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(1+r.IntN(1000)) / 8)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 3))
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(flow.Values{
			"int": r.IntN(100), "float": 0.5, "text": "\"q\"", "list": []any{nil, true, 1, map[string]any{"a": "b"}},
		}))
	default:
		panic("flow.Flow has a field of a new kind: " + v.Type().String())
	}
}

func TestOnlyAChangedFlowMakesAVersion(t *testing.T) {
	s := openHome(t, t.TempDir())
	f := flow.Flow{Name: "Orders to CRM", Path: "/a/orders.flow.yaml", Steps: []flow.Step{{ID: "read", Uses: "csv.read"}}}
	f = got(s.PutFlow(t.Context(), f))(t)
	if f.ID != flow.ID(flow.Slug("Orders to CRM")) || f.Version != 1 {
		t.Fatalf("stored as %q, version %d", f.ID, f.Version)
	}
	same := f
	same.Version, same.Steps[0].With = 7, flow.Values{}
	if again := got(s.PutFlow(t.Context(), same))(t); again.Version != 1 {
		t.Errorf("the same flow became version %d", again.Version)
	}
	moved := f
	moved.Path = "/b/orders.flow.yaml"
	if again := got(s.PutFlow(t.Context(), moved))(t); again.Version != 1 {
		t.Errorf("a flow with another path became version %d", again.Version)
	}
	changed := moved
	changed.Note = "for Ada"
	changed.Steps = append(slices.Clone(f.Steps), flow.Step{ID: "push", Uses: "http.request"})
	if again := got(s.PutFlow(t.Context(), changed))(t); again.Version != 2 {
		t.Errorf("a changed flow became version %d", again.Version)
	}
	if back := got(s.PutFlow(t.Context(), moved))(t); back.Version != 3 {
		t.Errorf("the flow as it was first became version %d", back.Version)
	}

	versions := got(s.Versions(t.Context(), f.ID))(t)
	var numbers, steps []int
	for _, v := range versions {
		numbers, steps = append(numbers, v.Version), append(steps, v.Steps)
		if time.Since(v.Saved) > time.Hour {
			t.Errorf("version %d was saved at %v", v.Version, v.Saved)
		}
	}
	if !slices.Equal(numbers, []int{3, 2, 1}) || !slices.Equal(steps, []int{1, 2, 1}) {
		t.Errorf("the versions are %+v", versions)
	}
	if two := got(s.Flow(t.Context(), f.ID, 2))(t); two.Note != "for Ada" || two.Version != 2 || two.Path != "/b/orders.flow.yaml" {
		t.Errorf("version 2 is %+v", two)
	}
	if newest := got(s.Flow(t.Context(), f.ID, 0))(t); newest.Version != 3 {
		t.Errorf("the newest is version %d", newest.Version)
	}
}

func TestEachFlowGetsItsOwnID(t *testing.T) {
	s := openHome(t, t.TempDir())
	a := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders"}))(t)
	b := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders", Note: "another"}))(t)
	c := got(s.PutFlow(t.Context(), flow.Flow{ID: "given", Name: "Orders"}))(t)
	if a.ID != "orders" || b.ID != "orders-2" || c.ID != "given" {
		t.Errorf("the ids are %q, %q and %q", a.ID, b.ID, c.ID)
	}

	// Neither runs nor cursors of a removed flow fall to another one.
	must(t, s.Begin(t.Context(), flow.Run{ID: "r1", Flow: b.ID, State: flow.Running}))
	must(t, s.RemoveFlow(t.Context(), a.ID))
	must(t, s.RemoveFlow(t.Context(), b.ID))
	if d := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders"}))(t); d.ID != "orders" {
		t.Errorf("the id of a flow that left nothing is not used again: %q", d.ID)
	}
	if e := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders"}))(t); e.ID != "orders-3" {
		t.Errorf("a new flow got the runs of a removed one: %q", e.ID)
	}
}

func TestAFlowIsFoundByItsFile(t *testing.T) {
	s := openHome(t, t.TempDir())
	a := got(s.PutFlow(t.Context(), flow.Flow{Name: "A", Path: "/a.flow.yaml"}))(t)
	if f := got(s.FlowByPath(t.Context(), "/a.flow.yaml"))(t); f.ID != a.ID {
		t.Errorf("found %q", f.ID)
	}
	if f := got(s.PutFlow(t.Context(), flow.Flow{Name: "Renamed", Path: "/a.flow.yaml"}))(t); f.ID != a.ID || f.Version != 2 {
		t.Errorf("the same file became flow %q, version %d", f.ID, f.Version)
	}
	if _, err := s.FlowByPath(t.Context(), "/b.flow.yaml"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no flow's file gave %v", err)
	}
}

func TestTheListOfFlowsTellsTheirLastRun(t *testing.T) {
	s := openHome(t, t.TempDir())
	f := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders", Path: "/o", Steps: []flow.Step{{ID: "a"}}}))(t)
	got(s.PutFlow(t.Context(), flow.Flow{Name: "Another"}))(t)
	must(t, s.SetEnabled(t.Context(), f.ID, true))
	f.Note = "new"
	got(s.PutFlow(t.Context(), f))(t)
	for i, state := range []flow.RunState{flow.RunFailed, flow.RunDone} {
		id := flow.RunID(fmt.Sprint("r", i))
		must(t, s.Begin(t.Context(), flow.Run{ID: id, Flow: f.ID, State: flow.Running}))
		must(t, s.Update(t.Context(), flow.Run{ID: id, Flow: f.ID, State: state}))
	}
	all := got(s.Flows(t.Context()))(t)
	if len(all) != 2 || all[0].ID != "another" {
		t.Fatalf("the flows are %+v", all)
	}
	is := all[1]
	if is.Saved.IsZero() {
		t.Error("it is not told when it was saved")
	}
	is.Saved = time.Time{}
	want := flow.Overview{ID: "orders", Name: "Orders", Path: "/o", Version: 2, Versions: 2, Steps: 1, Enabled: true, LastRun: "r1", State: flow.RunDone}
	if is != want {
		t.Errorf("the overview is %+v, want %+v", is, want)
	}
}

func TestRemovingAFlowTakesItsVersionsAndCheckpointsButNotItsRuns(t *testing.T) {
	s := openHome(t, t.TempDir())
	f := got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders"}))(t)
	must(t, s.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: f.ID, Step: "s", Cursor: flow.Cursor("1")}))
	must(t, s.Begin(t.Context(), flow.Run{ID: "r1", Flow: f.ID, State: flow.Running}))
	must(t, s.RemoveFlow(t.Context(), f.ID))
	if all := got(s.Flows(t.Context()))(t); len(all) != 0 {
		t.Errorf("the flows are %+v", all)
	}
	if c := got(s.Checkpoint(t.Context(), f.ID, "s"))(t); c != nil {
		t.Errorf("the checkpoint is %+v", c)
	}
	if runs := got(s.Runs(t.Context(), f.ID, "", "", 0))(t); len(runs) != 1 {
		t.Errorf("the runs are %+v", runs)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	s := openHome(t, t.TempDir())
	got(s.PutFlow(t.Context(), flow.Flow{Name: "Orders"}))(t)
	for name, call := range map[string]func() error{
		"flow":                func() error { _, err := s.Flow(t.Context(), "none", 0); return err },
		"version":             func() error { _, err := s.Flow(t.Context(), "orders", 2); return err },
		"versions":            func() error { _, err := s.Versions(t.Context(), "none"); return err },
		"enable":              func() error { return s.SetEnabled(t.Context(), "none", true) },
		"remove a flow":       func() error { return s.RemoveFlow(t.Context(), "none") },
		"connection":          func() error { _, err := s.Connection(t.Context(), "none"); return err },
		"remove a connection": func() error { return s.RemoveConnection(t.Context(), "none") },
		"run":                 func() error { _, err := s.Run(t.Context(), "none"); return err },
		"update":              func() error { return s.Update(t.Context(), flow.Run{ID: "none", Flow: "a", State: flow.RunDone}) },
		"remove a run":        func() error { return s.RemoveRun(t.Context(), "none") },
		"secret":              func() error { _, err := s.Sealed(t.Context(), "none"); return err },
	} {
		if err := call(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func TestConnectionsAreKeptByName(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	crm := flow.Connection{
		Name: "crm", Connector: "http", Values: flow.Values{"url": "https://example.org/?a=1&b=2", "retries": 3, "rate": 0.5, "list": []any{1, "a"}},
		Secrets: map[string]string{"token": "connection/crm/token"},
	}
	must(t, s.PutConnection(t.Context(), crm))
	must(t, s.PutConnection(t.Context(), flow.Connection{Name: "bill", Connector: "sqlite"}))
	must(t, s.PutSealed(t.Context(), "connection/crm/token", []byte{0, 255, 1}))
	must(t, s.Close())

	s = openHome(t, home)
	back := got(s.Connection(t.Context(), "crm"))(t)
	if back.Saved.IsZero() {
		t.Error("it is not told when it was saved")
	}
	back.Saved = time.Time{}
	if !reflect.DeepEqual(back, crm) {
		t.Errorf("read %#v", back)
	}
	all := got(s.Connections(t.Context()))(t)
	if len(all) != 2 || all[0].Name != "bill" || all[1].Name != "crm" {
		t.Errorf("the connections are %+v", all)
	}
	if sealed := got(s.Sealed(t.Context(), "connection/crm/token"))(t); !slices.Equal(sealed, []byte{0, 255, 1}) {
		t.Errorf("the secret is %v", sealed)
	}
	must(t, s.RemoveSealed(t.Context(), "connection/crm/token"))
	must(t, s.RemoveSealed(t.Context(), "connection/crm/token"))
	must(t, s.RemoveConnection(t.Context(), "crm"))
	if all := got(s.Connections(t.Context()))(t); len(all) != 1 {
		t.Errorf("the connections are %+v", all)
	}
}
