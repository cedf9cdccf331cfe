package widgets

import (
	"slices"
	"strings"
)

// indent is one level, in blanks: what jq and JSON are written with.
const indent = "  "

// pairs are the brackets and quotes that come in twos.
var pairs = map[rune]rune{'(': ')', '[': ']', '{': '}', '"': '"'}

// typed is what typing a rune does: it replaces the selection, or puts a pair around
// it; an opening bracket brings the closing one, which is then typed over.
func (b *buffer) typed(r rune, pairUp bool) {
	from, to := b.selection()
	partner, opens := pairs[r]
	if pairUp && opens && b.selected() {
		b.replace(from, to, string(r)+b.between(from, to)+string(partner), false)
		b.anchor, b.caret = b.right(from), b.left(b.caret)
		return
	}
	next, hasNext := b.next(to)
	if pairUp && hasNext && next == r && closes(r) && !b.selected() {
		b.move(b.right(b.caret), false)
		b.joins = true
		return
	}
	b.replace(from, to, string(r), true)
	if pairUp && opens && b.pairFits(r, next, hasNext) {
		b.replace(b.caret, b.caret, string(partner), true)
		b.caret = b.left(b.caret)
		b.anchor = b.caret
		b.past[len(b.past)-1].after = [2]place{b.caret, b.anchor}
	}
}

func closes(r rune) bool { return r == ')' || r == ']' || r == '}' || r == '"' }

// pairFits says whether a closing mark helps here: not in front of a word, and not
// after the letter that a quote ends.
func (b *buffer) pairFits(r, next rune, hasNext bool) bool {
	if hasNext && kindOf(next) != 0 && !closes(next) && next != ',' && next != ';' && next != '|' {
		return false
	}
	if r != '"' {
		return true
	}
	line := b.lines[b.caret.line][:b.caret.col]
	return len(line) < 2 || kindOf(line[len(line)-2]) != 1 && line[len(line)-2] != '\\' && strings.Count(string(line), `"`)%2 == 1
}

func (b *buffer) next(p place) (rune, bool) {
	line := b.lines[p.line]
	if p.col < len(line) {
		return line[p.col], true
	}
	return 0, false
}

// insert puts text in the place of the selection.
func (b *buffer) insert(text string) {
	from, to := b.selection()
	b.replace(from, to, text, false)
}

// newline breaks the line, keeps its indent, and opens brackets out.
func (b *buffer) newline() {
	from, to := b.selection()
	line := string(b.lines[from.line][:from.col])
	lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	before := strings.TrimRight(line, " \t")
	opened := before != "" && strings.ContainsRune("([{", rune(before[len(before)-1]))
	next, _ := b.next(to)
	switch {
	case opened && strings.ContainsRune(")]}", next) && next != 0:
		b.replace(from, to, "\n"+lead+indent+"\n"+lead, false)
		b.caret = place{from.line + 1, len([]rune(lead + indent))}
		b.anchor = b.caret
		b.past[len(b.past)-1].after = [2]place{b.caret, b.anchor}
	case opened:
		b.replace(from, to, "\n"+lead+indent, false)
	default:
		b.replace(from, to, "\n"+lead, false)
	}
}

// backspace takes the selection, or what stands before the caret: one rune, an
// indent, or both halves of an empty pair; with word the word.
func (b *buffer) backspace(word bool) {
	from, to := b.selection()
	if !b.selected() {
		from = b.left(b.caret)
		line := b.lines[b.caret.line]
		lead := string(line[:b.caret.col])
		switch {
		case word:
			from = b.wordLeft(b.caret)
		case lead != "" && strings.Trim(lead, " ") == "" && len(lead)%len(indent) == 0:
			from = place{b.caret.line, b.caret.col - len(indent)}
		case b.emptyPair():
			to = b.right(b.caret)
		}
	}
	if from != to {
		b.replace(from, to, "", !b.selected() && from.line == to.line)
	}
}

// emptyPair says whether the caret stands between an opening mark and its partner.
func (b *buffer) emptyPair() bool {
	line, col := b.lines[b.caret.line], b.caret.col
	return col > 0 && col < len(line) && pairs[line[col-1]] == line[col] && line[col] != 0
}

// delete takes the selection, or what stands after the caret.
func (b *buffer) delete(word bool) {
	from, to := b.selection()
	if !b.selected() {
		to = b.right(b.caret)
		if word {
			to = b.wordRight(b.caret)
		}
	}
	if from != to {
		b.replace(from, to, "", false)
	}
}

// chosenLines are the lines that the selection touches; one that it only reaches
// with its end at column 0 is not among them.
func (b *buffer) chosenLines() (first, last int) {
	from, to := b.selection()
	first, last = from.line, to.line
	if last > first && to.col == 0 {
		last--
	}
	return first, last
}

// eachLine rewrites the chosen lines as one change and keeps them chosen.
func (b *buffer) eachLine(rewrite func(line string) string) {
	first, last := b.chosenLines()
	from, to := place{first, 0}, place{last, len(b.lines[last])}
	lines := strings.Split(b.between(from, to), "\n")
	longer := make([]int, len(lines))
	for i, line := range lines {
		lines[i] = rewrite(line)
		longer[i] = len([]rune(lines[i])) - len([]rune(line))
	}
	text := strings.Join(lines, "\n")
	if text == b.between(from, to) {
		return
	}
	caret, anchor := b.caret, b.anchor
	b.replace(from, to, text, false)
	shift := func(p place) place {
		if p.line < first || p.line > last || p.col == 0 && p.line > first {
			return p
		}
		return b.inside(place{p.line, max(0, p.col+longer[p.line-first])})
	}
	b.caret, b.anchor = shift(caret), shift(anchor)
	b.past[len(b.past)-1].after = [2]place{b.caret, b.anchor}
}

// indentLines moves the chosen lines one level in, or out.
func (b *buffer) indentLines(out bool) {
	b.eachLine(func(line string) string {
		switch {
		case !out && line == "":
			return line
		case !out:
			return indent + line
		case strings.HasPrefix(line, indent):
			return line[len(indent):]
		}
		return strings.TrimLeft(line, " ")
	})
}

// comment makes the chosen lines comments, or takes that back where all are.
func (b *buffer) comment(mark string) {
	first, last := b.chosenLines()
	all := !slices.ContainsFunc(b.lines[first:last+1], func(line []rune) bool {
		text := strings.TrimSpace(string(line))
		return text != "" && !strings.HasPrefix(text, mark)
	})
	b.eachLine(func(line string) string {
		lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		rest := line[len(lead):]
		switch {
		case rest == "":
			return line
		case all:
			return lead + strings.TrimPrefix(strings.TrimPrefix(rest, mark), " ")
		}
		return lead + mark + " " + rest
	})
}

// vertical moves the caret by lines and tries to keep its column.
func (b *buffer) vertical(by int, extend bool) {
	col := b.want
	if col < 0 {
		col = b.caret.col
	}
	line := b.caret.line + by
	switch {
	case line < 0:
		b.move(place{}, extend)
	case line >= len(b.lines):
		b.move(b.end(), extend)
	default:
		b.move(place{line, col}, extend)
	}
	b.want = col
}

// home goes to the first mark of the line, or to its very beginning from there.
func (b *buffer) home(extend bool) {
	line := string(b.lines[b.caret.line])
	lead := len(line) - len(strings.TrimLeft(line, " \t"))
	if b.caret.col == lead {
		lead = 0
	}
	b.move(place{b.caret.line, lead}, extend)
}

// partner finds the bracket that belongs to the one beside the caret. skip says of a
// place that it is inside a text or a comment.
func (b *buffer) partner(skip func(place) bool) (one, other place, found bool) {
	for _, at := range []place{b.left(b.caret), b.caret} {
		r, ok := b.next(at)
		if !ok || at.line != b.caret.line || !strings.ContainsRune("()[]{}", r) || skip(at) {
			continue
		}
		if other, ok := b.seek(at, r, skip); ok {
			return at, other, true
		}
	}
	return place{}, place{}, false
}

// seek walks from the bracket r at a place to the one that closes or opens it.
func (b *buffer) seek(at place, r rune, skip func(place) bool) (place, bool) {
	const open, shut = "([{", ")]}"
	step, depth := b.right, 0
	if strings.ContainsRune(shut, r) {
		step = b.left
	}
	for p, walked := at, 0; walked < 20000; walked++ {
		if c, ok := b.next(p); ok && !skip(p) {
			switch {
			case strings.ContainsRune(open, c):
				depth++
			case strings.ContainsRune(shut, c):
				depth--
			}
			if depth == 0 {
				return p, true
			}
		}
		next := step(p)
		if next == p {
			break
		}
		p = next
	}
	return place{}, false
}
