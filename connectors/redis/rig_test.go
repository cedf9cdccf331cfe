package redis

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// server of all tests of this package that do not kill it; each has a database of its own.
var (
	begin  sync.Once
	shared *kittest.Redis
	srvErr error
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		if err := shared.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func newRig(t testing.TB) *kittest.Desk {
	t.Helper()
	begin.Do(func() { shared, srvErr = kittest.StartRedis() })
	if srvErr != nil {
		t.Fatal(srvErr)
	}
	return deskOf(t, shared)
}

// deskOf is the connector at work with an empty server.
func deskOf(t testing.TB, r *kittest.Redis) *kittest.Desk {
	t.Helper()
	d := kittest.NewDesk(t, New(), flow.Values{"host": "127.0.0.1", "port": r.Port, "auth": "basic", "user": r.User, "password": r.Password})
	l := lineOf(t, d)
	if err := l.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return d
}

// lineOf is a line past the operations, for what others do meanwhile.
func lineOf(t testing.TB, d *kittest.Desk) *line {
	t.Helper()
	s := newSettings(nil)
	for _, p := range s.common().Bind("s", d.All) {
		t.Fatal(p)
	}
	l, err := s.open(t.Context(), d.Env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
