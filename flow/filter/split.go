package filter

// Able says what a service can filter itself.
type Able struct {
	// Takes says how the service does one comparison. nil is not at all.
	Takes func(Compare) Grade
	And   bool // several conditions at once
	Or    bool
	Not   bool // of what it does exactly
	Mixed bool // or inside of and, and inside of or
	Limit bool
}

// Grade is how well a service does a comparison.
type Grade int

// The grades.
const (
	Never   Grade = iota // it cannot
	Roughly              // it gives all rows that are wanted, and maybe others: contains that ignores case
	Exactly              // it gives what Match says
)

// Split takes f apart into what a service can be asked for and what is to be done here with
// the rows that it gives: rows for which pushed and rest both hold are those for which f
// holds, and pushed lets through at least those. A limit is pushed only where nothing is
// left to be done here.
func Split(f Filter, can Able) (pushed, rest Filter) {
	if f.Where != nil {
		pushed.Where, rest.Where = can.split(f.Where)
	}
	if rest.Where == nil && can.Limit {
		pushed.Limit = f.Limit
	} else {
		rest.Limit = f.Limit
	}
	return pushed, rest
}

// split gives two conditions that together are x; nil is one that always holds.
func (can Able) split(x Expr) (push, rest Expr) {
	switch x := x.(type) {
	case And:
		return can.splitAnd(x)
	case Or:
		return can.splitOr(x)
	case Not:
		return can.splitNot(x)
	case Truth:
		push, rest = can.split(x.compare())
		if push == nil || rest != nil {
			rest = x
		}
		return push, rest
	case Compare:
		return can.splitCompare(x)
	}
	return nil, x
}

// splitAnd asks for all parts that can be asked for, or for the best of them where the
// service takes one only.
func (can Able) splitAnd(parts And) (push, rest Expr) {
	var pushes, rests []Expr
	best, at := Expr(nil), 0
	for i, part := range parts {
		p, r := can.split(part)
		if or, ok := p.(Or); ok && len(or) > 0 && can.And && !can.Mixed {
			p, r = nil, part
		}
		if p != nil && (best == nil || r == nil && rests[at] != nil) {
			best, at = p, i
		}
		pushes, rests = append(pushes, p), append(rests, r)
	}
	if !can.And && best != nil {
		for i, part := range parts {
			if i != at {
				rests[i] = part
			}
		}
		return best, all(rests)
	}
	return all(pushes), all(rests)
}

// splitOr asks for it only where something can be asked for in each part: what fulfils a
// part that cannot be asked for would be missing.
func (can Able) splitOr(parts Or) (push, rest Expr) {
	if !can.Or {
		return nil, parts
	}
	var pushes Or
	exact := true
	for _, part := range parts {
		p, r := can.split(part)
		if and, ok := p.(And); ok && len(and) > 0 && !can.Mixed {
			return nil, parts
		}
		if p == nil {
			return nil, parts
		}
		if or, ok := p.(Or); ok {
			pushes = append(pushes, or...)
		} else {
			pushes = append(pushes, p)
		}
		exact = exact && r == nil
	}
	if exact {
		return pushes, nil
	}
	return pushes, parts
}

// splitNot asks for the opposite of what the service does exactly, or turns the condition
// round until there is no not.
func (can Able) splitNot(not Not) (push, rest Expr) {
	if can.Not {
		if p, r := can.split(not.Expr); p != nil && r == nil {
			return Not{p}, nil
		}
	}
	switch x := not.Expr.(type) {
	case Not:
		return can.split(x.Expr)
	case And:
		push, rest = can.split(Or(negated(x)))
	case Or:
		push, rest = can.split(And(negated(x)))
	case Truth:
		return can.splitNot(Not{x.compare()})
	case Compare:
		if turned := x.turned(); turned != nil {
			push, rest = can.split(turned)
		}
	}
	if push == nil {
		return nil, not
	}
	return push, rest
}

func negated(parts []Expr) []Expr {
	all := make([]Expr, len(parts))
	for i, x := range parts {
		if not, ok := x.(Not); ok {
			all[i] = not.Expr
		} else {
			all[i] = Not{x}
		}
	}
	return all
}

// turned is the opposite of = and != without not: what is null is neither equal nor
// unequal.
func (x Compare) turned() Expr {
	other, ok := map[Operator]Operator{Equal: NotEqual, NotEqual: Equal}[x.Op]
	if !ok {
		return nil
	}
	turned := Compare{Field: x.Field, Op: other, Values: x.Values, At: x.At}
	if x.Values[0].Kind == Null {
		return turned
	}
	return Or{turned, Compare{Field: x.Field, Op: Equal, Values: []Value{{Kind: Null}}, At: x.At}}
}

// splitCompare asks for a comparison as it is, or in the words of others.
func (can Able) splitCompare(x Compare) (push, rest Expr) {
	switch can.grade(x) {
	case Exactly:
		return x, nil
	case Roughly:
		return x, x
	}
	with := func(op Operator, v Value) Compare {
		return Compare{Field: x.Field, Op: op, Values: []Value{v}, At: x.At}
	}
	switch x.Op {
	case Between:
		if push, rest = can.splitAnd(And{with(GreaterEqual, x.Values[0]), with(LessEqual, x.Values[1])}); push != nil {
			return push, rest
		}
	case In:
		equals := make(Or, len(x.Values))
		for i, v := range x.Values {
			equals[i] = with(Equal, v)
		}
		if len(equals) == 1 {
			push, rest = can.splitCompare(equals[0].(Compare))
		} else {
			push, rest = can.splitOr(equals)
		}
		if push != nil && rest == nil {
			return push, nil
		}
		if push != nil {
			return push, x
		}
	case Greater, Less:
		if wider := with(x.Op+"=", x.Values[0]); can.grade(wider) != Never {
			return wider, x
		}
	}
	return nil, x
}

func (can Able) grade(x Compare) Grade {
	if can.Takes == nil {
		return Never
	}
	return can.Takes(x)
}

// all is the condition that all of list hold; nil ones always do.
func all(list []Expr) Expr {
	var parts And
	for _, x := range list {
		switch x := x.(type) {
		case nil:
		case And:
			parts = append(parts, x...)
		default:
			parts = append(parts, x)
		}
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return parts
}
