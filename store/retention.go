package store

import (
	"context"
	"errors"
	"fmt"

	"jackfield/flow"
)

// removedAtOnce is how many runs one transaction removes, so that what waits beside
// it waits for milliseconds.
const removedAtOnce = 32

// Prune keeps the newest runs of a flow, keep of them or, for 0, as many as the
// options say. Older ones that failed, or left failed records, are unresolved and
// stay as long as there are not twice as many in all. What runs, stays.
func (s *Store) Prune(ctx context.Context, f flow.ID, keep int) (removed int, err error) {
	if keep <= 0 {
		keep = s.options.KeepRuns
	}
	old, err := s.outlived(ctx, f, keep)
	for len(old) > 0 && err == nil {
		some := old[:min(len(old), removedAtOnce)]
		old = old[len(some):]
		err = s.removeRuns(ctx, some)
		if err == nil {
			removed += len(some)
		}
	}
	if err != nil {
		return removed, fmt.Errorf("remove old runs of flow %q: %w", f, err)
	}
	return removed, nil
}

// outlived lists the runs of a flow that retention gives up, oldest last.
func (s *Store) outlived(ctx context.Context, f flow.ID, keep int) (old []flow.RunID, err error) {
	err = s.view(ctx, func(tx *txn) error {
		runs, there := shelfOf(tx, byFlowBucket).inner([]byte(f))
		if !there {
			return nil
		}
		kept := 0
		c := runs.bucket.Cursor()
		for k, stored := c.Last(); k != nil; k, stored = c.Prev() {
			state, err := unpack(runs.path, k, stored)
			if err != nil {
				return fmt.Errorf("run %s: %w", k, err)
			}
			if outlives(flow.RunState(state), kept, keep) {
				old = append(old, flow.RunID(k))
			} else {
				kept++
			}
		}
		return nil
	})
	return old, err
}

// outlives says whether a run is given up that comes after so many newer ones.
func outlives(state flow.RunState, newer, keep int) bool {
	switch state {
	case flow.Running:
		return false
	case flow.RunFailed, flow.RunPartial:
		return newer >= 2*keep
	}
	return newer >= keep
}

func (s *Store) removeRuns(ctx context.Context, ids []flow.RunID) error {
	err := s.update(ctx, func(tx *txn) error {
		for _, id := range ids {
			if err := removeRun(tx, id); err != nil {
				return fmt.Errorf("run %s: %w", id, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var all []error
	for _, id := range ids {
		all = append(all, s.dropRecords(id))
	}
	return errors.Join(all...)
}
