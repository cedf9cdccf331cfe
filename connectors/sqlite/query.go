package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// mostRows is how many rows one record may give: what a step holds in memory at once.
const mostRows = 100_000

// query runs SQL for each record.
type query struct {
	store
	SQL    string
	Params any
}

func (q *query) Fields() kit.Fields {
	return kit.Fields{
		q.pathField(),
		kit.Long(&q.SQL, "sql", "SQL").Needed().Code("sql").Eg("select * from orders where total > :least"),
		kit.Value(&q.Params, "params", "Parameters").Eg(`{"least": 100}`).
			Help("Values for the ? of the SQL as a list, or for its :names as an object. They are bound, never pasted in."),
		q.busyField(),
	}
}

// Effect hangs on the words of the SQL.
func (q *query) Effect() kit.Effect { return effectOf(q.SQL) }

// Run gives the rows, or how many were changed.
func (q *query) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	args, err := arguments(q.Params)
	if err != nil {
		return kit.Result{}, kit.Fail(kit.Invalid, "%w", err).On("params").Hint("give a list for ?, an object for :names")
	}
	lend := q.change
	if q.Effect() == kit.Reads {
		lend = q.look
	}
	var result kit.Result
	err = lend(ctx, env, func(conn *sql.Conn) (err error) {
		result, err = q.perform(ctx, conn, args)
		return err
	})
	return result, onSQL(err)
}

func (q *query) perform(ctx context.Context, conn *sql.Conn, args []any) (kit.Result, error) {
	before, err := changes(ctx, conn)
	if err != nil {
		return kit.Result{}, err
	}
	rows, err := q.rows(ctx, conn, args)
	if err != nil {
		return kit.Result{}, err
	}
	names, err := rows.Columns()
	if err != nil {
		rows.Close()
		return kit.Result{}, err
	}
	data := []any{}
	err = eachRow(rows, 0, func(row map[string]any, _ []any) error {
		if len(data) == mostRows && q.Effect() == kit.Reads {
			return kit.Fail(kit.Refused, "the SQL gives more than %d rows", mostRows).On("sql").
				Hint("add a limit, or use sqlite.read, which reads page by page")
		}
		data = append(data, row)
		return nil
	})
	if err != nil || len(names) > 0 {
		return kit.Result{Data: data}, err
	}
	after, err := changes(ctx, conn)
	if err != nil {
		return kit.Result{}, err
	}
	changed := map[string]any{"changed": after.total - before.total, "last_id": nil}
	if after.total > before.total && q.speaksOf("insert", "replace") {
		changed["last_id"] = after.last
	}
	return kit.Give(changed), nil
}

// rows performs the SQL. The driver turns texts into times where the column was
// declared as one; such a query is performed once more behind plus signs, which
// take the declaration off and leave the value.
func (q *query) rows(ctx context.Context, conn *sql.Conn, args []any) (*sql.Rows, error) {
	rows, err := conn.QueryContext(ctx, q.SQL, args...)
	if err != nil || q.Effect() != kit.Reads {
		return rows, err
	}
	types, err := rows.ColumnTypes()
	if err != nil || !slices.ContainsFunc(types, declaredAsTime) {
		return rows, err
	}
	rows.Close()
	cells, plain := make([]string, len(types)), make([]string, len(types))
	for i, t := range types {
		cells[i] = fmt.Sprintf("c%d", i)
		plain[i] = fmt.Sprintf("+c%d as %s", i, quote(t.Name()))
	}
	behind := fmt.Sprintf("with rows_as_given(%s) as (%s\n) select %s from rows_as_given",
		strings.Join(cells, ", "), strings.TrimRight(q.SQL, "; \t\r\n"), strings.Join(plain, ", "))
	if rows, err = conn.QueryContext(ctx, behind, args...); err != nil {
		return conn.QueryContext(ctx, q.SQL, args...) // several statements, say, do not fit into one
	}
	return rows, nil
}

func declaredAsTime(t *sql.ColumnType) bool {
	switch t.DatabaseTypeName() {
	case "DATE", "DATETIME", "TIMESTAMP":
		return true
	}
	return false
}

// speaksOf says whether one of these words stands in the SQL.
func (q *query) speaksOf(any ...string) bool {
	for word := range words(q.SQL) {
		if slices.Contains(any, word) {
			return true
		}
	}
	return false
}

// counts is what a connection has done since it was opened.
type counts struct {
	total int // rows changed, by triggers too
	last  int // the rowid of the last one inserted
}

func changes(ctx context.Context, conn *sql.Conn) (c counts, err error) {
	err = conn.QueryRowContext(ctx, "select total_changes(), last_insert_rowid()").Scan(&c.total, &c.last)
	return c, err
}

// onSQL lays what is wrong with the statement at its field. That a parameter is
// missing is the driver's word, without a type of its own.
func onSQL(err error) error {
	if err != nil && strings.HasPrefix(err.Error(), "missing ") && strings.Contains(err.Error(), "argument") {
		return kit.Fail(kit.Invalid, "the SQL has a parameter without a value: %w", err).On("params").
			Hint("give \"params\" a value for each ? or :name of the SQL")
	}
	if f, ok := err.(*kit.Failure); ok && f.Field == "" && f.Kind == kit.Invalid {
		f.On("sql")
	}
	return err
}

// Describe names the columns of a query that only reads.
func (q *query) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	out = anyObject()
	switch {
	case q.speaksOf("returning"):
		return in, out, nil
	case q.Effect() != kit.Reads:
		out = flow.ObjectOf(
			flow.Property{Name: "changed", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "last_id", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Integer, flow.Null}}})
		return in, out, nil
	}
	err = q.look(ctx, env, func(conn *sql.Conn) error {
		rows, err := conn.QueryContext(ctx, "select * from ("+strings.TrimRight(unbound(q.SQL), "; \t\r\n")+"\n) limit 0")
		if err != nil {
			return nil // a pragma, say: its columns stay unknown
		}
		defer rows.Close()
		out, err = columnsOf(rows)
		return err
	})
	return in, out, err
}

func columnsOf(rows *sql.Rows) (flow.Schema, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return flow.Schema{}, err
	}
	out := anyObject()
	for _, t := range types {
		out.Properties = append(out.Properties, flow.Property{Name: t.Name(), Required: true, Schema: columnSchema(t.DatabaseTypeName())})
	}
	return out, nil
}
