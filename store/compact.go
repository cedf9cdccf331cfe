package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// leastToGain is how many bytes must be free before Close makes the file smaller.
const leastToGain = 8 << 20

// compactChunk is how much one transaction of a copy takes.
const compactChunk = 4 << 20

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

// used is how many bytes of the file hold something.
func used(tx *txn) int64 {
	db := tx.DB()
	stats := db.Stats()
	return tx.Size() - int64(stats.FreePageN+stats.PendingPageN)*int64(db.Info().PageSize)
}

// worthShrinking says whether more than half of the file is free, and enough to be
// worth the copying.
func worthShrinking(db *bbolt.DB) bool {
	worth := false
	err := viewOf(db, func(tx *txn) error {
		info, err := os.Stat(db.Path())
		if err != nil {
			return err
		}
		free := info.Size() - used(tx)
		worth = free > leastToGain && free > info.Size()/2
		return nil
	})
	return worth && err == nil
}

// Compact makes the file as small as what it holds. Everybody else waits meanwhile:
// 80 MB take 0.2 s.
func (s *Store) Compact(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.open.Lock()
	defer s.open.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	err := s.shrink()
	if s.db == nil {
		var reopen error
		s.db, reopen = openFile(s.path())
		err = errors.Join(err, reopen)
	}
	if err != nil {
		return fmt.Errorf("compact the store: %w", noRoom(err))
	}
	return nil
}

// shrink puts a copy without free pages in the file's place. Where the copy does not
// come about nothing is changed; otherwise s.db is closed and nil. The caller holds
// s.open; the lock on the home folder keeps others away from the file in between.
func (s *Store) shrink() error {
	draft := s.path() + compactDraft
	if err := copyTo(draft, s.db); err != nil {
		_ = os.Remove(draft)
		return err
	}
	err := s.db.Close()
	s.db = nil
	return errors.Join(err, replace(draft, s.path()))
}

// copyTo writes what db holds into a new file.
func copyTo(draft string, db *bbolt.DB) (err error) {
	defer recovered(db.Path(), &err)
	to, err := openFile(draft)
	if err != nil {
		return err
	}
	to.NoSync = true // once, at the end
	err = bbolt.Compact(to, db, compactChunk)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}
