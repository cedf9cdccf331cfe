package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Rows is a list of any length of which one row can be chosen, by pointer or with
// the keys: up and down or k and j, page up and down, home and end, Enter to open.
// Set its functions before it is shown; call Refresh when what they give has
// changed.
type Rows struct {
	widget.BaseWidget
	Count  func() int
	Draw   func(row int, pen *Pen)
	Width  func() float32     // of the widest row; nil is as wide as there is room
	Height fyne.ThemeSizeName // of a row; "" is theme.RowHeight
	Still  bool               // no row can be chosen

	OnPick  func(row int)                   // a person chose the row
	OnOpen  func(row int)                   // double click or Enter
	OnPress func(row int, x float32) bool   // a press at x of the row; true keeps it from being a choice
	OnMenu  func(row int, at fyne.Position) // the other button, at a place of the window
	OnKey   func(key *fyne.KeyEvent) bool   // keys that Rows does not know; true where it was one
	OnCopy  func() string                   // what Ctrl+C takes
	OnMove  func()                          // it was scrolled
	OnDrag  func(row int, at fyne.Position) // a row is drawn over the window
	OnDrop  func(row int, at fyne.Position) // and let go
	Beyond  func(*fyne.ScrollEvent)         // the wheel, where there is no room left

	sheet   *sheet
	picked  int
	hovered int
	focused bool
	ring    *canvas.Rectangle
	pressed time.Time
	last    int
	pulled  int           // the row that is being dragged, -1 for none
	dropAt  fyne.Position // where the pointer was last
}

var (
	_ fyne.Focusable    = (*Rows)(nil)
	_ fyne.Scrollable   = (*Rows)(nil)
	_ fyne.Draggable    = (*Rows)(nil)
	_ fyne.Shortcutable = (*Rows)(nil)
	_ desktop.Mouseable = (*Rows)(nil)
	_ desktop.Hoverable = (*Rows)(nil)
)

// NewRows is a list of count rows that draw draws.
func NewRows(count func() int, draw func(row int, pen *Pen)) *Rows {
	r := &Rows{Count: count, Draw: draw, picked: -1, hovered: -1, last: -1, pulled: -1}
	r.ExtendBaseWidget(r)
	r.sheet = newSheet(r)
	r.sheet.count = func() int { return r.Count() }
	r.sheet.height = func() float32 {
		if r.Height == "" {
			return theme.Size(theme.RowHeight)
		}
		return theme.Size(r.Height)
	}
	r.sheet.width = func() float32 {
		if r.Width == nil {
			return 0
		}
		return r.Width()
	}
	r.sheet.draw = r.drawRow
	return r
}

func (r *Rows) drawRow(row int, pen *Pen) {
	pen.Picked, pen.Hovered = row == r.picked && !r.Still, row == r.hovered && !r.Still
	switch {
	case pen.Picked:
		pen.Fill(0, pen.Full, theme.AccentSoft)
	case pen.Hovered:
		pen.Fill(0, pen.Full, theme.Hover)
	}
	r.Draw(row, pen)
}

// Picked is the chosen row, -1 for none.
func (r *Rows) Picked() int { return r.picked }

// Pick chooses a row and shows it; -1 chooses none. OnPick is not told.
func (r *Rows) Pick(row int) {
	old := r.picked
	r.picked = min(row, r.Count()-1)
	r.sheet.redraw(old)
	if r.picked >= 0 {
		r.sheet.redraw(r.picked)
		r.sheet.reveal(r.picked)
	}
}

// Reveal scrolls until the row is seen.
func (r *Rows) Reveal(row int) { r.sheet.reveal(row) }

// Redraw draws one row again.
func (r *Rows) Redraw(row int) { r.sheet.redraw(row) }

// Offset is how far it is scrolled.
func (r *Rows) Offset() fyne.Position { return r.sheet.offset }

// ScrollTo scrolls it that far.
func (r *Rows) ScrollTo(p fyne.Position) { r.sheet.scrollTo(p) }

// ScrollToEnd shows the last row.
func (r *Rows) ScrollToEnd() { r.sheet.scrollTo(fyne.NewPos(r.sheet.offset.X, r.sheet.full().Height)) }

// AtEnd says whether the last row is seen.
func (r *Rows) AtEnd() bool {
	return r.sheet.offset.Y+r.sheet.size.Height >= r.sheet.full().Height-r.sheet.height()/2
}

// RowAt is the row at a height of the widget, -1 for none.
func (r *Rows) RowAt(y float32) int {
	row := r.sheet.rowAt(y)
	if row < 0 || row >= r.Count() {
		return -1
	}
	return row
}

// choose is a choice by a person.
func (r *Rows) choose(row int) {
	if r.Still || row < 0 || row >= r.Count() {
		return
	}
	r.Pick(row)
	if r.OnPick != nil {
		r.OnPick(row)
	}
}

// MouseDown chooses the row, opens it the second time, or grabs a bar.
func (r *Rows) MouseDown(e *desktop.MouseEvent) {
	Focus(r)
	if e.Button == desktop.MouseButtonPrimary && r.sheet.grab(e.Position) {
		return
	}
	row := r.RowAt(e.Position.Y)
	if row < 0 {
		return
	}
	if e.Button == desktop.MouseButtonSecondary {
		r.choose(row)
		if r.OnMenu != nil {
			r.OnMenu(row, e.AbsolutePosition)
		}
		return
	}
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	twice := row == r.last && time.Since(r.pressed) < fyne.CurrentApp().Driver().DoubleTapDelay()
	r.last, r.pressed = row, time.Now()
	if r.OnPress != nil && r.OnPress(row, e.Position.X+r.sheet.offset.X) {
		r.last = -1
		return
	}
	r.choose(row)
	if twice && r.OnOpen != nil {
		r.last = -1
		r.OnOpen(row)
	}
}

// MouseUp lets go of a bar.
func (r *Rows) MouseUp(*desktop.MouseEvent) { r.sheet.letGo() }

// Dragged drags a bar, or the row that was pressed.
func (r *Rows) Dragged(e *fyne.DragEvent) {
	if r.sheet.pull(e.Position) || r.OnDrag == nil {
		return
	}
	if r.pulled < 0 {
		if r.pulled = r.RowAt(e.Position.Y - e.Dragged.DY); r.pulled < 0 {
			return
		}
	}
	r.dropAt = e.AbsolutePosition
	r.OnDrag(r.pulled, r.dropAt)
}

// DragEnd lets go of it.
func (r *Rows) DragEnd() {
	if r.sheet.letGo() || r.pulled < 0 {
		return
	}
	row := r.pulled
	r.pulled = -1
	if r.OnDrop != nil {
		r.OnDrop(row, r.dropAt)
	}
}

// MouseIn lights the row below the pointer.
func (r *Rows) MouseIn(e *desktop.MouseEvent) { r.hover(r.RowAt(e.Position.Y)) }

// MouseMoved lights the row below the pointer.
func (r *Rows) MouseMoved(e *desktop.MouseEvent) { r.hover(r.RowAt(e.Position.Y)) }

// MouseOut lights none.
func (r *Rows) MouseOut() { r.hover(-1) }

func (r *Rows) hover(row int) {
	if row == r.hovered {
		return
	}
	old := r.hovered
	r.hovered = row
	r.sheet.redraw(old)
	r.sheet.redraw(row)
}

// Scrolled scrolls it, or what is around it where it has no room left.
func (r *Rows) Scrolled(e *fyne.ScrollEvent) {
	if !r.sheet.wheel(e) {
		if r.Beyond != nil {
			r.Beyond(e)
		}
		return
	}
	r.hover(r.RowAt(e.Position.Y))
	if r.OnMove != nil {
		r.OnMove()
	}
}

// FocusGained shows the ring of focus.
func (r *Rows) FocusGained() { r.setFocus(true) }

// FocusLost hides it.
func (r *Rows) FocusLost() { r.setFocus(false) }

func (r *Rows) setFocus(on bool) {
	r.focused = on
	if r.ring != nil {
		r.ring.Hidden = !on || r.Still
		canvas.Refresh(r)
	}
}

// TypedRune moves by j and k.
func (r *Rows) TypedRune(c rune) {
	switch c {
	case 'j':
		r.step(1)
	case 'k':
		r.step(-1)
	}
}

// TypedKey moves the choice and opens it.
func (r *Rows) TypedKey(key *fyne.KeyEvent) {
	switch key.Name {
	case fyne.KeyDown:
		r.step(1)
	case fyne.KeyUp:
		r.step(-1)
	case fyne.KeyPageDown:
		r.step(r.sheet.page())
	case fyne.KeyPageUp:
		r.step(-r.sheet.page())
	case fyne.KeyHome:
		r.goTo(0)
	case fyne.KeyEnd:
		r.goTo(r.Count() - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if r.OnOpen != nil && r.picked >= 0 && r.picked < r.Count() {
			r.OnOpen(r.picked)
		}
	default:
		if r.OnKey != nil {
			r.OnKey(key)
		}
	}
}

// step moves the choice; from none it goes to the first row.
func (r *Rows) step(by int) {
	switch {
	case r.Still:
		r.goTo(r.sheet.rowAt(r.sheet.pad) + by)
	case r.picked < 0:
		r.goTo(0)
	default:
		r.goTo(r.picked + by)
	}
}

// goTo chooses the row nearest to a number; where none can be chosen it only scrolls.
func (r *Rows) goTo(row int) {
	row = max(0, min(row, r.Count()-1))
	if r.Still {
		r.sheet.scrollTo(fyne.NewPos(r.sheet.offset.X, float32(row)*r.sheet.height()))
	} else {
		r.choose(row)
	}
	call(r.OnMove)
}

// TypedShortcut copies, or hands the shortcut on.
func (r *Rows) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*fyne.ShortcutCopy); ok && r.OnCopy != nil {
		c.Clipboard.SetContent(r.OnCopy())
		return
	}
	pass(r, s)
}

// CreateRenderer draws it.
func (r *Rows) CreateRenderer() fyne.WidgetRenderer {
	r.ring = &canvas.Rectangle{}
	r.ring.Hidden = true
	renderer := &rowsRenderer{rows: r, objects: append(r.sheet.objects(), r.ring)}
	renderer.Refresh()
	return renderer
}

type rowsRenderer struct {
	rows    *Rows
	objects []fyne.CanvasObject
}

func (r *rowsRenderer) Layout(size fyne.Size) {
	r.rows.sheet.resize(size)
	r.rows.ring.Resize(size)
}

func (r *rowsRenderer) MinSize() fyne.Size {
	h := r.rows.sheet.height()
	return fyne.NewSize(h, h)
}

func (r *rowsRenderer) Refresh() {
	rows := r.rows
	if rows.picked >= rows.Count() {
		rows.picked = -1
	}
	rows.ring.StrokeColor = theme.Color(theme.Primary)
	rows.ring.StrokeWidth = theme.Size(theme.Hairline)
	rows.ring.CornerRadius = theme.Size(theme.SmallRadius)
	rows.sheet.refresh()
}

func (r *rowsRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *rowsRenderer) Destroy()                     {}
