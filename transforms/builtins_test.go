package transforms

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/itchyny/gojq"
)

func TestBuiltinsAreThoseOfTheLibraryAndThePrelude(t *testing.T) {
	want := []string{}
	for _, f := range libraryBuiltins(t) {
		if _, shut := closedFunctions[f]; !shut {
			want = append(want, f)
		}
	}
	q, err := gojq.Parse(prelude)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range q.FuncDefs {
		if d.Name[0] != '_' {
			want = append(want, d.Name+"/"+strconv.Itoa(len(d.Args)))
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	got := []string{}
	for _, b := range Builtins() {
		got = append(got, b.Name+"/"+strconv.Itoa(b.Arity))
		if b.Summary == "" || b.Signature == "" {
			t.Errorf("%s has no summary or signature", b.Name)
		}
	}
	slices.Sort(got)
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("missing %s", f)
		}
	}
	for _, f := range got {
		if !slices.Contains(want, f) {
			t.Errorf("%s does not exist", f)
		}
	}
}

func libraryBuiltins(t *testing.T) []string {
	q, err := gojq.Parse("builtins")
	if err != nil {
		t.Fatal(err)
	}
	v, _ := q.Run(nil).Next()
	var out []string
	for _, f := range v.([]any) {
		out = append(out, f.(string))
	}
	return out
}

func TestExamplesOfBuiltinsRun(t *testing.T) {
	for _, b := range Builtins() {
		p, err := Compile(b.Example)
		if err != nil {
			t.Errorf("%s: %s: %v", b.Name, b.Example, err)
			continue
		}
		v, err := p.One(context.Background(), nil, Vars{})
		if err != nil && b.Name != "empty" {
			t.Errorf("%s: %s: %v", b.Name, b.Example, err)
		}
		if s := newScope(p.tree); !slices.ContainsFunc(s.uses, func(u use) bool { return u.name == b.Name && u.arity == b.Arity }) {
			t.Errorf("%s/%d: the example %s does not use it", b.Name, b.Arity, b.Example)
		}
		_ = v
	}
}
