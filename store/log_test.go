package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"jackfield/flow"
)

func texts(lines []flow.LogLine) (all []string) {
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return all
}

// Whatever the sizes of the pieces that a log comes in: the first lines are there, the
// last ones are, between them stands how many are not, and the store holds no more than
// about as many as it may.
func TestOfALongLogTheFirstAndTheLastLinesAreKept(t *testing.T) {
	const keep = 50
	s, err := Open(t.TempDir(), Options{KeepLog: keep})
	mustDo(t, err)
	defer s.Close()
	for seed := range uint64(10) {
		chance := rand.New(rand.NewPCG(seed, 3))
		id := flow.RunID(fmt.Sprint("r", seed))
		mustDo(t, s.Begin(t.Context(), flow.Run{ID: id, Flow: "a", State: flow.Running}))
		n := 0
		for i := range 60 {
			e := small(id, fmt.Sprint(i), 0)
			for range chance.IntN(40) * chance.IntN(2) {
				e.Log = append(e.Log, flow.LogLine{Text: fmt.Sprint("line ", n)})
				n++
			}
			_, err := s.Append(t.Context(), e)
			mustDo(t, err)
		}
		lines, err := s.Log(t.Context(), id)
		mustDo(t, err)
		got := texts(lines)
		first := slices.IndexFunc(got, func(text string) bool { return len(text) > 8 && text[len(text)-4:] == "here" })
		if first != keep-keep/5 || len(got) > keep+keep/5 {
			t.Fatalf("seed %d: %d lines are there of %d, %d in front of the gap", seed, len(got), n, first)
		}
		after := len(got) - first - 1
		for i, text := range got {
			want := fmt.Sprint("line ", i)
			if i == first {
				want = fmt.Sprintf("%d lines were left out here", n-len(got)+1)
			}
			if i > first {
				want = fmt.Sprint("line ", n-len(got)+i)
			}
			if text != want {
				t.Errorf("seed %d: line %d is %q, want %q", seed, i, text, want)
			}
		}
		if after < keep/5 {
			t.Errorf("seed %d: %d last lines are kept", seed, after)
		}
	}
	checkBytes(t, s)
}

// checkBytes holds what was counted while rows came and went against what is there.
func checkBytes(t *testing.T, s *Store) {
	t.Helper()
	mustDo(t, updateOf(s.db, func(tx *txn) error {
		return shelfOf(tx, historyBucket).eachInner(func(id []byte, run shelf) error {
			counted := run.bucket.Sequence()
			err := run.recount()
			if is := run.bucket.Sequence(); is != counted {
				t.Errorf("run %s takes %d bytes and was counted as %d", id, is, counted)
			}
			return err
		})
	}))
}

func TestAStoreFromBeforeLayout4KeepsItsLogsAndIsCounted(t *testing.T) {
	home := t.TempDir()
	s := openStore(t, home)
	mustDo(t, s.Begin(t.Context(), flow.Run{ID: "r", Flow: "a", State: flow.Running}))
	for i := range 4 {
		_, err := s.Append(t.Context(), small("r", fmt.Sprint(i), 3))
		mustDo(t, err)
	}
	// As the layout before had it: lines beside their step run, eight bytes that count
	// them, and a bucket that counts nothing.
	mustDo(t, s.db.Update(func(btx *bbolt.Tx) error {
		tx := &txn{Tx: btx}
		run, _ := shelfOf(tx, historyBucket).inner([]byte("r"))
		for seq := range 2 {
			key := append(number(seq), oldLogRow)
			if err := run.putJSON(key, []flow.LogLine{{Text: fmt.Sprint("old ", seq)}}); err != nil {
				return err
			}
		}
		return errors.Join(run.put([]byte{linesRow}, rowOf(binary.BigEndian.AppendUint64(nil, 7))), run.bucket.SetSequence(0), setLayout(tx, 3))
	}), s.Close())
	s = openStore(t, home)
	lines, err := s.Log(t.Context(), "r")
	mustDo(t, err)
	if got := texts(lines); !slices.Equal(got, []string{"old 0", "old 1", "5 lines were left out here"}) {
		t.Errorf("the log is %q", got)
	}
	if r, err := s.Run(t.Context(), "r"); err != nil || r.Bytes < 12*1000 {
		t.Errorf("the run takes %d bytes, %v", r.Bytes, err)
	}
	if _, err := s.Append(t.Context(), small("r", "next", 1)); err != nil {
		t.Error(err)
	}
	checkBytes(t, s)
	mustDo(t, s.Check(t.Context()))
}
