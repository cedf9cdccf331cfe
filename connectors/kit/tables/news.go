package tables

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// news reads the rows of a table that are new since the last run, by its cursor column,
// one partition after another. All of a pass are in the table when it begins: what
// changes meanwhile has a greater cursor value and comes in the next run.
type news struct {
	*Read
	s  Session
	t  *Table
	w  *sifting
	at *kit.Reading
}

// newsPage reads the next page, if it has to over the beginning of a partition.
func (r *Read) newsPage(ctx context.Context, env kit.Env, s Session, t *Table, w *sifting, after flow.Cursor) (page kit.Page, err error) {
	n := news{Read: r, s: s, t: t, w: w}
	if after, err = fromOldPlace(after); err != nil {
		return page, err
	}
	if n.at, err = r.Resume(env, r.of(), after, kit.ByKey); err != nil {
		return page, err
	}
	more, err := n.begin(ctx)
	if err != nil {
		return page, err
	}
	if more {
		if page, err = n.rows(ctx); err != nil {
			return page, err
		}
	}
	if page.Next, err = n.at.Next(); err != nil {
		return page, err
	}
	page.Mark, err = n.at.Mark()
	return page, err
}

// begin begins the pass over the next partition where none goes on. more is false where
// all have been read.
func (n *news) begin(ctx context.Context) (more bool, err error) {
	if n.at.Begun() {
		return true, nil
	}
	part, more, err := n.next(ctx)
	if err != nil || !more {
		return more, err
	}
	c, err := n.select1(n.mark(n.Cursor), part)
	if err != nil {
		return false, err
	}
	cursor := n.d.Quote(n.Cursor)
	c.add(" and %[1]s is not null order by %[1]s desc limit 1", cursor)
	newest, err := n.value(ctx, c)
	if err != nil {
		return false, err
	}
	return true, n.at.Begin(part, newest)
}

// noPart is the partition of the rows whose partition column is null.
var noPart = map[string]any{"null": true}

// next is the partition behind the one that was read last: those without come first,
// then each as the database sorts them.
func (n *news) next(ctx context.Context) (part any, more bool, err error) {
	last := n.at.Part()
	if n.Partition == "" {
		return nil, !n.at.Ended(), nil
	}
	column := n.d.Quote(n.Partition)
	if last == nil {
		c, err := n.select1("1", noPart)
		if err != nil {
			return nil, false, err
		}
		c.add(" limit 1")
		none, err := n.value(ctx, c)
		if err != nil || none != nil {
			return noPart, none != nil, err
		}
	}
	c := &clause{d: n.d}
	c.add("select %s from %s where ", n.mark(n.Partition), n.d.Of(n.t))
	if err := n.w.only(c); err != nil {
		return nil, false, err
	}
	c.add(" and %s is not null", column)
	if last != nil && !isNoPart(last) {
		c.add(" and %s > %s", column, c.bind(last))
	}
	c.add(" order by %s limit 1", column)
	part, err = n.value(ctx, c)
	return part, part != nil, err
}

func isNoPart(part any) bool {
	m, ok := part.(map[string]any)
	_, none := m["null"]
	return ok && none
}

// mark is how a column is asked for to be kept.
func (n *news) mark(name string) string {
	c, _ := n.t.Column(name)
	return n.d.markCell(c)
}

// select1 begins a statement for one cell of the rows of a partition.
func (n *news) select1(cell string, part any) (*clause, error) {
	c := &clause{d: n.d}
	c.add("select %s from %s where ", cell, n.d.Of(n.t))
	err := n.w.only(c)
	n.only(c, part)
	return c, err
}

// only adds the condition of a partition.
func (n *news) only(c *clause, part any) {
	switch {
	case n.Partition == "":
	case isNoPart(part):
		c.add(" and %s is null", n.d.Quote(n.Partition))
	default:
		c.add(" and %s = %s", n.d.Quote(n.Partition), c.bind(part))
	}
}

// value asks for one value; nil for none.
func (n *news) value(ctx context.Context, c *clause) (v any, err error) {
	rows, err := n.s.Query(ctx, c.text.String(), c.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if rows.Next() {
		if v, err = rows.Mark(0); err != nil {
			return nil, err
		}
	}
	return v, rows.Err()
}

// rows reads a page of the partition.
func (n *news) rows(ctx context.Context) (kit.Page, error) {
	keys, unique := n.keys()
	window := n.at.Window()
	limit := n.PageSize
	if !unique && len(window.Key) == len(keys)+1 {
		again, _ := window.Key[len(keys)].(int) // rows at the place itself, which come once more
		limit += again
	}
	asked := n.ask(n.t, append([]string{n.Cursor}, keys...))
	c, err := n.statement(asked, keys, unique, window, limit)
	if err != nil {
		return kit.Page{}, err
	}
	page := kit.Page{Data: make([]any, 0, n.PageSize), More: true}
	count := 0
	var before []any // the cursor and the key of the row before
	err = asked.rows(ctx, n.s, c, func(row map[string]any, at []any) error {
		count++
		cursor, key := at[0], at[1:]
		if !unique {
			key = numbered(before, at)
			before = append([]any{cursor}, key...)
			if passed(window, cursor, key) {
				return nil
			}
		}
		give, err := n.at.Take(cursor, key, row)
		if give && n.w.takes(row) {
			page.Data = append(page.Data, row)
		}
		return err
	})
	if err != nil {
		return kit.Page{}, err
	}
	if count < limit {
		err = n.at.End(true)
		page.More = n.Partition != ""
	}
	return page, err
}

// numbered is the key of a row with how many with the same cursor and key came up to it,
// so that rows that nothing tells apart are counted.
func numbered(before, at []any) []any {
	count := 1
	if len(before) == len(at)+1 && sameJSON(before[:len(at)], at) {
		count = before[len(at)].(int) + 1
	}
	return append(slices.Clone(at[1:]), count)
}

// passed says whether a row with a number is one of those that the pages before gave.
func passed(w kit.Window, cursor any, key []any) bool {
	last := len(key) - 1
	if !w.Moved || len(w.Key) != len(key) || !sameJSON(w.After, cursor) || !sameJSON(w.Key[:last], key[:last]) {
		return false
	}
	n, _ := w.Key[last].(int)
	return key[last].(int) <= n
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// keys are the names of what tells rows apart, for the order behind the cursor column:
// what a person named, the row's number or the table's key. Where there is none all
// columns do that can be sorted by, and those that are equal in all are counted.
func (n *news) keys() (names []string, unique bool) {
	names = slices.Clone(n.Key)
	if n.t.RowID != "" {
		return append(names, n.t.RowID), true
	}
	if len(n.t.Key) > 0 {
		return append(names, n.t.Key...), true
	}
	if len(names) > 0 {
		return names, false
	}
	for _, c := range n.t.Columns {
		if !c.Unsorted {
			names = append(names, c.Name)
		}
	}
	return names, false
}

// statement writes the SQL of the page.
func (n *news) statement(asked *asking, keys []string, unique bool, w kit.Window, limit int) (*clause, error) {
	cursor := asked.order[0]
	c, err := asked.from(n.w)
	if err != nil {
		return nil, err
	}
	n.only(c, n.at.Part())
	none := w.From != nil || w.Moved && w.After != nil // no null in the cursor column
	if w.From != nil {
		c.add(" and %s >= %s", cursor, c.bind(w.From))
	}
	switch {
	case w.To != nil && none:
		c.add(" and %s <= %s", cursor, c.bind(w.To))
	case w.To != nil:
		c.add(" and (%[1]s is null or %[1]s <= %[2]s)", cursor, c.bind(w.To))
	}
	if w.Moved {
		values := append([]any{w.After}, w.Key...)
		if !unique && len(w.Key) == len(keys)+1 {
			values = values[:len(keys)+1]
		}
		if len(values) != len(asked.order) {
			return nil, kit.Fail(kit.Malformed, "the cursor has %d values for the key, the table %q %d", len(values)-1, n.t.Name, len(asked.order)-1).On("cursor").
				Hint("the table has changed; reset the cursor, or set it without its key")
		}
		c.add(" and ")
		c.behind(asked.order, values, limit > n.PageSize)
	}
	c.orderBy(asked.order, func(i int) bool {
		if i == 0 {
			cursor, _ := n.t.Column(n.Cursor)
			return cursor.Null && !none
		}
		return n.mayBeNull(keys[i-1])
	})
	c.add(" limit %d", limit)
	return c, nil
}

func (n *news) mayBeNull(key string) bool {
	c, known := n.t.Column(key)
	return known && c.Null
}

// fromOldPlace reads cursors as they were written before there was an overlap: behind
// the row whose cursor column and number these are.
func fromOldPlace(after flow.Cursor) (flow.Cursor, error) {
	var old struct {
		Of    string          `json:"of"`
		Value json.RawMessage `json:"value"`
		Blob  *string         `json:"blob"`
		Row   *int64          `json:"row"`
		Mark  json.RawMessage `json:"mark"`
		Pass  json.RawMessage `json:"pass"`
	}
	if len(after) == 0 || json.Unmarshal(after, &old) != nil || old.Mark != nil || old.Pass != nil || old.Value == nil && old.Blob == nil {
		return after, nil
	}
	now := map[string]any{"of": old.Of, "mark": old.Value}
	if old.Blob != nil {
		now["mark"] = map[string]any{"blob": *old.Blob}
	}
	if old.Row != nil {
		now["crowded"], now["key"] = true, []any{*old.Row}
	}
	return json.Marshal(now)
}

// Blob is what a cursor keeps of bytes.
func Blob(base64 string) map[string]any { return map[string]any{"blob": base64} }

// BlobOf is the base64 of such bytes.
func BlobOf(v any) (base64 string, ok bool) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return "", false
	}
	base64, ok = m["blob"].(string)
	return base64, ok
}
