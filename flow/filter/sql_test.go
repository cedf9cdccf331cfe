package filter

import (
	"fmt"
	"strings"
	"testing"
)

func columns() map[string]Column {
	return map[string]Column{
		"i": {Name: "i", Kind: IntegerColumn}, "f": {Name: "f", Kind: FloatColumn}, "n": {Name: "n", Kind: DecimalColumn},
		"s": {Name: "s", Kind: TextColumn}, "p": {Name: "p", Kind: TextColumn, Plain: true}, "b": {Name: "b", Kind: BoolColumn},
		"d": {Name: "d", Kind: DateColumn}, "t": {Name: "t", Kind: DateTimeColumn}, "z": {Name: "z", Kind: DateTimeColumn, Zoneless: true},
		"odd name": {Name: "odd\"`name", Table: "x", Kind: IntegerColumn}, "blob": {Name: "blob"},
	}
}

func TestWherePerDialect(t *testing.T) {
	tests := []struct{ src, postgres, mysql, sqlite string }{
		{`i = 5`, `("i" = CAST($1 AS bigint)) [5]`, "(`i` = ?) [5]", `(typeof("i") IN ('integer', 'real') AND "i" = ?1) [5]`},
		{`i > 2.5`, `("i" > CAST($1 AS numeric)) [2.5]`, "(`i` > CAST(? AS DECIMAL(65,30))) [2.5]", `(typeof("i") IN ('integer', 'real') AND "i" > ?1) [2.5]`},
		{`i = null or s != null`, `((NOT ("i" IS NOT NULL)) OR ("s" IS NOT NULL)) []`, "((NOT (`i` IS NOT NULL)) OR (`s` IS NOT NULL)) []", `((NOT ("i" IS NOT NULL)) OR ("s" IS NOT NULL)) []`},
		{
			`s = 'x' and p in ('a', 'b')`,
			`(("s" = CAST($1 AS text)) AND ("p" IN (CAST($2 AS text), CAST($3 AS text)))) [x a b]`,
			"((CAST(CONVERT(`s` USING utf8mb4) AS BINARY) = CAST(? AS BINARY)) AND (`p` IN (?, ?) AND CAST(CONVERT(`p` USING utf8mb4) AS BINARY) IN (CAST(? AS BINARY), CAST(? AS BINARY)))) [x a b a b]",
			`((typeof("s") = 'text' AND "s" COLLATE BINARY = ?1) AND `,
		},
		{`s >= 'x'`, `("s" COLLATE "C" >= CAST($1 AS text)) [x]`, "(CAST(CONVERT(`s` USING utf8mb4) AS BINARY) >= CAST(? AS BINARY)) [x]", `(typeof("s") = 'text' AND "s" COLLATE BINARY >= ?1) [x]`},
		{`s contains '50%_\\'`, `("s" COLLATE "C" LIKE CAST($1 AS text)) [%50\%\_\\\\%]`, "(LOCATE(CAST(? AS BINARY), CAST(CONVERT(`s` USING utf8mb4) AS BINARY)) > 0) [50%_\\\\]", `(typeof("s") = 'text' AND instr("s", ?1) > 0) [50%_\\]`},
		{`not i < 5`, `NOT (("i" IS NOT NULL) AND ("i" < CAST($1 AS bigint))) [5]`, "NOT ((`i` IS NOT NULL) AND (`i` < ?)) [5]", `NOT (("i" IS NOT NULL) AND (typeof("i") IN ('integer', 'real') AND "i" < ?1)) [5]`},
		{`i != 5`, `(("i" IS NOT NULL) AND NOT ("i" = CAST($1 AS bigint))) [5]`, "((`i` IS NOT NULL) AND NOT (`i` = ?)) [5]", `(("i" IS NOT NULL) AND NOT (typeof("i") IN ('integer', 'real') AND "i" = ?1)) [5]`},
		{`i in (1, null)`, `((("i" IS NOT NULL) AND ("i" IN (CAST($1 AS bigint)))) OR NOT ("i" IS NOT NULL)) [1]`, "(((`i` IS NOT NULL) AND (`i` IN (?))) OR NOT (`i` IS NOT NULL)) [1]", ``},
		{`f <= 0.5`, `("f" - "f" = 0 AND "f" <= CAST($1 AS double precision)) [0.5]`, "(`f` <= ?) [0.5]", ``},
		{`n between 1 and 2.50`, `("n" - "n" = 0 AND ("n" >= CAST($1 AS numeric) AND "n" <= CAST($2 AS numeric))) [1 2.50]`, "(`n` >= CAST(? AS DECIMAL(65,30)) AND `n` <= CAST(? AS DECIMAL(65,30))) [1 2.50]", `-`},
		{`b = true`, `("b" = $1) [true]`, "(`b` = ?) [1]", `(typeof("b") IN ('integer', 'real') AND "b" = ?1) [1]`},
		{`b`, `("b" = $1) [true]`, "(`b` = ?) [1]", ``},
		{`d >= 2024-05-01`, `("d" BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59.999999Z' AND "d" >= CAST(CAST($1 AS text) AS date)) [2024-05-01]`, "(MONTH(`d`) > 0 AND DAYOFMONTH(`d`) > 0 AND `d` >= CAST(? AS DATE)) [2024-05-01]", `-`},
		{`d = 2024-05-01T00:00:00Z`, `("d" BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59.999999Z' AND "d" = CAST(CAST($1 AS text) AS date)) [2024-05-01]`, ``, `-`},
		{`t < 2024-05-01T10:00:00.25Z`, `("t" BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59.999999Z' AND "t" < CAST(CAST($1 AS text) AS timestamptz)) [2024-05-01T10:00:00.25Z]`, "(MONTH(`t`) > 0 AND DAYOFMONTH(`t`) > 0 AND `t` < CAST(? AS DATETIME(6))) [2024-05-01 10:00:00.25]", `-`},
		{`z < '2024-05-01T12:00:00+02:00'`, `("z" BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59.999999Z' AND "z" < CAST(CAST($1 AS text) AS timestamp)) [2024-05-01T10:00:00]`, ``, `-`},
		{"`odd name` = 1", `("x"."odd""` + "`" + `name" = CAST($1 AS bigint)) [1]`, "(`x`.`odd\"``name` = ?) [1]", ``},
		// What no database can do as we do.
		{`blob = 'x'`, `-`, `-`, `-`},
		{`other = 'x'`, `-`, `-`, `-`},
		{`s = 5`, `-`, `-`, `-`},
		{`i = '5'`, `-`, `-`, `-`},
		{`i > null`, `-`, `-`, `-`},
		{`i between null and null`, `-`, `-`, `-`},
		{`i contains 5`, `-`, `-`, `-`},
		{`d > 2024-05-01T10:00:00Z`, `-`, `-`, `-`},
		{`t > 2024-05-01T10:00:00.1234567Z`, `-`, `-`, `-`},
		{`t > 0000-05-01`, `-`, `-`, `-`},
		{`t > 'soon'`, `-`, `-`, `-`},
		{`f = 9007199254740993`, `-`, `-`, ``},
		{`i = 123456789012345678901234567891`, `("i" = CAST($1 AS numeric)) [123456789012345678901234567891]`, ``, `-`},
		{`n = 0.1000000000000000000001`, `-`, `-`, `-`},
		{`'x'`, `-`, `-`, `-`},
		{"s = 'a\x00b'", `-`, ``, `-`},
	}
	for _, tt := range tests {
		for name, d := range map[string]struct {
			dialect Dialect
			want    string
		}{"postgres": {PostgreSQL, tt.postgres}, "mysql": {MySQL, tt.mysql}, "sqlite": {SQLite, tt.sqlite}} {
			if d.want == "" {
				continue
			}
			t.Run(name+": "+tt.src, func(t *testing.T) {
				s := SQL{Dialect: d.dialect, Columns: columns()}
				f := mustParse(t, tt.src)
				pushed, rest := s.Split(f)
				if d.want == "-" {
					if pushed.Where != nil || !Same(rest, f) {
						t.Errorf("pushed %s, left %s", pushed, rest)
					}
					if text, _, err := s.Where(f.Where); err == nil {
						t.Errorf("written all the same: %s", text)
					}
					return
				}
				if !rest.Empty() {
					t.Fatalf("left %s", rest)
				}
				text, args, err := s.Where(pushed.Where)
				if got := fmt.Sprint(text, " ", args); err != nil || !strings.HasPrefix(got, d.want) {
					t.Errorf("got  %s, %v\nwant %s", got, err, d.want)
				}
			})
		}
	}
}

func TestParametersCountOn(t *testing.T) {
	s := SQL{Dialect: PostgreSQL, Columns: columns()}
	text, args, err := s.Where(mustParse(t, `i = 5 and s = 'x'`).Where, "first")
	if want := `(("i" = CAST($2 AS bigint)) AND ("s" = CAST($3 AS text)))`; err != nil || text != want || fmt.Sprint(args) != "[first 5 x]" {
		t.Errorf("got %s %v, %v", text, args, err)
	}
	if text, args, err := s.Where(nil, 1); text != "" || len(args) != 1 || err != nil {
		t.Errorf("of nothing: %q %v, %v", text, args, err)
	}
}

func TestALongFilterIsNotPushed(t *testing.T) {
	s := SQL{Dialect: SQLite, Columns: columns()}
	f := mustParse(t, "i = 1"+strings.Repeat(" or i = 2", 600))
	if pushed, rest := s.Split(f); !pushed.Empty() || !Same(rest, f) {
		t.Error("it is pushed")
	}
}
