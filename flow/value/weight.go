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

// Footprint is about how many bytes of memory v takes, with what may be shared.
func Footprint(v any) int {
	const word = 16 // an interface, or the header of a text
	switch v := v.(type) {
	case string:
		return word + len(v)
	case int, float64:
		return word / 2
	case *big.Int:
		return 3*word + v.BitLen()/8
	case []any:
		size := 3*word + word*cap(v)
		for _, one := range v {
			size += Footprint(one)
		}
		return size
	case map[string]any:
		const least = 8 // members that a map has room for
		size := 4*word + 2*word*max(least, len(v)*3/2)
		for _, one := range v {
			size += Footprint(one) // names are shared between records
		}
		return size
	}
	return 0
}
