package engine

import (
	"context"
	"sync"
)

// seat is a task's place among the workers. It is given back while everything that the
// task does waits: for another attempt, for a service that rests, for a called flow, for
// the disk. The nil seat is that of a task which nobody counts.
type seat struct {
	slots chan struct{}

	mu   sync.Mutex
	busy int  // how many parts of the task work
	held bool // the slot is its own now
	left bool // the task has ended
}

// sit waits for a free worker.
func sit(ctx context.Context, slots chan struct{}, quit <-chan struct{}) (*seat, error) {
	select {
	case slots <- struct{}{}:
		return &seat{slots: slots, busy: 1, held: true}, nil
	case <-quit:
		return nil, errParked
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// join counts n further parts that work beside the first one, or with n below 0 that no
// longer do.
func (s *seat) join(n int) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy += n
	s.rise()
}

// rise gives the worker to others where no part works any more.
func (s *seat) rise() {
	if s.busy == 0 && s.held && !s.left {
		<-s.slots
		s.held = false
	}
}

// rest calls wait, which only waits. The last part of a task that rests gives the
// worker to others.
func (s *seat) rest(wait func()) {
	if s == nil {
		wait()
		return
	}
	s.mu.Lock()
	s.busy--
	s.rise()
	s.mu.Unlock()
	wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy++
	if !s.held && !s.left {
		s.slots <- struct{}{}
		s.held = true
	}
}

// leave gives the worker back for good. What of the task was abandoned may still rest
// later, and takes no worker for that.
func (s *seat) leave() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
	if s.held {
		<-s.slots
		s.held = false
	}
}
