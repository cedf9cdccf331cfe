package csv

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// write puts rows into a file that appears when the run ends.
type write struct {
	Path      string
	Row       any
	Columns   []string
	Delimiter delimiter
	Header    bool
	Mode      string
}

func newWrite() *write { return &write{Delimiter: ",", Header: true, Mode: kit.Overwrite} }

func (w *write) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&w.Path, "path", "File").Needed().Eg("totals.csv").Help("A relative path starts at the flow file's folder."),
		kit.Value(&w.Row, "row", "Row").AsMain().Needed().Help("An object with a value for each column."),
		kit.WriteMode(&w.Mode),
		kit.List(&w.Columns, "columns", "Columns").Checked(w.checkColumns).
			Help("These in this order; left empty, the names that the first rows have, in alphabetical order."),
		w.Delimiter.field(),
		kit.Toggle(&w.Header, "header", "First row has the names"),
	}
}

func (w *write) checkColumns() error { return (&read{Columns: w.Columns}).checkColumns() }

// note is what the file's later batches need to know.
type note struct {
	Columns []string `json:"columns"`
	Only    bool     `json:"only,omitempty"` // a person chose the columns: others are left out
	Names   string   `json:"head,omitempty"` // the row of names
}

// RunAll adds a row for each record.
func (w *write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := kit.OpenRunFile(env, w.Path)
	if err != nil {
		return nil, err
	}
	n, err := w.begin(file, batch)
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	var rows []byte
	for i, r := range batch {
		row, failure := w.appendRow(rows, n, r.Data)
		if failure != nil {
			results[i].Err = failure
			continue
		}
		rows, results[i] = row, kit.Pass(flow.Done)
	}
	if len(rows) == 0 {
		return results, nil
	}
	return results, file.Add(kit.BatchKey(env, batch), rows)
}

// begin finds the columns, and begins the file where this run has not done so.
func (w *write) begin(file *kit.RunFile, batch flow.Batch) (n note, err error) {
	if file.Begun() {
		return kit.FormOf[note](file)
	}
	if n, err = w.plan(file.Target, batch); err != nil || len(n.Columns) == 0 {
		return n, err
	}
	var head []byte
	if w.Mode == kit.Overwrite {
		head = n.Head()
	}
	return n, file.Begin(w.Mode == kit.Append, head, n)
}

// plan decides on the columns: those that are set, those of the file that is appended
// to, or all that the batch has.
func (w *write) plan(target string, batch flow.Batch) (note, error) {
	n := note{Columns: w.Columns, Only: len(w.Columns) > 0}
	if w.Mode == kit.Append && w.Header {
		there, err := w.columnsOf(target)
		if err != nil {
			return n, err
		}
		if n.Only && there != nil && !slices.Equal(there, n.Columns) {
			return n, kit.Fail(kit.Refused, "%s has the columns %s already, which are not the ones set here", w.Path, strings.Join(there, ", ")).
				On("columns").Hint("set the same, or write to another file")
		}
		if there != nil {
			n.Columns = there
		}
	}
	if len(n.Columns) == 0 {
		n.Columns = columnsIn(batch)
	}
	if w.Header {
		n.Names = string(w.appendHead(nil, n.Columns))
	}
	return n, nil
}

// columnsOf reads the row of names of a file; nil where there is none.
func (w *write) columnsOf(target string) ([]string, error) {
	r := newRead()
	r.Path, r.Delimiter = target, w.Delimiter
	t, err := openTable(kit.Env{}, r)
	if err != nil {
		if kit.AsFailure(err).Kind == kit.Missing {
			return nil, nil
		}
		return nil, err
	}
	defer t.close()
	if t.enc != nil {
		return nil, kit.Fail(kit.Refused, "%s is in UTF-16, and rows are written in UTF-8", w.Path).On("path").
			Hint("write to another file")
	}
	return t.columns, nil
}

func columnsIn(batch flow.Batch) []string {
	names := map[string]bool{}
	for _, r := range batch {
		row, _ := r.Data.(map[string]any)
		for name := range row {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (w *write) appendHead(dst []byte, columns []string) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, w.Delimiter.text()...)
		}
		dst = w.appendText(dst, c, len(columns) == 1)
	}
	return append(dst, '\n')
}

// appendRow writes one row behind dst, or says why it cannot.
func (w *write) appendRow(dst []byte, n note, data any) ([]byte, *kit.Failure) {
	row, ok := data.(map[string]any)
	if !ok {
		return dst, kit.Fail(kit.Invalid, "a row is an object, and this is %s", kindOf(data)).On("row").
			Hint("map the record to an object, for example {row: {name: .name}}")
	}
	if len(n.Columns) == 0 {
		return dst, kit.Fail(kit.Invalid, "the row is empty, and no columns are set").On("row").Hint("map something to it")
	}
	known := 0
	for i, c := range n.Columns {
		if i > 0 {
			dst = append(dst, w.Delimiter.text()...)
		}
		v, ok := row[c]
		if ok {
			known++
		}
		dst = w.appendCell(dst, v, len(n.Columns) == 1)
	}
	if !n.Only && known < len(row) {
		return dst, w.unknownColumn(n, row)
	}
	return append(dst, '\n'), nil
}

func (w *write) unknownColumn(n note, row map[string]any) *kit.Failure {
	var others []string
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if !slices.Contains(n.Columns, name) {
			others = append(others, name)
		}
	}
	return kit.Fail(kit.Invalid, "%s has no column for %s", w.Path, strings.Join(others, ", ")).On("columns").
		Hint("set columns to all names that may come, or to those that are wanted")
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	}
	return "a number"
}

// appendCell writes a value: texts as they are, null as nothing, lists and objects as
// JSON.
func (w *write) appendCell(dst []byte, v any, alone bool) []byte {
	switch v := v.(type) {
	case nil:
		return w.appendText(dst, "", alone)
	case string:
		return w.appendText(dst, v, alone)
	case map[string]any, []any:
		return w.appendText(dst, string(value.Append(nil, v)), alone)
	}
	start := len(dst)
	dst = value.Append(dst, v)
	if bytes.ContainsAny(dst[start:], w.Delimiter.text()) {
		return w.appendText(dst[:start], string(dst[start:]), alone)
	}
	return dst
}

// appendText puts quotes around a text that needs them. So does an empty one that is
// alone in its row, because a blank line is no row.
func (w *write) appendText(dst []byte, s string, alone bool) []byte {
	if s == "" && alone {
		return append(dst, `""`...)
	}
	if !strings.ContainsAny(s, "\"\r\n") && !strings.ContainsAny(s, w.Delimiter.text()) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		before, after, more := strings.Cut(s, `"`)
		dst = append(dst, before...)
		if !more {
			return append(dst, '"')
		}
		dst = append(dst, '"', '"')
		s = after
	}
}

// Finish puts the files in their places. A step that no record came to leaves a file
// without rows, unless it appends: what was there is of another run.
func (w *write) Finish(ctx context.Context, env kit.Env) error {
	return kit.FinishFiles[note](ctx, env, w.Path, w.Mode, func() (*kit.RunFile, error) { return w.none(env) })
}

// none begins a file that has no rows.
func (w *write) none(env kit.Env) (*kit.RunFile, error) {
	file, err := kit.OpenRunFile(env, w.Path)
	if err != nil {
		return nil, err
	}
	n := note{Columns: w.Columns, Only: len(w.Columns) > 0}
	if w.Header && n.Only {
		n.Names = string(w.appendHead(nil, n.Columns))
	}
	return file, file.Begin(false, n.Head(), n)
}

// Head is the row of names, where there is one.
func (n note) Head() []byte { return []byte(n.Names) }

// Tail is nothing: rows end by themselves.
func (n note) Tail(*kit.RunFile) []byte { return nil }

// Join keeps the old rows. A file that is new begins with the names; one whose last
// line has no end gets it.
func (n note) Join(old io.ReaderAt, size int64) (keep int64, glue []byte, err error) {
	if size == 0 {
		return 0, n.Head(), nil
	}
	last := make([]byte, 1)
	if _, err := old.ReadAt(last, size-1); err != nil {
		return 0, nil, err
	}
	if bytes.ContainsAny(last, "\r\n") {
		return size, nil, nil
	}
	return size, []byte{'\n'}, nil
}
