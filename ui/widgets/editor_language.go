package widgets

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"jackfield/flow/filter"
	"jackfield/transforms"
	"jackfield/ui/theme"
)

// Span is a stretch of code in one colour. Start and End count bytes.
type Span struct {
	Start, End int
	Colour     fyne.ThemeColorName
}

// Language is what the editor knows of the language that is written in it.
type Language struct {
	Name    string
	Spans   func(src string) []Span // in order; nil colours nothing
	Comment string                  // begins a comment that ends with the line; "" is none
}

// LanguageFor is the language of that name: "jq", "json", "sql", "filter"; any other is
// plain.
func LanguageFor(name string) Language {
	switch name {
	case "jq":
		return Language{Name: name, Spans: jqSpans, Comment: "#"}
	case "json":
		return Language{Name: name, Spans: jsonSpans}
	case "sql":
		return Language{Name: name, Spans: sqlSpans, Comment: "--"}
	case "filter":
		return Language{Name: name, Spans: filterSpans}
	}
	return Language{Name: name}
}

func filterSpans(src string) []Span {
	colours := map[filter.WordKind]fyne.ThemeColorName{
		filter.KeywordWord: theme.CodeKeyword, filter.MarkWord: theme.CodeOperator, filter.NameWord: theme.CodePath,
		filter.NumberWord: theme.CodeNumber, filter.DateWord: theme.CodeNumber, filter.TextWord: theme.CodeString, filter.BrokenWord: theme.Failed,
	}
	words := filter.Words(src)
	spans := make([]Span, len(words))
	for i, w := range words {
		spans[i] = Span{w.Start, w.End, colours[w.Kind]}
	}
	return spans
}

func jqSpans(src string) []Span {
	tokens := transforms.Tokens(src)
	spans := make([]Span, len(tokens))
	for i, t := range tokens {
		spans[i] = Span{t.Start, t.End, jqColour(t.Kind)}
	}
	return spans
}

func jqColour(kind transforms.TokenKind) fyne.ThemeColorName {
	switch kind {
	case transforms.FieldToken:
		return theme.CodePath
	case transforms.StringToken:
		return theme.CodeString
	case transforms.NumberToken:
		return theme.CodeNumber
	case transforms.KeywordToken:
		return theme.CodeKeyword
	case transforms.FunctionToken, transforms.FormatToken:
		return theme.CodeFunction
	case transforms.VariableToken:
		return theme.CodeVariable
	case transforms.OperatorToken:
		return theme.CodeOperator
	case transforms.CommentToken:
		return theme.CodeComment
	case transforms.ErrorToken:
		return theme.Failed
	}
	return theme.CodeText
}

// scanner walks over code and gathers spans.
type scanner struct {
	src   string
	at    int
	spans []Span
}

// take adds the stretch from the present place to end.
func (s *scanner) take(end int, colour fyne.ThemeColorName) {
	s.spans = append(s.spans, Span{s.at, end, colour})
	s.at = end
}

// while is the end of the stretch whose runes fit.
func (s *scanner) while(from int, fits func(r rune) bool) int {
	for from < len(s.src) {
		r, size := utf8.DecodeRuneInString(s.src[from:])
		if !fits(r) {
			break
		}
		from += size
	}
	return from
}

// quoted is the end of a text that ends with quote; escape is what hides one.
func (s *scanner) quoted(quote, escape byte) int {
	for i := s.at + 1; i < len(s.src); i++ {
		switch s.src[i] {
		case escape:
			if escape != quote || i+1 < len(s.src) && s.src[i+1] == quote {
				i++
				continue
			}
			return i + 1
		case quote:
			return i + 1
		}
	}
	return len(s.src)
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func isNumber(r rune) bool {
	return unicode.IsDigit(r) || r == '.' || r == 'e' || r == 'E' || r == '+' || r == '-'
}

func jsonSpans(src string) []Span {
	s := &scanner{src: src}
	for s.at < len(src) {
		switch c := src[s.at]; {
		case c == '"':
			end := s.quoted('"', '\\')
			colour := theme.CodeString
			if strings.HasPrefix(strings.TrimLeft(src[end:], " \t\n"), ":") {
				colour = theme.CodePath
			}
			s.take(end, colour)
		case c == '-' || c >= '0' && c <= '9':
			s.take(s.while(s.at+1, isNumber), theme.CodeNumber)
		case isWord(rune(c)) || c >= utf8.RuneSelf:
			end := s.while(s.at, func(r rune) bool { return isWord(r) || r >= utf8.RuneSelf })
			colour := theme.Failed
			if word := src[s.at:end]; word == "true" || word == "false" || word == "null" {
				colour = theme.CodeKeyword
			}
			s.take(end, colour)
		case strings.IndexByte(" \t\n\r", c) >= 0:
			s.at++
		default:
			s.take(s.at+1, theme.CodeText)
		}
	}
	return s.spans
}

// sqlWords are the words of SQL that are coloured: those of SQLite that one meets.
var sqlWords = setOf(`add all alter and as asc between by case cast check collate column conflict constraint create cross
 current_date current_time current_timestamp default delete desc distinct do drop else end escape except exists explain
 false filter first following foreign from full glob group having if in index inner insert intersect into is isnull join
 key last left like limit natural not nothing notnull null nulls offset on or order outer over partition preceding
 primary range references replace returning right rollback row rows select set table temp then true union unique update
 using values view virtual when where window with without`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

func sqlSpans(src string) []Span {
	s := &scanner{src: src}
	for s.at < len(src) {
		rest := src[s.at:]
		switch c := src[s.at]; {
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			s.take(s.at+end, theme.CodeComment)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				end = len(rest) - 4
			}
			s.take(s.at+end+4, theme.CodeComment)
		case c == '\'':
			s.take(s.quoted('\'', '\''), theme.CodeString)
		case c == '"' || c == '`':
			s.take(s.quoted(c, c), theme.CodePath)
		case c >= '0' && c <= '9':
			s.take(s.while(s.at, func(r rune) bool { return unicode.IsDigit(r) || r == '.' }), theme.CodeNumber)
		case c == '?' || c == ':' || c == '@' || c == '$':
			s.take(s.while(s.at+1, isWord), theme.CodeVariable)
		case isWord(rune(c)) || c >= utf8.RuneSelf:
			end := s.while(s.at, func(r rune) bool { return isWord(r) || r >= utf8.RuneSelf })
			s.take(end, sqlColour(src[s.at:end], src[end:]))
		case strings.IndexByte(" \t\n\r", c) >= 0:
			s.at++
		case strings.IndexByte("(),;.", c) >= 0:
			s.take(s.at+1, theme.CodeText)
		default:
			s.take(s.at+1, theme.CodeOperator)
		}
	}
	return s.spans
}

func sqlColour(word, after string) fyne.ThemeColorName {
	switch {
	case sqlWords[strings.ToLower(word)]:
		return theme.CodeKeyword
	case strings.HasPrefix(after, "("):
		return theme.CodeFunction
	}
	return theme.CodeText
}
