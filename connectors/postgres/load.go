package postgres

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"jackfield/connectors/kit/tables"
)

// Load copies rows into the table. With a key it tries that too, until a row is there
// already; then they go by way of a table of the line's own, from which they are added or
// changed in place. Either is one message to the server, and a transaction of its own
// where none goes on.
func (l *line) Load(ctx context.Context, t *tables.Table, columns, key []string, rows [][]any) error {
	text := copied(rows)
	names := dialect.List(columns)
	straight := fmt.Sprintf("copy %s (%s) from stdin", dialect.Of(t), names)
	if t.Direct && len(key) == 0 {
		return l.send(ctx, straight, text)
	}
	if t.Direct && l.hopes(t) {
		err := l.guarded(ctx, straight, text)
		if code(err) != "23505" {
			return err
		}
		l.doubt(t)
	}
	name := l.waitingFor(t, columns)
	steps := []string{
		fmt.Sprintf("create temporary table if not exists %s on commit delete rows as select %s from %s with no data", quote(name), names, dialect.Of(t)),
		fmt.Sprintf("copy pg_temp.%s (%s) from stdin", quote(name), names),
		fmt.Sprintf("insert into %s (%s) select %s from pg_temp.%s", dialect.Of(t), names, names, quote(name)),
	}
	if len(key) > 0 {
		tail, _ := upsert(t, columns, key)
		steps[2] += " " + tail
	}
	if l.conn.TxStatus() == 'I' {
		steps = append(append([]string{"begin"}, steps...), "commit")
		err := l.send(ctx, strings.Join(steps, "; "), text)
		if err != nil && !l.conn.IsClosed() {
			_ = l.conn.Exec(context.WithoutCancel(ctx), "rollback").Close() // what went wrong before says more
		}
		return err
	}
	// In one transaction the table may hold rows already.
	steps = append(steps[:1], append([]string{"truncate pg_temp." + quote(name)}, steps[1:]...)...)
	return l.send(ctx, strings.Join(steps, "; "), text)
}

// doubtful is for how many batches rows go the long way after one of them was there
// already.
const doubtful = 50

// hopes says whether it is worth while to try whether all rows are new ones.
func (l *line) hopes(t *tables.Table) bool {
	name := dialect.Of(t)
	if l.doubts[name] == 0 {
		return true
	}
	l.doubts[name]--
	return false
}

func (l *line) doubt(t *tables.Table) {
	if l.doubts == nil {
		l.doubts = map[string]int{}
	}
	l.doubts[dialect.Of(t)] = doubtful
}

// guarded copies rows such that a transaction that goes on can do so where it fails.
func (l *line) guarded(ctx context.Context, command string, text []byte) error {
	if l.conn.TxStatus() == 'I' {
		return l.send(ctx, command, text)
	}
	err := l.send(ctx, "savepoint straight; "+command+"; release savepoint straight", text)
	if code(err) != "23505" {
		return err
	}
	if failed := l.conn.Exec(ctx, "rollback to savepoint straight").Close(); failed != nil {
		return failed
	}
	return err
}

// waitingFor names the table in which rows wait that are to go into another one. It is
// another where the columns are.
func (l *line) waitingFor(t *tables.Table, columns []string) string {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%q %q", dialect.Of(t), columns)
	for _, name := range columns {
		c, _ := t.Column(name)
		fmt.Fprintf(sum, " %q", c.Native)
	}
	return fmt.Sprintf("jackfield_%x", sum.Sum64())
}

func (l *line) send(ctx context.Context, command string, text []byte) error {
	_, err := l.conn.CopyFrom(ctx, bytes.NewReader(text), command)
	return err
}

// copied writes rows in the text format of COPY (PostgreSQL's manual, "COPY", "Text
// Format").
func copied(rows [][]any) []byte {
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
	return text
}

func appendCopied(to []byte, s string) []byte {
	for {
		i := 0
		for i < len(s) && s[i] != '\\' && s[i] != '\t' && s[i] != '\n' && s[i] != '\r' {
			i++
		}
		if i == len(s) {
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
