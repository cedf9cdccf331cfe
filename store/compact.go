package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// leastToGain is how many bytes must be free before the file is made smaller by
// itself; mostFree is the part of it that may be.
const (
	leastToGain = 8 << 20
	mostFree    = 1.0 / 4
)

// How much of the file one step of a copy takes: readers and writers wait for it for
// a few milliseconds at the most.
const copiedAtOnce = 1 << 20

// fewTouched is how many changes may be left for the moment in which the copy takes
// the file's place and nobody else gets a turn.
const fewTouched = 200

// mostRounds is how often a copy tries to catch up with those who write.
const mostRounds = 50

// Usage is what the store takes of the disk, in bytes.
type Usage struct {
	File     int64 // the file as a whole
	Free     int64 // of that, what is free to be used again
	Segments int64 // the segment files beside it
}

// Usage measures the store.
func (s *Store) Usage(ctx context.Context) (Usage, error) {
	var u Usage
	err := s.view(ctx, func(tx *txn) error {
		info, err := os.Stat(s.path())
		if err != nil {
			return err
		}
		u.File, u.Free = info.Size(), info.Size()-used(tx)
		return nil
	})
	if err == nil {
		u.Segments, err = s.segments.size()
	}
	if err != nil {
		return u, fmt.Errorf("measure the store: %w", err)
	}
	return u, nil
}

// freePages is how many bytes of the file's pages hold nothing, used how many do.
func freePages(tx *txn) int64 {
	stats := tx.DB().Stats()
	return int64(stats.FreePageN+stats.PendingPageN) * int64(tx.DB().Info().PageSize)
}

func used(tx *txn) int64 { return tx.Size() - freePages(tx) }

// worthShrinking says whether so much of the file is free that a copy is worth its
// cost: no more than three bytes are copied for each that is given back.
func (s *Store) worthShrinking(ctx context.Context) bool {
	worth := false
	err := s.view(ctx, func(tx *txn) error {
		free := freePages(tx)
		worth = free > leastToGain && float64(free) > mostFree*float64(tx.Size())
		return nil
	})
	return worth && err == nil
}

// shrinkInTime makes the file smaller in the background whenever it is told that
// something was removed, and that is worth it, until ctx ends.
func (s *Store) shrinkInTime(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.removed:
		}
		if s.worthShrinking(ctx) {
			// Where the copy does not come about the file stays as it is: larger
			// than need be, and whole. The next removal tries again.
			_ = s.compact(ctx, true)
		}
	}
}

// mayShrink tells shrinkInTime that something was removed.
func (s *Store) mayShrink() {
	select {
	case s.removed <- struct{}{}:
	default: // it has been told
	}
}

// Compact makes the file as small as what it holds. Everybody else goes on meanwhile;
// the disk must have room for a copy of what the file holds.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.compact(ctx, false); err != nil {
		return fmt.Errorf("compact the store: %w", noRoom(err))
	}
	return nil
}

// compact copies the file row by row while it is being changed, copies what was
// changed meanwhile again until little is left, and puts the copy in the file's place.
// Until then the copy is a draft that the next Open removes; from then on it holds
// everything that was ever acknowledged.
func (s *Store) compact(ctx context.Context, gently bool) (err error) {
	s.compacting.Lock()
	defer s.compacting.Unlock()
	if err := s.roomForCopy(ctx); err != nil {
		return err
	}
	draft := s.path() + compactDraft
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	to, err := openFile(draft)
	if err != nil {
		return err
	}
	to.NoSync = true // until it takes the file's place
	c := &copier{store: s, to: to, gently: gently}
	s.watchTouched(newTouched())
	var old *bbolt.DB
	err = c.copyAll(ctx)
	if err == nil {
		old, err = s.takeOver(ctx, c)
	}
	if old != nil {
		_ = old.Close() // its file has no name any more, and goes now; nobody waits for that
		return err
	}
	if err != nil {
		s.watchTouched(nil)
		return errors.Join(err, to.Close(), os.Remove(draft))
	}
	return nil
}

// roomForCopy refuses a copy that the disk could not hold.
func (s *Store) roomForCopy(ctx context.Context) error {
	return s.view(ctx, func(tx *txn) error {
		left, err := diskLeft(s.home)
		if need := used(tx) + 2*leastToGain; err == nil && left < need {
			return &fullError{cause: fmt.Errorf("a copy needs %d bytes of the disk and %d are left", need, left)}
		}
		return nil
	})
}

// watchTouched begins to gather in t what transactions change and gives what was
// gathered before.
func (s *Store) watchTouched(t *touched) (before *touched) {
	s.touching.Lock()
	defer s.touching.Unlock()
	before, s.touched = s.touched, t
	return before
}

// takeOver puts a copy that has caught up in the file's place. It gives what was the
// file, which is still open where the system allows that.
func (s *Store) takeOver(ctx context.Context, c *copier) (old *bbolt.DB, err error) {
	s.open.Lock()
	defer s.open.Unlock()
	if err := errors.Join(ctx.Err(), s.usable()); err != nil {
		return nil, err
	}
	if err := s.finishCopy(c); err != nil {
		return nil, err
	}
	s.at("swap", c.to)
	old = s.db
	if runtime.GOOS == "windows" { // no name may be taken from an open file there
		if err := errors.Join(old.Close(), c.to.Close(), replace(c.to.Path(), s.path())); err != nil {
			s.db = nil
			return nil, err
		}
		s.db, err = openFile(s.path())
		return nil, err
	}
	if err := os.Rename(c.to.Path(), s.path()); err != nil {
		return nil, err
	}
	s.db = c.to // whatever comes now, the name is the copy's
	s.at("swapped", c.to)
	return old, syncFolder(s.home)
}

// finishCopy copies what was changed last. Nobody else has a transaction open.
func (s *Store) finishCopy(c *copier) (err error) {
	defer recovered(s.path(), &err)
	rest := s.watchTouched(nil)
	err = viewOf(s.db, func(tx *txn) error {
		err := c.catchUp(tx, rest)
		if err == nil {
			err = updateOf(c.to, func(to *txn) error {
				return to.Bucket([]byte(metaBucket)).SetSequence(tx.Bucket([]byte(metaBucket)).Sequence())
			})
		}
		return err
	})
	if err == nil {
		err = c.to.Sync()
	}
	c.to.NoSync = false
	return err
}

// at is a place in a compaction where a test may look at what a crash would leave.
func (s *Store) at(place string, copy *bbolt.DB) {
	if s.atCompaction != nil {
		s.atCompaction(place, copy)
	}
}

// copier fills a new file from the store's, a step at a time.
type copier struct {
	store  *Store
	to     *bbolt.DB
	gently bool
	behind [][]byte // the path of the row that was copied last; nil before the first
	size   int      // of what this step has copied
	synced int      // steps since the copy was last put on disk
}

// copyAll copies everything, and what is touched meanwhile until that is little.
func (c *copier) copyAll(ctx context.Context) error {
	for done := false; !done; {
		began := time.Now()
		err := c.store.view(ctx, func(tx *txn) (err error) {
			defer recovered(c.store.path(), &err)
			return updateOf(c.to, func(to *txn) error {
				c.size = 0
				done, err = c.copyBucket(tx, to, nil, c.behind)
				return err
			})
		})
		if err == nil {
			c.store.at("copy", c.to)
			_, err = c.round(ctx)
		}
		if err == nil {
			err = c.rest(ctx, time.Since(began))
		}
		if err != nil {
			return err
		}
	}
	for range mostRounds {
		left, err := c.round(ctx)
		if err != nil {
			return err
		}
		if left <= fewTouched {
			break
		}
	}
	return c.to.Sync()
}

// round copies again what was touched since the last one, and tells how much was.
func (c *copier) round(ctx context.Context) (int, error) {
	t := c.store.watchTouched(newTouched())
	if t.keys == 0 {
		return 0, nil
	}
	return t.keys, c.store.view(ctx, func(tx *txn) error { return c.catchUp(tx, t) })
}

// syncedEvery is after how many steps what was copied is put on disk, so that nobody
// else's commit has to wait for all of it at once.
const syncedEvery = 16

// rest leaves the disk and the processor to others for as long as a step took.
func (c *copier) rest(ctx context.Context, took time.Duration) error {
	if c.synced++; c.synced%syncedEvery == 0 {
		began := time.Now()
		if err := c.to.Sync(); err != nil {
			return err
		}
		took += time.Since(began)
	}
	if !c.gently {
		return ctx.Err()
	}
	pause := time.NewTimer(took)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

// bucketHolder is what buckets are in: a transaction or a bucket.
type bucketHolder interface {
	Bucket(name []byte) *bbolt.Bucket
	CreateBucketIfNotExists(name []byte) (*bbolt.Bucket, error)
	DeleteBucket(name []byte) error
	Cursor() *bbolt.Cursor
}

// copyBucket copies what is behind a place, until a step is full; c.behind is then how
// far it came.
func (c *copier) copyBucket(from, to bucketHolder, path, behind [][]byte) (done bool, err error) {
	cursor := from.Cursor()
	key, value := cursor.First()
	if len(behind) > 0 {
		key, value = cursor.Seek(behind[0])
		if key != nil && string(key) == string(behind[0]) && len(behind) == 1 {
			key, value = cursor.Next()
		}
	}
	for ; key != nil; key, value = cursor.Next() {
		here := append(path[:len(path):len(path)], append([]byte(nil), key...))
		if value == nil {
			into, err := to.CreateBucketIfNotExists(key)
			if err != nil {
				return false, err
			}
			inner := from.Bucket(key)
			into.FillPercent = 1 // rows come in their order
			if err := into.SetSequence(inner.Sequence()); err != nil {
				return false, err
			}
			var further [][]byte
			if len(behind) > 1 && string(key) == string(behind[0]) {
				further = behind[1:]
			}
			if done, err = c.copyBucket(inner, into, here, further); !done || err != nil {
				return false, err
			}
		} else if err := to.(*bbolt.Bucket).Put(key, value); err != nil {
			return false, err
		}
		if c.size += len(key) + len(value) + pageElement; c.size >= copiedAtOnce {
			c.behind = here
			return false, nil
		}
	}
	return true, nil
}

// catchUp copies again what was touched, as it is now.
func (c *copier) catchUp(tx *txn, t *touched) (err error) {
	defer recovered(c.store.path(), &err)
	return updateOf(c.to, func(to *txn) error {
		for _, b := range t.outerFirst() {
			if err := c.catchUpWith(tx, to, b); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *copier) catchUpWith(tx, copied *txn, b *touchedBucket) error {
	var from, to bucketHolder = tx.Tx, copied.Tx
	for i, name := range b.names {
		last := i == len(b.names)-1
		inner := from.Bucket(name)
		if to.Bucket(name) != nil && (inner == nil || last && b.whole) {
			if err := to.DeleteBucket(name); err != nil {
				return err
			}
		}
		if inner == nil {
			return nil
		}
		into, err := to.CreateBucketIfNotExists(name)
		if err != nil {
			return err
		}
		into.FillPercent = 1
		from, to = inner, into
	}
	inner, into := from.(*bbolt.Bucket), to.(*bbolt.Bucket)
	if err := into.SetSequence(inner.Sequence()); err != nil {
		return err
	}
	if b.whole {
		return copyWhole(inner, into)
	}
	for _, key := range slices.Sorted(maps.Keys(b.keys)) {
		if err := copyRow(inner, into, []byte(key)); err != nil {
			return err
		}
	}
	return nil
}

func copyRow(from, to *bbolt.Bucket, key []byte) error {
	if value := from.Get(key); value != nil {
		return to.Put(key, value)
	}
	return to.Delete(key)
}

// copyWhole copies a bucket that was made anew a moment ago, so there is not much in it.
func copyWhole(from, to *bbolt.Bucket) error {
	if err := to.SetSequence(from.Sequence()); err != nil {
		return err
	}
	return from.ForEach(func(key, value []byte) error {
		if value != nil {
			return to.Put(key, value)
		}
		inner, err := to.CreateBucketIfNotExists(key)
		if err != nil {
			return err
		}
		return copyWhole(from.Bucket(key), inner)
	})
}
