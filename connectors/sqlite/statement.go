package sqlite

import (
	"strings"

	"jackfield/connectors/kit"
)

// effectOf reads from the words of a statement what performing it twice would do.
// It looks at words only, outside of texts, names and comments; where it is in doubt
// it takes the more lasting effect.
func effectOf(sql string) kit.Effect {
	effect, first := kit.Reads, ""
	for word := range words(sql) {
		if word == ";" {
			first = ""
			continue
		}
		if first == "" {
			first = word
			if !reading[word] {
				return kit.Once
			}
			continue
		}
		switch {
		case first == "explain":
			continue // it only plans
		case first == "pragma" && word == "=":
			effect = kit.Repeatable // a setting, the same the second time
		case first == "with" && changing[word]:
			return kit.Once
		}
	}
	return effect
}

// reading are the words that a statement begins with that only looks; a "with" may
// still lead to one that changes.
var reading = map[string]bool{"select": true, "with": true, "values": true, "explain": true, "pragma": true}

var changing = map[string]bool{"insert": true, "update": true, "delete": true, "replace": true}

// words yields the bare words of the SQL in lower case, "=" and ";". The word replace
// with a bracket behind it is the function and is left out.
func words(sql string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(sql); {
			next := skipQuoted(sql, i)
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
			end := i
			for end < len(sql) && (letter(sql[end]) || digit(sql[end])) {
				end++
			}
			call := strings.HasPrefix(strings.TrimLeft(sql[end:], " \t\r\n"), "(")
			word := strings.ToLower(sql[i:end])
			if !(call && word == "replace") && !yield(word) {
				return
			}
			i = end
		}
	}
}

// unbound is the SQL with null in place of its parameters, to ask what columns it has.
func unbound(sql string) string {
	var b strings.Builder
	for i := 0; i < len(sql); {
		end := skipQuoted(sql, i)
		if end > i {
			b.WriteString(sql[i:end])
			i = end
			continue
		}
		end = i + 1
		if strings.IndexByte("?:@$", sql[i]) < 0 {
			b.WriteByte(sql[i])
			i = end
			continue
		}
		for end < len(sql) && (letter(sql[end]) || digit(sql[end])) {
			end++
		}
		b.WriteString("null")
		i = end
	}
	return b.String()
}

// skipQuoted gives where the text, name or comment that begins at i ends, or i where
// none does.
func skipQuoted(sql string, i int) int {
	rest := sql[i:]
	switch {
	case strings.HasPrefix(rest, "--"):
		return i + until(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		return i + 2 + until(rest[2:], "*/")
	case rest[0] == '[':
		return i + until(rest, "]")
	case rest[0] == '\'', rest[0] == '"', rest[0] == '`':
		return i + 1 + until(rest[1:], rest[:1]) // a doubled quote begins the next piece at once
	}
	return i
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
