package tables

import (
	"math/big"
	"testing"

	"jackfield/flow/value"
)

func TestDecimalsKeepAllTheirDigits(t *testing.T) {
	for text, want := range map[string]any{
		"0": 0, "-12": -12, "5.00": 5, "12.50": 12.5, "-0.001": -0.001, ".5": 0.5, "0.1": 0.1,
		"9007199254740993":                       9007199254740993,
		"123456789012345678901234567890":         bigOf("123456789012345678901234567890"),
		"123456789012345678901234567890.000":     bigOf("123456789012345678901234567890"),
		"0.1000000000000000055511151231257827":   "0.1000000000000000055511151231257827",
		"12345678901234567.25":                   "12345678901234567.25",
		"9007199254740992.5":                     "9007199254740992.5",
		"NaN":                                    "NaN",
		"Infinity":                               "Infinity",
		"1234567.125":                            1234567.125,
		"0.000000000000000000000000000000000001": 1e-36,
	} {
		if got := Decimal(text); string(value.Append(nil, got)) != string(value.Append(nil, want)) {
			t.Errorf("%s is %v (%T), want %v", text, got, got, want)
		}
	}
}

func bigOf(s string) *big.Int { n, _ := new(big.Int).SetString(s, 10); return n }

func TestNamesOfTablesAreTakenApartAndPutTogether(t *testing.T) {
	d := &Dialect{Split: InSchema}
	for _, tt := range []struct{ name, schema, table, again string }{
		{"orders", "", "orders", "orders"},
		{"sales.orders", "sales", "orders", "sales.orders"},
		{`"my.schema".orders`, "my.schema", "orders", `"my.schema".orders`},
		{`sales."odd.name"`, "sales", "odd.name", `sales."odd.name"`},
		{"`a.b`.`c.d`", "a.b", "c.d", `"a.b"."c.d"`},
		{`"unfinished`, "", `"unfinished`, "`\"unfinished`"},
	} {
		schema, table := InSchema(tt.name)
		if schema != tt.schema || table != tt.table {
			t.Errorf("%s: %q and %q", tt.name, schema, table)
		}
		if got := d.Written(schema, table); got != tt.again {
			t.Errorf("%s is written %s, want %s", tt.name, got, tt.again)
		}
	}
}
