package transforms

import (
	"strings"

	"github.com/itchyny/gojq"
)

// term lays out a term with what hangs on it.
func (f *formatter) term(t *gojq.Term) doc {
	out := join(f.atom(t))
	for _, s := range t.SuffixList {
		switch {
		case s.Optional:
			out = append(out, f.word())
		case s.Iter:
			f.accept(".")
			out = append(out, f.word(), f.word())
		case s.Index.Name != "":
			if f.clings() {
				out = append(out, textDoc(" "))
			}
			out = append(out, f.word())
		case s.Index.Str != nil:
			if f.clings() {
				out = append(out, textDoc(" "))
			}
			out = append(out, f.word(), f.verbatim(s.Index.Str))
		default:
			f.dropDot()
			out = append(out, f.brackets(s.Index))
		}
	}
	return out
}

// clings says whether a dot behind the last word would become a part of it.
func (f *formatter) clings() bool {
	x := f.words[f.next-1]
	text := f.src[x.start:x.end]
	return x.kind == lexNumber || strings.HasSuffix(text, ".")
}

// dropDot passes over the dot of .a.[0], if there is no comment to lose with it.
func (f *formatter) dropDot() {
	if f.is(0, ".") && len(f.before[f.next]) == 0 && f.behind[f.next] == "" {
		f.next++
	}
}

func (f *formatter) brackets(x *gojq.Index) doc {
	var out listDoc
	if f.is(0, ".") {
		out = append(out, f.word())
	}
	out = append(out, f.word())
	var inside listDoc
	if x.Start != nil {
		inside = append(inside, f.query(x.Start))
	}
	if x.IsSlice {
		inside = append(inside, f.word())
		if x.End != nil {
			inside = append(inside, f.query(x.End))
		}
	}
	return group(append(out, nest(soft, inside), soft, f.word())...)
}

func (f *formatter) atom(t *gojq.Term) doc {
	switch t.Type {
	case gojq.TermTypeIndex:
		switch {
		case t.Index.Name != "":
			return f.word()
		case t.Index.Str != nil:
			dot := f.word()
			return join(dot, f.verbatim(t.Index.Str))
		}
		dot := f.word()
		return join(dot, f.brackets(t.Index))
	case gojq.TermTypeFunc:
		return f.call(t.Func)
	case gojq.TermTypeObject:
		return f.object(t.Object)
	case gojq.TermTypeArray:
		open := f.word()
		if t.Array.Query == nil {
			return join(open, f.word())
		}
		inside := f.query(t.Array.Query)
		return group(open, nest(soft, inside), soft, f.word())
	case gojq.TermTypeUnary:
		sign := f.word()
		return join(sign, f.term(t.Unary.Term))
	case gojq.TermTypeFormat:
		name := f.word()
		if t.Str == nil {
			return name
		}
		return join(name, textDoc(" "), f.verbatim(t.Str))
	case gojq.TermTypeString:
		return f.verbatim(t.Str)
	case gojq.TermTypeIf:
		return f.condition(t.If)
	case gojq.TermTypeTry:
		out := join(f.word(), textDoc(" "), f.query(t.Try.Body))
		if t.Try.Catch != nil {
			out = append(out, space, f.word(), textDoc(" "), f.query(t.Try.Catch))
		}
		return group(out)
	case gojq.TermTypeReduce:
		return f.fold(t.Reduce.Query, t.Reduce.Patterns, t.Reduce.Start, t.Reduce.Update)
	case gojq.TermTypeForeach:
		return f.fold(t.Foreach.Query, t.Foreach.Patterns, t.Foreach.Start, t.Foreach.Update, t.Foreach.Extract)
	case gojq.TermTypeBreak:
		word := f.word()
		return join(word, textDoc(" "), f.word())
	case gojq.TermTypeQuery:
		open := f.word()
		inside := f.query(t.Query)
		return group(open, nest(soft, inside), soft, f.word())
	}
	return f.word() // . .. null true false and numbers
}

func (f *formatter) call(c *gojq.Func) doc {
	name := f.word()
	if len(c.Args) == 0 {
		return name
	}
	open := f.word()
	return join(name, f.arguments(open, c.Args))
}

// arguments lays out what stands in parentheses, parted by semicolons.
func (f *formatter) arguments(open doc, args []*gojq.Query) doc {
	inside := join(soft)
	for i, a := range args {
		if i > 0 {
			inside = append(inside, f.word(), space)
		}
		inside = append(inside, f.query(a))
	}
	return group(open, nest(inside), soft, f.word())
}

// object keeps one member to a line where the source has a line break behind "{".
func (f *formatter) object(o *gojq.Object) doc {
	first := f.next
	open := f.word()
	if len(o.KeyVals) == 0 {
		return join(open, f.word())
	}
	spread := strings.ContainsAny(f.src[f.words[first].end:f.words[first+1].start], "\n\r")
	inside := join(soft)
	for i, kv := range o.KeyVals {
		if i > 0 {
			inside = append(inside, f.word(), space)
		}
		inside = append(inside, f.key(kv.Key, kv.KeyString, kv.KeyQuery))
		if kv.Val != nil {
			inside = append(inside, f.word(), textDoc(" "), f.value(kv.Val))
		}
	}
	if f.is(0, ",") { // one behind the last member, which is not needed
		comma := f.word()
		if comma.breaks() {
			inside = append(inside, comma)
		}
	}
	g := group(open, nest(inside), soft, f.word()).(groupDoc)
	g.open = g.open || spread
	return g
}

// value is what stands behind a key. A pipeline in lines of its own begins on the
// next line.
func (f *formatter) value(q *gojq.Query) doc {
	v := f.query(q)
	if q.Term == nil {
		return group(nest(v))
	}
	return v
}

func (f *formatter) key(name string, text *gojq.String, query *gojq.Query) doc {
	switch {
	case name != "":
		return f.word()
	case text != nil:
		return f.verbatim(text)
	}
	open := f.word()
	inside := f.query(query)
	return group(open, nest(soft, inside), soft, f.word())
}

func (f *formatter) condition(c *gojq.If) doc {
	branch := func(cond, then *gojq.Query) doc {
		head := join(f.word(), textDoc(" "), f.query(cond), textDoc(" "), f.word())
		return join(head, nest(space, f.query(then)))
	}
	out := join(branch(c.Cond, c.Then))
	for _, e := range c.Elif {
		out = append(out, space, branch(e.Cond, e.Then))
	}
	if c.Else != nil {
		out = append(out, space, f.word(), nest(space, f.query(c.Else)))
	}
	return group(append(out, space, f.word())...)
}

// fold lays out reduce and foreach.
func (f *formatter) fold(source *gojq.Query, patterns []*gojq.Pattern, parts ...*gojq.Query) doc {
	out := join(f.word(), textDoc(" "), f.query(source), textDoc(" "), f.patterns(patterns), textDoc(" "))
	if parts[len(parts)-1] == nil {
		parts = parts[:len(parts)-1]
	}
	open := f.word()
	return group(append(out, f.arguments(open, parts))...)
}

func (f *formatter) patterns(ps []*gojq.Pattern) doc {
	out := join(f.word(), textDoc(" "))
	for i, p := range ps {
		if i > 0 {
			out = append(out, textDoc(" "), f.word(), f.word(), textDoc(" "))
		}
		out = append(out, f.pattern(p))
	}
	return out
}

func (f *formatter) pattern(p *gojq.Pattern) doc {
	if p.Name != "" {
		return f.word()
	}
	open := f.word()
	inside := join(soft)
	for i, one := range p.Array {
		if i > 0 {
			inside = append(inside, f.word(), space)
		}
		inside = append(inside, f.pattern(one))
	}
	for i, one := range p.Object {
		if i > 0 {
			inside = append(inside, f.word(), space)
		}
		inside = append(inside, f.key(one.Key, one.KeyString, one.KeyQuery))
		if one.Val != nil {
			inside = append(inside, f.word(), textDoc(" "), f.pattern(one.Val))
		}
	}
	return group(open, nest(inside), soft, f.word())
}
