package postgres

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
	"jackfield/flow/filter"
)

var provenColumns = map[string]filter.Column{
	"i": {Name: "i", Kind: filter.IntegerColumn}, "f": {Name: "f", Kind: filter.FloatColumn}, "n": {Name: "n", Kind: filter.DecimalColumn},
	"s": {Name: "s", Kind: filter.TextColumn}, "b": {Name: "b", Kind: filter.BoolColumn}, "d": {Name: "d", Kind: filter.DateColumn},
	"t": {Name: "t", Kind: filter.DateTimeColumn}, "z": {Name: "z", Kind: filter.DateTimeColumn, Zoneless: true},
}

func provenTypes() flow.Schema {
	field := func(name, format string, kinds ...flow.Kind) flow.Property {
		return flow.Property{Name: name, Schema: flow.Schema{Types: append(kinds, flow.Null), Format: format}}
	}
	return flow.ObjectOf(field("i", "", flow.Integer), field("f", "", flow.Number), field("n", "", flow.Number, flow.String), field("s", "", flow.String),
		field("b", "", flow.Boolean), field("d", "date", flow.String), field("t", "date-time", flow.String), field("z", "date-time", flow.String))
}

// provenCells are the values of each column, as SQL.
var provenCells = map[string][]string{
	"i": {"0", "1", "-1", "2", "9007199254740993", "9223372036854775807"},
	"f": {"0", "0.1", "1", "2.5", "'NaN'", "'Infinity'", "'-Infinity'", "9007199254740992", "-0.5"},
	"n": {"0", "0.1", "2.50", "'NaN'", "12345678901234567890.123456789", "0.1000000000000000000001", "123456789012345678901234567890"},
	"s": {"''", "'a'", "'A'", "'ä'", "'Z'", "'a '", "'%'", "'a%b'", "'_'", `'\'`, "'it''s'", "'😀'", "'￿'", "E'a\\nb'"},
	"b": {"true", "false"},
	"d": {"'2024-01-01'", "'2024-02-29'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'12024-01-01'"},
	"t": {"'2024-01-01 00:00:00Z'", "'2024-01-01 00:00:00.000001Z'", "'2024-02-29 12:00:00+05'", "'infinity'", "'9999-12-31 23:59:59.999999Z'"},
	"z": {"'2024-01-01 00:00:00'", "'2024-02-29 12:00:00.5'", "'-infinity'"},
}

var (
	provenOrder  = []string{"i", "f", "n", "s", "b", "d", "t", "z"}
	provenValues = map[string][]string{
		"i": {"0", "1", "-1", "2.5", "9007199254740993", "123456789012345678901234567890"},
		"f": {"0", "0.1", "2.5", "9007199254740993", "9007199254740992"},
		"n": {"0", "0.1", "2.5", "12345678901234567890.123456789", "0.1000000000000000000001", "123456789012345678901234567890", "12345678901234567890"},
		"s": {"''", "'a'", "'Z'", "'%'", "'_'", `E'\\'`, `"it's"`, "'ä'", "'￿'"},
		"d": {"2024-01-01", "2024-02-29T00:00:00Z", "'2024-02-29'", "2024-01-01T12:00:00Z", "0000-01-01"},
		"t": {"2024-01-01", "2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00.0000001Z", "'2024-02-29T07:00:00Z'", "'soon'"},
		"z": {"2024-01-01", "2024-02-29T12:00:00.5Z"},
		"b": nil,
	}
)

// TestWhatPostgreSQLFiltersIsWhatTheFilterMeans asks PostgreSQL for random filters, and
// compares its rows with those that the filter picks of all rows.
func TestWhatPostgreSQLFiltersIsWhatTheFilterMeans(t *testing.T) {
	r := newRig(t)
	rnd := rand.New(rand.NewPCG(21, 22))
	var script strings.Builder
	script.WriteString("create table t (id int primary key, i bigint, f float8, n numeric, s text, b boolean, d date, t timestamptz, z timestamp);")
	for id := range 150 {
		cells := []string{fmt.Sprint(id)}
		for _, name := range provenOrder {
			cell := "null"
			if rnd.IntN(6) > 0 {
				cell = provenCells[name][rnd.IntN(len(provenCells[name]))]
			}
			cells = append(cells, cell)
		}
		fmt.Fprintf(&script, "insert into t values (%s);", strings.Join(cells, ", "))
	}
	r.sql(script.String())
	kittest.Filters{
		SQL: filter.SQL{Dialect: filter.PostgreSQL, Columns: provenColumns}, Types: provenTypes(), Values: provenValues, Count: 600,
		Rows: func(where string, args []any) []any {
			sql := "select * from t"
			if where != "" {
				sql += " where " + where
			}
			rows, err := r.Run("query", flow.Values{"sql": sql + " order by id", "params": args})
			if err != nil {
				t.Fatalf("%s %v: %v", where, args, err)
			}
			return rows
		},
	}.Prove(t)
}
