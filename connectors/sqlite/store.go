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
	"jackfield/connectors/kit/tables"
)

// store is which file it is, and how long to wait for it.
type store struct {
	lib  *library
	Path string
	Busy time.Duration
}

func newStore(lib *library) *store { return &store{lib: lib, Busy: 5 * time.Second} }

// Settings are its fields.
func (s *store) Settings() (first, last kit.Fields) {
	first = kit.Fields{
		kit.File(&s.Path, "path", "Database file").Needed().Eg("out/shop.db").
			Help("A relative path starts at the flow file's folder."),
	}
	last = kit.Fields{
		kit.Duration(&s.Busy, "busy", "Wait for a lock").More().
			Help("How long to wait while another program writes the database."),
	}
	return first, last
}

// Place names the file.
func (s *store) Place() string { return s.Path }

// Look lends a session with a database that must be there.
func (s *store) Look(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
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

// Change lends one with a database that is made where it is missing; its folder must be
// there.
func (s *store) Change(ctx context.Context, env kit.Env, use func(tables.Session) error) error {
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

func (s *store) lend(ctx context.Context, path string, fresh bool, use func(tables.Session) error) error {
	path = filepath.Clean(path)
	b, back, err := s.lib.Borrow(path, func() (*book, error) { return openBook(path) })
	if err != nil {
		return explain(path, err)
	}
	defer back()
	conn, err := b.db.Conn(ctx)
	if err != nil {
		return explain(path, err)
	}
	defer conn.Close()
	if err := prepare(ctx, conn, s.Busy, fresh); err != nil {
		return explain(path, err)
	}
	session := newSession(conn)
	defer session.Close()
	return explain(path, use(session))
}

// session is a connection while an operation uses it.
type session struct{ tables.SQL }

func newSession(conn *sql.Conn) *session {
	return &session{tables.SQL{
		Conn: conn, Keep: true, Arg: cursorArg,
		Column: func(t *sql.ColumnType) tables.Column {
			return tables.Column{Name: t.Name(), Native: t.DatabaseTypeName(), Schema: columnSchema(t.DatabaseTypeName())}
		},
		Value: func(_ tables.Column, v any) (any, error) { return fromSQL(v) },
		Mark:  func(_ tables.Column, v any) (any, error) { return cursorValue(v) },
	}}
}
