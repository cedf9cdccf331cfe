package widgets

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"jackfield/ui/theme"
)

// sheet shows rows of one height, any number of them, and draws only those that are
// seen. It scrolls both ways and has bars. It is a part of a widget, not one itself:
// its owner is Scrollable, which makes the toolkit clip it, and hands it the pointer.
type sheet struct {
	owner  fyne.CanvasObject
	count  func() int
	width  func() float32 // of the widest row; 0 is as wide as there is room
	height func() float32 // of a row
	pad    float32        // above the first and below the last row
	bare   bool           // it has no bars
	column float32        // above 0: sideways it goes by whole columns, and rows are drawn anew
	draw   func(row int, pen *Pen)

	size   fyne.Size
	offset fyne.Position
	shown  map[int]*Pen
	free   []*Pen

	body       *fyne.Container
	down, side *canvas.Rectangle // the bars
	dragged    *canvas.Rectangle
	grip       float32
}

// The bars are part of the geometry of pointing, not of looks.
const (
	barThick = 6
	barZone  = 12
	barLeast = 24
)

func newSheet(owner fyne.CanvasObject) *sheet {
	return &sheet{
		owner: owner, shown: map[int]*Pen{}, body: newBox(),
		down: &canvas.Rectangle{CornerRadius: barThick / 2}, side: &canvas.Rectangle{CornerRadius: barThick / 2},
		width: func() float32 { return 0 },
	}
}

// objects are what the owner's renderer shows.
func (s *sheet) objects() []fyne.CanvasObject { return []fyne.CanvasObject{s.body, s.down, s.side} }

func (s *sheet) full() fyne.Size {
	return fyne.NewSize(max(s.width(), s.size.Width), float32(s.count())*s.height()+2*s.pad)
}

// rowWidth is what a row has without the bar beside it.
func (s *sheet) rowWidth() float32 {
	full := s.full()
	if full.Height > s.size.Height && full.Width <= s.size.Width {
		return full.Width - barZone
	}
	return full.Width
}

// resize gives it other room.
func (s *sheet) resize(size fyne.Size) {
	wider := size.Width != s.size.Width
	s.size = size
	s.offset = s.inside(s.offset)
	if wider {
		s.refresh()
		return
	}
	s.place()
}

// refresh draws every row that is seen again.
func (s *sheet) refresh() {
	for row, pen := range s.shown {
		s.free = append(s.free, pen)
		delete(s.shown, row)
	}
	s.offset = s.inside(s.offset)
	s.place()
}

// redraw draws one row again, if it is seen.
func (s *sheet) redraw(row int) {
	if pen, ok := s.shown[row]; ok {
		s.paint(row, pen)
		canvas.Refresh(s.owner)
	}
}

// place puts the rows that are seen where they belong and draws the new ones.
func (s *sheet) place() {
	if s.size.IsZero() {
		return
	}
	height := s.height()
	first := max(0, int((s.offset.Y-s.pad)/height))
	last := min(s.count()-1, int((s.offset.Y+s.size.Height-s.pad)/height))
	for row, pen := range s.shown {
		if row < first || row > last {
			s.free = append(s.free, pen)
			delete(s.shown, row)
		}
	}
	objects := s.body.Objects[:0]
	for row := first; row <= last; row++ {
		pen, ok := s.shown[row]
		if !ok {
			pen = s.take()
			s.shown[row] = pen
			s.paint(row, pen)
		}
		pen.box.Move(fyne.NewPos(-s.offset.X, s.pad+float32(row)*height-s.offset.Y))
		objects = append(objects, pen.box)
	}
	clear(objects[len(objects):cap(objects)])
	s.body.Objects = objects
	s.body.Resize(s.size)
	s.placeBars()
	canvas.Refresh(s.owner)
}

func (s *sheet) take() *Pen {
	if n := len(s.free); n > 0 {
		pen := s.free[n-1]
		s.free = s.free[:n-1]
		return pen
	}
	return newPen()
}

func (s *sheet) paint(row int, pen *Pen) {
	pen.Width, pen.Full, pen.Height = s.rowWidth(), s.full().Width, s.height()
	pen.Picked, pen.Hovered = false, false
	pen.box.Resize(fyne.NewSize(pen.Full, pen.Height))
	pen.begin()
	s.draw(row, pen)
	pen.end()
}

func (s *sheet) inside(p fyne.Position) fyne.Position {
	full := s.full()
	return fyne.NewPos(
		clamp(p.X, 0, max(0, full.Width-s.size.Width)),
		clamp(p.Y, 0, max(0, full.Height-s.size.Height)))
}

// scrollTo shows the place p of the whole at the top left and tells whether that
// changed anything. Rows stand on whole pixels, else text shimmers.
func (s *sheet) scrollTo(p fyne.Position) bool {
	p = s.inside(p)
	p = fyne.NewPos(float32(math.Round(float64(p.X))), float32(math.Round(float64(p.Y))))
	if s.column > 0 {
		p.X = float32(math.Round(float64(p.X/s.column))) * s.column
	}
	if p == s.offset {
		return false
	}
	sideways := p.X != s.offset.X
	s.offset = p
	if sideways && s.column > 0 {
		s.refresh()
	} else {
		s.place()
	}
	return true
}

// wheel scrolls by an event of the wheel and tells whether there was room to.
func (s *sheet) wheel(e *fyne.ScrollEvent) bool {
	dx, dy := e.Scrolled.DX, e.Scrolled.DY
	if dx == 0 && modifiers()&fyne.KeyModifierShift != 0 {
		dx, dy = dy, 0
	}
	const rows = 2 // a notch of 25 moves about two rows
	return s.scrollTo(s.offset.SubtractXY(dx*rows, dy*rows))
}

// reveal scrolls as little as it takes to see the whole row.
func (s *sheet) reveal(row int) {
	height := s.height()
	top := s.pad + float32(row)*height
	y := s.offset.Y
	if top-s.pad < y {
		y = top - s.pad
	} else if top+height+s.pad > y+s.size.Height {
		y = top + height + s.pad - s.size.Height
	}
	s.scrollTo(fyne.NewPos(s.offset.X, y))
}

// revealX scrolls sideways as little as it takes to see from left to right.
func (s *sheet) revealX(left, right float32) {
	x := s.offset.X
	if left < x {
		x = left
	} else if right > x+s.size.Width {
		x = right - s.size.Width
	}
	s.scrollTo(fyne.NewPos(x, s.offset.Y))
}

// rowAt is the row at a height of the owner; it may be past the last.
func (s *sheet) rowAt(y float32) int {
	return int(math.Floor(float64((y + s.offset.Y - s.pad) / s.height())))
}

// page is how many whole rows are seen.
func (s *sheet) page() int { return max(1, int((s.size.Height-2*s.pad)/s.height())) }

func (s *sheet) placeBars() {
	full := s.full()
	if start, length, ok := barAt(full.Height, s.size.Height, s.offset.Y); show(s.down, ok && !s.bare) {
		s.down.Move(fyne.NewPos(s.size.Width-(barZone+barThick)/2, start))
		s.down.Resize(fyne.NewSize(barThick, length))
	}
	if start, length, ok := barAt(full.Width, s.size.Width, s.offset.X); show(s.side, ok && !s.bare) {
		s.side.Move(fyne.NewPos(start, s.size.Height-(barZone+barThick)/2))
		s.side.Resize(fyne.NewSize(length, barThick))
	}
}

// barAt is the stretch of a bar, and whether one is needed.
func barAt(whole, seen, offset float32) (start, length float32, needed bool) {
	if whole < seen+1 {
		return 0, 0, false
	}
	length = max(barLeast, seen*seen/whole)
	return (seen - length) * offset / (whole - seen), length, true
}

func show(bar *canvas.Rectangle, on bool) bool {
	bar.Hidden = !on
	bar.FillColor = theme.Color(theme.ScrollBar)
	return on
}

// grab begins to drag a bar, if p is on one.
func (s *sheet) grab(p fyne.Position) bool {
	s.dragged = nil
	switch {
	case !s.down.Hidden && p.X >= s.size.Width-barZone:
		s.dragged = s.down
		s.grip = s.holdAt(p.Y, s.down.Position().Y, s.down.Size().Height)
	case !s.side.Hidden && p.Y >= s.size.Height-barZone:
		s.dragged = s.side
		s.grip = s.holdAt(p.X, s.side.Position().X, s.side.Size().Width)
	default:
		return false
	}
	s.pull(p)
	return true
}

// holdAt is where on the bar the pointer holds it: its middle where it was pressed
// beside it.
func (s *sheet) holdAt(at, start, length float32) float32 {
	if at < start || at > start+length {
		return length / 2
	}
	return at - start
}

// pull drags the bar that was grabbed and tells whether there is one.
func (s *sheet) pull(p fyne.Position) bool {
	if s.dragged == nil {
		return false
	}
	full := s.full()
	if s.dragged == s.down {
		way := s.size.Height - s.down.Size().Height
		s.scrollTo(fyne.NewPos(s.offset.X, (p.Y-s.grip)/max(way, 1)*(full.Height-s.size.Height)))
	} else {
		way := s.size.Width - s.side.Size().Width
		s.scrollTo(fyne.NewPos((p.X-s.grip)/max(way, 1)*(full.Width-s.size.Width), s.offset.Y))
	}
	return true
}

// letGo ends a drag and tells whether there was one.
func (s *sheet) letGo() bool {
	was := s.dragged != nil
	s.dragged = nil
	return was
}

func clamp(x, least, most float32) float32 { return max(least, min(x, most)) }
