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

// look is how its text looks.
func (e *Editor) look() Look {
	if e.Plain {
		return Plain
	}
	return Code
}

// cell is the width of one rune; in plain letters that of a common one.
func (e *Editor) cell() float32 {
	const many = 64 // so that rounding does not add up
	return e.look().measure(strings.Repeat("0", many)).Width / many
}

func (e *Editor) lineHeight() float32 {
	return float32(int(e.look().measure("Mg").Height + 0.75*theme.Size(theme.Gap)))
}

// left is where lines begin.
func (e *Editor) left() float32 {
	if !e.Numbers {
		return theme.Size(theme.WideGap)
	}
	return e.gutter() + theme.Size(theme.WideGap)
}

// gutter is the room for the numbers of lines.
func (e *Editor) gutter() float32 {
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

// cells is how many cells so many runes take.
func cells(runes []rune) (n int) {
	for _, r := range runes {
		n += wide(r)
	}
	return n
}

// runes is a line as it is shown.
func (e *Editor) runes(line int) []rune {
	if !e.Masked {
		return e.buf.lines[line]
	}
	dots := make([]rune, len(e.buf.lines[line]))
	for i := range dots {
		dots[i] = '•'
	}
	return dots
}

// span is how wide so many runes are.
func (e *Editor) span(runes []rune) float32 {
	if e.Plain {
		return e.look().measure(string(runes)).Width
	}
	return float32(cells(runes)) * e.cell()
}

// x is where a place is in its line, before any scrolling.
func (e *Editor) x(p place) float32 { return e.left() + e.span(e.runes(p.line)[:p.col]) }

// colAt is the column whose beginning is nearest to an x of the line.
func (e *Editor) colAt(line int, x float32) int {
	runes := e.runes(line)
	x -= e.left()
	low, high := 0, len(runes)
	for low < high {
		col := (low + high) / 2
		if e.span(runes[:col])+e.span(runes[col:col+1])/2 <= x {
			low = col + 1
		} else {
			high = col
		}
	}
	return low
}

// placeAt is the place nearest to a point of the widget.
func (e *Editor) placeAt(at fyne.Position) place {
	line := max(0, min(e.sheet.rowAt(at.Y), len(e.buf.lines)-1))
	return place{line, e.colAt(line, at.X+e.sheet.offset.X)}
}

// colour cuts the text into spans by line, if it has changed.
func (e *Editor) colour() {
	if e.at == e.buf.version {
		return
	}
	e.at = e.buf.version
	e.widest = 0
	for i := range e.buf.lines {
		e.widest = max(e.widest, e.span(e.runes(i)))
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
func (e *Editor) drawLine(line int, pen *Pen) {
	e.colour()
	if line == e.buf.caret.line && e.focused && !e.OneLine && !e.buf.selected() {
		pen.Fill(e.sheet.offset.X, e.sheet.size.Width, theme.CodeCurrentLine)
	}
	e.drawSelection(line, pen)
	e.drawPair(line, pen)
	if len(e.buf.lines) == 1 && len(e.buf.lines[0]) == 0 && e.Hint != "" {
		pen.Text(e.left(), e.sheet.size.Width-e.left(), e.Hint, e.look().In(theme.Placeholder))
	}
	e.drawRuns(line, pen)
	for _, m := range e.marks {
		e.drawMark(line, m, pen)
	}
	if e.Numbers {
		e.drawNumber(line, pen)
	}
}

func (e *Editor) drawNumber(line int, pen *Pen) {
	look := e.look().In(theme.CodeLineNumber)
	if line == e.buf.caret.line && e.focused {
		look = e.look()
	}
	look.Right = true
	pad := theme.Size(theme.Inner)
	pen.run(e.sheet.offset.X+pad, e.gutter()-2*pad, strconv.Itoa(line+1), look)
}

// seen is the stretch of a line's columns that is not scrolled away.
func (e *Editor) seen(line int) (first, last int) {
	x := e.sheet.offset.X
	first, last = e.colAt(line, x+e.left()), e.colAt(line, x+e.sheet.size.Width)
	if e.Plain {
		first-- // a letter may be seen in part
	}
	return max(0, first), min(last+1, len(e.buf.lines[line]))
}

// drawRuns draws the text of a line, each stretch in its colour, what stands between
// spans in that of plain code.
func (e *Editor) drawRuns(line int, pen *Pen) {
	first, last := e.seen(line)
	col := 0
	draw := func(to int, colour fyne.ThemeColorName) {
		from := max(col, first)
		if until := min(to, last); from < until {
			e.drawRun(line, from, until, e.look().In(colour), pen)
		}
		col = max(col, to)
	}
	if line < len(e.spans) {
		for _, s := range e.spans[line] {
			draw(s.from, e.look().colour())
			draw(s.to, s.colour)
		}
	}
	draw(len(e.buf.lines[line]), e.look().colour())
}

// drawRun draws one stretch of a line. In code what is not one cell wide is drawn by
// itself, so that all else stays in its cells.
func (e *Editor) drawRun(line, from, to int, look Look, pen *Pen) {
	runes := e.runes(line)
	for from < to {
		end := from + 1
		if e.Plain {
			end = to
		} else if simple(runes[from]) {
			for end < to && simple(runes[end]) {
				end++
			}
		}
		if text := string(runes[from:end]); strings.TrimSpace(text) != "" {
			pen.run(e.x(place{line, from}), 0, text, look)
		}
		from = end
	}
}

// box fills from one place to another of the same line.
func (e *Editor) box(line, from, to int, more float32, colour fyne.ThemeColorName, pen *Pen) {
	left := e.sheet.offset.X + e.left()
	a, b := max(left, e.x(place{line, from})), max(left, e.x(place{line, to})+more)
	b = min(b, e.sheet.offset.X+e.sheet.size.Width)
	if a < b {
		pen.Box(a, 0, b-a, pen.Height, colour, "")
	}
}

func (e *Editor) drawSelection(line int, pen *Pen) {
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

func (e *Editor) drawPair(line int, pen *Pen) {
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
func (e *Editor) inText(p place) bool {
	e.colour()
	for _, s := range e.spans[p.line] {
		if p.col >= s.from && p.col < s.to {
			return s.colour == theme.CodeString || s.colour == theme.CodeComment
		}
	}
	return false
}

func (e *Editor) drawMark(line int, m Mark, pen *Pen) {
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
	left := e.sheet.offset.X + e.left()
	a, b := e.x(place{line, start}), e.x(place{line, end})
	if a == b {
		b += e.cell() // something is missing here
	}
	a, b = max(a, left), min(b, e.sheet.offset.X+e.sheet.size.Width)
	colour := theme.Failed
	if m.Warning {
		colour = theme.Partial
	}
	if a < b {
		pen.Wave(a, pen.Height-theme.Size(theme.Gap), b-a, colour)
	}
}

// placeCaret puts the caret where it belongs.
func (e *Editor) placeCaret() {
	at := e.caretAt()
	e.caret.Move(at)
	e.caret.Resize(fyne.NewSize(theme.Size(theme.Line), e.lineHeight()))
	e.caret.Hidden = !e.focused || e.Disabled() || at.X < e.left()-e.cell()
}

// caretAt is where the caret is, in the widget.
func (e *Editor) caretAt() fyne.Position {
	p := e.buf.caret
	x := e.x(p) - e.sheet.offset.X
	return fyne.NewPos(x-theme.Size(theme.Hairline), e.sheet.pad+float32(p.line)*e.lineHeight()-e.sheet.offset.Y)
}
