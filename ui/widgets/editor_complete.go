package widgets

import (
	"slices"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Suggestion is something that could stand at the caret.
type Suggestion struct {
	Text       string // what to put between Start and End, which count bytes
	Detail     string // a few words about it
	Icon       string
	Colour     fyne.ThemeColorName
	Start, End int
}

// mostSuggested is how many completions are listed, mostSeen how many at once.
const (
	mostSuggested = 200
	mostSeen      = 9
)

// completeAfter opens the list behind what begins a name, and keeps it up to date.
func (e *Editor) completeAfter(r rune) {
	if unicode.IsLetter(r) || r == '.' || r == '$' || r == '_' || r == '@' || e.list != nil && unicode.IsDigit(r) {
		e.openList(false)
		return
	}
	e.closeList()
}

// completeAgain brings an open list up to date.
func (e *Editor) completeAgain() {
	if e.list != nil {
		e.openList(e.list.asked)
	}
}

// Offer shows what could stand at the caret, as if a person had asked for it.
func (e *Editor) Offer() { e.openList(true) }

// openList shows what could stand at the caret; asked says that a person wanted it.
func (e *Editor) openList(asked bool) {
	if e.Complete == nil || e.Disabled() {
		return
	}
	found := e.Complete(e.buf.text(), e.Caret())
	found = found[:min(len(found), mostSuggested)]
	if len(found) == 0 || !asked && len(found) == 1 && e.written(found[0]) {
		e.closeList()
		return
	}
	layer := LayerOf(e)
	if layer == nil {
		return
	}
	if e.list == nil {
		e.list = newCompletions(e)
	}
	e.list.set(found, asked)
	at := absolute(e).Add(e.caretAt())
	layer.PutBy(e.list, at, fyne.NewSize(0, e.lineHeight()), e.list.MinSize())
}

// written says whether a suggestion is what stands there already.
func (e *Editor) written(s Suggestion) bool {
	return s.Start <= s.End && e.buf.between(e.buf.placeOf(s.Start), e.buf.placeOf(s.End)) == s.Text
}

func (e *Editor) closeList() {
	if e.list != nil {
		LayerOf(e).Take(e.list)
		e.list = nil
	}
}

// Suggested lists the texts of the open list, best first; none where it is closed.
func (e *Editor) Suggested() []string {
	if e.list == nil {
		return nil
	}
	var texts []string
	for _, s := range e.list.found {
		texts = append(texts, s.Text)
	}
	return texts
}

// listKey is a key while the list is open; false where it is not the list's.
func (e *Editor) listKey(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyDown:
		e.list.step(1)
	case fyne.KeyUp:
		e.list.step(-1)
	case fyne.KeyPageDown:
		e.list.step(mostSeen)
	case fyne.KeyPageUp:
		e.list.step(-mostSeen)
	case fyne.KeyTab:
		e.accept(e.list.chosen)
	case fyne.KeyReturn, fyne.KeyEnter:
		if s := e.list.found[e.list.chosen]; !e.list.moved && (s.Start == s.End && !e.list.asked || e.written(s)) {
			return false // nothing was begun that it could complete
		}
		e.accept(e.list.chosen)
	case fyne.KeyEscape:
		e.closeList()
	default:
		return false
	}
	return true
}

// accept writes a suggestion; one that opens a bracket gets the other one too.
func (e *Editor) accept(i int) {
	s := e.list.found[i]
	e.closeList()
	from, to := e.buf.placeOf(s.Start), e.buf.placeOf(s.End)
	next, _ := e.buf.next(to)
	e.edit(func() {
		if !strings.HasSuffix(s.Text, "(") || kindOf(next) == 1 {
			e.buf.replace(from, to, s.Text, false)
			return
		}
		if next == '(' { // it stands there already
			e.buf.replace(from, to, strings.TrimSuffix(s.Text, "("), false)
			return
		}
		e.buf.replace(from, to, s.Text+")", false)
		e.buf.caret = e.buf.left(e.buf.caret)
		e.buf.anchor = e.buf.caret
		e.buf.past[len(e.buf.past)-1].after = [2]place{e.buf.caret, e.buf.anchor}
	})
}

// completions is the list by the caret. It never has the focus.
type completions struct {
	widget.BaseWidget
	editor  *Editor
	found   []Suggestion
	chosen  int
	asked   bool // a person opened it
	moved   bool // a person went to a row
	hovered bool
	sheet   *sheet
	ground  *Panel
}

var (
	_ fyne.Tappable     = (*completions)(nil)
	_ fyne.Scrollable   = (*completions)(nil)
	_ desktop.Hoverable = (*completions)(nil)
)

func newCompletions(e *Editor) *completions {
	c := &completions{editor: e, ground: NewPanel(nil).Float()}
	c.ExtendBaseWidget(c)
	c.sheet = newSheet(c)
	c.sheet.count = func() int { return len(c.found) }
	c.sheet.height = func() float32 { return theme.Size(theme.RowHeight) }
	c.sheet.draw = c.draw
	return c
}

func (c *completions) set(found []Suggestion, asked bool) {
	if !slices.Equal(found, c.found) {
		c.found, c.chosen, c.moved = found, 0, false
		c.sheet.offset = fyne.Position{}
	}
	c.asked = asked
	c.Refresh()
}

func (c *completions) step(by int) {
	c.moved = true
	switch n := len(c.found); {
	case by == 1 && c.chosen == n-1:
		c.chosen = 0
	case by == -1 && c.chosen == 0:
		c.chosen = n - 1
	default:
		c.chosen = max(0, min(c.chosen+by, n-1))
	}
	c.sheet.reveal(c.chosen)
	c.sheet.refresh()
}

func (c *completions) draw(row int, pen *Pen) {
	s, gap := c.found[row], theme.Size(theme.Inner)
	if row == c.chosen {
		pen.Box(gap/2, 1, pen.Width-gap, pen.Height-2, theme.AccentSoft, theme.SmallRadius)
	}
	x := gap * 2
	if s.Icon != "" {
		x = pen.Icon(x, s.Icon, s.Colour, theme.SmallIconSize) + gap
	}
	x = pen.Text(x, pen.Width-x-gap, s.Text, Code)
	x += 2 * gap
	look := Caption
	look.Right = true
	if room := pen.Width - x - 2*gap; room > 0 {
		pen.Text(x, room, s.Detail, look)
	}
}

// Tapped takes the row.
func (c *completions) Tapped(p *fyne.PointEvent) {
	row := c.sheet.rowAt(p.Position.Y)
	if row < 0 || row >= len(c.found) {
		return
	}
	c.hovered = false
	c.editor.accept(row)
	Focus(c.editor)
}

// MouseIn keeps the list open while the editor loses the focus to a press on it.
func (c *completions) MouseIn(*desktop.MouseEvent) { c.hovered = true }

// MouseMoved changes nothing.
func (c *completions) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends that.
func (c *completions) MouseOut() {
	c.hovered = false
	if !c.editor.focused {
		c.editor.closeList()
	}
}

// Scrolled scrolls it.
func (c *completions) Scrolled(e *fyne.ScrollEvent) { c.sheet.wheel(e) }

// CreateRenderer draws it.
func (c *completions) CreateRenderer() fyne.WidgetRenderer { return &completionsRenderer{c} }

type completionsRenderer struct{ list *completions }

func (r *completionsRenderer) MinSize() fyne.Size {
	width, gap := float32(0), theme.Size(theme.Inner)
	for _, s := range r.list.found {
		w := Code.measure(s.Text).Width + 6*gap + theme.Size(theme.SmallIconSize)
		if s.Detail != "" {
			w += Caption.measure(s.Detail).Width + 2*gap
		}
		width = max(width, w)
	}
	rows := min(len(r.list.found), mostSeen)
	return fyne.NewSize(min(width, theme.Size(theme.FloatWidth)), float32(rows)*r.list.sheet.height()+2*r.list.sheet.pad)
}

func (r *completionsRenderer) Layout(size fyne.Size) {
	r.list.ground.Resize(size)
	r.list.sheet.resize(size)
}

func (r *completionsRenderer) Refresh() {
	r.list.sheet.pad = theme.Size(theme.Gap) / 2
	r.list.ground.Refresh()
	r.list.sheet.refresh()
	canvas.Refresh(r.list)
}

func (r *completionsRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.list.ground}, r.list.sheet.objects()...)
}

func (r *completionsRenderer) Destroy() {}
