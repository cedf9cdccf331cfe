package web

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// words takes a command line apart as the shell would that it was written for, up to what
// another command follows: POSIX shells with $'…' of bash, the command prompt of Windows,
// PowerShell.
func words(text string) []string {
	s := splitter{text: strings.ReplaceAll(text, "\r\n", "\n")}
	if strings.Contains(s.text, `^"`) { // as browsers write it for the command prompt: every sign is escaped
		s.text = uncaret(s.text)
		s.prompt = true
	} else if strings.Contains(s.text, "^\n") {
		s.text = strings.ReplaceAll(s.text, "^\n", " ")
		s.prompt = true
	}
	s.text = strings.ReplaceAll(s.text, "`\n", " ")
	for !s.over() {
		s.next()
	}
	return s.all
}

// uncaret takes the escapes of the command prompt off.
func uncaret(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '^' && i+1 < len(text) {
			i++
			if text[i] == '\n' {
				if i+1 < len(text) && text[i+1] == '\n' { // a line break that is meant
					i++
					b.WriteByte('\n')
					continue
				}
				b.WriteByte(' ')
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

type splitter struct {
	text   string
	at     int
	prompt bool // of Windows: a backslash means something before a quote alone
	all    []string
}

func (s *splitter) over() bool { return s.at >= len(s.text) }

// next reads a word, or ends the text where another command begins.
func (s *splitter) next() {
	for !s.over() && strings.IndexByte(" \t\n", s.text[s.at]) >= 0 {
		s.at++
	}
	if s.over() {
		return
	}
	var word strings.Builder
	begun := s.at
	for !s.over() {
		c := s.text[s.at]
		switch {
		case strings.IndexByte(" \t\n", c) >= 0:
			s.all = append(s.all, word.String())
			return
		case !s.prompt && strings.IndexByte("|;<>&", c) >= 0:
			if s.at > begun {
				s.all = append(s.all, word.String())
			}
			s.at = len(s.text)
			return
		case c == '\'' && !s.prompt:
			s.at++
			end := strings.IndexByte(s.text[s.at:], '\'')
			if end < 0 {
				end = len(s.text) - s.at
			}
			word.WriteString(s.text[s.at : s.at+end])
			s.at = min(s.at+end+1, len(s.text))
		case c == '$' && !s.prompt && strings.HasPrefix(s.text[s.at:], "$'"):
			s.at += 2
			s.ansi(&word)
		case c == '"':
			s.at++
			s.quoted(&word)
		case c == '\\' && s.at+1 < len(s.text) && !s.prompt:
			if s.text[s.at+1] != '\n' {
				word.WriteByte(s.text[s.at+1])
			} else if s.at == begun {
				s.at += 2 // the line goes on
				return
			}
			s.at += 2
		case c == '\\' && s.prompt && strings.HasPrefix(s.text[s.at:], `\"`):
			word.WriteByte('"')
			s.at += 2
		default:
			word.WriteByte(c)
			s.at++
		}
	}
	s.all = append(s.all, word.String())
}

// quoted reads up to the closing double quote.
func (s *splitter) quoted(word *strings.Builder) {
	for ; !s.over(); s.at++ {
		c := s.text[s.at]
		if c == '"' {
			s.at++
			if s.prompt && !s.over() && s.text[s.at] == '"' { // "" is a quote
				word.WriteByte('"')
				continue
			}
			return
		}
		if c == '\\' && s.at+1 < len(s.text) {
			following := s.text[s.at+1]
			switch {
			case following == '"', !s.prompt && strings.IndexByte("\\$`", following) >= 0, s.prompt && following == '\\' && s.beforeQuote():
				word.WriteByte(following)
				s.at++
				continue
			case following == '\n' && !s.prompt:
				s.at++
				continue
			}
		}
		word.WriteByte(c)
	}
}

// beforeQuote says whether the backslashes here end in a quote.
func (s *splitter) beforeQuote() bool {
	return strings.HasPrefix(strings.TrimLeft(s.text[s.at:], `\`), `"`)
}

// ansi reads up to the closing quote of $'…' (bash(1), QUOTING).
func (s *splitter) ansi(word *strings.Builder) {
	for !s.over() {
		c := s.text[s.at]
		s.at++
		if c == '\'' {
			return
		}
		if c != '\\' || s.over() {
			word.WriteByte(c)
			continue
		}
		c = s.text[s.at]
		s.at++
		switch c {
		case 'n':
			word.WriteByte('\n')
		case 't':
			word.WriteByte('\t')
		case 'r':
			word.WriteByte('\r')
		case 'x':
			s.number(word, 2, func(n uint64) { word.WriteByte(byte(n)) })
		case 'u':
			s.number(word, 4, func(n uint64) { writeRune(word, n) })
		case 'U':
			s.number(word, 8, func(n uint64) { writeRune(word, n) })
		default:
			word.WriteByte(c)
		}
	}
}

func writeRune(word *strings.Builder, n uint64) {
	if n > utf8.MaxRune {
		n = utf8.RuneError
	}
	word.WriteRune(rune(n))
}

// number reads up to so many hex digits.
func (s *splitter) number(word *strings.Builder, most int, write func(uint64)) {
	end := s.at
	for end < len(s.text) && end < s.at+most && strings.IndexByte("0123456789abcdefABCDEF", s.text[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseUint(s.text[s.at:end], 16, 32)
	if err != nil {
		word.WriteByte('\\')
		return
	}
	s.at = end
	write(n)
}
