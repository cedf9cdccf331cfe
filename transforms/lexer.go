package transforms

import (
	"strings"
	"unicode/utf8"
)

// A lexeme is one word of jq, cut as gojq's own lexer cuts it, with its place and
// with comments kept. The parts of a text with "\(…)" in it are lexemes of their own.
type lexeme struct {
	kind       lexKind
	start, end int // in bytes
}

type lexKind uint8

const (
	lexOp        lexKind = iota // an operator or a bracket; its text says which
	lexName                     // a function's name, with its module
	lexKeyword                  // if, then, def, and, …
	lexVariable                 // $name
	lexField                    // .name
	lexNumber                   //
	lexFormat                   // @name
	lexString                   // a whole text, or a piece of one with "\(…)" in it
	lexOpen                     // the quote before the first piece
	lexInsert                   // \(
	lexClose                    // the quote behind the last piece
	lexComment                  //
	lexBad                      // what jq has no use for
	lexBadEscape                // a text with an escape that JSON does not know; ends there
	lexUnclosed                 // a text without its closing quote
)

var keywords = map[string]bool{
	"or": true, "and": true, "module": true, "import": true, "include": true, "def": true,
	"as": true, "label": true, "break": true, "null": true, "true": true, "false": true,
	"if": true, "then": true, "elif": true, "else": true, "end": true, "try": true,
	"catch": true, "reduce": true, "foreach": true,
}

// operators of more than one byte, longest first.
var operators = []string{"//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", ">=", "<=", "//", ".."}

// lex cuts src into lexemes. It takes any text: what jq does not know becomes bad
// lexemes. Between two lexemes there is nothing but white space.
func lex(src string) []lexeme {
	l := lexer{src: src}
	for l.pos < len(src) {
		l.next()
	}
	return l.out
}

type lexer struct {
	src string
	pos int
	out []lexeme
	// parens counts the open parentheses of each "\(" that is still open.
	parens []int
}

func (l *lexer) add(kind lexKind, end int) {
	l.out = append(l.out, lexeme{kind, l.pos, end})
	l.pos = end
}

func (l *lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

func (l *lexer) next() {
	switch c := l.src[l.pos]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		l.pos++
	case c == '#':
		l.add(lexComment, l.comment())
	case isLetter(c):
		end := l.name(l.pos)
		if l.at(end) == ':' && l.at(end+1) == ':' && isLetter(l.at(end+2)) {
			l.add(lexName, l.name(end+2))
		} else if keywords[l.src[l.pos:end]] {
			l.add(lexKeyword, end)
		} else {
			l.add(lexName, end)
		}
	case isDigit(c), c == '.' && isDigit(l.at(l.pos+1)):
		l.number()
	case c == '.' && isLetter(l.at(l.pos+1)):
		l.add(lexField, l.name(l.pos+1))
	case c == '$' && isLetter(l.at(l.pos+1)):
		end := l.name(l.pos + 1)
		if l.at(end) == ':' && l.at(end+1) == ':' && isLetter(l.at(end+2)) {
			end = l.name(end + 2)
		}
		l.add(lexVariable, end)
	case c == '@' && (isLetter(l.at(l.pos+1)) || isDigit(l.at(l.pos+1))):
		l.add(lexFormat, l.name(l.pos+1))
	case c == '"':
		l.text()
	default:
		l.operator(c)
	}
}

func (l *lexer) operator(c byte) {
	for _, op := range operators {
		if strings.HasPrefix(l.src[l.pos:], op) {
			l.add(lexOp, l.pos+len(op))
			return
		}
	}
	if !strings.ContainsRune(".|,;:()[]{}?+-*/%=<>", rune(c)) {
		_, size := utf8.DecodeRuneInString(l.src[l.pos:])
		l.add(lexBad, l.pos+size)
		return
	}
	l.add(lexOp, l.pos+1)
	if len(l.parens) == 0 {
		return
	}
	switch top := &l.parens[len(l.parens)-1]; c {
	case '(':
		*top++
	case ')':
		if *top--; *top == 0 {
			l.parens = l.parens[:len(l.parens)-1]
			l.pieces()
		}
	}
}

// text reads what begins with a quote.
func (l *lexer) text() {
	end, kind := l.piece(l.pos + 1)
	switch {
	case kind == lexInsert:
		l.add(lexOpen, l.pos+1)
		l.pieces()
	case kind == lexClose:
		l.add(lexString, end+1)
	default:
		l.add(kind, end)
	}
}

// pieces reads on inside a text, up to its closing quote or the next "\(".
func (l *lexer) pieces() {
	end, kind := l.piece(l.pos)
	if kind != lexInsert && kind != lexClose {
		l.add(kind, end)
		return
	}
	if end > l.pos {
		l.add(lexString, end)
	}
	if kind == lexClose {
		l.add(lexClose, end+1)
		return
	}
	l.add(lexInsert, end+2)
	l.parens = append(l.parens, 1)
}

// piece finds where the piece of a text that begins at i ends, and by what.
func (l *lexer) piece(i int) (int, lexKind) {
	for ; i < len(l.src); i++ {
		switch l.src[i] {
		case '"':
			return i, lexClose
		case '\\':
			switch c := l.at(i + 1); c {
			case '(':
				return i, lexInsert
			case '"', '/', '\\', 'b', 'f', 'n', 'r', 't':
				i++
			case 'u':
				for j := i + 2; j < i+6; j++ {
					if !isHex(l.at(j)) {
						return min(j, len(l.src)), lexBadEscape
					}
				}
				i += 5
			case 0:
				if i+1 >= len(l.src) {
					return len(l.src), lexUnclosed
				}
				return i + 2, lexBadEscape
			default:
				_, size := utf8.DecodeRuneInString(l.src[i+1:])
				return i + 1 + size, lexBadEscape
			}
		}
	}
	return len(l.src), lexUnclosed
}

// comment finds the end of a comment. An odd number of backslashes before the line
// break carries it on, as in jq 1.7.
func (l *lexer) comment() int {
	for i := l.pos; i < len(l.src); i++ {
		switch l.src[i] {
		case 0, '\n', '\r':
			return i
		case '\\':
			switch l.at(i + 1) {
			case '\\', '\n':
				i++
			case '\r':
				if i++; l.at(i+1) == '\n' {
					i++
				}
			}
		}
	}
	return len(l.src)
}

// number reads digits, one dot, digits, and an exponent. What runs on with a letter
// or a second dot is no number.
func (l *lexer) number() {
	i, dots := l.pos, 0
	for ; isDigit(l.at(i)) || l.at(i) == '.' && dots == 0; i++ {
		if l.at(i) == '.' {
			dots++
		}
	}
	if c := l.at(i); c == 'e' || c == 'E' {
		i++
		if c := l.at(i); c == '+' || c == '-' {
			i++
		}
		if !isDigit(l.at(i)) {
			l.add(lexBad, i)
			return
		}
		for isDigit(l.at(i)) {
			i++
		}
	} else if c == '.' {
		l.add(lexBad, i+1)
		return
	}
	if isLetter(l.at(i)) {
		l.add(lexBad, l.name(i))
		return
	}
	l.add(lexNumber, i)
}

func (l *lexer) name(i int) int {
	for isLetter(l.at(i)) || isDigit(l.at(i)) {
		i++
	}
	return i
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
