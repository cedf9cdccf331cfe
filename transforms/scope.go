package transforms

import (
	"slices"

	"github.com/itchyny/gojq"
)

// A use is a name in a program and what it stands for.
type use struct {
	name  string // $x, f, or $*label for a label
	arity int
	at    span
	call  *gojq.Func // nil where the name stands as a key or behind break
	kind  useKind
	def   *gojq.FuncDef // of a local function
}

type useKind uint8

const (
	unknownUse   useKind = iota
	builtinUse           // a function that every program has, or a variable of Vars
	localUse             // a function that the program defines
	parameterUse         // a function that came as an argument
	variableUse          // a variable that the program binds, or a label
)

// names is the list of what is known at one place, innermost first.
type names struct {
	up    *names
	name  string
	arity int
	kind  useKind
	def   *gojq.FuncDef
}

func (n *names) find(name string, arity int) *names {
	for ; n != nil; n = n.up {
		if n.name == name && n.arity == arity {
			return n
		}
	}
	return nil
}

func (n *names) variable(name string) *names {
	return &names{up: n, name: name, kind: variableUse}
}

// A scope lists the uses of names in a tree, in the order of the text.
type scope struct {
	*tree
	uses   []use
	byCall map[*gojq.Func]int // index into uses
	defs   []*gojq.FuncDef
}

// newScope resolves every name of the tree.
func newScope(t *tree) *scope {
	s := &scope{tree: t, byCall: map[*gojq.Func]int{}}
	var known *names
	for _, v := range variables {
		if v != nowVariable {
			known = &names{up: known, name: v, kind: builtinUse}
		}
	}
	s.query(t.query, known)
	return s
}

// kind says what the name of a call stands for.
func (s *scope) kind(f *gojq.Func) useKind {
	if i, ok := s.byCall[f]; ok {
		return s.uses[i].kind
	}
	return unknownUse
}

func (s *scope) add(u use, known *names) {
	if n := known.find(u.name, u.arity); n != nil {
		u.kind, u.def = n.kind, n.def
	} else if u.name[0] != '$' && isBuiltin(u.name, u.arity) || u.name == "$ENV" || u.name == "$__loc__" {
		u.kind = builtinUse
	}
	if u.call != nil {
		s.byCall[u.call] = len(s.uses)
	}
	s.uses = append(s.uses, u)
}

func (s *scope) query(q *gojq.Query, known *names) {
	if q == nil {
		return
	}
	for _, d := range q.FuncDefs {
		known = s.definition(d, known)
	}
	switch {
	case q.Term != nil:
		s.term(q.Term, known)
	case q.Right == nil:
	case len(q.Patterns) > 0:
		s.query(q.Left, known)
		s.query(q.Right, s.patterns(q.Patterns, known))
	default:
		s.query(q.Left, known)
		s.query(q.Right, known)
	}
}

// definition resolves a function's body and gives what is known behind it.
func (s *scope) definition(d *gojq.FuncDef, known *names) *names {
	s.defs = append(s.defs, d)
	outside := &names{up: known, name: d.Name, arity: len(d.Args), kind: localUse, def: d}
	inside := outside
	for _, arg := range d.Args {
		if arg[0] == '$' {
			inside = inside.variable(arg)
			arg = arg[1:]
		}
		inside = &names{up: inside, name: arg, kind: parameterUse}
	}
	s.query(d.Body, inside)
	return outside
}

func (s *scope) term(t *gojq.Term, known *names) {
	switch t.Type {
	case gojq.TermTypeIndex:
		s.index(t.Index, known)
	case gojq.TermTypeFunc:
		f := t.Func
		s.add(use{name: f.Name, arity: len(f.Args), at: s.span(f), call: f}, known)
		for _, arg := range f.Args {
			s.query(arg, known)
		}
	case gojq.TermTypeObject:
		for _, kv := range t.Object.KeyVals {
			s.key(kv.Key, kv.KeyString, kv.KeyQuery, s.span(kv), known)
			s.query(kv.Val, known)
		}
	case gojq.TermTypeArray:
		s.query(t.Array.Query, known)
	case gojq.TermTypeUnary:
		s.term(t.Unary.Term, known)
	case gojq.TermTypeFormat, gojq.TermTypeString:
		s.text(t.Str, known)
	case gojq.TermTypeIf:
		s.query(t.If.Cond, known)
		s.query(t.If.Then, known)
		for _, e := range t.If.Elif {
			s.query(e.Cond, known)
			s.query(e.Then, known)
		}
		s.query(t.If.Else, known)
	case gojq.TermTypeTry:
		s.query(t.Try.Body, known)
		s.query(t.Try.Catch, known)
	case gojq.TermTypeReduce:
		s.query(t.Reduce.Query, known)
		inside := s.patterns(t.Reduce.Patterns, known)
		s.query(t.Reduce.Start, known)
		s.query(t.Reduce.Update, inside)
	case gojq.TermTypeForeach:
		s.query(t.Foreach.Query, known)
		inside := s.patterns(t.Foreach.Patterns, known)
		s.query(t.Foreach.Start, known)
		s.query(t.Foreach.Update, inside)
		s.query(t.Foreach.Extract, inside)
	case gojq.TermTypeLabel:
		s.query(t.Label.Body, known.variable("$*"+t.Label.Ident))
	case gojq.TermTypeBreak:
		s.add(use{name: "$*" + t.Break, at: s.span(t)}, known)
	case gojq.TermTypeQuery:
		s.query(t.Query, known)
	}
	for _, x := range t.SuffixList {
		if x.Index != nil {
			s.index(x.Index, known)
		}
	}
}

func (s *scope) index(x *gojq.Index, known *names) {
	s.text(x.Str, known)
	s.query(x.Start, known)
	s.query(x.End, known)
}

func (s *scope) text(x *gojq.String, known *names) {
	if x == nil {
		return
	}
	for _, q := range x.Queries {
		if q.Term.Str == nil {
			s.query(q.Term.Query, known)
		}
	}
}

func (s *scope) key(name string, text *gojq.String, query *gojq.Query, at span, known *names) {
	if name != "" && name[0] == '$' {
		s.add(use{name: name, at: span{at.start, at.start + len(name)}}, known)
	}
	s.text(text, known)
	s.query(query, known)
}

// patterns resolves the keys inside of patterns and gives what is known behind them.
func (s *scope) patterns(ps []*gojq.Pattern, known *names) *names {
	for _, p := range ps {
		known = s.pattern(p, known)
	}
	return known
}

func (s *scope) pattern(p *gojq.Pattern, known *names) *names {
	if p.Name != "" {
		return known.variable(p.Name)
	}
	for _, one := range p.Array {
		known = s.pattern(one, known)
	}
	for _, one := range p.Object {
		if one.Key != "" && one.Key[0] == '$' {
			known = known.variable(one.Key)
		}
		s.text(one.KeyString, known)
		s.query(one.KeyQuery, known)
		if one.Val != nil {
			known = s.pattern(one.Val, known)
		}
	}
	return known
}

// known lists the names that could stand at a place, for corrections.
func (s *scope) known(variable bool) []string {
	var out []string
	if variable {
		for _, v := range variables {
			if v != nowVariable {
				out = append(out, v)
			}
		}
	}
	for _, u := range s.uses {
		if u.kind != unknownUse && u.kind != builtinUse && (u.name[0] == '$') == variable {
			out = append(out, u.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
