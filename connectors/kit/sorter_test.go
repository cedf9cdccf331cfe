package kit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"jackfield/flow/value"
)

func sorterIn(t testing.TB, room int) (*Sorter, string) {
	t.Helper()
	env := Env{Scratch: t.TempDir(), Step: "sort"}
	s := NewSorter(env, "test")
	s.room, s.width = room, min(s.width, max(4, room/1024))
	t.Cleanup(func() { s.Close() })
	return s, env.scratch()
}

func read(t testing.TB, s *Sorter) (all []string) {
	t.Helper()
	for k, err := range s.Sorted(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(k.Data))
	}
	return all
}

func TestSorterPutsEntriesInOrderAndKeepsThatOfEqualOnes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		room, n int
		spills  bool
	}{
		{name: "none", room: 1000, n: 0},
		{name: "one", room: 1000, n: 1},
		{name: "in memory", room: 1 << 20, n: 5000},
		{name: "in a few stretches", room: 64 << 10, n: 5000, spills: true},
		{name: "in more stretches than are read side by side", room: 1, n: 13, spills: true},
		{name: "in stretches merged twice", room: 1, n: 4*4*4 + 3*4 + 3, spills: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, dir := sorterIn(t, tt.room)
			random := rand.New(rand.NewPCG(1, uint64(tt.n)))
			type one struct {
				key  int
				data string
			}
			var want []one
			key, data := []byte{}, []byte{}
			for i := range tt.n {
				o := one{random.IntN(tt.n/3 + 1), fmt.Sprint(i)}
				want = append(want, o)
				key, data = value.AppendKey(key[:0], o.key), append(data[:0], o.data...)
				if err := s.Add(t.Context(), key, data); err != nil {
					t.Fatal(err)
				}
			}
			slices.SortStableFunc(want, func(a, b one) int { return a.key - b.key })
			for range 2 { // it can be read again
				got := read(t, s)
				if len(got) != len(want) || s.Len() != len(want) {
					t.Fatalf("%d of %d entries come out", len(got), len(want))
				}
				for i := range got {
					if got[i] != want[i].data {
						t.Fatalf("entry %d is number %s, want %s", i, got[i], want[i].data)
					}
				}
			}
			entries, _ := os.ReadDir(dir)
			if (len(entries) > 0) != tt.spills {
				t.Errorf("it has %d files", len(entries))
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if entries, _ := os.ReadDir(dir); len(entries) > 0 {
				t.Errorf("%d files are left behind", len(entries))
			}
		})
	}
}

func TestSorterTakesEntriesOfAnySize(t *testing.T) {
	s, _ := sorterIn(t, 1000)
	sizes := []int{0, 1, 5000, 7, 100_000, 0, 999, 40_000}
	for i, size := range sizes {
		data := bytes.Repeat([]byte{byte(i)}, size)
		if err := s.Add(t.Context(), binary.BigEndian.AppendUint32(nil, uint32(-size)), data); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(sizes, func(a, b int) int { return int(uint32(-a)) - int(uint32(-b)) })
	for i, data := range read(t, s) {
		if len(data) != sizes[i] {
			t.Errorf("entry %d has %d bytes, want %d", i, len(data), sizes[i])
		}
	}
}

func TestSorterStops(t *testing.T) {
	s, _ := sorterIn(t, 100)
	for i := range 100 {
		if err := s.Add(t.Context(), []byte{byte(i)}, make([]byte, 30)); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("where nobody wants more", func(t *testing.T) {
		n := 0
		for range s.Sorted(t.Context()) {
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Errorf("%d were read", n)
		}
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("no more")
	cancel(why)
	t.Run("reading with its context", func(t *testing.T) {
		for k, err := range s.Sorted(ctx) {
			if err == nil {
				t.Fatalf("gave %v", k)
			}
			if !errors.Is(err, why) {
				t.Errorf("it says %v", err)
			}
		}
	})
	t.Run("writing with its context", func(t *testing.T) {
		err := s.Add(ctx, []byte{1}, make([]byte, 300))
		if !errors.Is(err, why) {
			t.Errorf("it says %v", err)
		}
		if again := s.Add(t.Context(), []byte{1}, nil); again != err {
			t.Errorf("it takes more, with %v", again)
		}
		for _, err := range s.Sorted(t.Context()) {
			if !errors.Is(err, why) {
				t.Errorf("it gives what is not all: %v", err)
			}
		}
	})
}

func TestSorterSaysThatItsFolderTakesNothing(t *testing.T) {
	s, dir := sorterIn(t, 10)
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file in the folder's place
		t.Fatal(err)
	}
	var err error
	for i := 0; i < 3 && err == nil; i++ {
		err = s.Add(t.Context(), []byte{1}, make([]byte, 20))
	}
	if f := AsFailure(err); err == nil || f.Kind != Invalid {
		t.Errorf("%v", err)
	}
}

func TestSorterSaysThatItsFileIsTorn(t *testing.T) {
	s, dir := sorterIn(t, 10)
	for i := range 4 {
		if err := s.Add(t.Context(), []byte{byte(i)}, make([]byte, 20)); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range []int64{60, 46, 30, 23, 0} { // in an entry and between two
		if err := os.Truncate(filepath.Join(dir, "sort-test-0"), size); err != nil {
			t.Fatal(err)
		}
		var err error
		for _, err = range s.Sorted(t.Context()) {
			if err != nil {
				break
			}
		}
		if err == nil || AsFailure(err).Fix == "" {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
}

func BenchmarkSorter(b *testing.B) {
	const n = 1_000_000
	for b.Loop() {
		s, _ := sorterIn(b, sorterRoom)
		random := rand.New(rand.NewPCG(1, 2))
		var key []byte
		data := make([]byte, 200)
		for range n {
			key = value.AppendKey(key[:0], random.IntN(n))
			if err := s.Add(b.Context(), key, data); err != nil {
				b.Fatal(err)
			}
		}
		for _, err := range s.Sorted(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
		s.Close()
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
