package value

import "math/big"

// Weight is about how many bytes v takes as JSON, which is how much of it is worth
// keeping together: never less than one, and the same whenever v is equal.
func Weight(v any) int {
	switch v := v.(type) {
	case string:
		return len(v) + 2
	case int, float64:
		return 8
	case *big.Int:
		return 1 + v.BitLen()/3
	case []any:
		size := 2
		for _, one := range v {
			size += 1 + Weight(one)
		}
		return size
	case map[string]any:
		size := 2
		for name, one := range v {
			size += len(name) + 4 + Weight(one)
		}
		return size
	}
	return 4
}
