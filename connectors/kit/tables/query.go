package tables

import (
	"context"
	"fmt"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// mostRows is how many rows one record may give: what a step holds in memory at once.
const mostRows = 100_000

// Query runs SQL for each record.
type Query struct {
	SQL     string
	Params  any
	Changes string

	base Base
	d    *Dialect
}

// What a person says that the SQL changes.
const (
	byWords       = "words"
	changesNone   = "nothing"
	changesSame   = "same"
	changesAlways = "each"
)

func newQuery(b Base) *Query { return &Query{base: b, d: b.Dialect(), Changes: byWords} }

// Fields are the settings of the database and of the SQL.
func (q *Query) Fields() kit.Fields {
	fields, last := q.base.Settings()
	fields = append(fields,
		kit.Long(&q.SQL, "sql", "SQL").Needed().Code("sql").Eg("select * from orders where total > :least"),
		kit.Value(&q.Params, "params", "Parameters").Eg(`{"least": 100}`).
			Help(fmt.Sprintf("Values for the %s of the SQL as a list, or for its :names as an object. They are bound, never pasted in.", q.d.Param(1))),
		kit.Pick(&q.Changes, "changes", "What it changes",
			kit.Choice{Value: byWords, Label: "Told by its words"}, kit.Choice{Value: changesNone, Label: "Nothing"},
			kit.Choice{Value: changesSame, Label: "The same when it is done twice"}, kit.Choice{Value: changesAlways, Label: "Something each time"}).More().
			Help("What is safe to do twice is done again after a crash without asking."))
	return append(fields, last...)
}

// Effect hangs on the words of the SQL, unless a person says it.
func (q *Query) Effect() kit.Effect {
	switch q.Changes {
	case changesNone:
		return kit.Reads
	case changesSame:
		return kit.Repeatable
	case changesAlways:
		return kit.Once
	}
	return q.d.Syntax.EffectOf(q.SQL)
}

// Run gives the rows, or how many were changed.
func (q *Query) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	switch q.Params.(type) {
	case nil, []any, map[string]any:
	default:
		return kit.Result{}, kit.Fail(kit.Invalid, "params is %s; a list or an object by name is wanted", value.Append(nil, q.Params)).On("params").
			Hint("give a list for %s, an object for :names", q.d.Param(1))
	}
	lend := q.base.Change
	if q.Effect() == kit.Reads {
		lend = q.base.Look
	}
	var result kit.Result
	err := lend(ctx, env, func(s Session) (err error) {
		result, err = q.perform(ctx, s)
		return err
	})
	return result, onSQL(err)
}

func (q *Query) perform(ctx context.Context, s Session) (kit.Result, error) {
	reads := q.Effect() == kit.Reads
	rows, changed, err := s.Perform(ctx, q.SQL, q.Params, reads)
	if err != nil {
		return kit.Result{}, err
	}
	if rows == nil {
		last := changed.Last
		if !q.d.Syntax.Speaks(q.SQL, "insert", "replace") {
			last = nil
		}
		return kit.Give(map[string]any{"changed": changed.Rows, "last_id": last}), nil
	}
	defer rows.Close()
	data := []any{}
	names := distinct(rows.Columns())
	for rows.Next() {
		if len(data) == mostRows && reads {
			return kit.Result{}, kit.Fail(kit.Refused, "the SQL gives more than %d rows", mostRows).On("sql").
				Hint("add a limit, or use %s.read, which reads page by page", q.d.ID)
		}
		row := make(map[string]any, len(names))
		for i, name := range names {
			if row[name], err = rows.Value(i); err != nil {
				return kit.Result{}, fmt.Errorf("column %q: %w", name, err)
			}
		}
		data = append(data, row)
	}
	return kit.Result{Data: data}, rows.Err()
}

// distinct are the names of the columns; one that comes twice gets a number: id, id_2.
func distinct(columns []Column) []string {
	taken := make(map[string]bool, len(columns))
	out := make([]string, len(columns))
	for i, c := range columns {
		free := c.Name
		for n := 2; taken[free]; n++ {
			free = fmt.Sprintf("%s_%d", c.Name, n)
		}
		taken[free] = true
		out[i] = free
	}
	return out
}

// onSQL lays what is wrong with the statement at its field.
func onSQL(err error) error {
	if f, ok := err.(*kit.Failure); ok && f.Field == "" && (f.Kind == kit.Invalid || f.Kind == kit.Missing) {
		f.On("sql")
	}
	return err
}

// Shaper is a session that can say what columns a query has without performing it.
type Shaper interface {
	Shape(ctx context.Context, text string) ([]Column, error)
}

// Describe names the columns of a query that only reads.
func (q *Query) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	out = anyObject()
	switch {
	case q.d.Syntax.Speaks(q.SQL, "returning"):
		return in, out, nil
	case q.d.Syntax.EffectOf(q.SQL) != kit.Reads:
		out = flow.ObjectOf(
			flow.Property{Name: "changed", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "last_id", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Integer, flow.Null}}})
		return in, out, nil
	}
	err = q.base.Look(ctx, env, func(s Session) error {
		columns, err := q.columns(ctx, s)
		if err != nil {
			return nil // a pragma, say: its columns stay unknown
		}
		for i, name := range distinct(columns) {
			columns[i].Name = name
		}
		out = shape(columns)
		return nil
	})
	return in, out, err
}

func (q *Query) columns(ctx context.Context, s Session) ([]Column, error) {
	if shaper, ok := s.(Shaper); ok {
		n := 0
		return shaper.Shape(ctx, q.d.Syntax.Named(q.SQL, func(string) string { n++; return q.d.Param(n) }))
	}
	rows, err := s.Query(ctx, "select * from ("+strings.TrimRight(q.d.Syntax.unbound(q.SQL), "; \t\r\n")+"\n) as asked limit 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns(), nil
}
