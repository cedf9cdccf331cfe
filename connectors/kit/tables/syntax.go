package tables

import (
	"slices"
	"strings"

	"jackfield/connectors/kit"
)

// Syntax is how a kind of SQL quotes and comments, beside 'texts', "names", -- notes and
// /* notes */, and which words only look.
type Syntax struct {
	Brackets  bool // [names]
	Backslash bool // \' in a text
	Hash      bool // # notes
	Dollar    bool // $tag$ texts $tag$
	Backticks bool // `names`
	Looking   []string
}

// EffectOf reads from the words of a statement what performing it twice would do. It looks
// at words only, outside of texts, names and comments; where it is in doubt it takes the
// more lasting effect.
func (x Syntax) EffectOf(sql string) kit.Effect {
	effect, first, runs := kit.Reads, "", false
	for word := range x.words(sql) {
		if word == ";" {
			first = ""
			continue
		}
		if first == "" {
			if first = word; !slices.Contains(x.Looking, word) {
				return kit.Once
			}
			runs = false
			continue
		}
		switch {
		case first == "explain" && !runs:
			runs = word == "analyze" || word == "analyse" // else it only plans
		case first == "pragma" && word == "=":
			effect = kit.Repeatable // a setting, the same the second time
		case (first == "with" || first == "explain") && changing[word]:
			return kit.Once
		case first == "select" && word == "into":
			return kit.Once
		}
	}
	return effect
}

var changing = map[string]bool{"insert": true, "update": true, "delete": true, "replace": true, "merge": true}

// Speaks says whether one of these words stands in the SQL.
func (x Syntax) Speaks(sql string, any ...string) bool {
	for word := range x.words(sql) {
		if slices.Contains(any, word) {
			return true
		}
	}
	return false
}

// words yields the bare words of the SQL in lower case, "=" and ";". The word replace
// with a bracket behind it is the function and is left out.
func (x Syntax) words(sql string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(sql); {
			next := x.skipQuoted(sql, i)
			if next > i {
				i = next
				continue
			}
			if !letter(sql[i]) {
				if (sql[i] == ';' || sql[i] == '=') && !yield(sql[i:i+1]) {
					return
				}
				i++
				continue
			}
			end := nameEnd(sql, i)
			call := strings.HasPrefix(strings.TrimLeft(sql[end:], " \t\r\n"), "(")
			word := strings.ToLower(sql[i:end])
			if !(call && word == "replace") && !yield(word) {
				return
			}
			i = end
		}
	}
}

func nameEnd(sql string, i int) int {
	for i < len(sql) && (letter(sql[i]) || digit(sql[i])) {
		i++
	}
	return i
}

// unbound is the SQL with null in place of its parameters, to ask what columns it has.
func (x Syntax) unbound(sql string) string {
	return x.parameters(sql, "?:@$", func(string) string { return "null" })
}

// Named puts what to says in place of each :name of the SQL.
func (x Syntax) Named(sql string, to func(name string) string) string {
	return x.parameters(sql, ":", func(p string) string {
		if len(p) == 1 || digit(p[1]) {
			return p
		}
		return to(p[1:])
	})
}

// parameters replaces the parameters that begin with one of these signs. Two colons are a
// cast.
func (x Syntax) parameters(sql, signs string, to func(string) string) string {
	var b strings.Builder
	for i := 0; i < len(sql); {
		end := x.skipQuoted(sql, i)
		if end > i {
			b.WriteString(sql[i:end])
			i = end
			continue
		}
		end = i + 1
		if strings.HasPrefix(sql[i:], "::") {
			end++
		}
		if end == i+2 || strings.IndexByte(signs, sql[i]) < 0 {
			b.WriteString(sql[i:end])
			i = end
			continue
		}
		end = nameEnd(sql, end)
		b.WriteString(to(sql[i:end]))
		i = end
	}
	return b.String()
}

// skipQuoted gives where the text, name or comment that begins at i ends, or i where
// none does.
func (x Syntax) skipQuoted(sql string, i int) int {
	rest := sql[i:]
	switch {
	case strings.HasPrefix(rest, "--"), x.Hash && rest[0] == '#':
		return i + until(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		return i + 2 + until(rest[2:], "*/")
	case x.Brackets && rest[0] == '[':
		return i + until(rest, "]")
	case x.Backslash && (rest[0] == '\'' || rest[0] == '"'):
		return i + escaped(rest)
	case x.Dollar && (rest[0] == 'E' || rest[0] == 'e') && len(rest) > 1 && rest[1] == '\'' && (i == 0 || !letter(sql[i-1]) && !digit(sql[i-1])):
		return i + 1 + escaped(rest[1:])
	case x.Dollar && rest[0] == '$':
		return i + dollared(rest)
	case rest[0] == '\'', rest[0] == '"', x.Backticks && rest[0] == '`':
		return i + 1 + until(rest[1:], rest[:1]) // a doubled quote begins the next piece at once
	}
	return i
}

// escaped is the length of a text in which a backslash takes what follows it.
func escaped(rest string) int {
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case rest[0]:
			return i + 1
		}
	}
	return len(rest)
}

// dollared is the length of a text between $tags$, 0 where none begins.
func dollared(rest string) int {
	end := 1
	for end < len(rest) && (letter(rest[end]) || end > 1 && digit(rest[end])) {
		end++
	}
	if end == len(rest) || rest[end] != '$' {
		return 0
	}
	end++
	return end + until(rest[end:], rest[:end])
}

// until is the length of s to the end of mark, or all of it.
func until(s, mark string) int {
	if n := strings.Index(s, mark); n >= 0 {
		return n + len(mark)
	}
	return len(s)
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }
