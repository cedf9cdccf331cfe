package kit_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

type source struct{ everything }

func (*source) Read(context.Context, kit.Env, flow.Cursor) (kit.Page, error) { return kit.Page{}, nil }

type gentle struct{ everything }

func (*gentle) Effect() kit.Effect { return kit.Reads }

func TestSetFindsWhatIsThere(t *testing.T) {
	busy := errors.New("busy")
	set := kit.Set{
		{ID: "a", Ops: []kit.Op{{ID: "x"}, {ID: "y"}}, Close: func() error { return busy }},
		{ID: "b", Ops: []kit.Op{{ID: "x"}}},
	}
	if got := set.OpIDs(); !reflect.DeepEqual(got, []flow.OpID{"a.x", "a.y", "b.x"}) {
		t.Errorf("%v", got)
	}
	for id, found := range map[flow.OpID]bool{"a.y": true, "b.x": true, "b.y": false, "c.x": false, "a": false, "": false} {
		c, op, ok := set.Op(id)
		if ok != found || found && flow.OpID(c.ID+"."+op.ID) != id {
			t.Errorf("%q: %v.%v, %v", id, c.ID, op.ID, ok)
		}
	}
	if err := set.Close(); !errors.Is(err, busy) {
		t.Errorf("close: %v", err)
	}
}

func TestRoleAndEffectComeFromWhatAnOperationCan(t *testing.T) {
	plain := kit.Op{Effect: kit.Once, New: func() kit.Operation { return &everything{} }}
	reads := kit.Op{Effect: kit.Reads, New: func() kit.Operation { return &source{} }}
	trigger := kit.Op{Trigger: true, New: plain.New}
	for _, tt := range []struct {
		op   kit.Op
		want kit.Role
	}{{plain, kit.ActionRole}, {reads, kit.SourceRole}, {trigger, kit.TriggerRole}} {
		if got := tt.op.Role(); got != tt.want {
			t.Errorf("%v, want %v", got, tt.want)
		}
	}
	if plain.EffectOf(plain.New()) != kit.Once || plain.EffectOf(&gentle{}) != kit.Reads {
		t.Error("an operation's own word on its effect does not count, or one that says nothing does")
	}
}

func TestEnvIsBesideTheFlow(t *testing.T) {
	var said []flow.LogLine
	dir := t.TempDir()
	env := kit.Env{Run: "r", Step: "s", Dir: dir, Write: func(l flow.LogLine) { said = append(said, l) }}
	for path, want := range map[string]string{"a/b": filepath.Join(dir, "a", "b"), "": "", dir: dir} {
		if got := env.Path(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
	if env.Key("1") != "r-s-1" {
		t.Errorf("key %q", env.Key("1"))
	}
	env.Log(flow.Warn, "1", "%d of %s", 3, "x")
	if want := []flow.LogLine{{Level: flow.Warn, Step: "s", Record: "1", Text: "3 of x"}}; !reflect.DeepEqual(said, want) {
		t.Errorf("%+v", said)
	}
	kit.Env{}.Log(flow.Warn, "", "nobody listens")
	if _, err := env.Call(t.Context(), "x", nil); kit.AsFailure(err).Kind != kit.Invalid {
		t.Errorf("%v", err)
	}
}
