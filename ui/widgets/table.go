package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
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
