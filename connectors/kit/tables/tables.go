// Package tables is what connectors of databases share: reading the rows of a table page
// by page or only what is new, writing them with a result for each record, running SQL,
// and saying what a database holds.
//
// Its nouns: a Base is a database with the settings that reach it, and lends sessions; a
// Session is one connection while an operation uses it; a Dialect is what one kind of
// database has its own way of; a Table is what a database says of one of its tables; a
// Shelf keeps what is open for whoever comes back soon. Its rules: names are quoted and
// values bound, never pasted into SQL; a batch is written in one transaction, and a row
// that the database refuses fails alone; what a cursor keeps of a row can be bound again
// and is exactly that row.
package tables

import (
	"context"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/filter"
)

// Base is a database with the settings that reach it. An operation is made around a new
// one, whose settings are among its own.
type Base interface {
	Dialect() *Dialect
	// Settings are its fields: those that stand before the ones of an operation, and those
	// behind them.
	Settings() (first, last kit.Fields)
	// Place names the database for a person.
	Place() string
	// Look lends a session that only reads, Change one that may write. Errors of use come
	// back in the connector's words.
	Look(ctx context.Context, env kit.Env, use func(Session) error) error
	Change(ctx context.Context, env kit.Env, use func(Session) error) error
}

// Session is a connection to a database, lent to one operation at a time.
type Session interface {
	// Query performs a statement and gives its rows, which the caller closes.
	Query(ctx context.Context, text string, args ...any) (Rows, error)
	// Exec performs a statement and says how many rows it changed.
	Exec(ctx context.Context, text string, args ...any) (int, error)
	// Perform does what a person wrote, with a list of parameters or an object of named
	// ones. Where the SQL gives no columns, rows is nil and done says what it changed.
	// reads says that it only looks.
	Perform(ctx context.Context, text string, params any, reads bool) (rows Rows, done Changed, err error)
}

// Changed is what a statement has changed.
type Changed struct {
	Rows int
	Last any // the number that the database gave to the row it added last; nil for none
}

// Rows are what a query gives, row by row. A cell can be asked for again until the next.
type Rows interface {
	Columns() []Column
	Next() bool
	// Value is a cell as flows know it.
	Value(i int) (any, error)
	// Mark is a cell as a cursor keeps it: bound again it is the same to the database.
	Mark(i int) (any, error)
	Err() error
	Close() error
}

// Loader is a session that takes many rows faster than by statements, in the transaction
// that goes on or in one of their own. Where it fails nothing of the rows is written. A
// key means that rows with it are changed in place.
type Loader interface {
	Load(ctx context.Context, t *Table, columns, key []string, rows [][]any) error
}

// Many is a session that performs one statement for many rows without waiting for each.
type Many interface {
	ExecMany(ctx context.Context, text string, rows [][]any) (changed []int, err error)
}

// Forgetter is a session that remembers for a while what it looked up.
type Forgetter interface{ Forget() }

// Table is what a database says of one of its tables or views.
type Table struct {
	Schema  string // "" where the database has none, or it is the one that is looked into first
	Name    string
	View    bool
	Columns []Column
	Key     []string   // the columns that the database itself keeps apart, none of them null
	Unique  [][]string // all sets of columns that it keeps apart
	RowID   string     // SQL for a number of the row's own that orders them; "" where there is none
	Spot    string     // SQL for where a row lies, which orders rows as long as they are not changed; "" where it cannot be told
	Direct  bool       // rows may be put into it without a detour
	Partly  bool       // of a statement that is refused some rows may be written all the same
	folds   bool
}

// Column is a column of a table, or of what a query gives.
type Column struct {
	Name     string
	Native   string      // its type in the database's words; "" where it has none
	Schema   flow.Schema // of its values, but for null
	Null     bool        // it may hold null
	Filled   bool        // the database fills it where a row leaves it out
	Computed bool        // it cannot be written
	Unsorted bool        // it cannot be sorted by
	// Filter is what the database may filter it by; "" is nothing. Zoneless and Plain are as
	// in filter.Column.
	Filter          filter.ColumnKind
	Zoneless, Plain bool
}

// Column finds a column as the database does.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name || t.folds && strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Column{}, false
}

// Names are the names of the columns.
func (t *Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Keeps says whether the table keeps rows apart by these columns, in any order.
func (t *Table) Keeps(key []string) bool {
	return slices.ContainsFunc(t.Unique, func(u []string) bool { return t.same(u, key) })
}

func (t *Table) same(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n string) bool { return !t.among(n, b) })
}

func (t *Table) among(name string, names []string) bool { return Among(name, names, t.folds) }

// Among says whether a name is one of these, where folds says so in large or small letters.
func Among(name string, names []string, folds bool) bool {
	return slices.ContainsFunc(names, func(n string) bool { return n == name || folds && strings.EqualFold(n, name) })
}

// Shape is what its rows look like.
func (t *Table) Shape() flow.Schema { return shape(t.Columns) }

func shape(columns []Column) flow.Schema {
	s := anyObject()
	for _, c := range columns {
		s.Properties = append(s.Properties, flow.Property{Name: c.Name, Required: true, Schema: c.schema()})
	}
	return s
}

// schema is of the column's values, with null where it may be that.
func (c Column) schema() flow.Schema {
	s := c.Schema
	if c.Null && len(s.Types) > 0 {
		s.Types = append(slices.Clone(s.Types), flow.Null)
	}
	return s
}

func anyObject() flow.Schema { return flow.Schema{Types: []flow.Kind{flow.Object}} }

// Each gives the values of each row and closes the rows.
func Each(rows Rows, give func(cells []any) error) error {
	defer rows.Close()
	cells := make([]any, len(rows.Columns()))
	for rows.Next() {
		for i := range cells {
			var err error
			if cells[i], err = rows.Value(i); err != nil {
				return err
			}
		}
		if err := give(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}
