package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// upsert writes records as rows, each batch in one transaction.
type upsert struct {
	store
	Table      string
	Key        []string
	Row        any
	AddColumns bool
}

func (u *upsert) Fields() kit.Fields {
	return kit.Fields{
		u.pathField(),
		kit.Text(&u.Table, "table", "Table").Needed().Ask(u.tables).Eg("orders").Help("It is made where it is missing."),
		kit.List(&u.Key, "key", "Key columns").Needed().Eg("id").
			Help("The columns that tell rows apart. A row whose key is there already is changed, not added."),
		kit.Value(&u.Row, "row", "Row").AsMain().Needed().Help("An object with a value for each column."),
		kit.Toggle(&u.AddColumns, "add_columns", "Add missing columns").More(),
		u.busyField(),
	}
}

// row is one record on its way into the table.
type row struct {
	values  map[string]any
	columns []string // in order
	result  *kit.Result
}

// RunAll writes the batch. A row that the table refuses fails alone; what concerns
// the file as a whole fails the batch, and then nothing of it is written.
func (u *upsert) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	var rows []row
	for i, rec := range batch {
		results[i] = kit.Pass(flow.Done)
		r := row{result: &results[i]}
		if err := u.read(rec.Data, &r); err != nil {
			results[i].Err = err
			continue
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return results, nil
	}
	err := u.change(ctx, env, func(conn *sql.Conn) error {
		return atomically(ctx, conn, func() error { return u.write(ctx, conn, env.Path(u.Path), rows) })
	})
	if err != nil {
		return nil, err
	}
	failed := 0
	for _, r := range results {
		if r.Err != nil {
			failed++
		}
	}
	env.Log(flow.Info, "", "table %s: %d rows written, %d refused", u.Table, len(batch)-failed, failed)
	return results, nil
}

// read makes the record's value into a row.
func (u *upsert) read(data any, r *row) error {
	values, ok := data.(map[string]any)
	if !ok {
		return kit.Fail(kit.Malformed, "the row is not an object").On("row").Hint("map the record to {column: value, …}")
	}
	for name := range values {
		r.columns = append(r.columns, name)
	}
	slices.Sort(r.columns)
	for i, name := range r.columns {
		if j := slices.IndexFunc(r.columns[:i], func(o string) bool { return strings.EqualFold(o, name) }); j >= 0 {
			return kit.Fail(kit.Malformed, "the row has %q and %q, which are one column", r.columns[j], name).On("row").
				Hint("leave one of them out; SQLite does not tell large letters from small ones in names")
		}
	}
	for _, key := range u.Key {
		i := slices.IndexFunc(r.columns, func(o string) bool { return strings.EqualFold(o, key) })
		if i < 0 || values[r.columns[i]] == nil {
			return kit.Fail(kit.Malformed, "the row has no %q, which is its key", key).On("row").Hint("map a value to %q", key)
		}
	}
	r.values = values
	return nil
}

// write puts the rows into the table and makes the table fit before. It changes the
// results of rows that are refused.
func (u *upsert) write(ctx context.Context, conn *sql.Conn, path string, rows []row) error {
	t, err := u.fit(ctx, conn, rows)
	if err != nil {
		return err
	}
	statements := map[string]*sql.Stmt{}
	defer func() {
		for _, s := range statements {
			s.Close()
		}
	}()
	for _, r := range rows {
		if unknown := slices.IndexFunc(r.columns, func(n string) bool { _, ok := t.column(n); return !ok }); unknown >= 0 {
			r.result.Err = noColumn(t, r.columns[unknown], "row")
			continue
		}
		shape := quoteAll(r.columns)
		if statements[shape] == nil {
			statement, err := conn.PrepareContext(ctx, u.statement(t, r.columns))
			if err := u.noKey(err); err != nil && !ofTheRow(err) {
				return err
			}
			if err != nil { // a column that cannot be written, say
				r.result.Err = explain(path, err)
				continue
			}
			statements[shape] = statement
		}
		args := make([]any, len(r.columns))
		for i, name := range r.columns {
			args[i] = toSQL(r.values[name])
		}
		if _, err := statements[shape].ExecContext(ctx, args...); err != nil {
			if !ofTheRow(err) {
				return err
			}
			r.result.Err = explain(path, err)
		}
	}
	return nil
}

// statement writes the upsert of these columns. A column that is not among them
// keeps its value in a row that is there.
func (u *upsert) statement(t *table, columns []string) string {
	var set []string
	for _, c := range columns {
		if u.keyPlace(c) == len(u.Key) {
			set = append(set, fmt.Sprintf("%[1]s = excluded.%[1]s", quote(c)))
		}
	}
	then := "nothing"
	if len(set) > 0 {
		then = "update set " + strings.Join(set, ", ")
	}
	return fmt.Sprintf("insert into %s (%s) values (%s) on conflict (%s) do %s", quote(t.name), quoteAll(columns),
		strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", "), quoteAll(u.Key), then)
}

// fit makes the table where it is missing, and the columns that it lacks.
func (u *upsert) fit(ctx context.Context, conn *sql.Conn, rows []row) (*table, error) {
	t, err := lookUp(ctx, conn, u.Table)
	if err != nil {
		return nil, err
	}
	wanted := columnsFor(rows)
	var ddl []string
	switch {
	case t == nil:
		ddl = append(ddl, u.create(wanted))
	case u.AddColumns:
		for _, c := range wanted {
			if _, there := t.column(c.name); !there {
				ddl = append(ddl, strings.TrimSpace(fmt.Sprintf("alter table %s add column %s %s", quote(t.name), quote(c.name), c.declared)))
			}
		}
	}
	if len(ddl) == 0 {
		return t, nil
	}
	for _, statement := range ddl {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return lookUp(ctx, conn, u.Table)
}

func (u *upsert) create(columns []column) string {
	keyFirst := slices.SortedStableFunc(slices.Values(columns), func(a, b column) int {
		return cmp.Compare(u.keyPlace(a.name), u.keyPlace(b.name))
	})
	var parts []string
	for _, c := range keyFirst {
		part := strings.TrimSpace(quote(c.name) + " " + c.declared)
		if u.keyPlace(c.name) < len(u.Key) {
			part += " not null" // SQLite allows null in a key that is not a whole number
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("create table %s (%s, primary key (%s))", quote(u.Table), strings.Join(parts, ", "), quoteAll(u.Key))
}

// keyPlace is where the column stands in the key; behind all of it where it is not in.
func (u *upsert) keyPlace(name string) int {
	i := slices.IndexFunc(u.Key, func(k string) bool { return strings.EqualFold(k, name) })
	if i < 0 {
		return len(u.Key)
	}
	return i
}

// columnsFor lists the columns of the rows, each with the type that all its values
// fit. One that is always null gets no type, and so takes what comes later.
func columnsFor(rows []row) []column {
	var columns []column
	place := map[string]int{}
	for _, r := range rows {
		for _, name := range r.columns {
			lower := strings.ToLower(name)
			i, seen := place[lower]
			if !seen {
				i = len(columns)
				place[lower] = i
				columns = append(columns, column{name: name})
			}
			columns[i].declared = wider(columns[i].declared, declaredFor(r.values[name]))
		}
	}
	return columns
}

func declaredFor(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case bool, int:
		return "integer"
	case float64:
		return "real"
	case *big.Int:
		return "text"
	}
	return "text"
}

func wider(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	case a == "text" || b == "text":
		return "text"
	}
	return "real"
}

// ofTheRow says whether SQLite refuses this row alone; it undoes a statement that
// fails for one of these reasons, and the transaction goes on (sqlite.org/lang_conflict.html).
func ofTheRow(err error) bool {
	switch code(err) & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_ERROR:
		return true
	}
	return false
}

// noKey says what to do where the table was made without this key.
func (u *upsert) noKey(err error) error {
	if err == nil || !strings.Contains(err.Error(), "ON CONFLICT clause does not match") {
		return err
	}
	return kit.Fail(kit.Invalid, "the table %q does not keep (%s) apart", u.Table, strings.Join(u.Key, ", ")).On("key").
		Hint("name its own key, or run once: create unique index %s on %s (%s)",
			quote(u.Table+"_"+strings.Join(u.Key, "_")), quote(u.Table), quoteAll(u.Key))
}

// Describe tells the columns of the table where it is there already.
func (u *upsert) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	in = anyObject()
	err = u.look(ctx, env, func(conn *sql.Conn) error {
		t, err := lookUp(ctx, conn, u.Table)
		if err == nil && t != nil {
			in = t.schema()
		}
		return err
	})
	if f, ok := err.(*kit.Failure); ok && f.Kind == kit.Missing {
		err = nil // the first run makes it
	}
	return in, flow.Any(), err
}
