package tables

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// loading is the writing of one batch into a table that fits.
type loading struct {
	*Write
	s Session
	t *Table
}

// mostAtOnce and mostLoaded are how many rows one statement and one loading take, and
// mostBytes about how much of their values.
const (
	mostAtOnce = 1000
	mostLoaded = 10_000
	mostBytes  = 4 << 20
)

// fewRows are not worth a loading of their own.
const fewRows = 20

// bind makes the values of the rows into what the database takes. Those that cannot be
// fail; the others are left.
func (l *loading) bind(rows []*row) []*row {
	fit := make([]*row, 0, len(rows))
	var columns []Column // of the row before, most likely of this one too
	var before []string
	for _, r := range rows {
		if before == nil || !slices.Equal(r.columns, before) {
			if columns, r.result.Err = l.columnsOf(r.columns); r.result.Err != nil {
				before = nil
				continue
			}
			before = r.columns
		}
		if err := l.bindRow(r, columns); err != nil {
			r.fail(err)
			continue
		}
		fit = append(fit, r)
	}
	return fit
}

func (l *loading) columnsOf(names []string) ([]Column, error) {
	columns := make([]Column, len(names))
	for i, name := range names {
		c, known := l.t.Column(name)
		if !known {
			return nil, noColumn(l.t, name, "row")
		}
		columns[i] = c
	}
	return columns, nil
}

func (l *loading) bindRow(r *row, columns []Column) error {
	r.bound = make([]any, len(r.columns))
	for i, name := range r.columns {
		c := &columns[i]
		var err error
		if r.bound[i], err = l.d.Bind(*c, r.values[name]); err != nil {
			return kit.Fail(kit.Malformed, "the column %q takes no %s: %w", name, value.Append(nil, clipped(r.values[name])), err).On("row").
				Hint("map it to what the column takes: %s", c.Native)
		}
	}
	return nil
}

func clipped(v any) any {
	if text, ok := v.(string); ok && len(text) > 60 {
		return text[:60] + "…"
	}
	return v
}

// rows writes the rows: those of one shape together, but never two with the same key,
// since the later one is to win.
func (l *loading) rows(ctx context.Context, rows []*row) error {
	for len(rows) > 0 {
		n := l.apart(rows)
		var shapes [][]*row
		place := map[string]int{}
		for _, r := range rows[:n] {
			shape := strings.Join(r.columns, "\x00")
			i, seen := place[shape]
			if !seen {
				i = len(shapes)
				place[shape] = i
				shapes = append(shapes, nil)
			}
			shapes[i] = append(shapes[i], r)
		}
		for _, alike := range shapes {
			if err := l.alike(ctx, alike); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// apart is how many rows at the beginning have keys that differ.
func (l *loading) apart(rows []*row) int {
	if len(l.Key) == 0 {
		return len(rows)
	}
	seen := make(map[string]bool, len(rows))
	var text []byte
	for n, r := range rows {
		text = text[:0]
		for _, k := range l.Key {
			i := slices.IndexFunc(r.columns, func(o string) bool { return l.equal(o, k) })
			text = append(value.Append(text, r.values[r.columns[i]]), 0)
		}
		if seen[string(text)] {
			return n
		}
		seen[string(text)] = true
	}
	return len(rows)
}

// alike writes rows with the same columns, as many at once as a statement takes.
func (l *loading) alike(ctx context.Context, rows []*row) error {
	write, most := l.put, cmp.Or(l.d.AtOnce, mostAtOnce)
	switch {
	case l.kind == kit.Update || l.kind == kit.Delete:
		write = l.change
	case l.kind == kit.Insert && l.t.Partly:
		most = 1
	case l.kind == kit.Upsert:
		if _, ok := l.d.Upsert(l.t, rows[0].columns, l.Key); !ok {
			if !l.t.Keeps(l.Key) {
				return l.keepsNot()
			}
			write, most = l.changeOrAdd, 1
		}
	}
	if _, ok := l.s.(Loader); ok && most > 1 {
		most = mostLoaded
	} else {
		most = min(most, max(1, l.d.MostParams/len(rows[0].columns)))
	}
	for len(rows) > 0 {
		n := within(rows, most)
		if err := l.piece(ctx, rows[:n], write); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// within is how many of the rows go into one statement.
func within(rows []*row, most int) int {
	size := 0
	for n, r := range rows {
		for _, v := range r.bound {
			if text, ok := v.(string); ok {
				size += len(text)
			}
		}
		if n == most || n > 0 && size > mostBytes {
			return n
		}
	}
	return len(rows)
}

// piece writes rows together, and where one of them is refused, each half of them for
// itself, until it is found.
func (l *loading) piece(ctx context.Context, rows []*row, write func(context.Context, []*row) error) error {
	err := l.guarded(ctx, func() error { return write(ctx, rows) })
	switch {
	case err == nil:
		return nil
	case l.d.NoKey(err) || !l.d.OfRow(err):
		return err
	case len(rows) == 1:
		rows[0].fail(l.d.explain(err))
		return nil
	}
	half := len(rows) / 2
	if err := l.piece(ctx, rows[:half], write); err != nil {
		return err
	}
	return l.piece(ctx, rows[half:], write)
}

// guarded performs work behind a savepoint, where the database needs one to go on after
// an error.
func (l *loading) guarded(ctx context.Context, work func() error) error {
	if !l.d.Savepoints {
		return work()
	}
	if _, err := l.s.Exec(ctx, "savepoint rows"); err != nil {
		return err
	}
	err := work()
	then := "release savepoint rows"
	if err != nil {
		if !l.d.OfRow(err) {
			return err
		}
		then = "rollback to savepoint rows"
	}
	if _, failed := l.s.Exec(ctx, then); failed != nil {
		return failed
	}
	return err
}

// put adds the rows, or for an upsert puts them in place of those with their key.
func (l *loading) put(ctx context.Context, rows []*row) error {
	columns := rows[0].columns
	if loader, ok := l.s.(Loader); ok && len(rows) > fewRows {
		all := make([][]any, len(rows))
		for i, r := range rows {
			all[i] = r.bound
		}
		return loader.Load(ctx, l.t, columns, l.Key, all)
	}
	c := &clause{d: l.d}
	c.add("insert into %s (%s) values ", l.d.Of(l.t), l.d.List(columns))
	for i, r := range rows {
		if i > 0 {
			c.add(", ")
		}
		c.tuple(r.bound)
	}
	if l.kind == kit.Upsert {
		tail, _ := l.d.Upsert(l.t, columns, l.Key)
		c.add(" %s", tail)
	}
	_, err := l.s.Exec(ctx, c.text.String(), c.args...)
	return err
}

// tuple writes the values in brackets.
func (c *clause) tuple(values []any) {
	for i, v := range values {
		if i == 0 {
			c.text.WriteByte('(')
		} else {
			c.text.WriteString(", ")
		}
		c.text.WriteString(c.bind(v))
	}
	c.text.WriteByte(')')
}

// change changes or removes the row with each one's key.
func (l *loading) change(ctx context.Context, rows []*row) error {
	text, order := l.changing(rows[0].columns)
	all := make([][]any, len(rows))
	for i, r := range rows {
		all[i] = make([]any, len(order))
		for j, place := range order {
			all[i][j] = r.bound[place]
		}
	}
	changed, err := l.many(ctx, text, all)
	if err != nil {
		return err
	}
	for i, n := range changed {
		if n == 0 && l.Missing == missingFails {
			rows[i].fail(kit.Fail(kit.Missing, "no row of %s has %s", l.Table, l.keyText(rows[i])).On("row").
				Hint("check the key, or let \"missing\" be %s", missingPasses))
		}
	}
	return nil
}

// changing is the statement for rows with these columns, and which of them its parameters
// are.
func (l *loading) changing(columns []string) (text string, order []int) {
	c := &clause{d: l.d}
	if l.kind == kit.Delete {
		c.add("delete from %s where ", l.d.Of(l.t))
	} else {
		c.add("update %s set ", l.d.Of(l.t))
		for i, name := range columns {
			if l.keyPlace(name) < len(l.Key) {
				continue
			}
			if len(order) > 0 {
				c.add(", ")
			}
			c.add("%s = %s", l.d.Quote(name), c.bind(nil))
			order = append(order, i)
		}
		c.add(" where ")
	}
	for k, key := range l.Key {
		if k > 0 {
			c.add(" and ")
		}
		c.add("%s = %s", l.d.Quote(key), c.bind(nil))
		order = append(order, slices.IndexFunc(columns, func(o string) bool { return l.equal(o, key) }))
	}
	return c.text.String(), order
}

func (l *loading) many(ctx context.Context, text string, rows [][]any) ([]int, error) {
	if m, ok := l.s.(Many); ok {
		return m.ExecMany(ctx, text, rows)
	}
	changed := make([]int, len(rows))
	for i, args := range rows {
		var err error
		if changed[i], err = l.s.Exec(ctx, text, args...); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// changeOrAdd changes the row with the key, or adds it: for tables that keep more apart
// than the key, where the database's own upsert would change another row.
func (l *loading) changeOrAdd(ctx context.Context, rows []*row) error {
	r := rows[0]
	if len(r.columns) > len(l.Key) {
		text, order := l.changing(r.columns)
		args := make([]any, len(order))
		for j, place := range order {
			args[j] = r.bound[place]
		}
		if n, err := l.s.Exec(ctx, text, args...); n > 0 || err != nil {
			return err
		}
	} else {
		c := &clause{d: l.d}
		c.add("select 1 from %s where ", l.d.Of(l.t))
		for i, name := range r.columns {
			if i > 0 {
				c.add(" and ")
			}
			c.add("%s = %s", l.d.Quote(name), c.bind(r.bound[i]))
		}
		there, err := l.s.Query(ctx, c.text.String(), c.args...)
		if err != nil {
			return err
		}
		found := there.Next()
		if err := there.Err(); err != nil || found {
			there.Close()
			return err
		}
		there.Close()
	}
	c := &clause{d: l.d}
	c.add("insert into %s (%s) values ", l.d.Of(l.t), l.d.List(r.columns))
	c.tuple(r.bound)
	_, err := l.s.Exec(ctx, c.text.String(), c.args...)
	return err
}

func (l *loading) keyText(r *row) string {
	parts := make([]string, len(l.Key))
	for i, key := range l.Key {
		at := slices.IndexFunc(r.columns, func(o string) bool { return l.equal(o, key) })
		parts[i] = fmt.Sprintf("%s %s", key, value.Append(nil, clipped(r.values[r.columns[at]])))
	}
	return strings.Join(parts, ", ")
}

// Digits is a whole number as text, whatever its size.
func Digits(v any) (string, bool) {
	switch v := v.(type) {
	case int:
		return fmt.Sprint(v), true
	case *big.Int:
		return v.String(), true
	}
	return "", false
}
