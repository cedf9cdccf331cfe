package palette

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"jackfield/flow"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// Quick is the palette under the keyboard: type, arrow down, Enter.
type Quick struct {
	items  []Item
	found  []Item
	search *widgets.SearchField
	rows   *widgets.Rows
	none   fyne.CanvasObject
	over   *over
	take   func(flow.OpID)
	closed func()
}

// The room that the quick list takes.
const (
	quickWidth  float32 = 460
	quickHeight float32 = 340
)

// ShowQuick opens the list near a place of the window. take is told what was
// chosen; closed is told when nothing was.
func ShowQuick(c fyne.Canvas, at fyne.Position, items []Item, take func(flow.OpID), closed func()) *Quick {
	q := &Quick{items: items, found: items, take: take, closed: closed}
	q.search = widgets.NewSearchField("Add a step: what should happen?", q.find)
	q.rows = widgets.NewRows(func() int { return len(q.found) }, q.draw)
	q.rows.OnPress = func(row int, _ float32) bool { q.choose(row); return true }
	q.search.OnSubmit = func() { q.choose(q.rows.Picked()) }
	q.search.OnDown = func() { q.move(1) }
	q.search.OnUp = func() { q.move(-1) }
	q.search.OnEscape = q.close
	q.none = widgets.NewEmptyState("search", "Nothing answers to that.", "Try another word, or the service's name.")
	q.none.Hide()
	content := widgets.Under(q.search, container.NewStack(q.rows, q.none))
	panel := widgets.NewPanel(content).Float().Padded(theme.WideGap, theme.WideGap)
	q.over = showOver(c, panel, at, fyne.NewSize(quickWidth, quickHeight), theme.Size(theme.FarGap), q.close)
	q.rows.Pick(0)
	q.search.FocusIn(c)
	return q
}

func (q *Quick) find(query string) {
	q.found = Find(q.items, query)
	if len(q.found) == 0 {
		q.none.Show()
	} else {
		q.none.Hide()
	}
	q.rows.Refresh()
	q.rows.Pick(min(0, len(q.found)-1))
}

func (q *Quick) move(by int) {
	if len(q.found) == 0 {
		return
	}
	next := max(0, min(len(q.found)-1, q.rows.Picked()+by))
	q.rows.Pick(next)
	q.rows.Reveal(next)
}

func (q *Quick) choose(row int) {
	if row < 0 || row >= len(q.found) {
		return
	}
	op := q.found[row].Op
	q.over.hide()
	q.take(op)
}

func (q *Quick) close() {
	q.over.hide()
	if q.closed != nil {
		q.closed()
	}
}

func (q *Quick) draw(row int, pen *widgets.Pen) {
	it := q.found[row]
	front, _ := theme.TintNames(it.Tint)
	x := theme.Size(theme.WideGap)
	x = pen.Icon(x, it.Icon, front, theme.IconSize) + theme.Size(theme.WideGap)
	x = pen.Text(x, 0, it.Title, widgets.Strong) + theme.Size(theme.WideGap)
	pen.Text(x, pen.Width-x-theme.Size(theme.WideGap), it.Summary, widgets.Caption)
}
