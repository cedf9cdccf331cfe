package transforms

import (
	"errors"

	"github.com/itchyny/gojq"
)

// A tree is parsed jq in which every part knows its place. gojq's syntax tree has
// no positions; they come from walking it in the order of the text, where each part
// takes exactly the lexemes that it is made of.
type tree struct {
	src   string
	query *gojq.Query
	words []lexeme // without comments
	// spans is keyed by the parts: *gojq.Query, *gojq.Term, *gojq.Suffix,
	// *gojq.Func, *gojq.FuncDef, *gojq.Pattern, *gojq.ObjectKeyVal.
	spans map[any]span
}

// A span is a stretch of the source, in bytes.
type span struct{ start, end int }

func (s span) text(src string) string { return src[s.start:s.end] }

// span finds the place of a part, or the whole text.
func (t *tree) span(part any) span {
	if s, ok := t.spans[part]; ok {
		return s
	}
	return span{0, len(t.src)}
}

var errMisaligned = errors.New("the tree does not fit its text")

// newTree aligns q with the text that it was parsed from.
func newTree(src string, q *gojq.Query) (t *tree, err error) {
	t = &tree{src: src, query: q, spans: map[any]span{}}
	for _, x := range lex(src) {
		if x.kind != lexComment {
			t.words = append(t.words, x)
		}
	}
	a := aligner{tree: t}
	defer func() {
		switch r := recover(); r {
		case nil:
		case errMisaligned:
			t.spans, err = map[any]span{}, errMisaligned
		default:
			panic(r)
		}
	}()
	a.body(q)
	if a.next != len(t.words) {
		return t, errMisaligned
	}
	return t, nil
}

type aligner struct {
	*tree
	next int
}

// is says whether the lexeme ahead by n is this operator or keyword.
func (a *aligner) is(n int, text string) bool {
	if a.next+n >= len(a.words) {
		return false
	}
	x := a.words[a.next+n]
	return (x.kind == lexOp || x.kind == lexKeyword) && a.src[x.start:x.end] == text
}

func (a *aligner) take(text string) {
	if !a.is(0, text) {
		panic(errMisaligned)
	}
	a.next++
}

func (a *aligner) accept(text string) {
	if a.is(0, text) {
		a.next++
	}
}

func (a *aligner) takeKind(kinds ...lexKind) {
	if a.next < len(a.words) {
		for _, k := range kinds {
			if a.words[a.next].kind == k {
				a.next++
				return
			}
		}
	}
	panic(errMisaligned)
}

// mark notes that part reaches from the lexeme number first to the last one taken.
func (a *aligner) mark(part any, first int) {
	if first >= a.next {
		return
	}
	a.spans[part] = span{a.words[first].start, a.words[a.next-1].end}
}

// body aligns a program that may be nothing but definitions.
func (a *aligner) body(q *gojq.Query) {
	if q.Meta != nil || len(q.Imports) > 0 {
		panic(errMisaligned)
	}
	a.query(q)
}

func (a *aligner) query(q *gojq.Query) {
	first := a.next
	for _, d := range q.FuncDefs {
		a.definition(d)
	}
	switch {
	case q.Term != nil:
		a.term(q.Term)
	case q.Right == nil:
	case len(q.Patterns) > 0:
		a.query(q.Left)
		a.patterns(q.Patterns)
		a.take("|")
		a.query(q.Right)
	default:
		a.query(q.Left)
		a.take(q.Op.String())
		a.query(q.Right)
	}
	a.mark(q, first)
}

func (a *aligner) definition(d *gojq.FuncDef) {
	first := a.next
	a.take("def")
	a.takeKind(lexName)
	if len(d.Args) > 0 {
		a.take("(")
		for i := range d.Args {
			if i > 0 {
				a.take(";")
			}
			a.takeKind(lexName, lexVariable)
		}
		a.take(")")
	}
	a.take(":")
	a.query(d.Body)
	a.take(";")
	a.mark(d, first)
}

func (a *aligner) term(t *gojq.Term) {
	first := a.next
	a.base(t)
	for _, s := range t.SuffixList {
		at := a.next
		switch {
		case s.Optional:
			a.take("?")
		case s.Iter:
			a.accept(".")
			a.take("[")
			a.take("]")
		case s.Index.Name != "":
			a.takeKind(lexField)
		default:
			a.accept(".")
			a.index(s.Index)
		}
		a.mark(s, at)
	}
	a.mark(t, first)
}

// index aligns what follows the dot: a text or what stands in brackets.
func (a *aligner) index(x *gojq.Index) {
	if x.Str != nil {
		a.text(x.Str)
		return
	}
	a.take("[")
	if x.Start != nil {
		a.query(x.Start)
	}
	if x.IsSlice {
		a.take(":")
		if x.End != nil {
			a.query(x.End)
		}
	}
	a.take("]")
}

func (a *aligner) base(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeIdentity:
		a.take(".")
	case gojq.TermTypeRecurse:
		a.take("..")
	case gojq.TermTypeNull:
		a.take("null")
	case gojq.TermTypeTrue:
		a.take("true")
	case gojq.TermTypeFalse:
		a.take("false")
	case gojq.TermTypeIndex:
		first := a.next
		if t.Index.Name != "" {
			a.takeKind(lexField)
		} else {
			a.take(".")
			a.index(t.Index)
		}
		a.mark(t.Index, first)
	case gojq.TermTypeFunc:
		a.call(t.Func)
	case gojq.TermTypeObject:
		a.object(t.Object)
	case gojq.TermTypeArray:
		a.take("[")
		if t.Array.Query != nil {
			a.query(t.Array.Query)
		}
		a.take("]")
	case gojq.TermTypeNumber:
		a.takeKind(lexNumber)
	case gojq.TermTypeUnary:
		a.take(t.Unary.Op.String())
		a.term(t.Unary.Term)
	case gojq.TermTypeFormat:
		a.takeKind(lexFormat)
		if t.Str != nil {
			a.text(t.Str)
		}
	case gojq.TermTypeString:
		a.text(t.Str)
	case gojq.TermTypeIf:
		a.condition(t.If)
	case gojq.TermTypeTry:
		a.take("try")
		a.query(t.Try.Body)
		if t.Try.Catch != nil {
			a.take("catch")
			a.query(t.Try.Catch)
		}
	case gojq.TermTypeReduce:
		a.fold("reduce", t.Reduce.Query, t.Reduce.Patterns, t.Reduce.Start, t.Reduce.Update)
	case gojq.TermTypeForeach:
		f := t.Foreach
		if f.Extract == nil {
			a.fold("foreach", f.Query, f.Patterns, f.Start, f.Update)
		} else {
			a.fold("foreach", f.Query, f.Patterns, f.Start, f.Update, f.Extract)
		}
	case gojq.TermTypeLabel:
		a.take("label")
		a.takeKind(lexVariable)
		a.take("|")
		a.query(t.Label.Body)
	case gojq.TermTypeBreak:
		a.take("break")
		a.takeKind(lexVariable)
	case gojq.TermTypeQuery:
		a.take("(")
		a.query(t.Query)
		a.take(")")
	default:
		panic(errMisaligned)
	}
}

func (a *aligner) call(f *gojq.Func) {
	first := a.next
	a.takeKind(lexName, lexVariable)
	if len(f.Args) > 0 {
		a.take("(")
		for i, arg := range f.Args {
			if i > 0 {
				a.take(";")
			}
			a.query(arg)
		}
		a.take(")")
	}
	a.mark(f, first)
}

func (a *aligner) object(o *gojq.Object) {
	a.take("{")
	for i, kv := range o.KeyVals {
		if i > 0 {
			a.take(",")
		}
		first := a.next
		a.key(kv.Key, kv.KeyString, kv.KeyQuery)
		if kv.Val != nil {
			a.take(":")
			a.query(kv.Val)
		}
		a.mark(kv, first)
	}
	if len(o.KeyVals) > 0 {
		a.accept(",")
	}
	a.take("}")
}

func (a *aligner) key(name string, text *gojq.String, query *gojq.Query) {
	switch {
	case name != "":
		a.takeKind(lexName, lexVariable, lexKeyword)
	case text != nil:
		a.text(text)
	default:
		a.take("(")
		a.query(query)
		a.take(")")
	}
}

func (a *aligner) text(s *gojq.String) {
	first := a.next
	if s.Queries == nil {
		a.takeKind(lexString)
		a.mark(s, first)
		return
	}
	a.takeKind(lexOpen)
	for _, q := range s.Queries {
		if q.Term.Str != nil {
			a.takeKind(lexString)
			continue
		}
		at := a.next
		a.takeKind(lexInsert)
		a.query(q.Term.Query)
		a.take(")")
		a.mark(q, at)
	}
	a.takeKind(lexClose)
	a.mark(s, first)
}

func (a *aligner) condition(c *gojq.If) {
	a.take("if")
	a.query(c.Cond)
	a.take("then")
	a.query(c.Then)
	for _, e := range c.Elif {
		a.take("elif")
		a.query(e.Cond)
		a.take("then")
		a.query(e.Then)
	}
	if c.Else != nil {
		a.take("else")
		a.query(c.Else)
	}
	a.take("end")
}

// fold aligns reduce and foreach.
func (a *aligner) fold(word string, source *gojq.Query, patterns []*gojq.Pattern, parts ...*gojq.Query) {
	a.take(word)
	a.query(source)
	a.patterns(patterns)
	a.take("(")
	for i, q := range parts {
		if i > 0 {
			a.take(";")
		}
		a.query(q)
	}
	a.take(")")
}

func (a *aligner) patterns(ps []*gojq.Pattern) {
	a.take("as")
	for i, p := range ps {
		if i > 0 {
			a.take("?")
			a.take("//")
		}
		a.pattern(p)
	}
}

func (a *aligner) pattern(p *gojq.Pattern) {
	first := a.next
	switch {
	case p.Name != "":
		a.takeKind(lexVariable)
	case len(p.Array) > 0:
		a.take("[")
		for i, one := range p.Array {
			if i > 0 {
				a.take(",")
			}
			a.pattern(one)
		}
		a.take("]")
	default:
		a.take("{")
		for i, one := range p.Object {
			if i > 0 {
				a.take(",")
			}
			a.key(one.Key, one.KeyString, one.KeyQuery)
			if one.Val != nil {
				a.take(":")
				a.pattern(one.Val)
			}
		}
		a.take("}")
	}
	a.mark(p, first)
}
