package transforms

import (
	"strconv"

	"github.com/itchyny/gojq"
)

// Small parts of a syntax tree, for what is rewritten.

func identity() *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}}
}

func call(name string, args ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}}
}

func variable(name string) *gojq.Query { return call(name) }

func text(s string) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeString, Str: &gojq.String{Str: s}}}
}

func number(n int) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeNumber, Number: strconv.Itoa(n)}}
}

// member is .[n].
func member(n int) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIndex, Index: &gojq.Index{Start: number(n)}}}
}

func binary(left *gojq.Query, op gojq.Operator, right *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: left, Op: op, Right: right}
}

func array(members ...*gojq.Query) *gojq.Query {
	q := members[0]
	for _, m := range members[1:] {
		q = binary(q, gojq.OpComma, m)
	}
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeArray, Array: &gojq.Array{Query: q}}}
}

func inParens(q *gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: q}}
}

// bindTo is value as $name | body.
func bindTo(value *gojq.Query, name string, body *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: value, Op: gojq.OpPipe, Patterns: []*gojq.Pattern{{Name: name}}, Right: body}
}

// asTerm makes a term of q that more can be hung on.
func asTerm(q *gojq.Query) *gojq.Term {
	if q.Term != nil && len(q.FuncDefs) == 0 && len(q.Term.SuffixList) == 0 {
		c := *q.Term
		return &c
	}
	return inParens(q).Term
}
