package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
)

// Perform does what a person wrote. What changes something and gives no columns is
// counted by the connection itself, which knows of every row, also of triggers.
func (s *session) Perform(ctx context.Context, text string, params any, reads bool) (tables.Rows, tables.Changed, error) {
	var none tables.Changed
	args := arguments(params)
	before, _, err := s.changes(ctx)
	if err != nil {
		return nil, none, err
	}
	rows, err := s.rows(ctx, text, args, reads)
	if err != nil {
		return nil, none, missing(err)
	}
	names, err := rows.Columns()
	if err != nil {
		rows.Close()
		return nil, none, err
	}
	if len(names) > 0 {
		given, err := s.Rows(rows)
		return given, none, err
	}
	for rows.Next() { // it is performed on the way
	}
	if err := rows.Close(); err != nil {
		return nil, none, err
	}
	if err := rows.Err(); err != nil {
		return nil, none, err
	}
	after, last, err := s.changes(ctx)
	if err != nil {
		return nil, none, err
	}
	done := tables.Changed{Rows: after - before}
	if done.Rows > 0 {
		done.Last = last
	}
	return nil, done, nil
}

// missing says of a parameter without a value what it is: the driver's word, without a
// type of its own.
func missing(err error) error {
	if strings.HasPrefix(err.Error(), "missing ") && strings.Contains(err.Error(), "argument") {
		return kit.Fail(kit.Invalid, "the SQL has a parameter without a value: %w", err).On("params").
			Hint("give \"params\" a value for each ? or :name of the SQL")
	}
	return err
}

// rows performs the SQL. The driver turns texts into times where the column was
// declared as one; such a query is performed once more behind plus signs, which
// take the declaration off and leave the value.
func (s *session) rows(ctx context.Context, text string, args []any, reads bool) (*sql.Rows, error) {
	rows, err := s.Conn.QueryContext(ctx, text, args...)
	if err != nil || !reads {
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
		strings.Join(cells, ", "), strings.TrimRight(text, "; \t\r\n"), strings.Join(plain, ", "))
	if rows, err = s.Conn.QueryContext(ctx, behind, args...); err != nil {
		return s.Conn.QueryContext(ctx, text, args...) // several statements, say, do not fit into one
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

// changes is how many rows the connection has changed since it was opened, by triggers
// too, and the rowid of the last one inserted.
func (s *session) changes(ctx context.Context) (total, last int, err error) {
	err = s.Conn.QueryRowContext(ctx, "select total_changes(), last_insert_rowid()").Scan(&total, &last)
	return total, last, err
}
