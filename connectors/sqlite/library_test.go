package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/tables"
	"jackfield/flow"
)

func TestALockedDatabaseSaysWhichFileIsLocked(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key)")
	other := d.open()
	defer other.Close()
	if _, err := other.Exec("begin exclusive"); err != nil {
		t.Fatal(err)
	}
	u := d.upsert(flow.Values{"table": "t", "key": []any{"id"}, "busy": "20ms"})
	batch := flow.Batch{{Data: map[string]any{"id": 1}}}
	_, err := u.RunAll(t.Context(), d.env, batch)
	wantFailure(t, err, kit.Busy, "path", "shop.db is locked", d.path(), "retry")
	if !kit.AsFailure(err).Passing() {
		t.Error("a retry is worth while")
	}
	if _, err := other.Exec("rollback"); err != nil {
		t.Fatal(err)
	}
	if _, err := u.RunAll(t.Context(), d.env, batch); err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}

func TestADatabaseThatMayNotBeWrittenSaysSo(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key)")
	db, err := sql.Open("sqlite", dataSource(d.path())+"&mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec("insert into t values (1)")
	wantFailure(t, explain(d.path(), err), kit.Denied, "path", "shop.db cannot be written")
}

func TestADamagedDatabaseSaysSo(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key, a text); with recursive n(i) as (values (1) union all select i + 1 from n where i < 5000) insert into t select i, 'row ' || i from n")
	data, err := os.ReadFile(d.path())
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ {
		data[i] = 0xa5
	}
	if err := os.WriteFile(d.path(), data, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = d.rows(flow.Values{"sql": "select count(a) from t"})
	wantFailure(t, err, kit.Malformed, "path", "shop.db is damaged", ".recover")
}

func TestAPathThroughAFileSaysSo(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (a)")
	_, err := d.rows(flow.Values{"path": "shop.db/inside.db", "sql": "create table u (a)"})
	wantFailure(t, err, kit.Invalid, "path", "a part of the path is a file")
}

func TestAStopLeavesNothingHalfDone(t *testing.T) {
	d := newDesk(t)
	d.sql("create table t (id integer primary key)")
	ctx, stop := context.WithCancel(t.Context())
	lib := newLibrary()
	defer lib.Close()
	err := new(store{lib: lib, Path: d.path()}).Change(ctx, d.env, func(s tables.Session) error {
		return tables.Atomically(ctx, s, "begin immediate", func() error {
			if _, err := s.Exec(ctx, "insert into t values (1)"); err != nil {
				return err
			}
			stop()
			_, err := s.Exec(ctx, "with recursive n(i) as (values (2) union all select i + 1 from n) insert into t select i from n")
			return err
		})
	})
	if !errors.Is(err, context.Canceled) || kit.AsFailure(err).Kind != kit.Stopped {
		t.Errorf("got %v", err)
	}
	if got := d.judge("select count(*) from t"); got != "0" {
		t.Errorf("%s rows are left of it", got)
	}
}

func TestAFileThatWasReplacedIsOpenedAnew(t *testing.T) {
	d := newDesk(t)
	with := flow.Values{"table": "t", "key": []any{"id"}}
	d.write(with, map[string]any{"id": 1})
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(d.path() + end); err != nil && end == "" {
			t.Fatal(err)
		}
	}
	d.write(with, map[string]any{"id": 2})
	if got := d.judge("select id from t"); got != "2" {
		t.Errorf("the new file holds %q", got)
	}
}

func TestCloseLetsGoOfTheFiles(t *testing.T) {
	d := newDesk(t)
	d.write(flow.Values{"table": "t", "key": []any{"id"}}, map[string]any{"id": 1})
	if err := d.set.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(d.path() + "?*")
	if err != nil || len(left) > 0 {
		t.Errorf("beside the database are still %v, %v", left, err)
	}
	if rows, err := d.rows(flow.Values{"sql": "select id from t"}); err != nil || asJSON(rows) != `[{"id":1}]` {
		t.Errorf("after Close: %v, %v", rows, err)
	}
}

func TestPathsThatLookLikeAddresses(t *testing.T) {
	for _, name := range []string{"a b.db", "50%?mode=memory.db", "ü#1.db", "file:x.db"} {
		d := newDesk(t)
		d.write(flow.Values{"path": name, "table": "t", "key": []any{"id"}}, map[string]any{"id": 1})
		if info, err := os.Stat(filepath.Join(d.env.Dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestManyUseOneDatabaseAtOnce(t *testing.T) {
	d := newDesk(t)
	d.env.Write = nil
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 25 {
				u := d.upsert(flow.Values{"table": "t", "key": []any{"id"}})
				if _, err := u.RunAll(t.Context(), d.env, flow.Batch{{Data: map[string]any{"id": w*25 + i}}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := d.judge("select count(*) from t"); got != "100" {
		t.Errorf("%s rows, want 100", got)
	}
}
