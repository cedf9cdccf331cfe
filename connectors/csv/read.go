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
	kit.Sync
	Path      string
	Delimiter delimiter
	Header    bool
	Columns   []string
	Numbers   bool
	Encoding  charset
	Quote     string
	Lenient   bool
	Skip      int
}

func newRead() *read {
	return &read{Sync: kit.NewSync(), Delimiter: ",", Header: true, Encoding: "utf-8", Quote: `"`}
}

func (r *read) Fields() kit.Fields {
	fields := kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("orders.csv").Help("A relative path starts at the flow file's folder."),
		r.Delimiter.field(),
		kit.Toggle(&r.Header, "header", "First row has the names").
			Help("Each row becomes an object with these names."),
		kit.List(&r.Columns, "columns", "Columns").Checked(r.checkColumns).
			Help("Only these; where no row has the names, the names of all columns in order."),
		kit.Text(&r.Cursor, "cursor", "Cursor column").Ask(r.columnChoices).Eg("updated_at").
			Help("A column that only grows, such as a number or a date. The next run takes only rows that are new: those with a greater value, and others with the greatest one."),
	}
	fields = append(fields, r.Sync.More()...)
	return append(fields,
		kit.Toggle(&r.Numbers, "numbers", "Numbers as numbers").
			Help("Cells that look like 12 or -0.5 become numbers; 007 stays a text."),
		r.Encoding.field(),
		kit.Text(&r.Quote, "quote", "Quote").Checked(r.checkQuote).More().
			Help("What stands around cells that hold the delimiter; empty where quotes mean nothing."),
		kit.Toggle(&r.Lenient, "lenient", "Take quotes in wrong places").More().
			Help("A quote inside a cell is then an ordinary character."),
		kit.Int(&r.Skip, "skip", "Lines to skip").Checked(r.checkSkip).More().
			Help("At the beginning of the file, before the names."),
	)
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
	t, err := openTable(env, r)
	if err != nil {
		return kit.Page{}, err
	}
	defer t.close()
	cursor, err := r.cursorColumn(t)
	if err != nil {
		return kit.Page{}, err
	}
	var news *kit.Reading
	if r.Cursor != "" {
		if news, after, err = r.news(env, after); err != nil {
			return kit.Page{}, err
		}
	}
	at, err := readPlace(after)
	if err != nil {
		return kit.Page{}, err
	}
	if at.Offset == 0 {
		r.warn(env, t)
	} else if err := t.resume(at); err != nil {
		return kit.Page{}, err
	}
	return r.page(ctx, t, news, cursor)
}

// news takes up the reading of rows that are new, with the place in the file.
func (r *read) news(env kit.Env, after flow.Cursor) (*kit.Reading, flow.Cursor, error) {
	after, err := fromOldMark(after)
	if err != nil {
		return nil, nil, err
	}
	news, err := r.Resume(env, r.Cursor, after, kit.AnyOrder)
	if err == nil && !news.Begun() {
		err = news.Begin(nil, nil)
	}
	if err != nil {
		return nil, nil, err
	}
	return news, news.At(), nil
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

func (r *read) page(ctx context.Context, t *table, news *kit.Reading, cursor int) (kit.Page, error) {
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
		default:
			give, err := news.Take(t.text(row, cursor), nil, record)
			if err != nil {
				return kit.Page{}, err
			}
			if !give {
				continue
			}
			page.Data = append(page.Data, record)
		}
		given += len(row.raw)
	}
	if page.More && t.rows.skipBlank() == io.EOF {
		page.More = false
	}
	return page, r.mark(&page, t, news)
}

// mark sets where the next page goes on, or, on the last, the next run.
func (r *read) mark(page *kit.Page, t *table, news *kit.Reading) (err error) {
	if !page.More {
		if news == nil {
			return nil
		}
		if err := news.End(true); err != nil {
			return err
		}
		page.Mark, err = news.Mark()
		return err
	}
	at := place{Offset: t.rows.offset, Line: t.rows.line}
	if at.Seal, err = kit.Seal(t.file, at.Offset); err != nil {
		return t.broken(err)
	}
	if page.Next, err = at.cursor(); err != nil || news == nil {
		return err
	}
	news.Put(page.Next)
	page.Next, err = news.Next()
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
