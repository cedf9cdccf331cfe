package postgres

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"jackfield/connectors/kit/tables"
)

// Load copies rows into the table; with a key, by way of a table of the line's own, from
// which they are added or changed in place.
func (l *line) Load(ctx context.Context, t *tables.Table, columns, key []string, rows [][]any) error {
	names := dialect.List(columns)
	if len(key) == 0 && t.Direct {
		return l.copy(ctx, fmt.Sprintf("copy %s (%s) from stdin", dialect.Of(t), names), rows)
	}
	from, err := l.wait(ctx, t, columns)
	if err != nil {
		return err
	}
	if err := l.copy(ctx, fmt.Sprintf("copy pg_temp.%s (%s) from stdin", quote(from), names), rows); err != nil {
		return err
	}
	into := fmt.Sprintf("insert into %s (%s) select %s from pg_temp.%s", dialect.Of(t), names, names, quote(from))
	if len(key) > 0 {
		tail, _ := upsert(t, columns, key)
		into += " " + tail
	}
	return l.conn.Exec(ctx, into).Close()
}

// wait makes a table of the line's own, into which rows are copied before they are put
// into the real one, and gives its name. It is empty at the beginning of a transaction.
func (l *line) wait(ctx context.Context, t *tables.Table, columns []string) (string, error) {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%q %q", dialect.Of(t), columns)
	for _, name := range columns {
		c, _ := t.Column(name)
		fmt.Fprintf(sum, " %q", c.Native)
	}
	name := fmt.Sprintf("jackfield_%x", sum.Sum64())
	command := fmt.Sprintf("create temporary table if not exists %s on commit delete rows as select %s from %s with no data",
		quote(name), dialect.List(columns), dialect.Of(t))
	if l.waits[name] {
		command += "; truncate pg_temp." + quote(name)
	}
	if l.waits == nil {
		l.waits = map[string]bool{}
	}
	l.waits[name] = true
	return name, l.conn.Exec(ctx, command).Close()
}

// copy sends rows in the text format of COPY (PostgreSQL's manual, "COPY", "Text Format").
func (l *line) copy(ctx context.Context, command string, rows [][]any) error {
	var text []byte
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				text = append(text, '\t')
			}
			if v == nil {
				text = append(text, `\N`...)
				continue
			}
			text = appendCopied(text, v.(string))
		}
		text = append(text, '\n')
	}
	_, err := l.conn.CopyFrom(ctx, bytes.NewReader(text), command)
	return err
}

func appendCopied(to []byte, s string) []byte {
	for {
		i := strings.IndexAny(s, "\\\t\n\r")
		if i < 0 {
			return append(to, s...)
		}
		to = append(to, s[:i]...)
		switch s[i] {
		case '\\':
			to = append(to, `\\`...)
		case '\t':
			to = append(to, `\t`...)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		}
		s = s[i+1:]
	}
}
