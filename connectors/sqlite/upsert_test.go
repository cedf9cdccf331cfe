package sqlite

import (
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestUpsertMakesTheTableFromTheFirstBatch(t *testing.T) {
	d := newDesk(t)
	said := d.write(flow.Values{"table": "orders", "key": []any{"shop", "id"}},
		map[string]any{"id": 1, "shop": "a", "total": 5, "paid": true, "tags": []any{"x", 1}, "big": new(big.Int).Lsh(big.NewInt(1), 64), "later": nil, "mixed": 1},
		map[string]any{"id": 2, "shop": "a", "total": 5.25, "paid": false, "tags": nil, "note": "Zoë's \"own\"", "mixed": "two"})
	if said[0] != "" || said[1] != "" {
		t.Fatal(said)
	}
	want := `CREATE TABLE "orders" ("shop" text not null, "id" integer not null, "big" text, "later", "mixed" text, "paid" integer, "tags" text, "total" real, "note" text, primary key ("shop", "id"))`
	if got := d.judge("select sql from sqlite_schema where type = 'table'"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	rows := "a|1|18446744073709551616||1|1|[\"x\",1]|5.0|\na|2|||two|0||5.25|Zoë's \"own\""
	if got := d.judge("select * from orders"); got != rows {
		t.Errorf("got  %q\nwant %q", got, rows)
	}
}

func TestUpsertTwiceChangesNothingMore(t *testing.T) {
	d := newDesk(t)
	with := flow.Values{"table": "orders", "key": []any{"id"}}
	d.write(with, map[string]any{"id": 1, "total": 5, "note": "first"}, map[string]any{"id": 2, "total": 6})
	d.write(with, map[string]any{"id": 1, "total": 7}, map[string]any{"ID": 2, "total": 6}, map[string]any{"id": 2})
	if got, want := d.judge("select id, total, note from orders order by id"), "1|7|first\n2|6|"; got != want {
		t.Errorf("got %q, want %q: a column that is not in the row keeps its value", got, want)
	}
}

func TestUpsertFailsARowAlone(t *testing.T) {
	d := newDesk(t)
	d.sql(`create table orders (id integer primary key, total real not null check (total > 0), twice as (total * 2), code text unique);
		insert into orders (id, total, code) values (100, 1, 'taken')`)
	said := d.write(flow.Values{"table": "orders", "key": []any{"id"}, "add_columns": false},
		map[string]any{"id": 1, "total": 5},
		map[string]any{"id": 2, "total": -5},
		map[string]any{"id": 3},
		map[string]any{"total": 3},
		map[string]any{"id": nil, "total": 3},
		"not an object",
		map[string]any{"id": 4, "total": 4, "colour": "red"},
		map[string]any{"id": "x", "total": 4},
		map[string]any{"id": 5, "total": 4, "Total": 5},
		map[string]any{"id": 6, "total": 4, "twice": 5},
		map[string]any{"id": 7, "total": 4, "code": "taken"},
		map[string]any{"id": 8, "total": 8})
	want := []string{
		"", "CHECK constraint failed: total > 0", "NOT NULL constraint failed: orders.total", `no "id"`, `no "id"`, "not an object",
		`no column "colour"`, "datatype mismatch", "one column", "generated column", "UNIQUE constraint failed: orders.code", "",
	}
	for i, w := range want {
		if !strings.Contains(said[i], w) || w == "" && said[i] != "" {
			t.Errorf("row %d: %q, want %q", i, said[i], w)
		}
	}
	if got := d.judge("select id, total from orders"); got != "1|5.0\n8|8.0\n100|1.0" {
		t.Errorf("in the table: %q", got)
	}
	if len(d.log) != 1 || d.log[0] != "table orders: 2 rows written, 10 refused" {
		t.Errorf("log %q", d.log)
	}
}

func TestUpsertAddsTheColumnsThatAreMissing(t *testing.T) {
	d := newDesk(t)
	with := flow.Values{"table": "orders", "key": []any{"id"}}
	d.write(with, map[string]any{"id": 1})
	if said := d.write(with, map[string]any{"id": 1, "a b": 1.5}, map[string]any{"id": 2, "x\"; drop table orders; --": "y"}); said[0]+said[1] != "" {
		t.Fatal(said)
	}
	if got, want := d.judge("select name, type from pragma_table_info('orders')"), "id|INTEGER\na b|REAL\nx\"; drop table orders; --|TEXT"; !strings.EqualFold(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUpsertOnAKeyThatTheTableDoesNotHave(t *testing.T) {
	d := newDesk(t)
	d.sql("create table orders (id integer primary key, email text)")
	u := d.upsert(flow.Values{"table": "orders", "key": []any{"email"}})
	_, err := u.RunAll(t.Context(), d.env, flow.Batch{{Data: map[string]any{"email": "a@example.com"}}})
	wantFailure(t, err, kit.Invalid, "key", `create unique index "orders_email" on "orders" ("email")`)
}

func TestANewDatabaseLetsOthersReadMeanwhile(t *testing.T) {
	d := newDesk(t)
	d.write(flow.Values{"table": "t", "key": []any{"id"}}, map[string]any{"id": 1})
	rows, err := d.rows(flow.Values{"sql": "pragma journal_mode"})
	if err != nil || asJSON(rows) != `[{"journal_mode":"wal"}]` {
		t.Errorf("%s, %v", asJSON(rows), err)
	}
}

func TestUpsertIntoAFolderThatIsNotThere(t *testing.T) {
	d := newDesk(t)
	u := d.upsert(flow.Values{"path": "no/shop.db", "table": "t", "key": []any{"id"}})
	_, err := u.RunAll(t.Context(), d.env, flow.Batch{{Data: map[string]any{"id": 1}}})
	wantFailure(t, err, kit.Missing, "path", "there is no folder "+filepath.Join(d.env.Dir, "no"))
}

func TestUpsertLeavesAForeignDatabaseInItsMode(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key)")
	d.write(flow.Values{"table": "t", "key": []any{"id"}}, map[string]any{"id": 1})
	if got := d.judge("pragma journal_mode; select count(*) from t"); got != "delete\n1" {
		t.Errorf("got %q", got)
	}
}

func TestUpsertDescribesTheTable(t *testing.T) {
	d := newDesk(t)
	u := d.upsert(flow.Values{"table": "orders", "key": []any{"id"}})
	if in, _, err := u.Describe(t.Context(), d.env); err != nil || len(in.Properties) != 0 {
		t.Errorf("where there is no file: %q, %v", shape(in), err)
	}
	d.sql("create table orders (id integer primary key, note text)")
	if in, _, err := u.Describe(t.Context(), d.env); err != nil || shape(in) != "id integer, note string|null" {
		t.Errorf("%q, %v", shape(in), err)
	}
}
