package filter

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/flow/value"
)

func mustParse(t testing.TB, src string) Filter {
	t.Helper()
	f, err := Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return f
}

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := value.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func orNull(kind flow.Kind, format string) flow.Schema {
	return flow.Schema{Types: []flow.Kind{kind, flow.Null}, Format: format}
}

func TestMatch(t *testing.T) {
	types := flow.ObjectOf(
		flow.Property{Name: "n", Schema: orNull(flow.Number, "")},
		flow.Property{Name: "b", Schema: orNull(flow.Boolean, "")},
		flow.Property{Name: "s", Schema: orNull(flow.String, "")},
		flow.Property{Name: "d", Schema: orNull(flow.String, "date")},
		flow.Property{Name: "t", Schema: orNull(flow.String, "date-time")},
		flow.Property{Name: "dec", Schema: orNull(flow.String, "decimal")},
		flow.Property{Name: "dates", Schema: flow.ListOf(orNull(flow.String, "date"))},
	)
	tests := []struct {
		name, src, record string
		want              bool
	}{
		{"number", `n > 100`, `{"n":100.5}`, true},
		{"number, equal by value", `n = 1.0`, `{"n":1}`, true},
		{"big number", `n = 123456789012345678901234567890`, `{"n":123456789012345678901234567890}`, true},
		{"big number is not the next", `n = 123456789012345678901234567890`, `{"n":123456789012345678901234567891}`, false},
		{"int beyond floats", `n = 9007199254740993`, `{"n":9007199254740992}`, false},
		{"fraction as jq reads it", `n = 0.1`, `{"n":0.1}`, true},
		{"number in quotes", `n = '12'`, `{"n":12}`, true},
		{"a text in a column of numbers is none", `n = 12`, `{"n":"12"}`, false},
		{"decimal beyond floats", `dec > 0.10000000000000000001`, `{"dec":"0.10000000000000000002"}`, true},
		{"decimal by value", `dec = 0012.50`, `{"dec":"12.5"}`, true},
		{"decimal with exponent", `dec = 1200`, `{"dec":"1.2e3"}`, true},
		{"decimal, negative", `dec < -2`, `{"dec":"-10"}`, true},
		{"decimal in quotes", `dec in ('12.50')`, `{"dec":"12.5"}`, true},
		{"number as text, no type", `x > 9`, `{"x":"10"}`, true},
		{"text that is no number", `x > 9`, `{"x":"ten"}`, false},
		{"text that is no number is unequal", `x != 9`, `{"x":"ten"}`, true},
		{"true", `b = true`, `{"b":true}`, true},
		{"true as 1", `b = true`, `{"b":1}`, true},
		{"2 is neither true nor false", `b = true or b = false`, `{"b":2}`, false},
		{"true as text, no type", `x = true`, `{"x":"true"}`, true},
		{"true as text in quotes", `x = 'true'`, `{"x":true}`, true},
		{"alone", `b`, `{"b":true}`, true},
		{"alone and false", `b`, `{"b":false}`, false},
		{"alone and missing", `not b`, `{}`, true},
		{"case counts", `s = 'open'`, `{"s":"Open"}`, false},
		{"texts by code points", `s > 'Z'`, `{"s":"a"}`, true},
		{"texts beyond 16 bits", `s > '￿'`, `{"s":"😀"}`, true},
		{"contains", `s contains 'ann'`, `{"s":"Joanna"}`, true},
		{"contains, case counts", `s contains 'Ann'`, `{"s":"Joanna"}`, false},
		{"contains nothing", `s contains ''`, `{"s":""}`, true},
		{"contains in a list", `x contains 'b'`, `{"x":["a","b"]}`, true},
		{"contains in a list, whole members", `x contains 'b'`, `{"x":["abc"]}`, false},
		{"contains a number", `x contains 2`, `{"x":[1,2.0]}`, true},
		{"contains a date", `dates contains '2024-05-01'`, `{"dates":["2024-05-01T00:00:00Z"]}`, true},
		{"contains a key", `x contains 'k'`, `{"x":{"k":1}}`, true},
		{"contains a value", `x contains 'v'`, `{"x":{"k":"v"}}`, true},
		{"contains null", `x contains null`, `{"x":[null]}`, false},
		{"date", `d >= 2024-05-01`, `{"d":"2024-05-01"}`, true},
		{"date is midnight", `t = 2024-05-01`, `{"t":"2024-05-01T00:00:00Z"}`, true},
		{"instants, not texts", `t = 2024-05-01T10:00:00Z`, `{"t":"2024-05-01T12:00:00.000+02:00"}`, true},
		{"zone without colon", `t = 2024-05-01T10:00:00Z`, `{"t":"2024-05-01T12:00:00+0200"}`, true},
		{"no zone is UTC", `t = 2024-05-01T10:00:00Z`, `{"t":"2024-05-01 10:00"}`, true},
		{"fractions of any length", `t > 2024-05-01T10:00:00.0000000000001Z`, `{"t":"2024-05-01T10:00:00.0000000000002Z"}`, true},
		{"fractions by value", `t = 2024-05-01T10:00:00.50Z`, `{"t":"2024-05-01T10:00:00.5Z"}`, true},
		{"hour 24", `t = 2024-05-01T24:00:00Z`, `{"t":"2024-05-02T00:00:00Z"}`, true},
		{"date in quotes by type", `t >= '2024-05-01'`, `{"t":"2024-05-01T00:00:00Z"}`, true},
		{"date in quotes without type is a text", `x >= '2024-05-01'`, `{"x":"2024-05-01T00:00:00Z"}`, true},
		{"no date", `d != 2024-05-01`, `{"d":"soon"}`, true},
		{"a number is no date", `d > 2024-05-01`, `{"d":1}`, false},
		{"between is inclusive", `n between 1 and 2`, `{"n":2}`, true},
		{"between the wrong way round", `n between 2 and 1`, `{"n":1}`, false},
		{"in", `s in ('a', 'b')`, `{"s":"b"}`, true},
		{"in, with null", `s in ('a', null)`, `{}`, true},
		{"in, mixed", `x in ('a', 5)`, `{"x":5}`, true},
		{"not in", `not s in ('a', 'b')`, `{"s":"c"}`, true},
		{"null", `s = null`, `{"s":null}`, true},
		{"missing is null", `s = null`, `{}`, true},
		{"not null", `s != null`, `{"s":""}`, true},
		{"null is not unequal", `s != 'x'`, `{"s":null}`, false},
		{"null is not equal, and not says so", `not s = 'x'`, `{"s":null}`, true},
		{"nothing is greater than null", `n > null`, `{"n":1}`, false},
		{"null is not less", `n < 1`, `{"n":null}`, false},
		{"false is no order", `b >= 'true'`, `{"b":true}`, false},
		{"list is unequal", `x != 'a'`, `{"x":["a"]}`, true},
		{"path", `a.b-c.d = 1`, `{"a":{"b-c":{"d":1}}}`, true},
		{"a name with dots goes first", `a.b = 1`, `{"a.b":1,"a":{"b":2}}`, true},
		{"a name with dots inside", `a.b.c = 1`, `{"a":{"b.c":1}}`, true},
		{"path through no object", `a.b = null`, `{"a":5}`, true},
		{"name in backquotes", "`due date` = 'x'", `{"due date":"x"}`, true},
		{"no object", `a = null`, `5`, true},
		{"constant", `'x'`, `{}`, true},
		{"null alone", `null`, `{}`, false},
		{"and, or", `n = 1 or n = 2 and s = 'x'`, `{"n":1}`, true},
		{"brackets", `(n = 1 or n = 2) and s = 'x'`, `{"n":1}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustParse(t, tt.src).Matcher(types).Match(decode(t, tt.record)); got != tt.want {
				t.Errorf("%s of %s is %v", tt.src, tt.record, got)
			}
		})
	}
}

func TestNaNIsNull(t *testing.T) {
	r := map[string]any{"n": math.NaN()}
	for src, want := range map[string]bool{`n = null`: true, `n != 1`: false, `n < 1`: false, `n = 1`: false} {
		if got := mustParse(t, src).Matcher(flow.Any()).Match(r); got != want {
			t.Errorf("%s is %v", src, got)
		}
	}
}

func TestTakeCountsToTheLimit(t *testing.T) {
	m := mustParse(t, `n > 1 limit 2`).Matcher(flow.Any())
	var got []bool
	for _, n := range []int{2, 1, 3, 4} {
		wanted, more := m.Take(map[string]any{"n": n})
		got = append(got, wanted, more)
	}
	want := []bool{true, true, false, true, true, false, false, false}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// The rules of logic hold, because a condition is never unknown.
func TestLogicHolds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	types := randomTypes()
	for range 20_000 {
		a, b := randomExpr(rnd, 2), randomExpr(rnd, 2)
		r := randomRecord(rnd)
		is := func(x Expr) bool { return Filter{Where: x}.Matcher(types).Match(r) }
		for name, pair := range map[string][2]Expr{
			"not (a and b)":  {Not{And{a, b}}, Or{Not{a}, Not{b}}},
			"not (a or b)":   {Not{Or{a, b}}, And{Not{a}, Not{b}}},
			"not not a":      {Not{Not{a}}, a},
			"a and b":        {And{a, b}, And{b, a}},
			"a and (a or b)": {And{a, Or{a, b}}, a},
			"a or not a":     {Or{a, Not{a}}, Constant{Value: Text("")}},
		} {
			if is(pair[0]) != is(pair[1]) {
				t.Fatalf("%s: %s and %s differ on %v", name, Print(Filter{Where: pair[0]}), Print(Filter{Where: pair[1]}), r)
			}
		}
	}
}

// Comparisons hang together as they do among numbers, where there is something to compare.
func TestComparisonsHangTogether(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	types := randomTypes()
	for range 20_000 {
		field := randomField(rnd)
		v, w := randomValue(rnd), randomValue(rnd)
		if v.Kind == Null || w.Kind == Null || v.Kind == Bool || w.Kind == Bool {
			continue
		}
		r := randomRecord(rnd)
		if _, yesNo := Lookup(r, field).(bool); yesNo || field == "b" {
			continue // neither is greater
		}
		is := func(op Operator, values ...Value) bool {
			return Filter{Where: Compare{Field: field, Op: op, Values: values}}.Matcher(types).Match(r)
		}
		for name, ok := range map[string]bool{
			">= is > or =":       is(GreaterEqual, v) == (is(Greater, v) || is(Equal, v)),
			"<= is < or =":       is(LessEqual, v) == (is(Less, v) || is(Equal, v)),
			"not both < and >":   !(is(Less, v) && is(Greater, v)),
			"between is >= <=":   is(Between, v, w) == (is(GreaterEqual, v) && is(LessEqual, w)),
			"in is = or =":       is(In, v, w) == (is(Equal, v) || is(Equal, w)),
			"!= is there, not =": is(NotEqual, v) == (is(NotEqual, Value{Kind: Null}) && !is(Equal, v)),
		} {
			if !ok {
				t.Fatalf("%s: %s with %s, %s of %v", name, field, v, w, r)
			}
		}
	}
}

func TestDecimalsAreOrderedAsBigOnes(t *testing.T) {
	texts := []string{"-1e3", "-12.5", "-2", "-0.001", "0", "0.0009", "0.001", "1", "1.0000000000000000001", "2", "12.5", "100", "1e3", "123456789012345678901234567890", "1e40"}
	for i, a := range texts {
		for j, b := range texts {
			x, ok1 := decimalOf(a)
			y, ok2 := decimalOf(b)
			if got := x.compare(y); !ok1 || !ok2 || (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
	for _, s := range []string{"", "-", "x", "1.", ".5", "1e", "1 ", " 1", "1e9999999999", "0x1", "1_0"} {
		if d, ok := decimalOf(s); ok {
			t.Errorf("%q is read as %v", s, d)
		}
	}
	same := []string{"0012.50", "12.5", "1.25e1", "125e-1", "12.500e0"}
	for _, s := range same {
		d, _ := decimalOf(s)
		first, _ := decimalOf(same[0])
		if d.compare(first) != 0 {
			t.Errorf("%s is not %s", s, same[0])
		}
	}
}

func TestCheckKnowsTheFields(t *testing.T) {
	types := flow.Schema{Types: []flow.Kind{flow.Object}, Closed: true, Properties: []flow.Property{
		{Name: "status", Schema: flow.Of(flow.String)},
		{Name: "total", Schema: flow.Of(flow.Number)},
		{Name: "created", Schema: orNull(flow.String, "date-time")},
		{Name: "paid", Schema: flow.Of(flow.Boolean)},
		{Name: "tags", Schema: flow.ListOf(flow.Of(flow.String))},
		{Name: "customer", Schema: flow.ObjectOf(flow.Property{Name: "email", Schema: flow.Of(flow.String)})},
		{Name: "extra", Schema: flow.Of(flow.Object)},
	}}
	tests := []struct{ src, want string }{
		{`status = 'x' and total > 5 and created > 2024-01-01 and paid and tags contains 'a' and customer.email != null and extra.any = 1`, ``},
		{"status = 'x'\nand statsu = 'y'", `2:5 there is no field "statsu"; did you mean status?`},
		{`customer.emial = 'y'`, `1:1 there is no field "customer.emial"; did you mean customer.email?`},
		{`zzzzzzzzzzz = 'y'`, `known are status, total`},
		{`total > 'much'`, `"total" is a number, and is compared with 'much'; write a number`},
		{`total contains 5`, `"total" is a number, which contains nothing`},
		{`created > 'soon'`, `"created" is a date with time, and is compared with 'soon'; write 2024-05-01`},
		{`created > 20240501`, `is a date with time`},
		{`paid = 'perhaps'`, `"paid" is true or false`},
		{`paid > 1`, `"paid" is true or false`},
		{`tags = 'a'`, `"tags" is a list, and is compared with 'a'; use contains`},
		{`total > null`, `compared with null, which never holds`},
		{`status`, `"status" alone never holds`},
		{`status = 'x' or 5`, `5 stands alone`},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range mustParse(t, tt.src).Check(types) {
			got = append(got, strings.Replace(p.Error(), "line ", "", 1))
		}
		text := strings.ReplaceAll(strings.ReplaceAll(strings.Join(got, "\n"), ", column ", ":"), ": ", " ")
		if (tt.want == "") != (text == "") || !strings.Contains(text, strings.ReplaceAll(tt.want, ": ", " ")) {
			t.Errorf("%s\n got %s\nwant %s", tt.src, text, tt.want)
		}
	}
	if got := mustParse(t, `nobody = 1`).Check(flow.Any()); len(got) > 0 {
		t.Errorf("of any record nothing is known, but %v", got)
	}
}

func TestFieldsAreNamedOnce(t *testing.T) {
	if got := mustParse(t, "b = 1 and (a or not b > 2) or `c d` in (1)").Fields(); strings.Join(got, ",") != "b,a,c d" {
		t.Errorf("got %q", got)
	}
}

func BenchmarkMatch(b *testing.B) {
	m := mustParse(b, `status in ('open', 'new') and total > 100 and created >= 2024-01-01`).Matcher(flow.ObjectOf(
		flow.Property{Name: "created", Schema: orNull(flow.String, "date-time")}))
	r := decode(b, `{"status":"new","total":120.5,"created":"2024-05-01T10:00:00+02:00"}`)
	b.ReportAllocs()
	for b.Loop() {
		if !m.Match(r) {
			b.Fatal("no match")
		}
	}
}
