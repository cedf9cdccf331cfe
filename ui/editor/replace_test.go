package editor

import (
	"testing"

	"jackfield/flow"
)

func TestReplaceIsOneChangeWithItsWayBack(t *testing.T) {
	d := New(flow.Flow{ID: "a", Name: "before", Steps: []flow.Step{{ID: "one", Uses: "core.map"}}}, nil)
	if !d.Replace(flow.Flow{Name: "after", Steps: []flow.Step{{ID: "two", Uses: "core.map"}}}, "brought back") {
		t.Fatal("nothing changed")
	}
	if d.Name() != "after" || d.Card("two") == nil || d.Card("one") != nil || !d.Dirty() || d.ID() != "a" {
		t.Errorf("after the change: %+v", d.Flow())
	}
	d.Undo()
	if d.Name() != "before" || d.Card("one") == nil || d.Dirty() {
		t.Errorf("after the undo: %+v", d.Flow())
	}
}
