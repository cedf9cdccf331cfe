package mysql

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
	"p": {Name: "p", Kind: filter.TextColumn, Plain: true}, "l": {Name: "l", Kind: filter.TextColumn},
}

func provenTypes() flow.Schema {
	field := func(name, format string, kinds ...flow.Kind) flow.Property {
		return flow.Property{Name: name, Schema: flow.Schema{Types: append(kinds, flow.Null), Format: format}}
	}
	return flow.ObjectOf(field("i", "", flow.Integer), field("f", "", flow.Number), field("n", "", flow.Number, flow.String), field("s", "", flow.String),
		field("b", "", flow.Boolean), field("d", "date", flow.String), field("t", "date-time", flow.String), field("z", "date-time", flow.String), field("p", "", flow.String), field("l", "", flow.String))
}

// provenTexts are the texts of columns whose character set has them all, and of one in
// Latin 1.
var provenTexts = []string{"''", "'a'", "'A'", "'ä'", "'Z'", "'a '", "'%'", "'a%b'", "'_'", `'\\'`, "'it''s'", "'😀'", "'￿'", `'a\nb'`}

// provenCells are the values of each column, as SQL.
var provenCells = map[string][]string{
	"i": {"0", "1", "-1", "2", "9007199254740993", "9223372036854775807"},
	"f": {"0", "0.1e0", "1", "2.5", "9007199254740992", "-0.5"},
	"n": {"0", "0.1", "2.50", "12345678901234567890.123456789", "123456789012345678901234567890"},
	"s": provenTexts, "p": provenTexts, "l": provenTexts[:10],
	"b": {"true", "false"},
	"d": {"'2024-01-01'", "'2024-02-29'", "'0000-00-00'", "'2024-00-10'", "'2024-01-00'"},
	"t": {"'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.000001'", "'0000-00-00 00:00:00'"},
	"z": {"'2024-01-01 00:00:00'", "'2024-02-29 12:00:00.5'", "'0000-00-00 00:00:00'"},
}

var (
	provenOrder  = []string{"i", "f", "n", "s", "p", "l", "b", "d", "t", "z"}
	wantedTexts  = []string{"''", "'a'", "'Z'", "'%'", "'_'", `E'\\'`, `"it's"`, "'ä'", "'￿'", "'日'"}
	provenValues = map[string][]string{
		"i": {"0", "1", "-1", "2.5", "9007199254740993", "123456789012345678901234567890"},
		"f": {"0", "0.1", "2.5", "9007199254740993", "9007199254740992"},
		"n": {"0", "0.1", "2.5", "12345678901234567890.123456789", "123456789012345678901234567890", "12345678901234567890"},
		"s": wantedTexts, "p": wantedTexts, "l": wantedTexts,
		"d": {"2024-01-01", "2024-02-29T00:00:00Z", "'2024-02-29'", "2024-01-01T12:00:00Z", "1000-01-01"},
		"t": {"2024-01-01", "2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00.0000001Z", "'soon'"},
		"z": {"2024-01-01", "2024-02-29T12:00:00.5Z"},
		"b": nil,
	}
)

// TestWhatMariaDBFiltersIsWhatTheFilterMeans asks MariaDB for random filters, and
// compares its rows with those that the filter picks of all rows.
func TestWhatMariaDBFiltersIsWhatTheFilterMeans(t *testing.T) {
	r := newRig(t)
	rnd := rand.New(rand.NewPCG(21, 22))
	var script strings.Builder
	script.WriteString(`set sql_mode = ''; create table t (id int primary key, i bigint, f double, n decimal(45,15), s varchar(50) character set utf8mb4 collate utf8mb4_bin,
		p varchar(50) character set utf8mb4 collate utf8mb4_general_ci, l varchar(50) character set latin1, b boolean, d date, t timestamp(6) null, z datetime(6));`)
	for id := range 150 {
		cells := []string{fmt.Sprint(id)}
		for _, name := range provenOrder {
			cell := "null"
			if rnd.IntN(6) > 0 {
				cell = provenCells[name][rnd.IntN(len(provenCells[name]))]
			}
			cells = append(cells, cell)
		}
		fmt.Fprintf(&script, "insert into t (id, i, f, n, s, p, l, b, d, t, z) values (%s);", strings.Join(cells, ", "))
	}
	r.sql(script.String())
	kittest.Filters{
		SQL: filter.SQL{Dialect: filter.MySQL, Columns: provenColumns}, Types: provenTypes(), Values: provenValues, Count: 600,
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
