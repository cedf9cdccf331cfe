package history

import (
	"slices"
	"sort"

	"jackfield/flow"
)

// shelf gives any record of a list of batches by its number, with few batches in
// memory: a list of a million records is looked through a screen at a time.
type shelf struct {
	batches []batch
	starts  []int // the number of the first record of each batch
	total   int
	held    map[int]flow.Batch
	order   []int // the batches held, the one used longest ago first
	asked   map[int]bool
	ask     func(ref flow.Ref, got func(flow.Batch))
	changed func()
}

// mostHeld is how many batches are kept in memory.
const mostHeld = 8

func newShelf(batches []batch, ask func(flow.Ref, func(flow.Batch)), changed func()) *shelf {
	s := &shelf{batches: batches, held: map[int]flow.Batch{}, asked: map[int]bool{}, ask: ask, changed: changed}
	for _, b := range batches {
		s.starts = append(s.starts, s.total)
		s.total += b.count
	}
	return s
}

// grow takes more batches behind those that it has; it does nothing where they are
// others.
func (s *shelf) grow(batches []batch) bool {
	if len(batches) < len(s.batches) || len(s.batches) == 0 || !slices.Equal(batches[:len(s.batches)], s.batches) {
		return false
	}
	for _, b := range batches[len(s.batches):] {
		s.starts = append(s.starts, s.total)
		s.total += b.count
	}
	s.batches = batches
	return true
}

// at gives the n-th record if it is at hand.
func (s *shelf) at(n int) (flow.Record, bool) {
	if n < 0 || n >= s.total {
		return flow.Record{}, false
	}
	in := sort.SearchInts(s.starts, n+1) - 1
	if held := s.held[in]; n-s.starts[in] < len(held) {
		return held[n-s.starts[in]], true
	}
	return flow.Record{}, false
}

// record gives the n-th record if it is at hand, and else asks for it.
func (s *shelf) record(n int) (flow.Record, bool) {
	if n < 0 || n >= s.total {
		return flow.Record{}, false
	}
	in := sort.SearchInts(s.starts, n+1) - 1
	if _, held := s.held[in]; !held && !s.asked[in] && s.ask != nil {
		s.asked[in] = true
		s.ask(s.batches[in].ref, func(b flow.Batch) { s.put(in, b) })
	}
	if _, held := s.held[in]; held {
		s.used(in)
	}
	return s.at(n)
}

func (s *shelf) put(at int, b flow.Batch) {
	delete(s.asked, at)
	s.held[at] = b
	s.used(at)
	if len(s.order) > mostHeld {
		delete(s.held, s.order[0])
		s.order = s.order[1:]
	}
	s.changed()
}

func (s *shelf) used(at int) {
	s.order = append(slices.DeleteFunc(s.order, func(o int) bool { return o == at }), at)
}
