package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// store is the part that all operations share: which file, and how long to wait for
// it.
type store struct {
	lib  *library
	Path string
	Busy time.Duration
}

func newStore(lib *library) store { return store{lib: lib, Busy: 5 * time.Second} }

func (s *store) pathField() kit.Field {
	return kit.File(&s.Path, "path", "Database file").Needed().Eg("out/shop.db").
		Help("A relative path starts at the flow file's folder.")
}

func (s *store) busyField() kit.Field {
	return kit.Duration(&s.Busy, "busy", "Wait for a lock").More().
		Help("How long to wait while another program writes the database.")
}

// look lends a connection to a database that must be there.
func (s *store) look(ctx context.Context, env kit.Env, use func(*sql.Conn) error) error {
	path := env.Path(s.Path)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err != nil {
		return kit.FailFile("read", path, err).On("path")
	}
	return s.lend(ctx, path, false, use)
}

// change lends a connection to a database that is made where it is missing; its folder
// must be there.
func (s *store) change(ctx context.Context, env kit.Env, use func(*sql.Conn) error) error {
	path := env.Path(s.Path)
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh {
		_, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return kit.FailFile("write", path, err).On("path")
	}
	return s.lend(ctx, path, fresh || info.Size() == 0, use)
}

func (s *store) lend(ctx context.Context, path string, fresh bool, use func(*sql.Conn) error) error {
	b, err := s.lib.borrow(path)
	if err != nil {
		return explain(path, err)
	}
	defer s.lib.giveBack(path, b)
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return explain(path, err)
	}
	defer conn.Close()
	if err := prepare(ctx, conn, s.Busy, fresh); err != nil {
		return explain(path, err)
	}
	return explain(path, use(conn))
}

// tables offers the tables and views of the database.
func (s *store) tables(ctx context.Context, env kit.Env) (choices []kit.Choice, err error) {
	err = s.look(ctx, env, func(conn *sql.Conn) (err error) {
		choices, err = listTables(ctx, conn)
		return err
	})
	return choices, err
}

func listTables(ctx context.Context, conn *sql.Conn) ([]kit.Choice, error) {
	rows, err := conn.QueryContext(ctx, `select name, iif(type = 'view', name || ' (view)', name) from sqlite_schema
		where type in ('table', 'view') and name not like 'sqlite\_%' escape '\' order by name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var choices []kit.Choice
	for rows.Next() {
		var c kit.Choice
		if err := rows.Scan(&c.Value, &c.Label); err != nil {
			return nil, err
		}
		choices = append(choices, c)
	}
	return choices, rows.Err()
}

// atomically performs work in one transaction that has the right to write from its
// beginning, so that it never has to give up half way.
func atomically(ctx context.Context, conn *sql.Conn, work func() error) error {
	if _, err := conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	err := work()
	if err == nil {
		_, err = conn.ExecContext(ctx, "commit")
	}
	if err != nil {
		// An error of the rollback says only that SQLite did it already.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "rollback")
	}
	return err
}

func anyObject() flow.Schema { return flow.Schema{Types: []flow.Kind{flow.Object}} }
