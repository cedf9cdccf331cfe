package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"jackfield/flow"
)

// token is one word of the language.
type token struct {
	kind tokenKind
	text string // keywords in lower case; names and texts without their quotes
	raw  string // as it stands
	at   int    // its first byte
}

type tokenKind int

const (
	endToken tokenKind = iota
	keyword
	mark // punctuation and comparisons
	name
	posInt // a number of two digits or more, the first not 0
	decimal
	dateToken
	dateTimeToken
	text
)

// keywords are the spellings that AppFlow knows. Others, such as And, are names.
var keywords = map[string]string{
	"and": "and", "AND": "and", "or": "or", "OR": "or", "not": "not", "NOT": "not",
	"in": "in", "IN": "in", "contains": "contains", "CONTAINS": "contains",
	"between": "between", "BETWEEN": "between", "limit": "limit", "LIMIT": "limit",
	"true": "true", "True": "true", "TRUE": "true", "false": "false", "False": "false", "FALSE": "false",
	"null": "null",
}

// lexer takes a text apart. The longest word wins.
type lexer struct {
	src string
	pos int
}

func (l *lexer) next() (token, error) {
	for l.pos < len(l.src) && strings.IndexByte(" \t\r\n\f", l.src[l.pos]) >= 0 {
		l.pos++
	}
	start := l.pos
	if start == len(l.src) {
		return token{at: start}, nil
	}
	t, err := l.word(l.src[start:])
	if err != nil {
		return token{}, err
	}
	t.at, t.raw = start, l.src[start:l.pos]
	return t, nil
}

func (l *lexer) word(rest string) (token, error) {
	c := rest[0]
	switch {
	case (c == 'E' || c == 'e') && len(rest) > 1 && isQuote(rest[1]):
		return l.escaped(rest)
	case isLetter(c):
		n := 1
		for n < len(rest) && isNamePart(rest[n]) {
			n++
		}
		l.pos += n
		if k, ok := keywords[rest[:n]]; ok {
			return token{kind: keyword, text: k}, nil
		}
		return token{kind: name, text: rest[:n]}, nil
	case isDigit(c) || c == '-' && len(rest) > 1 && isDigit(rest[1]):
		return l.number(rest), nil
	case isQuote(c):
		return l.quoted(rest)
	case c == '`':
		return l.backquoted(rest)
	}
	for _, m := range []string{">=", "<=", "!=", ">", "<", "=", "(", ")", ","} {
		if strings.HasPrefix(rest, m) {
			l.pos += len(m)
			return token{kind: mark, text: m}, nil
		}
	}
	return token{}, l.unknown(rest)
}

func (l *lexer) number(rest string) token {
	if n := dateTimeLength(rest); n > 0 {
		l.pos += n
		return token{kind: dateTimeToken, text: rest[:n]}
	}
	if n := dateLength(rest); n > 0 {
		l.pos += n
		return token{kind: dateToken, text: rest[:n]}
	}
	n := digits(rest, 1)
	kind := decimal
	if rest[0] >= '1' && rest[0] <= '9' && n >= 2 {
		kind = posInt
	}
	if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
		n, kind = digits(rest, n+1), decimal
	}
	l.pos += n
	return token{kind: kind, text: rest[:n]}
}

// quoted reads a text as AppFlow does: up to the first quote that has no backslash before
// it or, where there is none, the last that has. The backslashes stay.
func (l *lexer) quoted(rest string) (token, error) {
	end := 0
	for i := 1; i < len(rest); i++ {
		if rest[i] != rest[0] {
			continue
		}
		end = i
		if rest[i-1] != '\\' {
			break
		}
	}
	if end == 0 {
		return token{}, l.problem(l.pos, "the text that begins here has no end", fmt.Sprintf("close it with %c", rest[0]))
	}
	l.pos += end + 1
	return token{kind: text, text: rest[1:end]}, nil
}

// escaped reads E'…', the text of PostgreSQL in which a backslash escapes, for what
// AppFlow's texts cannot hold.
func (l *lexer) escaped(rest string) (token, error) {
	var out []byte
	for i := 2; i < len(rest); i++ {
		switch c := rest[i]; c {
		case rest[1]:
			l.pos += i + 1
			return token{kind: text, text: string(out)}, nil
		case '\\':
			i++
			if i == len(rest) {
				break
			}
			b, ok := map[byte]byte{'\\': '\\', '\'': '\'', '"': '"', 'n': '\n', 'r': '\r', 't': '\t'}[rest[i]]
			if !ok {
				r, _ := utf8.DecodeRuneInString(rest[i:])
				return token{}, l.problem(l.pos+i-1, fmt.Sprintf(`\%c means nothing in a text`, r), `write \\ for a backslash; \', \", \n, \r and \t are known`)
			}
			out = append(out, b)
		default:
			out = append(out, c)
		}
	}
	return token{}, l.problem(l.pos, "the text that begins here has no end", fmt.Sprintf(`close it with %c; \%c is a part of the text`, rest[1], rest[1]))
}

// backquoted reads a name; two backquotes in it stand for one.
func (l *lexer) backquoted(rest string) (token, error) {
	var out []byte
	for i := 1; i < len(rest); i++ {
		if rest[i] == '`' {
			if i+1 == len(rest) || rest[i+1] != '`' {
				l.pos += i + 1
				return token{kind: name, text: string(out)}, nil
			}
			i++
		}
		out = append(out, rest[i])
	}
	return token{}, l.problem(l.pos, "the name that begins here has no end", "close it with `")
}

// unknown tells of a character that is none of the language. AppFlow would drop it and
// understand something else.
func (l *lexer) unknown(rest string) error {
	r, size := utf8.DecodeRuneInString(rest)
	if r == utf8.RuneError && size == 1 {
		return l.problem(l.pos, fmt.Sprintf("the byte %#02x is not UTF-8", rest[0]), "write it anew")
	}
	fix := "delete it; a text stands in 'quotes', a name with such characters in `backquotes`"
	switch {
	case strings.HasPrefix(rest, "&"):
		fix = "write and"
	case strings.HasPrefix(rest, "|"):
		fix = "write or"
	case r == '!':
		fix = "write != for not equal, else not"
	case r == '_':
		fix = "put a name that begins so in backquotes, such as `_id`"
	case r == '-' || r == '+' || r == '.':
		fix = "write a number as 12, -12 or 0.5"
	case strings.ContainsRune("‘’‚“”„«»´", r):
		fix = "write ' or \""
	case r == '[' || r == ']' || r == '{' || r == '}':
		fix = "write ( and )"
	case strings.ContainsRune("≤≥≠", r):
		fix = "write " + map[rune]string{'≤': "<=", '≥': ">=", '≠': "!="}[r]
	case r > '~' && isLetterLike(rest):
		fix = "put a name in backquotes, a text in quotes"
	}
	return l.problem(l.pos, fmt.Sprintf("%q means nothing here", string(r)), fix)
}

// Malformed is the code of a text that is no filter.
const Malformed flow.Code = "bad-filter"

func (l *lexer) problem(at int, what, fix string) flow.Problem {
	p := place(l.src, at)
	return flow.Problem{Code: Malformed, Line: p.Line, Column: p.Column, What: what, Fix: fix}
}

// place counts lines and runes up to a byte of src.
func place(src string, at int) Place {
	before := src[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return Place{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1}
}

func isQuote(c byte) bool    { return c == '\'' || c == '"' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isNamePart(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '-' }

func isLetterLike(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0xc0
}

// digits is the end of the digits in s that begin at from.
func digits(s string, from int) int {
	for from < len(s) && isDigit(s[from]) {
		from++
	}
	return from
}

// plainName says whether s is a name that needs no backquotes.
func plainName(s string) bool {
	if s == "" || !isLetter(s[0]) || keywords[s] != "" {
		return false
	}
	for i := range len(s) {
		if !isNamePart(s[i]) {
			return false
		}
	}
	return true
}

// dateLength is the length of the date that s begins with, 0 for none.
func dateLength(s string) int {
	const shape = "dddd-dd-dd"
	if len(s) < len(shape) {
		return 0
	}
	for i := range len(shape) {
		if shape[i] == 'd' && !isDigit(s[i]) || shape[i] == '-' && s[i] != '-' {
			return 0
		}
	}
	if month, day := s[5:7], s[8:10]; month < "01" || month > "12" || day > "31" {
		return 0
	}
	return len(shape)
}

// dateTimeLength is the length of the date-time that s begins with, 0 for none.
func dateTimeLength(s string) int {
	n := dateLength(s)
	if n == 0 || len(s) < n+len("Thh:mm:ssZ") || s[n] != 'T' || s[n+3] != ':' || s[n+6] != ':' {
		return 0
	}
	for i, most := range map[int]string{n + 1: "24", n + 4: "59", n + 7: "59"} {
		if !isDigit(s[i]) || !isDigit(s[i+1]) || s[i:i+2] > most {
			return 0
		}
	}
	n += len("Thh:mm:ss")
	if s[n] == '.' {
		end := digits(s, n+1)
		if end == n+1 || end == len(s) {
			return 0
		}
		n = end
	}
	if s[n] != 'Z' {
		return 0
	}
	return n + 1
}
