package value

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
)

// The kinds in the order of jq's sort, as their keys begin. 0 ends a list.
const (
	keyEnd byte = iota
	keyNull
	keyFalse
	keyTrue
	keyNumber
	keyText
	keyArray
	keyObject
)

// Compare orders two values as jq's sort does: null, false, true, numbers, texts by
// their code points, arrays member by member, objects first by their names and then
// by what these hold. Numbers are compared exactly; NaN is the least of them and, other
// than for Equal, the same as itself, so that the order is total.
func Compare(a, b any) int {
	rank := rankOf(a)
	if c := cmp.Compare(rank, rankOf(b)); c != 0 {
		return c
	}
	switch rank {
	case keyNumber:
		return compareNumbers(a, b)
	case keyText:
		return strings.Compare(a.(string), b.(string))
	case keyArray:
		return slices.CompareFunc(a.([]any), b.([]any), Compare)
	case keyObject:
		return compareObjects(a.(map[string]any), b.(map[string]any))
	}
	return 0
}

// rankOf is where the kind of a normal value stands among the others.
func rankOf(v any) byte {
	switch v := v.(type) {
	case bool:
		if v {
			return keyTrue
		}
		return keyFalse
	case int, float64, *big.Int:
		return keyNumber
	case string:
		return keyText
	case []any:
		return keyArray
	case map[string]any:
		return keyObject
	}
	return keyNull
}

func compareNumbers(a, b any) int {
	if x, ok := a.(int); ok {
		if y, ok := b.(int); ok {
			return cmp.Compare(x, y)
		}
	}
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	x, restX := split(a)
	y, restY := split(b)
	if c := cmp.Compare(x, y); c != 0 {
		return c
	}
	return compareRests(restX, restY)
}

func compareRests(a, b *big.Int) int {
	if a == nil {
		a = new(big.Int)
	}
	if b == nil {
		b = new(big.Int)
	}
	return a.Cmp(b)
}

// split makes a number into the float64 nearest to it and what remains, nil for
// nothing. A whole number beyond all floats has the greatest one, so that it stays
// below infinity.
func split(v any) (near float64, rest *big.Int) {
	const exact = 1 << 53 // up to here every int is a float64
	var whole *big.Int
	switch v := v.(type) {
	case float64:
		return v, nil
	case int:
		if -exact <= v && v <= exact {
			return float64(v), nil
		}
		whole = big.NewInt(int64(v))
	case *big.Int:
		whole = v
	}
	near, _ = new(big.Float).SetInt(whole).Float64()
	near = min(max(near, -math.MaxFloat64), math.MaxFloat64)
	floor, _ := big.NewFloat(near).Int(nil)
	if rest = floor.Sub(whole, floor); rest.Sign() == 0 {
		return near, nil
	}
	return near, rest
}

func compareObjects(a, b map[string]any) int {
	names, others := slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))
	if c := slices.Compare(names, others); c != 0 {
		return c
	}
	for _, name := range names {
		if c := Compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return 0
}

// AppendKey writes behind dst bytes that stand for v in a sort: bytes.Compare orders
// them as Compare orders the values, and they are equal where the values are. Keys
// that follow one another are ordered by the first that differs, also where one has
// all its bits turned round to be descending. A key cannot be read back.
func AppendKey(dst []byte, v any) []byte {
	rank := rankOf(v)
	dst = append(dst, rank)
	switch rank {
	case keyNumber:
		return appendNumberKey(dst, v)
	case keyText:
		return appendTextKey(dst, v.(string))
	case keyArray:
		for _, one := range v.([]any) {
			dst = AppendKey(dst, one)
		}
		return append(dst, keyEnd)
	case keyObject:
		var room [24]member
		members := sorted(room[:0], v.(map[string]any))
		for _, one := range members {
			dst = appendTextKey(append(dst, keyText), one.name)
		}
		dst = append(dst, keyEnd)
		for _, one := range members {
			dst = AppendKey(dst, one.value)
		}
	}
	return dst
}

// appendTextKey ends the text with a zero; one that is in it is followed by 0xff, which
// is more than anything that may stand behind a text's end.
func appendTextKey(dst []byte, s string) []byte {
	for {
		zero := strings.IndexByte(s, 0)
		if zero < 0 {
			return append(append(dst, s...), 0)
		}
		dst = append(append(dst, s[:zero]...), 0, 0xff)
		s = s[zero+1:]
	}
}

// appendNumberKey writes the nearest float64, whose bits are in order once the sign is
// turned round, and all bits of negative ones; then what remains.
func appendNumberKey(dst []byte, v any) []byte {
	near, rest := split(v)
	bits := math.Float64bits(near + 0) // -0 is 0
	switch {
	case near != near:
		bits = 0
	case bits>>63 == 1:
		bits = ^bits
	default:
		bits |= 1 << 63
	}
	return appendRestKey(binary.BigEndian.AppendUint64(dst, bits), rest)
}

// appendRestKey writes 0x80 for nothing; else how many bytes there are, which is more
// the greater the number is, and the bytes, all turned round for a negative one.
func appendRestKey(dst []byte, rest *big.Int) []byte {
	if rest == nil {
		return append(dst, 0x80)
	}
	begin := len(dst)
	size := rest.BitLen()/8 + 1
	if size < 0x7f {
		dst = append(dst, 0x80+byte(size))
	} else {
		dst = binary.BigEndian.AppendUint64(append(dst, 0xff), uint64(size))
	}
	dst = append(dst, make([]byte, size)...)
	rest.FillBytes(dst[len(dst)-size:])
	if rest.Sign() < 0 {
		Descending(dst[begin:])
	}
	return dst
}

// Descending turns a key round in its place, so that what was the least is the
// greatest.
func Descending(key []byte) {
	for i := range key {
		key[i] = ^key[i]
	}
}
