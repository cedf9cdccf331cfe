package sqlite

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func asJSON(v any) string { return string(value.Append(nil, v)) }

func TestQueryGivesARecordForEachRow(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (i integer, r real, s text, b blob, n, day date, at datetime);" +
		"insert into t values (9007199254740993, 0.5, 'Zoë', x'00ff', null, '2024-02-29', '2024-02-29T10:00:00Z'), (2, 1e300, '', x'', 'x', 'soon', 5)")
	tests := []struct {
		name, sql string
		params    any
		want      string
	}{
		{
			"every kind", "select * from t order by rowid", nil,
			`[{"at":"2024-02-29T10:00:00Z","b":"AP8=","day":"2024-02-29","i":9007199254740993,"n":null,"r":0.5,"s":"Zoë"},` +
				`{"at":5,"b":"","day":"soon","i":2,"n":"x","r":1e+300,"s":""}]`,
		},
		{"in the order asked for", "select day from t order by i;", nil, `[{"day":"soon"},{"day":"2024-02-29"}]`},
		{"by place", "select i from t where s = ? and i > ?", []any{"Zoë", 2}, `[{"i":9007199254740993}]`},
		{"by name", "select :a as a, @b as b, $c as c", map[string]any{"a": true, ":b": []any{1}, "c": nil}, `[{"a":1,"b":"[1]","c":null}]`},
		{"beyond 64 bits", "select typeof(?) as t", []any{new(big.Int).Lsh(big.NewInt(1), 70)}, `[{"t":"text"}]`},
		{"a name twice", "select 1 as id, 2 as id, day from t limit 1", nil, `[{"day":"2024-02-29","id":1,"id_2":2}]`},
		{"none", "select * from t where false", nil, `[]`},
		{"a value that looks like SQL", "select count(*) as n from t where s = ?", []any{"x' or 'x' = 'x"}, `[{"n":0}]`},
		{"values", "values (1, 'a')", nil, `[{"column1":1,"column2":"a"}]`},
		{"a pragma", "pragma user_version", nil, `[{"user_version":0}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := d.rows(flow.Values{"sql": tt.sql, "params": tt.params})
			if err != nil {
				t.Fatal(err)
			}
			if got := asJSON(rows); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestQueryTellsWhatItChanged(t *testing.T) {
	d := newDesk(t)
	for _, step := range []struct{ sql, want string }{
		{"create table a (id integer primary key, n); create table b (id integer primary key)", `[{"changed":0,"last_id":null}]`},
		{"insert into a (n) values (1), (2), (3)", `[{"changed":3,"last_id":3}]`},
		{"insert into b values (3)", `[{"changed":1,"last_id":3}]`},
		{"update a set n = n + 1 where id > 1", `[{"changed":2,"last_id":null}]`},
		{"insert into a (n) values (9) returning id, n", `[{"id":4,"n":9}]`},
		{"delete from a", `[{"changed":4,"last_id":null}]`},
		{"insert into a (n) select 1 where false", `[{"changed":0,"last_id":null}]`},
	} {
		rows, err := d.rows(flow.Values{"sql": step.sql})
		if err != nil {
			t.Fatalf("%s: %v", step.sql, err)
		}
		if got := asJSON(rows); got != step.want {
			t.Errorf("%s\ngot  %s\nwant %s", step.sql, got, step.want)
		}
	}
	if got := d.judge("select count(*) from a; select count(*) from b"); got != "0\n1" {
		t.Errorf("left over: %q", got)
	}
}

func TestEffectFollowsTheWordsOfTheSQL(t *testing.T) {
	for _, tt := range []struct {
		sql  string
		want kit.Effect
	}{
		{"", kit.Reads},
		{"SELECT * FROM t", kit.Reads},
		{"  -- delete\n/* insert */ select 'update t' as \"delete\" from [drop] where `insert` = 1", kit.Reads},
		{"select replace(a, 'x', 'y') from t", kit.Reads},
		{"select 'it''s; delete from t'", kit.Reads},
		{"values (1)", kit.Reads},
		{"with a as (select replace (b, 1, 2) from t) select * from a", kit.Reads},
		{"with a as (select 1) insert into t select * from a", kit.Once},
		{"WITH a AS (select 1) DELETE FROM t", kit.Once},
		{"select 1; delete from t", kit.Once},
		{"pragma table_info(t)", kit.Reads},
		{"pragma user_version = 3", kit.Repeatable},
		{"explain query plan delete from t", kit.Reads},
		{"insert into t values (1)", kit.Once},
		{"replace into t values (1)", kit.Once},
		{"create table t (a)", kit.Once},
		{"(select 1", kit.Reads},
		{"'unfinished", kit.Reads},
		{"vacuum", kit.Once},
	} {
		if got := syntax.EffectOf(tt.sql); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.sql, got, tt.want)
		}
	}
}

func FuzzEffectIsTheSameWhateverTheCommentsSay(f *testing.F) {
	f.Add("select 1", "delete from t")
	f.Add("insert into t values ('--')", "x")
	f.Fuzz(func(t *testing.T, sql, note string) {
		if strings.Contains(note, "\n") {
			return
		}
		if got, want := syntax.EffectOf("-- "+note+"\n"+sql), syntax.EffectOf(sql); got != want {
			t.Errorf("%s with the note, %s without", got, want)
		}
	})
}

func TestQueryThatFailsSaysWhatToDo(t *testing.T) {
	d := newDesk(t)
	d.sql("create table orders (id integer primary key, total real not null check (total > 0))")
	notDB := filepath.Join(d.env.Dir, "notes.txt")
	if err := os.WriteFile(notDB, []byte(strings.Repeat("just words, no tables\n", 400)), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		with  flow.Values
		kind  flow.Code
		field string
		words []string
	}{
		{"no such file", flow.Values{"path": "lost.db", "sql": "select 1"}, kit.Missing, "path", []string{"lost.db"}},
		{"a folder", flow.Values{"path": ".", "sql": "select 1"}, kit.Invalid, "path", []string{"folder"}},
		{"a folder to write", flow.Values{"path": ".", "sql": "delete from t"}, kit.Invalid, "path", []string{"folder"}},
		{"not a database", flow.Values{"path": "notes.txt", "sql": "select * from t"}, kit.Malformed, "path", []string{"notes.txt is not a SQLite database"}},
		{"no such table", flow.Values{"sql": "select * from order_s"}, kit.Invalid, "sql", []string{"no such table: order_s"}},
		{"a text in double quotes", flow.Values{"sql": `select * from orders where id = "x"`}, kit.Invalid, "sql", []string{"no such column", "'single quotes'"}},
		{"not SQL", flow.Values{"sql": "selekt 1"}, kit.Invalid, "sql", []string{`near "selekt"`}},
		{"a rule of the table", flow.Values{"sql": "insert into orders values (1, -5)"}, kit.Refused, "", []string{"CHECK constraint failed: total > 0"}},
		{"params of no use", flow.Values{"sql": "select ?", "params": "x"}, kit.Invalid, "params", []string{`"x"`}},
		{"too few params", flow.Values{"sql": "select ?, ?", "params": []any{1}}, kit.Invalid, "params", nil},
		{"a name not given", flow.Values{"sql": "select :a", "params": map[string]any{"b": 1}}, kit.Invalid, "params", []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := d.rows(tt.with)
			wantFailure(t, err, tt.kind, tt.field, tt.words...)
		})
	}
	if _, err := os.Stat(filepath.Join(d.env.Dir, "lost.db")); err == nil {
		t.Error("a query that only reads made a file")
	}
}

func TestQueryRefusesMoreRowsThanItMayHold(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (a)")
	_, err := d.rows(flow.Values{"sql": "with recursive n(i) as (values (1) union all select i + 1 from n) select i from n"})
	wantFailure(t, err, kit.Refused, "sql", "100000", "sqlite.read")
}

func TestQueryDescribesItsColumns(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer, name varchar(10), price decimal)")
	for _, tt := range []struct{ sql, want string }{
		{"select id, name, price, id + 1 as next from t where name = :n;", "id integer, name string, price number, next any"},
		{"delete from t", "changed integer, last_id integer|null"},
		{"delete from t returning id", ""},
		{"pragma user_version", ""},
	} {
		_, out, err := d.query(flow.Values{"sql": tt.sql}).Describe(t.Context(), d.env)
		if err != nil {
			t.Fatal(err)
		}
		if got := shape(out); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.sql, got, tt.want)
		}
	}
}

func shape(s flow.Schema) string {
	var parts []string
	for _, p := range s.Properties {
		var kinds []string
		for _, k := range p.Schema.Types {
			kinds = append(kinds, string(k))
		}
		if len(kinds) == 0 {
			kinds = []string{"any"}
		}
		parts = append(parts, p.Name+" "+strings.Join(kinds, "|"))
	}
	return strings.Join(parts, ", ")
}
