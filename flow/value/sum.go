package value

import (
	"math"
	"math/big"
	"math/bits"
)

// Sum is a number that two values which Append writes alike have in common, and two
// others hardly ever: 64 bits, mixed by multiplying as in Wang Yi's wyhash. It is no
// guard against somebody who wants two values to have the same one. size is about how
// many bytes Append would write. v is normal.
func Sum(v any) (sum uint64, size int) {
	switch v := v.(type) {
	case nil:
		return mix(1, 1), 4
	case bool:
		if v {
			return mix(2, 1), 4
		}
		return mix(2, 2), 5
	case int:
		return mix(3, uint64(v)), 8
	case float64:
		if whole := int(v); float64(whole) == v && -1<<53 < v && v < 1<<53 {
			return mix(3, uint64(whole)), 8 // 1.0 is written as 1
		}
		if math.IsNaN(v) {
			return Sum(nil)
		}
		v = min(max(v, -math.MaxFloat64), math.MaxFloat64)
		return mix(4, math.Float64bits(v)), 8
	case string:
		return sumText(5, v), len(v) + 2
	case *big.Int:
		return sumText(6, v.String()), v.BitLen() / 3
	case []any:
		sum = mix(7, uint64(len(v)))
		for _, one := range v {
			s, n := Sum(one)
			sum, size = mix(sum, s), size+n+1
		}
		return sum, size + 2
	case map[string]any:
		for name, one := range v { // in any order
			s, n := Sum(one)
			sum, size = sum+mix(sumText(8, name), s), size+n+len(name)+4
		}
		return mix(9, sum), size + 2
	}
	return 0, 0
}

// SumText is the sum of a text behind others, whose sum is sum.
func SumText(sum uint64, text string) uint64 { return sumText(sum, text) }

// Mix is the sum of two sums, in this order.
func Mix(a, b uint64) uint64 { return mix(a, b) }

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return high ^ low
}

func sumText(sum uint64, s string) uint64 {
	n := len(s)
	sum = mix(sum, uint64(n))
	if n < 8 {
		return mix(sum, short(s))
	}
	for ; len(s) > 8; s = s[8:] {
		sum = mix(sum, eight(s))
		if len(s) < 16 { // the last eight, some of them again
			s = s[len(s)-8:]
			break
		}
	}
	return mix(sum, eight(s))
}

func eight(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func four(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// short has all of at most seven bytes.
func short(s string) uint64 {
	switch n := len(s); {
	case n >= 4:
		return four(s)<<32 | four(s[n-4:])
	case n > 0:
		return uint64(s[0])<<16 | uint64(s[n>>1])<<8 | uint64(s[n-1])
	}
	return 0
}
