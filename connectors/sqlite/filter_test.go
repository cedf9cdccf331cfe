package sqlite

import (
	"math/rand/v2"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/filter"
	"jackfield/flow/value"
)

// The columns of the proof: one of each kind that SQLite filters by, two whose names and
// collations are unusual, and one that it has to leave alone.
var (
	provenColumns = map[string]filter.Column{
		"i": {Name: "i", Kind: filter.IntegerColumn}, "f": {Name: "f", Kind: filter.FloatColumn},
		"s": {Name: "s", Kind: filter.TextColumn}, "b": {Name: "b", Kind: filter.BoolColumn},
		`o"d d`: {Name: `o"d d`, Kind: filter.TextColumn, Table: "t"},
	}
	provenTypes = flow.ObjectOf(
		flow.Property{Name: "i", Schema: flow.Schema{Types: []flow.Kind{flow.Integer, flow.Null}}},
		flow.Property{Name: "f", Schema: flow.Schema{Types: []flow.Kind{flow.Number, flow.Null}}},
		flow.Property{Name: "s", Schema: flow.Schema{Types: []flow.Kind{flow.String, flow.Null}}},
		flow.Property{Name: "b", Schema: flow.Schema{Types: []flow.Kind{flow.Integer, flow.Null}}},
		flow.Property{Name: `o"d d`, Schema: flow.Schema{Types: []flow.Kind{flow.String, flow.Null}}},
	)
	provenTable = `create table t (id integer primary key, i integer, f real, s text collate nocase, b boolean, "o""d d" varchar(20) collate rtrim, any)`
)

var (
	provenNumbers = []string{"0", "1", "-1", "2", "2.5", "-0.5", "1.0", "9007199254740993", "9007199254740992", "9223372036854775808", "-9223372036854775808", "0.1", "123456789012345678901234567890"}
	provenTexts   = []string{"", "a", "A", "ä", "Ä", "a ", "ab", "%", "_", `\`, "a%b", "1", "1.0", "'", `it's "x"`, "😀", "￿", "a\nb", "true"}
)

func pickOne[T any](rnd *rand.Rand, list []T) T { return list[rnd.IntN(len(list))] }

// provenRow is what one row holds, of every type that SQLite lets into its columns.
func provenRow(rnd *rand.Rand) []any {
	maybe := func(v any) any {
		if rnd.IntN(5) == 0 {
			return nil
		}
		return v
	}
	number := func() any {
		return pickOne(rnd, []any{int64(0), int64(1), int64(-1), int64(2), 2.5, -0.5, int64(9007199254740993), 9007199254740992.0, int64(-1 << 63), 0.1, 9223372036854775808.0, "12345678901234567890123", "word", "true"})
	}
	return []any{
		maybe(number()), maybe(number()), maybe(pickOne(rnd, provenTexts)),
		maybe(pickOne(rnd, []any{int64(0), int64(1), int64(2), 0.5, "true"})), maybe(pickOne(rnd, provenTexts)), maybe(pickOne(rnd, provenTexts)),
	}
}

// TestWhatSQLiteFiltersIsWhatTheFilterMeans asks SQLite for random filters, and compares
// its rows with those that the filter picks of all rows.
func TestWhatSQLiteFiltersIsWhatTheFilterMeans(t *testing.T) {
	d := newDesk(t)
	db := d.open()
	defer db.Close()
	if _, err := db.Exec(provenTable); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(11, 12))
	for range 120 {
		if _, err := db.Exec(`insert into t (i, f, s, b, "o""d d", any) values (?, ?, ?, ?, ?, ?)`, provenRow(rnd)...); err != nil {
			t.Fatal(err)
		}
	}
	both := append(append([]string{}, provenNumbers...), quoted(provenTexts)...)
	kittest.Filters{
		SQL: filter.SQL{Dialect: filter.SQLite, Columns: provenColumns}, Types: provenTypes, Count: 1500,
		Values: map[string][]string{"i": provenNumbers, "f": both, "s": quoted(provenTexts), "b": nil, `o"d d`: both, "any": both},
		Rows: func(where string, args []any) []any {
			query := "select * from t"
			if where != "" {
				query += " where " + where
			}
			return provenRows(t, d, query+" order by id", args...)
		},
	}.Prove(t)
}

func quoted(texts []string) []string {
	list := make([]string, len(texts))
	for i, s := range texts {
		list[i] = filter.Text(s).String()
	}
	return list
}

func provenRows(t *testing.T, d *desk, query string, args ...any) []any {
	t.Helper()
	db := d.open()
	defer db.Close()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []any
	for rows.Next() {
		cells, places := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for i, name := range names {
			if row[name], err = value.Normal(cells[i]); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
