package transforms

import (
	"context"

	"github.com/itchyny/gojq"

	"jackfield/flow/value"
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

// TakesParts says whether Batch takes records as *value.Part, of what the program wants
// or more.
func (p *Program) TakesParts() bool { return p.straight != nil }

// run appends the outcomes of the records until one fails, or ctx ends.
func (s straight) run(ctx context.Context, in []any, out []Outcome) []Outcome {
	if ctx.Err() != nil {
		return out
	}
	values := make([]any, len(in)) // each outcome has one of it
	var courses []course
	for i, v := range in {
		part, parted := v.(*value.Part)
		if parted && (len(courses) == 0 || courses[0].want != part.Want()) {
			courses = s.courses(part.Want())
		}
		object := make(map[string]any, len(s))
		for k := range s {
			var ok bool
			if parted {
				object[s[k].name], ok = courses[k].follow(part)
			} else {
				object[s[k].name], ok = follow(v, s[k].path)
			}
			if !ok {
				return out
			}
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

// course is a path through the parts of a want: the places of its names, as far as it
// leads through parts, and the names behind them.
type course struct {
	want   *value.Want
	places []int
	rest   []string
}

func (s straight) courses(w *value.Want) []course {
	all := make([]course, len(s))
	for i, f := range s {
		c := course{want: w, rest: f.path}
		for at := w; at != nil && len(c.rest) > 0; c.rest = c.rest[1:] {
			var place int
			if place, at = at.Place(c.rest[0]); place < 0 {
				break
			}
			c.places = append(c.places, place)
		}
		all[i] = c
	}
	return all
}

// follow is like the function follow. It is not ok either where the part has too little.
func (c *course) follow(v any) (any, bool) {
	for _, place := range c.places {
		part, ok := v.(*value.Part)
		if !ok {
			return nil, v == nil // a text or a list has no members
		}
		v = part.At(place)
	}
	if _, still := v.(*value.Part); still {
		return nil, false
	}
	return follow(v, c.rest)
}

// named gives a record that may be a part to a program that asks for names.
func named(v any) any {
	if part, ok := v.(*value.Part); ok {
		return part.Object()
	}
	return v
}
