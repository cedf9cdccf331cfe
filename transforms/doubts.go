package transforms

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/itchyny/gojq"
)

// Doubts lists what in the program runs, but most likely not as it was meant, in the
// order of the text. condition says that the program is one, as that of an edge.
func (p *Program) Doubts(condition bool) []*SyntaxError {
	d := doubter{Program: p}
	if condition {
		d.condition(p.tree.query)
	}
	for part := range p.spans {
		if t, ok := part.(*gojq.Term); ok {
			d.term(t)
		}
	}
	for _, u := range p.uses {
		if u.kind == builtinUse && (u.name == "env" || u.name == "$ENV") {
			d.add(u.at, "the environment is empty here", "use the step's settings or a connection")
		}
	}
	slices.SortFunc(d.found, func(a, b *SyntaxError) int { return cmp.Compare(a.Offset, b.Offset) })
	return d.found
}

type doubter struct {
	*Program
	found []*SyntaxError
}

func (d *doubter) add(at span, what, fix string) {
	e := newSyntaxError(d.src, at, what, fix)
	e.Doubt = true
	d.found = append(d.found, e)
}

// condition looks at an expression whose value is taken for true or false.
func (d *doubter) condition(q *gojq.Query) {
	if q.Term != nil && q.Term.Type == gojq.TermTypeQuery && len(q.Term.SuffixList) == 0 {
		d.condition(q.Term.Query)
		return
	}
	switch q.Op {
	case gojq.OpAnd, gojq.OpOr:
		d.condition(q.Left)
		d.condition(q.Right)
	case gojq.OpPipe:
		d.condition(q.Right)
	case gojq.OpAssign:
		d.add(d.span(q), "= sets a value, so that this always holds", "write == to compare")
	}
}

// conditional are the functions that take a condition, and as which argument.
var conditional = map[string]int{
	"select/1": 0, "any/1": 0, "all/1": 0, "any/2": 1, "all/2": 1, "while/2": 0, "until/2": 0, "recurse/2": 1,
}

func (d *doubter) term(t *gojq.Term) {
	switch t.Type {
	case gojq.TermTypeIf:
		d.condition(t.If.Cond)
		for _, e := range t.If.Elif {
			d.condition(e.Cond)
		}
	case gojq.TermTypeFunc:
		d.call(t)
	}
	d.length(t)
}

func (d *doubter) call(t *gojq.Term) {
	f := t.Func
	if d.kind(f) != builtinUse {
		return
	}
	if i, ok := conditional[signed(f.Name, len(f.Args))]; ok {
		d.condition(f.Args[i])
	}
	if f.Name == "not" && len(t.SuffixList) > 0 {
		rest := d.src[d.span(t.SuffixList[0]).start:d.span(t).end]
		d.add(d.span(t), fmt.Sprintf("this reads %s of what not gives", rest), fmt.Sprintf("write (%s | not)", rest))
	}
	if n := len(f.Args); n > 0 && f.Args[n-1].Op == gojq.OpComma && isBuiltin(f.Name, n+1) && isConstant(f.Args[n-1].Left) && isConstant(f.Args[n-1].Right) {
		d.add(d.span(f.Args[n-1]), "the comma makes two values here, and the function is called for each", "arguments are parted by ;")
	}
}

// length looks for .items.length, as other languages write it.
func (d *doubter) length(t *gojq.Term) {
	n := len(t.SuffixList)
	if n == 0 || t.SuffixList[n-1].Index == nil || t.SuffixList[n-1].Index.Name != "length" {
		return
	}
	at := d.span(t.SuffixList[n-1])
	before := d.src[d.span(t).start:at.start]
	d.add(at, `.length reads a field called "length"`, fmt.Sprintf("write (%s | length) for how much there is", before))
}
