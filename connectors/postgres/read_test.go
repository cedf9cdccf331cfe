package postgres

import (
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

func TestValuesComeAsTheyAre(t *testing.T) {
	r := newRig(t)
	r.sql(`create type mood as enum ('sad', 'merry'); create domain price as numeric(10,2);
		create table t (id int primary key, v jsonb)`)
	for _, tt := range []struct{ sql, want string }{
		{"9223372036854775807::bigint", "9223372036854775807"},
		{"123456789012345678901234567890::numeric", "123456789012345678901234567890"},
		{"12345678901234567890.123456789::numeric", `"12345678901234567890.123456789"`},
		{"12.50::numeric(10,2)", "12.5"},
		{"12.50::price", "12.5"},
		{"0.1::float4", "0.1"},
		{"0.1::float8 + 0.2", "0.30000000000000004"},
		{"'NaN'::float8", `"NaN"`},
		{"'-infinity'::float8", `"-Infinity"`},
		{"true", "true"},
		{"null::int", "null"},
		{"'Zoë'::varchar(10)", `"Zoë"`},
		{`'\x00ff'::bytea`, `"AP8="`},
		{`''::bytea`, `""`},
		{"timestamptz '2024-02-29 12:00:00.123456+02'", `"2024-02-29T10:00:00.123456Z"`},
		{"timestamp '2024-02-29 12:00:00'", `"2024-02-29T12:00:00"`},
		{"timestamptz 'infinity'", `"infinity"`},
		{"date '2024-02-29'", `"2024-02-29"`},
		{"time '12:30:00.5'", `"12:30:00.5"`},
		{"interval '1 year 2 days 03:04:05.5'", `"P1Y2DT3H4M5.5S"`},
		{"'6f2f6f9e-0a51-4d1c-9a1a-0d2f4d1e5a77'::uuid", `"6f2f6f9e-0a51-4d1c-9a1a-0d2f4d1e5a77"`},
		{`'{"a":[1,2.5,null],"b":"é"}'::jsonb`, `{"a":[1,2.5,null],"b":"é"}`},
		{`'"text"'::json`, `"text"`},
		{"array[1,null,3]", "[1,null,3]"},
		{`array['a','b "c"','d,e{}\','NULL',null,'']`, `["a","b \"c\"","d,e{}\\","NULL",null,""]`},
		{"array[[1,2],[3,4]]", "[[1,2],[3,4]]"},
		{"'{}'::text[]", "[]"},
		{"'[0:1]={5,6}'::int[]", "[5,6]"},
		{"array[1.5, 12345678901234567890.5]::numeric[]", `[1.5,"12345678901234567890.5"]`},
		{`array['{"a":1}'::jsonb]`, `[{"a":1}]`},
		{"array['sad','merry']::mood[]", `["sad","merry"]`},
		{"'merry'::mood", `"merry"`},
		{"'10.0.0.1'::inet", `"10.0.0.1"`},
		{"int4range(1,5)", `"[1,5)"`},
		{"'1.5 m'::text::char(6)", `"1.5 m "`},
	} {
		got, err := r.Run("query", flow.Values{"sql": "select " + tt.sql + " as v"})
		if err != nil {
			t.Errorf("%s: %v", tt.sql, err)
			continue
		}
		if text := kittest.JSON(kittest.Column(got, "v")[0]); text != tt.want {
			t.Errorf("%s is %s, want %s", tt.sql, text, tt.want)
		}
	}
}

func TestAQueryWithoutRowsGivesNone(t *testing.T) {
	r := newRig(t)
	r.sql("create type mood as enum ('sad', 'merry')")
	for _, sql := range []string{"select 1 as id where false", "select 'sad'::mood as m where false", "select 1; select 2 as id where false"} {
		rows, err := r.Run("query", flow.Values{"sql": sql})
		if err != nil || len(rows) != 0 {
			t.Errorf("%s gives %v, %v", sql, rows, err)
		}
	}
	rows, err := r.Run("query", flow.Values{"sql": "select 1 as id where $1", "params": []any{false}})
	if err != nil || len(rows) != 0 {
		t.Errorf("with a parameter it gives %v, %v", rows, err)
	}
}

func TestAReadGivesWhatItsFilterMeans(t *testing.T) {
	r := newRig(t)
	r.sql(`create table t (id int primary key, i8 bigint, n numeric(9,2), big numeric, f float8, r real, s text, c char(4), b boolean, d date, at timestamptz, bare timestamp, u uuid, doc jsonb, tags text[]);
		insert into t values (1, 9007199254740993, 12.50, 12345678901234567890.5, 0.1, 0.1, 'open', 'ab', true, '2024-02-29', '2024-02-29 12:00:00.5+02', '2024-02-29 12:00:00', '6f2f6f9e-0a51-4d1c-9a1a-0d2f4d1e5a77', '{"a":1}', '{a,b}'),
		(2, -1, 0, 0, 'NaN', 1, 'Open', '1', false, '1999-12-31', '2024-02-29 10:00:00+00', '1999-12-31', null, '"open"', '{}'),
		(3, 1, -0.5, 1, 1e300, 1e30, '', '', null, 'infinity', 'infinity', 'infinity', null, null, null),
		(4, null, null, null, null, null, null, null, null, null, null, null, null, '1', null),
		(5, 2, 2, 2, '-infinity', 2, '100%', '%', true, '2024-01-01', '2024-01-01', '2024-01-01', null, 'true', '{1}'),
		(6, 1, 1.00, 1.0, 1, 1, 'Zoë', 'x', true, '0044-03-15 BC', '2024-01-01', '2024-01-01', null, '[1]', '{null}')`)
	kittest.Sifts(t, r.Desk, flow.Values{"table": "t", "page_size": 4}, []string{
		"0", "1", "2", "-1", "0.1", "12.5", "-0.5", "9007199254740993", "9007199254740992", "1e300", "true", "false",
		"'open'", "'OPEN'", "''", "'%'", "'Zo'", "'1'", "'a'", "2024-02-29", "1999-12-31", "2024-02-29T10:00:00Z", "2024-01-01T00:00:00Z", "'2024-01-01'",
	}, 40)
	_, err := r.Bind("read", flow.Values{"table": "t", "filter": "nme = 'x'"}).(kit.Source).Read(t.Context(), r.Env, nil)
	kittest.WantFailure(t, err, kit.Invalid, "filter", "nme")
	if _, problems := r.Try("read", flow.Values{"table": "t", "filter": "n = 1 limit 10"}); len(problems) != 1 || problems[0].Field != "filter" {
		t.Errorf("a limit: %v", problems)
	}
	got, mark := r.Read("read", flow.Values{"table": "t", "cursor": "id", "filter": "i8 = 1 and u = null", "page_size": 2}, nil)
	if ids := kittest.JSON(kittest.Column(got, "id")); ids != "[3,6]" || mark == nil {
		t.Errorf("by cursor %s", ids)
	}
}
