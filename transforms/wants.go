package transforms

import (
	"slices"

	"github.com/itchyny/gojq"

	"jackfield/flow/value"
)

// Wants tells which parts of a record the program can see: as long as it goes well, it
// gives the same for a record that has only these. nil is all of the record.
func (p *Program) Wants() *value.Want {
	if len(p.spans) == 0 {
		return nil
	}
	var all wanted
	all.query(p.tree.query)
	return all.want()
}

// wanted gathers what is seen of one value: all of it, or some of its members.
type wanted struct {
	all     bool
	members map[string]*wanted
}

func (w *wanted) want() *value.Want {
	if w.all {
		return nil
	}
	m := make(map[string]*value.Want, len(w.members))
	for name, one := range w.members {
		m[name] = one.want()
	}
	return value.Of(m)
}

// inside is what is seen of a member. What w is nil for is not of the record.
func (w *wanted) inside(name string) *wanted {
	if w == nil {
		return nil
	}
	if w.members == nil {
		w.members = map[string]*wanted{}
	}
	if w.members[name] == nil {
		w.members[name] = &wanted{}
	}
	return w.members[name]
}

func (w *wanted) whole() {
	if w != nil {
		w.all = true
	}
}

// query marks what q sees where w is its input.
func (w *wanted) query(q *gojq.Query) {
	switch {
	case q == nil || w == nil:
	case len(q.FuncDefs) > 0 || len(q.Imports) > 0 || len(q.Patterns) > 0:
		w.whole()
	case q.Term != nil:
		w.term(q.Term)
	case q.Op == gojq.OpPipe:
		if on, ok := w.path(q.Left); ok {
			on.query(q.Right)
			return
		}
		w.query(q.Left) // what is on the right sees what that gives
	case slices.Contains(sideBySide, q.Op):
		w.query(q.Left)
		w.query(q.Right)
	default:
		w.whole()
	}
}

// sideBySide are the operators whose two sides see the same input, and give what is
// made of what those give.
var sideBySide = []gojq.Operator{
	gojq.OpComma, gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv, gojq.OpMod, gojq.OpEq, gojq.OpNe,
	gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe, gojq.OpAnd, gojq.OpOr, gojq.OpAlt,
}

// path finds the part of the input that q gives and nothing else, like .a.b.
func (w *wanted) path(q *gojq.Query) (*wanted, bool) {
	if q == nil || q.Term == nil || len(q.FuncDefs) > 0 {
		return nil, false
	}
	t := q.Term
	on := w
	switch t.Type {
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		name, ok := constantKey(t.Index)
		if !ok {
			return nil, false
		}
		on = on.inside(name)
	case gojq.TermTypeQuery:
		inner, ok := w.path(t.Query)
		if !ok {
			return nil, false
		}
		on = inner
	default:
		return nil, false
	}
	for _, s := range t.SuffixList {
		name, ok := "", s.Optional
		if s.Index != nil {
			name, ok = constantKey(s.Index)
			on = on.inside(name)
		}
		if !ok {
			return nil, false
		}
	}
	return on, true
}

// term marks what t sees.
func (w *wanted) term(t *gojq.Term) {
	on := w
	switch t.Type {
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
		return
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		name, ok := constantKey(t.Index)
		if !ok {
			w.whole()
			return
		}
		on = w.inside(name)
	case gojq.TermTypeFunc:
		if t.Func.Name[0] != '$' || len(t.Func.Args) > 0 {
			w.whole()
			return
		}
		on = nil
	default:
		if !w.compound(t) {
			w.whole()
			return
		}
		on = nil
	}
	for _, s := range t.SuffixList {
		name, ok := "", s.Optional || s.Iter
		if s.Index != nil {
			name, ok = constantKey(s.Index)
		}
		if !ok {
			w.whole() // what stands in the brackets sees the input too
			return
		}
		if s.Iter {
			on.whole()
			on = nil
		}
		if s.Index != nil {
			on = on.inside(name)
		}
	}
	on.whole()
}

// compound marks what a term sees that is made of others; false where that is not
// known.
func (w *wanted) compound(t *gojq.Term) bool {
	switch t.Type {
	case gojq.TermTypeQuery:
		if on, ok := w.path(t.Query); ok && len(t.SuffixList) > 0 {
			on.whole()
			return true
		}
		w.query(t.Query)
	case gojq.TermTypeArray:
		w.query(t.Array.Query)
	case gojq.TermTypeUnary:
		w.term(t.Unary.Term)
	case gojq.TermTypeString:
		if t.Str != nil {
			for _, q := range t.Str.Queries {
				w.query(q)
			}
		}
	case gojq.TermTypeIf:
		w.query(t.If.Cond)
		w.query(t.If.Then)
		for _, e := range t.If.Elif {
			w.query(e.Cond)
			w.query(e.Then)
		}
		if t.If.Else == nil {
			w.whole()
		}
		w.query(t.If.Else)
	case gojq.TermTypeObject:
		return w.object(t.Object)
	default:
		return false
	}
	return true
}

func (w *wanted) object(o *gojq.Object) bool {
	for _, kv := range o.KeyVals {
		switch {
		case kv.KeyQuery != nil:
			w.query(kv.KeyQuery)
		case kv.KeyString != nil:
			if len(kv.KeyString.Queries) > 0 || kv.Val == nil {
				return false
			}
		case kv.Val == nil && kv.Key[0] == '$':
			continue
		case kv.Val == nil:
			w.inside(kv.Key).whole()
		}
		w.query(kv.Val)
	}
	return true
}
