package widgets

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"jackfield/ui/theme"
)

// drawRow draws one row: its ground, what is chosen, its runs, what is wrong.
func (e *Editor) drawRow(n int, pen *Pen) {
	r := e.plan().rows[n]
	if n == e.rowOf(e.buf.caret) && e.focused && !e.OneLine && !e.buf.selected() {
		pen.Fill(e.sheet.offset.X, e.sheet.size.Width, theme.CodeCurrentLine)
	}
	e.drawSelection(r, pen)
	e.drawPair(r, pen)
	if len(e.buf.lines) == 1 && len(e.buf.lines[0]) == 0 && e.Hint != "" {
		pen.Text(e.left(), e.sheet.size.Width-e.left(), e.Hint, e.look().In(theme.Placeholder))
	}
	e.drawRuns(r, pen)
	for _, m := range e.marks {
		e.drawMark(r, m, pen)
	}
	if e.Numbers && r.from == 0 {
		e.drawNumber(r.line, pen)
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

// seen is the stretch of a row's columns that is not scrolled away.
func (e *Editor) seen(r seenRow) (first, last int) {
	x := e.sheet.offset.X
	first, last = e.colAt(r, x+e.left()), e.colAt(r, x+e.sheet.size.Width)
	if e.Plain {
		first-- // a letter may be seen in part
	}
	return max(r.from, first), min(last+1, r.to)
}

// drawRuns draws the text of a row, each stretch in its colour, what stands between
// spans in that of plain code.
func (e *Editor) drawRuns(r seenRow, pen *Pen) {
	first, last := e.seen(r)
	col := r.from
	draw := func(to int, colour fyne.ThemeColorName) {
		if from, until := max(col, first), min(to, last); from < until {
			e.drawRun(r, from, until, e.look().In(colour), pen)
		}
		col = max(col, to)
	}
	for _, s := range e.plan().spans[r.line] {
		draw(s.from, e.look().colour())
		draw(s.to, s.colour)
	}
	draw(r.to, e.look().colour())
}

// drawRun draws one stretch of a row. In code what is not one cell wide is drawn by
// itself, so that all else stays in its cells.
func (e *Editor) drawRun(r seenRow, from, to int, look Look, pen *Pen) {
	runes := e.runes(r.line)
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
			pen.run(e.xIn(r, from), 0, text, look)
		}
		from = end
	}
}

// part is what of the stretch between two places stands in a row.
func (r seenRow) part(from, to place) (start, end int, ok bool) {
	start, end = r.from, r.to
	if to.before(place{r.line, start}) || (place{r.line, end}).before(from) {
		return 0, 0, false
	}
	if from.line == r.line {
		start = max(start, from.col)
	}
	if to.line == r.line {
		end = min(end, to.col)
	}
	return start, end, true
}

// edges are the left and the right end of a stretch of a row, as far as it is seen.
func (e *Editor) edges(r seenRow, from, to int, more float32) (a, b float32) {
	left := e.sheet.offset.X + e.left()
	a, b = max(left, e.xIn(r, from)), max(left, e.xIn(r, to)+more)
	return a, min(b, e.sheet.offset.X+e.sheet.size.Width)
}

func (e *Editor) drawSelection(r seenRow, pen *Pen) {
	from, to := e.buf.selection()
	start, end, ok := r.part(from, to)
	if from == to || !ok {
		return
	}
	more := float32(0)
	if to.line > r.line && end == len(e.buf.lines[r.line]) {
		more = e.cell() / 2 // the end of the line is chosen too
	}
	if a, b := e.edges(r, start, end, more); a < b {
		pen.Box(a, 0, b-a, pen.Height, theme.CodeSelection, "")
	}
}

func (e *Editor) drawPair(r seenRow, pen *Pen) {
	if !e.focused || e.buf.selected() || e.Language.Name == "" {
		return
	}
	one, other, found := e.buf.partner(e.inText)
	if !found {
		return
	}
	for _, p := range []place{one, other} {
		if p.line != r.line || p.col < r.from || p.col >= r.to {
			continue
		}
		if a, b := e.edges(r, p.col, p.col+1, 0); a < b {
			pen.Box(a, 0, b-a, pen.Height, theme.CodeMatch, "")
		}
	}
}

// inText says whether a place is inside a text or a comment.
func (e *Editor) inText(p place) bool {
	for _, s := range e.plan().spans[p.line] {
		if p.col >= s.from && p.col < s.to {
			return s.colour == theme.CodeString || s.colour == theme.CodeComment
		}
	}
	return false
}

func (e *Editor) drawMark(r seenRow, m Mark, pen *Pen) {
	start, end, ok := r.part(e.buf.placeOf(m.Start), e.buf.placeOf(max(m.End, m.Start)))
	if !ok {
		return
	}
	more := float32(0)
	if start == end {
		more = e.cell() // something is missing here
	}
	colour := theme.Failed
	if m.Warning {
		colour = theme.Partial
	}
	if a, b := e.edges(r, start, end, more); a < b {
		pen.Wave(a, pen.Height-theme.Size(theme.Gap), b-a, colour)
	}
}
