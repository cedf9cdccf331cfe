package editor

import (
	"fmt"
	"testing"

	"jackfield/flow"
)

// flowOf draws steps all at one place and the edges between them, written as "a b".
func flowOf(edges ...string) flow.Flow {
	f := flow.Flow{Name: "test"}
	known := map[flow.StepID]bool{}
	for _, text := range edges {
		var from, to flow.StepID
		n, _ := fmt.Sscan(text, &from, &to)
		for _, id := range []flow.StepID{from, to}[:n] {
			if !known[id] {
				f.Steps = append(f.Steps, flow.Step{ID: id, Uses: "core.map", At: flow.Point{Y: float32(len(known))}})
				known[id] = true
			}
		}
		if n == 2 {
			f.Edges = append(f.Edges, flow.Edge{From: from, To: to})
		}
	}
	return f
}

func (d *Document) places() map[flow.StepID]flow.Point {
	at := map[flow.StepID]flow.Point{}
	for _, s := range d.Flow().Steps {
		at[s.ID] = s.At
	}
	return at
}

func TestTidyPutsEachStepAfterAllThatLeadToIt(t *testing.T) {
	d := New(flowOf("a b", "b c", "a c", "c d", "x c"), testOps)
	d.Tidy()
	at := d.places()
	for id, column := range map[flow.StepID]float32{"a": 0, "b": 1, "c": 2, "d": 3, "x": 1} {
		same(t, "the column of "+string(id), at[id].X/280, column)
	}
	same(t, "the row of a chain", []float32{at["c"].Y, at["d"].Y}, []float32{at["c"].Y, at["c"].Y})
	same(t, "words", d.Undoable(), "tidied the flow")
}

func TestTidyKeepsWhatWasHigherAbove(t *testing.T) {
	f := flowOf("a x", "a y", "a z")
	f.Steps[1].At.Y, f.Steps[2].At.Y, f.Steps[3].At.Y = 300, 100, 200
	d := New(f, testOps)
	d.Tidy()
	at := d.places()
	if !(at["y"].Y < at["z"].Y && at["z"].Y < at["x"].Y) {
		t.Errorf("the order of y, z, x became %v, %v, %v", at["y"].Y, at["z"].Y, at["x"].Y)
	}
	same(t, "the middle is straight", at["z"].Y, at["a"].Y)
}

func TestTidyUncrossesEdges(t *testing.T) {
	f := flowOf("a p", "b q")
	f.Steps[1].At.Y, f.Steps[3].At.Y = 900, 100 // p below q, though a is above b
	f.Edges = append(f.Edges, flow.Edge{From: "a", To: "j"}, flow.Edge{From: "b", To: "j"})
	f.Steps = append(f.Steps, flow.Step{ID: "j", Uses: "core.map"})
	d := New(f, testOps)
	d.Tidy()
	at := d.places()
	if (at["a"].Y < at["b"].Y) != (at["p"].Y < at["q"].Y) {
		t.Errorf("edges cross: %v", at)
	}
}

func TestTidyFollowsTheOrderOfOutlets(t *testing.T) {
	d := empty()
	fork := d.AddStep("core.filter", flow.Point{})
	no := d.AddStep("core.map", flow.Point{X: 300})
	yes := d.AddStep("core.map", flow.Point{X: 300})
	for o, to := range map[flow.Outlet]flow.StepID{"true": yes, "false": no} {
		if err := d.Connect(fork, o, to); err != nil {
			t.Fatal(err)
		}
	}
	d.Tidy()
	at := d.places()
	if at[yes].Y >= at[no].Y {
		t.Errorf("true leads to %v, false to %v", at[yes], at[no])
	}
}

func TestTidyLaysNoCardOnAnother(t *testing.T) {
	for _, c := range []struct {
		name string
		f    flow.Flow
	}{
		{"rows", large(60)},
		{"a star", flowOf("a b", "a c", "a d", "a e", "a f", "b z", "c z", "d z", "e z", "f z")},
		{"parts", flowOf("a b", "c d", "e", "f", "g h", "h i")},
		{"a long edge", flowOf("a b", "b c", "c d", "a d", "a x", "x d")},
		{"a circle by hand", flowOf("a b", "b c", "c a", "c d")},
		{"to itself by hand", flowOf("a a", "a b")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(c.f, testOps)
			d.Tidy()
			for i, a := range d.Cards() {
				for _, b := range d.Cards()[i+1:] {
					if a.Rect.Grown(GridStep / 2).Meets(b.Rect) {
						t.Errorf("%s at %v is too near to %s at %v", a.ID(), a.Rect, b.ID(), b.Rect)
					}
				}
				if a.Rect.X != onGrid(a.Rect.X) || a.Rect.Y != onGrid(a.Rect.Y) {
					t.Errorf("%s at %v is off the grid", a.ID(), a.Rect)
				}
			}
			if d.Tidy() {
				t.Error("what is tidy was tidied again")
			}
		})
	}
}

func TestLongEdgesPassBetweenCards(t *testing.T) {
	d := New(flowOf("a b", "b c", "c d", "a d"), testOps)
	d.Tidy()
	a := d.Arrow(EdgeID{"a", flow.Done, "d"})
	for _, id := range []flow.StepID{"b", "c"} {
		if d.Card(id).Rect.Y == d.Card("a").Rect.Y {
			t.Errorf("%s stands in the way of %v", id, a.Curve)
		}
	}
}

func TestTidySelectionLeavesTheOthers(t *testing.T) {
	d := New(flowOf("a b", "b c", "c d"), testOps)
	d.Move([]flow.StepID{"a"}, -777, 3)
	before := d.places()
	d.Tidy("b", "c", "d")
	at := d.places()
	same(t, "a", at["a"], before["a"])
	same(t, "b to d", at["d"].X-at["b"].X, float32(560))
	same(t, "words", d.Undoable(), "tidied 3 steps")
}

func TestStepsWithoutPlacesAreLaidOutAndNothingIsUnsaved(t *testing.T) {
	f := flow.Flow{
		Steps: []flow.Step{{ID: "a", Uses: "core.manual"}, {ID: "b", Uses: "core.map"}, {ID: "c", Uses: "core.map"}},
		Edges: []flow.Edge{{From: "a", To: "b"}, {From: "b", To: "c"}},
	}
	d := New(f, nil)
	steps := d.Flow().Steps
	if !(steps[0].At.X < steps[1].At.X && steps[1].At.X < steps[2].At.X) {
		t.Errorf("they stand at %v, %v, %v", steps[0].At, steps[1].At, steps[2].At)
	}
	if d.Dirty() {
		t.Error("that counts as a change")
	}
	if f.Steps[1].At != (flow.Point{}) {
		t.Error("the flow that was given has changed")
	}
}
