package postgres

import (
	"testing"
	"time"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestReadLosesNothingOfATableThatChanges(t *testing.T) {
	zoned, ofZoned := kittest.Ticks(time.RFC3339)
	bare, ofBare := kittest.Ticks("2006-01-02T15:04:05")
	text, ofText := kittest.Ticks(time.DateTime)
	number, ofNumber := kittest.Numbers()
	for _, tt := range []struct {
		name, table, from, unit, partition string
		parts                              int
		at                                 func(int) any
		tick                               func(any) int
	}{
		{"times with a zone", "create table rows (id int primary key, at timestamptz, part int, text text); create index on rows (at, id)", "", "s", "", 1, zoned, ofZoned},
		{"times without", "create table rows (id int primary key, at timestamp, part int, text text)", "", "s", "", 1, bare, ofBare},
		{"texts", "create table rows (id int primary key, at text, part int, text text)", "", "s", "", 1, text, ofText},
		{"numbers", "create table rows (id int unique not null, at numeric, part int, text text)", "", "", "", 1, number, ofNumber},
		{"a view", "create table rows (id int primary key, at bigint, part int, text text, note json); create view seen as select * from rows", "seen", "", "", 1, number, ofNumber},
		{"partitions", "create table rows (id int primary key, at timestamptz, part int, text text)", "", "s", "part", 3, zoned, ofZoned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kittest.Incremental(t, tt.parts, false, func(t testing.TB) kittest.Table {
				r := newRig(t)
				r.sql(tt.table)
				return &kittest.Shifting{Desk: r.Desk, Table: "rows", From: tt.from, At: tt.at, Tick: tt.tick, Unit: tt.unit, Partition: tt.partition}
			})
		})
	}
}

func TestReadFindsWhatCommitsLate(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, at timestamptz not null default now())")
	late := newLine(t, r)
	if err := late.conn.Exec(t.Context(), "begin; insert into "+r.schema+".t (id) values (1)").Close(); err != nil {
		t.Fatal(err)
	}
	r.sql("insert into t (id) values (2)")
	with := flow.Values{"table": "t", "cursor": "at", "overlap": "1h"}
	first, mark := r.Read("read", with, nil)
	if got := kittest.JSON(kittest.Column(first, "id")); got != "[2]" {
		t.Fatalf("first %s", got)
	}
	if err := late.conn.Exec(t.Context(), "commit").Close(); err != nil {
		t.Fatal(err)
	}
	then, mark := r.Read("read", with, mark)
	if got := kittest.JSON(kittest.Column(then, "id")); got != "[1]" {
		t.Errorf("the row of the transaction that was open: %s", got)
	}
	if again, _ := r.Read("read", with, mark); len(again) != 0 {
		t.Errorf("and then again %v", again)
	}
}

func TestReadKeepsTheOrderOfWhatIsNull(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, at timestamptz, v bytea); create index on t (at);" +
		"insert into t values (1, null, '\\x01'), (2, '2024-01-01', '\\x00'), (3, null, '\\xff'), (4, '2023-01-01', '\\x'), (5, '2024-01-01', '\\x02')")
	for _, tt := range []struct {
		cursor, want string
	}{{"at", "[1,3,4,2,5]"}, {"v", "[4,2,1,5,3]"}, {"", "[1,2,3,4,5]"}, {"id", "[1,2,3,4,5]"}} {
		for size := 1; size <= 6; size++ {
			got, _ := r.Read("read", flow.Values{"table": "t", "cursor": tt.cursor, "page_size": size}, nil)
			if ids := kittest.JSON(kittest.Column(got, "id")); ids != tt.want {
				t.Errorf("by %q in pages of %d: %s, want %s", tt.cursor, size, ids, tt.want)
			}
		}
	}
}

func TestATableWithoutAKeyIsReadWhole(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (n int, doc json); insert into t select i % 3, '{}' from generate_series(1, 50) i; create view v as select * from t")
	for _, with := range []flow.Values{
		{"table": "t", "page_size": 7}, {"table": "v", "page_size": 7}, {"table": "t", "cursor": "n", "page_size": 7}, {"table": "v", "cursor": "n", "page_size": 7},
	} {
		got, mark := r.Read("read", with, nil)
		if len(got) != 50 {
			t.Errorf("%v: %d of 50 rows", with, len(got))
		}
		if with["cursor"] == nil {
			continue
		}
		r.sql("insert into t values (2, '{}')")
		if got, _ = r.Read("read", with, mark); len(got) != 1 {
			t.Errorf("%v: one more was added and %d came", with, len(got))
		}
		r.sql("delete from t where ctid = (select max(ctid) from t)")
	}
}

func TestClocksThatDifferLoseNothing(t *testing.T) {
	for _, kind := range []string{"timestamptz", "timestamp"} {
		r := newRig(t) // the run begins on 2026-03-01 at 12:00 UTC
		r.sql("create table t (id int primary key, at " + kind + "); insert into t values (0, '2026-01-01'), (1, '2026-03-01 11:59:50'), (2, '2026-03-01 11:59:54.5'), (3, '2026-03-01 11:59:55.5'), (4, '2026-03-01 12:00:07')")
		with := flow.Values{"table": "t", "cursor": "at", "settle": "5s", "first": "2d", "page_size": 2}
		first, mark := r.Read("read", with, nil)
		if got := kittest.JSON(kittest.Column(first, "id")); got != "[1,2]" {
			t.Errorf("%s: first %s", kind, got)
		}
		r.sql("insert into t values (5, '2026-03-01 11:59:58')") // by a clock that runs behind
		r.Env.Started = r.Env.Started.Add(time.Minute)
		then, _ := r.Read("read", with, mark)
		if got := kittest.JSON(kittest.Column(then, "id")); got != "[3,5,4]" {
			t.Errorf("%s: a minute later %s", kind, got)
		}
	}
}
