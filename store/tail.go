package store

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"jackfield/flow"
)

// What may be held of one run: so many entries, that took so long to make. A crash costs
// no more than that time, for they are made again.
const (
	mostHeld    = 256
	longestHeld = 100 * time.Millisecond
	nobodyKnows = -1
)

// tail is the end of a run's history: where it is on disk, and the entries behind that
// which are held in memory until the next one is written. What is held has its place:
// whoever writes to the run writes that first, and nothing is held while a transaction
// that does so is open.
type tail struct {
	id flow.RunID

	mu    sync.Mutex
	next  int // the place behind all of them; nobodyKnows before this process has written one
	held  []*entryRows
	took  time.Duration // to make those held
	busy  chan struct{} // closed at the end of the transaction that writes to the run; nil where none is open
	put   int           // how many of those held it has written
	after int           // next, when it is on disk

	users int  // guarded by tails.mu, as is ended
	ended bool // the run has
}

// tails are those of the runs that have not ended.
type tails struct {
	mu    sync.Mutex
	known map[flow.RunID]*tail
}

// take gives the tail of a run, to be left again.
func (t *tails) take(id flow.RunID) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.known[id]
	if one == nil {
		if t.known == nil {
			t.known = map[flow.RunID]*tail{}
		}
		one = &tail{id: id, next: nobodyKnows}
		t.known[id] = one
	}
	one.users++
	return one
}

// find gives the tail of a run that something is held of, to be left again, or nil.
func (t *tails) find(id flow.RunID) *tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.known[id]
	if one == nil || one.empty() {
		return nil
	}
	one.users++
	return one
}

// leave gives a tail back.
func (t *tails) leave(one *tail) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one.users--
	t.mayForget(one)
}

// end says that a run has ended.
func (t *tails) end(id flow.RunID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one := t.known[id]; one != nil {
		one.ended = true
		t.mayForget(one)
	}
}

// mayForget lets a tail go that nobody uses and that says nothing, or whose run has ended.
func (t *tails) mayForget(one *tail) {
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.users == 0 && len(one.held) == 0 && (one.ended || one.next == nobodyKnows) {
		delete(t.known, one.id)
	}
}

// all lists those of runs that something is held of.
func (t *tails) all() []*tail {
	t.mu.Lock()
	defer t.mu.Unlock()
	var some []*tail
	for _, one := range t.known {
		if !one.empty() {
			some = append(some, one)
		}
	}
	return some
}

func (t *tail) empty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.held) == 0
}

// hold keeps an entry as the next of its run, if it may, and gives its place. again says
// that its key is known, to onDisk or among those held: then it has the place that it had.
func (t *tail) hold(ctx context.Context, r *entryRows, took time.Duration, onDisk func() (seq int, found bool, err error)) (seq int, held, again bool, err error) {
	if err := t.quiet(ctx); err != nil {
		return 0, false, false, err
	}
	defer t.mu.Unlock()
	if seq, again, err = onDisk(); again || err != nil {
		return seq, false, again, err
	}
	for _, one := range t.held {
		if bytes.Equal(one.task, r.task) {
			return one.place, false, true, nil
		}
	}
	if t.next == nobodyKnows || len(t.held) >= mostHeld || t.took+took > longestHeld {
		return 0, false, false, nil
	}
	r.place = t.next
	t.held = append(t.held, r)
	t.next++
	t.took += took
	return r.place, true, false, nil
}

// hold is t.hold in a store that is not being closed.
func (s *Store) hold(ctx context.Context, t *tail, r *entryRows, took time.Duration, onDisk func() (int, bool, error)) (seq int, held, again bool, err error) {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return 0, false, false, ErrClosed
	}
	return t.hold(ctx, r, took, onDisk)
}

// quiet locks t when no transaction that writes to the run is open.
func (t *tail) quiet(ctx context.Context) error {
	for {
		t.mu.Lock()
		busy := t.busy
		if busy == nil {
			return nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// enter says that a transaction begins which writes to the run, leave that it has ended.
// Between the two the writer alone has t.
func (t *tail) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy = make(chan struct{})
		t.put, t.after = 0, t.next
	}
}

func (t *tail) leave(written bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy == nil {
		return // it had several writes in the transaction
	}
	if written {
		t.next = t.after
		if t.put > 0 {
			t.held, t.took = nil, 0
		}
	}
	close(t.busy)
	t.busy = nil
}

// write puts what is held behind what is on disk. Where the run is gone so is that.
func (t *tail) write(tx *txn, keepLog int) error {
	if t.put == len(t.held) {
		return nil
	}
	if _, there := shelfOf(tx, historyBucket).inner([]byte(t.id)); !there {
		t.put = len(t.held)
		return nil
	}
	for ; t.put < len(t.held); t.put++ {
		one := t.held[t.put]
		seq, again, err := one.put(tx, keepLog)
		if err == nil && (again || seq != one.place) {
			err = fmt.Errorf("place %d of the run is not free any more", one.place)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// updateRunOf is update for a write to a run: what is held of that comes before it.
func (s *Store) updateRunOf(ctx context.Context, t *tail, do func(tx *txn) error) error {
	w := s.writeTo(t)
	held := w.do
	w.do = func(tx *txn) error {
		if err := held(tx); err != nil {
			return err
		}
		return do(tx)
	}
	return s.hand(ctx, w)
}

// writeTo writes what is held of a run.
func (s *Store) writeTo(t *tail) *write {
	return &write{tail: t, done: make(chan error, 1), do: func(tx *txn) error { return t.write(tx, s.options.KeepLog) }}
}

// Settle returns when nothing of the run is held any more: all of it is on disk.
func (s *Store) Settle(ctx context.Context, id flow.RunID) error {
	t := s.tails.find(id)
	if t == nil {
		return nil
	}
	defer s.tails.leave(t)
	if err := s.hand(ctx, s.writeTo(t)); err != nil {
		return fmt.Errorf("write what run %s has done: %w", id, err)
	}
	return nil
}

// settleAll writes what is held of any run, when nothing is handed over any more. What
// cannot be written is done again by whoever takes the run up.
func (s *Store) settleAll() {
	for _, t := range s.tails.all() {
		w := s.writeTo(t)
		s.writes <- w
		<-w.done
	}
}
