package transforms

import (
	"cmp"
	"context"
	"slices"

	"github.com/itchyny/gojq"
)

// Steps lists the ids of the steps whose data the program reads as $steps.id, in the
// order of the text. all is true where it uses $steps in any other way.
func (p *Program) Steps() (ids []string, all bool) {
	if len(p.spans) == 0 {
		return nil, true
	}
	known := map[*gojq.Func]bool{}
	type found struct {
		id string
		at int
	}
	var list []found
	for part, at := range p.spans {
		t, ok := part.(*gojq.Term)
		if !ok || t.Type != gojq.TermTypeFunc || t.Func.Name != "$steps" || len(t.SuffixList) == 0 || t.SuffixList[0].Index == nil {
			continue
		}
		if id, ok := constantKey(t.SuffixList[0].Index); ok {
			known[t.Func] = true
			list = append(list, found{id, at.start})
		}
	}
	slices.SortFunc(list, func(a, b found) int { return cmp.Compare(a.at, b.at) })
	for _, u := range p.uses {
		if u.name == "$steps" && u.kind == builtinUse && !known[u.call] {
			all = true
		}
	}
	for _, f := range list {
		if !slices.Contains(ids, f.id) && p.stepsIsOurs(f.at) {
			ids = append(ids, f.id)
		}
	}
	return ids, all
}

// stepsIsOurs says whether the $steps at a place is that of the run, not a variable
// that the program binds.
func (p *Program) stepsIsOurs(at int) bool {
	return slices.ContainsFunc(p.uses, func(u use) bool {
		return u.name == "$steps" && u.at.start == at && u.kind == builtinUse
	})
}

// constantKey is the field that an index reads, where its text says so.
func constantKey(x *gojq.Index) (string, bool) {
	switch {
	case x.Name != "":
		return x.Name, true
	case x.Str != nil:
		return x.Str.Str, x.Str.Queries == nil
	case x.IsSlice || x.Start == nil || x.Start.Term == nil || len(x.Start.Term.SuffixList) > 0:
		return "", false
	}
	if t := x.Start.Term; t.Type == gojq.TermTypeString && t.Str.Queries == nil {
		return t.Str.Str, true
	}
	return "", false
}

// Constant is the value of a program that is a text or a number, or reckons with such, and
// reads nothing.
func (p *Program) Constant() (v any, ok bool) {
	if !isReckoned(p.tree.query) {
		return nil, false
	}
	v, err := p.One(context.Background(), nil, Vars{})
	return v, err == nil
}

func isReckoned(q *gojq.Query) bool {
	if q.Left == nil || q.Right == nil {
		return isConstant(q)
	}
	switch q.Op {
	case gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv:
		return isReckoned(q.Left) && isReckoned(q.Right)
	}
	return false
}

// UsesTrigger says whether the program reads $trigger.
func (p *Program) UsesTrigger() bool { return p.reads("$trigger") }

// UsesLoop says whether the program reads $loop, $item or $index.
func (p *Program) UsesLoop() bool { return p.reads("$loop") || p.reads("$item") || p.reads("$index") }

// UsesLoops says whether the program reads $loops.
func (p *Program) UsesLoops() bool { return p.reads("$loops") }

// UsesProblem says whether the program reads $problem.
func (p *Program) UsesProblem() bool { return p.reads("$problem") }

func (p *Program) reads(variable string) bool {
	return slices.ContainsFunc(p.uses, func(u use) bool { return u.name == variable && u.kind == builtinUse })
}

// Keys lists the keys of the object that the program gives, as far as its text
// tells. exact says that every value it gives is an object with these keys and no
// others.
func (p *Program) Keys() (names []string, exact bool) {
	k := p.keys(p.tree.query, keySet{})
	return k.names, k.exact && !k.never
}

// KeysAt lists the keys of the object that stands under a name in the object that the
// program gives, as far as its text tells. exact says that there are no others.
func (p *Program) KeysAt(name string) (names []string, exact bool) {
	q := p.tree.query
	for q != nil && q.Term != nil && q.Term.Type == gojq.TermTypeQuery && len(q.Term.SuffixList) == 0 {
		q = q.Term.Query
	}
	if q == nil || q.Term == nil || q.Term.Type != gojq.TermTypeObject || len(q.Term.SuffixList) > 0 {
		return nil, false
	}
	for _, kv := range q.Term.Object.KeyVals {
		if kv.Val == nil || kv.Key != name && (kv.KeyString == nil || kv.KeyString.Queries != nil || kv.KeyString.Str != name) {
			continue
		}
		k := p.keys(kv.Val, keySet{})
		return k.names, k.exact && !k.never
	}
	return nil, false
}

// A keySet is what is known about the keys of an object.
type keySet struct {
	names []string
	exact bool
	never bool // there is no such object: the program gives nothing here, or fails
}

// or is what is known where either of two objects comes.
func (k keySet) or(other keySet) keySet {
	if k.never {
		return other
	}
	if other.never {
		return k
	}
	out := keySet{names: slices.Clone(k.names), exact: k.exact && other.exact && len(k.names) == len(other.names)}
	for _, n := range other.names {
		if !slices.Contains(k.names, n) {
			out.names = append(out.names, n)
			out.exact = false
		}
	}
	return out
}

// with is what is known when a second object is laid over the first.
func (k keySet) with(other keySet) keySet {
	out := keySet{names: slices.Clone(k.names), exact: k.exact && other.exact}
	for _, n := range other.names {
		if !slices.Contains(out.names, n) {
			out.names = append(out.names, n)
		}
	}
	return out
}

// keys follows q through what it is given.
func (p *Program) keys(q *gojq.Query, in keySet) keySet {
	switch {
	case q == nil:
		return in
	case q.Term != nil:
		return p.keysOfTerm(q.Term, in)
	case q.Right == nil:
		return keySet{}
	case len(q.Patterns) > 0:
		return p.keys(q.Right, in)
	}
	switch q.Op {
	case gojq.OpPipe:
		return p.keys(q.Right, p.keys(q.Left, in))
	case gojq.OpComma, gojq.OpAlt:
		return p.keys(q.Left, in).or(p.keys(q.Right, in))
	case gojq.OpAdd, gojq.OpMul:
		return p.keys(q.Left, in).with(p.keys(q.Right, in))
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		fields, simple := firstFields(q.Left)
		out := in.with(keySet{names: fields, exact: true})
		// |= empty takes a field away.
		out.exact = out.exact && simple && q.Op != gojq.OpModify
		return out
	}
	return keySet{}
}

// firstFields are the fields of an object that a path goes through: a and b of
// .a.x, .b. simple says that there are no others.
func firstFields(q *gojq.Query) (names []string, simple bool) {
	switch {
	case q.Term == nil && q.Op == gojq.OpComma:
		l, a := firstFields(q.Left)
		r, b := firstFields(q.Right)
		return append(l, r...), a && b
	case q.Term == nil:
		return nil, false
	case q.Term.Type == gojq.TermTypeQuery && len(q.Term.SuffixList) == 0:
		return firstFields(q.Term.Query)
	case q.Term.Type == gojq.TermTypeIndex:
		name, ok := constantKey(q.Term.Index)
		if !ok {
			return nil, false
		}
		// What hangs on it may give no path at all.
		for _, s := range q.Term.SuffixList {
			simple = simple || s.Index == nil
		}
		return []string{name}, !simple
	}
	return nil, false
}

func (p *Program) keysOfTerm(t *gojq.Term, in keySet) keySet {
	if len(t.SuffixList) > 0 {
		return keySet{}
	}
	switch t.Type {
	case gojq.TermTypeIdentity:
		return in
	case gojq.TermTypeQuery:
		return p.keys(t.Query, in)
	case gojq.TermTypeObject:
		return keysOfObject(t.Object)
	case gojq.TermTypeIf:
		out := p.keys(t.If.Then, in).or(p.keys(t.If.Else, in))
		for _, e := range t.If.Elif {
			out = out.or(p.keys(e.Then, in))
		}
		return out
	case gojq.TermTypeTry:
		out := p.keys(t.Try.Body, in)
		if t.Try.Catch != nil {
			out = out.or(p.keys(t.Try.Catch, keySet{}))
		}
		return out
	case gojq.TermTypeLabel:
		return p.keys(t.Label.Body, in)
	case gojq.TermTypeBreak:
		return keySet{never: true}
	case gojq.TermTypeFunc:
		return p.keysOfCall(t.Func, in)
	}
	return keySet{}
}

func keysOfObject(o *gojq.Object) keySet {
	out := keySet{exact: true}
	for _, kv := range o.KeyVals {
		switch {
		case kv.Key != "" && kv.Key[0] == '$' && kv.Val != nil:
			out.exact = false
		case kv.Key != "" && kv.Key[0] == '$':
			out = out.with(keySet{names: []string{kv.Key[1:]}, exact: true})
		case kv.Key != "":
			out = out.with(keySet{names: []string{kv.Key}, exact: true})
		case kv.KeyString != nil && kv.KeyString.Queries == nil:
			out = out.with(keySet{names: []string{kv.KeyString.Str}, exact: true})
		default:
			out.exact = false
		}
	}
	return out
}

func (p *Program) keysOfCall(f *gojq.Func, in keySet) keySet {
	if p.kind(f) != builtinUse {
		return keySet{}
	}
	switch signed(f.Name, len(f.Args)) {
	case "empty/0", "error/0", "error/1":
		return keySet{never: true}
	case "select/1", "debug/0", "debug/1", "stderr/0", "objects/0", "values/0":
		return in
	case "del/1":
		fields, simple := firstFields(f.Args[0])
		out := keySet{exact: in.exact && simple}
		for _, n := range in.names {
			if !slices.Contains(fields, n) || !isOnlyField(f.Args[0]) {
				out.names = append(out.names, n)
			}
		}
		return out
	case "first/1", "last/1":
		return p.keys(f.Args[0], in)
	case "limit/2", "skip/2", "nth/2":
		return p.keys(f.Args[1], in)
	}
	return keySet{}
}

// isOnlyField says whether a path ends at its first fields: .a, .b
func isOnlyField(q *gojq.Query) bool {
	switch {
	case q.Term == nil:
		return q.Op == gojq.OpComma && isOnlyField(q.Left) && isOnlyField(q.Right)
	case q.Term.Type == gojq.TermTypeQuery:
		return len(q.Term.SuffixList) == 0 && isOnlyField(q.Term.Query)
	}
	return len(q.Term.SuffixList) == 0
}
