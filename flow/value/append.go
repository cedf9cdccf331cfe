package value

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Append writes v as compact JSON behind dst, in the text of gojq.Marshal and jq -c:
// the names of members sorted, "<" and "&" as they are, 1.0 as 1, NaN as null, an
// infinity as the greatest float. A v that is not normal is made so on the way;
// what cannot be is written as null.
func Append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float64:
		return appendFloat(dst, v)
	case string:
		return appendText(dst, v)
	case map[string]any:
		return appendObject(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, one)
		}
		return append(dst, ']')
	case *big.Int:
		return v.Append(dst, 10)
	}
	n, err := Normal(v)
	if err != nil {
		return append(dst, "null"...)
	}
	return Append(dst, n)
}

func appendObject(dst []byte, m map[string]any) []byte {
	var room [24]member
	dst = append(dst, '{')
	for i, one := range sorted(room[:0], m) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, one.name)
		dst = append(dst, ':')
		dst = Append(dst, one.value)
	}
	return append(dst, '}')
}

// sorted lists the members of m by name, in room as far as it reaches.
func sorted(room []member, m map[string]any) []member {
	for name, v := range m {
		room = append(room, member{name, v})
	}
	slices.SortFunc(room, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return room
}

func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) {
		return append(dst, "null"...)
	}
	f = min(max(f, -math.MaxFloat64), math.MaxFloat64)
	size := math.Abs(f)
	if size == 0 || 1e-6 <= size && size < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-3] == '-' && dst[n-2] == '0' { // e-07 is e-7 to jq
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start, i := 0, 0
	for i+8 <= len(s) && readable(eight(s[i:])) {
		i += 8
	}
	for i < len(s) {
		c := s[i]
		if ' ' <= c && c <= '~' && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// readable says of eight bytes whether they are ASCII and none of them is written as an
// escape. It may say no of some that are; see plain.
func readable(w uint64) bool {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	quote, slash := w^('"'*ones), w^('\\'*ones)
	return ((quote-ones)&^quote|(slash-ones)&^slash|(w-' '*ones)&^w|w|(w+ones))&highs == 0
}

func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if c >= utf8.RuneSelf {
		return append(dst, `\ufffd`...)
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
}
