package kittest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// Sifts holds what a source gives of a table by a filter to what the filter picks of all
// its rows, for random filters over its columns and these literals. pushed is how many of
// them at least the service is to do some part of.
func Sifts(t *testing.T, d *Desk, with flow.Values, literals []string, pushed int) {
	t.Helper()
	all, _ := d.Read("read", with, nil)
	_, types, err := d.Bind("read", with).(kit.Describer).Describe(t.Context(), d.Env)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range types.Properties {
		names = append(names, p.Name)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	parts := 0
	for range 300 {
		text := randomFilter(rnd, names, literals, 2)
		f, err := filter.Parse(text)
		for err != nil { // a truth goes with few comparisons
			text = randomFilter(rnd, names, literals, 2)
			f, err = filter.Parse(text)
		}
		want := []any{}
		match := f.Matcher(types)
		for _, row := range all {
			if match.Match(row) {
				want = append(want, row)
			}
		}
		settings := flow.Values{"filter": text}
		for name, v := range with {
			settings[name] = v
		}
		before := strings.Count(d.Log(), "all of it is filtered here")
		got, _ := d.Read("read", settings, nil)
		if strings.Count(d.Log(), "all of it is filtered here") == before {
			parts++
		}
		if JSON(append([]any{}, got...)) != JSON(want) {
			t.Errorf("%s\ngives %d rows, want %d\n%s\n%s", text, len(got), len(want), JSON(got), JSON(want))
		}
	}
	if parts < pushed {
		t.Errorf("of 300 filters the service did a part of %d, want %d", parts, pushed)
	}
}

func randomFilter(rnd *rand.Rand, names, literals []string, deep int) string {
	if deep > 0 && rnd.IntN(2) == 0 {
		one, other := randomFilter(rnd, names, literals, deep-1), randomFilter(rnd, names, literals, deep-1)
		return []string{"(" + one + ") and (" + other + ")", "(" + one + ") or (" + other + ")", "not (" + one + ")"}[rnd.IntN(3)]
	}
	name, pick := filter.Name(names[rnd.IntN(len(names))]), func() string { return literals[rnd.IntN(len(literals))] }
	switch op := []string{"=", "!=", ">", ">=", "<", "<=", "contains", "between", "in", "null"}[rnd.IntN(10)]; op {
	case "null":
		return name + " = null"
	case "contains":
		return name + " contains '" + strings.Trim(pick(), "'") + "'"
	case "between":
		return fmt.Sprintf("%s between %s and %s", name, pick(), pick())
	case "in":
		return fmt.Sprintf("%s in (%s, %s)", name, pick(), pick())
	default:
		return name + " " + op + " " + pick()
	}
}
