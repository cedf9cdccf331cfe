package transforms

import (
	"maps"
	"slices"
	"unicode/utf8"

	"jackfield/flow/value"
)

// clipAt is how many characters of a value a person is shown.
const clipAt = 80

// clip is v as JSON of at most n characters. It looks at no more of v than it shows.
func clip(v any, n int) string {
	text := appendClipped(nil, v, 4*n)
	if utf8.RuneCount(text) <= n {
		return string(text)
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRune(text[end:])
		end += size
	}
	return string(text[:end]) + "…"
}

// appendClipped writes v as JSON until there are more than most bytes.
func appendClipped(dst []byte, v any, most int) []byte {
	if len(dst) > most {
		return dst
	}
	switch v := v.(type) {
	case string:
		if len(v) > most {
			v = v[:most]
			for len(v) > 0 && !utf8.ValidString(v[len(v)-1:]) && !utf8.RuneStart(v[len(v)-1]) {
				v = v[:len(v)-1]
			}
		}
		return value.Append(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst = appendClipped(dst, one, most); len(dst) > most {
				return dst
			}
		}
		return append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendClipped(dst, name, most), ':')
			if dst = appendClipped(dst, v[name], most); len(dst) > most {
				return dst
			}
		}
		return append(dst, '}')
	}
	return value.Append(dst, v)
}
