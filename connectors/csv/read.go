package csv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// read gives the rows of a file page by page.
type read struct {
	Path      string
	Delimiter delimiter
	Header    bool
	Columns   []string
	Cursor    string
	Numbers   bool
	Encoding  charset
	Quote     string
	Lenient   bool
	Skip      int
}

func newRead() *read {
	return &read{Delimiter: ",", Header: true, Encoding: "utf-8", Quote: `"`}
}

func (r *read) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("orders.csv").Help("A relative path starts at the flow file's folder."),
		r.Delimiter.field(),
		kit.Toggle(&r.Header, "header", "First row has the names").
			Help("Each row becomes an object with these names."),
		kit.List(&r.Columns, "columns", "Columns").Checked(r.checkColumns).
			Help("Only these; where no row has the names, the names of all columns in order."),
		kit.Text(&r.Cursor, "cursor", "Cursor column").Ask(r.columnChoices).Eg("updated_at").
			Help("A column that only grows, such as a number or a date. The next run takes only rows with a greater value."),
		kit.Toggle(&r.Numbers, "numbers", "Numbers as numbers").
			Help("Cells that look like 12 or -0.5 become numbers; 007 stays a text."),
		r.Encoding.field(),
		kit.Text(&r.Quote, "quote", "Quote").Checked(r.checkQuote).More().
			Help("What stands around cells that hold the delimiter; empty where quotes mean nothing."),
		kit.Toggle(&r.Lenient, "lenient", "Take quotes in wrong places").More().
			Help("A quote inside a cell is then an ordinary character."),
		kit.Int(&r.Skip, "skip", "Lines to skip").Checked(r.checkSkip).More().
			Help("At the beginning of the file, before the names."),
	}
}

func (r *read) checkColumns() error {
	for i, c := range r.Columns {
		if slices.Contains(r.Columns[:i], c) {
			return fmt.Errorf("%q stands there twice", c)
		}
	}
	return nil
}

func (r *read) checkQuote() error {
	if len(r.Quote) > 1 || strings.ContainsAny(r.Quote, "\r\n\x00") || r.Quote > "~" {
		return fmt.Errorf("%q cannot serve as a quote; use one character such as \" or '", r.Quote)
	}
	return nil
}

func (r *read) checkSkip() error {
	if r.Skip < 0 {
		return errors.New("less than no lines cannot be skipped")
	}
	return nil
}

// A page ends with whichever comes first.
const (
	pageRows    = 1000
	pageBytes   = 4 << 20  // of rows that are given
	pageScanned = 64 << 20 // of rows that were looked at
)

// Read gives one page. It goes on at the byte where the page before ended.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	if r.Quote != "" && r.Delimiter.text() == r.Quote {
		return kit.Page{}, kit.Fail(kit.Invalid, "the delimiter and the quote are the same").On("quote")
	}
	at, err := readPlace(after)
	if err != nil {
		return kit.Page{}, err
	}
	t, err := openTable(env, r)
	if err != nil {
		return kit.Page{}, err
	}
	defer t.close()
	cursor, err := r.cursorColumn(t)
	if err != nil {
		return kit.Page{}, err
	}
	if at.Column != r.Cursor {
		if at.Column != "" {
			env.Log(flow.Warn, "", "the cursor was of the column %q; the file is read from its beginning", at.Column)
		}
		at = place{Offset: at.Offset, Line: at.Line, Seal: at.Seal, Column: r.Cursor}
	}
	if at.Offset == 0 {
		r.warn(env, t)
	} else if err := t.resume(at); err != nil {
		return kit.Page{}, err
	}
	return r.page(ctx, t, at, cursor)
}

func (r *read) cursorColumn(t *table) (int, error) {
	if r.Cursor == "" || len(t.columns) == 0 {
		return -1, nil
	}
	i := slices.Index(t.columns, r.Cursor)
	if i < 0 {
		return -1, t.noColumn(r.Cursor, "cursor")
	}
	return i, nil
}

// warn tells of a delimiter that seems to be another one.
func (r *read) warn(env kit.Env, t *table) {
	if len(t.columns) != 1 || !r.Header {
		return
	}
	for _, other := range []string{";", "\t", ",", "|"} {
		if strings.Contains(t.columns[0], other) {
			env.Log(flow.Warn, "", "%s has only one column, %q; is its delimiter %q?", t.name, t.columns[0], other)
			return
		}
	}
}

// resume goes to where a page ended, if the file is still the one it was then.
func (t *table) resume(at place) error {
	if now, err := kit.Seal(t.file, at.Offset); err != nil || now != at.Seal {
		return kit.Fail(kit.Refused, "%s was exchanged while it was read", t.name).On("path").
			Hint("start a new run, which reads it from its beginning")
	}
	return t.seek(at.Offset, at.Line)
}

func (r *read) page(ctx context.Context, t *table, at place, cursor int) (kit.Page, error) {
	page := kit.Page{Data: make([]any, 0, pageRows), More: true}
	begin, given := t.rows.offset, 0
	for looked := 0; len(page.Data)+len(page.Bad) < pageRows && given < pageBytes && t.rows.offset-begin < pageScanned; looked++ {
		if looked%pageRows == 0 && ctx.Err() != nil {
			return kit.Page{}, ctx.Err()
		}
		row, err := t.rows.next()
		if err == io.EOF {
			page.More = false
			break
		}
		if err != nil {
			return kit.Page{}, t.broken(err)
		}
		if t.columns == nil { // the file had no row when it was opened
			page.More = false
			break
		}
		record, failure := t.record(row)
		switch {
		case failure != nil:
			page.Bad = append(page.Bad, kit.Bad{At: len(page.Data) + len(page.Bad), Data: t.shown(row), Failure: failure})
		case cursor < 0:
			page.Data = append(page.Data, record)
		case at.takes(t.text(row, cursor)):
			page.Data = append(page.Data, record)
		default:
			continue
		}
		given += len(row.raw)
	}
	if page.More && t.rows.skipBlank() == io.EOF {
		page.More = false
	}
	return page, r.mark(&page, t, at)
}

// mark sets where the next page goes on, or, on the last, the next run.
func (r *read) mark(page *kit.Page, t *table, at place) (err error) {
	if !page.More {
		if r.Cursor != "" {
			page.Mark, _, err = at.checkpoint()
		}
		return err
	}
	at.Offset, at.Line = t.rows.offset, t.rows.line
	if at.Seal, err = kit.Seal(t.file, at.Offset); err != nil {
		return t.broken(err)
	}
	page.Next, err = at.cursor()
	return err
}

// text is the text of one cell of a row that was read.
func (t *table) text(r row, i int) string {
	r.cells = r.cells[i : i+1]
	texts, fault := t.texts(r)
	if fault != nil {
		return ""
	}
	return texts[0]
}

func (r *read) columnChoices(_ context.Context, env kit.Env) ([]kit.Choice, error) {
	t, err := openTable(env, r)
	if err != nil {
		return nil, err
	}
	defer t.close()
	choices := make([]kit.Choice, len(t.columns))
	for i, c := range t.columns {
		choices[i] = kit.Choice{Value: c, Label: c}
	}
	return choices, nil
}

// Describe tells the columns of the file.
func (r *read) Describe(_ context.Context, env kit.Env) (in, out flow.Schema, err error) {
	t, err := openTable(env, r)
	if err != nil {
		return in, out, err
	}
	defer t.close()
	cell := flow.Of(flow.String)
	if r.Numbers {
		cell.Types = append(cell.Types, flow.Number)
	}
	out = flow.Schema{Types: []flow.Kind{flow.Object}, Closed: true}
	for i, c := range t.columns {
		if t.skipped == nil || !t.skipped[i] {
			out.Properties = append(out.Properties, flow.Property{Name: c, Required: true, Schema: cell})
		}
	}
	return in, out, nil
}
