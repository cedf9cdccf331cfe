package store

import (
	"context"
	"fmt"
	"os"

	"jackfield/flow"
)

// Check reads all that the store holds and gives a *DamagedError where something of
// it is wrong: the file's structure and rows as at every Open, bbolt's own book of
// free pages, and the segment files. Everybody else waits while the file is read.
func (s *Store) Check(ctx context.Context) error {
	faults, err := s.checkFile(ctx)
	if err != nil {
		return err
	}
	more, err := s.checkSegments(ctx)
	if err != nil {
		return err
	}
	if faults = append(faults, more...); len(faults) > 0 {
		return &DamagedError{Path: s.path(), Faults: inWords(faults)}
	}
	return nil
}

func (s *Store) checkFile(ctx context.Context) (faults []error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.open.Lock()
	defer s.open.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path())
	if err != nil {
		return nil, fmt.Errorf("check the store: %w", err)
	}
	defer f.Close()
	if faults = faultsOf(f); len(faults) > 0 {
		return faults, nil // bbolt must not look at it
	}
	err = viewOf(s.db, func(tx *txn) error {
		for err := range tx.Check() {
			faults = append(faults, err)
		}
		return nil
	})
	return faults, err
}

// checkSegments reads every batch that lies outside the file, one run at a time.
func (s *Store) checkSegments(ctx context.Context) (faults []error, err error) {
	for id := flow.RunID(""); ; {
		var places []place
		var next []byte
		err := s.view(ctx, func(tx *txn) (err error) {
			c := shelfOf(tx, runsBucket).bucket.Cursor()
			if next, _ = c.Seek([]byte(id + "\x00")); next == nil {
				return nil
			}
			id = flow.RunID(next)
			places, err = segmentPlaces(tx, id)
			return err
		})
		if next == nil || err != nil {
			return faults, err
		}
		for _, p := range places {
			if _, err := s.segments.read(id, p); err != nil {
				faults = append(faults, fmt.Errorf("run %s: %w", id, err))
			}
		}
	}
}
