package sqlite

import (
	"database/sql"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"jackfield/connectors/kit/tables"
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

// cursorValue is what SQLite gave as a cursor keeps it.
func cursorValue(v any) (any, error) {
	if blob, ok := v.([]byte); ok {
		return tables.Blob(base64.StdEncoding.EncodeToString(blob)), nil
	}
	return fromSQL(v)
}

// cursorArg is the same back again.
func cursorArg(v any) any {
	if text, ok := tables.BlobOf(v); ok {
		if blob, err := base64.StdEncoding.DecodeString(text); err == nil {
			return append([]byte{}, blob...)
		}
	}
	return toSQL(v)
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
func arguments(params any) []any {
	var args []any
	switch p := params.(type) {
	case []any:
		for _, v := range p {
			args = append(args, toSQL(v))
		}
	case map[string]any:
		for name, v := range p {
			args = append(args, sql.Named(strings.TrimLeft(name, ":@$"), toSQL(v)))
		}
	}
	return args
}

// quoteAll quotes each name and joins them.
func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}
