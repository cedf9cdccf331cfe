package widgets

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is a spot between two runes of a buffer; lines and columns count from 0.
type place struct{ line, col int }

func (p place) before(q place) bool { return p.line < q.line || p.line == q.line && p.col < q.col }

// buffer is text that is being edited: lines of runes, a caret, a selection between
// the anchor and the caret, and what was done to it.
type buffer struct {
	lines         [][]rune
	caret, anchor place
	want          int // the column that moves up and down try to keep; -1 is the caret's
	past, future  []change
	joins         bool // the next typing may join the last change
	version       int  // counts changes
}

// change is one replacement, with where the caret was before and after.
type change struct {
	at            place
	gone, come    string
	before, after [2]place // caret, anchor
	typing        bool
}

// mostPast is how many changes can be undone.
const mostPast = 1000

func newBuffer(text string) *buffer {
	return &buffer{lines: split(text), want: -1}
}

func split(text string) [][]rune {
	parts := strings.Split(text, "\n")
	lines := make([][]rune, len(parts))
	for i, p := range parts {
		lines[i] = []rune(p)
	}
	return lines
}

// text is the whole of it.
func (b *buffer) text() string { return b.between(place{}, b.end()) }

func (b *buffer) end() place {
	last := len(b.lines) - 1
	return place{last, len(b.lines[last])}
}

func (b *buffer) between(from, to place) string {
	if from.line == to.line {
		return string(b.lines[from.line][from.col:to.col])
	}
	var s strings.Builder
	s.WriteString(string(b.lines[from.line][from.col:]))
	for _, line := range b.lines[from.line+1 : to.line] {
		s.WriteByte('\n')
		s.WriteString(string(line))
	}
	s.WriteByte('\n')
	s.WriteString(string(b.lines[to.line][:to.col]))
	return s.String()
}

// inside moves p to the nearest place that there is.
func (b *buffer) inside(p place) place {
	p.line = max(0, min(p.line, len(b.lines)-1))
	p.col = max(0, min(p.col, len(b.lines[p.line])))
	return p
}

// offset is how many bytes stand before p.
func (b *buffer) offset(p place) int {
	n := 0
	for _, line := range b.lines[:p.line] {
		n += bytesOf(line) + 1
	}
	return n + bytesOf(b.lines[p.line][:p.col])
}

func bytesOf(runes []rune) (n int) {
	for _, r := range runes {
		n += utf8.RuneLen(r)
	}
	return n
}

// placeOf is where the byte of an offset stands.
func (b *buffer) placeOf(offset int) place {
	for i, line := range b.lines {
		for col, r := range line {
			if offset <= 0 {
				return place{i, col}
			}
			offset -= utf8.RuneLen(r)
		}
		if offset <= 0 {
			return place{i, len(line)}
		}
		offset--
	}
	return b.end()
}

// selection is the chosen stretch in the order of the text.
func (b *buffer) selection() (from, to place) {
	if b.anchor.before(b.caret) {
		return b.anchor, b.caret
	}
	return b.caret, b.anchor
}

func (b *buffer) selected() bool { return b.anchor != b.caret }

// move puts the caret somewhere; extend keeps the anchor where it is.
func (b *buffer) move(to place, extend bool) {
	b.caret = b.inside(to)
	if !extend {
		b.anchor = b.caret
	}
	b.want, b.joins = -1, false
}

// replace puts text in the place of a stretch and the caret behind it. Typing joins
// the change before it, so that undo takes back words and not letters.
func (b *buffer) replace(from, to place, text string, typing bool) {
	c := change{at: from, gone: b.between(from, to), come: text, typing: typing, before: [2]place{b.caret, b.anchor}}
	b.caret = b.put(from, to, text)
	b.anchor, b.want = b.caret, -1
	c.after = [2]place{b.caret, b.anchor}
	b.future = nil
	if !b.join(c) {
		b.past = append(b.past, c)
		if len(b.past) > mostPast {
			b.past = b.past[1:]
		}
	}
	b.joins = typing
}

// join makes c a part of the last change, where both are typing at one place.
func (b *buffer) join(c change) bool {
	if !c.typing || !b.joins || len(b.past) == 0 {
		return false
	}
	last := &b.past[len(b.past)-1]
	wordEnds := strings.HasSuffix(last.come, " ") && !strings.HasPrefix(c.come, " ")
	switch {
	case !last.typing || wordEnds || strings.Contains(c.come, "\n"):
		return false
	case c.gone == "" && last.after[0] == c.at:
		last.come += c.come
	case c.come == "" && last.come == "" && c.gone != "" && b.placeAfter(c.at, c.gone) == last.at:
		last.at, last.gone = c.at, c.gone+last.gone
	default:
		return false
	}
	last.after = c.after
	return true
}

// put is the bare replacement; it gives the place behind the new text.
func (b *buffer) put(from, to place, text string) place {
	head := b.lines[from.line][:from.col]
	tail := append([]rune(nil), b.lines[to.line][to.col:]...)
	fresh := split(text)
	last := len(fresh) - 1
	end := place{from.line + last, len(fresh[last])}
	if last == 0 {
		end.col += from.col
	}
	fresh[0] = append(append([]rune(nil), head...), fresh[0]...)
	fresh[last] = append(fresh[last], tail...)
	lines := make([][]rune, 0, len(b.lines)+last)
	lines = append(lines, b.lines[:from.line]...)
	lines = append(lines, fresh...)
	b.lines = append(lines, b.lines[to.line+1:]...)
	b.version++
	return end
}

// placeAfter is where text that begins at p ends.
func (b *buffer) placeAfter(p place, text string) place {
	if n := strings.Count(text, "\n"); n > 0 {
		return place{p.line + n, len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))}
	}
	return place{p.line, p.col + len([]rune(text))}
}

// undo takes the last change back and tells whether there was one.
func (b *buffer) undo() bool {
	if len(b.past) == 0 {
		return false
	}
	c := b.past[len(b.past)-1]
	b.past = b.past[:len(b.past)-1]
	b.put(c.at, b.placeAfter(c.at, c.come), c.gone)
	b.caret, b.anchor = c.before[0], c.before[1]
	b.future, b.joins, b.want = append(b.future, c), false, -1
	return true
}

// redo does again what undo took back.
func (b *buffer) redo() bool {
	if len(b.future) == 0 {
		return false
	}
	c := b.future[len(b.future)-1]
	b.future = b.future[:len(b.future)-1]
	b.put(c.at, b.placeAfter(c.at, c.gone), c.come)
	b.caret, b.anchor = c.after[0], c.after[1]
	b.past, b.joins, b.want = append(b.past, c), false, -1
	return true
}

// left and right are the places beside p, across lines.
func (b *buffer) left(p place) place {
	if p.col > 0 {
		return place{p.line, p.col - 1}
	}
	if p.line > 0 {
		return place{p.line - 1, len(b.lines[p.line-1])}
	}
	return p
}

func (b *buffer) right(p place) place {
	if p.col < len(b.lines[p.line]) {
		return place{p.line, p.col + 1}
	}
	if p.line < len(b.lines)-1 {
		return place{p.line + 1, 0}
	}
	return p
}

// kindOf groups runes for moves by word: blanks, words, marks.
func kindOf(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 0
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$':
		return 1
	}
	return 2
}

// wordLeft is the beginning of the word before p.
func (b *buffer) wordLeft(p place) place {
	if p.col == 0 {
		return b.left(p)
	}
	line := b.lines[p.line]
	for p.col > 0 && kindOf(line[p.col-1]) == 0 {
		p.col--
	}
	if p.col > 0 {
		kind := kindOf(line[p.col-1])
		for p.col > 0 && kindOf(line[p.col-1]) == kind {
			p.col--
		}
	}
	return p
}

// wordRight is the end of the word after p.
func (b *buffer) wordRight(p place) place {
	line := b.lines[p.line]
	if p.col == len(line) {
		return b.right(p)
	}
	for p.col < len(line) && kindOf(line[p.col]) == 0 {
		p.col++
	}
	if p.col < len(line) {
		kind := kindOf(line[p.col])
		for p.col < len(line) && kindOf(line[p.col]) == kind {
			p.col++
		}
	}
	return p
}

// wordAt is the word that p is in or beside.
func (b *buffer) wordAt(p place) (from, to place) {
	line := b.lines[p.line]
	from, to = p, p
	at := p.col
	if at == len(line) || at > 0 && kindOf(line[at]) != 1 && kindOf(line[at-1]) == 1 {
		at--
	}
	if at < 0 {
		return p, p
	}
	kind := kindOf(line[at])
	for from.col = at; from.col > 0 && kindOf(line[from.col-1]) == kind; {
		from.col--
	}
	for to.col = at; to.col < len(line) && kindOf(line[to.col]) == kind; {
		to.col++
	}
	return from, to
}
