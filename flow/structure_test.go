package flow

import (
	"fmt"
	"strings"
	"testing"
)

// steps makes a flow of steps with these ids and edges like "a.failed -> b".
func drawn(ids string, edges ...string) *Flow {
	f := &Flow{Name: "test"}
	for _, id := range strings.Fields(ids) {
		f.Steps = append(f.Steps, Step{ID: StepID(id), Uses: "core.map"})
	}
	for _, text := range edges {
		from, to, _ := strings.Cut(text, " -> ")
		from, outlet, _ := strings.Cut(from, ".")
		f.Edges = append(f.Edges, Edge{From: StepID(from), Outlet: Outlet(outlet), To: StepID(to)})
	}
	return f
}

func TestStructureTellsWhatDoesNotFit(t *testing.T) {
	long := strings.Repeat("x", 65)
	tests := []struct {
		name string
		flow *Flow
		want []string
	}{
		{name: "all well", flow: drawn("a b c", "a -> b", "a.failed -> c", "b -> c")},
		{name: "a diamond is no loop", flow: drawn("a b c d", "a -> b", "a -> c", "b -> d", "c -> d")},
		{name: "no name", flow: &Flow{Steps: []Step{{ID: "a", Uses: "x.y"}}}, want: []string{`field "name": the flow has no name; give it one that says what it is for`}},
		{name: "no steps", flow: &Flow{Name: "x"}, want: []string{`field "steps": the flow has no steps; add one`}},
		{name: "no operation", flow: &Flow{Name: "x", Steps: []Step{{ID: "a"}}}, want: []string{`step "a", field "uses": the step does not say what it does`}},
		{name: "no id", flow: &Flow{Name: "x", Steps: []Step{{Uses: "x.y"}}}, want: []string{`field "steps[0].id": the step at place 1 has no id; an id has`}},
		{name: "bad ids", flow: drawn("A 1 _a a-b ä a_1 " + long), want: []string{
			`step "A", field "id": "A" cannot be the id of a step; an id has a-z`, `"1" cannot`, `"_a" cannot`, `"a-b" cannot`, `"ä" cannot`, `x" cannot`,
		}},
		{name: "ids twice", flow: drawn("a b a a"), want: []string{`step "a", field "id": there is a step "a" already`, `there is a step "a" already`}},
		{name: "edge to nowhere", flow: drawn("orders push", "orders -> pusch"), want: []string{`edge "orders -> pusch": there is no step "pusch"; did you mean "push"?`}},
		{name: "edge from nowhere", flow: drawn("a b", "qwertz.failed -> b"), want: []string{`edge "qwertz.failed -> b": there is no step "qwertz"; add the step or remove the edge`}},
		{name: "bad outlet", flow: drawn("a b", "a.No! -> b"), want: []string{`"No!" cannot be the name of an outlet`}},
		{name: "edge twice", flow: drawn("a b", "a -> b", "a.done -> b", "a.failed -> b"), want: []string{`edge "a -> b": the same edge is there twice`}},
		{name: "loop", flow: drawn("x a b c y", "x -> a", "a -> b", "b -> c", "c -> a", "c -> y"), want: []string{`step "a": records would go round: a → b → c → a; remove one of these edges`}},
		{name: "itself", flow: drawn("a", "a.failed -> a"), want: []string{`records would go round: a → a`}},
		{name: "two loops", flow: drawn("a b c d", "a -> b", "b -> a", "b -> c", "c -> d", "d -> c"), want: []string{`a → b → a`, `c → d → c`}},
		{name: "loops that share a step are told once", flow: drawn("a b c", "a -> b", "b -> a", "b -> c", "c -> b"), want: []string{`a → b → a`}},
		{name: "behind a loop is not in it", flow: drawn("z a b", "a -> b", "b -> a", "b -> z"), want: []string{`a → b → a`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantProblems(t, tt.flow.Structure(), tt.want) })
	}
}

// wantProblems wants one problem for each text, in order, that contains it.
func wantProblems(t *testing.T, got []Problem, want []string) {
	t.Helper()
	for i, p := range got {
		if i >= len(want) || !strings.Contains(p.Error(), want[i]) {
			t.Errorf("problem %d: %s", i, p.Error())
		}
		if p.Code == "" {
			t.Errorf("problem %d has no code: %s", i, p.Error())
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d: %q", len(got), len(want), want)
	}
}

func TestALongLoopIsCutShort(t *testing.T) {
	f := &Flow{Name: "x"}
	for i := range 1000 {
		f.Steps = append(f.Steps, Step{ID: StepID(fmt.Sprintf("s%d", i)), Uses: "core.map"})
		f.Edges = append(f.Edges, Edge{From: StepID(fmt.Sprintf("s%d", i)), To: StepID(fmt.Sprintf("s%d", (i+1)%1000))})
	}
	wantProblems(t, f.Structure(), []string{"s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → s8 → s9 → s10 → … → s0"})
}

func TestUnreachedNamesStepsWithoutATriggerBeforeThem(t *testing.T) {
	f := drawn("start a b lost behind", "start -> a", "a.failed -> b", "lost -> behind")
	trigger := func(op OpID) bool { return op == "core.schedule" }
	if got := f.Unreached(trigger); got != nil {
		t.Errorf("without a trigger there are %v", got)
	}
	f.Steps[0].Uses = "core.schedule"
	wantProblems(t, f.Unreached(trigger), []string{`step "lost": no edge leads here`, `step "behind": no edge leads here`})
}

func TestEdgesReadAsInTheFile(t *testing.T) {
	for want, e := range map[string]Edge{
		"a -> b":        {From: "a", To: "b", When: ".x"},
		"a.failed -> b": {From: "a", Outlet: Failed, To: "b"},
	} {
		if e.String() != want {
			t.Errorf("got %q, want %q", e, want)
		}
	}
	if (Edge{From: "a", Outlet: Done, To: "b"}).String() != "a -> b" {
		t.Error("the outlet done is not left out")
	}
}
