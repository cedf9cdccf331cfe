package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// read gives the rows of a table page by page.
type read struct {
	store
	kit.Sync
	Table     string
	Columns   []string
	Where     string
	Partition string
	PageSize  int
}

func (r *read) Fields() kit.Fields {
	is := func() bool { return r.Cursor != "" }
	fields := kit.Fields{
		r.pathField(),
		kit.Text(&r.Table, "table", "Table").Needed().Ask(r.tables).Help("A table or a view."),
		kit.Text(&r.Cursor, "cursor", "Cursor column").Ask(r.columnChoices).Eg("updated_at").
			Help("A column that only grows, such as a number or the time of the last change. The next run reads on from where this one ended."),
	}
	fields = append(fields, r.Sync.More()...)
	return append(fields,
		kit.Text(&r.Partition, "partition", "Partition column").OnlyIf(is).Ask(r.columnChoices).More().Eg("region").
			Help("Each value of this column has a cursor of its own; a new one begins at its very beginning."),
		r.KeyField("Key columns").More().
			Help("What tells the rows of a view apart; a table's own key is used anyway."),
		kit.List(&r.Columns, "columns", "Columns").Help("Only these; empty is all."),
		kit.Text(&r.Where, "where", "Only rows where").Code("sql").Eg("total > 100"),
		kit.Int(&r.PageSize, "page_size", "Rows a page").More().Checked(r.checkPageSize),
		r.busyField(),
	)
}

func (r *read) checkPageSize() error {
	if r.PageSize < 1 {
		return kit.Fail(kit.Invalid, "a page of %d rows is none", r.PageSize).On("page_size").Hint("1000 is a good size")
	}
	return nil
}

// Read gives one page. Without a cursor pages follow each other by the row's own number.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (kit.Page, error) {
	var page kit.Page
	err := r.look(ctx, env, func(conn *sql.Conn) error {
		t, err := r.table(ctx, conn)
		if err != nil {
			return err
		}
		if r.Cursor != "" {
			page, err = r.newsPage(ctx, env, conn, t, after)
			return err
		}
		at := place{Of: r.of()}
		if len(after) > 0 {
			if at, err = readPlace(after); err != nil {
				return err
			}
		}
		page, err = r.page(ctx, conn, t, at)
		return err
	})
	return page, onWhere(err)
}

func (r *read) page(ctx context.Context, conn *sql.Conn, t *table, at place) (kit.Page, error) {
	text, args := r.statement(t, at)
	rows, err := conn.QueryContext(ctx, text, args...)
	if err != nil {
		return kit.Page{}, err
	}
	page := kit.Page{Data: make([]any, 0, r.PageSize)}
	err = eachRow(rows, 1, func(row map[string]any, stands []any) error {
		page.Data = append(page.Data, row)
		at = at.after(stands[0])
		return nil
	})
	if err != nil {
		return kit.Page{}, err
	}
	page.More = len(page.Data) == r.PageSize
	page.Next, err = at.cursor()
	return page, err
}

// statement writes the SQL of the page behind the place. Its last column says where a
// row stands. Columns stand behind a plus sign, which leaves the value and takes off a
// declaration that would make the driver change it.
func (r *read) statement(t *table, at place) (string, []any) {
	names := r.Columns
	if len(names) == 0 {
		names = t.names()
	}
	cells := make([]string, 0, len(names)+1)
	for _, n := range names {
		cells = append(cells, "+"+quote(n)+" as "+quote(n))
	}
	row := t.rowName()
	cells = append(cells, cmp.Or(row, "null"))
	behind, args := at.condition(row)
	text := fmt.Sprintf("select %s from %s where %s and %s", strings.Join(cells, ", "), quote(t.name), behind, r.wanted())
	if by := order(t, row); by != "" {
		text += " order by " + by
	}
	return text + fmt.Sprintf(" limit %d offset %d", r.PageSize, at.Skip), args
}

// order is by what tells rows apart: the row's number, else the key; a view has neither
// and keeps its own order.
func order(t *table, row string) string {
	if row != "" {
		return row
	}
	var by []string
	for _, c := range t.columns {
		if c.key {
			by = append(by, quote(c.name))
		}
	}
	return strings.Join(by, ", ")
}

// table looks the table up and sees that the columns that are named are there.
func (r *read) table(ctx context.Context, conn *sql.Conn) (*table, error) {
	t, err := lookUp(ctx, conn, r.Table)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, r.noTable(ctx, conn)
	}
	r.Table = t.name
	for _, n := range r.Columns {
		if _, ok := t.column(n); !ok {
			return nil, noColumn(t, n, "columns")
		}
	}
	for field, name := range map[string]*string{"cursor": &r.Cursor, "partition": &r.Partition} {
		if *name == "" {
			continue
		}
		c, ok := t.column(*name)
		if !ok {
			return nil, noColumn(t, *name, field)
		}
		*name = c.name
	}
	for _, n := range r.Key {
		if _, ok := t.column(n); !ok {
			return nil, noColumn(t, n, "key")
		}
	}
	return t, nil
}

func (r *read) noTable(ctx context.Context, conn *sql.Conn) error {
	tables, err := listTables(ctx, conn)
	if err != nil {
		return err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Value
	}
	return kit.Fail(kit.Missing, "there is no table %q in %s", r.Table, r.Path).On("table").
		Hint("%s", suggest(r.Table, names))
}

func noColumn(t *table, name, field string) error {
	return kit.Fail(kit.Missing, "the table %q has no column %q", t.name, name).On(field).
		Hint("%s", suggest(name, t.names()))
}

// suggest offers the name that was likely meant, or all there are.
func suggest(name string, known []string) string {
	if near, ok := flow.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 {
		return "it is empty; run the flow that fills it first"
	}
	return "there are " + strings.Join(known, ", ")
}

// of names what a place is a place in.
func (r *read) of() string {
	if r.Cursor == "" {
		return r.Table
	}
	if r.Partition != "" {
		return r.Table + "." + r.Cursor + " by " + r.Partition
	}
	return r.Table + "." + r.Cursor
}

// onWhere lays what is wrong with the statement at the only part that a person wrote.
func onWhere(err error) error {
	if f, ok := err.(*kit.Failure); ok && f.Field == "" && f.Kind == kit.Invalid {
		f.On("where")
	}
	return err
}

func (r *read) columnChoices(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	var choices []kit.Choice
	err := r.look(ctx, env, func(conn *sql.Conn) error {
		t, err := lookUp(ctx, conn, r.Table)
		if err != nil || t == nil {
			return err
		}
		for _, n := range t.names() {
			choices = append(choices, kit.Choice{Value: n, Label: n})
		}
		return nil
	})
	return choices, err
}

// Describe tells the columns of the table.
func (r *read) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	out = anyObject()
	err = r.look(ctx, env, func(conn *sql.Conn) error {
		t, err := r.table(ctx, conn)
		if err != nil {
			return err
		}
		if len(r.Columns) > 0 {
			picked := table{name: t.name}
			for _, n := range r.Columns {
				c, _ := t.column(n)
				picked.columns = append(picked.columns, column{name: n, declared: c.declared, key: c.key, needed: c.needed})
			}
			t = &picked
		}
		out = t.schema()
		return nil
	})
	return in, out, err
}
