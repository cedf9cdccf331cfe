package editor

import (
	"strings"
	"testing"

	"jackfield/flow"
)

func TestCopiedStepsArePastedWithTheirEdges(t *testing.T) {
	d := chain("a", "b", "c")
	d.SetMap("b", "$steps.a.x", noon)
	d.SetWhen(EdgeID{"a", flow.Done, "b"}, "$steps.a", noon)
	d.Select("b", "a")
	text, ok := d.Copy()
	if !ok {
		t.Fatal("nothing was copied")
	}
	other := chain("a")
	ids, err := other.Paste(text, flow.Point{X: 1000, Y: 500})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the ids", ids, []flow.StepID{"a_2", "b"})
	same(t, "the selection", other.Selected(), ids)
	same(t, "the edges", other.edgeTexts(), []string{"a_2.done -> b when $steps.a_2"})
	b, _ := other.Step("b")
	same(t, "its jq", b.Map, "$steps.a_2.x")
	box := other.Card("a_2").Rect.With(other.Card("b").Rect)
	same(t, "the middle", box.Centre(), flow.Point{X: 1000, Y: 492})
	other.Undo()
	same(t, "the steps", other.stepIDs(), []flow.StepID{"a"})
}

func TestIDsOfAPasteAreNeverMixedUp(t *testing.T) {
	from := chain("read", "read_2")
	from.SetMap("read_2", "$steps.read", noon)
	from.SelectAll()
	text, _ := from.Copy()
	d := chain("read")
	if _, err := d.Paste(text, flow.Point{}); err != nil {
		t.Fatal(err)
	}
	same(t, "the edges", d.edgeTexts(), []string{"read_2.done -> read_3"})
	s, _ := d.Step("read_3")
	same(t, "its jq", s.Map, "$steps.read_2")
}

func TestPastingTwiceLaysNoCopyOnAnother(t *testing.T) {
	d := chain("a")
	d.Select("a")
	text, _ := d.Copy()
	for range 3 {
		if _, err := d.Paste(text, flow.Point{X: 500, Y: 500}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[Rect]bool{}
	for _, c := range d.Cards() {
		if seen[c.Rect] {
			t.Errorf("two cards at %v", c.Rect)
		}
		seen[c.Rect] = true
	}
}

func TestPasteSaysWhyNot(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", " \n", "the text"},
		{"prose", "hello there", "the text is not a flow"},
		{"a flow without steps", "jackfield: 1\nname: x\n", "no steps"},
		{"steps that go round", "jackfield: 1\nname: x\nsteps:\n  - {id: a, uses: core.map}\n  - {id: b, uses: core.map}\nedges:\n  - a -> b\n  - b -> a\n", "go round"},
		{"an edge into a trigger", "jackfield: 1\nname: x\nsteps:\n  - {id: a, uses: core.map}\n  - {id: b, uses: core.manual}\nedges:\n  - a -> b\n", "a trigger takes no records"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := empty()
			if _, err := d.Paste(c.text, flow.Point{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v", err)
			}
			same(t, "the steps", d.Len(), 0)
		})
	}
}

func TestCutTakesStepsAwayInOneChange(t *testing.T) {
	d := chain("a", "b")
	d.Select("a")
	if _, ok := d.Cut(); !ok {
		t.Fatal("nothing was cut")
	}
	same(t, "the steps", d.stepIDs(), []flow.StepID{"b"})
	d.Undo()
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> b"})
	d.SelectNone()
	if _, ok := d.Cut(); ok {
		t.Error("nothing is selected, and yet something was cut")
	}
}

func TestDuplicateCopiesWhatIsSelected(t *testing.T) {
	d := chain("read", "b", "c")
	d.Select("read", "b")
	duplicate := func() {
		t.Helper()
		if _, err := d.Duplicate(); err != nil {
			t.Fatal(err)
		}
	}
	duplicate()
	same(t, "the edges", d.edgeTexts(), []string{"read.done -> b", "b.done -> c", "read_2.done -> b_2"})
	same(t, "words", d.Undoable(), "duplicated 2 steps")
	duplicate()
	same(t, "the selection", d.Selected(), []flow.StepID{"read_3", "b_3"})
}
