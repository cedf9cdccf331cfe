package transforms

import (
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// gojq says what failed but not where. When a record fails, it is run once more
// through a traced program, in which every part that can fail is watched:
//
//	.a + 1   becomes   1 as $r | .a as $l | try ($l + $r) catch __jf_at($trace; 3; [$l, $r])
//
// __jf_at notes the place, the innermost first, and fails on with the same value, so
// that the program goes the same way as before. What catches an error by itself
// tells the trace to be calm again.

// A spot is a watched part of a program.
type spot struct {
	kind spotKind
	part any        // its key in tree.spans
	term *gojq.Term // that a .name or [] hangs on
	op   gojq.Operator
	name string // of a function; of a field
}

type spotKind uint8

const (
	indexSpot    spotKind = iota // .name, .[0], .[1:2]
	iterateSpot                  // .[]
	operatorSpot                 // + - * / %
	updateSpot                   // = |= +=
	signSpot                     // - before a value
	callSpot                     // a function that every program has
	formatSpot                   // @csv
	keySpot                      // a computed key of an object
	patternSpot                  // . as [$a, {b: $c}]
)

// A trace remembers where the error that is on its way came from.
type trace struct {
	on    bool
	spot  int
	input any // what the failing part was given: its input, or both operands
	value any // what the error carries: a text, or what error(…) was given
}

// A tracedError is on its way. It carries the same value as the error that it
// stands for, so that catch sees no difference.
type tracedError struct {
	error
	value any
}

func (e *tracedError) Value() any { return e.value }

// __jf_at($trace; spot; input) is called with the value of an error.
func at(value any, args []any) any {
	t, ok := args[0].(*trace)
	n, isInt := args[1].(int)
	if !ok || !isInt {
		return errors.New("the trace is not in its place")
	}
	if !t.on {
		*t = trace{on: true, spot: n, input: args[2], value: value}
	}
	return &tracedError{errors.New("traced"), value}
}

// __jf_calm($trace) passes its input on.
func calm(value any, args []any) any {
	if t, ok := args[0].(*trace); ok {
		t.on = false
	}
	return value
}

// __jf_textkey passes a text on and fails as an object's key does.
func textKey(value any, _ []any) any {
	if _, ok := value.(string); ok {
		return value
	}
	return fmt.Errorf("expected a string for object key but got: %s", preview(value))
}

const traceVariable = "$__jf_trace"

func (r *rewriter) tracing() bool { return r.traced && r.muted == 0 }

// watch notes where body fails. input is what to note beside; nil is the value that
// the part is applied to.
func (r *rewriter) watch(s spot, body, input *gojq.Query) *gojq.Query {
	if !r.tracing() {
		return body
	}
	r.places = append(r.places, s)
	own := input == nil
	if own {
		input = variable("$__jf_in")
	}
	out := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeTry, Try: &gojq.Try{
		Body:  body,
		Catch: call("__jf_at", variable(traceVariable), number(len(r.places)-1), input),
	}}}
	if own {
		out = bindTo(identity(), "$__jf_in", out)
	}
	return inParens(out)
}

// calm makes the catch of a program's own try tell the trace.
func (r *rewriter) calm(catch *gojq.Query) *gojq.Query {
	if catch == nil {
		catch = call("empty")
	}
	return inParens(binary(call("__jf_calm", variable(traceVariable)), gojq.OpPipe, catch))
}

func (r *rewriter) watchedKey(part, key *gojq.Query) *gojq.Query {
	return inParens(binary(key, gojq.OpPipe, r.watch(spot{kind: keySpot, part: part}, call("__jf_textkey"), nil)))
}

// tracedTerm takes a term apart, so that each step of .a.b[0] is watched by itself.
func (r *rewriter) tracedTerm(t *gojq.Term) *gojq.Query {
	var keys []binding
	suffixes := t.SuffixList
	q := r.tracedBase(t, &keys)
	if len(suffixes) > 0 && suffixes[0].Optional {
		r.muted++
		q = r.swallow(r.base(t))
		r.muted--
		keys, suffixes = nil, suffixes[1:]
	}
	for i := 0; i < len(suffixes); i++ {
		s := suffixes[i]
		if s.Optional {
			q = r.swallow(q)
			continue
		}
		step := &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: []*gojq.Suffix{{Iter: true}}}
		sp := spot{kind: iterateSpot, part: s, term: t}
		if s.Index != nil {
			step = &gojq.Term{Type: gojq.TermTypeIndex, Index: r.boundIndex(s.Index, &keys)}
			sp = spot{kind: indexSpot, part: s, term: t, name: s.Index.Name}
		}
		next := &gojq.Query{Term: step}
		if i+1 < len(suffixes) && suffixes[i+1].Optional {
			next = r.swallow(next)
			i++
		} else {
			next = r.watch(sp, next, nil)
		}
		q = binary(q, gojq.OpPipe, next)
	}
	return inParens(bindAll(keys, q))
}

// swallow is q with its errors gone: q?
func (r *rewriter) swallow(q *gojq.Query) *gojq.Query {
	return inParens(&gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeTry, Try: &gojq.Try{Body: q, Catch: r.calm(nil)}}})
}

func (r *rewriter) tracedBase(t *gojq.Term, keys *[]binding) *gojq.Query {
	switch t.Type {
	case gojq.TermTypeIndex:
		q := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIndex, Index: r.boundIndex(t.Index, keys)}}
		return r.watch(spot{kind: indexSpot, part: t.Index, name: t.Index.Name}, q, nil)
	case gojq.TermTypeFunc:
		q := r.call(t.Func)
		if t.Func.Name[0] == '$' || r.kind(t.Func) != builtinUse || t.Func.Name == "empty" {
			return q
		}
		return r.watch(spot{kind: callSpot, part: t.Func, name: t.Func.Name}, q, nil)
	case gojq.TermTypeUnary:
		q := bindTo(inParens(r.term(t.Unary.Term)), "$__jf_l", r.watch(spot{kind: signSpot, part: t, op: t.Unary.Op},
			&gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeUnary, Unary: &gojq.Unary{Op: t.Unary.Op, Term: variable("$__jf_l").Term}}},
			variable("$__jf_l")))
		return inParens(q)
	case gojq.TermTypeFormat:
		return r.watch(spot{kind: formatSpot, part: t, name: t.Format}, r.base(t), nil)
	case gojq.TermTypeReduce:
		return r.watchFold(t, t.Reduce.Patterns)
	case gojq.TermTypeForeach:
		return r.watchFold(t, t.Foreach.Patterns)
	}
	return r.base(t)
}

func (r *rewriter) watchFold(t *gojq.Term, patterns []*gojq.Pattern) *gojq.Query {
	if len(patterns) == 1 && patterns[0].Name != "" {
		return r.base(t)
	}
	return r.watch(spot{kind: patternSpot, part: patterns[0]}, r.base(t), nil)
}
