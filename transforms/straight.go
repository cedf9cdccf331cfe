package transforms

import (
	"context"

	"github.com/itchyny/gojq"
)

// straight is a program that only renames: an object of fields of its input, such as
// {id: .order_id, city: .customer.address.city}. It gives one value for each record and
// needs no machine for that, which takes a third of the time.
type straight []straightField

type straightField struct {
	name string
	path []string
}

// straightOf finds out whether a program is straight; nil where it is not.
func straightOf(q *gojq.Query) straight {
	if q == nil || q.Term == nil || q.Term.Type != gojq.TermTypeObject || len(q.Term.SuffixList) > 0 || len(q.FuncDefs) > 0 {
		return nil
	}
	s := straight{}
	for _, kv := range q.Term.Object.KeyVals {
		f := straightField{name: kv.Key}
		if kv.KeyString != nil && kv.KeyString.Queries == nil {
			f.name = kv.KeyString.Str
		}
		switch {
		case kv.KeyQuery != nil || kv.KeyString != nil && kv.KeyString.Queries != nil || kv.Key != "" && kv.Key[0] == '$':
			return nil
		case kv.Val == nil:
			f.path = []string{f.name}
		default:
			if f.path = fieldsOf(kv.Val); f.path == nil {
				return nil
			}
		}
		s = append(s, f)
	}
	return s
}

// fieldsOf are the fields that .a.b goes through; nil where q is anything else.
func fieldsOf(q *gojq.Query) []string {
	if q.Term == nil || q.Term.Type != gojq.TermTypeIndex || len(q.FuncDefs) > 0 {
		return nil
	}
	name, ok := constantKey(q.Term.Index)
	path := []string{name}
	for _, s := range q.Term.SuffixList {
		if !ok || s.Index == nil || s.Optional || s.Iter {
			return nil
		}
		name, ok = constantKey(s.Index)
		path = append(path, name)
	}
	if !ok {
		return nil
	}
	return path
}

// run appends the outcomes of the records until one fails, or ctx ends.
func (s straight) run(ctx context.Context, in []any, out []Outcome) []Outcome {
	if ctx.Err() != nil {
		return out
	}
	values := make([]any, len(in)) // each outcome has one of it
	for i, v := range in {
		object := make(map[string]any, len(s))
		for _, f := range s {
			one, ok := follow(v, f.path)
			if !ok {
				return out
			}
			object[f.name] = one
		}
		values[i] = object
		out = append(out, Outcome{Values: values[i : i+1 : i+1]})
	}
	return out
}

// follow gives what is found along a path, null where there is nothing; not ok where jq would
// fail.
func follow(v any, path []string) (any, bool) {
	for _, name := range path {
		switch object := v.(type) {
		case map[string]any:
			v = object[name]
		case nil:
		default:
			return nil, false
		}
	}
	return v, true
}
