package widgets

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Editor is where text is written: jq, SQL and JSON coloured, with completions and
// with what is wrong underlined; the lines of a form in plain letters. It grows with
// its text from MinLines to MaxLines and then scrolls. Set its fields before it is
// shown.
type Editor struct {
	widget.DisableableWidget
	Language Language
	Plain    bool   // in the letters of text, not of code
	OneLine  bool   // Enter submits, Tab goes on to the next field
	Masked   bool   // every letter is shown as a dot
	Numbers  bool   // lines are numbered
	Wraps    bool   // lines that are too long go on in the next row
	Bare     bool   // no ground and no border: something else has them
	Wrong    bool   // its border tells that something is wrong
	Hint     string // what an empty editor shows
	MinLines int
	MaxLines int // where that is more

	// Complete lists what could stand at the caret, which counts bytes.
	Complete func(src string, caret int) []Suggestion

	OnChanged func(text string)
	OnSubmit  func()                        // Enter in one line, Ctrl+Enter in several
	OnEscape  func()                        // Escape, where it closes nothing
	OnKey     func(key *fyne.KeyEvent) bool // first to see a key; true keeps it
	OnFocus   func(on bool)                 // the keyboard came or went
	Beyond    func(*fyne.ScrollEvent)       // the wheel, where there is no room left

	buf     *buffer
	sheet   *sheet
	laid    plan
	marks   []Mark
	focused bool
	list    *completions

	caret  *canvas.Rectangle
	ground *canvas.Rectangle

	pressed   time.Time
	presses   int
	pressedAt place
	dragging  bool
}

// Mark is a stretch of the text that something is wrong with. Start and End count
// bytes.
type Mark struct {
	Start, End int
	Warning    bool
}

var (
	_ fyne.Focusable     = (*Editor)(nil)
	_ fyne.Tabbable      = (*Editor)(nil)
	_ fyne.Shortcutable  = (*Editor)(nil)
	_ fyne.Scrollable    = (*Editor)(nil)
	_ fyne.Draggable     = (*Editor)(nil)
	_ desktop.Mouseable  = (*Editor)(nil)
	_ desktop.Cursorable = (*Editor)(nil)
)

// NewCodeEditor is an editor of several lines.
func NewCodeEditor(language string, changed func(text string)) *Editor {
	e := &Editor{Language: LanguageFor(language), OnChanged: changed, MinLines: 1, buf: newBuffer("")}
	e.ExtendBaseWidget(e)
	e.caret, e.ground = &canvas.Rectangle{}, &canvas.Rectangle{}
	e.caret.Hidden = true
	e.sheet = newSheet(e)
	e.sheet.count = func() int { return len(e.plan().rows) }
	e.sheet.height = e.lineHeight
	e.sheet.width = func() float32 {
		if e.Wraps {
			return 0
		}
		return e.left() + e.plan().widest + 2*e.cell()
	}
	e.sheet.draw = e.drawRow
	return e
}

// NewCodeLine is an editor of one line.
func NewCodeLine(language string, changed func(text string)) *Editor {
	e := NewCodeEditor(language, changed)
	e.OneLine, e.MaxLines = true, 1
	return e
}

// NewTextField is a line of plain text.
func NewTextField(hint string, changed func(text string)) *Editor {
	e := NewCodeLine("", changed)
	e.Plain, e.Hint = true, hint
	return e
}

// NewTextArea is plain text of several lines.
func NewTextArea(hint string, changed func(text string)) *Editor {
	e := NewCodeEditor("", changed)
	e.Plain, e.Wraps, e.Hint, e.MinLines, e.MaxLines = true, true, hint, 3, 12
	return e
}

// Text is what stands in it.
func (e *Editor) Text() string { return e.buf.text() }

// SetText puts another text in; it cannot be undone. OnChanged is not told. The same
// text changes nothing, not even the caret.
func (e *Editor) SetText(text string) {
	text = e.clean(text)
	if text == e.buf.text() {
		return
	}
	version := e.buf.version
	e.buf = newBuffer(text)
	e.buf.version = version + 1
	e.marks = nil
	e.closeList()
	e.sheet.offset = fyne.Position{}
	e.Refresh()
}

// Replace puts another text in as one change that can be undone, and tells OnChanged.
func (e *Editor) Replace(text string) {
	e.edit(func() { e.buf.replace(place{}, e.buf.end(), e.clean(text), false) })
}

// Insert puts text in the place of the selection and tells OnChanged.
func (e *Editor) Insert(text string) {
	e.edit(func() { e.buf.insert(e.clean(text)) })
}

// Caret is how many bytes stand before the caret.
func (e *Editor) Caret() int { return e.buf.offset(e.buf.caret) }

// SetCaret moves the caret behind so many bytes.
func (e *Editor) SetCaret(offset int) {
	e.buf.move(e.buf.placeOf(offset), false)
	e.moved()
}

// SetCaretAt moves the caret to a place of the window, like that of a drop.
func (e *Editor) SetCaretAt(at fyne.Position) {
	e.buf.move(e.placeAt(at.Subtract(absolute(e))), false)
	e.moved()
}

// Select chooses a stretch, in bytes.
func (e *Editor) Select(start, end int) {
	e.buf.move(e.buf.placeOf(start), false)
	e.buf.move(e.buf.placeOf(end), true)
	e.moved()
}

// SelectedText is what is chosen.
func (e *Editor) SelectedText() string {
	from, to := e.buf.selection()
	return e.buf.between(from, to)
}

// SetWrong says whether its border tells that something is wrong.
func (e *Editor) SetWrong(wrong bool) {
	if wrong != e.Wrong {
		e.Wrong = wrong
		e.Refresh()
	}
}

// SetMarks underlines what is wrong.
func (e *Editor) SetMarks(marks ...Mark) {
	if len(marks) == 0 && len(e.marks) == 0 {
		return
	}
	e.marks = marks
	e.Refresh()
}

// clean makes text fit: no returns, no tabs, and in one line no new lines.
func (e *Editor) clean(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	text = strings.ReplaceAll(text, "\t", indent)
	if e.OneLine {
		text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\n", " \n ")), " ")
	}
	return text
}

// edit does something to the text, tells OnChanged and shows the caret.
func (e *Editor) edit(do func()) {
	if e.Disabled() {
		return
	}
	version, rows, marked := e.buf.version, len(e.plan().rows), len(e.marks) > 0
	do()
	if e.buf.version == version {
		e.moved()
		return
	}
	e.marks = nil
	e.moved()
	if len(e.plan().rows) != rows || marked {
		e.Refresh() // its height or its border may be another now
	}
	if e.OnChanged != nil {
		e.OnChanged(e.buf.text())
	}
}

// moved shows the caret where it is now.
func (e *Editor) moved() {
	e.sheet.reveal(e.rowOf(e.buf.caret))
	x := e.x(e.buf.caret)
	e.sheet.revealX(x-e.left()-2*e.cell(), x+2*e.cell())
	e.sheet.refresh()
	e.placeCaret()
}

// FocusGained shows the caret.
func (e *Editor) FocusGained() {
	e.focused = true
	e.Refresh()
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost hides it, unless the pointer is about to pick a completion.
func (e *Editor) FocusLost() {
	e.focused = false
	if e.list == nil || !e.list.hovered {
		e.closeList()
	}
	e.Refresh()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// Cursor is that for text.
func (e *Editor) Cursor() desktop.Cursor { return desktop.TextCursor }

// CreateRenderer draws it.
func (e *Editor) CreateRenderer() fyne.WidgetRenderer {
	r := &codeRenderer{editor: e}
	r.apply()
	return r
}

type codeRenderer struct{ editor *Editor }

func (r *codeRenderer) Layout(size fyne.Size) {
	e := r.editor
	e.ground.Resize(size)
	e.sheet.resize(size)
	e.placeCaret()
}

func (r *codeRenderer) MinSize() fyne.Size {
	e := r.editor
	lines := max(1, e.MinLines, min(len(e.plan().rows), e.MaxLines))
	height := float32(lines)*e.lineHeight() + 2*e.sheet.pad
	switch {
	case e.OneLine:
		height = max(height, theme.Size(theme.ControlHeight))
	case e.sheet.full().Width > e.sheet.size.Width && e.sheet.size.Width > 0:
		height += barZone // of the bar below
	}
	return fyne.NewSize(e.left()+8*e.cell(), height)
}

func (r *codeRenderer) apply() {
	e := r.editor
	e.sheet.pad, e.sheet.bare = theme.Size(theme.Inner), e.OneLine
	if e.OneLine {
		e.sheet.pad = max(0, (theme.Size(theme.ControlHeight)-e.lineHeight())/2)
	}
	e.sheet.column = 0
	if !e.Plain {
		e.sheet.column = e.cell()
	}
	e.ground.FillColor, e.ground.StrokeWidth = nil, 0
	if !e.Bare {
		e.ground.FillColor = theme.Color(theme.Input)
		e.ground.CornerRadius = theme.Size(theme.Radius)
		e.ground.StrokeWidth = theme.Size(theme.Hairline)
		e.ground.StrokeColor = theme.Color(e.border())
	}
	e.caret.FillColor = theme.Color(theme.Primary)
	e.caret.Hidden = !e.focused || e.Disabled()
}

func (e *Editor) border() fyne.ThemeColorName {
	for _, m := range e.marks {
		if !m.Warning {
			return theme.Failed
		}
	}
	switch {
	case e.Wrong:
		return theme.Failed
	case e.focused:
		return theme.Primary
	}
	return theme.InputBorder
}

func (r *codeRenderer) Refresh() {
	r.apply()
	r.editor.laid.rows = nil // letters may be of another size
	r.editor.sheet.refresh()
	r.editor.placeCaret()
	canvas.Refresh(r.editor)
}

func (r *codeRenderer) Objects() []fyne.CanvasObject {
	e := r.editor
	return []fyne.CanvasObject{e.ground, e.sheet.body, e.caret, e.sheet.down, e.sheet.side}
}

func (r *codeRenderer) Destroy() { r.editor.closeList() }
