package filter

import (
	"math"
	"strings"

	"jackfield/flow"
)

// Matcher decides records by a filter. It is made once and serves many goroutines, but for
// Take, which counts.
type Matcher struct {
	holds func(record any) bool
	limit int
	taken int
}

// Matcher makes f ready for records that types describes; a zero schema is any.
//
// A comparison goes by what is right of it: a number compares numbers, and texts that are
// numbers; a date or date-time compares texts that are dates, by the instant, a date being
// its midnight in UTC; true and false compare yes and no, also as texts and as 1 and 0. A
// text compares by what types says of the field, so created = '2024-05-01' goes by the
// instant where the field has the format date or date-time; where types says nothing it
// compares texts by their code points, and numbers where it is one. A text is taken for a
// number, or for true and false, only where types does not say that the field has none.
// What cannot be compared is unequal. A field that is null, missing or not a number (NaN) is null:
// = null holds for it and nothing else does, != neither.
func (f Filter) Matcher(types flow.Schema) *Matcher {
	return &Matcher{holds: compile(f.Where, types), limit: f.Limit}
}

// Match says whether the condition holds for a record, a value as jq knows it.
func (m *Matcher) Match(record any) bool { return m.holds(record) }

// Take says whether a record is wanted, counting those that are, and whether there may be
// more that are.
func (m *Matcher) Take(record any) (wanted, more bool) {
	if m.Done() {
		return false, false
	}
	if wanted = m.holds(record); wanted {
		m.taken++
	}
	return wanted, !m.Done()
}

// Done says whether as many were taken as the limit lets through.
func (m *Matcher) Done() bool { return m.limit > 0 && m.taken >= m.limit }

func compile(x Expr, types flow.Schema) func(any) bool {
	switch x := x.(type) {
	case And:
		parts := compileAll(x, types)
		return func(r any) bool {
			for _, p := range parts {
				if !p(r) {
					return false
				}
			}
			return true
		}
	case Or:
		parts := compileAll(x, types)
		return func(r any) bool {
			for _, p := range parts {
				if p(r) {
					return true
				}
			}
			return false
		}
	case Not:
		part := compile(x.Expr, types)
		return func(r any) bool { return !part(r) }
	case Truth:
		return compile(x.compare(), types)
	case Compare:
		test := x.test(typeOf(types, x.Field))
		return func(r any) bool { return test(Lookup(r, x.Field)) }
	case Constant:
		holds := x.Value.Kind != Null
		return func(any) bool { return holds }
	}
	return func(any) bool { return true }
}

func compileAll(list []Expr, types flow.Schema) []func(any) bool {
	parts := make([]func(any) bool, len(list))
	for i, x := range list {
		parts[i] = compile(x, types)
	}
	return parts
}

// compare is what a field's name alone stands for.
func (x Truth) compare() Compare {
	return Compare{Field: x.Field, Op: Equal, Values: []Value{{Kind: Bool, Text: "true"}}, At: x.At}
}

// test makes the comparison ready for a field of this type.
func (x Compare) test(t flow.Schema) func(any) bool {
	switch x.Op {
	case In:
		return testIn(x.Values, t)
	case Between:
		low, high := testOrder(GreaterEqual, x.Values[0], t), testOrder(LessEqual, x.Values[1], t)
		return func(v any) bool { return low(v) && high(v) }
	case Contains:
		return testContains(x.Values[0], t)
	case Equal:
		return testEqual(x.Values[0], t)
	case NotEqual:
		if equal := testEqual(x.Values[0], t); x.Values[0].Kind != Null {
			return func(v any) bool { return !isNull(v) && !equal(v) }
		}
		return func(v any) bool { return !isNull(v) }
	}
	return testOrder(x.Op, x.Values[0], t)
}

func testEqual(w Value, t flow.Schema) func(any) bool {
	if w.Kind == Null {
		return isNull
	}
	against := comparer(w, t)
	return func(v any) bool {
		c, ok := against(v)
		return ok && c == 0 && !isNull(v)
	}
}

func testOrder(op Operator, w Value, t flow.Schema) func(any) bool {
	if w.Kind == Null || w.Kind == Bool || w.Kind == String && kindOf(t) == flow.Boolean {
		return func(any) bool { return false }
	}
	against := comparer(w, t)
	return func(v any) bool {
		c, ok := against(v)
		if !ok || isNull(v) {
			return false
		}
		if _, yesNo := v.(bool); yesNo {
			return false
		}
		switch op {
		case Greater:
			return c > 0
		case GreaterEqual:
			return c >= 0
		case Less:
			return c < 0
		}
		return c <= 0
	}
}

// testIn looks texts up in a set where there are many.
func testIn(values []Value, t flow.Schema) func(any) bool {
	tests := make([]func(any) bool, 0, len(values))
	set := map[string]bool{}
	for _, w := range values {
		if w.Kind == String && kindOf(t) == flow.String && !isTime(t) && !isNumeric(t) {
			set[w.Text] = true
			continue
		}
		tests = append(tests, testEqual(w, t))
	}
	return func(v any) bool {
		if s, ok := v.(string); ok && set[s] {
			return true
		}
		for _, test := range tests {
			if test(v) {
				return true
			}
		}
		return false
	}
}

// testContains looks for a part of a text, a member of a list, or a key or value of an
// object.
func testContains(w Value, t flow.Schema) func(any) bool {
	if w.Kind == Null {
		return func(any) bool { return false }
	}
	var inside flow.Schema
	switch {
	case t.Items != nil:
		inside = *t.Items
	case t.Rest != nil:
		inside = *t.Rest
	}
	equal := testEqual(w, inside)
	return func(v any) bool {
		switch v := v.(type) {
		case string:
			return strings.Contains(v, w.Text)
		case []any:
			for _, one := range v {
				if equal(one) {
					return true
				}
			}
		case map[string]any:
			if _, ok := v[w.Text]; ok {
				return true
			}
			for _, one := range v {
				if equal(one) {
					return true
				}
			}
		}
		return false
	}
}

// isNull says whether what a record holds counts as nothing: null, and NaN, which JSON
// writes as null.
func isNull(v any) bool {
	f, ok := v.(float64)
	return v == nil || ok && math.IsNaN(f)
}

// comparer orders what a record holds against a value. ok is false where the two cannot be
// compared.
func comparer(w Value, t flow.Schema) func(v any) (c int, ok bool) {
	switch w.Kind {
	case Number:
		return numbers(w.Text, t)
	case Date, DateTime:
		return instants(w.Text)
	case Bool:
		return yesNo(w.Text, t)
	}
	switch {
	case isTime(t):
		if _, ok := instantOf(w.Text); ok {
			return instants(w.Text)
		}
	case isNumeric(t):
		return numbers(w.Text, t)
	case kindOf(t) == flow.Boolean:
		return yesNo(w.Text, t)
	case kindOf(t) == flow.String:
		return texts(w.Text)
	}
	return textOrNumber(w.Text)
}

func numbers(text string, t flow.Schema) func(any) (int, bool) {
	n, ok := numeralOf(text)
	if !ok {
		return never
	}
	return notAsText(n.against, t)
}

// notAsText compares no texts where the type says that there are none: in a column of
// numbers a text is a mistake, not a number.
func notAsText(against func(any) (int, bool), t flow.Schema) func(any) (int, bool) {
	if k := kindOf(t); k == "" || k == flow.String {
		return against
	}
	return func(v any) (int, bool) {
		if _, text := v.(string); text {
			return 0, false
		}
		return against(v)
	}
}

func never(any) (int, bool) { return 0, false }

func instants(text string) func(any) (int, bool) {
	want, ok := instantOf(text)
	if !ok {
		return never
	}
	return func(v any) (int, bool) {
		s, _ := v.(string)
		have, ok := instantOf(s)
		return have.compare(want), ok
	}
}

func yesNo(text string, t flow.Schema) func(any) (int, bool) {
	want, ok := asBool(text)
	if !ok {
		return never
	}
	return notAsText(func(v any) (int, bool) {
		have, ok := asBool(v)
		if have == want {
			return 0, ok
		}
		return 1, ok
	}, t)
}

func asBool(v any) (yes, ok bool) {
	switch v {
	case true, "true", 1, 1.0:
		return true, true
	case false, "false", 0, 0.0:
		return false, true
	}
	return false, false
}

func texts(want string) func(any) (int, bool) {
	return func(v any) (int, bool) {
		s, ok := v.(string)
		return strings.Compare(s, want), ok
	}
}

// textOrNumber compares texts with texts, and other values by their own kind.
func textOrNumber(want string) func(any) (int, bool) {
	number, numeric := numeralOf(want)
	yes := yesNo(want, flow.Any())
	return func(v any) (int, bool) {
		switch v := v.(type) {
		case string:
			return strings.Compare(v, want), true
		case bool:
			return yes(v)
		}
		if !numeric {
			return 0, false
		}
		return number.against(v)
	}
}

// Lookup finds a field in a record: the member of that name, else the name is a path, and
// its parts before each dot are members that hold the rest.
func Lookup(record any, field string) any {
	v, _ := lookup(record, field)
	return v
}

func lookup(record any, field string) (any, bool) {
	m, ok := record.(map[string]any)
	if !ok {
		return nil, false
	}
	if v, ok := m[field]; ok {
		return v, true
	}
	for i := range len(field) {
		if field[i] != '.' {
			continue
		}
		if v, ok := lookup(m[field[:i]], field[i+1:]); ok {
			return v, true
		}
	}
	return nil, false
}
