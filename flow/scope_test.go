package flow

import (
	"reflect"
	"testing"
)

func TestScopesAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{
			"no such container", "steps:\n  - {id: a, uses: core.map, in: lop}\n  - {id: loop, uses: core.each}\n",
			`step "a", field "in": there is no step "lop" to be in; did you mean "loop"?`,
		},
		{
			"in itself", "steps:\n  - {id: a, uses: core.each, in: a}\n",
			`step "a", field "in": steps would be in themselves: a → a; take one of them out of the other`,
		},
		{
			"in each other", "steps:\n  - {id: a, uses: core.each, in: b}\n  - {id: b, uses: core.each, in: a}\n  - {id: c, uses: core.map, in: b}\n",
			`step "a", field "in": steps would be in themselves: a → b → a; take one of them out of the other`,
		},
		{
			"into", "steps:\n  - {id: loop, uses: core.each}\n  - {id: a, uses: core.map, in: loop}\nedges: [loop -> a]\n",
			`edge "loop -> a": the edge leads from "loop" to a step inside it; remove it; the items come to the first steps inside by themselves`,
		},
		{
			"out of", "steps:\n  - {id: loop, uses: core.each}\n  - {id: a, uses: core.map, in: loop}\nedges: [a.failed -> loop]\n",
			`edge "a.failed -> loop": the edge leads from inside "loop" to it; remove it; what leaves the last steps inside is collected by itself`,
		},
		{
			"across", "steps:\n  - {id: loop, uses: core.each}\n  - {id: a, uses: core.map, in: loop}\n  - {id: b, uses: core.map}\nedges: [a -> b]\n",
			`edge "a -> b": the edge leads from inside "loop" to outside; edges stay inside: let the container itself lead on, or put both steps into the same one`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := ReadFile([]byte("jackfield: 1\nname: Scopes\n"+tt.file), "f")
			for _, p := range append(problems, f.Structure()...) {
				if p.File = ""; p.Line > 0 {
					p.Line, p.Column = 0, 0
				}
				if p.Error() == tt.want {
					return
				}
			}
			t.Errorf("problems %v\nwant %s", f.Structure(), tt.want)
		})
	}
}

func TestAroundAndInside(t *testing.T) {
	f, problems := ReadFile([]byte("jackfield: 1\nname: Scopes\nsteps:\n  - {id: a, uses: core.each}\n  - {id: b, uses: core.each, in: a}\n  - {id: c, uses: core.map, in: b}\n  - {id: d, uses: core.map}\n"), "f")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := f.Around("c"); !reflect.DeepEqual(got, []StepID{"b", "a"}) {
		t.Errorf("around c: %v", got)
	}
	if got := f.Inside("a"); !reflect.DeepEqual(got, []StepID{"b", "c"}) {
		t.Errorf("inside a: %v", got)
	}
	if got := f.Inside("d"); got != nil {
		t.Errorf("inside d: %v", got)
	}
}

func TestCopiedStepsStayInTheirContainer(t *testing.T) {
	f := Flow{Name: "F", Steps: []Step{{ID: "loop", Uses: "core.each"}, {ID: "a", Uses: "core.map", In: "loop", Map: "$loops.loop.index"}}}
	g, added, err := Paste(f, Copy(f, []StepID{"loop", "a"}), Point{})
	if err != nil || len(added) != 2 {
		t.Fatal(added, err)
	}
	if s, _ := g.Step("a_2"); s.In != "loop_2" || s.Map != "$loops.loop_2.index" {
		t.Errorf("%+v", s)
	}
	g, _, err = Paste(f, Copy(f, []StepID{"a"}), Point{})
	if s, _ := g.Step("a_2"); err != nil || s.In != "" {
		t.Errorf("%+v, %v", s, err)
	}
}
