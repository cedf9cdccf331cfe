package kittest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"jackfield/flow"
	"jackfield/flow/filter"
)

// Filters asks a database for random filters, and compares its rows with those that the
// filter picks of all rows.
type Filters struct {
	SQL    filter.SQL
	Types  flow.Schema         // of the rows
	Values map[string][]string // what the fields are compared with, as it stands in a filter
	// Rows are those for which a condition in SQL holds, "" being all, in the order of
	// their member "id".
	Rows  func(where string, args []any) []any
	Count int // how many filters
}

// Prove does it.
func (p Filters) Prove(t *testing.T) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(11, 12))
	everything, whole, parts := p.Rows("", []any{}), 0, 0
	for range p.Count {
		f, err := filter.Parse(p.random(rnd, 3))
		if err != nil {
			t.Fatal(err)
		}
		pushed, rest := p.SQL.Split(f)
		where, args, err := p.SQL.Where(pushed.Where)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		got, want := p.picked(rest, p.Rows(where, settable(args))), p.picked(f, everything)
		if got != want {
			t.Fatalf("%s\nas %s %v, then %s\ngives %s\n want %s", f, where, args, rest, got, want)
		}
		switch {
		case rest.Empty():
			whole++
		case where != "":
			parts++
		}
	}
	if whole < p.Count/6 || parts < p.Count/20 {
		t.Errorf("of %d filters only %d went to the database whole, and %d in part", p.Count, whole, parts)
	}
}

// settable makes the parameters into values as a step's settings have them.
func settable(args []any) []any {
	list := make([]any, len(args))
	for i, a := range args {
		if n, ok := a.(int64); ok {
			a = int(n)
		}
		list[i] = a
	}
	return list
}

// picked lists the ids of the rows that a filter picks.
func (p Filters) picked(f filter.Filter, rows []any) string {
	ids := []any{}
	m := f.Matcher(p.Types)
	for _, r := range rows {
		if m.Match(r) {
			ids = append(ids, r.(map[string]any)["id"])
		}
	}
	return JSON(ids)
}

// random writes a filter.
func (p Filters) random(rnd *rand.Rand, depth int) string {
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	if depth > 0 {
		a, b := p.random(rnd, depth-1), p.random(rnd, depth-1)
		switch rnd.IntN(5) {
		case 0:
			return "(" + a + " and " + b + ")"
		case 1:
			return "(" + a + " or " + b + ")"
		case 2:
			return "not (" + a + ")"
		}
	}
	field := pick(slices.Sorted(maps.Keys(p.Values)))
	name := filter.Name(field)
	if p.SQL.Columns[field].Kind == filter.BoolColumn {
		return name + pick([]string{"", " = true", " != true", " = false", " = null", " != null"})
	}
	value := func() string {
		if rnd.IntN(10) == 0 {
			return "null"
		}
		return pick(p.Values[field])
	}
	switch op := filter.Operators()[rnd.IntN(len(filter.Operators()))]; op {
	case filter.Between:
		return name + " between " + value() + " and " + value()
	case filter.In:
		return name + " in (" + value() + ", " + value() + ")"
	default:
		return name + " " + string(op) + " " + value()
	}
}
