package value

// Indent writes v as JSON for people behind dst: two spaces for each level, and
// otherwise as Append does.
func Indent(dst []byte, v any) []byte { return indent(dst, v, 1) }

func indent(dst []byte, v any, level int) []byte {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return append(dst, "[]"...)
		}
		dst = append(dst, '[')
		for i, one := range v {
			dst = indent(newLine(dst, i > 0, level), one, level+1)
		}
		return append(newLine(dst, false, level-1), ']')
	case map[string]any:
		if len(v) == 0 {
			return append(dst, "{}"...)
		}
		dst = append(dst, '{')
		for i, one := range sorted(nil, v) {
			dst = appendText(newLine(dst, i > 0, level), one.name)
			dst = indent(append(dst, ": "...), one.value, level+1)
		}
		return append(newLine(dst, false, level-1), '}')
	}
	switch n, err := Normal(v); {
	case err != nil:
		return append(dst, "null"...)
	case isNested(n) && !isNested(v):
		return indent(dst, n, level)
	default:
		return Append(dst, n)
	}
}

func isNested(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

func newLine(dst []byte, more bool, level int) []byte {
	if more {
		dst = append(dst, ',')
	}
	dst = append(dst, '\n')
	for range level {
		dst = append(dst, "  "...)
	}
	return dst
}
