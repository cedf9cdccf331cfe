package store

import (
	"context"
	"runtime/debug"
	"slices"

	"go.etcd.io/bbolt"
)

// mostTogether is how many writes one transaction takes at the most. Beyond that it
// grows long without saving much: a commit costs 0.3 ms, a small write some 5 µs.
const mostTogether = 256

// write is what one caller wants done. do may be called more than once; it keeps
// nothing of a call before.
type write struct {
	do   func(tx *txn) error
	tail *tail // of the run that it writes to; nil for none
	done chan error
}

// update hands do to the writer and waits until it is on disk. ctx counts until then
// only: what was handed over is done.
func (s *Store) update(ctx context.Context, do func(tx *txn) error) error {
	return s.hand(ctx, &write{do: do, done: make(chan error, 1)})
}

func (s *Store) hand(ctx context.Context, w *write) error {
	if err := s.handOver(ctx, w); err != nil {
		return err
	}
	return <-w.done
}

func (s *Store) handOver(ctx context.Context, w *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return ErrClosed
	}
	select {
	case s.writes <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// commitAll is the writer: it commits whatever waits, together, until the store is
// closed.
func (s *Store) commitAll() {
	debug.SetPanicOnFault(true)
	n := 0
	for first := range s.writes {
		s.commit(s.gather(first))
		if n++; n%letGoEvery == 0 {
			s.letGoOfPages()
		}
	}
}

// gather takes what waits beside first, without waiting for more.
func (s *Store) gather(first *write) []*write {
	group := []*write{first}
	for len(group) < mostTogether {
		select {
		case w, more := <-s.writes:
			if !more {
				return group
			}
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// commit puts a group on disk. A write that refuses is taken out, and the others are
// done again without it.
func (s *Store) commit(group []*write) {
	for len(group) > 0 {
		refused, err := s.together(group)
		switch {
		case refused >= 0:
			group[refused].done <- err
			group = slices.Delete(group, refused, refused+1)
		case err != nil && len(group) > 1:
			s.commitAlone(group)
			return
		default:
			for _, w := range group {
				w.done <- err
			}
			return
		}
	}
}

// together writes a group in one transaction. refused is which write would not be
// done; -1 for none.
func (s *Store) together(group []*write) (refused int, err error) {
	for _, w := range group {
		if w.tail != nil {
			w.tail.enter()
		}
	}
	refused = -1
	err = s.transact(func(tx *txn) error {
		for i, w := range group {
			if err := w.do(tx); err != nil {
				refused = i
				return err
			}
		}
		return nil
	})
	for _, w := range group {
		if w.tail != nil {
			w.tail.leave(err == nil)
		}
	}
	return refused, err
}

// commitAlone tries each write alone after the disk has refused them together, so that
// a small one is not lost for a large one. When two in a row are refused, so are the
// rest: after a refusal bbolt reads the whole file to find its free pages again.
func (s *Store) commitAlone(group []*write) {
	refused := 0
	var err error
	for _, w := range group {
		if refused < 2 {
			_, err = s.together([]*write{w})
		}
		w.done <- err
		if err == nil {
			refused = 0
		} else {
			refused++
		}
	}
}

// transact runs do in a transaction that counts itself; Rescue finds the newest root
// by that number where the file's headers are lost.
func (s *Store) transact(do func(tx *txn) error) (err error) {
	s.open.RLock()
	defer s.open.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	defer s.recovered(&err)
	s.touching.Lock()
	defer s.touching.Unlock()
	err = s.db.Update(func(btx *bbolt.Tx) error {
		tx := &txn{Tx: btx, touched: s.touched}
		if err := do(tx); err != nil {
			return err
		}
		_, err := shelfOf(tx, metaBucket).bucket.NextSequence()
		return err
	})
	return noRoom(err)
}
