package flow

import "jackfield/flow/value"

// Infer describes what the samples look like together: every value fits the result.
// A property is required if every object at its place has it. Properties are sorted
// by name, because a Go map has no order; objects may have others, since samples
// never show all.
func Infer(values ...any) Schema {
	normal := make([]any, len(values))
	for i, v := range values {
		n, err := value.Normal(v)
		if err != nil {
			return Any()
		}
		normal[i] = n
	}
	return describing(normal)
}

func describing(values []any) Schema {
	var s Schema
	seen := map[Kind]bool{}
	members := map[string]any{} // of all objects, each name with a list of its values
	objects := 0
	var items []any
	for _, v := range values {
		seen[kindOfValue(v)] = true
		switch v := v.(type) {
		case map[string]any:
			objects++
			for name, one := range v {
				list, _ := members[name].([]any)
				members[name] = append(list, one)
			}
		case []any:
			items = append(items, v...)
		}
	}
	if seen[Number] {
		delete(seen, Integer)
	}
	for _, k := range []Kind{Object, Array, String, Integer, Number, Boolean, Null} {
		if seen[k] {
			s.Types = append(s.Types, k)
		}
	}
	for _, name := range sortedNames(members) {
		list := members[name].([]any)
		s.Properties = append(s.Properties, Property{name, len(list) == objects, describing(list)})
	}
	if len(items) > 0 {
		item := describing(items)
		s.Items = &item
	}
	return s
}
