package transforms

import (
	"strconv"

	"github.com/itchyny/gojq"
)

// term gives a query for a term with what hangs on it: .a[0].b?
func (r *rewriter) term(t *gojq.Term) *gojq.Query {
	if r.traced {
		return r.tracedTerm(t)
	}
	base := r.base(t)
	if len(t.SuffixList) == 0 {
		return base
	}
	out := asTerm(base)
	var keys []binding
	for i, s := range t.SuffixList {
		guarded := i+1 < len(t.SuffixList) && t.SuffixList[i+1].Optional
		x := s.Index
		if x != nil && guarded && isComputed(x) && !(i == 0 && t.Type == gojq.TermTypeIdentity) {
			x = r.boundIndex(x, &keys)
		} else {
			x = r.index(x)
		}
		out.SuffixList = append(out.SuffixList, &gojq.Suffix{Index: x, Iter: s.Iter, Optional: s.Optional})
	}
	return bindAll(keys, &gojq.Query{Term: out})
}

// A binding is a key that is computed before the value that it looks into.
type binding struct {
	name string
	key  *gojq.Query
}

// bindAll puts the bindings around q; the last one is the outermost, as gojq takes
// them.
func bindAll(keys []binding, q *gojq.Query) *gojq.Query {
	for _, k := range keys {
		q = bindTo(k.key, k.name, q)
	}
	return q
}

// isComputed says whether a key is neither a name nor a number nor a plain text.
func isComputed(x *gojq.Index) bool {
	if x.Str != nil {
		return x.Str.Queries != nil
	}
	return x.Name == "" && !(isConstant(x.Start) && isConstant(x.End))
}

func isConstant(q *gojq.Query) bool {
	if q == nil {
		return true
	}
	if q.Term == nil || len(q.Term.SuffixList) > 0 || len(q.FuncDefs) > 0 {
		return false
	}
	switch t := q.Term; t.Type {
	case gojq.TermTypeNumber, gojq.TermTypeNull:
		return true
	case gojq.TermTypeString:
		return t.Str.Queries == nil
	case gojq.TermTypeUnary:
		return t.Unary.Term.Type == gojq.TermTypeNumber && len(t.Unary.Term.SuffixList) == 0
	}
	return false
}

// boundIndex moves the computed keys of x into bindings.
func (r *rewriter) boundIndex(x *gojq.Index, keys *[]binding) *gojq.Index {
	bound := func(q *gojq.Query) *gojq.Query {
		if q == nil || isConstant(q) {
			return r.key(q)
		}
		name := "$__jf_k" + strconv.Itoa(len(*keys))
		*keys = append(*keys, binding{name, r.key(q)})
		return variable(name)
	}
	if x.Str != nil {
		if x.Str.Queries == nil {
			return &gojq.Index{Str: x.Str}
		}
		return &gojq.Index{Start: bound(&gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeString, Str: x.Str}})}
	}
	c := &gojq.Index{Name: x.Name, IsSlice: x.IsSlice}
	c.End = bound(x.End)
	c.Start = bound(x.Start)
	return c
}

func (r *rewriter) index(x *gojq.Index) *gojq.Index {
	if x == nil {
		return nil
	}
	return &gojq.Index{Name: x.Name, Str: r.text(x.Str), Start: r.key(x.Start), End: r.key(x.End), IsSlice: x.IsSlice}
}

// key is a query that gives a key or a place.
func (r *rewriter) key(q *gojq.Query) *gojq.Query {
	if q == nil {
		return nil
	}
	if isConstant(q) && !r.isFar(q) {
		return q
	}
	if r.growth.writes {
		return binary(r.query(q), gojq.OpPipe, call("__jf_place"))
	}
	return r.query(q)
}

// isFar says whether a constant place is one that only __jf_place may allow.
func (r *rewriter) isFar(q *gojq.Query) bool {
	return q.Term.Type == gojq.TermTypeNumber && len(q.Term.Number) > 4
}

// base gives a query for the term without what hangs on it.
func (r *rewriter) base(t *gojq.Term) *gojq.Query {
	c := gojq.Term{Type: t.Type}
	switch t.Type {
	case gojq.TermTypeIndex:
		c.Index = r.index(t.Index)
	case gojq.TermTypeFunc:
		return r.call(t.Func)
	case gojq.TermTypeObject:
		c.Object = r.object(t.Object)
	case gojq.TermTypeArray:
		c.Array = &gojq.Array{Query: r.query(t.Array.Query)}
	case gojq.TermTypeNumber:
		c.Number = t.Number
	case gojq.TermTypeUnary:
		if isConstant(&gojq.Query{Term: &gojq.Term{Type: t.Type, Unary: t.Unary}}) {
			c.Unary = t.Unary
		} else {
			c.Unary = &gojq.Unary{Op: t.Unary.Op, Term: asTerm(r.term(t.Unary.Term))}
		}
	case gojq.TermTypeFormat:
		c.Format, c.Str = t.Format, r.text(t.Str)
		if r.growth.feeds && t.Str == nil {
			return binary(call("__jf_fit"), gojq.OpPipe, &gojq.Query{Term: &c})
		}
	case gojq.TermTypeString:
		c.Str = r.text(t.Str)
	case gojq.TermTypeIf:
		c.If = &gojq.If{Cond: r.query(t.If.Cond), Then: r.query(t.If.Then), Else: r.query(t.If.Else)}
		for _, e := range t.If.Elif {
			c.If.Elif = append(c.If.Elif, &gojq.IfElif{Cond: r.query(e.Cond), Then: r.query(e.Then)})
		}
	case gojq.TermTypeTry:
		return r.try(t.Try)
	case gojq.TermTypeReduce:
		x := t.Reduce
		c.Reduce = &gojq.Reduce{Query: r.query(x.Query), Patterns: r.patterns(x.Patterns), Start: r.query(x.Start), Update: r.query(x.Update)}
	case gojq.TermTypeForeach:
		x := t.Foreach
		c.Foreach = &gojq.Foreach{Query: r.query(x.Query), Patterns: r.patterns(x.Patterns), Start: r.query(x.Start), Update: r.query(x.Update), Extract: r.query(x.Extract)}
	case gojq.TermTypeLabel:
		c.Label = &gojq.Label{Ident: t.Label.Ident, Body: r.query(t.Label.Body)}
	case gojq.TermTypeBreak:
		c.Break = t.Break
	case gojq.TermTypeQuery:
		c.Query = r.query(t.Query)
	}
	return &gojq.Query{Term: &c}
}

func (r *rewriter) call(f *gojq.Func) *gojq.Query {
	if f.Name == "$__loc__" && r.kind(f) == builtinUse {
		return r.location(r.span(f))
	}
	args := make([]*gojq.Query, len(f.Args))
	for i, a := range f.Args {
		args[i] = r.query(a)
	}
	out := call(f.Name, args...)
	if r.kind(f) != builtinUse {
		return out
	}
	switch signed(f.Name, len(f.Args)) {
	case "setpath/2":
		out.Term.Func.Args[0] = binary(args[0], gojq.OpPipe, call("__jf_path"))
	case "getpath/1":
		if r.growth.writes {
			out.Term.Func.Args[0] = binary(args[0], gojq.OpPipe, call("__jf_path"))
		}
	case "fromstream/1":
		out.Term.Func.Args[0] = binary(args[0], gojq.OpPipe, call("__jf_event"))
	case "tojson/0", "tostring/0", "add/0", "flatten/0", "flatten/1", "format/1", "join/1":
		if r.growth.feeds {
			return inParens(binary(call("__jf_fit"), gojq.OpPipe, out))
		}
	}
	return out
}

// location is what $__loc__ stands for.
func (r *rewriter) location(at span) *gojq.Query {
	line, _ := place(r.src, at.start)
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeObject, Object: &gojq.Object{KeyVals: []*gojq.ObjectKeyVal{
		{Key: "file", Val: text("<top-level>")},
		{Key: "line", Val: number(line)},
	}}}}
}

func (r *rewriter) object(o *gojq.Object) *gojq.Object {
	c := &gojq.Object{KeyVals: make([]*gojq.ObjectKeyVal, len(o.KeyVals))}
	for i, kv := range o.KeyVals {
		n := &gojq.ObjectKeyVal{Key: kv.Key, KeyString: r.text(kv.KeyString), KeyQuery: r.query(kv.KeyQuery), Val: r.query(kv.Val)}
		if kv.Key == "$__loc__" && kv.Val == nil {
			n.Key, n.Val = "__loc__", r.location(r.span(kv))
		}
		if n.KeyQuery != nil && r.tracing() {
			n.KeyQuery = r.watchedKey(kv.KeyQuery, n.KeyQuery)
		}
		c.KeyVals[i] = n
	}
	return c
}

// text rewrites the parts of a text that are computed.
func (r *rewriter) text(s *gojq.String) *gojq.String {
	if s == nil || s.Queries == nil {
		return s
	}
	c := &gojq.String{Queries: make([]*gojq.Query, len(s.Queries))}
	for i, q := range s.Queries {
		if q.Term.Str != nil {
			c.Queries[i] = q
			continue
		}
		part := r.query(q.Term.Query)
		if r.growth.feeds {
			part = binary(part, gojq.OpPipe, call("__jf_fit"))
		}
		c.Queries[i] = inParens(part)
	}
	return c
}

func (r *rewriter) try(t *gojq.Try) *gojq.Query {
	r.muted++
	body := r.query(t.Body)
	r.muted--
	catch := r.query(t.Catch)
	if r.traced {
		catch = r.calm(catch)
	}
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeTry, Try: &gojq.Try{Body: body, Catch: catch}}}
}
