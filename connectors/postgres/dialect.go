package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"jackfield/connectors/kit/tables"
	"jackfield/flow/filter"
)

var quote = tables.Quoted(`"`)

// dialect is PostgreSQL's.
var dialect = newDialect()

func newDialect() *tables.Dialect {
	return &tables.Dialect{
		ID: "postgres", Name: "PostgreSQL", Quote: quote, Param: tables.Dollar, Split: tables.InSchema,
		Lookup: lookUp, Schemas: listSchemas, Tables: listTables,
		NullsLast: true, RowOrder: true, Savepoints: true, MostParams: 65_000,
		Bind: func(c tables.Column, v any) (any, error) { return bindAs(c.Native, v) },
		Kind: kindOf, Wider: wider, Loose: loose, Untyped: "text",
		Begin: "begin", Upsert: upsert, OfRow: ofTheRow,
		NoKey:   func(err error) bool { return code(err) == "42P10" },
		Explain: explainRow,
		Filter:  filter.PostgreSQL,
		Syntax:  tables.Syntax{Dollar: true, Looking: []string{"select", "with", "values", "explain", "show", "table"}},
	}
}

// upsert is the tail of an insert. A column that is not among those written keeps its
// value in a row that is there.
func upsert(_ *tables.Table, columns, key []string) (string, bool) {
	var set []string
	for _, c := range columns {
		if !tables.Among(c, key, false) {
			set = append(set, fmt.Sprintf("%[1]s = excluded.%[1]s", quote(c)))
		}
	}
	then := "nothing"
	if len(set) > 0 {
		then = "update set " + strings.Join(set, ", ")
	}
	quoted := make([]string, len(key))
	for i, k := range key {
		quoted[i] = quote(k)
	}
	return fmt.Sprintf("on conflict (%s) do %s", strings.Join(quoted, ", "), then), true
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
		return "double precision"
	case *big.Int:
		return "numeric"
	case []any, map[string]any:
		return "jsonb"
	}
	return "text"
}

func wider(a, b string) string {
	if numeric(a) && numeric(b) {
		return "numeric"
	}
	return "text"
}

// loose is the type of a column that is no key: a number that is whole today may not be
// tomorrow.
func loose(kind string) string {
	if numeric(kind) {
		return "numeric"
	}
	return kind
}

func code(err error) string {
	if said, ok := errors.AsType[*pgconn.PgError](err); ok {
		return said.Code
	}
	return ""
}

// ofTheRow says whether PostgreSQL refuses this row alone (its manual, appendix
// "PostgreSQL Error Codes"): what is wrong with its data, a rule of the table, what a
// trigger raises, a generated column, a row that is changed twice or too long.
func ofTheRow(err error) bool {
	c := code(err)
	if c == "" {
		return false
	}
	switch c[:2] {
	case "22", "23", "44", "P0":
		return true
	}
	switch c {
	case "428C9", "21000", "54000", "54011", "54023":
		return true
	case "42501":
		return strings.Contains(err.Error(), "row-level security")
	}
	return false
}

func listSchemas(ctx context.Context, s tables.Session) ([]string, error) {
	rows, err := s.Query(ctx, `select nspname from pg_namespace where nspname not like 'pg\_%' and nspname <> 'information_schema'
		and has_schema_privilege(oid, 'usage') order by nspname`)
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

// listTables lists a schema, or what is found without naming one.
func listTables(ctx context.Context, s tables.Session, schema string) ([]tables.Listed, error) {
	rows, err := s.Query(ctx, `select n.nspname, c.relname, c.relkind in ('v', 'm') from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'f', 'p') and not c.relispartition
		and case when $1 = '' then pg_table_is_visible(c.oid) and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_temp'
			else n.nspname = $1 end
		order by c.relname collate "C"`, schema)
	if err != nil {
		return nil, err
	}
	var listed []tables.Listed
	err = tables.Each(rows, func(cells []any) error {
		l := tables.Listed{Name: cells[1].(string), View: cells[2] == true}
		if schema != "" {
			l.Schema = cells[0].(string)
		}
		listed = append(listed, l)
		return nil
	})
	return listed, err
}

// lookUp gives nil where there is no such table. What it found is known for a while.
func lookUp(ctx context.Context, s tables.Session, name string) (*tables.Table, error) {
	l, own := s.(*line)
	if own && l.known[name] != nil {
		l.recalled = true
		return l.known[name], nil
	}
	t, err := describe(ctx, s, name)
	if own && t != nil && err == nil {
		if l.known == nil {
			l.known, l.learnt = map[string]*tables.Table{}, time.Now()
		}
		l.known[name] = t
	}
	return t, err
}

func describe(ctx context.Context, s tables.Session, name string) (*tables.Table, error) {
	schema, table := tables.InSchema(name)
	rows, err := s.Query(ctx, `select c.oid, c.relkind, c.relrowsecurity or c.relhasrules from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relname = $1 and case when $2 = '' then pg_table_is_visible(c.oid) else n.nspname = $2 end and c.relkind in ('r', 'v', 'm', 'f', 'p')`, table, schema)
	if err != nil {
		return nil, err
	}
	var t *tables.Table
	var oid any
	err = tables.Each(rows, func(cells []any) error {
		oid = cells[0]
		kind := cells[1].(string)
		t = &tables.Table{Schema: schema, Name: table, View: kind == "v" || kind == "m"}
		t.Direct = (kind == "r" || kind == "p") && cells[2] == false
		if kind == "r" {
			t.Spot = "ctid"
		}
		return nil
	})
	if err != nil || t == nil {
		return nil, err
	}
	rows, err = s.Query(ctx, `select a.attname, format_type(coalesce(nullif(b.typbasetype, 0), a.atttypid), a.atttypmod), a.attnotnull,
			a.atthasdef or a.attidentity <> '', a.attgenerated <> '' or a.attidentity = 'a',
			coalesce(nullif(b.typbasetype, 0), a.atttypid), case when b.typcategory = 'A' then b.typelem else 0 end
		from pg_attribute a join pg_type b on b.oid = a.atttypid
		where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`, oid)
	if err != nil {
		return nil, err
	}
	err = tables.Each(rows, func(cells []any) error {
		c := tables.Column{
			Name: cells[0].(string), Native: cells[1].(string), Null: cells[2] == false, Filled: cells[3] == true, Computed: cells[4] == true,
			Schema: schemaOf(uint32(cells[5].(int)), uint32(cells[6].(int))),
		}
		c.Unsorted = unsorted[strings.TrimSuffix(c.Native, "[]")]
		c.Filter = filterOf(c)
		t.Columns = append(t.Columns, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, keys(ctx, s, oid, t)
}

// filterOf is what a column may be filtered by: where a value is the same to PostgreSQL as
// it is here.
func filterOf(c tables.Column) filter.ColumnKind {
	var digits, behind int
	switch {
	case c.Native == "text", strings.HasPrefix(c.Native, "character varying"):
		return filter.TextColumn
	case c.Native == "double precision":
		return filter.FloatColumn
	case c.Native == "date":
		return filter.DateColumn
	case c.Native == "timestamp with time zone":
		return filter.DateTimeColumn
	case strings.HasSuffix(c.Native, "[]"):
		return ""
	}
	if n, _ := fmt.Sscanf(c.Native, "numeric(%d,%d)", &digits, &behind); n == 2 {
		return tables.ExactDecimal(digits)
	}
	return tables.OfSchema(c.Schema)
}

// unsorted are the types that nothing can be sorted by.
var unsorted = map[string]bool{
	"json": true, "xml": true, "point": true, "line": true, "lseg": true, "box": true, "path": true, "polygon": true, "circle": true,
	"aclitem": true, "xid": true, "cid": true, "jsonpath": true, "txid_snapshot": true, "pg_snapshot": true,
}

// keys finds what the table keeps apart: its primary key first, else columns that are
// never null.
func keys(ctx context.Context, s tables.Session, oid any, t *tables.Table) error {
	rows, err := s.Query(ctx, `select (select array_agg(a.attname::text order by k.place) from unnest(i.indkey::int2[]) with ordinality k(num, place)
			join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num where k.place <= i.indnkeyatts),
			(select bool_and(a.attnotnull) from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any(i.indkey::int2[]))
		from pg_index i where i.indrelid = $1 and i.indisunique and i.indpred is null and i.indexprs is null and i.indisvalid and i.indimmediate
		order by i.indisprimary desc, i.indexrelid`, oid)
	if err != nil {
		return err
	}
	return tables.Each(rows, func(cells []any) error {
		var names []string
		list, _ := cells[0].([]any)
		for _, n := range list {
			names = append(names, n.(string))
		}
		t.Unique = append(t.Unique, names)
		if t.Key == nil && cells[1] == true {
			t.Key = names
		}
		return nil
	})
}
