package filter

import (
	"slices"

	"jackfield/flow"
)

// typeOf finds what types says of a field, as Lookup finds it in a record.
func typeOf(types flow.Schema, field string) flow.Schema {
	s, _ := findType(types, field)
	return s
}

func findType(types flow.Schema, field string) (flow.Schema, bool) {
	for _, p := range types.Properties {
		if p.Name == field {
			return p.Schema, true
		}
	}
	for i := range len(field) {
		if field[i] != '.' {
			continue
		}
		for _, p := range types.Properties {
			if p.Name != field[:i] {
				continue
			}
			if s, ok := findType(p.Schema, field[i+1:]); ok {
				return s, true
			}
		}
	}
	if types.Rest != nil {
		return *types.Rest, true
	}
	return flow.Schema{}, false
}

// kindOf is the one kind that a schema allows beside null; "" where there are several.
func kindOf(s flow.Schema) flow.Kind {
	var only flow.Kind
	for _, k := range s.Types {
		switch {
		case k == flow.Null || k == only:
		case k == flow.Integer && only == flow.Number:
		case only == "" || only == flow.Integer && k == flow.Number:
			only = k
		default:
			return ""
		}
	}
	return only
}

// The formats of texts that are compared as what they mean (JSON Schema, format;
// "decimal" is a number that keeps its digits by being a text).
const (
	formatDate     = "date"
	formatDateTime = "date-time"
	formatDecimal  = "decimal"
)

func isTime(s flow.Schema) bool {
	return kindOf(s) == flow.String && (s.Format == formatDate || s.Format == formatDateTime)
}

func isNumeric(s flow.Schema) bool {
	k := kindOf(s)
	return k == flow.Integer || k == flow.Number || k == flow.String && s.Format == formatDecimal
}

// Fields lists the fields that f names, each once, in the order in which they come.
func (f Filter) Fields() []string {
	var names []string
	for _, c := range f.uses() {
		if !slices.Contains(names, c.field) {
			names = append(names, c.field)
		}
	}
	return names
}

// use is one place at which a field is named.
type use struct {
	field string
	at    Place
	test  *Compare // nil where it stands alone
}

func (f Filter) uses() []use {
	var all []use
	walk(f.Where, func(x Expr) {
		switch x := x.(type) {
		case Compare:
			all = append(all, use{x.Field, x.At, &x})
		case Truth:
			all = append(all, use{x.Field, x.At, nil})
		}
	})
	return all
}

// walk visits x and all that is in it.
func walk(x Expr, visit func(Expr)) {
	if x == nil {
		return
	}
	visit(x)
	switch x := x.(type) {
	case And:
		for _, one := range x {
			walk(one, visit)
		}
	case Or:
		for _, one := range x {
			walk(one, visit)
		}
	case Not:
		walk(x.Expr, visit)
	}
}
