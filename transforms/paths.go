package transforms

import (
	"slices"
	"strconv"

	"github.com/itchyny/gojq"
)

// Paths lists what the program reads of its input, in the order of the text, as far
// as the text tells: customer.name, items[].price, and ["first name"] for a name that
// is none without quotes.
func (p *Program) Paths() []string {
	r := reader{Program: p}
	r.take(r.query(p.tree.query, origin{""}, nil))
	return r.paths
}

// An origin is where in the input a value may come from; none for one that is new.
type origin []string

func (o origin) at(step string) origin {
	out := make(origin, len(o))
	for i, path := range o {
		out[i] = path + step
	}
	return out
}

// bound is a list of variables with the origins of their values.
type bound struct {
	up   *bound
	name string
	from origin
}

func (b *bound) find(name string) origin {
	for ; b != nil; b = b.up {
		if b.name == name {
			return b.from
		}
	}
	return nil
}

type reader struct {
	*Program
	paths []string
	depth int
}

// take notes that the values of an origin are used as they are.
func (r *reader) take(o origin) {
	for _, path := range o {
		if len(path) > 0 && path[0] == '.' {
			path = path[1:]
		}
		if path != "" && !slices.Contains(r.paths, path) {
			r.paths = append(r.paths, path)
		}
	}
}

// query notes what q reads and gives where its values come from.
func (r *reader) query(q *gojq.Query, in origin, vars *bound) origin {
	switch {
	case q == nil:
		return nil
	case q.Term != nil:
		return r.term(q.Term, in, vars)
	case q.Right == nil:
		return nil
	case len(q.Patterns) > 0:
		from := r.query(q.Left, in, vars)
		for _, x := range q.Patterns {
			vars = r.pattern(x, from, vars)
		}
		return r.query(q.Right, in, vars)
	}
	switch q.Op {
	case gojq.OpPipe:
		return r.query(q.Right, r.query(q.Left, in, vars), vars)
	case gojq.OpComma, gojq.OpAlt:
		return append(slices.Clone(r.query(q.Left, in, vars)), r.query(q.Right, in, vars)...)
	}
	r.take(r.query(q.Left, in, vars))
	r.take(r.query(q.Right, in, vars))
	if q.Op >= gojq.OpAssign {
		return in
	}
	return nil
}

func (r *reader) pattern(x *gojq.Pattern, from origin, vars *bound) *bound {
	if x.Name != "" {
		return &bound{vars, x.Name, from}
	}
	for i, one := range x.Array {
		vars = r.pattern(one, from.at("["+strconv.Itoa(i)+"]"), vars)
	}
	for _, one := range x.Object {
		var under origin
		switch {
		case one.Key != "" && one.Key[0] == '$':
			under = from.at(fieldStep(one.Key[1:]))
			vars = &bound{vars, one.Key, under}
		case one.Key != "":
			under = from.at(fieldStep(one.Key))
		case one.KeyString != nil && one.KeyString.Queries == nil:
			under = from.at(fieldStep(one.KeyString.Str))
		}
		if one.Val != nil {
			vars = r.pattern(one.Val, under, vars)
		}
	}
	return vars
}

func (r *reader) term(t *gojq.Term, in origin, vars *bound) origin {
	from := r.base(t, in, vars)
	for _, s := range t.SuffixList {
		switch {
		case s.Iter:
			from = from.at("[]")
		case s.Index != nil:
			from = r.index(s.Index, from, in, vars)
		}
	}
	return from
}

func (r *reader) index(x *gojq.Index, from, in origin, vars *bound) origin {
	if name, ok := constantKey(x); ok {
		return from.at(fieldStep(name))
	}
	if x.IsSlice {
		r.take(r.query(x.Start, in, vars))
		r.take(r.query(x.End, in, vars))
		return from
	}
	if x.Start != nil && isConstant(x.Start) && x.Start.Term.Type == gojq.TermTypeNumber {
		return from.at("[" + x.Start.Term.Number + "]")
	}
	r.text(x.Str, in, vars)
	r.take(r.query(x.Start, in, vars))
	return from.at("[]")
}

// fieldStep is how a field stands in a path.
func fieldStep(name string) string {
	plain := name != "" && isLetter(name[0])
	for i := range len(name) {
		plain = plain && (isLetter(name[i]) || isDigit(name[i]))
	}
	if plain {
		return "." + name
	}
	return "[" + strconv.Quote(name) + "]"
}

func (r *reader) text(s *gojq.String, in origin, vars *bound) {
	if s == nil {
		return
	}
	for _, q := range s.Queries {
		if q.Term.Str == nil {
			r.take(r.query(q.Term.Query, in, vars))
		}
	}
}

func (r *reader) base(t *gojq.Term, in origin, vars *bound) origin {
	switch t.Type {
	case gojq.TermTypeIdentity:
		return in
	case gojq.TermTypeIndex:
		return r.index(t.Index, in, in, vars)
	case gojq.TermTypeQuery:
		return r.query(t.Query, in, vars)
	case gojq.TermTypeFunc:
		return r.call(t.Func, in, vars)
	case gojq.TermTypeObject:
		r.object(t.Object, in, vars)
	case gojq.TermTypeArray:
		r.take(r.query(t.Array.Query, in, vars))
	case gojq.TermTypeUnary:
		r.take(r.term(t.Unary.Term, in, vars))
	case gojq.TermTypeFormat, gojq.TermTypeString:
		if t.Str == nil && t.Type == gojq.TermTypeFormat {
			r.take(in)
		}
		r.text(t.Str, in, vars)
	case gojq.TermTypeIf:
		r.take(r.query(t.If.Cond, in, vars))
		out := slices.Clone(r.query(t.If.Then, in, vars))
		for _, e := range t.If.Elif {
			r.take(r.query(e.Cond, in, vars))
			out = append(out, r.query(e.Then, in, vars)...)
		}
		if t.If.Else == nil {
			return append(out, in...)
		}
		return append(out, r.query(t.If.Else, in, vars)...)
	case gojq.TermTypeTry:
		out := r.query(t.Try.Body, in, vars)
		r.take(r.query(t.Try.Catch, nil, vars))
		return out
	case gojq.TermTypeReduce:
		r.fold(t.Reduce.Query, t.Reduce.Patterns, in, vars, t.Reduce.Start, t.Reduce.Update)
	case gojq.TermTypeForeach:
		r.fold(t.Foreach.Query, t.Foreach.Patterns, in, vars, t.Foreach.Start, t.Foreach.Update, t.Foreach.Extract)
	case gojq.TermTypeLabel:
		return r.query(t.Label.Body, in, vars)
	}
	return nil
}

func (r *reader) object(o *gojq.Object, in origin, vars *bound) {
	for _, kv := range o.KeyVals {
		r.text(kv.KeyString, in, vars)
		r.take(r.query(kv.KeyQuery, in, vars))
		switch {
		case kv.Val != nil:
			r.take(r.query(kv.Val, in, vars))
		case kv.Key != "" && kv.Key[0] == '$':
			r.take(vars.find(kv.Key))
		case kv.Key != "":
			r.take(in.at(fieldStep(kv.Key)))
		case kv.KeyString != nil && kv.KeyString.Queries == nil:
			r.take(in.at(fieldStep(kv.KeyString.Str)))
		}
	}
}

func (r *reader) fold(source *gojq.Query, patterns []*gojq.Pattern, in origin, vars *bound, start *gojq.Query, rest ...*gojq.Query) {
	from := r.query(source, in, vars)
	inside := vars
	for _, x := range patterns {
		inside = r.pattern(x, from, inside)
	}
	state := r.query(start, in, vars)
	r.take(state)
	for _, q := range rest {
		r.take(r.query(q, state, inside))
	}
}

// call follows a function. What it does with its input is known of some; of others
// the input counts as read, and the arguments as applied to it.
func (r *reader) call(f *gojq.Func, in origin, vars *bound) origin {
	if f.Name[0] == '$' {
		return vars.find(f.Name)
	}
	i, ok := r.byCall[f]
	if ok && r.uses[i].kind == localUse && len(f.Args) == 0 && r.depth < 20 {
		r.depth++
		defer func() { r.depth-- }()
		return r.query(r.uses[i].def.Body, in, vars)
	}
	if r.kind(f) == builtinUse {
		if out, known := r.builtin(f, in, vars); known {
			return out
		}
	}
	r.take(in)
	for _, a := range f.Args {
		r.take(r.query(a, in, vars))
	}
	return nil
}

func (r *reader) builtin(f *gojq.Func, in origin, vars *bound) (out origin, known bool) {
	members := in.at("[]")
	switch signed(f.Name, len(f.Args)) {
	case "select/1":
		r.take(r.query(f.Args[0], in, vars))
		return in, true
	case "map/1", "sort_by/1", "group_by/1", "unique_by/1", "min_by/1", "max_by/1", "any/1", "all/1", "map_values/1", "INDEX/1":
		r.take(r.query(f.Args[0], members, vars))
		return nil, true
	case "first/0":
		return in.at("[0]"), true
	case "last/0":
		return in.at("[-1]"), true
	case "first/1", "last/1", "isempty/1", "add/1", "debug/1", "error/1", "path/1", "pick/1":
		return r.query(f.Args[0], in, vars), true
	case "limit/2", "skip/2", "nth/2":
		r.take(r.query(f.Args[0], in, vars))
		return r.query(f.Args[1], in, vars), true
	case "del/1", "debug/0", "values/0", "strings/0", "numbers/0", "objects/0", "arrays/0":
		return in, true
	case "empty/0", "now/0", "input/0", "env/0", "nan/0", "infinite/0", "range/1", "range/2", "range/3":
		for _, a := range f.Args {
			r.take(r.query(a, in, vars))
		}
		return nil, true
	}
	return nil, false
}
