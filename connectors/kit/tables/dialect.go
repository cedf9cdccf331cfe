package tables

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// Dialect is what one kind of database has its own way of.
type Dialect struct {
	ID    string // the connector's
	Name  string
	Folds bool // names of columns are the same in large and small letters
	Quote func(name string) string
	// Param is the n-th parameter of a statement, from 1.
	Param func(n int) string
	// Split takes the name of a table, as a person writes it, apart; nil where there are no
	// schemas.
	Split func(name string) (schema, table string)
	// Lookup says what it knows of a table; nil where there is none.
	Lookup func(ctx context.Context, s Session, name string) (*Table, error)
	// Schemas lists the schemas; nil where there are none.
	Schemas func(ctx context.Context, s Session) ([]string, error)
	// Tables lists the tables and views of a schema, "" being the one that is looked into
	// first.
	Tables func(ctx context.Context, s Session, schema string) ([]Listed, error)
	// Cell is how a column is asked for; nil is by its name.
	Cell func(c Column) string
	// MarkCell is how it is asked for to be kept in a cursor; nil is as Cell.
	MarkCell func(c Column) string
	// NullsLast says that null sorts behind all else unless it is told otherwise.
	NullsLast bool
	// RowOrder says that a comparison of several columns at once finds its way by an index.
	RowOrder bool
	// Bind makes a value into one for a column; an error says why it cannot be.
	Bind func(c Column, v any) (any, error)
	// Refine makes a value of a table's column out of what the cell alone says; nil leaves it.
	Refine func(c Column, v any) (any, error)
	// Kind is the type of a column that is made for a value: "" for null. Wider is one that
	// holds what either does; Keyed is what a key is made of instead, and Loose any other
	// column. nil leaves it.
	Kind         func(v any) string
	Wider        func(a, b string) string
	Keyed, Loose func(kind string) string
	// Untyped is the type of a column that held only null so far; "" is none.
	Untyped string
	// Begin begins a transaction that writes.
	Begin string
	// Commits says that a statement that makes a table ends the transaction it is in.
	Commits bool
	// Savepoints says that after a refused statement a transaction goes on only from a
	// savepoint.
	Savepoints bool
	// MostParams is how many parameters a statement may have, AtOnce how many rows go into
	// one best; 0 is as many as it may.
	MostParams, AtOnce int
	// Upsert is what follows the values of an insert, so that rows with the key are
	// changed in place. ok is false where no statement does that safely.
	Upsert func(t *Table, columns, key []string) (tail string, ok bool)
	// OfRow says whether an error is about the row that was written, and not about the
	// table or the database as a whole.
	OfRow func(err error) bool
	// NoKey says whether an error is that the table does not keep the key apart.
	NoKey func(err error) bool
	// Explain puts an error of a row into words; nil leaves it.
	Explain func(err error) error
	// Syntax is how it quotes and comments.
	Syntax Syntax
	// Filter is how it writes the filters that it may do itself.
	Filter filter.Dialect
}

// Listed is a table in a list.
type Listed struct {
	Schema, Name string
	View         bool
}

// Dollar is a parameter by its number, as $1.
func Dollar(n int) string { return "$" + strconv.Itoa(n) }

// Mark is a parameter by its place.
func Mark(int) string { return "?" }

// Quoted gives names in quotes of this kind, doubled where they stand within.
func Quoted(quote string) func(string) string {
	return func(name string) string { return quote + strings.ReplaceAll(name, quote, quote+quote) + quote }
}

// InSchema takes a name like sales.orders apart. A part with a dot in it stands in double
// quotes or backticks.
func InSchema(name string) (schema, table string) {
	dot := -1
	for i := 0; i < len(name); i++ {
		switch c := name[i]; c {
		case '"', '`':
			end := strings.IndexByte(name[i+1:], c)
			if end < 0 {
				return "", name
			}
			i += end + 1
		case '.':
			if dot < 0 {
				dot = i
			}
		}
	}
	if dot < 0 {
		return "", unquoted(name)
	}
	return unquoted(name[:dot]), unquoted(name[dot+1:])
}

func unquoted(part string) string {
	if len(part) >= 2 && (part[0] == '"' || part[0] == '`') && part[len(part)-1] == part[0] {
		return part[1 : len(part)-1]
	}
	return part
}

// Written is a name as a person writes it, so that Split takes it apart again.
func (d *Dialect) Written(schema, table string) string {
	if d.Split == nil {
		return table
	}
	part := func(s string) string {
		if !strings.ContainsAny(s, ".\"`") {
			return s
		}
		if strings.Contains(s, `"`) {
			return "`" + s + "`"
		}
		return `"` + s + `"`
	}
	if schema == "" {
		return part(table)
	}
	return part(schema) + "." + part(table)
}

// Of is a table's name in SQL.
func (d *Dialect) Of(t *Table) string {
	if t.Schema == "" {
		return d.Quote(t.Name)
	}
	return d.Quote(t.Schema) + "." + d.Quote(t.Name)
}

// List quotes names and joins them.
func (d *Dialect) List(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = d.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

func (d *Dialect) cell(c Column) string {
	if d.Cell == nil {
		return d.Quote(c.Name)
	}
	return d.Cell(c)
}

func (d *Dialect) markCell(c Column) string {
	if d.MarkCell == nil {
		return d.cell(c)
	}
	return d.MarkCell(c)
}

func (d *Dialect) explain(err error) error {
	if err == nil || d.Explain == nil {
		return err
	}
	return d.Explain(err)
}

// lookup finds a table that has to be there.
func lookup(ctx context.Context, s Session, b Base, name string) (*Table, error) {
	d := b.Dialect()
	t, err := find(ctx, s, d, name)
	if t != nil || err != nil {
		return t, err
	}
	schema := ""
	if d.Split != nil {
		schema, _ = d.Split(name)
	}
	listed, err := d.Tables(ctx, s, schema)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(listed))
	for i, l := range listed {
		names[i] = d.Written(l.Schema, l.Name)
	}
	return nil, kit.Fail(kit.Missing, "there is no table %q in %s", name, b.Place()).On("table").
		Hint("%s", Suggest(name, names))
}

// find gives nil where there is no such table.
func find(ctx context.Context, s Session, d *Dialect, name string) (*Table, error) {
	t, err := d.Lookup(ctx, s, name)
	if t != nil {
		t.folds = d.Folds
	}
	return t, err
}

func noColumn(t *Table, name, field string) *kit.Failure {
	return kit.Fail(kit.Missing, "the table %q has no column %q", t.Name, name).On(field).
		Hint("%s", Suggest(name, t.Names()))
}

// Suggest offers the name that was likely meant, or all there are.
func Suggest(name string, known []string) string {
	if near, ok := flow.Nearest(name, known); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	switch {
	case len(known) == 0:
		return "it is empty; run the flow that fills it first"
	case len(known) > 20:
		return "there are " + strings.Join(known[:20], ", ") + " and more"
	}
	return "there are " + strings.Join(known, ", ")
}
