package mysql

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"jackfield/connectors/kit/tables"
	"jackfield/flow/filter"
	"jackfield/flow/value"
)

var quote = tables.Quoted("`")

// dialect is that of MySQL and MariaDB.
var dialect = newDialect()

func newDialect() *tables.Dialect {
	return &tables.Dialect{
		ID: "mysql", Name: "MySQL", Folds: true, Quote: quote, Param: tables.Mark, Split: tables.InSchema,
		Lookup: lookUp, Schemas: listSchemas, Tables: listTables,
		MarkCell: func(c tables.Column) string {
			if strings.HasPrefix(c.Native, "float") { // its text is shorter than its value
				return "cast(" + quote(c.Name) + " as double)"
			}
			return quote(c.Name)
		},
		MostParams: 60_000, Bind: bind, Refine: refine,
		Kind: kindOf, Wider: wider, Untyped: "longtext",
		Keyed: func(kind string) string {
			if kind == "longtext" {
				return "varchar(255)"
			}
			return kind
		},
		Begin: "start transaction", Commits: true, Upsert: upsert, OfRow: ofTheRow,
		NoKey:   func(error) bool { return false },
		Explain: explainRow,
		Filter:  filter.MySQL,
		Syntax:  tables.Syntax{Backslash: true, Hash: true, Backticks: true, Looking: []string{"select", "with", "values", "explain", "show", "describe", "desc"}},
	}
}

// upsert is the tail of an insert. It is safe only where the table keeps nothing apart but
// this key: where a row meets another one by another index, that one would be changed.
func upsert(t *tables.Table, columns, key []string) (string, bool) {
	if len(t.Unique) != 1 || !t.Keeps(key) {
		return "", false
	}
	var set []string
	for _, c := range columns {
		if !tables.Among(c, key, true) {
			set = append(set, fmt.Sprintf("%[1]s = values(%[1]s)", quote(c)))
		}
	}
	if len(set) == 0 {
		set = append(set, fmt.Sprintf("%[1]s = %[1]s", quote(key[0])))
	}
	return "on duplicate key update " + strings.Join(set, ", "), true
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case bool:
		return "boolean"
	case int:
		return "bigint"
	case float64:
		return "double"
	case *big.Int:
		return "decimal(65)"
	case []any, map[string]any:
		return "json"
	}
	return "longtext"
}

func wider(a, b string) string {
	both := a + " " + b
	switch {
	case strings.Contains(both, "longtext"), strings.Contains(both, "json"):
		return "longtext"
	case strings.Contains(both, "double"):
		return "double"
	case strings.Contains(both, "decimal"):
		return "decimal(65)"
	}
	return "bigint"
}

// bind makes a value into one for a column. What the server would round or misread unsaid
// is refused.
func bind(c tables.Column, v any) (any, error) {
	base, _, _ := strings.Cut(c.Native, "(")
	base, _, _ = strings.Cut(base, " ")
	switch base {
	case "json":
		if v == nil {
			return nil, nil
		}
		return string(value.Append(nil, v)), nil
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		if f, ok := v.(float64); ok && f != math.Trunc(f) {
			return nil, errors.New("the column holds whole numbers")
		}
	case "timestamp", "datetime":
		if text, ok := v.(string); ok {
			return sqlTime(text), nil
		}
	case "bit":
		if n, ok := v.(int); ok {
			return int64(n), nil
		}
	}
	if text, ok := v.(string); ok && raw(base) {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("it is no base64")
		}
		return append([]byte{}, data...), nil
	}
	switch v := v.(type) {
	case []any, map[string]any:
		return string(value.Append(nil, v)), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return argument(v), nil
}

// sqlTime writes a time as the server reads it, in UTC.
func sqlTime(text string) string {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC().Format("2006-01-02 15:04:05.999999999")
	}
	if len(text) > 10 && text[10] == 'T' {
		return text[:10] + " " + text[11:]
	}
	return text
}

// refine reads what MariaDB keeps as a text, and calls JSON.
func refine(c tables.Column, v any) (any, error) {
	if text, ok := v.(string); ok && c.Native == "json" {
		return value.Decode([]byte(text))
	}
	return v, nil
}

func listSchemas(ctx context.Context, s tables.Session) ([]string, error) {
	rows, err := s.Query(ctx, `select schema_name from information_schema.schemata
		where schema_name not in ('information_schema', 'performance_schema', 'mysql', 'sys') order by schema_name`)
	if err != nil {
		return nil, err
	}
	var names []string
	err = tables.Each(rows, func(cells []any) error {
		names = append(names, cells[0].(string))
		return nil
	})
	return names, err
}

func listTables(ctx context.Context, s tables.Session, schema string) ([]tables.Listed, error) {
	rows, err := s.Query(ctx, `select table_name, table_type like '%VIEW' from information_schema.tables
		where table_schema = if(? = '', database(), ?) order by table_name`, schema, schema)
	if err != nil {
		return nil, err
	}
	var listed []tables.Listed
	err = tables.Each(rows, func(cells []any) error {
		listed = append(listed, tables.Listed{Schema: schema, Name: cells[0].(string), View: cells[1] == 1})
		return nil
	})
	return listed, err
}

// lookUp gives nil where there is no such table.
func lookUp(ctx context.Context, s tables.Session, name string) (*tables.Table, error) {
	schema, table := tables.InSchema(name)
	var t *tables.Table
	rows, err := s.Query(ctx, `select t.table_name, t.table_type like '%VIEW', coalesce(e.transactions, 'YES') = 'YES'
		from information_schema.tables t left join information_schema.engines e on e.engine = t.engine
		where t.table_schema = if(? = '', database(), ?) and t.table_name = ?`, schema, schema, table)
	if err != nil {
		return nil, err
	}
	err = tables.Each(rows, func(cells []any) error {
		t = &tables.Table{Schema: schema, Name: cells[0].(string), View: cells[1] == 1, Partly: cells[2] != 1}
		return nil
	})
	if err != nil || t == nil {
		return nil, err
	}
	rows, err = s.Query(ctx, `select column_name, column_type, is_nullable = 'YES', column_default is not null or extra like '%auto_increment%', generation_expression <> '', character_set_name = 'utf8mb4'
		from information_schema.columns where table_schema = if(? = '', database(), ?) and table_name = ? order by ordinal_position`, schema, schema, t.Name)
	if err != nil {
		return nil, err
	}
	err = tables.Each(rows, func(cells []any) error {
		c := tables.Column{Name: cells[0].(string), Native: cells[1].(string), Null: cells[2] == 1, Filled: cells[3] == 1, Computed: cells[4] == 1}
		c.Schema = schemaOf(c.Native)
		c.Filter, c.Plain = filterOf(c), cells[5] == 1
		t.Columns = append(t.Columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := findJSON(ctx, s, schema, t); err != nil {
		return nil, err
	}
	return t, keys(ctx, s, schema, t)
}

// filterOf is what a column may be filtered by: where a value is the same to the server
// as it is here.
func filterOf(c tables.Column) filter.ColumnKind {
	base, _, _ := strings.Cut(c.Native, "(")
	var digits, behind int
	switch base {
	case "varchar", "text", "tinytext", "mediumtext", "longtext":
		return filter.TextColumn
	case "double":
		return filter.FloatColumn
	case "date":
		return filter.DateColumn
	case "timestamp":
		return filter.DateTimeColumn
	case "decimal":
		if n, _ := fmt.Sscanf(c.Native, "decimal(%d,%d)", &digits, &behind); n == 2 {
			return tables.ExactDecimal(digits)
		}
		return ""
	case "bit", "year":
		return ""
	}
	return tables.OfSchema(c.Schema)
}

// findJSON finds the columns that MariaDB keeps as a text with a rule that it is JSON.
func findJSON(ctx context.Context, s tables.Session, schema string, t *tables.Table) error {
	long := false
	for _, c := range t.Columns {
		long = long || c.Native == "longtext"
	}
	if !long {
		return nil
	}
	rows, err := s.Query(ctx, `select check_clause from information_schema.check_constraints
		where constraint_schema = if(? = '', database(), ?) and table_name = ?`, schema, schema, t.Name)
	if err != nil {
		return nil // MySQL has no such column there; its JSON is a type of its own
	}
	return tables.Each(rows, func(cells []any) error {
		for i, c := range t.Columns {
			if strings.EqualFold(cells[0].(string), "json_valid("+quote(c.Name)+")") {
				t.Columns[i].Native, t.Columns[i].Schema = "json", schemaOf("json")
				t.Columns[i].Unsorted, t.Columns[i].Filter = true, ""
			}
		}
		return nil
	})
}

// keys finds what the table keeps apart: its primary key first, else columns that are
// never null.
func keys(ctx context.Context, s tables.Session, schema string, t *tables.Table) error {
	rows, err := s.Query(ctx, `select index_name, column_name, sub_part is not null from information_schema.statistics
		where table_schema = if(? = '', database(), ?) and table_name = ? and non_unique = 0
		order by index_name <> 'PRIMARY', index_name, seq_in_index`, schema, schema, t.Name)
	if err != nil {
		return err
	}
	last, partly := "", map[int]bool{}
	err = tables.Each(rows, func(cells []any) error {
		if index := cells[0].(string); index != last {
			last = index
			t.Unique = append(t.Unique, nil)
		}
		at := len(t.Unique) - 1
		column, ok := cells[1].(string) // null for an expression
		if cells[2] == 1 || !ok {
			partly[at] = true
		}
		t.Unique[at] = append(t.Unique[at], column)
		return nil
	})
	for i, names := range t.Unique {
		never := !partly[i]
		for _, n := range names {
			c, _ := t.Column(n)
			never = never && !c.Null
		}
		if never && t.Key == nil {
			t.Key = names
		}
		if partly[i] {
			t.Unique[i] = append(names, "") // it keeps apart, but not by these columns as they are
		}
	}
	return err
}
