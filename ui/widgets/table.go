package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"jackfield/ui/theme"
)

// Column is one of a Table's.
type Column struct {
	Title string
	Width float32 // 0 is theme.ColumnWidth
	Right bool    // numbers stand at the right
	Fixed bool    // it cannot be sorted by
}

// Cell is what stands in one place of a Table.
type Cell struct {
	Text   string
	Look   Look
	Dot    fyne.ThemeColorName // a disc before the text; "" is none
	Icon   string              // an icon before the text; "" is none
	Colour fyne.ThemeColorName // of the icon
}

// Table shows rows in columns under a heading that sorts and that can be drawn
// wider, any number of rows. Rows are named by their number in the owner's order,
// however they are sorted.
type Table struct {
	widget.BaseWidget
	Columns []Column
	Count   func() int
	Cell    func(row, column int) Cell
	Less    func(column, a, b int) bool // nil: it cannot be sorted

	OnPick func(row int)
	OnOpen func(row int)
	OnMenu func(row int, at fyne.Position)

	rows    *Rows
	head    *tableHead
	order   []int // rows as they are shown; nil is the owner's order
	sorted  int   // the column, -1 for none
	falling bool
}

// NewTable is a table of count rows.
func NewTable(columns []Column, count func() int, cell func(row, column int) Cell) *Table {
	t := &Table{Columns: columns, Count: count, Cell: cell, sorted: -1}
	t.rows = NewRows(func() int { return t.Count() }, t.draw)
	t.rows.Width = t.width
	t.rows.OnPick = func(at int) { t.tell(t.OnPick, at) }
	t.rows.OnOpen = func(at int) { t.tell(t.OnOpen, at) }
	t.rows.OnMenu = func(at int, pos fyne.Position) {
		if t.OnMenu != nil {
			t.OnMenu(t.rowOf(at), pos)
		}
	}
	t.rows.OnMove = func() { t.head.Refresh() }
	t.rows.OnCopy = t.copied
	t.head = newTableHead(t)
	t.ExtendBaseWidget(t)
	return t
}

func (t *Table) tell(f func(row int), at int) {
	if f != nil {
		f(t.rowOf(at))
	}
}

// rowOf is the owner's row that is shown at a place.
func (t *Table) rowOf(at int) int {
	if at >= 0 && at < len(t.order) {
		return t.order[at]
	}
	return at
}

// placeOf is where an owner's row is shown, -1 for nowhere.
func (t *Table) placeOf(row int) int {
	if t.order == nil {
		return row
	}
	return slices.Index(t.order, row)
}

// Picked is the chosen row, -1 for none.
func (t *Table) Picked() int { return t.rowOf(t.rows.Picked()) }

// Pick chooses a row and shows it. OnPick is not told.
func (t *Table) Pick(row int) { t.rows.Pick(t.placeOf(row)) }

// Shown is the row that stands at a place, counted from the top.
func (t *Table) Shown(at int) int { return t.rowOf(at) }

// FocusRows gives the keyboard to the rows.
func (t *Table) FocusRows() { Focus(t.rows) }

// Redraw draws one row again.
func (t *Table) Redraw(row int) { t.rows.Redraw(t.placeOf(row)) }

// Reload sorts what the owner has now and draws it; the chosen row stays chosen.
func (t *Table) Reload() {
	picked := t.Picked()
	t.arrange()
	t.Refresh()
	if picked >= 0 && picked < t.Count() {
		t.rows.picked = t.placeOf(picked)
	}
	t.rows.Refresh()
	t.head.Refresh()
}

// SortBy sorts by a column, -1 for the owner's order.
func (t *Table) SortBy(column int, falling bool) {
	t.sorted, t.falling = column, falling
	t.Reload()
}

// Sorted is the column that it is sorted by, -1 for none.
func (t *Table) Sorted() (column int, falling bool) { return t.sorted, t.falling }

func (t *Table) arrange() {
	t.order = nil
	if t.sorted < 0 || t.sorted >= len(t.Columns) || t.Less == nil {
		return
	}
	t.order = make([]int, t.Count())
	for i := range t.order {
		t.order[i] = i
	}
	slices.SortStableFunc(t.order, func(a, b int) int {
		if t.falling {
			a, b = b, a
		}
		switch {
		case t.Less(t.sorted, a, b):
			return -1
		case t.Less(t.sorted, b, a):
			return 1
		}
		return 0
	})
}

// turn is a click on a heading: rising, falling, as it was.
func (t *Table) turn(column int) {
	switch {
	case t.Less == nil || t.Columns[column].Fixed:
	case t.sorted != column:
		t.SortBy(column, false)
	case !t.falling:
		t.SortBy(column, true)
	default:
		t.SortBy(-1, false)
	}
}

func (t *Table) columnWidth(i int) float32 {
	if w := t.Columns[i].Width; w > 0 {
		return w
	}
	return theme.Size(theme.ColumnWidth)
}

func (t *Table) width() (sum float32) {
	for i := range t.Columns {
		sum += t.columnWidth(i)
	}
	return sum
}

// eachColumn calls do with the room of each column; the last one takes what is left.
func (t *Table) eachColumn(room float32, do func(i int, x, width float32)) {
	x := float32(0)
	for i := range t.Columns {
		width := t.columnWidth(i)
		if i == len(t.Columns)-1 {
			width = max(width, room-x)
		}
		do(i, x, width)
		x += width
	}
}

func (t *Table) draw(at int, pen *Pen) {
	row, pad := t.rowOf(at), theme.Size(theme.WideGap)
	pen.Box(0, pen.Height-theme.Size(theme.Hairline), pen.Full, theme.Size(theme.Hairline), theme.Separator, "")
	t.eachColumn(pen.Width, func(i int, x, width float32) {
		c := t.Cell(row, i)
		left, right := x+pad, x+width-pad
		if c.Dot != "" {
			left = pen.Dot(left, c.Dot) + pad
		}
		if c.Icon != "" {
			left = pen.Icon(left, c.Icon, c.Colour, theme.SmallIconSize) + pad
		}
		look := c.Look
		look.Right = t.Columns[i].Right
		if right > left {
			pen.Text(left, right-left, c.Text, look)
		}
	})
}

// copied is the chosen row, its cells parted by tabs.
func (t *Table) copied() string {
	row := t.Picked()
	if row < 0 {
		return ""
	}
	text := ""
	for i := range t.Columns {
		if i > 0 {
			text += "\t"
		}
		text += t.Cell(row, i).Text
	}
	return text
}

// CreateRenderer draws it.
func (t *Table) CreateRenderer() fyne.WidgetRenderer { return &tableRenderer{t} }

type tableRenderer struct{ table *Table }

func (r *tableRenderer) Layout(size fyne.Size) {
	head := theme.Size(theme.RowHeight)
	r.table.rows.Move(fyne.NewPos(0, head))
	r.table.rows.Resize(fyne.NewSize(size.Width, max(0, size.Height-head)))
	r.table.head.Resize(fyne.NewSize(size.Width, head))
}

func (r *tableRenderer) MinSize() fyne.Size {
	row := theme.Size(theme.RowHeight)
	return fyne.NewSize(4*row, 3*row)
}

func (r *tableRenderer) Refresh() {
	r.table.rows.Refresh()
	r.table.head.Refresh()
}

func (r *tableRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.table.rows, r.table.head}
}

func (r *tableRenderer) Destroy() {}

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
