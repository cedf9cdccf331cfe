package postgres

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestUpsertMakesTheTableFromTheFirstBatch(t *testing.T) {
	r := newRig(t)
	with := flow.Values{"table": "orders", "key": []any{"shop", "id"}}
	said := r.Write("upsert", with,
		map[string]any{"id": 1, "shop": "a", "total": 5, "paid": true, "tags": []any{"x", 1}, "big": new(big.Int).Lsh(big.NewInt(1), 70), "later": nil, "mixed": 1},
		map[string]any{"id": 2, "shop": "a", "total": 5.25, "paid": false, "tags": nil, "note": "Zoë's \"own\"\n\t\\", "mixed": "two"})
	if said[0]+said[1] != "" {
		t.Fatal(said)
	}
	want := "shop:text:t id:bigint:t big:numeric:f later:text:f mixed:text:f paid:boolean:f tags:jsonb:f total:numeric:f note:text:f"
	if got := r.sql("select string_agg(attname || ':' || format_type(atttypid, atttypmod) || ':' || substr(attnotnull::text, 1, 1), ' ' order by attnum) from pg_attribute where attrelid = 'orders'::regclass and attnum > 0"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := r.sql("select id, big, mixed, paid, tags, total, note = E'Zoë''s \"own\"\\n\\t\\\\' from orders order by id"), "1|1180591620717411303424|1|t|[\"x\", 1]|5|\n2||two|f||5.25|t"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	said = r.Write("upsert", with, map[string]any{"id": 1, "shop": "a", "total": 7, "new": 1.5}, map[string]any{"id": 1, "shop": "a", "total": 8})
	if said[0]+said[1] != "" {
		t.Fatal(said)
	}
	if got, want := r.sql("select total, mixed, new from orders where id = 1; select count(*) from orders"), "8|1|1.5\n2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// many makes rows for the way of COPY, of which some are bad.
func many(n int, change func(i int, row map[string]any)) []any {
	rows := make([]any, n)
	for i := range rows {
		row := map[string]any{"id": i, "name": fmt.Sprintf("row %d\t\\N", i), "total": float64(i) / 4}
		change(i, row)
		rows[i] = row
	}
	return rows
}

func TestARowThatIsRefusedFailsAlone(t *testing.T) {
	for _, op := range []string{"upsert", "insert"} {
		for _, n := range []int{10, 300} { // by statement and by COPY
			t.Run(fmt.Sprint(op, " of ", n), func(t *testing.T) {
				r := newRig(t)
				r.sql(`create table t (id int primary key, name varchar(30) not null, total numeric check (total >= 0), twice numeric generated always as (total * 2) stored, code text unique, doc jsonb, raw bytea);
					insert into t (id, name, code) values (-1, 'old', 'taken')`)
				with := flow.Values{"table": "t", "add_columns": false}
				if op == "upsert" {
					with["key"] = []any{"id"}
				}
				rows := many(n, func(i int, row map[string]any) {
					switch i {
					case 1:
						row["total"] = -1
					case 2:
						row["name"] = strings.Repeat("x", 31)
					case 3:
						row["id"] = "three"
					case 4:
						row["name"] = nil
					case 5:
						row["code"] = "taken"
					case 6:
						row["colour"] = "red"
					case 7:
						row["raw"] = "no base64!"
					case 8:
						row["name"] = "a\x00b"
					case 9:
						row["twice"] = 1
					}
				})
				said := r.Write(op, with, rows...)
				for i, want := range []string{
					"", "t_total_check", "too long", "three", `"name"`, "t_code_key", `no column "colour"`, "base64", "invalid byte sequence", "twice",
				} {
					if (want == "") != (said[i] == "") || !strings.Contains(said[i], want) {
						t.Errorf("row %d: %q, want %q", i, said[i], want)
					}
				}
				for i, s := range said[10:] {
					if s != "" {
						t.Fatalf("row %d: %s", i+10, s)
					}
				}
				if got, want := r.sql("select count(*), sum(id), max(name) from t where id >= 10"), fmt.Sprintf("%d|%s|%s", n-10, map[int]string{10: "", 300: "44805"}[n], map[int]string{10: "", 300: "row 99\t\\N"}[n]); got != want {
					t.Errorf("in the table %q, want %q", got, want)
				}
			})
		}
	}
}

func TestValuesGoAsTheyCame(t *testing.T) {
	r := newRig(t)
	r.sql(`create table a (id int primary key, i8 bigint, n numeric, f float8, b boolean, s text, raw bytea, d date, at timestamptz, bare timestamp, t time, iv interval, u uuid, doc jsonb, js json,
			ints int[], texts text[], docs jsonb[], grid int[][]);
		insert into a select i, 9007199254740993, 12345678901234567890.123456789, 0.1, true, E'a\tb\\N\nc\r', '\x00ff', '2024-02-29', '2024-02-29 10:00:00.123456+00', '2024-02-29 10:00:00.5', '10:00:01', '1 day 2 hours',
			'6f2f6f9e-0a51-4d1c-9a1a-0d2f4d1e5a77', '{"a":[1,"x",null],"é":"\\"}', '"text"', '{1,NULL,3}', array['a,b','"q"','\','NULL',null,''], array['{"a":1}'::jsonb, '[null]'], '{{1,2},{3,4}}' from generate_series(1, 60) i;
		insert into a (id) values (99); create table copied (like a including all); create table stated (like a including all)`)
	read, _ := r.Read("read", flow.Values{"table": "a"}, nil)
	for table, rows := range map[string][]any{"copied": read, "stated": read[:5]} { // by COPY and by statement
		for i, said := range r.Write("upsert", flow.Values{"table": table, "key": []any{"id"}}, rows...) {
			if said != "" {
				t.Fatalf("row %d: %s", i, said)
			}
		}
		if got, want := r.sql(fmt.Sprintf("select count(*) from (select id, a::text from a intersect all select id, %[1]s::text from %[1]s) x", table)), fmt.Sprint(len(rows)); got != want {
			t.Errorf("of %s rows %s are the same: %s", want, got, r.sql("select * from a where id = 1; select * from "+table+" where id = 1"))
		}
	}
}

func TestUpdateAndDeleteTakeTheRowsWithTheKey(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, a text, b text); insert into t values (1, 'a', 'b'), (2, 'a', 'b'), (3, 'a', 'b')")
	key := flow.Values{"table": "t", "key": []any{"id"}}
	said := r.Write("update", key, map[string]any{"id": 1, "a": "x"}, map[string]any{"id": 9, "a": "x"}, map[string]any{"id": 2}, map[string]any{"id": 3, "a": nil, "b": "y"})
	for i, want := range []string{"", "no row of t has id 9", "nothing beside its key", ""} {
		if (want == "") != (said[i] == "") || !strings.Contains(said[i], want) {
			t.Errorf("row %d: %q, want %q", i, said[i], want)
		}
	}
	if got := r.sql("select * from t order by id"); got != "1|x|b\n2|a|b\n3||y" {
		t.Errorf("updated: %q", got)
	}
	said = r.Write("delete", key, map[string]any{"id": 1, "a": "whatever"}, map[string]any{"id": 9})
	if said[0]+said[1] != "" {
		t.Error(said)
	}
	if got := r.sql("select id from t order by id"); got != "2\n3" {
		t.Errorf("left: %q", got)
	}
	key["missing"] = "fail"
	if said = r.Write("delete", key, map[string]any{"id": 9}); !strings.Contains(said[0], "id 9") {
		t.Errorf("a row that is not there: %q", said[0])
	}
}

func TestUpsertIntoATableThatDoesNotKeepTheKey(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, email text)")
	for _, n := range []int{1, 300} {
		_, err := r.TryWrite("upsert", flow.Values{"table": "t", "key": []any{"email"}}, many(n, func(i int, row map[string]any) {
			clear(row)
			row["email"] = fmt.Sprint(i)
		})...)
		kittest.WantFailure(t, err, kit.Invalid, "key", `create unique index "t_email" on "t" ("email")`)
	}
}

func TestColumnsThatComeWhileALineIsOpen(t *testing.T) {
	r := newRig(t)
	with := flow.Values{"table": "t", "key": []any{"id"}, "add_columns": false}
	r.sql("create table t (id int primary key, a text)")
	if said := r.Write("upsert", with, map[string]any{"id": 1, "b": "x"}); !strings.Contains(said[0], `no column "b"`) {
		t.Errorf("before: %q", said[0])
	}
	r.sql("alter table t add column b text")
	if said := r.Write("upsert", with, map[string]any{"id": 1, "b": "x"}); said[0] != "" {
		t.Errorf("after it was added: %q", said[0])
	}
	r.sql("alter table t drop column a, alter column b type int using 5")
	if said := r.Write("upsert", with, map[string]any{"id": 1, "b": 7}); said[0] != "" {
		t.Errorf("after it was changed: %q", said[0])
	}
	got, _ := r.Read("read", flow.Values{"table": "t"}, nil)
	if text := kittest.JSON(got); text != `[{"b":7,"id":1}]` {
		t.Errorf("read %s", text)
	}
	r.sql("alter table t rename column b to c")
	got, _ = r.Read("read", flow.Values{"table": "t"}, nil)
	if text := kittest.JSON(got); text != `[{"c":7,"id":1}]` {
		t.Errorf("after it was renamed: %s", text)
	}
}

func TestAHugeValueGoesAsItIs(t *testing.T) {
	r := newRig(t)
	r.sql("create table t (id int primary key, v text, short varchar(10))")
	huge := strings.Repeat("x\t\\é", 8<<20)
	said := r.Write("upsert", flow.Values{"table": "t", "key": []any{"id"}},
		map[string]any{"id": 1, "v": huge}, map[string]any{"id": 2, "short": huge}, map[string]any{"id": 3, "v": "small"})
	if said[0] != "" || !strings.Contains(said[1], "too long") || said[2] != "" {
		t.Errorf("said %.200q", said)
	}
	got, _ := r.Read("read", flow.Values{"table": "t", "columns": []any{"v"}}, nil)
	if len(got) != 2 || got[0].(map[string]any)["v"] != huge {
		t.Errorf("%d rows, or another value", len(got))
	}
}
