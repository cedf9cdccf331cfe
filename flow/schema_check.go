package flow

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"jackfield/flow/value"
)

// The kinds of problem that a value can have with a schema, beside WrongType.
const (
	MissingMember Code = "missing-member"
	UnknownMember Code = "unknown-member"
	NotAllowed    Code = "not-allowed" // none of the values of an enum
)

// mostMisfits bounds how many problems one value gives.
const mostMisfits = 100

// Check tells where a normal value does not fit: the field is the path to the place,
// like lines[2].sku. Formats are not checked.
func (s Schema) Check(v any) []Problem {
	c := &checker{}
	c.check(s, v, "")
	return c.problems
}

type checker struct{ problems []Problem }

func (c *checker) report(path string, code Code, what, fix string) {
	if len(c.problems) < mostMisfits {
		c.problems = append(c.problems, Problem{Field: path, Code: code, What: what, Fix: fix})
	}
}

func (c *checker) check(s Schema, v any, path string) {
	k := kindOfValue(v)
	if !s.allows(k) {
		c.report(path, WrongType, fmt.Sprintf("%s is wanted, and this is %s", kindNames(s.Types), valueName(v)), "")
		return
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(one any) bool { return value.Equal(one, v) }) {
		c.report(path, NotAllowed, valueName(v)+" is not one of the values", "one of "+listOf(s.Enum))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		c.object(s, v, path)
	case []any:
		if s.Items == nil {
			return
		}
		for i, one := range v {
			c.check(*s.Items, one, path+"["+strconv.Itoa(i)+"]")
		}
	}
}

func (c *checker) object(s Schema, m map[string]any, path string) {
	names := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		names[i] = p.Name
		v, there := m[p.Name]
		switch {
		case there:
			c.check(p.Schema, v, join(path, p.Name))
		case p.Required:
			c.report(join(path, p.Name), MissingMember, "it is missing", "")
		}
	}
	if !s.Closed && s.Rest == nil {
		return
	}
	for _, name := range sortedNames(m) {
		switch {
		case slices.Contains(names, name):
		case s.Rest != nil:
			c.check(*s.Rest, m[name], join(path, name))
		default:
			fix := "known are " + strings.Join(names, ", ")
			if near, ok := Nearest(name, names); ok {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			c.report(join(path, name), UnknownMember, fmt.Sprintf("there is no %q here", name), fix)
		}
	}
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// join adds a name to a path, in brackets where it is no plain word.
func join(path, name string) string {
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return strings.ContainsRune(` .[]"`, c) }) {
		return path + "[" + strconv.Quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func kindOfValue(v any) Kind {
	switch v := v.(type) {
	case nil:
		return Null
	case bool:
		return Boolean
	case int, *big.Int:
		return Integer
	case float64:
		if v == math.Trunc(v) && !math.IsInf(v, 0) {
			return Integer
		}
		return Number
	case string:
		return String
	case []any:
		return Array
	}
	return Object
}

// kindName is what people call a kind.
func kindName(k Kind) string {
	switch k {
	case Null:
		return "null"
	case Boolean:
		return "true or false"
	case Integer:
		return "a whole number"
	case Number:
		return "a number"
	case String:
		return "a text"
	case Array:
		return "a list"
	}
	return "an object"
}

func kindNames(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = kindName(k)
	}
	return strings.Join(names, " or ")
}

func valueName(v any) string {
	switch v := v.(type) {
	case string:
		if utf8.RuneCountInString(v) > 40 {
			return "a text"
		}
		return strconv.Quote(v)
	case []any, map[string]any:
		return kindName(kindOfValue(v))
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	}
	return "the number " + string(value.Append(nil, v))
}

func listOf(values []any) string {
	names := make([]string, 0, len(values))
	for i, v := range values {
		if i == 20 {
			names = append(names, "…")
			break
		}
		names = append(names, shown(v))
	}
	return strings.Join(names, ", ")
}
