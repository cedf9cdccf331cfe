package sqlite

import (
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// shifting is a table that is read while it changes.
type shifting struct {
	*desk
	db        *sql.DB
	cursor    func(at int) any // a tick as the table holds it
	tick      func(v any) int
	overlap   string // of one tick
	partition string
	from      string // the table or view that is read
}

func (c *shifting) Put(t testing.TB, r kittest.Row) {
	if _, err := c.db.Exec("insert or replace into rows (id, at, part, text) values (?, ?, ?, ?)", r.Key, c.cursor(r.At), r.Part, r.Text); err != nil {
		t.Fatal(err)
	}
}

func (c *shifting) Remove(t testing.TB, key int) {
	if _, err := c.db.Exec("delete from rows where id = ?", key); err != nil {
		t.Fatal(err)
	}
}

func (c *shifting) Source(_ testing.TB, overlap, _ int) (kit.Source, kit.Env) {
	with := flow.Values{"table": c.from, "cursor": "at", "page_size": 3, "behind": "go_on", "partition": c.partition}
	if overlap > 0 {
		with["overlap"] = fmt.Sprint(overlap) + c.overlap
	}
	return c.read(with), c.env
}

func (c *shifting) Row(_ testing.TB, data any) kittest.Row {
	m := data.(map[string]any)
	return kittest.Row{Key: m["id"].(int), At: c.tick(m["at"]), Part: m["part"].(int), Text: m["text"].(string)}
}

func TestReadLosesNothingOfATableThatChanges(t *testing.T) {
	const seconds = "2006-01-02 15:04:05"
	ofText := func(layout string) (func(int) any, func(any) int) {
		return func(at int) any { return time.Unix(int64(at), 0).UTC().Format(layout) },
			func(v any) int {
				when, err := time.Parse(layout, v.(string))
				if err != nil {
					panic(err)
				}
				return int(when.Unix())
			}
	}
	text, ofSeconds := ofText(seconds)
	zoned, ofZoned := ofText(time.RFC3339)
	number, ofNumber := func(at int) any { return at }, func(v any) int { return v.(int) }
	for _, tt := range []struct {
		name, table, from, overlap, partition string
		parts                                 int
		cursor                                func(int) any
		tick                                  func(any) int
	}{
		{"texts", "create table rows (id integer primary key, at text, part integer, text text)", "rows", "s", "", 1, text, ofSeconds},
		{"times with a zone", "create table rows (id integer primary key, at datetime, part integer, text text); create index by_at on rows (at)", "rows", "s", "", 1, zoned, ofZoned},
		{"numbers", "create table rows (id integer primary key, at integer, part integer, text text) without rowid", "rows", "", "", 1, number, ofNumber},
		{"a view", "create table rows (id integer primary key, at integer, part integer, text text); create view seen as select * from rows", "seen", "", "", 1, number, ofNumber},
		{"partitions", "create table rows (id integer primary key, at text, part integer, text text)", "rows", "s", "part", 3, text, ofSeconds},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kittest.Incremental(t, tt.parts, false, func(t testing.TB) kittest.Table {
				d := newDesk(t)
				db := d.open()
				t.Cleanup(func() { db.Close() })
				if _, err := db.Exec("pragma synchronous = off; " + tt.table); err != nil {
					t.Fatal(err)
				}
				return &shifting{desk: d, db: db, cursor: tt.cursor, tick: tt.tick, overlap: tt.overlap, partition: tt.partition, from: tt.from}
			})
		})
	}
}

// ids reads from a mark to the end.
func (d *desk) ids(with flow.Values, after flow.Cursor) (ids []any, mark flow.Cursor) {
	d.t.Helper()
	pages, mark := d.pages(d.read(with), after)
	if mark == nil {
		mark = after
	}
	return gather(pages, "id"), mark
}

func wantIDs(t *testing.T, what string, got []any, want ...any) {
	t.Helper()
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestReadFindsARowThatCameToTheGreatestCursorWithALowerKey(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, at text); insert into t values (7, '10:00:00'), (9, '10:00:00')")
	with := flow.Values{"table": "t", "cursor": "at"}
	first, mark := d.ids(with, nil)
	wantIDs(t, "first", first, 7, 9)
	d.sql("insert into t values (8, '10:00:00'), (3, '10:00:00')")
	then, mark := d.ids(with, mark)
	wantIDs(t, "then", then, 3, 8)
	then, _ = d.ids(with, mark)
	wantIDs(t, "in the end", then)
}

func TestReadTakesOnlyTheLastDaysAtFirst(t *testing.T) {
	for name, values := range map[string]string{
		"times":        "(1, '2026-02-27 11:59:59'), (2, '2026-02-27 12:00:00'), (3, '2026-02-28 10:00:00.5'), (4, null)",
		"dates":        "(1, '2026-02-26'), (2, '2026-02-27'), (3, '2026-03-01')",
		"seconds":      "(1, 1772193599), (2, 1772193600), (3, 1772193700)",
		"milliseconds": "(1, 1772193599999), (2, 1772193600000), (3, 1772193700000)",
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.env.Started = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			d.sql("create table t (id integer primary key, at); insert into t values " + values)
			got, _ := d.ids(flow.Values{"table": "t", "cursor": "at", "first": "2d", "page_size": 1}, nil)
			wantIDs(t, "first", got, 2, 3)
		})
	}
	d := newDesk(t)
	d.sql("create table t (id integer primary key); insert into t values (1)")
	_, err := d.read(flow.Values{"table": "t", "cursor": "id", "first": "2d"}).Read(t.Context(), d.env, nil)
	wantFailure(t, err, kit.Invalid, "first", "is no time")
}

func TestReadLeavesWhatIsTooYoung(t *testing.T) {
	d := newDesk(t)
	d.env.Started = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	d.sql("create table t (id integer primary key, at text); insert into t values (1, '2026-03-01T11:59:50Z'), (2, '2026-03-01T11:59:55Z'), (3, '2026-03-01T11:59:56Z'), (4, '2026-03-01T12:00:00Z')")
	with := flow.Values{"table": "t", "cursor": "at", "settle": "5s", "page_size": 2}
	first, mark := d.ids(with, nil)
	wantIDs(t, "first", first, 1, 2)
	d.sql("insert into t values (5, '2026-03-01T11:59:58Z')") // a clock that runs behind
	d.env.Started = d.env.Started.Add(time.Minute)
	then, _ := d.ids(with, mark)
	wantIDs(t, "a minute later", then, 3, 5, 4)
}

func TestReadSaysThatATableFellBehindItsCursor(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, at text); insert into t values (1, '2026-03-01'), (2, '2026-03-02')")
	with := flow.Values{"table": "t", "cursor": "at"}
	_, mark := d.ids(with, nil)
	d.sql("delete from t")
	none, mark := d.ids(with, mark)
	wantIDs(t, "an empty table", none)
	d.sql("insert into t values (1, '2026-03-01')") // an older state
	_, err := d.read(with).Read(t.Context(), d.env, mark)
	wantFailure(t, err, kit.Refused, "cursor", "goes backwards", "2026-03-01", "2026-03-02")
	if f := kit.AsFailure(err); !strings.Contains(f.Fix, "flows state") || !strings.Contains(f.Fix, "go_on") {
		t.Errorf("the way out is %q", f.Fix)
	}
	with["behind"] = "go_on"
	none, _ = d.ids(with, mark)
	wantIDs(t, "told to go on", none)
}

func TestReadGoesOnFromACursorOfAnEarlierJackfield(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, at text); insert into t values (1, '10:00'), (2, '10:00'), (3, '11:00')")
	got, mark := d.ids(flow.Values{"table": "t", "cursor": "at"}, flow.Cursor(`{"of":"t.at","value":"10:00","row":1}`))
	wantIDs(t, "behind the row", got, 2, 3)
	got, _ = d.ids(flow.Values{"table": "t", "cursor": "at"}, mark)
	wantIDs(t, "then", got)
}

func TestReadDoesNotRepeatACrowdOfEqualCursors(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, at text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i, '10:00' from n")
	with := flow.Values{"table": "t", "cursor": "at"}
	all, mark := d.ids(with, nil)
	if len(all) != 5000 {
		t.Fatalf("%d rows at first", len(all))
	}
	if len(mark) > 1000 {
		t.Errorf("the mark has %d bytes", len(mark))
	}
	then, mark := d.ids(with, mark)
	wantIDs(t, "nothing is new", then)
	d.sql("insert into t values (5001, '10:00'), (5002, '10:01')")
	then, mark = d.ids(with, mark)
	wantIDs(t, "two are", then, 5001, 5002)
	then, _ = d.ids(with, mark)
	wantIDs(t, "and no more", then)
}

func TestANewPartitionBeginsAtItsBeginning(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, at integer, of); insert into t values (1, 10, 'eu'), (2, 11, 'eu'), (3, 5, 7), (4, 1, null)")
	with := flow.Values{"table": "t", "cursor": "at", "partition": "of", "page_size": 1}
	first, mark := d.ids(with, nil)
	wantIDs(t, "first", first, 4, 3, 1, 2)
	d.sql("insert into t values (5, 3, 'us'), (6, 12, 'eu'), (7, 6, 7), (8, 2, null), (9, 1, '7')")
	then, mark := d.ids(with, mark)
	wantIDs(t, "then", then, 8, 7, 9, 6, 5)
	then, _ = d.ids(with, mark)
	wantIDs(t, "in the end", then)
}

func TestReadCountsRowsThatNothingTellsApart(t *testing.T) {
	for size := 1; size <= 7; size++ {
		d := newDesk(t)
		d.sql("create table rows (id integer, at integer); create view t as select * from rows;" +
			"insert into rows values (1, 5), (1, 5), (1, 5), (1, 5), (1, 5), (2, 5), (2, 5), (null, 5), (3, 6), (3, 6)")
		with := flow.Values{"table": "t", "cursor": "at", "page_size": size}
		first, mark := d.ids(with, nil)
		wantIDs(t, "first", first, nil, 1, 1, 1, 1, 1, 2, 2, 3, 3)
		d.sql("insert into rows values (3, 6), (2, 6)")
		then, _ := d.ids(with, mark)
		wantIDs(t, "then", then, 2, 3)
	}
}
