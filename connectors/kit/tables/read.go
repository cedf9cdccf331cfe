package tables

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// Read gives the rows of a table page by page.
type Read struct {
	kit.Sync
	Table     string
	Columns   []string
	Filter    filter.Filter
	Where     string
	Partition string
	PageSize  int

	base Base
	d    *Dialect
}

func newRead(b Base) *Read {
	return &Read{base: b, d: b.Dialect(), Sync: kit.NewSync(), PageSize: 2000}
}

// Fields are the settings of the database and of the reading.
func (r *Read) Fields() kit.Fields {
	is := func() bool { return r.Cursor != "" }
	fields, last := r.base.Settings()
	fields = append(fields,
		kit.Text(&r.Table, "table", "Table").Needed().Ask(r.tables).Help("A table or a view."),
		kit.Text(&r.Cursor, "cursor", "Cursor column").Ask(r.columns).Eg("updated_at").
			Help("A column that only grows, such as a number or the time of the last change. The next run reads on from where this one ended."))
	fields = append(fields, r.Sync.More()...)
	fields = append(fields,
		kit.Text(&r.Partition, "partition", "Partition column").OnlyIf(is).Ask(r.columns).More().Eg("region").
			Help("Each value of this column has a cursor of its own; a new one begins at its very beginning."),
		r.KeyField("Key columns").More().
			Help("What tells the rows of a view apart; a table's own key is used anyway."),
		kit.List(&r.Columns, "columns", "Columns").Help("Only these; empty is all."),
		kit.Filter(&r.Filter, "filter", "Only rows where").Ask(r.fields).Checked(r.checkFilter).Eg("status = 'open' and total > 100").
			Help("What the database cannot filter by itself is filtered here."),
		kit.Text(&r.Where, "where", "And where, in SQL").Code("sql").More().Eg("total > 100"),
		kit.Int(&r.PageSize, "page_size", "Rows a page").More().Checked(r.checkPageSize))
	return append(fields, last...)
}

func (r *Read) checkPageSize() error {
	if r.PageSize < 1 {
		return kit.Fail(kit.Invalid, "a page of %d rows is none", r.PageSize).On("page_size").Hint("2000 is a good size")
	}
	return nil
}

// Read gives one page. Without a cursor pages follow each other by the row's own number,
// or by its key.
func (r *Read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	var page kit.Page
	err := r.base.Look(ctx, env, func(s Session) error {
		t, err := r.table(ctx, s)
		if err != nil {
			return err
		}
		w, err := r.sift(t)
		if err != nil {
			return err
		}
		if len(after) == 0 || r.Cursor != "" && !bytes.Contains(after, []byte(`"pass"`)) {
			kit.TellFilter(env, r.d.Name, w.pushed, w.rest)
		}
		if r.Cursor != "" {
			page, err = r.newsPage(ctx, env, s, t, w, after)
			return err
		}
		at := place{Of: r.of()}
		if len(after) > 0 {
			if at, err = readPlace(after); err != nil {
				return err
			}
		}
		page, err = r.page(ctx, s, t, w, at)
		return err
	})
	return page, r.onWhere(err)
}

func (r *Read) page(ctx context.Context, s Session, t *Table, w *sifting, at place) (kit.Page, error) {
	order := t.Key
	if own := cmp.Or(t.RowID, t.Spot); t.RowID != "" || len(t.Key) == 0 && own != "" {
		order = []string{own}
	}
	asked := r.ask(t, order)
	c, err := asked.from(w)
	if err != nil {
		return kit.Page{}, err
	}
	if at.Key != nil {
		if len(at.Key) != len(order) {
			return kit.Page{}, kit.Fail(kit.Malformed, "the key of %q has changed since the page before", t.Name).On("table").Hint("start a new run")
		}
		c.add(" and ")
		c.behind(asked.order, at.Key, false)
	}
	if len(order) > 0 {
		c.orderBy(asked.order, func(int) bool { return false })
	}
	c.add(" limit %d", r.PageSize)
	if len(order) == 0 {
		c.add(" offset %d", at.Skip)
	}
	page := kit.Page{Data: make([]any, 0, r.PageSize)}
	count := 0
	err = asked.rows(ctx, s, c, func(row map[string]any, marks []any) error {
		count++
		if w.takes(row) {
			page.Data = append(page.Data, row)
		}
		if at.Skip++; len(order) > 0 {
			at.Key = marks
		}
		return nil
	})
	if err != nil {
		return kit.Page{}, err
	}
	if len(order) > 0 {
		at.Skip = 0
	}
	page.More = count == r.PageSize
	page.Next, err = at.cursor()
	return page, err
}

// asking is which cells of a table a statement asks for: the columns of the record, and
// what says where a row stands.
type asking struct {
	d       *Dialect
	t       *Table
	names   []string // of the columns in the record
	columns []Column // those
	cells   []string // SQL
	order   []string // SQL of what says where a row stands
	marks   []int    // the cells that hold it
}

// ask asks for the record and these columns, of which RowID may be one.
func (r *Read) ask(t *Table, by []string) *asking {
	a := &asking{d: r.d, t: t, names: r.Columns}
	if len(a.names) == 0 {
		a.names = t.Names()
	}
	for _, n := range a.names {
		c, _ := t.Column(n)
		a.columns = append(a.columns, c)
		a.cells = append(a.cells, fmt.Sprintf("%s as %s", r.d.cell(c), r.d.Quote(n)))
	}
	for _, n := range by {
		cell, plain := n, false
		if n != t.RowID && n != t.Spot {
			c, _ := t.Column(n)
			cell, plain = r.d.markCell(c), r.d.markCell(c) == r.d.cell(c)
			n = r.d.Quote(c.Name)
		}
		a.order = append(a.order, n)
		a.marks = append(a.marks, a.cellOf(n, cell, plain))
	}
	return a
}

// cellOf is the cell that is asked for anyway, or one more.
func (a *asking) cellOf(name, cell string, plain bool) int {
	if plain {
		for i, n := range a.names {
			if c, _ := a.t.Column(n); a.d.Quote(c.Name) == name {
				return i
			}
		}
	}
	a.cells = append(a.cells, cell)
	return len(a.cells) - 1
}

// from begins the statement, with the conditions that a person wrote.
func (a *asking) from(w *sifting) (*clause, error) {
	c := &clause{d: a.d}
	c.add("select %s from %s where ", strings.Join(a.cells, ", "), a.d.Of(a.t))
	return c, w.only(c)
}

// rows performs the statement and gives the records with what says where they stand.
func (a *asking) rows(ctx context.Context, s Session, c *clause, give func(row map[string]any, marks []any) error) error {
	rows, err := s.Query(ctx, c.text.String(), c.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := make(map[string]any, len(a.names))
		for i, name := range a.names {
			v, err := rows.Value(i)
			if err == nil && a.d.Refine != nil {
				v, err = a.d.Refine(a.columns[i], v)
			}
			if err != nil {
				return fmt.Errorf("column %q: %w", name, err)
			}
			row[name] = v
		}
		marks := make([]any, len(a.marks))
		for i, cell := range a.marks {
			if marks[i], err = rows.Mark(cell); err != nil {
				return err
			}
		}
		if err := give(row, marks); err != nil {
			return err
		}
	}
	return rows.Err()
}

// table looks the table up and sees that the columns that are named are there.
func (r *Read) table(ctx context.Context, s Session) (*Table, error) {
	t, err := lookup(ctx, s, r.base, r.Table)
	if err != nil {
		return nil, err
	}
	r.Table = r.d.Written(t.Schema, t.Name)
	for _, n := range r.Columns {
		if _, ok := t.Column(n); !ok {
			return nil, noColumn(t, n, "columns")
		}
	}
	for _, n := range r.Key {
		if _, ok := t.Column(n); !ok {
			return nil, noColumn(t, n, "key")
		}
	}
	for field, name := range map[string]*string{"cursor": &r.Cursor, "partition": &r.Partition} {
		if *name == "" {
			continue
		}
		c, ok := t.Column(*name)
		if !ok {
			return nil, noColumn(t, *name, field)
		}
		if c.Unsorted {
			return nil, kit.Fail(kit.Invalid, "%s cannot sort by %q, which is %s", r.d.Name, c.Name, c.Native).On(field).
				Hint("choose a column with numbers, times or texts")
		}
		*name = c.Name
	}
	return t, nil
}

// of names what a place is a place in.
func (r *Read) of() string {
	if r.Cursor == "" {
		return r.Table
	}
	if r.Partition != "" {
		return r.Table + "." + r.Cursor + " by " + r.Partition
	}
	return r.Table + "." + r.Cursor
}

// onWhere lays what is wrong with the statement at the only part that a person wrote.
func (r *Read) onWhere(err error) error {
	if f, ok := err.(*kit.Failure); ok && f.Field == "" && r.Where != "" && (f.Kind == kit.Invalid || f.Kind == kit.Missing) {
		f.On("where")
	}
	return err
}

// Describe tells the columns of the table.
func (r *Read) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	out = anyObject()
	err = r.base.Look(ctx, env, func(s Session) error {
		t, err := r.table(ctx, s)
		if err != nil {
			return err
		}
		out = shape(r.picked(t))
		return nil
	})
	return in, out, err
}

// picked are the columns that the record has, by the names that the person wrote.
func (r *Read) picked(t *Table) []Column {
	if len(r.Columns) == 0 {
		return t.Columns
	}
	var picked []Column
	for _, n := range r.Columns {
		c, _ := t.Column(n)
		c.Name = n
		picked = append(picked, c)
	}
	return picked
}
