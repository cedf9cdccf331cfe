package template

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// missing is what Jinja calls undefined.
type missing struct{}

// errEndless ends one that works for too long.
var errEndless = errors.New("the template works without end")

// errUndefined ends a template that asked something of what is not there.
var errUndefined = errors.New("undefined")

// mostSteps bounds how long one template may work, and mostText how long a text may grow.
const (
	mostSteps = 200_000
	mostText  = 16 << 20
)

// state is one evaluation.
type state struct {
	names Names
	own   map[string]any // set by the template itself
	steps int
	most  int
}

func (s *state) set(id string, v any) {
	if s.own == nil {
		s.own = map[string]any{}
	}
	s.own[id] = v
}

func (s *state) look(id string) any {
	if v, ok := s.own[id]; ok {
		return v
	}
	if v, ok := s.names.Values[id]; ok {
		return v
	}
	return missing{}
}

func (s *state) eval(n node) (any, error) {
	if s.steps++; s.steps > s.most {
		return nil, errEndless
	}
	switch n := n.(type) {
	case constant:
		return n.v, nil
	case name:
		return s.look(n.id), nil
	case member:
		return s.member(n)
	case index:
		return s.index(n)
	case slice:
		return s.slice(n)
	case call:
		return s.call(n)
	case filter:
		return s.filter(n)
	case test:
		return s.test(n)
	case unary:
		return s.unary(n)
	case binary:
		return s.binary(n)
	case ternary:
		return s.ternary(n)
	case list:
		return s.all(n.members)
	case object:
		return s.object(n)
	}
	return nil, fmt.Errorf("%T cannot be evaluated", n)
}

func (s *state) all(nodes []node) ([]any, error) {
	out := make([]any, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = s.eval(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *state) object(n object) (any, error) {
	out := make(map[string]any, len(n.keys))
	for i, k := range n.keys {
		key, err := s.eval(k)
		if err != nil {
			return nil, err
		}
		if out[render(key)], err = s.eval(n.values[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// member is an attribute, or what an index would be.
func (s *state) member(n member) (any, error) {
	of, err := s.eval(n.of)
	if err != nil {
		return nil, err
	}
	switch of := of.(type) {
	case Moment:
		return of.attribute(n.id), nil
	case Span:
		if n.id == "days" {
			return int(of.rough() / (24 * time.Hour)), nil
		}
	}
	return at(of, n.id)
}

func (s *state) index(n index) (any, error) {
	of, err := s.eval(n.of)
	if err != nil {
		return nil, err
	}
	by, err := s.eval(n.by)
	if err != nil {
		return nil, err
	}
	return at(of, by)
}

// at is of[by]; missing where there is none.
func at(of, by any) (any, error) {
	switch in := of.(type) {
	case missing:
		return nil, errUndefined
	case map[string]any:
		if v, ok := in[render(by)]; ok {
			return v, nil
		}
	case []any:
		if i, ok := whole(by); ok {
			if i < 0 {
				i += len(in)
			}
			if i >= 0 && i < len(in) {
				return in[i], nil
			}
		}
	case string:
		letters := []rune(in)
		if i, ok := by.(int); ok {
			if i < 0 {
				i += len(letters)
			}
			if i >= 0 && i < len(letters) {
				return string(letters[i]), nil
			}
		}
	}
	return missing{}, nil
}

func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		return int(v), v == math.Trunc(v)
	case string:
		n, is := number(v).(int)
		return n, is && v != ""
	}
	return 0, false
}

func (s *state) slice(n slice) (any, error) {
	of, err := s.eval(n.of)
	if err != nil {
		return nil, err
	}
	if _, is := of.(missing); is {
		return nil, errUndefined
	}
	letters, isText := []rune(nil), false
	length := 0
	switch of := of.(type) {
	case string:
		letters, isText = []rune(of), true
		length = len(letters)
	case []any:
		length = len(of)
	default:
		return nil, errUndefined
	}
	ends := [2]int{0, length}
	for i, end := range []node{n.from, n.to} {
		if end == nil {
			continue
		}
		v, err := s.eval(end)
		if err != nil {
			return nil, err
		}
		if k, ok := whole(v); ok {
			if k < 0 {
				k += length
			}
			ends[i] = min(max(k, 0), length)
		}
	}
	ends[1] = max(ends[0], ends[1])
	if isText {
		return string(letters[ends[0]:ends[1]]), nil
	}
	return of.([]any)[ends[0]:ends[1]], nil
}

func (s *state) ternary(n ternary) (any, error) {
	when, err := s.eval(n.when)
	if err != nil {
		return nil, err
	}
	switch {
	case truth(when):
		return s.eval(n.then)
	case n.other != nil:
		return s.eval(n.other)
	}
	return missing{}, nil
}

func (s *state) unary(n unary) (any, error) {
	v, err := s.eval(n.of)
	if err != nil {
		return nil, err
	}
	switch {
	case n.op == "not":
		return !truth(v), nil
	case n.op == "+":
		return v, nil
	}
	switch v := v.(type) {
	case int:
		return -v, nil
	case float64:
		return -v, nil
	case Span:
		return Span{-v.Months, -v.Length}, nil
	}
	return nil, errUndefined
}

func (s *state) binary(n binary) (any, error) {
	left, err := s.eval(n.left)
	if err != nil {
		return nil, err
	}
	switch {
	case n.op == "and" && !truth(left), n.op == "or" && truth(left):
		return left, nil
	}
	right, err := s.eval(n.right)
	if err != nil {
		return nil, err
	}
	switch n.op {
	case "and", "or":
		return right, nil
	case "~":
		return joined(render(left), render(right))
	case "==":
		return equal(left, right), nil
	case "!=":
		return !equal(left, right), nil
	case "in", "not in":
		holds, err := contains(right, left)
		return holds == (n.op == "in"), err
	case "<", "<=", ">", ">=":
		return ordered(n.op, left, right)
	}
	return arithmetic(n.op, left, right)
}

func joined(a, b string) (any, error) {
	if len(a)+len(b) > mostText {
		return nil, errors.New("the text grows too long")
	}
	return a + b, nil
}

// truth is Python's.
func truth(v any) bool {
	switch v := v.(type) {
	case nil, missing:
		return false
	case bool:
		return v
	case int:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	case Span:
		return v != Span{}
	}
	return true
}

func equal(a, b any) bool {
	if x, ok := float(a); ok {
		y, also := float(b)
		return also && x == y
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case missing:
		_, also := b.(missing)
		return also
	case string:
		y, is := b.(string)
		return is && a == y
	case Moment:
		y, is := b.(Moment)
		return is && a.Time.Equal(y.Time)
	case Span:
		return a == b
	case []any:
		y, is := b.([]any)
		if !is || len(a) != len(y) {
			return false
		}
		for i := range a {
			if !equal(a[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, is := b.(map[string]any)
		if !is || len(a) != len(y) {
			return false
		}
		for k, v := range a {
			if w, there := y[k]; !there || !equal(v, w) {
				return false
			}
		}
		return true
	}
	return false
}

// float is a number or a truth value, which counts as one.
func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func contains(in, what any) (bool, error) {
	switch in := in.(type) {
	case string:
		text, is := what.(string)
		return is && strings.Contains(in, text), nil
	case []any:
		for _, one := range in {
			if equal(one, what) {
				return true, nil
			}
		}
		return false, nil
	case map[string]any:
		_, there := in[render(what)]
		return there, nil
	case missing:
		return false, nil
	}
	return false, errUndefined
}

func ordered(op string, a, b any) (any, error) {
	c, ok := compare(a, b)
	if !ok {
		return nil, errUndefined
	}
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	}
	return c >= 0, nil
}

func compare(a, b any) (int, bool) {
	x, okX := float(a)
	y, okY := float(b)
	if okX && okY {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	switch a := a.(type) {
	case string:
		text, is := b.(string)
		return strings.Compare(a, text), is
	case Moment:
		other, is := b.(Moment)
		return a.Time.Compare(other.Time), is
	case Span:
		other, is := b.(Span)
		return int(min(max(a.rough()-other.rough(), -1), 1)), is
	}
	return 0, false
}

func arithmetic(op string, a, b any) (any, error) {
	if v, is, err := inTime(op, a, b); is || err != nil {
		return v, err
	}
	if op == "+" {
		switch x := a.(type) {
		case string:
			if y, is := b.(string); is {
				return joined(x, y)
			}
		case []any:
			if y, is := b.([]any); is {
				return append(append([]any{}, x...), y...), nil
			}
		}
	}
	if text, is := a.(string); is && op == "*" {
		if n, is := b.(int); is && n*len(text) < mostText {
			return strings.Repeat(text, max(n, 0)), nil
		}
	}
	x, okX := a.(int)
	y, okY := b.(int)
	if okX && okY {
		return whole2(op, x, y)
	}
	f, okF := float(a)
	g, okG := float(b)
	if !okF || !okG {
		return nil, errUndefined
	}
	return decimal(op, f, g)
}

// whole2 keeps whole numbers whole, as Python does; what is too great for one is a
// decimal.
func whole2(op string, x, y int) (any, error) {
	switch op {
	case "+":
		if z := x + y; (z > x) == (y > 0) {
			return z, nil
		}
	case "-":
		if z := x - y; (z < x) == (y > 0) {
			return z, nil
		}
	case "*":
		if x == 0 || y == 0 {
			return 0, nil
		}
		if z := x * y; z/y == x && !(x == math.MinInt && y == -1) {
			return z, nil
		}
	case "//", "%":
		if y == 0 {
			return nil, errors.New("a division by zero")
		}
		q, r := x/y, x%y
		if r != 0 && (r < 0) != (y < 0) {
			q, r = q-1, r+y
		}
		if op == "//" {
			return q, nil
		}
		return r, nil
	case "**":
		if f := math.Pow(float64(x), float64(y)); y >= 0 && math.Abs(f) < 1<<53 {
			return int(f), nil
		}
	}
	return decimal(op, float64(x), float64(y))
}

func decimal(op string, f, g float64) (any, error) {
	switch op {
	case "+":
		return f + g, nil
	case "-":
		return f - g, nil
	case "*":
		return f * g, nil
	case "**":
		return math.Pow(f, g), nil
	}
	if g == 0 {
		return nil, errors.New("a division by zero")
	}
	switch op {
	case "/":
		return f / g, nil
	case "//":
		return math.Floor(f / g), nil
	}
	return f - g*math.Floor(f/g), nil
}

func (s *state) test(n test) (any, error) {
	of, err := s.eval(n.of)
	if err != nil {
		return nil, err
	}
	_, undefined := of.(missing)
	var holds bool
	switch n.id {
	case "defined":
		holds = !undefined
	case "undefined":
		holds = undefined
	case "none", "None":
		holds = of == nil
	case "string":
		_, holds = of.(string)
	case "number":
		switch of.(type) {
		case int, float64:
			holds = true
		}
	case "integer":
		_, holds = of.(int)
	case "float":
		_, holds = of.(float64)
	case "boolean":
		_, holds = of.(bool)
	case "true", "True":
		holds = of == true
	case "false", "False":
		holds = of == false
	case "mapping":
		_, holds = of.(map[string]any)
	case "iterable", "sequence":
		switch of.(type) {
		case []any, map[string]any, string:
			holds = true
		}
	case "equalto", "eq", "in":
		args, err := s.all(n.args)
		if err != nil || len(args) != 1 {
			return nil, errUndefined
		}
		if n.id != "in" {
			holds = equal(of, args[0])
		} else if holds, err = contains(args[0], of); err != nil {
			return nil, err
		}
	case "even", "odd":
		i, is := of.(int)
		holds = is && (i%2 == 0) == (n.id == "even")
	default:
		return nil, &Error{What: fmt.Sprintf("the test %q is not known here", n.id), Offset: n.at}
	}
	return holds != n.not, nil
}
