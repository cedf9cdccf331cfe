package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/ui/theme"
	"jackfield/ui/widgets"
)

// records shows the records of any number of batches as a table whose columns are the
// names in them, and the chosen one whole beside it, with why it failed.
type records struct {
	widget.BaseWidget
	ask     func(flow.Ref, func(flow.Batch))
	shelf   *shelf
	names   []string // of the columns, from the first records that came
	known   bool     // the names are
	shown   int      // the record that detail shows; -1 for none
	table   *widgets.Table
	detail  *widgets.JSONPanel
	why     *widgets.Prose
	fix     *widgets.Prose
	trouble *widgets.Panel
	whole   *fyne.Container
	content fyne.CanvasObject
}

// detailWidth is the room of the record that is shown whole.
const detailWidth float32 = 440

func newRecords(ask func(flow.Ref, func(flow.Batch))) *records {
	r := &records{ask: ask, shown: -1, detail: widgets.NewJSONPanel()}
	r.shelf = newShelf(nil, ask, nil)
	r.table = widgets.NewTable(nil, func() int { return r.shelf.total }, r.cell)
	r.table.OnPick = r.pick
	r.why = widgets.NewProse("", widgets.Plain.In(theme.Failed))
	r.fix = widgets.NewProse("", widgets.Muted)
	r.trouble = widgets.NewPanel(widgets.Spaced(theme.Gap, r.why, r.fix)).Padded(theme.WideGap, theme.WideGap)
	r.trouble.Hide()
	r.whole = widgets.Under(r.trouble, r.detail)
	r.content = widgets.NewColumns(r.table, r.whole, widgets.Last, detailWidth)
	r.ExtendBaseWidget(r)
	return r
}

// fill takes batches. Where they only grew, what a person looks at stays.
func (r *records) fill(batches []batch) {
	if r.shelf.grow(batches) {
		r.table.Reload()
		return
	}
	r.shelf = newShelf(batches, r.ask, r.arrived)
	r.names, r.known, r.shown = nil, false, -1
	r.table.Columns = []widgets.Column{{Title: "#", Width: max(theme.Size(theme.NumberWidth), letterWide*float32(len(widgets.Number(r.shelf.total)))), Right: true}, {}}
	r.table.Pick(-1)
	r.table.Reload()
	r.table.Pick(0)
	r.pick(0)
}

// arrived draws what came from the shelf.
func (r *records) arrived() {
	if !r.known {
		r.makeColumns()
	}
	r.table.Reload()
	if r.shown < 0 {
		r.pick(max(0, r.table.Picked()))
	}
}

// pick shows one record whole, and why it failed.
func (r *records) pick(row int) {
	rec, ok := r.shelf.record(row)
	if !ok {
		r.shown = -1
		r.trouble.Hide()
		r.detail.View.Clear()
		return
	}
	r.shown = row
	show(r.trouble, rec.Problem != nil)
	if p := rec.Problem; p != nil {
		r.why.SetText(p.What)
		r.fix.SetText(p.Fix)
		show(r.fix, p.Fix != "")
	}
	r.detail.SetValue(rec.Data)
	r.whole.Refresh()
}

// The columns of a table: how many records are asked for their names, how many
// columns there are at the most, and how wide they are.
const (
	looked      = 100
	mostColumns = 40
	letterWide  = 8
	leastWide   = 64
	mostWide    = 220
)

// makeColumns takes the names of the first records: those that most have come first,
// and before all what tells a record from the others.
func (r *records) makeColumns() {
	seen, widest := map[string]int{}, map[string]int{}
	n := 0
	for row := range min(r.shelf.total, looked) {
		rec, ok := r.shelf.at(row)
		if !ok {
			break
		}
		n++
		m, _ := rec.Data.(map[string]any)
		for name, v := range m {
			seen[name]++
			widest[name] = max(widest[name], len(name), min(len(cellText(v)), 40))
		}
	}
	if n == 0 {
		return
	}
	r.known, r.names = true, r.names[:0]
	for name := range seen {
		r.names = append(r.names, name)
	}
	first := []string{"name", "id"}
	slices.SortFunc(r.names, func(a, b string) int {
		return cmp.Or(-cmp.Compare(slices.Index(first, a), slices.Index(first, b)), -cmp.Compare(seen[a], seen[b]), strings.Compare(a, b))
	})
	r.names = r.names[:min(len(r.names), mostColumns)]
	r.table.Columns = r.table.Columns[:1]
	for _, name := range r.names {
		r.table.Columns = append(r.table.Columns, widgets.Column{Title: name, Width: min(mostWide, max(leastWide, float32(widest[name])*letterWide+24))})
	}
	if len(r.names) == 0 {
		r.table.Columns = append(r.table.Columns, widgets.Column{Title: "value"})
	}
}

// cell is what stands in one place of the table.
func (r *records) cell(row, column int) widgets.Cell {
	rec, ok := r.shelf.record(row)
	switch {
	case column == 0:
		return widgets.Cell{Text: widgets.Number(row + 1), Look: widgets.Caption}
	case !ok && column == 1:
		return widgets.Cell{Text: "…", Look: widgets.Muted}
	case !ok:
		return widgets.Cell{}
	case len(r.names) == 0:
		return widgets.Cell{Text: cellText(rec.Data), Look: widgets.Code}
	}
	m, _ := rec.Data.(map[string]any)
	v, there := m[r.names[column-1]]
	switch v.(type) {
	case nil:
		if there {
			return widgets.Cell{Text: "null", Look: widgets.Caption}
		}
		return widgets.Cell{}
	case map[string]any, []any:
		return widgets.Cell{Text: cellText(v), Look: widgets.Code.In(theme.Muted)}
	}
	return widgets.Cell{Text: cellText(v)}
}

// mostText is how much of a text a cell looks at.
const mostText = 200

// cellText is a value in one line.
func cellText(v any) string {
	switch v := v.(type) {
	case string:
		return v[:min(len(v), mostText)]
	case []any:
		if len(v) > 20 {
			return fmt.Sprintf("[ %d values ]", len(v))
		}
	case map[string]any:
		if len(v) > 20 {
			return fmt.Sprintf("{ %d fields }", len(v))
		}
	}
	text := value.Append(nil, v)
	return string(text[:min(len(text), mostText)])
}

// CreateRenderer shows both.
func (r *records) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.content) }
