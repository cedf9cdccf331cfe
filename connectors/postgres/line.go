package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow/value"
)

// line is one connection to a server: a session while it is lent.
type line struct {
	conn     *pgconn.PgConn
	prepared map[string]string        // statements by their text
	rested   time.Time                // when it was last given back
	known    map[string]*tables.Table // what was looked up lately
	learnt   time.Time                // when the first of that was
	recalled bool                     // something was used that it knew before
	elements map[uint32]uint32        // of the types of arrays that were asked for
	doubts   map[string]int           // for how many batches a table is not copied into straight
}

// remember is how long a line believes what it knows of a table. Who changes a table
// meanwhile makes a statement fail, which is then tried again with what is so now.
const remember = 5 * time.Second

// begin makes the line ready to be lent.
func (l *line) begin() {
	l.recalled = false
	if time.Since(l.learnt) > remember {
		l.known = nil
	}
}

// outdated says whether an error may come from what the line believed to know.
func (l *line) outdated(err error) bool {
	switch code(err) {
	case "42703", "42P01", "42P10", "42804", "0A000", "42P07", "42701":
		return l.recalled
	}
	return false
}

// Forget drops what was looked up.
func (l *line) Forget() { l.known = nil }

// forget drops what the line believes to know, after something went wrong.
func (l *line) forget() {
	l.known = nil
	if l.conn.IsClosed() || len(l.prepared) == 0 {
		return
	}
	// A statement may have been prepared for a table that has changed since.
	if err := l.conn.Exec(context.Background(), "deallocate all").Close(); err == nil {
		l.prepared = nil
	}
}

// Query performs a statement and gives its rows.
func (l *line) Query(ctx context.Context, text string, args ...any) (tables.Rows, error) {
	r := l.conn.ExecParams(ctx, text, texts(args), nil, nil, nil)
	return l.rows(ctx, r)
}

// Exec performs a statement and says how many rows it changed.
func (l *line) Exec(ctx context.Context, text string, args ...any) (int, error) {
	if len(args) == 0 {
		if strings.HasPrefix(text, "create ") || strings.HasPrefix(text, "alter ") {
			l.known = nil
		}
		done, err := l.conn.Exec(ctx, text).ReadAll()
		return affected(done), err
	}
	name, err := l.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	done := l.conn.ExecPrepared(ctx, name, texts(args), nil, nil).Read()
	return int(done.CommandTag.RowsAffected()), done.Err
}

func affected(done []*pgconn.Result) int {
	n := 0
	for _, r := range done {
		n += int(r.CommandTag.RowsAffected())
	}
	return n
}

// mostPrepared is how many statements a line keeps on the server.
const mostPrepared = 100

// prepare gives the name of a statement that the server knows.
func (l *line) prepare(ctx context.Context, text string) (string, error) {
	if name, known := l.prepared[text]; known {
		l.recalled = true
		return name, nil
	}
	if len(l.prepared) >= mostPrepared || l.prepared == nil {
		for _, name := range l.prepared {
			if err := l.conn.Deallocate(ctx, name); err != nil {
				return "", err
			}
		}
		l.prepared = map[string]string{}
	}
	name := fmt.Sprintf("jackfield%d", len(l.prepared))
	if _, err := l.conn.Prepare(ctx, name, text, nil); err != nil {
		return "", err
	}
	l.prepared[text] = name
	return name, nil
}

// ExecMany performs a statement for many rows, without waiting for each.
func (l *line) ExecMany(ctx context.Context, text string, rows [][]any) ([]int, error) {
	name, err := l.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	var batch pgconn.Batch
	for _, args := range rows {
		batch.ExecPrepared(name, texts(args), nil, nil)
	}
	done, err := l.conn.ExecBatch(ctx, &batch).ReadAll()
	if err != nil {
		return nil, err
	}
	changed := make([]int, len(rows))
	for i := range changed {
		changed[i] = int(done[i].CommandTag.RowsAffected())
	}
	return changed, nil
}

// Perform does what a person wrote. What only reads is performed in a transaction in
// which the server refuses everything else.
func (l *line) Perform(ctx context.Context, text string, params any, reads bool) (tables.Rows, tables.Changed, error) {
	var none tables.Changed
	text, args, err := arguments(text, params)
	if err != nil {
		return nil, none, err
	}
	if len(args) == 0 {
		return l.script(ctx, text, reads)
	}
	if reads {
		if err := l.conn.Exec(ctx, "begin read only").Close(); err != nil {
			return nil, none, err
		}
	}
	rows, err := l.rows(ctx, l.conn.ExecParams(ctx, text, texts(args), nil, nil, nil))
	if err != nil {
		return nil, none, errors.Join(err, l.end(ctx, reads))
	}
	rows.after = func() error { return l.end(ctx, reads) }
	if len(rows.Columns()) > 0 {
		return rows, none, nil
	}
	changed, err := rows.finish()
	return nil, tables.Changed{Rows: changed}, err
}

// script performs one statement or several, and gives the rows of the last that has some.
func (l *line) script(ctx context.Context, text string, reads bool) (tables.Rows, tables.Changed, error) {
	if reads {
		if err := l.conn.Exec(ctx, "begin read only").Close(); err != nil {
			return nil, tables.Changed{}, err
		}
	}
	results := l.conn.Exec(ctx, text)
	var last *pgconn.Result
	changed := 0
	var err error
	for results.NextResult() {
		r := whole(results.ResultReader())
		if err = r.Err; err != nil {
			break
		}
		if len(r.FieldDescriptions) > 0 {
			last = r
		} else if !r.CommandTag.Select() {
			changed += int(r.CommandTag.RowsAffected())
		}
	}
	if err = errors.Join(err, results.Close()); err != nil {
		return nil, tables.Changed{}, errors.Join(err, l.end(ctx, reads))
	}
	if err = l.end(ctx, reads); err != nil || last == nil {
		return nil, tables.Changed{Rows: changed}, err
	}
	rows, err := l.held(ctx, last)
	return rows, tables.Changed{}, err
}

// whole reads a result to its end. The library tells the columns only of one with rows.
func whole(reader *pgconn.ResultReader) *pgconn.Result {
	columns := slices.Clone(reader.FieldDescriptions())
	r := reader.Read()
	r.FieldDescriptions = columns
	return r
}

// end ends the transaction of a query that only reads.
func (l *line) end(ctx context.Context, reads bool) error {
	if !reads {
		return nil
	}
	return l.conn.Exec(context.WithoutCancel(ctx), "rollback").Close()
}

// Shape says what columns a query has, without performing it.
func (l *line) Shape(ctx context.Context, text string) ([]tables.Column, error) {
	d, err := l.conn.Prepare(ctx, "", text, nil)
	if err != nil {
		return nil, err
	}
	return l.columns(ctx, d.Fields)
}

// arguments makes what a person gave into the values of $1, $2 …; names become numbers.
func arguments(text string, params any) (string, []any, error) {
	switch p := params.(type) {
	case []any:
		args := make([]any, len(p))
		for i, v := range p {
			args[i] = plain(v)
		}
		return text, args, nil
	case map[string]any:
		var args []any
		places := map[string]int{}
		missing := ""
		text = dialect.Syntax.Named(text, func(name string) string {
			if places[name] == 0 {
				v, given := p[name]
				if !given {
					v, given = p[":"+name]
				}
				if !given {
					missing = name
				}
				args = append(args, plain(v))
				places[name] = len(args)
			}
			return tables.Dollar(places[name])
		})
		if missing != "" {
			return text, nil, kit.Fail(kit.Invalid, "the SQL has :%s, and \"params\" no value for it", missing).On("params").
				Hint("give \"params\" a value for each :name of the SQL")
		}
		return text, args, nil
	}
	return text, nil, nil
}

// plain is a value as PostgreSQL reads it where nothing is known of what it is for: a list
// or an object is JSON.
func plain(v any) any {
	switch v := v.(type) {
	case nil, string:
		return v
	case []any, map[string]any:
		return string(value.Append(nil, v))
	}
	return string(value.Append(nil, v))
}

// texts are arguments as they go over the line.
func texts(args []any) [][]byte {
	all := make([][]byte, len(args))
	for i, v := range args {
		if v == nil {
			continue
		}
		text, ok := v.(string)
		if !ok {
			text = plain(v).(string)
		}
		all[i] = []byte(text)
	}
	return all
}
