package filter

import (
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The dialects.
var (
	PostgreSQL Dialect = postgreSQL{}
	MySQL      Dialect = mySQL{} // and MariaDB
	SQLite     Dialect = sqLite{}
)

// postgreSQL compares texts in its collation "C", byte by byte, which of UTF-8 is the order
// of code points. Equality is the same in every deterministic collation, and written plain,
// so that any index serves.
type postgreSQL struct{}

func (postgreSQL) Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (postgreSQL) Placeholder(n int) string { return "$" + strconv.Itoa(n) }

func (postgreSQL) Bind(c Column, v Value) (arg any, around string, ok bool) {
	switch c.Kind {
	case TextColumn:
		return v.Text, "CAST(%s AS text)", storable(v.Text)
	case BoolColumn:
		return v.Text == "true", "%s", true
	case IntegerColumn:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n, "CAST(%s AS bigint)", true
		}
		return plainDecimal(v.Text, 1000, 1000, "CAST(%s AS numeric)")
	case DecimalColumn:
		return plainDecimal(v.Text, 1000, 1000, "CAST(%s AS numeric)")
	case FloatColumn:
		f, ok := float(v.Text)
		return f, "CAST(%s AS double precision)", ok
	}
	t, ok := moment(c, v, 1)
	switch {
	case c.Kind == DateColumn:
		return t.Format(time.DateOnly), "CAST(CAST(%s AS text) AS date)", ok
	case c.Zoneless:
		return t.Format("2006-01-02T15:04:05.999999"), "CAST(CAST(%s AS text) AS timestamp)", ok
	}
	return t.Format("2006-01-02T15:04:05.999999Z"), "CAST(CAST(%s AS text) AS timestamptz)", ok
}

func (postgreSQL) Comparable(c Column, op Operator) string {
	if c.Kind == TextColumn && op != Equal && op != In {
		return `%s COLLATE "C"`
	}
	return "%s"
}

func (postgreSQL) Contains(_ Column, text string) (string, any) {
	if !storable(text) {
		return "", nil
	}
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
	return `%[1]s COLLATE "C" LIKE CAST(%[2]s AS text)`, "%" + escaped + "%"
}

func (postgreSQL) Present(Column) string { return "(%s IS NOT NULL)" }

// Sound: NaN and the infinite are no numbers here, and no dates; neither are days before
// year 1 and behind 9999, which have no text by ISO 8601.
func (postgreSQL) Sound(c Column) string {
	switch c.Kind {
	case DateColumn, DateTimeColumn:
		return "%s BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59.999999Z'"
	case FloatColumn, DecimalColumn:
		return "%[1]s - %[1]s = 0"
	}
	return ""
}

// mySQL compares texts as the bytes of their UTF-8, since its collations ignore case and
// spaces at the end.
type mySQL struct{}

func (mySQL) Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func (mySQL) Placeholder(int) string { return "?" }

func (mySQL) Bind(c Column, v Value) (arg any, around string, ok bool) {
	switch c.Kind {
	case TextColumn:
		return v.Text, "CAST(%s AS BINARY)", utf8.ValidString(v.Text)
	case BoolColumn:
		return oneIf(v.Text == "true"), "%s", true
	case IntegerColumn:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n, "%s", true
		}
		return plainDecimal(v.Text, 35, 30, "CAST(%s AS DECIMAL(65,30))")
	case DecimalColumn:
		return plainDecimal(v.Text, 35, 30, "CAST(%s AS DECIMAL(65,30))")
	case FloatColumn:
		f, ok := float(v.Text)
		return f, "%s", ok
	}
	t, ok := moment(c, v, 1000)
	if c.Kind == DateColumn {
		return t.Format(time.DateOnly), "CAST(%s AS DATE)", ok
	}
	return t.Format("2006-01-02 15:04:05.999999"), "CAST(%s AS DATETIME(6))", ok
}

func (mySQL) Comparable(c Column, _ Operator) string {
	if c.Kind == TextColumn {
		return "CAST(CONVERT(%s USING utf8mb4) AS BINARY)"
	}
	return "%s"
}

func (mySQL) Contains(_ Column, text string) (string, any) {
	if !utf8.ValidString(text) {
		return "", nil
	}
	return "LOCATE(CAST(%[2]s AS BINARY), CAST(CONVERT(%[1]s USING utf8mb4) AS BINARY)) > 0", text
}

func (mySQL) Present(Column) string { return "(%s IS NOT NULL)" }

// Sound: 0000-00-00 and days with the number 0 are no dates.
func (mySQL) Sound(c Column) string {
	if c.Kind == DateColumn || c.Kind == DateTimeColumn {
		return "MONTH(%[1]s) > 0 AND DAYOFMONTH(%[1]s) > 0"
	}
	return ""
}

// sqLite takes any value in any column, so each comparison asks for its type first.
type sqLite struct{}

func (sqLite) Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (sqLite) Placeholder(n int) string { return "?" + strconv.Itoa(n) }

func (sqLite) Bind(c Column, v Value) (arg any, around string, ok bool) {
	switch c.Kind {
	case TextColumn:
		return v.Text, "%s", storable(v.Text)
	case BoolColumn:
		return oneIf(v.Text == "true"), "%s", true
	case IntegerColumn, FloatColumn:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n, "%s", true
		}
		f, ok := float(v.Text)
		return f, "%s", ok && (strings.Contains(v.Text, ".") || isExactly(f, v.Text))
	}
	return nil, "", false
}

func (sqLite) Comparable(c Column, _ Operator) string {
	if c.Kind == TextColumn {
		return "%s COLLATE BINARY"
	}
	return "%s"
}

func (sqLite) Contains(_ Column, text string) (string, any) {
	if !storable(text) {
		return "", nil
	}
	return "instr(%s, %s) > 0", text
}

func (sqLite) Present(Column) string { return "(%s IS NOT NULL)" }

func (sqLite) Sound(c Column) string {
	if c.Kind == TextColumn {
		return "typeof(%s) = 'text'"
	}
	return "typeof(%s) IN ('integer', 'real')"
}

// storable says whether a database takes a text for what it is: UTF-8, and without the
// character 0, which PostgreSQL refuses and SQLite takes for the end.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func oneIf(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// plainDecimal gives a number as its text, unless it has more digits than the database or,
// with a fraction, more than the 15 that a float tells apart, for rows hold numbers as
// floats where that is no loss.
func plainDecimal(text string, before, behind int, around string) (any, string, bool) {
	d, ok := decimalOf(text)
	whole, part := d.figures()
	return text, around, ok && whole <= before && part <= behind && (d.whole() || len(d.digits) <= 15)
}

// float is the number as jq reads it. One that is whole is compared as it is, not as the
// float that is nearest, and so has to be one.
func float(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && (strings.Contains(text, ".") || isExactly(f, text))
}

func isExactly(f float64, text string) bool {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return false
	}
	b, accuracy := new(big.Float).SetFloat64(f).Int(nil)
	return accuracy == big.Exact && b.Cmp(n) == 0
}

// moment is the instant that v names, if the column can hold it: microseconds, years from
// least to 9999, whole days for a date.
func moment(c Column, v Value, least int) (time.Time, bool) {
	i, ok := instantOf(v.Text)
	if !ok || len(i.fraction) > 6 || c.Kind == DateColumn && !i.midnight() {
		return time.Time{}, false
	}
	t := i.time()
	return t, t.Year() >= least && t.Year() <= 9999
}
