package transforms

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"strings"
	"sync/atomic"

	"github.com/itchyny/gojq"
)

// A guard stands where one instruction of a program could take memory without
// bound, which the meter would see too late. It refuses what is too much at once, and
// counts what is big, so that the meter looks in time.
type guard struct {
	bytes    int          // Limits.Bytes
	produced atomic.Int64 // of all runs of the program, since it was compiled
}

// Sizes in memory, near enough.
const (
	slotSize  = 16 // a value in an array
	entrySize = 48 // a member of an object, without the text of its key
	bigValue  = 64 << 10
)

// count notes a value that was just made.
func (g *guard) count(size int) {
	if size > bigValue {
		g.produced.Add(int64(size))
	}
}

func (g *guard) options() []gojq.CompilerOption {
	return []gojq.CompilerOption{
		gojq.WithFunction("__jf_times", 2, 2, g.times),
		gojq.WithFunction("__jf_plus", 2, 2, g.plus),
		gojq.WithFunction("__jf_place", 0, 0, g.place),
		gojq.WithFunction("__jf_path", 0, 0, g.path),
		gojq.WithFunction("__jf_event", 0, 0, g.event),
		gojq.WithFunction("__jf_fit", 0, 0, g.fit),
	}
}

// times is jq's *, but it makes no text and no number beyond the limit.
func (g *guard) times(_ any, args []any) any {
	switch l := args[0].(type) {
	case int:
		if r, ok := args[1].(int); ok {
			return timesInt(l, r)
		}
	case float64:
		if r, ok := args[1].(float64); ok {
			return l * r
		}
	}
	l, r := parsed(args[0]), parsed(args[1])
	if isNumber(l) && isNumber(r) {
		return g.timesNumber(l, r)
	}
	if s, ok := l.(string); ok && isNumber(r) {
		return g.repeat(s, r)
	}
	if s, ok := r.(string); ok && isNumber(l) {
		return g.repeat(s, l)
	}
	if l, ok := l.(map[string]any); ok {
		if r, ok := r.(map[string]any); ok {
			return mergeDeep(l, r)
		}
	}
	return operandError("multiply", l, r)
}

func timesInt(l, r int) any {
	if v := l * r; r != -1 && (r == 0 || v/r == l) {
		return v
	}
	x, y := big.NewInt(int64(l)), big.NewInt(int64(r))
	if x.Mul(x, y); x.IsInt64() {
		return int(x.Int64())
	}
	return x
}

// mostBits bounds a whole number: a million digits and more, and a product of two of
// them is still quick.
const mostBits = 1 << 22

func (g *guard) timesNumber(l, r any) any {
	x, xIsWhole := whole(l)
	y, yIsWhole := whole(r)
	if !xIsWhole || !yIsWhole {
		a, _ := gojq.ToFloat64(l)
		b, _ := gojq.ToFloat64(r)
		return a * b
	}
	if a, ok := l.(int); ok {
		if b, ok := r.(int); ok {
			return timesInt(a, b)
		}
	}
	if x.BitLen()+y.BitLen() > mostBits {
		return fmt.Errorf("the product would have more than %d digits", mostBits*3/10)
	}
	return new(big.Int).Mul(x, y)
}

func (g *guard) repeat(s string, times any) any {
	n, _ := gojq.ToFloat64(times)
	if n < 0 || math.IsNaN(n) {
		return nil
	}
	if size := float64(len(s)) * math.Trunc(min(n, math.MaxInt32)); size > float64(g.bytes) {
		return g.tooBig("text", size)
	}
	c := int(min(n, math.MaxInt32))
	g.count(len(s) * c)
	return strings.Repeat(s, c)
}

// plus is jq's +, but it makes nothing beyond the limit.
func (g *guard) plus(_ any, args []any) any {
	if l, ok := args[0].(int); ok {
		if r, ok := args[1].(int); ok {
			return plusInt(l, r)
		}
	}
	l, r := parsed(args[0]), parsed(args[1])
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case isNumber(l) && isNumber(r):
		return plusNumber(l, r)
	}
	switch l := l.(type) {
	case string:
		if r, ok := r.(string); ok {
			if size := len(l) + len(r); size > g.bytes {
				return g.tooBig("text", float64(size))
			} else {
				g.count(size)
			}
			return l + r
		}
	case []any:
		if r, ok := r.([]any); ok {
			return g.plusArray(l, r)
		}
	case map[string]any:
		if r, ok := r.(map[string]any); ok {
			return g.plusObject(l, r)
		}
	}
	return operandError("add", l, r)
}

func plusInt(l, r int) any {
	if v := l + r; (v >= l) == (r >= 0) {
		return v
	}
	x, y := big.NewInt(int64(l)), big.NewInt(int64(r))
	return x.Add(x, y)
}

func plusNumber(l, r any) any {
	x, xIsWhole := whole(l)
	y, yIsWhole := whole(r)
	if !xIsWhole || !yIsWhole {
		a, _ := gojq.ToFloat64(l)
		b, _ := gojq.ToFloat64(r)
		return a + b
	}
	return new(big.Int).Add(x, y)
}

func (g *guard) plusArray(l, r []any) any {
	if len(l) == 0 {
		return r
	}
	if len(r) == 0 {
		return l
	}
	size := slotSize * (len(l) + len(r))
	if size > g.bytes {
		return g.tooBig("array", float64(size))
	}
	g.count(size)
	v := make([]any, len(l)+len(r))
	copy(v[copy(v, l):], r)
	return v
}

func (g *guard) plusObject(l, r map[string]any) any {
	if len(l) == 0 {
		return r
	}
	if len(r) == 0 {
		return l
	}
	g.count(entrySize * (len(l) + len(r)))
	m := make(map[string]any, len(l)+len(r))
	maps.Copy(m, l)
	maps.Copy(m, r)
	return m
}

func mergeDeep(l, r map[string]any) map[string]any {
	m := make(map[string]any, len(l)+len(r))
	maps.Copy(m, l)
	for k, v := range r {
		if under, ok := m[k].(map[string]any); ok {
			if over, ok := v.(map[string]any); ok {
				v = mergeDeep(under, over)
			}
		}
		m[k] = v
	}
	return m
}

// place passes a key on that is not too far behind the end of any array.
func (g *guard) place(v any, _ []any) any {
	switch v.(type) {
	case int, float64, *big.Int, json.Number:
		if n, _ := gojq.ToInt(v); n > g.bytes/slotSize {
			return fmt.Errorf("the place %s is too far: an array may have %d members here", gojq.Preview(v), g.bytes/slotSize)
		} else if n > bigValue/slotSize {
			g.count(n * slotSize)
		}
	}
	return v
}

// path passes a path on that has no place too far.
func (g *guard) path(v any, _ []any) any {
	keys, _ := v.([]any)
	for _, k := range keys {
		if err, failed := g.place(k, nil).(error); failed {
			return err
		}
	}
	return v
}

// event passes an event of a stream on, [path] or [path, value].
func (g *guard) event(v any, _ []any) any {
	if parts, ok := v.([]any); ok && len(parts) > 0 {
		if err, failed := g.path(parts[0], nil).(error); failed {
			return err
		}
	}
	return v
}

// fit passes a value on whose text is not beyond the limit.
func (g *guard) fit(v any, _ []any) any {
	size, deep := treeSize(v, g.bytes)
	if deep {
		return errTooDeep
	}
	if size > g.bytes {
		return g.tooBig("value", float64(size))
	}
	g.count(size)
	return v
}

func (g *guard) tooBig(what string, size float64) error {
	return &limitError{what: fmt.Sprintf("the %s would take more than %s", what, inBytes(g.bytes)), fix: limitFix}
}

func operandError(verb string, l, r any) error {
	return fmt.Errorf("cannot %s: %s and %s", verb, preview(l), preview(r))
}

// preview is a value as gojq shows it in what goes wrong.
func preview(v any) string {
	if v == nil {
		return "null"
	}
	return gojq.TypeOf(v) + " (" + gojq.Preview(v) + ")"
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, float64, *big.Int:
		return true
	}
	return false
}

// parsed makes a number of one that is still text.
func parsed(v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if i, err := n.Int64(); err == nil {
		return int(i)
	}
	if strings.ContainsAny(n.String(), ".eE") {
		f, _ := n.Float64()
		return f
	}
	if i, ok := new(big.Int).SetString(n.String(), 10); ok {
		return i
	}
	return math.NaN()
}

// whole is the value as a whole number, if it is one by its type.
func whole(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case int:
		return big.NewInt(int64(v)), true
	case *big.Int:
		return v, true
	}
	return nil, false
}
