package kittest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Row is a row of a table that is read while it changes.
type Row struct {
	Key  int
	At   int    // the cursor: a tick of the clock, of which many rows may have the same
	Part int    // the partition, from 0
	Text string // what it holds
}

func (r Row) String() string { return fmt.Sprintf("%d@%d/%d %s", r.Key, r.At, r.Part, r.Text) }

// Table is one that Incremental reads and changes.
type Table interface {
	// Put adds the row, or puts it in place of the one with its key.
	Put(t testing.TB, row Row)
	// Remove takes the row with this key away.
	Remove(t testing.TB, key int)
	// Source is the source with its settings bound: the cursor column, pages of a few
	// rows, the overlap in ticks, 0 for none, and "behind" set to go on. The run began at
	// the tick now. Every page is read by a new one.
	Source(t testing.TB, overlap, now int) (kit.Source, kit.Env)
	// Row makes a row of what the source gave.
	Row(t testing.TB, data any) Row
}

// Incremental tests a source that reads by a cursor, over a table that changes between
// its pages and in the midst of them, whose programs are killed at any page: no row is
// lost, and none is given twice unless it was changed. open gives a new, empty table
// with parts partitions, 1 for a source without. whole is of a source whose checkpoint
// moves only when it has read everything: a run of it is never given up, since the next
// one would give everything again.
func Incremental(t *testing.T, parts int, whole bool, open func(t testing.TB) Table) {
	for _, overlap := range []int{0, 3} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("seed %d, overlap %d", seed, overlap), func(t *testing.T) {
				s := &syncTest{
					t: t, table: open(t), overlap: overlap, parts: parts, clock: 1_767_225_600, whole: whole,
					rand: rand.New(rand.NewPCG(seed, uint64(overlap))), rows: map[int]Row{}, given: map[string]int{},
				}
				s.run()
			})
		}
	}
}

// syncTest is one table with what became of its rows.
type syncTest struct {
	t              *testing.T
	table          Table
	rand           *rand.Rand
	overlap, parts int
	whole          bool
	clock, version int
	rows           map[int]Row
	given          map[string]int
	mark           flow.Cursor
}

func (s *syncTest) run() {
	for range 5 + s.rand.IntN(40) {
		s.change()
	}
	for range 12 {
		s.read(true)
		for range s.rand.IntN(10) {
			s.change()
		}
	}
	s.clock += 10
	s.read(false)
	s.read(false)
	for _, r := range s.rows {
		if s.given[r.String()] == 0 {
			s.t.Errorf("row %s was lost", r)
		}
	}
	for row, n := range s.given {
		if n > 1 {
			s.t.Errorf("row %s came %d times", row, n)
		}
	}
}

// change does something to the table: mostly at the clock's time, which does not move
// from row to row, and where there is an overlap also a little before.
func (s *syncTest) change() {
	if s.rand.IntN(3) == 0 {
		s.clock++
	}
	s.version++
	row := Row{Key: s.rand.IntN(60), At: s.clock, Part: 0, Text: fmt.Sprint("v", s.version)}
	row.Part = row.Key % s.parts
	if s.overlap > 0 && s.rand.IntN(3) == 0 {
		row.At -= s.rand.IntN(s.overlap)
	}
	if s.rand.IntN(8) == 0 {
		if _, there := s.rows[row.Key]; there {
			s.table.Remove(s.t, row.Key)
			delete(s.rows, row.Key)
		}
		return
	}
	s.table.Put(s.t, row)
	s.rows[row.Key] = row
}

// read is a run: page by page, with changes in between. A kill at a page forgets what it
// gave; the run then goes on from the page before, or a new one begins at the mark.
func (s *syncTest) read(disturbed bool) {
	after, began := s.mark, s.clock
	for n := range 1000 {
		disturbed := disturbed && n < 40
		source, env := s.table.Source(s.t, s.overlap, began)
		page, err := source.Read(s.t.Context(), env, after)
		if err != nil {
			s.t.Fatalf("read behind %s: %v", after, err)
		}
		if len(page.Bad) > 0 {
			s.t.Fatalf("a row could not be read: %v", page.Bad[0].Failure)
		}
		if disturbed && s.rand.IntN(6) == 0 {
			if s.rand.IntN(2) == 0 && !s.whole {
				after, began = s.mark, s.clock
			}
			continue
		}
		for _, data := range page.Data {
			s.given[s.table.Row(s.t, data).String()]++
		}
		if page.Mark != nil {
			s.mark = page.Mark
		}
		if !page.More {
			return
		}
		after = page.Next
		for disturbed && s.rand.IntN(3) > 0 {
			s.change()
		}
		if disturbed && !s.whole && s.rand.IntN(15) == 0 {
			after, began = s.mark, s.clock // the run is given up
		}
	}
	s.t.Fatal("the source does not end")
}
