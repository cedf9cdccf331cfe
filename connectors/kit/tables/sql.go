package tables

import (
	"context"
	"database/sql"
)

// SQL is a session over a driver of database/sql, without Perform.
type SQL struct {
	Conn *sql.Conn
	// Keep prepares each statement that changes something once and keeps it until Close.
	Keep bool
	// Arg makes a value, or what a cursor keeps of one, into what the driver binds.
	Arg func(v any) any
	// Column says what the driver knows of a column of a query.
	Column func(t *sql.ColumnType) Column
	// Value makes a cell into a value, Mark into what a cursor keeps.
	Value, Mark func(c Column, v any) (any, error)

	kept map[string]*sql.Stmt
}

// Close lets go of the statements that are kept.
func (s *SQL) Close() {
	for _, statement := range s.kept {
		statement.Close()
	}
	s.kept = nil
}

// Query performs a statement and gives its rows.
func (s *SQL) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	rows, err := s.Conn.QueryContext(ctx, text, s.bound(args)...)
	if err != nil {
		return nil, err
	}
	return s.Rows(rows)
}

// Rows are the driver's rows in this session's words.
func (s *SQL) Rows(rows *sql.Rows) (Rows, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		rows.Close()
		return nil, err
	}
	r := &sqlRows{of: s, rows: rows, columns: make([]Column, len(types)), cells: make([]any, len(types)), places: make([]any, len(types))}
	for i, t := range types {
		r.columns[i] = s.Column(t)
		r.places[i] = &r.cells[i]
	}
	return r, nil
}

// Exec performs a statement and says how many rows it changed.
func (s *SQL) Exec(ctx context.Context, text string, args ...any) (int, error) {
	done, err := s.exec(ctx, text, args)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}

func (s *SQL) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	if !s.Keep || len(args) == 0 {
		return s.Conn.ExecContext(ctx, text, s.bound(args)...)
	}
	statement := s.kept[text]
	if statement == nil {
		var err error
		if statement, err = s.Conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
		if s.kept == nil {
			s.kept = map[string]*sql.Stmt{}
		}
		s.kept[text] = statement
	}
	return statement.ExecContext(ctx, s.bound(args)...)
}

func (s *SQL) bound(args []any) []any {
	bound := make([]any, len(args))
	for i, v := range args {
		bound[i] = s.Arg(v)
	}
	return bound
}

// sqlRows are the rows of a driver.
type sqlRows struct {
	of            *SQL
	rows          *sql.Rows
	columns       []Column
	cells, places []any
	err           error
}

func (r *sqlRows) Columns() []Column { return r.columns }

func (r *sqlRows) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	r.err = r.rows.Scan(r.places...)
	return r.err == nil
}

func (r *sqlRows) Value(i int) (any, error) { return r.of.Value(r.columns[i], r.cells[i]) }
func (r *sqlRows) Mark(i int) (any, error)  { return r.of.Mark(r.columns[i], r.cells[i]) }

func (r *sqlRows) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

func (r *sqlRows) Close() error { return r.rows.Close() }
