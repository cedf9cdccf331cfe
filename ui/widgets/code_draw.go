package widgets

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"jackfield/ui/theme"
)

// lineSpan is a stretch of one line in one colour; from and to count runes.
type lineSpan struct {
	from, to int
	colour   fyne.ThemeColorName
}

// cell is the width of one rune.
func (e *CodeEditor) cell() float32 {
	const many = 64 // so that rounding does not add up
	return Code.measure(strings.Repeat("0", many)).Width / many
}

func (e *CodeEditor) lineHeight() float32 {
	return float32(int(Code.measure("Mg").Height + 0.75*theme.Size(theme.Gap)))
}

// left is where lines begin.
func (e *CodeEditor) left() float32 {
	if !e.Numbers {
		return theme.Size(theme.WideGap)
	}
	return e.gutter() + theme.Size(theme.WideGap)
}

// gutter is the room for the numbers of lines.
func (e *CodeEditor) gutter() float32 {
	digits := max(2, len(strconv.Itoa(len(e.buf.lines))))
	return float32(digits)*e.cell() + 2*theme.Size(theme.Inner)
}

// wide is how many cells a rune takes: two for those of East Asia and pictures, none
// for marks that stand on others (Unicode, UAX #11, simplified).
func wide(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// simple says whether runes of this kind can be drawn in one go, each one cell wide.
func simple(r rune) bool { return r < 0x500 && wide(r) == 1 }

// cells is how many cells of its line stand before p.
func (e *CodeEditor) cells(p place) int {
	n := 0
	for _, r := range e.buf.lines[p.line][:p.col] {
		n += wide(r)
	}
	return n
}

// placeAt is the place nearest to a point of the widget.
func (e *CodeEditor) placeAt(at fyne.Position) place {
	line := max(0, min(e.sheet.rowAt(at.Y), len(e.buf.lines)-1))
	x := (at.X + e.sheet.offset.X - e.left()) / e.cell()
	cell := float32(0)
	for col, r := range e.buf.lines[line] {
		w := float32(wide(r))
		if x < cell+w/2 {
			return place{line, col}
		}
		cell += w
	}
	return place{line, len(e.buf.lines[line])}
}

// colour cuts the text into spans by line, if it has changed.
func (e *CodeEditor) colour() {
	if e.at == e.buf.version {
		return
	}
	e.at = e.buf.version
	e.widest = 0
	for i, line := range e.buf.lines {
		e.widest = max(e.widest, e.cells(place{i, len(line)}))
	}
	e.spans = make([][]lineSpan, len(e.buf.lines))
	if e.Language.Spans != nil {
		src := e.buf.text()
		e.spans = byLine(src, e.Language.Spans(src), e.spans)
	}
}

// byLine cuts spans, which are in order, where lines end. It walks over src once.
func byLine(src string, spans []Span, lines [][]lineSpan) [][]lineSpan {
	line, col, at := 0, 0, 0
	for _, s := range spans {
		from := 0
		for at < s.End {
			if at <= s.Start {
				from = col
			}
			r, size := utf8.DecodeRuneInString(src[at:])
			at += size
			if r != '\n' {
				col++
				continue
			}
			if at > s.Start && from < col {
				lines[line] = append(lines[line], lineSpan{from, col, s.Colour})
			}
			line, col, from = line+1, 0, 0
		}
		if from < col {
			lines[line] = append(lines[line], lineSpan{from, col, s.Colour})
		}
	}
	return lines
}

// drawLine draws one line: its ground, what is chosen, its runs, what is wrong.
func (e *CodeEditor) drawLine(line int, pen *Pen) {
	e.colour()
	left := e.left()
	if line == e.buf.caret.line && e.focused && !e.OneLine && !e.buf.selected() {
		pen.Fill(e.sheet.offset.X, e.sheet.size.Width, theme.CodeCurrentLine)
	}
	e.drawSelection(line, pen)
	e.drawPair(line, pen)
	if len(e.buf.lines) == 1 && len(e.buf.lines[0]) == 0 && e.Hint != "" {
		pen.Text(left, e.sheet.size.Width-left, e.Hint, Code.In(theme.Placeholder))
	}
	e.drawRuns(line, pen)
	for _, m := range e.marks {
		e.drawMark(line, m, pen)
	}
	if e.Numbers {
		look := Code.In(theme.CodeLineNumber)
		if line == e.buf.caret.line && e.focused {
			look = Code.In(theme.Foreground)
		}
		look.Right = true
		pad := theme.Size(theme.Inner)
		pen.run(e.sheet.offset.X+pad, e.gutter()-2*pad, strconv.Itoa(line+1), look)
	}
}

// seen is the stretch of a line's cells that is not scrolled away.
func (e *CodeEditor) seen() (first, last int) {
	first = int(e.sheet.offset.X/e.cell() + 0.5)
	return first, first + int(e.sheet.size.Width/e.cell()) + 1
}

// drawRuns draws the text of a line, each stretch in its colour, what stands between
// spans in that of plain code.
func (e *CodeEditor) drawRuns(line int, pen *Pen) {
	runes := e.buf.lines[line]
	first, last := e.seen()
	cell, col := 0, 0
	draw := func(to int, colour fyne.ThemeColorName) {
		for col < to {
			if !simple(runes[col]) {
				if cell >= first && cell < last {
					pen.run(e.left()+float32(cell)*e.cell(), 0, string(runes[col]), Code.In(colour))
				}
				cell, col = cell+wide(runes[col]), col+1
				continue
			}
			end := col
			for end < to && simple(runes[end]) {
				end++
			}
			from, until := max(col, col+first-cell), min(end, col+last-cell)
			if from < until && strings.TrimSpace(string(runes[from:until])) != "" {
				pen.run(e.left()+float32(cell+from-col)*e.cell(), 0, string(runes[from:until]), Code.In(colour))
			}
			cell, col = cell+end-col, end
		}
	}
	if line < len(e.spans) {
		for _, s := range e.spans[line] {
			draw(min(s.from, len(runes)), theme.CodeText)
			draw(min(s.to, len(runes)), s.colour)
		}
	}
	draw(len(runes), theme.CodeText)
}

// box fills the cells from one place to another of the same line.
func (e *CodeEditor) box(line, from, to int, more float32, colour fyne.ThemeColorName, pen *Pen) {
	first, last := e.seen()
	a := max(first, min(last, e.cells(place{line, from})))
	b := max(first, min(last, e.cells(place{line, to})))
	width := float32(b-a)*e.cell() + more
	if width > 0 {
		pen.Box(e.left()+float32(a)*e.cell(), 0, width, pen.Height, colour, "")
	}
}

func (e *CodeEditor) drawSelection(line int, pen *Pen) {
	from, to := e.buf.selection()
	if from == to || line < from.line || line > to.line {
		return
	}
	start, end, more := 0, len(e.buf.lines[line]), e.cell()/2
	if line == from.line {
		start = from.col
	}
	if line == to.line {
		end, more = to.col, 0
	}
	e.box(line, start, end, more, theme.CodeSelection, pen)
}

func (e *CodeEditor) drawPair(line int, pen *Pen) {
	if !e.focused || e.buf.selected() {
		return
	}
	one, other, found := e.buf.partner(e.inText)
	if !found {
		return
	}
	for _, p := range []place{one, other} {
		if p.line == line {
			e.box(line, p.col, p.col+1, 0, theme.CodeMatch, pen)
		}
	}
}

// inText says whether a place is inside a text or a comment.
func (e *CodeEditor) inText(p place) bool {
	e.colour()
	for _, s := range e.spans[p.line] {
		if p.col >= s.from && p.col < s.to {
			return s.colour == theme.CodeString || s.colour == theme.CodeComment
		}
	}
	return false
}

func (e *CodeEditor) drawMark(line int, m Mark, pen *Pen) {
	from, to := e.buf.placeOf(m.Start), e.buf.placeOf(max(m.End, m.Start))
	if line < from.line || line > to.line {
		return
	}
	start, end := 0, len(e.buf.lines[line])
	if line == from.line {
		start = from.col
	}
	if line == to.line {
		end = to.col
	}
	first, last := e.seen()
	a, b := e.cells(place{line, start}), e.cells(place{line, end})
	if a == b {
		b++ // something is missing here
	}
	a, b = max(a, first), min(b, last)
	colour := theme.Failed
	if m.Warning {
		colour = theme.Partial
	}
	if a < b {
		pen.Wave(e.left()+float32(a)*e.cell(), pen.Height-theme.Size(theme.Gap), float32(b-a)*e.cell(), colour)
	}
}

// placeCaret puts the caret where it belongs.
func (e *CodeEditor) placeCaret() {
	at := e.caretAt()
	e.caret.Move(at)
	e.caret.Resize(fyne.NewSize(theme.Size(theme.Line), e.lineHeight()))
	e.caret.Hidden = !e.focused || e.Disabled() || at.X < e.left()-e.cell()
}

// caretAt is where the caret is, in the widget.
func (e *CodeEditor) caretAt() fyne.Position {
	p := e.buf.caret
	x := e.left() + float32(e.cells(p))*e.cell() - e.sheet.offset.X
	return fyne.NewPos(x-theme.Size(theme.Hairline), e.sheet.pad+float32(p.line)*e.lineHeight()-e.sheet.offset.Y)
}
