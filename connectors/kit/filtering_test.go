package kit_test

import (
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

func TestAFilterFieldKeepsItsTextAndSaysWhereItIsWrong(t *testing.T) {
	var f filter.Filter
	fields := kit.Fields{kit.Filter(&f, "where", "Where")}
	const text = "status='open'  AND total > 5"
	if problems := fields.Bind("s", flow.Values{"where": text}); len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := fields[0].Get(); got != text {
		t.Errorf("it holds %q", got)
	}
	if got := filter.Print(f); got != "status = 'open' and total > 5" {
		t.Errorf("it is bound to %s", got)
	}
	problems := fields.Bind("s", flow.Values{"where": "status = 'open'\nand total == 5"})
	if len(problems) != 1 || problems[0].Field != "where" || problems[0].Line != 2 || problems[0].Column != 12 || problems[0].Fix != "write =" {
		t.Errorf("got %+v", problems)
	}
	if problems := fields.Bind("s", flow.Values{"where": " \n"}); len(problems) > 0 || !f.Empty() {
		t.Errorf("emptied it is %s, %v", f, problems)
	}
	if problems := fields.Bind("s", flow.Values{"where": []any{1}}); len(problems) != 1 {
		t.Errorf("a list is taken: %v", problems)
	}
	preset := filter.Filter{Limit: 5}
	if got := kit.Filter(&preset, "where", "Where").Get(); got != "limit 5" {
		t.Errorf("its default is %q", got)
	}
	if s := fields.Schema().Properties[0].Schema; s.Format != "filter" {
		t.Errorf("its schema is %+v", s)
	}
}

func TestAnEntitySaysWhatItFilters(t *testing.T) {
	e := kit.Entity{Fields: []kit.EntityField{
		{Name: "status", Title: "Status", Schema: flow.Of(flow.String), Filter: []filter.Operator{filter.Equal}},
		{Name: "created", Schema: flow.Schema{Types: []flow.Kind{flow.Null, flow.String}, Format: "date-time"}},
	}}
	f, err := filter.Parse("status = 'x' and created > 2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.CheckFilter(f, "where"); err != nil {
		t.Error(err)
	}
	pushed, rest := filter.Split(f, e.Able(filter.Able{And: true}))
	if pushed.String() != "status = 'x'" || rest.String() != "created > 2024-01-01" {
		t.Errorf("pushed %s, rest %s", pushed, rest)
	}
	choices := e.FilterChoices()
	if choices[0] != (kit.Choice{Value: "status", Label: "Status", Type: "string"}) || choices[1] != (kit.Choice{Value: "created", Label: "created", Type: "date-time"}) {
		t.Errorf("it offers %v", choices)
	}
	wrong, err := filter.Parse("status = 'x' and craeted > 2024-01-01")
	if err != nil {
		t.Fatal(err)
	}
	failure := kit.AsFailure(e.CheckFilter(wrong, "where"))
	if failure.Field != "where" || !strings.Contains(failure.What, `line 1, column 18: there is no field "craeted"`) || failure.Fix != "did you mean created?" {
		t.Errorf("got %+v", failure)
	}
}

func TestTheStepSaysWhoFiltersWhat(t *testing.T) {
	f := func(s string) filter.Filter {
		if s == "" {
			return filter.Filter{}
		}
		f, err := filter.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	var said []string
	env := kit.Env{Write: func(l flow.LogLine) { said = append(said, l.Text) }}
	kit.TellFilter(env, "Shop", f("a = 1"), f("b = 2"))
	kit.TellFilter(env, "Shop", f("a = 1"), f(""))
	kit.TellFilter(env, "Shop", f(""), f("b = 2"))
	kit.TellFilter(env, "Shop", f(""), f(""))
	want := "Shop filters a = 1; what it gives is filtered here by b = 2|Shop filters all of it: a = 1|all of it is filtered here, Shop filters nothing of it: b = 2"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("it says\n%s", got)
	}
}
