package store

import (
	"context"
	"errors"
	"fmt"

	"jackfield/flow"
)

// How far trim looks for samples, so that a run of a million step runs is cut as
// quickly as a small one, and how many lines of its log it leaves.
const (
	samplesWithin = 1000
	samplesLog    = 200
)

// samples are the rows that are left of a run that is given up.
type samples struct {
	rows  []sampleRow
	tally tally
	log   []flow.LogLine
	next  int // the place behind the last step run, when they were chosen
}

type sampleRow struct {
	key []byte
	row row
}

// trim leaves of a run that has ended its row and the first n records of each outlet of
// each step, and tells what that takes. Everything that is left lies in the file; what
// lies beside it goes at once.
func (s *Store) trim(ctx context.Context, id flow.RunID, n int) (left int64, err error) {
	kept, err := s.samplesOf(ctx, id, n)
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *txn) error {
		r, err := runOf(tx, id)
		if err != nil {
			return err
		}
		all := shelfOf(tx, historyBucket)
		run, there := all.inner([]byte(id))
		if !r.State.Ended() || !there || nextSeq(run) != kept.next {
			return ErrRunning
		}
		if err := all.removeInner([]byte(id)); err != nil {
			return err
		}
		if run, err = all.makeInner([]byte(id)); err != nil {
			return err
		}
		for _, one := range kept.rows {
			if err := run.ascending().add(one.key, one.row); err != nil {
				return err
			}
		}
		sums, err := rowOfJSON(kept.tally)
		if err != nil {
			return err
		}
		if err := errors.Join(run.add([]byte{tallyRow}, sums), putLog(run, 0, kept.log, samplesLog)); err != nil {
			return err
		}
		left = int64(run.bucket.Sequence())
		if err := unlistRun(tx, r); err != nil {
			return err
		}
		r.Trimmed = true
		r.GivenUp = r.GivenUp || r.State == flow.RunFailed || r.State == flow.RunPartial // nobody can resume it
		row, err := rowOfRun(r)
		if err != nil {
			return err
		}
		return putRun(tx, r, row)
	})
	if err != nil {
		return 0, err
	}
	return left, s.dropRecords(id)
}

// samplesOf chooses what is left of a run.
func (s *Store) samplesOf(ctx context.Context, id flow.RunID, n int) (kept samples, err error) {
	if kept.tally, kept.next, err = s.tallyOf(ctx, id); err != nil {
		return kept, err
	}
	type place struct {
		step   flow.StepID
		outlet flow.Outlet
	}
	had := map[place]int{}
	seen := 0
	for one, err := range s.StepRuns(ctx, id) {
		if err != nil {
			return kept, err
		}
		if seen++; seen > samplesWithin {
			break
		}
		wanted := one.Fatal != nil
		for outlet, there := range one.Out {
			at := place{one.Step, outlet}
			if there == 0 || had[at] >= n {
				continue
			}
			batch, err := s.Batch(ctx, flow.Ref{Run: id, Seq: one.Seq, Outlet: outlet})
			if err != nil {
				continue // what cannot be read any more cannot be a sample
			}
			some, err := firstOf(batch, n-had[at])
			if err != nil {
				return kept, err
			}
			wanted = true
			had[at] += there
			kept.rows = append(kept.rows, sampleRow{historyKey(one.Seq, batchRow, outlet), some})
		}
		if !wanted {
			continue
		}
		seq := one.Seq
		task := rowOf(number(seq))
		kept.rows = append(kept.rows, sampleRow{taskKey(one.Key), task})
		one.Run, one.Seq = "", 0
		one.Computed, one.Sum = false, 0 // what it took is not all there any more
		row, err := rowOfJSON(one)
		if err != nil {
			return kept, err
		}
		kept.rows = append(kept.rows, sampleRow{historyKey(seq, stepRunRow, ""), row})
	}
	lines, err := s.Log(ctx, id)
	if err != nil {
		return kept, fmt.Errorf("its log: %w", err)
	}
	kept.log = lines
	return kept, nil
}

// firstOf is a row with the first n records of a batch, or as many as make a small one.
func firstOf(batch flow.Batch, n int) (row, error) {
	data := append(room(1<<10), inside)
	for _, r := range batch[:min(n, len(batch))] {
		longer, err := appendBatch(data, flow.Batch{r})
		if err != nil {
			return row{}, err
		}
		if len(longer) > largeBatch {
			break
		}
		data = longer
	}
	return newRow(data), nil
}
