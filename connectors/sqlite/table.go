package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"jackfield/flow"
)

// table is what a database says of one of its tables or views.
type table struct {
	name    string
	columns []column
	rowid   bool // its rows have a number of their own that orders them
}

type column struct {
	name     string
	declared string // its type as it was written, "" where it was not
	key      bool
	needed   bool
}

// lookUp gives nil where there is no such table.
func lookUp(ctx context.Context, conn *sql.Conn, name string) (*table, error) {
	t := &table{name: name}
	var kind string
	var withoutRowID bool
	err := conn.QueryRowContext(ctx, "select name, type, wr from pragma_table_list where schema = 'main' and name = ? collate nocase", name).
		Scan(&t.name, &kind, &withoutRowID)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t.rowid = kind == "table" && !withoutRowID
	rows, err := conn.QueryContext(ctx, "select name, type, pk > 0, \"notnull\" from pragma_table_xinfo(?)", t.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.declared, &c.key, &c.needed); err != nil {
			return nil, err
		}
		t.columns = append(t.columns, c)
	}
	return t, rows.Err()
}

// column finds a column as SQLite does, whether letters are large or small.
func (t *table) column(name string) (column, bool) {
	for _, c := range t.columns {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return column{}, false
}

func (t *table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// rowName is a name for the row's own number that no column has taken; "" where rows
// have none.
func (t *table) rowName() string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, taken := t.column(name); t.rowid && !taken {
			return name
		}
	}
	return ""
}

// schema is the shape of the rows.
func (t *table) schema() flow.Schema {
	s := anyObject()
	for _, c := range t.columns {
		of := columnSchema(c.declared)
		if !c.needed && !c.key && len(of.Types) > 0 {
			of.Types = append(of.Types, flow.Null)
		}
		s.Properties = append(s.Properties, flow.Property{Name: c.name, Required: true, Schema: of})
	}
	return s
}

// columnSchema follows SQLite's rules of affinity (sqlite.org/datatype3.html, 3.1). A
// column is free to hold other kinds too; this is what it is meant for.
func columnSchema(declared string) flow.Schema {
	d := strings.ToUpper(declared)
	has := func(any ...string) bool {
		for _, part := range any {
			if strings.Contains(d, part) {
				return true
			}
		}
		return false
	}
	switch {
	case d == "":
		return flow.Any()
	case has("INT"):
		return flow.Of(flow.Integer)
	case has("CHAR", "CLOB", "TEXT", "BLOB", "DATE", "TIME"):
		return flow.Of(flow.String)
	case has("REAL", "FLOA", "DOUB", "NUM", "DEC"):
		return flow.Of(flow.Number)
	}
	return flow.Any()
}
