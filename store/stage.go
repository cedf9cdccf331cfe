package store

import (
	"sync"

	"jackfield/flow"
)

// mostStaged is how many batches wait for their entries at the most. One that is put out
// is written once more with its entry.
const mostStaged = 8

// staged is a batch that is written ahead of its entry.
type staged struct {
	run   flow.RunID
	batch flow.Batch
	done  chan struct{} // closed when what follows is set
	row   row
	size  int
	err   error
}

type stages struct {
	mu      sync.Mutex
	waiting []*staged // the oldest first
	work    sync.WaitGroup
}

// Stage begins to write a batch that is to be appended to a run soon, so that it is on
// disk when its entry comes. It does not wait. A batch counts as nothing until then, and
// what was written of one that never comes goes with the run. Nobody changes b any more.
func (s *Store) Stage(id flow.RunID, b flow.Batch) {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed || len(b) == 0 {
		return
	}
	one := &staged{run: id, batch: b, done: make(chan struct{})}
	s.stages.put(one)
	s.stages.work.Go(func() {
		defer close(one.done)
		one.row, one.size, one.err = s.writeRow(b, func(data []byte) (place, error) {
			return s.segments.writeOpen(id, data)
		})
	})
}

func (s *stages) put(one *staged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting = append(s.waiting, one); len(s.waiting) > mostStaged {
		s.drop(0)
	}
}

func (s *stages) drop(i int) {
	copy(s.waiting[i:], s.waiting[i+1:])
	s.waiting[len(s.waiting)-1] = nil
	s.waiting = s.waiting[:len(s.waiting)-1]
}

// take waits for the row of a batch; ok is false where it was not staged, or that went
// wrong.
func (s *stages) take(id flow.RunID, b flow.Batch) (one *staged, ok bool) {
	if one = s.find(id, b); one == nil {
		return nil, false
	}
	<-one.done
	return one, one.err == nil
}

func (s *stages) find(id flow.RunID, b flow.Batch) *staged {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, one := range s.waiting {
		if one.run == id && len(one.batch) == len(b) && &one.batch[0] == &b[0] {
			s.drop(i)
			return one
		}
	}
	return nil
}

// end forgets what was staged for a run.
func (s *stages) end(id flow.RunID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.waiting) - 1; i >= 0; i-- {
		if s.waiting[i].run == id {
			s.drop(i)
		}
	}
}
