// Package store keeps what lasts: flows with all their versions, connections,
// checkpoints, sealed secrets, small preferences, and the history of runs. It is the
// only home of bbolt: nouns, no verbs. What a run means is the engine's.
//
// Its rules:
//
//   - What a call has written is on disk when the call returns, whole or not at all;
//     only an entry that is computed again if it is lost may be held in memory until
//     something else is written to its run.
//   - One goroutine writes. It commits whatever waits in one transaction, so many
//     writers cost little more than one.
//   - Rows carry a checksum over their key and value. What is read is what was
//     written, or an error.
//   - No read transaction outlives a call, so a reader never holds the writer up.
//   - A batch of records below [largeBatch] lies inside the file, a larger one in a
//     segment file beside it, on disk before the row that points to it.
//   - One process at a time has a home folder open; a lock says which.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"jackfield/flow"
)

// fileName is the store's file inside the home folder.
const fileName = "jackfield.db"

// Options are the limits of a store. The zero Options are the usual ones.
type Options struct {
	KeepLog    int   // lines of each run's log; 0 is 10,000
	CacheBytes int64 // of memory for batches just written, about; 0 is 24 MB
	StoreAll   bool  // also what can be computed again
}

func (o Options) withDefaults() Options {
	if o.KeepLog <= 0 {
		o.KeepLog = 10_000
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 24 << 20
	}
	return o
}

// Store is an open home folder. Its methods may be called from any goroutine.
type Store struct {
	home     string
	options  Options
	lock     *lock
	segments *segments
	stages   stages
	cache    *batchCache
	buffers  sync.Pool // of *[]byte, that batches are written out in
	again    atomic.Pointer[computing]

	open   sync.RWMutex // held for reading by a transaction, for writing while db changes
	db     *bbolt.DB    // nil once closed
	broken atomic.Pointer[DamagedError]

	touching sync.Mutex // held by a transaction that writes
	touched  *touched   // told of every change while the file is copied; else nil

	long         chan flow.RunID              // has very many step runs
	refusing     atomic.Pointer[flow.Problem] // why no run may begin
	diskShort    func(home string) (int64, error)
	tidying      sync.Mutex
	compacting   sync.Mutex
	removed      chan struct{}                      // something was, so the file may be worth shrinking
	atCompaction func(place string, copy *bbolt.DB) // for tests: what would a crash leave here?
	background   sync.WaitGroup
	stop         context.CancelFunc // of what goes on in the background

	closing sync.RWMutex // held for reading while a write is handed over
	closed  bool
	writes  chan *write
	writer  sync.WaitGroup
	tails   tails
}

// Open opens the store in the folder home, which is made where it is missing. A
// second process gets an *OpenError, a file that cannot be trusted a *DamagedError,
// one of a later Jackfield a *NewerError; each says what to do.
func Open(home string, o Options) (*Store, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	l, err := acquire(home)
	if err != nil {
		return nil, err
	}
	s, err := openLocked(home, o)
	if err != nil {
		_ = l.release() // the cause is the better news
		return nil, err
	}
	s.lock = l
	return s, nil
}

func openLocked(home string, o Options) (*Store, error) {
	path := filepath.Join(home, fileName)
	if err := createMissing(home, path); err != nil {
		return nil, fmt.Errorf("create the store %s: %w", path, noRoom(err))
	}
	if err := heal(path); err != nil {
		return nil, err
	}
	if err := inspect(path); err != nil {
		return nil, err
	}
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if err := migrate(db, path, migrations()); err != nil {
		_ = db.Close()
		return nil, err
	}
	o = o.withDefaults()
	s := &Store{
		home: home, options: o, db: db,
		segments:  newSegments(filepath.Join(home, batchesName)),
		cache:     newBatchCache(o.CacheBytes),
		writes:    make(chan *write, mostTogether),
		removed:   make(chan struct{}, 1),
		diskShort: diskShort,
		long:      make(chan flow.RunID, 16),
	}
	s.writer.Go(s.commitAll)
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.background.Go(func() { s.shrinkInTime(ctx) })
	s.background.Go(func() { s.tallyLong(ctx) })
	if err := s.sweepSegments(); err != nil {
		_ = s.shut()
		return nil, err
	}
	return s, nil
}

// openFile opens the file with the settings that keep it quick: a free list that is
// not written (bbolt's own makes a file with many free pages ten times slower) and
// kept in a map. The lock on the home folder is held, so anybody else who holds the
// file is not Jackfield.
func openFile(path string) (db *bbolt.DB, err error) {
	defer recovered(path, &err)
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:        100 * time.Millisecond,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, &OpenError{Home: filepath.Dir(path)}
	}
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", path, noRoom(err))
	}
	return db, nil
}

// The endings of a file that is being written, until it takes the store's name.
const (
	newDraft     = ".new"
	compactDraft = ".compact"
	rescueDraft  = ".rescued"
)

// createMissing makes an empty file. It is built under another name, so that a file
// called jackfield.db is always a whole one. Drafts that a crash has left are removed,
// but for one that Rescue has finished and could not give the name any more.
func createMissing(home, path string) error {
	_, err := os.Lstat(path)
	missing := errors.Is(err, os.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	if missing && os.Rename(path+rescueDraft, path) == nil {
		return syncFolder(home)
	}
	for _, draft := range []string{newDraft, compactDraft, rescueDraft} {
		if err := os.Remove(path + draft); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if !missing {
		return nil
	}
	if err := setOrphansAside(home); err != nil {
		return err
	}
	draft := path + newDraft
	db, err := openFile(draft)
	if err != nil {
		return err
	}
	if err := errors.Join(migrate(db, draft, migrations()), db.Close()); err != nil {
		_ = os.Remove(draft)
		return err
	}
	return replace(draft, path)
}

// replace gives the file at draft the name path, on disk when it returns.
func replace(draft, path string) error {
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Home is the folder that the store lies in.
func (s *Store) Home() string { return s.home }

// Close waits for what is being written and gives the home folder free. Where much
// of the file is free it is made smaller first. Closing again does nothing.
func (s *Store) Close() error {
	s.closing.Lock()
	was := s.closed
	s.closed = true
	s.closing.Unlock()
	if was {
		return nil
	}
	return errors.Join(s.shut(), s.lock.release())
}

// shut ends the writer and closes the files, but keeps the lock. Nothing is handed
// over any more, since closed is set or nobody knows s yet.
func (s *Store) shut() error {
	s.stop()
	s.background.Wait()
	s.stages.work.Wait()
	s.settleAll()
	close(s.writes)
	s.writer.Wait()
	if ctx := context.Background(); s.worthShrinking(ctx) {
		// Where the copy does not come about the file stays as it is: larger
		// than need be, and whole. The next removal tries again.
		_ = s.compact(ctx, false)
	}
	s.open.Lock()
	defer s.open.Unlock()
	db, err := s.db, s.segments.close()
	if s.broken.Load() != nil {
		s.db = nil // its locks are held for ever; they go with the process
		return err
	}
	if db == nil {
		return err
	}
	s.db = nil
	return errors.Join(err, db.Close())
}

// view reads inside one transaction. Nothing that do got from tx may leave it.
func (s *Store) view(ctx context.Context, do func(tx *txn) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.open.RLock()
	defer s.open.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	defer s.recovered(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return viewOf(s.db, do)
}

// usable says why there can be no transaction. The caller holds s.open.
func (s *Store) usable() error {
	if s.db == nil {
		return ErrClosed
	}
	if broken := s.broken.Load(); broken != nil {
		return broken
	}
	return nil
}

// recovered makes a panic of bbolt into a *DamagedError, after which the store does
// nothing any more: bbolt's own locks may be held.
func (s *Store) recovered(err *error) {
	if p := recover(); p != nil {
		broken := damagedBy(s.path(), p)
		s.broken.Store(broken)
		*err = broken
	}
}

func (s *Store) path() string { return filepath.Join(s.home, fileName) }
