package transforms

import (
	"github.com/itchyny/gojq"
)

// A rewriter makes the tree that is compiled from the one that was parsed. It never
// changes what it reads. There are two results of one program: the plain one, which
// runs, and the traced one, which finds where a record fails (see trace.go).
//
// What the plain one changes:
//   - a product goes through times, which does not make a text of gigabytes;
//   - the places of an array that is written to go through place;
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
