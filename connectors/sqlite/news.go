package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// news reads the rows of a table that are new since the last run, by its cursor column,
// one partition after another. All of a pass are in the table when it begins: what
// changes meanwhile has a greater cursor value and comes in the next run.
type news struct {
	*read
	conn *sql.Conn
	t    *table
	at   *kit.Reading
}

// page reads the next page, if it has to over the beginning of a partition.
func (r *read) newsPage(ctx context.Context, env kit.Env, conn *sql.Conn, t *table, after flow.Cursor) (page kit.Page, err error) {
	n := news{read: r, conn: conn, t: t}
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
	only, args := n.only(part)
	newest, err := n.value(ctx, fmt.Sprintf("select max(%s) from %s where %s", quote(n.Cursor), quote(n.t.name), only), args...)
	if err != nil {
		return false, err
	}
	return true, n.at.Begin(part, newest)
}

// noPart is the partition of the rows whose partition column is null.
var noPart = map[string]any{"null": true}

// next is the partition behind the one that was read last: those without come first,
// then each as SQLite sorts them.
func (n *news) next(ctx context.Context) (part any, more bool, err error) {
	last := n.at.Part()
	if n.Partition == "" {
		return nil, !n.at.Ended(), nil
	}
	column, table := quote(n.Partition), quote(n.t.name)
	if last == nil {
		none, err := n.value(ctx, fmt.Sprintf("select 1 from %s where %s is null and %s limit 1", table, column, n.wanted()))
		if err != nil || none != nil {
			return noPart, none != nil, err
		}
	}
	text, args := fmt.Sprintf("select min(%s) from %s where %s", column, table, n.wanted()), []any{}
	if last != nil && partArg(last) != nil {
		text, args = text+" and "+column+" > ?", []any{partArg(last)}
	}
	part, err = n.value(ctx, text, args...)
	return part, part != nil, err
}

// partArg is a partition as SQLite knows it.
func partArg(part any) any {
	if m, ok := part.(map[string]any); ok {
		if _, none := m["null"]; none {
			return nil
		}
	}
	return cursorArg(part)
}

// wanted is the condition that a person wrote.
func (r *read) wanted() string {
	if strings.TrimSpace(r.Where) == "" {
		return "true"
	}
	return "(" + r.Where + "\n)"
}

// only is the condition of a partition, with the one that a person wrote.
func (n *news) only(part any) (string, []any) {
	switch {
	case n.Partition == "":
		return n.wanted(), nil
	case partArg(part) == nil:
		return quote(n.Partition) + " is null and " + n.wanted(), nil
	}
	return quote(n.Partition) + " = ? and " + n.wanted(), []any{partArg(part)}
}

// value asks for one value; nil for none.
func (n *news) value(ctx context.Context, text string, args ...any) (any, error) {
	var v any
	err := n.conn.QueryRowContext(ctx, text, args...).Scan(&v)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return cursorValue(v)
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
	text, args, err := n.statement(keys, unique, window, limit)
	if err != nil {
		return kit.Page{}, err
	}
	rows, err := n.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return kit.Page{}, err
	}
	page := kit.Page{Data: make([]any, 0, n.PageSize), More: true}
	count := 0
	var before []any // the cursor and the key of the row before
	err = eachRow(rows, 1+len(keys), func(row map[string]any, stands []any) error {
		count++
		at, err := cursorValues(stands)
		if err != nil {
			return err
		}
		cursor, key := at[0], at[1:]
		if !unique {
			key = numbered(before, at)
			before = append([]any{cursor}, key...)
			if passed(window, cursor, key) {
				return nil
			}
		}
		give, err := n.at.Take(cursor, key, row)
		if give {
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
// columns do, and those that are equal in all are counted.
func (n *news) keys() (names []string, unique bool) {
	for _, k := range n.Key {
		names = append(names, quote(k))
	}
	if row := n.t.rowName(); row != "" {
		return append(names, row), true
	}
	for _, c := range n.t.columns {
		if c.key {
			names, unique = append(names, quote(c.name)), true
		}
	}
	if len(names) > 0 {
		return names, unique
	}
	for _, c := range n.t.columns {
		names = append(names, quote(c.name))
	}
	return names, false
}

// statement writes the SQL of the page; see read.statement.
func (n *news) statement(keys []string, unique bool, w kit.Window, limit int) (string, []any, error) {
	names := n.Columns
	if len(names) == 0 {
		names = n.t.names()
	}
	column := quote(n.Cursor)
	var cells, order []string
	for _, name := range names {
		cells = append(cells, "+"+quote(name)+" as "+quote(name))
	}
	for _, name := range append([]string{column}, keys...) {
		cells, order = append(cells, "+"+name), append(order, name)
	}
	where, args := n.only(n.at.Part())
	if w.From != nil {
		where, args = where+" and "+column+" >= ?", append(args, cursorArg(w.From))
	}
	if w.To != nil {
		if w.From == nil {
			where += fmt.Sprintf(" and (%s is null or %s <= ?)", column, column)
		} else {
			where += " and " + column + " <= ?"
		}
		args = append(args, cursorArg(w.To))
	}
	if w.Moved {
		values := append([]any{w.After}, w.Key...)
		if !unique && len(w.Key) == len(keys)+1 {
			values = values[:len(keys)+1]
		}
		if len(values) != len(order) {
			return "", nil, kit.Fail(kit.Malformed, "the cursor has %d values for the key, the table %q %d", len(values)-1, n.t.name, len(order)-1).On("cursor").
				Hint("the table has changed; reset the cursor, or set it without its key")
		}
		behind, more := behind(order, values, limit > n.PageSize)
		where, args = where+" and "+behind, append(args, more...)
	}
	return fmt.Sprintf("select %s from %s where %s order by %s limit %d",
		strings.Join(cells, ", "), quote(n.t.name), where, strings.Join(order, ", "), limit), args, nil
}

// behind is the condition for rows that stand behind the one with these values, or with
// orAt also at it. SQLite sorts null before all else, and compares it with nothing.
func behind(order []string, values []any, orAt bool) (string, []any) {
	args := make([]any, len(values))
	plain := true
	for i, v := range values {
		args[i] = cursorArg(v)
		plain = plain && v != nil
	}
	if plain && !orAt {
		return fmt.Sprintf("(%s) > (%s)", strings.Join(order, ", "), strings.TrimPrefix(strings.Repeat(", ?", len(order)), ", ")), args
	}
	var any []string
	var all []string
	var used, same []interface{}
	for i, name := range order {
		greater, with := name+" > ?", append(slices.Clone(same), args[i])
		if args[i] == nil {
			greater, with = name+" is not null", slices.Clone(same)
		}
		any = append(any, strings.Join(append(slices.Clone(all), greater), " and "))
		used = append(used, with...)
		all, same = append(all, name+" is ?"), append(same, args[i])
	}
	if orAt {
		any, used = append(any, strings.Join(all, " and ")), append(used, same...)
	}
	return "((" + strings.Join(any, ") or (") + "))", used
}

// cursorValue is what SQLite gave as a cursor holds it: a blob as {"blob": base64}.
func cursorValue(v any) (any, error) {
	if blob, ok := v.([]byte); ok {
		return map[string]any{"blob": base64.StdEncoding.EncodeToString(blob)}, nil
	}
	return fromSQL(v)
}

func cursorValues(all []any) ([]any, error) {
	values := make([]any, len(all))
	for i, v := range all {
		var err error
		if values[i], err = cursorValue(v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// cursorArg is the same back again.
func cursorArg(v any) any {
	if m, ok := v.(map[string]any); ok {
		if text, ok := m["blob"].(string); ok {
			if blob, err := base64.StdEncoding.DecodeString(text); err == nil {
				return append([]byte{}, blob...)
			}
		}
	}
	return toSQL(v)
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
