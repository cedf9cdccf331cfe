package tables

import (
	"errors"
	"sync"
	"time"
)

// Shelf keeps what is open, one thing for each name, while somebody uses it and a moment
// longer: long enough to serve a step that comes back for each record.
type Shelf[T Shared] struct {
	Linger time.Duration

	mu   sync.Mutex
	open map[string]*volume[T]
}

// Shared is what stands on a shelf.
type Shared interface {
	// Rest is called when nobody uses it any more, Fresh before it is used again: false
	// where it is not what its name says any more.
	Rest()
	Fresh() bool
	Close() error
}

// volume is one thing that is open.
type volume[T Shared] struct {
	it    T
	users int
	idle  *time.Timer
}

// Borrow takes what has the name off the shelf, or opens it. back is called once.
func (s *Shelf[T]) Borrow(name string, open func() (T, error)) (it T, back func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.open[name]
	if v != nil && v.users == 0 && !v.it.Fresh() {
		s.shut(name, v)
		v = nil
	}
	if v == nil {
		if it, err = open(); err != nil {
			return it, nil, err
		}
		v = s.put(name, it)
	}
	v.users++
	v.idle.Stop()
	return v.it, func() { s.giveBack(name, v) }, nil
}

func (s *Shelf[T]) put(name string, it T) *volume[T] {
	v := &volume[T]{it: it}
	v.idle = time.AfterFunc(s.Linger, func() { s.shutIdle(name, v) })
	if s.open == nil {
		s.open = map[string]*volume[T]{}
	}
	s.open[name] = v
	return v
}

func (s *Shelf[T]) giveBack(name string, v *volume[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.users--
	if v.users > 0 {
		return
	}
	if s.open[name] != v { // Close came in between
		v.it.Close()
		return
	}
	v.it.Rest()
	v.idle.Reset(s.Linger)
}

func (s *Shelf[T]) shutIdle(name string, v *volume[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.users == 0 && s.open[name] == v {
		s.shut(name, v)
	}
}

// shut is called with the lock held.
func (s *Shelf[T]) shut(name string, v *volume[T]) error {
	delete(s.open, name)
	v.idle.Stop()
	return v.it.Close()
}

// Close closes everything that nobody uses now; the rest is closed when it is given back.
func (s *Shelf[T]) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for name, v := range s.open {
		if v.users == 0 {
			errs = append(errs, s.shut(name, v))
			continue
		}
		delete(s.open, name)
	}
	return errors.Join(errs...)
}
