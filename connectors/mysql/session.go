package mysql

import (
	"context"
	"database/sql"
	"encoding/base64"
	"math/big"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
	"jackfield/flow/value"
)

// session is a connection while an operation uses it.
type session struct{ tables.SQL }

func newSession(conn *sql.Conn) *session {
	return &session{tables.SQL{
		Conn: conn, Arg: argument, Value: fromCell, Mark: toMark,
		Column: func(t *sql.ColumnType) tables.Column {
			name := strings.ToLower(t.DatabaseTypeName())
			return tables.Column{Name: t.Name(), Native: name, Schema: schemaOf(name), Null: true}
		},
	}}
}

// Perform does what a person wrote. What only reads is performed in a transaction in which
// the server refuses to write.
func (s *session) Perform(ctx context.Context, text string, params any, reads bool) (tables.Rows, tables.Changed, error) {
	var none tables.Changed
	text, args, err := arguments(text, params)
	if err != nil {
		return nil, none, err
	}
	if !reads && !dialect.Syntax.Speaks(text, "returning") {
		done, err := s.Conn.ExecContext(ctx, text, args...)
		if err != nil {
			return nil, none, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return nil, none, err
		}
		changed := tables.Changed{Rows: int(n)}
		if last, err := done.LastInsertId(); err == nil && last > 0 {
			changed.Last = int(last)
		}
		return nil, changed, nil
	}
	if !reads {
		rows, err := s.Conn.QueryContext(ctx, text, args...)
		if err != nil {
			return nil, none, err
		}
		given, err := s.Rows(rows)
		return given, none, err
	}
	if _, err := s.Conn.ExecContext(ctx, "start transaction read only"); err != nil {
		return nil, none, err
	}
	end := func() error {
		_, err := s.Conn.ExecContext(context.WithoutCancel(ctx), "rollback")
		return err
	}
	rows, err := s.Conn.QueryContext(ctx, text, args...)
	if err != nil {
		_ = end() // what went wrong before says more
		return nil, none, err
	}
	given, err := s.Rows(rows)
	if err != nil {
		return nil, none, err
	}
	return &ending{Rows: given, end: end}, none, nil
}

// ending are rows with something to do behind them.
type ending struct {
	tables.Rows
	end func() error
}

func (e *ending) Close() error {
	err := e.Rows.Close()
	if e.end != nil {
		if after := e.end(); err == nil {
			err = after
		}
		e.end = nil
	}
	return err
}

// arguments makes what a person gave into the values of the question marks; names become
// such.
func arguments(text string, params any) (string, []any, error) {
	switch p := params.(type) {
	case []any:
		args := make([]any, len(p))
		for i, v := range p {
			args[i] = argument(v)
		}
		return text, args, nil
	case map[string]any:
		var args []any
		missing := ""
		text = dialect.Syntax.Named(text, func(name string) string {
			v, given := p[name]
			if !given {
				v, given = p[":"+name]
			}
			if !given {
				missing = name
			}
			args = append(args, argument(v))
			return "?"
		})
		if missing != "" {
			return text, nil, kit.Fail(kit.Invalid, "the SQL has :%s, and \"params\" no value for it", missing).On("params").
				Hint("give \"params\" a value for each :name of the SQL")
		}
		return text, args, nil
	}
	return text, nil, nil
}

// argument makes a value, or what a cursor keeps of one, into what the driver binds.
func argument(v any) any {
	if text, ok := tables.BlobOf(v); ok {
		if blob, err := base64.StdEncoding.DecodeString(text); err == nil {
			return append([]byte{}, blob...)
		}
	}
	switch v := v.(type) {
	case int:
		return int64(v)
	case *big.Int:
		return v.String()
	case []any, map[string]any:
		return string(value.Append(nil, v))
	}
	return v
}

// fromCell is a cell as flows know it.
func fromCell(c tables.Column, v any) (any, error) {
	bytes, is := v.([]byte)
	if !is {
		return value.Normal(v)
	}
	text := string(bytes)
	switch c.Native {
	case "decimal", "unsigned decimal":
		return tables.Decimal(text), nil
	case "timestamp":
		return isoTime(text) + "Z", nil
	case "datetime":
		return isoTime(text), nil
	case "json":
		return value.Decode(bytes)
	case "bit":
		return value.Normal(new(big.Int).SetBytes(bytes))
	}
	if raw(c.Native) {
		return base64.StdEncoding.EncodeToString(bytes), nil
	}
	return text, nil
}

// toMark is a cell as a cursor keeps it: of times the server's own text, of bytes all.
func toMark(c tables.Column, v any) (any, error) {
	bytes, is := v.([]byte)
	if !is {
		return value.Normal(v)
	}
	if raw(c.Native) {
		return tables.Blob(base64.StdEncoding.EncodeToString(bytes)), nil
	}
	if c.Native == "timestamp" || c.Native == "datetime" {
		return string(bytes), nil
	}
	return fromCell(c, v)
}

// raw says whether a type holds bytes and not a text.
func raw(native string) bool {
	for _, kind := range []string{"blob", "binary", "geometry", "vector"} {
		if strings.Contains(native, kind) {
			return true
		}
	}
	return false
}

// isoTime writes a time as ISO 8601 does, without digits that say nothing.
func isoTime(text string) string {
	if len(text) < 19 || text[10] != ' ' {
		return text
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text[:10] + "T" + text[11:]
}

// schemaOf is what values of a type look like; the names are those of the driver and, in
// small letters, of the catalogue.
func schemaOf(native string) flow.Schema {
	base, _, _ := strings.Cut(strings.TrimPrefix(native, "unsigned "), "(")
	base, _, _ = strings.Cut(base, " ")
	switch base {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit":
		return flow.Of(flow.Integer)
	case "float", "double", "decimal":
		return flow.Of(flow.Number)
	case "json":
		return flow.Any()
	case "null":
		return flow.Any()
	}
	s := flow.Of(flow.String)
	switch base {
	case "timestamp":
		s.Format = "date-time"
	case "date":
		s.Format = "date"
	}
	return s
}
