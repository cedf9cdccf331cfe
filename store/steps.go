package store

import (
	"context"
	"fmt"
	"iter"

	"jackfield/flow"
)

// stepRunsAtOnce is how many step runs one read transaction gives.
const stepRunsAtOnce = 256

// StepRuns yields the step runs that the run has when it begins, in their order. No
// transaction is open while the caller has one in hand.
func (s *Store) StepRuns(ctx context.Context, id flow.RunID) iter.Seq2[flow.StepRun, error] {
	return func(yield func(flow.StepRun, error) bool) {
		if err := s.Settle(ctx, id); err != nil {
			yield(flow.StepRun{}, err)
			return
		}
		for next, end := 0, -1; end < 0 || next < end; {
			var page []flow.StepRun
			err := s.view(ctx, func(tx *txn) (err error) {
				run, there := shelfOf(tx, historyBucket).inner([]byte(id))
				if !there {
					return ErrNotFound
				}
				if end < 0 {
					end = nextSeq(run)
				}
				page, next, err = stepRunsFrom(run, id, next, end)
				return err
			})
			if next < end { // there is more than a little
				s.letGoOfPages()
			}
			for _, one := range page {
				if !yield(one, nil) {
					return
				}
			}
			if err != nil {
				yield(flow.StepRun{}, fmt.Errorf("read the step runs of run %s: %w", id, err))
				return
			}
		}
	}
}

// stepRunsFrom reads a page and tells where the next one begins. A place may be
// empty in a run that Rescue has saved.
func stepRunsFrom(run shelf, id flow.RunID, seq, end int) (page []flow.StepRun, next int, err error) {
	for ; seq < end && len(page) < stepRunsAtOnce; seq++ {
		var one flow.StepRun
		found, err := run.getJSON(historyKey(seq, stepRunRow, ""), &one)
		if err != nil {
			return page, seq, fmt.Errorf("place %d: %w", seq, err)
		}
		if found {
			one.Run, one.Seq = id, seq
			page = append(page, one)
		}
	}
	return page, seq, nil
}
