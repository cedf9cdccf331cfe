package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Side says which part of a Split keeps its size when the window changes; the other
// takes what is left.
type Side int

// The parts of a Split.
const (
	First Side = iota
	Last
)

// Split parts a place in two by a line that can be drawn. A part that is hidden gives
// its room to the other.
type Split struct {
	widget.BaseWidget
	OnSized func(size float32) // a person drew the line

	first, last fyne.CanvasObject
	down        bool
	keeps       Side
	size        float32
	line        *splitLine
}

// NewColumns parts a place from left to right; the side that keeps its width is that
// wide.
func NewColumns(first, last fyne.CanvasObject, keeps Side, width float32) *Split {
	return newSplit(first, last, keeps, width, false)
}

// NewStack parts a place from top to bottom; the side that keeps its height is that
// high.
func NewStack(first, last fyne.CanvasObject, keeps Side, height float32) *Split {
	return newSplit(first, last, keeps, height, true)
}

func newSplit(first, last fyne.CanvasObject, keeps Side, size float32, down bool) *Split {
	s := &Split{first: first, last: last, keeps: keeps, size: size, down: down}
	s.line = newSplitLine(s)
	s.ExtendBaseWidget(s)
	return s
}

// Kept is the size of the side that keeps it.
func (s *Split) Kept() float32 { return s.size }

// SetKept gives that side another size.
func (s *Split) SetKept(size float32) {
	s.size = size
	s.Refresh()
}

// kept is the size as far as there is room for the other side.
func (s *Split) kept(room fyne.Size) float32 {
	whole, keeper, other := room.Width, s.first.MinSize().Width, s.last.MinSize().Width
	if s.down {
		whole, keeper, other = room.Height, s.first.MinSize().Height, s.last.MinSize().Height
	}
	if s.keeps == Last {
		keeper, other = other, keeper
	}
	return clamp(s.size, keeper, max(keeper, whole-other-theme.Size(theme.Hairline)))
}

// draw moves the line by so much.
func (s *Split) draw(by fyne.Delta) {
	d := by.DX
	if s.down {
		d = by.DY
	}
	if s.keeps == Last {
		d = -d
	}
	s.size = s.kept(s.Size()) + d
	s.Refresh()
}

// CreateRenderer draws it.
func (s *Split) CreateRenderer() fyne.WidgetRenderer { return &splitRenderer{s} }

type splitRenderer struct{ split *Split }

func (r *splitRenderer) Layout(size fyne.Size) {
	s := r.split
	s.line.Hidden = !s.first.Visible() || !s.last.Visible()
	if s.line.Hidden {
		for _, o := range []fyne.CanvasObject{s.first, s.last} {
			o.Move(fyne.Position{})
			o.Resize(size)
		}
		return
	}
	line, kept := theme.Size(theme.Hairline), s.kept(size)
	whole := size.Width
	if s.down {
		whole = size.Height
	}
	lead := kept
	if s.keeps == Last {
		lead = whole - kept - line
	}
	zone := theme.Size(theme.Inner)
	if s.down {
		put(s.first, 0, 0, size.Width, lead)
		put(s.last, 0, lead+line, size.Width, whole-lead-line)
		put(s.line, 0, lead-zone/2, size.Width, zone)
	} else {
		put(s.first, 0, 0, lead, size.Height)
		put(s.last, lead+line, 0, whole-lead-line, size.Height)
		put(s.line, lead-zone/2, 0, zone, size.Height)
	}
}

func (r *splitRenderer) MinSize() fyne.Size {
	s, size := r.split, fyne.Size{}
	for _, o := range []fyne.CanvasObject{s.first, s.last} {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		if s.down {
			size = fyne.NewSize(max(size.Width, least.Width), size.Height+least.Height)
		} else {
			size = fyne.NewSize(size.Width+least.Width, max(size.Height, least.Height))
		}
	}
	return size
}

func (r *splitRenderer) Refresh() {
	r.Layout(r.split.Size())
	r.split.line.Refresh()
	canvas.Refresh(r.split)
}

func (r *splitRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.split.first, r.split.last, r.split.line}
}

func (r *splitRenderer) Destroy() {}

// put gives o its place and its size.
func put(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

// splitLine is a hair wide, and wider to the pointer.
type splitLine struct {
	widget.BaseWidget
	split         *Split
	hair          *canvas.Rectangle
	hovered, held bool
}

var (
	_ fyne.Draggable     = (*splitLine)(nil)
	_ desktop.Hoverable  = (*splitLine)(nil)
	_ desktop.Cursorable = (*splitLine)(nil)
)

func newSplitLine(s *Split) *splitLine {
	l := &splitLine{split: s, hair: &canvas.Rectangle{}}
	l.ExtendBaseWidget(l)
	return l
}

// Cursor says which way it can be drawn.
func (l *splitLine) Cursor() desktop.Cursor {
	if l.split.down {
		return desktop.VResizeCursor
	}
	return desktop.HResizeCursor
}

// MouseIn lights it.
func (l *splitLine) MouseIn(*desktop.MouseEvent) { l.hovered = true; l.Refresh() }

// MouseMoved changes nothing.
func (l *splitLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut dims it.
func (l *splitLine) MouseOut() { l.hovered = false; l.Refresh() }

// Dragged moves it.
func (l *splitLine) Dragged(e *fyne.DragEvent) {
	l.held = true
	l.split.draw(e.Dragged)
}

// DragEnd tells where it is now.
func (l *splitLine) DragEnd() {
	l.held = false
	l.split.size = l.split.kept(l.split.Size())
	l.Refresh()
	if l.split.OnSized != nil {
		l.split.OnSized(l.split.size)
	}
}

// CreateRenderer draws it.
func (l *splitLine) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{l}
	r.Refresh()
	return r
}

type lineRenderer struct{ line *splitLine }

func (r *lineRenderer) Layout(size fyne.Size) {
	thick := theme.Size(theme.Hairline)
	if r.line.hovered || r.line.held {
		thick = theme.Size(theme.Line)
	}
	if r.line.split.down {
		put(r.line.hair, 0, (size.Height-thick)/2, size.Width, thick)
	} else {
		put(r.line.hair, (size.Width-thick)/2, 0, thick, size.Height)
	}
}

func (r *lineRenderer) MinSize() fyne.Size { return fyne.Size{} }

func (r *lineRenderer) Refresh() {
	r.line.hair.FillColor = theme.Color(theme.Separator)
	if r.line.hovered || r.line.held {
		r.line.hair.FillColor = theme.Color(theme.Primary)
	}
	r.Layout(r.line.Size())
	canvas.Refresh(r.line)
}

func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line.hair} }
func (r *lineRenderer) Destroy()                     {}
