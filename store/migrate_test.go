package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jackfield/flow"
)

// fileOfLayout fabricates a store's file of an old layout.
func fileOfLayout(t *testing.T, fabricate func(tx *txn) error) (home string) {
	t.Helper()
	home = t.TempDir()
	db, err := openFile(filepath.Join(home, fileName))
	if err == nil {
		err = errors.Join(updateOf(db, fabricate), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return home
}

func TestAFileWithoutALayoutIsBroughtToTheNewest(t *testing.T) {
	home := fileOfLayout(t, func(*txn) error { return nil })
	s, err := Open(home, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Begin(t.Context(), flow.Run{ID: "r", Flow: "f", State: flow.Running}); err != nil {
		t.Error(err)
	}
	err = viewOf(s.db, func(tx *txn) error {
		layout, err := layoutOf(tx)
		if layout != len(migrations()) {
			t.Errorf("the layout is %d", layout)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestALaterLayoutIsRefused(t *testing.T) {
	home := fileOfLayout(t, func(tx *txn) error { return setLayout(tx, len(migrations())+3) })
	_, err := Open(home, Options{})
	var newer *NewerError
	var seen flow.Problem
	if !errors.As(err, &newer) || newer.Layout != len(migrations())+3 || newer.Known != len(migrations()) {
		t.Fatalf("Open gave %v", err)
	}
	if !errors.As(err, &seen) || seen.Fix == "" || seen.File == "" {
		t.Errorf("the problem is %+v", seen)
	}
}

// The fabricated layout 0 kept flows as "name=text" under one key; 1 gave each a row,
// 2 counts them.
func TestEachMigrationIsATransactionOfItsOwn(t *testing.T) {
	fabricate := func(tx *txn) error {
		b, err := tx.CreateBucket([]byte("old"))
		return errors.Join(err, b.Put([]byte("flows"), []byte("a=1 b=2")))
	}
	split := func(tx *txn) error {
		if _, err := tx.CreateBucket([]byte("new")); err != nil {
			return err
		}
		for one := range strings.FieldsSeq(string(tx.Bucket([]byte("old")).Get([]byte("flows")))) {
			name, text, _ := strings.Cut(one, "=")
			if err := shelfOf(tx, "new").put([]byte(name), rowOf([]byte(text))); err != nil {
				return err
			}
		}
		return tx.DeleteBucket([]byte("old"))
	}
	count := func(tx *txn) error {
		n := 0
		err := shelfOf(tx, "new").each(func(_, _ []byte) error { n++; return nil })
		return errors.Join(err, shelfOf(tx, "new").put([]byte("count"), rowOf([]byte(fmt.Sprint(n)))))
	}
	broken := func(tx *txn) error {
		return errors.Join(count(tx), errors.New("no more"))
	}

	path := filepath.Join(fileOfLayout(t, fabricate), fileName)
	db, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	state := func() (layout int, rows string) {
		err := viewOf(db, func(tx *txn) (err error) {
			layout, err = layoutOf(tx)
			return errors.Join(err, shelfOf(tx, "new").each(func(k, v []byte) error {
				rows += fmt.Sprintf("%s:%s ", k, v)
				return nil
			}))
		})
		if err != nil {
			t.Fatal(err)
		}
		return layout, rows
	}

	err = migrate(db, path, []migration{split, broken})
	if err == nil || !strings.Contains(err.Error(), "from layout 1 to 2: no more") {
		t.Errorf("a migration that fails gave %v", err)
	}
	if layout, rows := state(); layout != 1 || rows != "a:1 b:2 " {
		t.Errorf("after it the layout is %d with %q", layout, rows)
	}
	if err := migrate(db, path, []migration{broken, count}); err != nil {
		t.Error(err)
	}
	if layout, rows := state(); layout != 2 || rows != "a:1 b:2 count:2 " {
		t.Errorf("in the end the layout is %d with %q", layout, rows)
	}
}

func TestCursorsOfLayout1GetAHistory(t *testing.T) {
	moved := time.Date(2026, 2, 1, 3, 0, 0, 0, time.UTC)
	home := fileOfLayout(t, func(tx *txn) error {
		if err := errors.Join(migrations()[0](tx), setLayout(tx, 1)); err != nil {
			return err
		}
		if tx.Bucket([]byte(movesBucket)) != nil {
			t.Error("layout 1 has a history of cursors")
		}
		ofFlow, err := shelfOf(tx, checkpointsBucket).makeInner([]byte("orders"))
		return errors.Join(err, ofFlow.putJSON([]byte("read"), flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor("7"), Run: "r1", Moved: moved}))
	})
	s, err := Open(home, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.CheckpointMoves(t.Context(), "orders", "read")
	if err != nil || len(all) != 1 || all[0].Number != 2 || string(all[0].Cursor) != "7" || all[0].Run != "r1" || !all[0].Moved.Equal(moved) {
		t.Fatalf("its history is %+v, %v", all, err)
	}
	if err := s.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: "read", Cursor: flow.Cursor("8"), Run: "r2", Moved: moved}); err != nil {
		t.Fatal(err)
	}
	if all, err = s.CheckpointMoves(t.Context(), "orders", "read"); err != nil || len(all) != 2 || all[0].Number != 3 {
		t.Errorf("and then %+v, %v", all, err)
	}
}
