package transforms

import (
	"strconv"

	"github.com/itchyny/gojq"
)

// A rewriter makes the tree that is compiled from the one that was parsed. It never
// changes what it reads. There are two results of one program: the plain one, which
// runs, and the traced one, which finds where a record fails (see trace.go).
//
// What the plain one changes:
//   - a product goes through times, which does not make a text of gigabytes;
//   - the places of an array that is written to go through farEnough;
//   - in a program that can feed on its own results, what grows goes through a
//     guard (see guard.go);
//   - $__loc__ becomes the line that it stands on;
//   - .a[.b]? looks .b up in the value that the expression is applied to, as jq
//     does and gojq does not.
type rewriter struct {
	*scope
	growth growth
	places []spot // of a traced program
	traced bool
	muted  int // inside of something that swallows errors
}

// growth says what could make a program take more and more.
type growth struct {
	feeds  bool // it can feed on its own results: reduce, recursion, until, …
	writes bool // it writes to places of arrays
	reads  bool // it reads JSON by itself, which gives numbers that are still text
}

// newGrowth looks for what could make a program take more and more.
func newGrowth(s *scope) growth {
	var g growth
	for part := range s.spans {
		switch part := part.(type) {
		case *gojq.Query:
			g.writes = g.writes || part.Op >= gojq.OpAssign
		case *gojq.Term:
			g.feeds = g.feeds || part.Type == gojq.TermTypeReduce || part.Type == gojq.TermTypeForeach
		}
	}
	for _, u := range s.uses {
		switch {
		case u.kind == localUse && u.def != nil:
			def := s.span(u.def)
			g.feeds = g.feeds || def.start <= u.at.start && u.at.end <= def.end
		case u.kind == builtinUse:
			switch u.name {
			case "repeat", "while", "until", "walk", "recurse", "recurse_down":
				g.feeds = true
			case "fromjson":
				g.reads = true
			case "setpath", "pick", "fromstream", "INDEX":
				g.writes = true
			}
		}
	}
	if len(s.spans) == 0 { // the tree has no places: take it to do anything
		g = growth{feeds: true, writes: true, reads: true}
	}
	return g
}

// query gives a new query for q.
func (r *rewriter) query(q *gojq.Query) *gojq.Query {
	if q == nil {
		return nil
	}
	out := r.body(q)
	if len(q.FuncDefs) > 0 {
		defs := make([]*gojq.FuncDef, len(q.FuncDefs))
		for i, d := range q.FuncDefs {
			defs[i] = &gojq.FuncDef{Name: d.Name, Args: d.Args, Body: r.query(d.Body)}
		}
		out = copyOf(out)
		out.FuncDefs = defs
	}
	return out
}

func copyOf(q *gojq.Query) *gojq.Query {
	if len(q.FuncDefs) > 0 {
		return inParens(q)
	}
	c := *q
	return &c
}

func (r *rewriter) body(q *gojq.Query) *gojq.Query {
	switch {
	case q.Term != nil:
		return r.term(q.Term)
	case q.Right == nil:
		return &gojq.Query{}
	case len(q.Patterns) > 0:
		return r.bind(q)
	}
	switch q.Op {
	case gojq.OpPipe, gojq.OpComma, gojq.OpAlt, gojq.OpAnd, gojq.OpOr:
		return binary(r.query(q.Left), q.Op, r.query(q.Right))
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub,
		gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		return r.update(q)
	}
	return r.operation(q, r.query(q.Left), r.query(q.Right))
}

// operation is an operator of two values.
func (r *rewriter) operation(q, left, right *gojq.Query) *gojq.Query {
	if r.tracing() && !isComparison(q.Op) {
		l, n := variable("$__jf_l"), variable("$__jf_r")
		return bindTo(right, "$__jf_r", bindTo(left, "$__jf_l",
			r.watch(spot{kind: operatorSpot, part: q, op: q.Op}, r.compute(q.Op, l, n), array(l, n))))
	}
	return r.compute(q.Op, left, right)
}

func (r *rewriter) compute(op gojq.Operator, left, right *gojq.Query) *gojq.Query {
	switch op {
	case gojq.OpMul:
		return call("__jf_times", left, right)
	case gojq.OpAdd:
		if r.growth.feeds {
			return call("__jf_plus", left, right)
		}
	}
	return binary(left, op, right)
}

func isComparison(op gojq.Operator) bool {
	switch op {
	case gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
		return true
	}
	return false
}

// update is an assignment. Those that compute are written out where the operator
// has a guard or is traced: .a += f is f as $x | .a |= . + $x.
func (r *rewriter) update(q *gojq.Query) *gojq.Query {
	left, right := r.query(q.Left), r.query(q.Right)
	if r.traced && q.Op == gojq.OpAssign && isFixedPath(q.Left) {
		// gojq has a way of its own for these, with messages of its own.
		plain := rewriter{scope: r.scope, growth: r.growth}
		left = plain.query(q.Left)
	}
	var op gojq.Operator
	switch q.Op {
	case gojq.OpUpdateAdd:
		op = gojq.OpAdd
	case gojq.OpUpdateMul:
		op = gojq.OpMul
	case gojq.OpUpdateSub:
		op = gojq.OpSub
	case gojq.OpUpdateDiv:
		op = gojq.OpDiv
	case gojq.OpUpdateMod:
		op = gojq.OpMod
	}
	if op == 0 || !r.tracing() && op != gojq.OpMul && (op != gojq.OpAdd || !r.growth.feeds) {
		return r.watch(spot{kind: updateSpot, part: q}, binary(left, q.Op, right), nil)
	}
	change := r.operation(&gojq.Query{Left: q.Left, Op: op, Right: q.Right}, identity(), variable("$__jf_x"))
	if r.tracing() {
		r.places[len(r.places)-1].part = q
	}
	return r.watch(spot{kind: updateSpot, part: q}, bindTo(right, "$__jf_x", binary(left, gojq.OpModify, change)), nil)
}

// isFixedPath says whether q is a path of constant keys: .a[0].b
func isFixedPath(q *gojq.Query) bool {
	if q.Term == nil || len(q.FuncDefs) > 0 {
		return false
	}
	for _, s := range q.Term.SuffixList {
		if s.Index == nil || isComputed(s.Index) {
			return false
		}
	}
	switch q.Term.Type {
	case gojq.TermTypeIndex:
		return !isComputed(q.Term.Index)
	case gojq.TermTypeQuery:
		return isFixedPath(q.Term.Query)
	}
	return false
}

// bind is left as $x | right.
func (r *rewriter) bind(q *gojq.Query) *gojq.Query {
	if len(q.Patterns) > 1 {
		r.muted++
	}
	out := &gojq.Query{Left: r.query(q.Left), Op: gojq.OpPipe, Patterns: r.patterns(q.Patterns), Right: r.query(q.Right)}
	if len(q.Patterns) > 1 {
		if r.muted--; r.traced {
			out.Right = r.calm(out.Right)
		}
	}
	if q.Patterns[0].Name != "" && len(q.Patterns) == 1 {
		return out
	}
	return r.watch(spot{kind: patternSpot, part: q.Patterns[0]}, out, nil)
}

func (r *rewriter) patterns(ps []*gojq.Pattern) []*gojq.Pattern {
	out := make([]*gojq.Pattern, len(ps))
	for i, p := range ps {
		out[i] = r.pattern(p)
	}
	return out
}

func (r *rewriter) pattern(p *gojq.Pattern) *gojq.Pattern {
	if p == nil {
		return nil
	}
	c := &gojq.Pattern{Name: p.Name}
	for _, one := range p.Array {
		c.Array = append(c.Array, r.pattern(one))
	}
	for _, one := range p.Object {
		c.Object = append(c.Object, &gojq.PatternObject{
			Key: one.Key, KeyString: r.text(one.KeyString), KeyQuery: r.query(one.KeyQuery), Val: r.pattern(one.Val),
		})
	}
	return c
}

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
