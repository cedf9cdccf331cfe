package value

// AppendUnsorted writes v as Append does, but the members of objects in any order,
// which takes half the time. It is for those who only read it back.
func AppendUnsorted(dst []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		return appendMembers(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendUnsorted(dst, one)
		}
		return append(dst, ']')
	}
	return Append(dst, v)
}

func appendMembers(dst []byte, m map[string]any) []byte {
	dst = append(dst, '{')
	start := len(dst)
	for name, one := range m {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = appendText(dst, name)
		dst = append(dst, ':')
		dst = AppendUnsorted(dst, one)
	}
	return append(dst, '}')
}
