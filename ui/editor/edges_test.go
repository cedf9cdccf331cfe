package editor

import (
	"testing"

	"jackfield/flow"
)

func TestConnectSaysWhyNot(t *testing.T) {
	d := chain("a", "b", "c")
	start := d.AddStep("core.manual", flow.Point{Y: 200})
	fork := d.AddStep("core.filter", flow.Point{Y: 400})
	d.SetTitle("b", "Bee", noon)
	for _, c := range []struct {
		name   string
		from   flow.StepID
		outlet flow.Outlet
		to     flow.StepID
		want   string
	}{
		{"to itself", "a", flow.Done, "a", "a step cannot lead to itself"},
		{"there already", "a", flow.Done, "b", "this edge is there already"},
		{"a circle of two", "b", flow.Done, "a", "would go round through a, Bee"},
		{"a circle of three", "c", flow.Done, "a", "would go round through a, Bee, c"},
		{"into a trigger", "a", flow.Done, start, "a trigger takes no records"},
		{"no such step", "a", flow.Done, "zzz", "there is no such step"},
		{"no such outlet", "a", "yes", fork, "there is no such outlet"},
		{"failed of a trigger", start, flow.Failed, "a", "there is no such outlet"},
		{"a shortcut", "a", flow.Done, "c", ""},
		{"the same two by another outlet", "a", flow.Failed, "b", ""},
		{"an outlet of its own", fork, "false", "a", ""},
		{"a trigger's", start, flow.Done, "a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := ""
			if err := d.CanConnect(c.from, c.outlet, c.to); err != nil {
				said = err.Error()
			}
			same(t, "the judgement", said, c.want)
			before := len(d.Arrows())
			if err := d.Connect(c.from, c.outlet, c.to); (err == nil) != (c.want == "") {
				t.Errorf("Connect gives %v", err)
			}
			if c.want == "" {
				same(t, "words", d.Undoable(), "wired "+d.label(c.from)+" → "+d.label(c.to))
				d.Undo()
			}
			same(t, "the number of edges", len(d.Arrows()), before)
		})
	}
}

func TestJudgeWorksFromTheOtherEndToo(t *testing.T) {
	d := chain("a", "b", "c")
	j := d.JudgeInto("a", EdgeID{})
	if err := j.To("c", flow.Done); err == nil || err.Error() != "would go round through a, b, c" {
		t.Errorf("c into a: %v", err)
	}
	j = d.JudgeInto("c", EdgeID{})
	if err := j.To("a", flow.Done); err != nil {
		t.Errorf("a into c: %v", err)
	}
	if err := j.To("b", flow.Done); err != errThere {
		t.Errorf("b into c: %v", err)
	}
}

func TestLongCirclesAreToldInShort(t *testing.T) {
	d := chain("a", "b", "c", "d", "e", "f")
	err := d.CanConnect("f", flow.Done, "a")
	same(t, "the judgement", err.Error(), "would go round through a, b, …, f")
}

func TestReconnectKeepsConditionAndPlace(t *testing.T) {
	d := chain("a", "b", "c")
	d.SetWhen(EdgeID{"a", flow.Done, "b"}, ".x", noon)
	if err := d.Reconnect(EdgeID{"a", flow.Done, "b"}, "a", flow.Done, "c"); err != nil {
		t.Fatal(err)
	}
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> c when .x", "b.done -> c"})
	same(t, "the selection", d.SelectedEdges(), []EdgeID{{"a", flow.Done, "c"}})
	if err := d.Reconnect(EdgeID{"a", flow.Done, "c"}, "c", flow.Done, "a"); err != nil {
		t.Errorf("turning an edge round where nothing else leads back: %v", err)
	}
	if err := d.Reconnect(EdgeID{"c", flow.Done, "a"}, "c", flow.Done, "b"); err == nil {
		t.Error("b leads to c, and yet c may lead to b")
	}
}

func TestReconnectToWhereItWasIsNoChange(t *testing.T) {
	d := chain("a", "b")
	if err := d.Reconnect(EdgeID{"a", flow.Done, "b"}, "a", flow.Done, "b"); err != nil {
		t.Fatal(err)
	}
	same(t, "what can be undone", d.Undoable(), "")
}

func TestDisconnectTakesEdgesAway(t *testing.T) {
	d := chain("a", "b", "c")
	d.Disconnect(EdgeID{"a", flow.Done, "b"})
	same(t, "the edges", d.edgeTexts(), []string{"b.done -> c"})
	same(t, "words", d.Undoable(), "unwired a → b")
	d.Undo()
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> b", "b.done -> c"})
}

func TestJoinTakesTheWayThatIsOpen(t *testing.T) {
	d := empty()
	start := d.AddStep("core.manual", flow.Point{})
	fork := d.AddStep("core.filter", flow.Point{X: 300})
	if err := d.Join(fork, start); err != nil {
		t.Fatal(err)
	}
	last := d.AddStep("core.map", flow.Point{X: 600})
	for range 2 {
		if err := d.Join(fork, last); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "the edges", d.edgeTexts(), []string{"manual.done -> filter", "filter.true -> map", "filter.false -> map"})
	if err := d.Join(fork, last); err == nil {
		t.Error("a third edge between two outlets and one step")
	}
}

func TestDeleteTakesTheEdgesToo(t *testing.T) {
	d := chain("a", "b", "c")
	d.Delete("b")
	same(t, "the steps", d.stepIDs(), []flow.StepID{"a", "c"})
	same(t, "the edges", len(d.Arrows()), 0)
	d.Undo()
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> b", "b.done -> c"})
}

func TestDeleteAndHealJoinsWhatIsLeft(t *testing.T) {
	d := chain("a", "b", "c", "d")
	rejects := d.AddStep("core.map", flow.Point{Y: 300})
	if err := d.Connect("c", flow.Failed, rejects); err != nil {
		t.Fatal(err)
	}
	d.SetWhen(EdgeID{"a", flow.Done, "b"}, ".x", noon)
	d.DeleteAndHeal("b", "c")
	same(t, "the steps", d.stepIDs(), []flow.StepID{"a", "d", "map"})
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> d when .x"})
	d.Undo()
	same(t, "the number of edges", len(d.Arrows()), 4)
}

func TestHealDrawsNoEdgeTwice(t *testing.T) {
	d := chain("a", "b", "c")
	if err := d.Connect("a", flow.Done, "c"); err != nil {
		t.Fatal(err)
	}
	d.DeleteAndHeal("b")
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> c"})
}

func TestDeleteSelectionTakesStepsAndEdgesInOneChange(t *testing.T) {
	d := chain("a", "b", "c", "d")
	d.Select("a")
	d.ToggleEdge(EdgeID{"c", flow.Done, "d"})
	d.DeleteSelection(false)
	same(t, "the edges", d.edgeTexts(), []string{"b.done -> c"})
	same(t, "the steps", d.stepIDs(), []flow.StepID{"b", "c", "d"})
	d.Undo()
	same(t, "the selection comes back", d.Selected(), []flow.StepID{"a"})
	same(t, "the selected edge comes back", d.SelectedEdges(), []EdgeID{{"c", flow.Done, "d"}})
	same(t, "the edges", len(d.Arrows()), 3)
}

func TestRenameRewritesWhatMeansTheStep(t *testing.T) {
	d := chain("a", "b", "c")
	d.SetMap("b", `{x: $steps.a.x, y: $steps["a"], z: "a $steps.a \($steps.a.n)", q: $steps.ab} # $steps.a`, noon)
	d.SetWhen(EdgeID{"b", flow.Done, "c"}, `$steps.a != null`, noon)
	d.SetUses("c", "core.switch")
	d.SetField("c", "cases", []any{map[string]any{"name": "big", "when": "$steps.a > 1"}}, noon)
	d.Select("a")
	if err := d.Rename("a", "orders"); err != nil {
		t.Fatal(err)
	}
	b, _ := d.Step("b")
	same(t, "the mapping", b.Map, `{x: $steps.orders.x, y: $steps["orders"], z: "a $steps.a \($steps.orders.n)", q: $steps.ab} # $steps.a`)
	c, _ := d.Step("c")
	same(t, "the cases", c.With["cases"], any([]any{map[string]any{"name": "big", "when": "$steps.orders > 1"}}))
	same(t, "the edges", d.edgeTexts(), []string{"orders.done -> b", "b.done -> c when $steps.orders != null"})
	same(t, "the selection", d.Selected(), []flow.StepID{"orders"})
	d.Undo()
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> b", "b.done -> c when $steps.a != null"})
	same(t, "the selection", d.Selected(), []flow.StepID{"a"})
}

func TestRenameInJQ(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"a field", "$steps.a", "$steps.new"},
		{"a longer name", "$steps.ab.a", "$steps.ab.a"},
		{"quoted", `$steps."a"`, `$steps."new"`},
		{"brackets with room", `$steps[ "a" ].a`, `$steps[ "new" ].a`},
		{"a path below", "$steps.b.a", "$steps.b.a"},
		{"another variable", "$step.a", "$step.a"},
		{"a text", `"$steps.a"`, `"$steps.a"`},
		{"inside a text", `"\($steps.a)"`, `"\($steps.new)"`},
		{"a comment", "1 # $steps.a", "1 # $steps.a"},
		{"twice", "$steps.a + $steps.a", "$steps.new + $steps.new"},
		{"broken jq", "{x: $steps.a", "{x: $steps.new"},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, "the jq", renameInJQ(c.src, "a", "new"), c.want) })
	}
}

func TestRenameRefusesBadAndTakenIDs(t *testing.T) {
	d := chain("a", "b")
	for _, id := range []flow.StepID{"b", "", "A", "1a", "a-b", "a b"} {
		if err := d.Rename("a", id); err == nil {
			t.Errorf("a may be called %q", id)
		}
	}
	if err := d.Rename("a", "a"); err != nil {
		t.Errorf("its own name: %v", err)
	}
	same(t, "what can be undone", d.Undoable(), "")
}

func TestSpliceMakesJustEnoughRoom(t *testing.T) {
	d := chain("a", "b", "c")
	d.SetWhen(EdgeID{"a", flow.Done, "b"}, ".x", noon)
	id, err := d.SpliceNew(EdgeID{"a", flow.Done, "b"}, "core.filter", flow.Point{X: 140})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> filter when .x", "b.done -> c", "filter.true -> b"})
	same(t, "a", d.Card("a").Rect.X, float32(0))
	same(t, "the new step", d.Card(id).Rect.X, float32(280))
	same(t, "b", d.Card("b").Rect.X, float32(560))
	same(t, "c", d.Card("c").Rect.X, float32(840))
	d.Undo()
	same(t, "b", d.Card("b").Rect.X, float32(280))
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> b when .x", "b.done -> c"})
}

func TestSpliceLeavesStepsWhereThereIsRoom(t *testing.T) {
	d := chain("a", "b")
	d.Move([]flow.StepID{"b"}, 400, 0)
	if _, err := d.SpliceNew(EdgeID{"a", flow.Done, "b"}, "core.map", flow.Point{X: 340}); err != nil {
		t.Fatal(err)
	}
	same(t, "b", d.Card("b").Rect.X, float32(680))
}

func TestSpliceTakesAStepThatStandsAlone(t *testing.T) {
	d := chain("a", "b")
	id := d.AddStep("core.map", flow.Point{X: 100, Y: 300})
	if err := d.Splice(EdgeID{"a", flow.Done, "b"}, id, flow.Point{X: 280, Y: 0}); err != nil {
		t.Fatal(err)
	}
	same(t, "the edges", d.edgeTexts(), []string{"a.done -> map", "map.done -> b"})
	if err := d.Splice(EdgeID{"a", flow.Done, "map"}, "b", flow.Point{}); err == nil {
		t.Error("a step with edges was put into another")
	}
	trigger := d.AddStep("core.manual", flow.Point{Y: 600})
	if err := d.Splice(EdgeID{"a", flow.Done, "map"}, trigger, flow.Point{}); err == nil {
		t.Error("a trigger was put into an edge")
	}
}
