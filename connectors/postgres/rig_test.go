package postgres

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// server of all tests of this package, which make schemas of their own in it.
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

// rig is the connector with a schema of its own on the server.
type rig struct {
	*kittest.Desk
	schema string
}

var schemas struct {
	sync.Mutex
	n int
}

func newRig(t testing.TB) *rig {
	t.Helper()
	begin.Do(func() { db, dbErr = kittest.StartPostgres() })
	if dbErr != nil {
		t.Fatal(dbErr)
	}
	schemas.Lock()
	schemas.n++
	r := &rig{schema: fmt.Sprintf("s%d", schemas.n)}
	schemas.Unlock()
	r.Desk = kittest.NewDesk(t, New(), flow.Values{
		"host": "127.0.0.1", "port": db.Port, "database": "shop", "user": db.User, "password": db.Password, "schema": r.schema,
	})
	r.sql("create schema " + r.schema)
	return r
}

// sql performs SQL with PostgreSQL's own program, in the schema.
func (r *rig) sql(text string) string {
	r.T.Helper()
	out, err := db.Psql("set search_path = " + r.schema + "; set timezone = 'UTC'; " + text)
	if err != nil {
		r.T.Fatal(err)
	}
	return strings.TrimRight(out, "\n")
}

// newLine is a line to the server past the operations, for what others do meanwhile.
func newLine(t testing.TB, r *rig) *line {
	t.Helper()
	s := newServer(nil)
	for _, p := range s.fields().Bind("s", r.All) {
		t.Fatal(p)
	}
	config, err := s.config(r.Env)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newPool(1).take(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.close() })
	return l
}
