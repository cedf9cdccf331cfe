package value

import (
	"maps"
	"math"
	"math/big"
	"slices"
)

// Equal says whether two values are the same to jq: 1 is 1.0, and NaN is never the
// same, not even as itself. Numbers are compared exactly.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && a == b
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, Equal)
	case int, float64, *big.Int:
		return equalNumbers(a, b)
	}
	return false
}

func equalNumbers(a, b any) bool {
	switch b.(type) {
	case int, float64, *big.Int:
	default:
		return false
	}
	if x, ok := a.(int); ok {
		if y, ok := b.(int); ok {
			return x == y
		}
	}
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return x == y
		}
	}
	x, okX := whole(a)
	y, okY := whole(b)
	return okX && okY && x.Cmp(y) == 0
}

// whole makes a number that has no fraction into a big one.
func whole(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case int:
		return big.NewInt(int64(v)), true
	case *big.Int:
		return v, true
	case float64:
		if v != math.Trunc(v) || math.IsInf(v, 0) {
			return nil, false
		}
		n, _ := big.NewFloat(v).Int(nil)
		return n, true
	}
	return nil, false
}

// Clone copies the arrays and objects of v; what is in them cannot change.
func Clone(v any) any {
	switch v := v.(type) {
	case []any:
		if v == nil {
			return v
		}
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = Clone(one)
		}
		return list
	case map[string]any:
		if v == nil {
			return v
		}
		m := make(map[string]any, len(v))
		for name, one := range v {
			m[name] = Clone(one)
		}
		return m
	}
	return v
}
