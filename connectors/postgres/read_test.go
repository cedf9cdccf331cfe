package postgres

import (
	"testing"

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
