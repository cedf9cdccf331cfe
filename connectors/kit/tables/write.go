package tables

import (
	"context"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Write puts records into a table as rows, each batch in one transaction.
type Write struct {
	Table      string
	Key        []string
	Row        any
	AddColumns bool
	Missing    string

	base Base
	d    *Dialect
	kind kit.WriteKind
}

// What becomes of a record whose row is not there.
const (
	missingFails  = "fail"
	missingPasses = "pass"
)

func newWrite(b Base, kind kit.WriteKind) *Write {
	w := &Write{base: b, d: b.Dialect(), kind: kind, AddColumns: kind == kit.Insert || kind == kit.Upsert, Missing: missingFails}
	if kind == kit.Delete {
		w.Missing = missingPasses
	}
	return w
}

// Fields are the settings of the database and of the writing.
func (w *Write) Fields() kit.Fields {
	fields, last := w.base.Settings()
	table := kit.Text(&w.Table, "table", "Table").Needed().Ask(w.tables).Eg("orders")
	row := kit.Value(&w.Row, "row", "Row").AsMain().Needed()
	key := kit.List(&w.Key, "key", "Key columns").Needed().Eg("id")
	switch w.kind {
	case kit.Insert:
		fields = append(fields, table.Help("It is made where it is missing."), row.Help("An object with a value for each column."),
			kit.Toggle(&w.AddColumns, "add_columns", "Add missing columns").More())
	case kit.Upsert:
		fields = append(fields, table.Help("It is made where it is missing."),
			key.Help("The columns that tell rows apart. A row whose key is there already is changed, not added."),
			row.Help("An object with a value for each column."),
			kit.Toggle(&w.AddColumns, "add_columns", "Add missing columns").More())
	case kit.Update:
		fields = append(fields, table, key.Help("The columns that say which rows are changed."),
			row.Help("An object with the key and a value for each column to change."), w.missingField())
	case kit.Delete:
		fields = append(fields, table, key.Help("The columns that say which rows are removed."),
			row.Help("An object with the key; what else is in it is ignored."), w.missingField())
	}
	return append(fields, last...)
}

func (w *Write) missingField() kit.Field {
	return kit.Pick(&w.Missing, "missing", "Where no row has the key",
		kit.Choice{Value: missingFails, Label: "The record fails"}, kit.Choice{Value: missingPasses, Label: "It goes on"})
}

// row is one record on its way into the table.
type row struct {
	values  map[string]any
	columns []string // in order
	result  *kit.Result
	bound   []any // the values for columns, as the database takes them
}

// RunAll writes the batch. A row that the table refuses fails alone; what concerns the
// database as a whole fails the batch, and then nothing of it is written.
func (w *Write) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	rows := make([]*row, 0, len(batch))
	all := make([]row, len(batch))
	var before []string
	for i, rec := range batch {
		results[i] = kit.Pass(flow.Done)
		r := &all[i]
		r.result, r.columns = &results[i], before
		if err := w.read(rec.Data, r); err != nil {
			r.fail(err)
			continue
		}
		before = r.columns
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return results, nil
	}
	err := w.base.Change(ctx, env, func(s Session) error { return w.all(ctx, s, rows) })
	if err != nil {
		return nil, err
	}
	failed := 0
	for _, r := range results {
		if r.Err != nil {
			failed++
		}
	}
	env.Log(flow.Info, "", "table %s: %d rows %s, %d refused", w.Table, len(batch)-failed, w.done(), failed)
	return results, nil
}

func (w *Write) done() string {
	return map[kit.WriteKind]string{kit.Insert: "added", kit.Upsert: "written", kit.Update: "changed", kit.Delete: "removed"}[w.kind]
}

func (r *row) fail(err error) { r.result.Err = err }

// read makes the record's value into a row. Its columns are those of the row before, or
// are found anew.
func (w *Write) read(data any, r *row) error {
	values, ok := data.(map[string]any)
	if !ok {
		return kit.Fail(kit.Malformed, "the row is not an object").On("row").Hint("map the record to {column: value, …}")
	}
	r.values = values
	if w.like(r) {
		return w.keyed(r)
	}
	r.columns = make([]string, 0, len(values))
	for name := range values {
		r.columns = append(r.columns, name)
	}
	slices.Sort(r.columns)
	if w.d.Folds {
		if one, other, twice := twice(r.columns); twice {
			return kit.Fail(kit.Malformed, "the row has %q and %q, which are one column", one, other).On("row").
				Hint("leave one of them out; %s does not tell large letters from small ones in names", w.d.Name)
		}
	}
	if err := w.keyed(r); err != nil {
		return err
	}
	switch {
	case w.kind == kit.Delete:
		r.columns = slices.DeleteFunc(r.columns, func(o string) bool { return w.keyPlace(o) == len(w.Key) })
	case w.kind == kit.Update && len(r.columns) == len(w.Key):
		return kit.Fail(kit.Malformed, "the row has nothing beside its key").On("row").Hint("map what is to be changed to its column")
	case len(r.columns) == 0:
		return kit.Fail(kit.Malformed, "the row has no columns").On("row").Hint("map the record to {column: value, …}")
	}
	return nil
}

// like says whether the row has the columns of the one before.
func (w *Write) like(r *row) bool {
	if w.kind == kit.Delete || len(r.columns) == 0 || len(r.columns) != len(r.values) {
		return false
	}
	for _, name := range r.columns {
		if _, there := r.values[name]; !there {
			return false
		}
	}
	return true
}

// keyed sees that the row has a value for each column of the key.
func (w *Write) keyed(r *row) error {
	for _, key := range w.Key {
		i := slices.IndexFunc(r.columns, func(o string) bool { return w.equal(o, key) })
		if i < 0 || r.values[r.columns[i]] == nil {
			return kit.Fail(kit.Malformed, "the row has no %q, which is its key", key).On("row").Hint("map a value to %q", key)
		}
	}
	return nil
}

func twice(sorted []string) (one, other string, found bool) {
	seen := make(map[string]string, len(sorted))
	for _, name := range sorted {
		lower := strings.ToLower(name)
		if before, there := seen[lower]; there {
			return before, name, true
		}
		seen[lower] = name
	}
	return "", "", false
}

func (w *Write) equal(a, b string) bool { return a == b || w.d.Folds && strings.EqualFold(a, b) }

// keyPlace is where the column stands in the key; behind all of it where it is not in.
func (w *Write) keyPlace(name string) int {
	if i := slices.IndexFunc(w.Key, func(k string) bool { return w.equal(k, name) }); i >= 0 {
		return i
	}
	return len(w.Key)
}

// all writes the rows in one transaction and makes the table fit before.
func (w *Write) all(ctx context.Context, s Session, rows []*row) error {
	for _, r := range rows {
		r.result.Err = nil // of an attempt before
	}
	loader, loads := s.(Loader)
	var t *Table
	if w.d.Commits || loads {
		var err error
		if t, err = w.fit(ctx, s, rows); err != nil {
			return err
		}
	}
	if loads {
		if done, err := w.whole(ctx, s, loader, t, rows); done || err != nil {
			return err
		}
	}
	return w.atomically(ctx, s, func() (err error) {
		if t == nil {
			if t, err = w.fit(ctx, s, rows); err != nil {
				return err
			}
		}
		l := loading{Write: w, s: s, t: t}
		return w.noKey(l.rows(ctx, l.bind(rows)))
	})
}

// whole writes all rows at once, as most batches can be. done is false where they cannot,
// or one of them is refused: nothing is written then.
func (w *Write) whole(ctx context.Context, s Session, loader Loader, t *Table, rows []*row) (done bool, err error) {
	if w.kind != kit.Insert && w.kind != kit.Upsert || len(rows) <= fewRows {
		return false, nil
	}
	l := loading{Write: w, s: s, t: t}
	rows = l.bind(rows)
	if len(rows) == 0 || l.apart(rows) < len(rows) || within(rows, mostLoaded) < len(rows) {
		return false, nil
	}
	all := make([][]any, len(rows))
	for i, r := range rows {
		if !slices.Equal(r.columns, rows[0].columns) {
			return false, nil
		}
		all[i] = r.bound
	}
	err = loader.Load(ctx, t, rows[0].columns, w.Key, all)
	if err != nil && !w.d.NoKey(err) && w.d.OfRow(err) {
		return false, nil
	}
	return true, w.noKey(err)
}

// atomically performs work in one transaction.
func (w *Write) atomically(ctx context.Context, s Session, work func() error) error {
	return Atomically(ctx, s, w.d.Begin, work)
}

// Atomically performs work in one transaction, which begin begins.
func Atomically(ctx context.Context, s Session, begin string, work func() error) error {
	if _, err := s.Exec(ctx, begin); err != nil {
		return err
	}
	err := work()
	if err == nil {
		_, err = s.Exec(ctx, "commit")
	}
	if err != nil {
		// An error of the rollback says only that the database did it already.
		_, _ = s.Exec(context.WithoutCancel(ctx), "rollback")
	}
	return err
}

// noKey says what to do where the table was made without this key.
func (w *Write) noKey(err error) error {
	if err == nil || !w.d.NoKey(err) {
		return err
	}
	return w.keepsNot()
}

func (w *Write) keepsNot() error {
	_, table := "", w.Table
	if w.d.Split != nil {
		_, table = w.d.Split(w.Table)
	}
	return kit.Fail(kit.Invalid, "the table %q does not keep (%s) apart", table, strings.Join(w.Key, ", ")).On("key").
		Hint("name its own key, or run once: create unique index %s on %s (%s)",
			w.d.Quote(table+"_"+strings.Join(w.Key, "_")), w.d.Quote(table), w.d.List(w.Key))
}

// Describe tells the columns of the table where it is there already.
func (w *Write) Describe(ctx context.Context, env kit.Env) (in, out flow.Schema, err error) {
	in = anyObject()
	err = w.base.Look(ctx, env, func(s Session) error {
		t, err := find(ctx, s, w.d, w.Table)
		if err == nil && t != nil {
			in = w.takes(t)
		}
		return err
	})
	if f, ok := err.(*kit.Failure); ok && f.Kind == kit.Missing {
		err = nil // the first run makes it
	}
	return in, flow.Any(), err
}

// takes is what a row that is written may look like: what the database fills itself may
// be left out.
func (w *Write) takes(t *Table) flow.Schema {
	s := anyObject()
	for _, c := range t.Columns {
		if c.Computed || w.kind == kit.Delete && w.keyPlace(c.Name) == len(w.Key) {
			continue
		}
		key := w.keyPlace(c.Name) < len(w.Key)
		needed := key || w.kind != kit.Update && !c.Null && !c.Filled
		s.Properties = append(s.Properties, flow.Property{Name: c.Name, Required: needed, Schema: c.schema()})
	}
	return s
}
