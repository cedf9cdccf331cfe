package widgets

import (
	"sort"
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

// seenRow is what one row shows: a line, or where lines wrap a part of one.
type seenRow struct{ line, from, to int }

// plan is how the text lies: its rows, its colours and its width. It is made anew
// when the text or the room has changed.
type plan struct {
	version int
	room    float32
	rows    []seenRow
	spans   [][]lineSpan // by line
	widest  float32
}

// plan brings it up to date.
func (e *Editor) plan() *plan {
	p := &e.laid
	if p.version == e.buf.version && p.rows != nil && (!e.Wraps || p.room == e.sheet.size.Width) {
		return p
	}
	*p = plan{version: e.buf.version, room: e.sheet.size.Width, rows: make([]seenRow, 0, len(e.buf.lines)), spans: make([][]lineSpan, len(e.buf.lines))}
	for i := range e.buf.lines {
		p.rows = e.appendRows(p.rows, i)
	}
	if e.Language.Spans != nil {
		src := e.buf.text()
		p.spans = byLine(src, e.Language.Spans(src), p.spans)
	}
	if !e.Wraps {
		for i := range e.buf.lines {
			p.widest = max(p.widest, e.span(e.runes(i)))
		}
	}
	return p
}

// appendRows appends the rows of one line. A line that wraps breaks behind blanks, and
// a word that is too long where the room ends.
func (e *Editor) appendRows(rows []seenRow, line int) []seenRow {
	runes := e.runes(line)
	room := e.sheet.size.Width - 2*e.left()
	from := 0
	for e.Wraps && room > 0 && e.span(runes[from:]) > room {
		end := from + max(1, sort.Search(len(runes)-from, func(n int) bool { return e.span(runes[from:from+n+1]) > room }))
		if blank := lastBlank(runes[from:end]); blank > 0 && end < len(runes) {
			end = from + blank
		}
		rows = append(rows, seenRow{line, from, end})
		from = end
	}
	return append(rows, seenRow{line, from, len(runes)})
}

// lastBlank is where the word begins that runes end in, 0 where it is all one word.
func lastBlank(runes []rune) int {
	for i := len(runes); i > 0; i-- {
		if runes[i-1] == ' ' {
			return i
		}
	}
	return 0
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

// rowOf is the row that shows a place.
func (e *Editor) rowOf(p place) int {
	rows := e.plan().rows
	return sort.Search(len(rows), func(i int) bool {
		return rows[i].line > p.line || rows[i].line == p.line && rows[i].from > p.col
	}) - 1
}

// xIn is where a column is in a row, before any scrolling.
func (e *Editor) xIn(r seenRow, col int) float32 {
	return e.left() + e.span(e.runes(r.line)[r.from:max(r.from, min(col, r.to))])
}

// x is where a place is in its row, before any scrolling.
func (e *Editor) x(p place) float32 { return e.xIn(e.plan().rows[e.rowOf(p)], p.col) }

// colAt is the column of a row whose beginning is nearest to an x.
func (e *Editor) colAt(r seenRow, x float32) int {
	runes := e.runes(r.line)[r.from:r.to]
	x -= e.left()
	col := sort.Search(len(runes), func(i int) bool {
		return e.span(runes[:i])+e.span(runes[i:i+1])/2 > x
	})
	if last := r.to < len(e.buf.lines[r.line]); last && col == len(runes) && col > 0 {
		col-- // behind its last rune the next row begins
	}
	return r.from + col
}

// placeAt is the place nearest to a point of the widget.
func (e *Editor) placeAt(at fyne.Position) place {
	rows := e.plan().rows
	r := rows[max(0, min(e.sheet.rowAt(at.Y), len(rows)-1))]
	return place{r.line, e.colAt(r, at.X+e.sheet.offset.X)}
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
	x := e.x(e.buf.caret) - e.sheet.offset.X
	y := e.sheet.pad + float32(e.rowOf(e.buf.caret))*e.lineHeight() - e.sheet.offset.Y
	return fyne.NewPos(x-theme.Size(theme.Hairline), y)
}
