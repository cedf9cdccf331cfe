package depot

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"jackfield/connectors/kit"
)

// quote stands in front of the two digits of a byte that is no text. A name that has one
// of its own has it twice.
const quote = "‛"

// shown is a name as a record can hold it: text whatever the bytes are.
func shown(name string) string {
	if utf8.ValidString(name) && !strings.Contains(name, quote) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, quote+"%02X", name[i])
		case name[i:i+size] == quote:
			b.WriteString(quote + quote)
		default:
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	return b.String()
}

// meant is the name that shown was made of.
func meant(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, quote)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		switch n, err := strconv.ParseUint(rest[:min(2, len(rest))], 16, 8); {
		case strings.HasPrefix(rest, quote):
			b.WriteString(quote)
			rest = rest[len(quote):]
		case err == nil && len(rest) >= 2:
			b.WriteByte(byte(n))
			rest = rest[2:]
		default:
			b.WriteString(quote)
		}
		text = rest
	}
}

// within is the absolute path that a setting means, if it lies in the base folder.
func within(base, text, field string) (string, error) {
	p := meant(text)
	if strings.Contains(p, "\x00") {
		return "", kit.Fail(kit.Invalid, "the path %q holds a zero byte", text).On(field)
	}
	for part := range strings.FieldsFuncSeq(p, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return "", outside(base, text, field)
		}
	}
	if !strings.HasPrefix(p, "/") {
		return path.Join(base, p), nil
	}
	if p = path.Clean(p); !below(base, p) {
		return "", outside(base, text, field)
	}
	return p, nil
}

func outside(base, text, field string) error {
	return kit.Fail(kit.Invalid, "%s leads out of the folder %s, which the connection is for", text, shown(base)).On(field).
		Hint("name a path inside of it, such as inbox/orders.csv; or give the connection another base folder")
}

// below says whether a clean path is the base or in it.
func below(base, p string) bool {
	return base == "/" || p == base || strings.HasPrefix(p, base+"/")
}

// relative is the path of a file from the base folder on, as records hold it.
func relative(base, p string) string {
	return shown(strings.TrimPrefix(strings.TrimPrefix(p, base), "/"))
}
