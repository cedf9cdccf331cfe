package web

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Titled makes a title of the first of the texts that says something: one line that begins with a capital and
// ends without a stop.
func Titled(texts ...string) string {
	for _, text := range texts {
		text = strings.TrimSpace(strings.Join(strings.Fields(plain(text)), " "))
		if i := strings.Index(text, ". "); i > 0 {
			text = text[:i]
		}
		text = Shortened(text, 60)
		text = strings.TrimRight(text, " .:;,")
		if text != "" {
			return capital(text)
		}
	}
	return "Untitled"
}

// Sentence makes a sentence of the first of the texts that has one.
func Sentence(texts ...string) string {
	for _, text := range texts {
		paragraph, _, _ := strings.Cut(strings.TrimSpace(plain(text)), "\n\n")
		text = strings.TrimSpace(strings.Join(strings.Fields(paragraph), " "))
		if i := strings.Index(text, ". "); i > 20 {
			text = text[:i]
		}
		text = strings.TrimRight(Shortened(text, 235), " .:;,!?")
		if text != "" {
			return capital(text) + "."
		}
	}
	return ""
}

// markup is what documents are dressed in: links, emphasis, headings, tags of HTML.
var (
	links  = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	tags   = regexp.MustCompile(`<[^>]{0,200}>`)
	marks  = regexp.MustCompile("[*`]+|(?m:^#+ *)|__+")
	escape = strings.NewReplacer("\\_", "_", "\\*", "*", "\r\n", "\n")
)

func plain(text string) string {
	text = tags.ReplaceAllString(links.ReplaceAllString(escape.Replace(text), "$1"), " ")
	return marks.ReplaceAllString(text, "")
}

// Shortened cuts a text at a space, to at most so many letters.
func Shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	text = string([]rune(text)[:most-1])
	if i := strings.LastIndexByte(text, ' '); i > most/2 {
		text = text[:i]
	}
	return strings.TrimRight(text, " .:;,") + "…"
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// Snake writes a name of a service as names of operations and fields are: listOrders-byID is list_orders_by_id.
func Snake(name string) string {
	var b strings.Builder
	var before rune
	letters := []rune(name)
	for i, r := range letters {
		switch {
		case unicode.IsUpper(r):
			next := i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if before != 0 && before != '_' && (!unicode.IsUpper(before) || next) {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		case r < 'a' || r > 'z':
			if r < '0' || r > '9' {
				r = '_'
			}
		}
		if r > unicode.MaxASCII {
			r = '_'
		}
		if r == '_' && (b.Len() == 0 || strings.HasSuffix(b.String(), "_")) {
			before = '_'
			continue
		}
		b.WriteRune(r)
		if before = letters[i]; r == '_' {
			before = '_'
		}
	}
	out := strings.Trim(b.String(), "_")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "n" + out
	}
	return out
}

// Spaced writes a name as a label: "createdAfter" is "Created after".
func Spaced(name string) string {
	return Titled(strings.ReplaceAll(Snake(name), "_", " "))
}
