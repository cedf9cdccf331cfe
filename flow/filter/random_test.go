package filter

import (
	"math/rand/v2"

	"jackfield/flow"
)

// The fields of random records: one of each type, and one of any.
var randomFields = []string{"i", "f", "s", "b", "d", "t", "dec", "any", "in path"}

func randomTypes() flow.Schema {
	return flow.ObjectOf(
		flow.Property{Name: "i", Schema: orNull(flow.Integer, "")},
		flow.Property{Name: "f", Schema: orNull(flow.Number, "")},
		flow.Property{Name: "s", Schema: orNull(flow.String, "")},
		flow.Property{Name: "b", Schema: orNull(flow.Boolean, "")},
		flow.Property{Name: "d", Schema: orNull(flow.String, "date")},
		flow.Property{Name: "t", Schema: orNull(flow.String, "date-time")},
		flow.Property{Name: "dec", Schema: orNull(flow.String, "decimal")},
	)
}

func one[T any](rnd *rand.Rand, list ...T) T { return list[rnd.IntN(len(list))] }

func randomField(rnd *rand.Rand) string { return one(rnd, randomFields...) }

func randomRecord(rnd *rand.Rand) map[string]any {
	r := map[string]any{}
	set := func(field string, v any) {
		switch rnd.IntN(6) {
		case 0:
			r[field] = nil
		case 1:
		default:
			r[field] = v
		}
	}
	set("i", rnd.IntN(5)-2)
	set("f", one[any](rnd, 0.5, 1.0, -1.5, 2))
	set("s", one(rnd, "", "a", "A", "ab", "b", "1", "ü"))
	set("b", rnd.IntN(2) == 0)
	set("d", one(rnd, "2024-01-01", "2024-01-02", "2024-02-29"))
	set("t", one(rnd, "2024-01-01T00:00:00Z", "2024-01-02T01:00:00+01:00", "2024-01-01T12:00:00.5Z"))
	set("dec", one(rnd, "0.50", "1", "-2.25", "10"))
	set("any", one[any](rnd, 1, "1", true, "true", []any{"a", 1}, map[string]any{"a": 2}, "2024-01-01", 0.5))
	set("in path", one(rnd, "x", "y"))
	return r
}

func randomValue(rnd *rand.Rand) Value {
	switch rnd.IntN(12) {
	case 0:
		return Value{Kind: Null}
	case 1:
		return Value{Kind: Bool, Text: one(rnd, "true", "false")}
	case 2, 3, 4:
		return Value{Kind: Number, Text: one(rnd, "0", "1", "-1", "0.5", "1.0", "-1.5", "10", "-2.25")}
	case 5:
		return Value{Kind: Date, Text: one(rnd, "2024-01-01", "2024-01-02")}
	case 6:
		return Value{Kind: DateTime, Text: one(rnd, "2024-01-01T00:00:00Z", "2024-01-01T12:00:00.5Z")}
	}
	return Text(one(rnd, "", "a", "A", "b", "ab", "1", "true", "2024-01-01", "x", `C:\`, `it's "x"`))
}

func randomCompare(rnd *rand.Rand) Compare {
	c := Compare{Field: randomField(rnd), Op: one(rnd, Operators()...)}
	n := 1
	switch c.Op {
	case Between:
		n = 2
	case In:
		n = 1 + rnd.IntN(3)
	}
	for len(c.Values) < n {
		if v := randomValue(rnd); v.Kind != Bool || c.Op == Equal || c.Op == NotEqual {
			c.Values = append(c.Values, v)
		}
	}
	return c
}

func randomExpr(rnd *rand.Rand, depth int) Expr {
	if depth > 0 {
		parts := func() (list []Expr) {
			for range 2 + rnd.IntN(2) {
				list = append(list, randomExpr(rnd, depth-1))
			}
			return list
		}
		switch rnd.IntN(6) {
		case 0:
			return And(parts())
		case 1:
			return Or(parts())
		case 2:
			return Not{randomExpr(rnd, depth-1)}
		}
	}
	switch rnd.IntN(20) {
	case 0:
		return Truth{Field: randomField(rnd)}
	case 1:
		if v := randomValue(rnd); v.Kind != Bool {
			return Constant{Value: v}
		}
	}
	return randomCompare(rnd)
}

func randomFilter(rnd *rand.Rand) Filter {
	f := Filter{Where: randomExpr(rnd, 3)}
	if rnd.IntN(3) == 0 {
		f.Limit = 1 + rnd.IntN(5)
	}
	return f
}
