package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// tableHead is the line of titles. A click sorts; its edges can be drawn.
type tableHead struct {
	widget.BaseWidget
	table   *Table
	pen     *Pen
	ground  *canvas.Rectangle
	hovered int // the column below the pointer, -1 for none
	edge    int // the column whose right edge is below the pointer or drawn, -1 for none
	drawn   bool
}

var (
	_ fyne.Draggable     = (*tableHead)(nil)
	_ fyne.Scrollable    = (*tableHead)(nil) // so that it is clipped
	_ desktop.Mouseable  = (*tableHead)(nil)
	_ desktop.Hoverable  = (*tableHead)(nil)
	_ desktop.Cursorable = (*tableHead)(nil)
)

func newTableHead(t *Table) *tableHead {
	h := &tableHead{table: t, pen: newPen(), ground: &canvas.Rectangle{}, hovered: -1, edge: -1}
	h.ExtendBaseWidget(h)
	return h
}

// edgeZone is how near the pointer has to be to an edge.
const edgeZone = 5

// least is as narrow as a column gets.
const leastColumn = 40

func (h *tableHead) find(x float32) (column, edge int) {
	column, edge = -1, -1
	x += h.table.rows.Offset().X
	h.table.eachColumn(h.table.rows.sheet.rowWidth(), func(i int, from, width float32) {
		if x >= from && x < from+width {
			column = i
		}
		if x > from+width-edgeZone && x < from+width+edgeZone {
			edge = i
		}
	})
	return column, edge
}

// MouseIn looks what is below the pointer.
func (h *tableHead) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved looks what is below the pointer.
func (h *tableHead) MouseMoved(e *desktop.MouseEvent) {
	column, edge := h.find(e.Position.X)
	if column != h.hovered || edge != h.edge {
		h.hovered, h.edge = column, edge
		h.Refresh()
	}
}

// MouseOut forgets it.
func (h *tableHead) MouseOut() {
	h.hovered = -1
	h.Refresh()
}

// Cursor tells an edge.
func (h *tableHead) Cursor() desktop.Cursor {
	if h.edge >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseDown takes hold of an edge.
func (h *tableHead) MouseDown(e *desktop.MouseEvent) {
	_, h.edge = h.find(e.Position.X)
	h.drawn = false
}

// MouseUp sorts, where nothing was drawn.
func (h *tableHead) MouseUp(e *desktop.MouseEvent) {
	if column, edge := h.find(e.Position.X); column >= 0 && edge < 0 && !h.drawn && e.Button == desktop.MouseButtonPrimary {
		h.table.turn(column)
	}
}

// Dragged makes the column wider or narrower.
func (h *tableHead) Dragged(e *fyne.DragEvent) {
	h.drawn = true
	if h.edge < 0 {
		return
	}
	h.table.Columns[h.edge].Width = max(leastColumn, h.table.columnWidth(h.edge)+e.Dragged.DX)
	h.table.Refresh()
}

// DragEnd ends that.
func (h *tableHead) DragEnd() { h.edge = -1 }

// Scrolled scrolls the rows.
func (h *tableHead) Scrolled(e *fyne.ScrollEvent) { h.table.rows.Scrolled(e) }

func (h *tableHead) draw() {
	pad, line := theme.Size(theme.WideGap), theme.Size(theme.Hairline)
	h.pen.Width, h.pen.Full, h.pen.Height = h.table.rows.sheet.rowWidth(), max(h.table.width(), h.Size().Width), theme.Size(theme.RowHeight)
	h.pen.begin()
	h.table.eachColumn(h.pen.Width, func(i int, x, width float32) {
		if i == h.hovered && h.table.Less != nil && !h.table.Columns[i].Fixed {
			h.pen.Fill(x, width, theme.Hover)
		}
		look := Look{Color: theme.Muted, Size: theme.CaptionSize, Bold: true, Right: h.table.Columns[i].Right}
		room := width - 2*pad
		if i == h.table.sorted {
			icon := "arrow-up"
			if h.table.falling {
				icon = "arrow-down"
			}
			size := theme.Size(theme.SmallIconSize)
			room -= size
			h.pen.Icon(x+width-pad-size, icon, theme.Accent, theme.SmallIconSize)
			look.Color = theme.Foreground
		}
		h.pen.Text(x+pad, room, h.table.Columns[i].Title, look)
		if i < len(h.table.Columns)-1 {
			h.pen.Box(x+width-line, pad, line, h.pen.Height-2*pad, theme.CardBorder, "")
		}
	})
	h.pen.Box(h.table.rows.Offset().X, h.pen.Height-line, h.pen.Full, line, theme.CardBorder, "")
	h.pen.end()
	h.pen.box.Move(fyne.NewPos(-h.table.rows.Offset().X, 0))
}

// CreateRenderer draws it.
func (h *tableHead) CreateRenderer() fyne.WidgetRenderer {
	r := &headRenderer{h}
	r.Refresh()
	return r
}

type headRenderer struct{ head *tableHead }

func (r *headRenderer) Layout(size fyne.Size) {
	r.head.ground.Resize(size)
	r.head.draw()
}

func (r *headRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(theme.Size(theme.RowHeight)) }

func (r *headRenderer) Refresh() {
	r.head.ground.FillColor = theme.Color(theme.HeaderBack)
	r.head.draw()
	canvas.Refresh(r.head)
}

func (r *headRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.head.ground, r.head.pen.box}
}

func (r *headRenderer) Destroy() {}
