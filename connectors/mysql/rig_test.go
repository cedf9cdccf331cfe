package mysql

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// The server of all tests of this package, which make databases of their own in it.
var (
	begin sync.Once
	db    *kittest.Database
	dbErr error
)

func TestMain(m *testing.M) {
	code := m.Run()
	if db != nil {
		if err := db.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// rig is the connector with a database of its own on the server.
type rig struct {
	*kittest.Desk
	database string
}

var databases struct {
	sync.Mutex
	n int
}

func newRig(t testing.TB) *rig {
	t.Helper()
	begin.Do(func() { db, dbErr = kittest.StartMariaDB() })
	if dbErr != nil {
		t.Fatal(dbErr)
	}
	databases.Lock()
	databases.n++
	r := &rig{database: fmt.Sprintf("d%d", databases.n)}
	databases.Unlock()
	r.Desk = kittest.NewDesk(t, New(), flow.Values{
		"host": "127.0.0.1", "port": db.Port, "database": r.database, "user": db.User, "password": db.Password,
	})
	if _, err := db.Mariadb("mysql", "create database "+r.database); err != nil {
		t.Fatal(err)
	}
	return r
}

// sql performs SQL with MariaDB's own program.
func (r *rig) sql(text string) string {
	r.T.Helper()
	out, err := db.Mariadb(r.database, "set time_zone = '+00:00'; "+text)
	if err != nil {
		r.T.Fatal(err)
	}
	return strings.TrimRight(out, "\n")
}

// transaction begins one past the operations, for what others do meanwhile.
func (r *rig) transaction(text string) (conn *sql.Conn, commit func()) {
	r.T.Helper()
	s := newServer(nil)
	for _, p := range s.fields().Bind("s", r.All) {
		r.T.Fatal(p)
	}
	b, err := s.open(r.Env)
	if err != nil {
		r.T.Fatal(err)
	}
	r.T.Cleanup(func() { b.Close() })
	if conn, err = b.db.Conn(r.T.Context()); err != nil {
		r.T.Fatal(err)
	}
	exec := func(text string) {
		r.T.Helper()
		if _, err := conn.ExecContext(r.T.Context(), text); err != nil {
			r.T.Fatal(err)
		}
	}
	exec("start transaction")
	exec(text)
	return conn, func() { exec("commit") }
}
