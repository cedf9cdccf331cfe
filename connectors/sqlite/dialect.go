package sqlite

import (
	"context"
	"fmt"
	"math/big"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"jackfield/connectors/kit/tables"
	"jackfield/flow"
	"jackfield/flow/filter"
)

var quote = tables.Quoted(`"`)

// Dialect is SQLite's.
func (s *store) Dialect() *tables.Dialect {
	return &tables.Dialect{
		ID: "sqlite", Name: "SQLite", Folds: true, RowOrder: true, MostParams: 32_000, AtOnce: 100,
		Quote: quote, Param: tables.Mark, Lookup: lookUp, Tables: listTables,
		// Columns stand behind a plus sign, which leaves the value and takes off a
		// declaration that would make the driver change it.
		Cell: func(c tables.Column) string { return "+" + quote(c.Name) },
		Bind: func(_ tables.Column, v any) (any, error) { return toSQL(v), nil },
		Kind: kindOf, Wider: wider,
		// The right to write from its beginning, so that it never has to give up half way.
		Begin: "begin immediate", Upsert: upsert, OfRow: ofTheRow,
		NoKey:   func(err error) bool { return strings.Contains(err.Error(), "ON CONFLICT clause does not match") },
		Explain: func(err error) error { return explain(s.Path, err) },
		Syntax:  syntax,
		Filter:  filter.SQLite,
	}
}

// syntax is SQLite's; a "with" may still lead to something that changes.
var syntax = tables.Syntax{Brackets: true, Backticks: true, Looking: []string{"select", "with", "values", "explain", "pragma"}}

// upsert is the tail of an insert. A column that is not among those written keeps its
// value in a row that is there.
func upsert(t *tables.Table, columns, key []string) (string, bool) {
	var set []string
	for _, c := range columns {
		if !tables.Among(c, key, true) {
			set = append(set, fmt.Sprintf("%[1]s = excluded.%[1]s", quote(c)))
		}
	}
	then := "nothing"
	if len(set) > 0 {
		then = "update set " + strings.Join(set, ", ")
	}
	return fmt.Sprintf("on conflict (%s) do %s", quoteAll(key), then), true
}

func kindOf(v any) string {
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
	if a == "text" || b == "text" {
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

func listTables(ctx context.Context, s tables.Session, _ string) ([]tables.Listed, error) {
	rows, err := s.Query(ctx, `select name, type = 'view' from sqlite_schema
		where type in ('table', 'view') and name not like 'sqlite\_%' escape '\' order by name`)
	if err != nil {
		return nil, err
	}
	var listed []tables.Listed
	err = tables.Each(rows, func(cells []any) error {
		listed = append(listed, tables.Listed{Name: cells[0].(string), View: cells[1] == 1})
		return nil
	})
	return listed, err
}

// lookUp gives nil where there is no such table.
func lookUp(ctx context.Context, s tables.Session, name string) (*tables.Table, error) {
	var t *tables.Table
	rows, err := s.Query(ctx, "select name, type, wr from pragma_table_list where schema = 'main' and name = ? collate nocase", name)
	if err != nil {
		return nil, err
	}
	numbered := false
	err = tables.Each(rows, func(cells []any) error {
		t = &tables.Table{Name: cells[0].(string), View: cells[1] == "view"}
		numbered = cells[1] == "table" && cells[2] == 0
		return nil
	})
	if err != nil || t == nil {
		return nil, err
	}
	// hidden is 2 or 3 for a generated column.
	rows, err = s.Query(ctx, `select name, type, pk, "notnull", dflt_value is not null, hidden in (2, 3) from pragma_table_xinfo(?) order by cid`, t.Name)
	if err != nil {
		return nil, err
	}
	keys := map[int]string{}
	err = tables.Each(rows, func(cells []any) error {
		c := tables.Column{Name: cells[0].(string), Native: cells[1].(string), Filled: cells[4] == 1, Computed: cells[5] == 1}
		place := cells[2].(int)
		c.Null = place == 0 && cells[3] == 0
		c.Schema = columnSchema(c.Native)
		c.Filter = filterOf(c.Native)
		if place > 0 {
			keys[place] = c.Name
			c.Filled = c.Filled || strings.EqualFold(c.Native, "integer")
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
	for i := 1; i <= len(keys); i++ {
		t.Key = append(t.Key, keys[i])
	}
	if numbered {
		t.RowID = rowName(t)
	}
	return t, err
}

// filterOf is what a column may be filtered by. Of what is stored in it all the same,
// SQLite is asked for the type.
func filterOf(declared string) filter.ColumnKind {
	d := strings.ToUpper(declared)
	switch {
	case strings.Contains(d, "DATE"), strings.Contains(d, "TIME"), strings.Contains(d, "BLOB"):
		return ""
	case strings.Contains(d, "INT"):
		return filter.IntegerColumn
	case strings.Contains(d, "CHAR"), strings.Contains(d, "CLOB"), strings.Contains(d, "TEXT"):
		return filter.TextColumn
	case strings.Contains(d, "REAL"), strings.Contains(d, "FLOA"), strings.Contains(d, "DOUB"):
		return filter.FloatColumn
	}
	return ""
}

// rowName is a name for the row's own number that no column has taken; "" where there is
// none.
func rowName(t *tables.Table) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !tables.Among(name, t.Names(), true) {
			return name
		}
	}
	return ""
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
