package filter

import (
	"strconv"
	"strings"
)

// Print writes f in its canonical form: one space around words, keywords in lower case,
// single quotes where they do, brackets where they are needed. Parse reads the same
// filter from it. A filter that wants everything is "".
func Print(f Filter) string {
	var dst []byte
	if f.Where != nil {
		dst = f.Where.append(dst)
	}
	if f.Limit > 0 {
		if len(dst) > 0 {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendInt(append(dst, "limit "...), int64(f.Limit), 10)
	}
	return string(dst)
}

// String is f as Print writes it.
func (f Filter) String() string { return Print(f) }

// Same says whether two filters are the same, wherever their parts stand in their texts.
func Same(a, b Filter) bool { return Print(a) == Print(b) }

func (And) strength() int      { return 2 }
func (Or) strength() int       { return 1 }
func (Not) strength() int      { return 3 }
func (Compare) strength() int  { return 4 }
func (Truth) strength() int    { return 4 }
func (Constant) strength() int { return 4 }

func (x And) append(dst []byte) []byte { return appendChain(dst, x, " and ", 3) }
func (x Or) append(dst []byte) []byte  { return appendChain(dst, x, " or ", 2) }

func (x Not) append(dst []byte) []byte {
	return appendPart(append(dst, "not "...), x.Expr, 3)
}

func (x Compare) append(dst []byte) []byte {
	dst = appendName(dst, x.Field)
	dst = append(append(append(dst, ' '), x.Op...), ' ')
	switch x.Op {
	case In:
		dst = append(dst, '(')
		for i, v := range x.Values {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = v.append(dst)
		}
		return append(dst, ')')
	case Between:
		dst = append(x.Values[0].append(dst), " and "...)
		return x.Values[1].append(dst)
	}
	return x.Values[0].append(dst)
}

func (x Truth) append(dst []byte) []byte    { return appendName(dst, x.Field) }
func (x Constant) append(dst []byte) []byte { return x.Value.append(dst) }

// appendChain writes parts of a chain; one that holds less closely stands in brackets.
func appendChain(dst []byte, parts []Expr, word string, least int) []byte {
	for i, x := range parts {
		if i > 0 {
			dst = append(dst, word...)
		}
		dst = appendPart(dst, x, least)
	}
	return dst
}

func appendPart(dst []byte, x Expr, least int) []byte {
	if x.strength() >= least {
		return x.append(dst)
	}
	return append(x.append(append(dst, '(')), ')')
}

// String is v as it stands in a filter.
func (v Value) String() string { return string(v.append(nil)) }

func (v Value) append(dst []byte) []byte {
	if v.Kind == String {
		return appendText(dst, v.Text)
	}
	if v.Kind == Null {
		return append(dst, "null"...)
	}
	return append(dst, v.Text...)
}

// Name is a field's name as it stands in a filter, in backquotes where it needs them.
func Name(field string) string { return string(appendName(nil, field)) }

func appendName(dst []byte, s string) []byte {
	if plainName(s) {
		return append(dst, s...)
	}
	dst = append(dst, '`')
	dst = append(dst, strings.ReplaceAll(s, "`", "``")...)
	return append(dst, '`')
}

// appendText writes a text in the quotes that it lacks, so that AppFlow reads it too.
// Where it has both, or ends with a backslash that would take the closing quote with it,
// it becomes E'…'.
func appendText(dst []byte, s string) []byte {
	for _, quote := range []byte{'\'', '"'} {
		if plainText(s) && strings.IndexByte(s, quote) < 0 {
			return append(append(append(dst, quote), s...), quote)
		}
	}
	dst = append(dst, "E'"...)
	for i := range len(s) {
		if s[i] == '\\' || s[i] == '\'' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\'')
}

// plainText says whether a text can be written without escapes.
func plainText(s string) bool {
	return !strings.HasSuffix(s, `\`) && !(strings.Contains(s, `'`) && strings.Contains(s, `"`))
}
