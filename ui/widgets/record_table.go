package widgets

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"jackfield/flow"
	"jackfield/ui/theme"
)

// RecordTable shows records as a table whose columns are the names in them, and the
// chosen one as JSON beside it.
type RecordTable struct {
	widget.BaseWidget
	OnPick func(r flow.Record)

	records flow.Batch
	names   []string // of the columns; a record that is no object has none
	failed  bool     // some records have a problem
	table   *Table
	detail  *JSONPanel
	split   *Split
}

// NewRecordTable is an empty one.
func NewRecordTable() *RecordTable {
	r := &RecordTable{detail: NewJSONPanel()}
	r.table = NewTable(nil, func() int { return len(r.records) }, r.cell)
	r.table.Less = r.less
	r.table.OnPick = r.pick
	r.detail.Hide()
	r.split = NewColumns(r.table, r.detail, Last, theme.Size(theme.FloatWidth))
	r.ExtendBaseWidget(r)
	return r
}

// SetRecords shows other records.
func (r *RecordTable) SetRecords(records flow.Batch) {
	r.records = records
	r.names = columnNames(records)
	r.failed = slices.ContainsFunc(records, func(rec flow.Record) bool { return rec.Problem != nil })
	r.table.Columns = r.columns()
	r.table.sorted = -1
	r.table.Pick(-1)
	r.detail.Hide()
	r.table.Reload()
	r.split.Refresh()
}

// Picked is the chosen record.
func (r *RecordTable) Picked() (flow.Record, bool) {
	if i := r.table.Picked(); i >= 0 && i < len(r.records) {
		return r.records[i], true
	}
	return flow.Record{}, false
}

// Pick chooses the record at a place of the batch and shows it.
func (r *RecordTable) Pick(row int) {
	r.table.Pick(row)
	r.pick(row)
}

// Columns lists the titles of the columns.
func (r *RecordTable) Columns() []string {
	var titles []string
	for _, c := range r.table.Columns {
		titles = append(titles, c.Title)
	}
	return titles
}

func (r *RecordTable) pick(row int) {
	if row < 0 || row >= len(r.records) {
		return
	}
	rec := r.records[row]
	r.detail.SetValue(shownRecord(rec))
	if !r.detail.Visible() {
		r.detail.Show()
		r.split.Refresh()
	}
	if r.OnPick != nil {
		r.OnPick(rec)
	}
}

// shownRecord is a record's data, and beside it its problem where it has one.
func shownRecord(rec flow.Record) any {
	if rec.Problem == nil {
		return rec.Data
	}
	return map[string]any{"data": rec.Data, "problem": map[string]any{
		"where": rec.Problem.Where(), "what": rec.Problem.What, "fix": rec.Problem.Fix, "code": string(rec.Problem.Code),
	}}
}

// looked is how many records are asked for the names in them.
const looked = 200

// mostColumns is how many columns a table gets from its records.
const mostColumns = 60

// columnNames are the names in the records, those that most records have first, and
// "id" and "name" before all.
func columnNames(records flow.Batch) []string {
	seen := map[string]int{}
	for _, rec := range records[:min(len(records), looked)] {
		if m, ok := rec.Data.(map[string]any); ok {
			for name := range m {
				seen[name]++
			}
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	first := []string{"name", "id"}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(-cmp.Compare(slices.Index(first, a), slices.Index(first, b)), -cmp.Compare(seen[a], seen[b]), strings.Compare(a, b))
	})
	return names[:min(len(names), mostColumns)]
}

func (r *RecordTable) columns() []Column {
	columns := []Column{{Title: "#", Width: theme.Size(theme.NumberWidth), Right: true}}
	if r.failed {
		columns = append(columns, Column{Title: "Problem", Width: theme.Size(theme.FloatWidth) / 2})
	}
	for i, name := range r.names {
		columns = append(columns, Column{Title: name, Width: r.widthOf(i), Right: r.isNumber(name)})
	}
	if len(r.names) == 0 {
		columns = append(columns, Column{Title: "value"})
	}
	return columns
}

// widthOf is that of the widest of the first values, within bounds.
func (r *RecordTable) widthOf(i int) float32 {
	name := r.names[i]
	most := Strong.measure(name).Width
	for _, rec := range r.records[:min(len(r.records), 50)] {
		if m, ok := rec.Data.(map[string]any); ok {
			most = max(most, Plain.measure(cellText(m[name])).Width)
		}
	}
	return clamp(most+3*theme.Size(theme.WideGap), theme.Size(theme.ColumnWidth)/2, 2*theme.Size(theme.ColumnWidth))
}

func (r *RecordTable) isNumber(name string) bool {
	for _, rec := range r.records[:min(len(r.records), looked)] {
		m, ok := rec.Data.(map[string]any)
		if !ok || m[name] == nil {
			continue
		}
		return rank(m[name]) == numberRank
	}
	return false
}

// value is what a column shows of a record.
func (r *RecordTable) value(row, column int) any {
	rec := r.records[row]
	switch {
	case column == 0:
		return row + 1
	case column == 1 && r.failed:
		if rec.Problem == nil {
			return nil
		}
		return rec.Problem.What
	}
	if r.failed {
		column--
	}
	if len(r.names) == 0 {
		return rec.Data
	}
	m, _ := rec.Data.(map[string]any)
	return m[r.names[column-1]]
}

func (r *RecordTable) cell(row, column int) Cell {
	v := r.value(row, column)
	look := Plain
	switch {
	case column == 0:
		look = Caption
	case column == 1 && r.failed:
		if v == nil {
			return Cell{}
		}
		return Cell{Text: v.(string), Look: Plain.In(theme.Failed), Icon: "warning", Colour: theme.Failed}
	case v == nil:
		return Cell{}
	case members(v) >= 0:
		look = Muted
	}
	return Cell{Text: cellText(v), Look: look}
}

func cellText(v any) string {
	if s, ok := v.(string); ok {
		return s[:wholeRunes(s, mostPreview)]
	}
	if v == nil {
		return ""
	}
	return Preview(v)
}

func (r *RecordTable) less(column, a, b int) bool {
	return compare(r.value(a, column), r.value(b, column)) < 0
}

// The order of kinds, as in jq's sort.
const (
	nullRank = iota
	boolRank
	numberRank
	textRank
	otherRank
)

func rank(v any) int {
	switch v.(type) {
	case nil:
		return nullRank
	case bool:
		return boolRank
	case int, float64, *big.Int:
		return numberRank
	case string:
		return textRank
	}
	return otherRank
}

// compare orders values for a person: numbers by size, texts by letter, the rest by
// how it looks.
func compare(a, b any) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch rank(a) {
	case numberRank:
		return cmp.Compare(number(a), number(b))
	case textRank:
		return strings.Compare(a.(string), b.(string))
	}
	return strings.Compare(Preview(a), Preview(b))
}

func number(v any) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	}
	return 0
}

// CreateRenderer draws it.
func (r *RecordTable) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(r.split)
}
