package sqlite

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"time"

	"jackfield/flow/value"
)

// toSQL makes a value into one that SQLite stores: a yes or no is 1 or 0, a whole
// number beyond 64 bits is its text, a list or an object its JSON.
func toSQL(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int:
		return int64(v)
	case *big.Int:
		return v.String()
	case []any, map[string]any:
		return string(value.Append(nil, v))
	}
	return v
}

// fromSQL makes what SQLite gave into a value: a blob is its base64, and a time,
// which the driver makes of a text only in a column declared as one, its text again.
func fromSQL(v any) (any, error) {
	switch v := v.(type) {
	case time.Time:
		return dateText(v), nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil // the driver gives an empty one as a nil slice
	}
	return value.Normal(v)
}

// dateText writes a time as SQLite's own functions do (sqlite.org/lang_datefunc.html).
func dateText(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04:05.999999999")
}

// arguments makes params into what database/sql binds: a list by place, an object by
// name.
func arguments(params any) ([]any, error) {
	switch p := params.(type) {
	case nil:
		return nil, nil
	case []any:
		args := make([]any, len(p))
		for i, v := range p {
			args[i] = toSQL(v)
		}
		return args, nil
	case map[string]any:
		args := make([]any, 0, len(p))
		for name, v := range p {
			args = append(args, sql.Named(strings.TrimLeft(name, ":@$"), toSQL(v)))
		}
		return args, nil
	}
	return nil, fmt.Errorf("params is %s; a list or an object by name is wanted", value.Append(nil, params))
}

// quote writes the name of a table or column so that SQLite takes it as a name,
// whatever is in it.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteAll quotes each name and joins them.
func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// eachRow gives the rows as objects, in order, and beside each the values of its last
// columns as the driver has them: as many as extra says, which are not in the object.
// A column name that comes twice gets a number: id, id_2.
func eachRow(rows *sql.Rows, extra int, give func(row map[string]any, beside []any) error) error {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	cells := make([]any, len(names))
	places := make([]any, len(names))
	for i := range cells {
		places[i] = &cells[i]
	}
	own := len(names) - extra
	names = distinct(names[:own])
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		row := make(map[string]any, own)
		for i, name := range names {
			if row[name], err = fromSQL(cells[i]); err != nil {
				return fmt.Errorf("column %q: %w", name, err)
			}
		}
		if err := give(row, cells[own:]); err != nil {
			return err
		}
	}
	return rows.Err()
}

func distinct(names []string) []string {
	taken := make(map[string]bool, len(names))
	out := make([]string, len(names))
	for i, name := range names {
		free := name
		for n := 2; taken[free]; n++ {
			free = fmt.Sprintf("%s_%d", name, n)
		}
		taken[free] = true
		out[i] = free
	}
	return out
}
