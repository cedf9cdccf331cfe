package filter

import (
	"fmt"
	"slices"
	"strings"

	"jackfield/flow"
)

// The codes of what is wrong with a filter that can be read.
const (
	UnknownField flow.Code = "unknown-field"
	Misfit       flow.Code = "misfit"       // a value that the field can never be
	Pointless    flow.Code = "pointless"    // a part that changes nothing
	NotPortable  flow.Code = "not-portable" // AppFlow would not take it
)

// Check tells what is wrong with f for records that types describes, with the places in
// its text: fields that are not there, where types is closed or names any; values that the
// field can never have. Those that stand in no one's way are warnings.
func (f Filter) Check(types flow.Schema) []flow.Problem {
	var problems []flow.Problem
	add := func(at Place, code flow.Code, warning bool, what, fix string) {
		problems = append(problems, flow.Problem{Code: code, Line: at.Line, Column: at.Column, What: what, Fix: fix, Warning: warning})
	}
	known := fieldNames(types)
	for _, u := range f.uses() {
		t, there := findType(types, u.field)
		if len(known) > 0 && !there && !opaque(types, u.field) {
			fix := "known are " + strings.Join(known[:min(len(known), 20)], ", ")
			if near, ok := flow.Nearest(u.field, known); ok {
				fix = fmt.Sprintf("did you mean %s?", Name(near))
			}
			add(u.at, UnknownField, !types.Closed, fmt.Sprintf("there is no field %q", u.field), fix)
			continue
		}
		if u.test == nil {
			if k := kindOf(t); k != "" && k != flow.Boolean {
				add(u.at, Pointless, true, fmt.Sprintf("%q alone never holds, for it is not true or false", u.field), "compare it with something: "+Name(u.field)+" != null")
			}
			continue
		}
		for _, w := range u.test.Values {
			if what, fix := misfit(u.test.Op, w, t); what != "" {
				add(u.at, Misfit, true, fmt.Sprintf("%q %s", u.field, what), fix)
			}
		}
	}
	walk(f.Where, func(x Expr) {
		if c, ok := x.(Constant); ok {
			add(c.At, Pointless, true, c.Value.String()+" stands alone and is compared with nothing", "put the name of a field and a comparison before it")
		}
	})
	return problems
}

// fieldNames lists what types names, also inside of objects.
func fieldNames(types flow.Schema) []string {
	var names []string
	for _, p := range types.Properties {
		names = append(names, p.Name)
		if slices.Contains(p.Schema.Types, flow.Object) {
			for _, inner := range fieldNames(p.Schema) {
				names = append(names, p.Name+"."+inner)
			}
		}
	}
	return names
}

// opaque says whether the path goes into an object of which types does not say what is in
// it.
func opaque(types flow.Schema, field string) bool {
	for i := range len(field) {
		if field[i] != '.' {
			continue
		}
		if s, ok := findType(types, field[:i]); ok && len(s.Properties) == 0 && (len(s.Types) == 0 || slices.Contains(s.Types, flow.Object)) {
			return true
		}
	}
	return false
}

// misfit tells why a comparison of a field of this type with w never holds.
func misfit(op Operator, w Value, t flow.Schema) (what, fix string) {
	k := kindOf(t)
	if k == "" {
		return "", ""
	}
	if w.Kind == Null {
		if op == Equal || op == NotEqual || op == In {
			return "", ""
		}
		return "is compared with null, which never holds", "only = and != go with null"
	}
	if op == Contains {
		if k == flow.String || k == flow.Array || k == flow.Object {
			return "", ""
		}
		return "is " + called(t) + ", which contains nothing", "use ="
	}
	ok := true
	switch {
	case isTime(t):
		_, ok = instantOf(w.Text)
		ok = ok && w.Kind != Number && w.Kind != Bool
		fix = "write 2024-05-01 or 2024-05-01T10:15:30Z"
	case isNumeric(t):
		_, ok = decimalOf(w.Text)
		ok = ok && (w.Kind == Number || w.Kind == String)
		fix = "write a number"
	case k == flow.Boolean:
		_, ok = asBool(w.Text)
		ok = ok && (op == Equal || op == NotEqual)
		fix = "write = true or = false"
	case k == flow.Array || k == flow.Object:
		ok, fix = false, "use contains"
	}
	if ok {
		return "", ""
	}
	return fmt.Sprintf("is %s, and is compared with %s", called(t), w), fix
}

// called is what people call a type.
func called(t flow.Schema) string {
	switch k := kindOf(t); {
	case isTime(t) && t.Format == formatDate:
		return "a date"
	case isTime(t):
		return "a date with time"
	case isNumeric(t):
		return "a number"
	case k == flow.Boolean:
		return "true or false"
	case k == flow.Array:
		return "a list"
	case k == flow.Object:
		return "an object"
	}
	return "a text"
}

// Portable tells what a connector made for Amazon AppFlow could not take of f.
func (f Filter) Portable() []flow.Problem {
	var problems []flow.Problem
	add := func(at Place, what, fix string) {
		problems = append(problems, flow.Problem{Code: NotPortable, Line: at.Line, Column: at.Column, What: what, Fix: fix, Warning: true})
	}
	for _, u := range f.uses() {
		if !plainName(u.field) {
			add(u.at, fmt.Sprintf("AppFlow's filters cannot name the field %q", u.field), "it is filtered here")
		}
		if u.test != nil {
			for _, v := range u.test.Values {
				if v.Kind == String && !plainText(v.Text) {
					add(u.at, "AppFlow's filters cannot hold the text "+v.String(), "it is filtered here")
				}
			}
		}
	}
	walk(f.Where, func(x Expr) {
		if c, ok := x.(Constant); ok && c.Value.Kind == String && !plainText(c.Value.Text) {
			add(c.At, "AppFlow's filters cannot hold the text "+c.Value.String(), "it is left out")
		}
	})
	if f.Limit > 0 && f.Limit < 10 {
		add(Place{}, fmt.Sprintf("AppFlow's filters know no limit below 10, and this one has %d", f.Limit), "it is counted here")
	}
	return problems
}
