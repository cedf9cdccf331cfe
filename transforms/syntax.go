package transforms

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"jackfield/flow"
)

// SyntaxError says why a text is not a program, or hardly the one that was meant, and
// where.
type SyntaxError struct {
	Line, Column int // from 1; columns count runes
	Offset, End  int // the stretch of the text, in bytes
	What, Fix    string
	Doubt        bool // the program runs, but most likely not as it was meant
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	return text
}

// Problem is the error as a person sees it, at a step's field.
func (e *SyntaxError) Problem(step flow.StepID, field string) flow.Problem {
	code := flow.Code("jq-syntax")
	if e.Doubt {
		code = "jq-doubt"
	}
	return flow.Problem{
		Step: step, Field: field, Line: e.Line, Column: e.Column,
		Code: code, What: e.What, Fix: e.Fix, Warning: e.Doubt,
	}
}

func newSyntaxError(src string, at span, what, fix string) *SyntaxError {
	e := &SyntaxError{Offset: at.start, End: at.end, What: what, Fix: fix}
	e.Line, e.Column = place(src, at.start)
	return e
}

// place counts line and column, in runes and from 1, of a byte of src.
func place(src string, offset int) (line, column int) {
	before := src[:min(offset, len(src))]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// parse makes a tree of a program's text.
func parse(src string) (*tree, *SyntaxError) {
	if !utf8.ValidString(src) {
		at := len(src) - len(strings.TrimLeftFunc(src, func(r rune) bool { return r != utf8.RuneError }))
		return nil, newSyntaxError(src, span{at, min(at+1, len(src))}, "the text is not UTF-8 here", "type it anew")
	}
	if at := strings.IndexByte(src, 0); at >= 0 { // gojq would end the program there
		return nil, newSyntaxError(src, span{at, at + 1}, "there is a zero byte in the text", "take it away")
	}
	query, err := gojq.Parse(src)
	if err != nil {
		return nil, (&parseFailure{src: src, words: words(src)}).explain(err)
	}
	if query.Meta != nil || len(query.Imports) > 0 {
		w := words(src)[0]
		return nil, newSyntaxError(src, span{w.start, w.end}, moduleClosed, "write the definitions into the program: def name: …;")
	}
	if query.Term == nil && query.Op == 0 {
		return nil, newSyntaxError(src, span{len(src), len(src)}, "the program is empty", "write . to pass the record on as it is")
	}
	t, _ := newTree(src, query) // a tree without places still runs
	return t, nil
}

func words(src string) []lexeme {
	var out []lexeme
	for _, x := range lex(src) {
		if x.kind != lexComment {
			out = append(out, x)
		}
	}
	return out
}

// A parseFailure finds words for what gojq's parser could not go on with.
type parseFailure struct {
	src   string
	words []lexeme
	at    int // index of the word that does not fit; len(words) at the end
}

func (f *parseFailure) explain(err error) *SyntaxError {
	f.at = len(f.words)
	if p, ok := errors.AsType[*gojq.ParseError](err); ok && p.Token != "" {
		for i, w := range f.words {
			if w.end >= p.Offset {
				f.at = i
				break
			}
		}
	}
	// What is no word at all comes first: the parser may have stopped at it or
	// just behind it.
	for i, w := range f.words[:min(f.at+2, len(f.words))] {
		if w.kind == lexBad || w.kind == lexBadEscape || w.kind == lexUnclosed {
			f.at = i
			return f.badWord()
		}
	}
	if f.at == len(f.words) {
		return f.unfinished()
	}
	return f.misplaced()
}

// text is the word ahead of the misplaced one by n, "" outside of the program.
func (f *parseFailure) text(n int) string {
	if i := f.at + n; i >= 0 && i < len(f.words) {
		return f.src[f.words[i].start:f.words[i].end]
	}
	return ""
}

func (f *parseFailure) kind(n int) lexKind {
	if i := f.at + n; i >= 0 && i < len(f.words) {
		return f.words[i].kind
	}
	return lexBad
}

// touches says whether nothing stands between the word ahead by n and the next.
func (f *parseFailure) touches(n int) bool {
	i := f.at + n
	return i >= 0 && i+1 < len(f.words) && f.words[i].end == f.words[i+1].start
}

func (f *parseFailure) error(what, fix string, args ...any) *SyntaxError {
	at := span{len(f.src), len(f.src)}
	if f.at < len(f.words) {
		at = span{f.words[f.at].start, f.words[f.at].end}
	}
	if len(args) > 0 {
		fix = fmt.Sprintf(fix, args...)
	}
	return newSyntaxError(f.src, at, what, fix)
}

// badWord explains what is no word of jq.
func (f *parseFailure) badWord() *SyntaxError {
	text := f.text(0)
	switch f.kind(0) {
	case lexUnclosed:
		return f.unclosedText()
	case lexBadEscape:
		i := strings.LastIndexByte(text, '\\')
		w := &f.words[f.at]
		w.start, text = w.start+i, text[i:]
		if strings.HasPrefix(text, `\u`) {
			return f.error(fmt.Sprintf("%s is no character in a text", text), `write four digits of 0-9 and a-f behind \u`)
		}
		return f.error(fmt.Sprintf("%s is not known in a text", text),
			`write \%s for the backslash and the letter, as expressions like "\\d" need it`, text)
	}
	switch text {
	case "'", "‘", "’":
		return f.error("texts stand in double quotes here", "write %s", quoted(f.src[f.words[f.at].start:], text))
	case "“", "”", "„", "«", "»":
		return f.error("this is a printer's quote", `write straight quotes: "…"`)
	case "`":
		return f.error("jq has no backquotes", `write "… \(.name) …" to put values into a text`)
	case "&":
		return f.error("jq has no &", `write and: .a and .b`)
	case "!":
		return f.error("jq has no !", `write not behind it: (.a | not)`)
	case "$":
		if f.text(1) != "" && f.kind(1) == lexField {
			return f.error("a $ alone means nothing in jq", "the record is the dot: write %s", f.text(1))
		}
		return f.error("a $ needs a name behind it", "there are $run, $flow, $steps, $trigger, $problem and, inside a container, $loop")
	case "@":
		return f.error("an @ needs a name behind it", "there are %s", strings.Join(formats, " "))
	case "\\":
		return f.error("a backslash belongs inside a text", "take it away, or put it into quotes")
	case "~", "^":
		return f.error("jq has no "+text, `write test("…") to match an expression, pow(a; b) for a power`)
	}
	if isDigit(text[0]) || text[0] == '.' {
		return f.error(fmt.Sprintf("%s is not a number", text), `write a number as 12.5 or 1e6, a name with a digit in front as .["%s"]`, strings.Trim(text, "."))
	}
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsLetter(r) {
		return f.foreignLetter()
	}
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsSpace(r) {
		return f.error("this is a space that jq does not know", "type a plain space in its place")
	}
	return f.error(fmt.Sprintf("%q means nothing in jq", text), "take it away, or put it into quotes")
}

// foreignLetter explains a name with letters beyond a to z.
func (f *parseFailure) foreignLetter() *SyntaxError {
	start := f.words[f.at].start
	if f.touches(-1) && (f.kind(-1) == lexField || f.kind(-1) == lexName || f.text(-1) == ".") {
		start = f.words[f.at-1].start
	}
	end := start
	for end < len(f.src) {
		r, size := utf8.DecodeRuneInString(f.src[end:])
		if end > start && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		end += size
	}
	name := f.src[start:end]
	fix := fmt.Sprintf("write %q in quotes", name)
	if strings.HasPrefix(name, ".") {
		fix = fmt.Sprintf(`write .[%q]`, name[1:])
	}
	return newSyntaxError(f.src, span{start, end}, "a name without quotes has letters from a to z, digits and _ only", fix)
}

// quoted turns 'text' into "text" for a correction.
func quoted(src, quote string) string {
	rest := src[len(quote):]
	if i := strings.IndexAny(rest, "'’\n"); i >= 0 && rest[i] != '\n' && i < 40 {
		return `"` + rest[:i] + `"`
	}
	return `"…"`
}
