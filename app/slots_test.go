package app_test

import (
	"reflect"
	"testing"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

func TestAConnectionServesForWhatAFlowNames(t *testing.T) {
	d := open(t, fickleConnector(time.Time{}))
	f := asked(t, d, "bad")
	ctx := t.Context()
	if err := d.SaveConnection(ctx, flow.Connection{Name: "test-crm", Connector: "fickle", Values: flow.Values{"mood": "good"}}); err != nil {
		t.Fatal(err)
	}
	state := func() flow.RunState {
		t.Helper()
		id, err := d.Start(ctx, app.Start{Flow: f.ID})
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Wait(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return r.State
	}
	if got := state(); got != flow.RunFailed && got != flow.RunPartial {
		t.Errorf("by its own name: %s", got)
	}
	if err := d.Bind(ctx, "crm", "test-crm"); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != flow.RunDone {
		t.Errorf("bound: %s", got)
	}
	slots, err := d.ConnectionSlots(ctx)
	if want := []app.Slot{{Name: "crm", Connector: "fickle", Flows: []flow.ID{f.ID}, Connection: "test-crm", Bound: true}}; err != nil || !reflect.DeepEqual(slots, want) {
		t.Errorf("slots: %+v, %v", slots, err)
	}
	if h := d.health("test-crm"); h.Worked.IsZero() || len(h.Uses) != 1 {
		t.Errorf("the one that served tells %+v", h)
	}
	stored, err := d.Flow(ctx, f.ID, 0)
	if step, _ := stored.Step("ask"); err != nil || step.Connection != "crm" {
		t.Errorf("the flow itself names %q, %v", step.Connection, err)
	}
	if err := d.RemoveConnection(ctx, "crm"); err != nil {
		t.Fatal(err)
	}
	if problems := d.Check(ctx, f); len(problems) > 0 {
		t.Errorf("bound, and it misses %v", problems)
	}
	if err := d.Bind(ctx, "crm", ""); err != nil {
		t.Fatal(err)
	}
	if problems := d.Check(ctx, f); len(problems) != 1 || problems[0].Code != "unknown-connection" {
		t.Errorf("bound to nothing: %v", problems)
	}
}

func TestBindingsThatCannotServeAreRefused(t *testing.T) {
	d := open(t, fickleConnector(time.Time{}))
	asked(t, d, "good")
	ctx := t.Context()
	for _, c := range []flow.Connection{{Name: "other", Connector: "crm"}, {Name: "one", Connector: "fickle"}, {Name: "two", Connector: "fickle"}} {
		if err := d.SaveConnection(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Bind(ctx, "one", "two"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, slot, to string }{
		{"of another connector", "crm", "other"},
		{"that is not there", "crm", "none"},
		{"that stands for another", "crm", "one"},
		{"of what another is bound to", "two", "crm"},
		{"of no name", "No name", "one"},
	} {
		if err := d.Bind(ctx, tt.slot, tt.to); err == nil {
			t.Errorf("a binding %s was taken", tt.name)
		}
	}
}
