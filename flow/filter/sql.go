package filter

import (
	"fmt"
	"strings"
)

// SQL prints conditions for a database, such that it gives the rows that Match picks, null
// by null and letter by letter. Values go as parameters, never into the text.
//
//	s := filter.SQL{Dialect: filter.PostgreSQL, Columns: columns}
//	pushed, rest := s.Split(f)
//	where, args, err := s.Where(pushed.Where)
//	// "SELECT … FROM t" + [" WHERE " + where] + [" LIMIT " + pushed.Limit], args
//	// each row: rest.Matcher(types).Take(row)
type SQL struct {
	Dialect Dialect
	Columns map[string]Column // by the field's name
}

// Column is a column that rows can be filtered by.
type Column struct {
	Name  string     // as the database spells it; it is quoted
	Table string     // what stands before it, such as an alias; "" is nothing
	Kind  ColumnKind // "" is none that the database may filter by
	// Zoneless says of a date-time that the column holds it without a zone, as UTC.
	Zoneless bool
	// Plain says of a text in MySQL or MariaDB that its character set is utf8mb4, so that it
	// may also be compared as it is, which lets an index serve.
	Plain bool
}

// ColumnKind says what a column holds and so what it may be compared with. It has to fit
// what the rows look like here: of what differs in any way the kind is "".
type ColumnKind string

// The kinds of column.
const (
	IntegerColumn  ColumnKind = "integer"  // whole numbers, JSON numbers in rows
	FloatColumn    ColumnKind = "float"    // double precision; not single, whose text is shorter than its value
	DecimalColumn  ColumnKind = "decimal"  // exact; in rows a number where that is no loss, else a text
	TextColumn     ColumnKind = "text"     // not char(n), which is padded, nor citext
	BoolColumn     ColumnKind = "bool"     // true and false in rows, or 1 and 0
	DateColumn     ColumnKind = "date"     // 2024-05-01 in rows, with the format "date"
	DateTimeColumn ColumnKind = "datetime" // with the format "date-time" in rows
)

// Dialect is how a database writes what differs.
type Dialect interface {
	// Quote makes a name into an identifier.
	Quote(name string) string
	// Placeholder is the nth parameter, from 1.
	Placeholder(n int) string
	// Bind makes a value into a parameter for a comparison with c, and says what stands
	// around its placeholder: "%s", "CAST(%s AS numeric)". ok is false where the database
	// could not tell it apart from others, or would not take it.
	Bind(c Column, v Value) (arg any, around string, ok bool)
	// Comparable is what of a column is compared, around its name: `%s COLLATE "C"`.
	Comparable(c Column, op Operator) string
	// Contains is the condition that a text column contains a parameter, with the two as
	// %[1]s and %[2]s, and the parameter.
	Contains(c Column, text string) (condition string, arg any)
	// Present is the condition that there is a value, around the column's name.
	Present(c Column) string
	// Sound is the condition under which a value that is there can be compared, around the
	// column's name: nothing is compared with an infinite date. "" is always.
	Sound(c Column) string
}

// The most that goes into one statement: SQLite takes expressions 1,000 deep, and 32,766
// parameters.
const (
	mostTests  = 500
	mostValues = 10_000
)

// Able says what the database can filter itself.
func (s SQL) Able() Able {
	return Able{Takes: s.takes, And: true, Or: true, Not: true, Mixed: true, Limit: true}
}

// Split takes f apart into what the database filters and what is filtered here.
func (s SQL) Split(f Filter) (pushed, rest Filter) {
	tests, values := 0, 0
	for _, u := range f.uses() {
		tests++
		if u.test != nil {
			values += len(u.test.Values)
		}
	}
	if tests > mostTests || values > mostValues {
		return Filter{}, f
	}
	return Split(f, s.Able())
}

func (s SQL) takes(x Compare) Grade {
	if _, _, err := s.test(x, nil, true); err != nil {
		return Never
	}
	return Exactly
}

// Where writes a condition that Split pushed, without the word itself; "" for none. Its
// parameters come behind args, and are counted on from them.
func (s SQL) Where(x Expr, args ...any) (string, []any, error) {
	if x == nil {
		return "", args, nil
	}
	return s.write(x, args, false)
}

// write writes x. exact asks for true or false; else unknown will do for false, which a
// database can answer from an index.
func (s SQL) write(x Expr, args []any, exact bool) (string, []any, error) {
	switch x := x.(type) {
	case And:
		return s.chain(x, " AND ", args, exact)
	case Or:
		return s.chain(x, " OR ", args, exact)
	case Not:
		text, args, err := s.write(x.Expr, args, true)
		return "NOT " + text, args, err
	case Truth:
		return s.write(x.compare(), args, exact)
	case Compare:
		return s.test(x, args, exact)
	}
	return "", args, fmt.Errorf("the condition %s is not for a database", Print(Filter{Where: x}))
}

func (s SQL) chain(parts []Expr, word string, args []any, exact bool) (_ string, _ []any, err error) {
	texts := make([]string, len(parts))
	for i, x := range parts {
		if texts[i], args, err = s.write(x, args, exact); err != nil {
			return "", args, err
		}
	}
	return "(" + strings.Join(texts, word) + ")", args, nil
}

// test writes one comparison, in brackets.
func (s SQL) test(x Compare, args []any, exact bool) (string, []any, error) {
	c, ok := s.Columns[x.Field]
	if !ok || c.Kind == "" {
		return "", args, fmt.Errorf("the database cannot filter by the field %q", x.Field)
	}
	t := sqlTest{s: s, c: c, name: s.Dialect.Quote(c.Name), args: args}
	if c.Table != "" {
		t.name = s.Dialect.Quote(c.Table) + "." + t.name
	}
	text, ok := t.compare(x.Op, x.Values, exact)
	if !ok {
		return "", args, fmt.Errorf("the database cannot compare %s", Print(Filter{Where: x}))
	}
	return text, t.args, nil
}

// sqlTest is one comparison in the making.
type sqlTest struct {
	s    SQL
	c    Column
	name string
	args []any
}

func (t *sqlTest) compare(op Operator, values []Value, exact bool) (string, bool) {
	present := fmt.Sprintf(t.s.Dialect.Present(t.c), t.name)
	values, null := withoutNull(values)
	switch {
	case op == Equal && null:
		return "(NOT " + present + ")", true
	case op == NotEqual && null:
		return present, true
	case op == In && null && len(values) == 0:
		return "(NOT " + present + ")", true
	case op == In && null:
		core, ok := t.core(op, values)
		return "((" + present + " AND " + core + ") OR NOT " + present + ")", ok
	case null:
		return "", false // never true: left to be told here
	case op == NotEqual:
		core, ok := t.core(Equal, values)
		return "(" + present + " AND NOT " + core + ")", ok
	}
	core, ok := t.core(op, values)
	if exact || present != "("+t.name+" IS NOT NULL)" {
		core = "(" + present + " AND " + core + ")"
	}
	return core, ok
}

func withoutNull(values []Value) (others []Value, null bool) {
	for _, v := range values {
		if v.Kind == Null {
			null = true
		} else {
			others = append(others, v)
		}
	}
	return others, null
}

// core is the comparison where there is a value.
func (t *sqlTest) core(op Operator, values []Value) (string, bool) {
	var tests []string
	if sound := t.s.Dialect.Sound(t.c); sound != "" {
		tests = append(tests, fmt.Sprintf(sound, t.name))
	}
	if op == Contains {
		if t.c.Kind != TextColumn {
			return "", false
		}
		condition, arg := t.s.Dialect.Contains(t.c, values[0].Text)
		if arg == nil {
			return "", false
		}
		tests = append(tests, fmt.Sprintf(condition, t.name, t.placeholder(arg)))
		return and(tests), true
	}
	around := t.s.Dialect.Comparable(t.c, op)
	if t.c.Plain && t.c.Kind == TextColumn && around != "%s" && (op == Equal || op == In) {
		text, ok := t.against(t.name, op, values, true)
		if !ok {
			return "", false
		}
		tests = append(tests, text)
	}
	text, ok := t.against(fmt.Sprintf(around, t.name), op, values, false)
	return and(append(tests, text)), ok
}

func (t *sqlTest) against(left string, op Operator, values []Value, plain bool) (string, bool) {
	params := make([]string, len(values))
	for i, v := range values {
		if !fits(t.c.Kind, op, v) {
			return "", false
		}
		arg, around, ok := t.s.Dialect.Bind(t.c, v)
		if !ok {
			return "", false
		}
		if plain {
			around = "%s"
		}
		params[i] = fmt.Sprintf(around, t.placeholder(arg))
	}
	switch op {
	case In:
		return left + " IN (" + strings.Join(params, ", ") + ")", true
	case Between:
		return "(" + left + " >= " + params[0] + " AND " + left + " <= " + params[1] + ")", true
	}
	return left + " " + string(op) + " " + params[0], true
}

func (t *sqlTest) placeholder(arg any) string {
	t.args = append(t.args, arg)
	return t.s.Dialect.Placeholder(len(t.args))
}

func and(tests []string) string {
	if len(tests) == 1 && strings.HasPrefix(tests[0], "(") {
		return tests[0]
	}
	return "(" + strings.Join(tests, " AND ") + ")"
}

// fits says whether a comparison of such a column with v means the same here and there.
func fits(k ColumnKind, op Operator, v Value) bool {
	switch k {
	case IntegerColumn, FloatColumn, DecimalColumn:
		return v.Kind == Number
	case TextColumn:
		return v.Kind == String
	case BoolColumn:
		return v.Kind == Bool && op == Equal
	case DateColumn, DateTimeColumn:
		return v.Kind == Date || v.Kind == DateTime || v.Kind == String
	}
	return false
}
