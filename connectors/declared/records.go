package declared

import (
	"context"
	"path"
	"strings"

	"jackfield/flow"
	"jackfield/flow/value"
)

// selection says where in a reply the records are, which of them count, and what becomes
// of them.
type selection struct {
	items     items
	filter    expression
	late      bool // the changes come before the filter
	changes   []change
	normalize bool // values take the types that the schema names
}

// items finds the records in a reply.
type items interface {
	of(ctx context.Context, body any, in *scene) ([]any, error)
}

// byJQ takes what a program gives: the members of lists, or values.
type byJQ struct{ jq }

func (s byJQ) of(ctx context.Context, _ any, in *scene) ([]any, error) {
	all, err := s.all(ctx, in.object(), in)
	if err != nil {
		return nil, err
	}
	var out []any
	for _, v := range all {
		switch v := v.(type) {
		case nil:
		case []any:
			out = append(out, v...)
		default:
			out = append(out, v)
		}
	}
	return out, nil
}

// byPath follows names; "*" is every member.
type byPath []expression

func (p byPath) of(ctx context.Context, body any, in *scene) ([]any, error) {
	found := []any{body}
	many := false
	for _, one := range p {
		name, err := textOf(ctx, one, in)
		if err != nil {
			return nil, err
		}
		var next []any
		for _, v := range found {
			next = append(next, stepInto(v, name)...)
		}
		many = many || name == "*"
		found = next
	}
	if many {
		return found, nil
	}
	if len(found) == 0 || found[0] == nil {
		return nil, nil
	}
	switch v := found[0].(type) {
	case []any:
		return v, nil
	case map[string]any:
		if len(v) == 0 {
			return nil, nil
		}
	}
	return found, nil
}

// stepInto is the member of that name, or all of them.
func stepInto(v any, name string) []any {
	switch in := v.(type) {
	case map[string]any:
		if name != "*" {
			if member, ok := in[name]; ok {
				return []any{member}
			}
			return nil
		}
		var all []any
		for _, k := range sortedNames(in) {
			all = append(all, in[k])
		}
		return all
	case []any:
		if name == "*" {
			return in
		}
		if n, ok := numberOf(name); ok {
			if i, is := n.(int); is && i >= 0 && i < len(in) {
				return []any{in[i]}
			}
		}
	}
	return nil
}

// change is something that is done to a record.
type change interface {
	apply(ctx context.Context, record map[string]any, in *scene) (map[string]any, error)
}

// adding sets a field.
type adding struct {
	path []expression
	to   expression
	kind string     // "string" and the like: the type that it gets; "" leaves it
	when expression // nil is always
}

func (c adding) apply(ctx context.Context, record map[string]any, in *scene) (map[string]any, error) {
	if c.when != nil {
		if yes, err := holds(ctx, c.when, in); err != nil || !yes {
			return record, err
		}
	}
	v, err := c.to.value(ctx, in)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(c.path))
	for i, one := range c.path {
		if names[i], err = textOf(ctx, one, in); err != nil {
			return nil, err
		}
	}
	return with(record, names, cast(v, c.kind)), nil
}

// cast makes a value of the type that a manifest names.
func cast(v any, kind string) any {
	text, isText := v.(string)
	switch {
	case v == nil:
	case kind == "string" && !isText:
		return plainText(v)
	case kind == "integer" && isText, kind == "number" && isText:
		if n, ok := numberOf(text); ok {
			return n
		}
	case kind == "integer":
		if f, is := v.(float64); is {
			return int(f)
		}
	case kind == "boolean" && isText:
		return strings.EqualFold(text, "true") || text == "1"
	}
	return v
}

// removing takes fields away, by paths whose names may hold * and ?.
type removing struct {
	paths [][]string
	when  expression
}

func (c removing) apply(ctx context.Context, record map[string]any, in *scene) (map[string]any, error) {
	for _, p := range c.paths {
		var err error
		if record, err = c.without(ctx, record, p, in); err != nil {
			return nil, err
		}
	}
	return record, nil
}

func (c removing) without(ctx context.Context, record map[string]any, at []string, in *scene) (map[string]any, error) {
	out := map[string]any{}
	for name, v := range record {
		hit, err := path.Match(at[0], name)
		if err != nil {
			hit = at[0] == name
		}
		inner, isObject := v.(map[string]any)
		switch {
		case !hit:
		case len(at) > 1 && isObject:
			if v, err = c.without(ctx, inner, at[1:], in); err != nil {
				return nil, err
			}
		case len(at) == 1:
			goes := true
			if c.when != nil {
				seen := *in
				seen.record = map[string]any{"property": v}
				if goes, err = holds(ctx, c.when, &seen); err != nil {
					return nil, err
				}
			}
			if goes {
				continue
			}
		}
		out[name] = v
	}
	return out, nil
}

// renaming writes the names of fields in another way, also inside.
type renaming struct{ by func(string) string }

func (c renaming) apply(_ context.Context, record map[string]any, _ *scene) (map[string]any, error) {
	return c.renamed(record).(map[string]any), nil
}

func (c renaming) renamed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[c.by(name)] = c.renamed(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, member := range v {
			out[i] = c.renamed(member)
		}
		return out
	}
	return v
}

// flattening puts the members of objects inside beside the others, their names joined.
type flattening struct{ lists bool }

func (c flattening) apply(_ context.Context, record map[string]any, _ *scene) (map[string]any, error) {
	out := map[string]any{}
	c.flatten(out, "", record)
	return out, nil
}

func (c flattening) flatten(out map[string]any, name string, v any) {
	under := func(member string) string {
		if name == "" {
			return member
		}
		return name + "." + member
	}
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			c.flatten(out, under(k), member)
		}
		return
	case []any:
		if c.lists {
			for i, member := range v {
				c.flatten(out, under(plainText(i)), member)
			}
			return
		}
	}
	out[name] = v
}

// lifting puts the members of an object inside at the top.
type lifting struct {
	path    []expression
	replace bool
	drop    bool
}

func (c lifting) apply(ctx context.Context, record map[string]any, in *scene) (map[string]any, error) {
	v, err := digAll(ctx, record, c.path, in)
	inner, is := v.(map[string]any)
	if err != nil || !is {
		return record, err
	}
	if c.replace {
		return inner, nil
	}
	out := record
	if c.drop && len(c.path) > 0 {
		names := make([]string, len(c.path))
		for i, one := range c.path {
			if names[i], err = textOf(ctx, one, in); err != nil {
				return nil, err
			}
		}
		if out, err = (removing{paths: [][]string{names}}).apply(ctx, record, in); err != nil {
			return nil, err
		}
	}
	for name, member := range inner {
		out = with(out, []string{name}, member)
	}
	return out, nil
}

// remade is the record that a program makes; more than one is none.
type remade struct{ jq }

func (c remade) apply(ctx context.Context, _ map[string]any, in *scene) (map[string]any, error) {
	v, err := c.value(ctx, in)
	made, _ := v.(map[string]any)
	return made, err
}

// take makes the records of a reply. found is how many there were before any was left out.
func (s *selection) take(ctx context.Context, body any, in *scene, schema flow.Schema) (records []any, found int, last any, err error) {
	list, err := s.items.of(ctx, body, in)
	if err != nil {
		return nil, 0, nil, err
	}
	for _, one := range list {
		one, keep, err := s.one(ctx, one, in)
		if err != nil {
			return nil, 0, nil, err
		}
		if !keep {
			continue
		}
		if s.normalize {
			one = normalized(one, schema)
		}
		records = append(records, one)
	}
	if len(list) > 0 {
		last = list[len(list)-1]
	}
	if len(records) > 0 {
		last = records[len(records)-1]
	}
	return records, len(list), last, nil
}

func (s *selection) one(ctx context.Context, rec any, in *scene) (any, bool, error) {
	seen := *in
	seen.record = rec
	if s.filter != nil && !s.late {
		if yes, err := holds(ctx, s.filter, &seen); err != nil || !yes {
			return nil, false, err
		}
	}
	object, is := rec.(map[string]any)
	for _, c := range s.changes {
		if !is {
			break
		}
		var err error
		if object, err = c.apply(ctx, object, &seen); err != nil {
			return nil, false, err
		}
		rec, seen.record = object, object
	}
	if s.filter != nil && s.late {
		if yes, err := holds(ctx, s.filter, &seen); err != nil || !yes {
			return nil, false, err
		}
	}
	return rec, true, nil
}

// normalized gives values the types that the schema names, as far as that loses nothing.
func normalized(v any, s flow.Schema) any {
	object, is := v.(map[string]any)
	if !is {
		if len(s.Types) > 0 {
			for _, k := range s.Types {
				if k != flow.Null {
					return cast(v, string(k))
				}
			}
		}
		return v
	}
	for _, p := range s.Properties {
		if member, ok := object[p.Name]; ok && member != nil {
			if fresh := normalized(member, p.Schema); !value.Equal(fresh, member) {
				object = with(object, []string{p.Name}, fresh)
			}
		}
	}
	return object
}
