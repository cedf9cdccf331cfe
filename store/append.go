package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"jackfield/flow"
	"jackfield/flow/value"
)

// entryRows is an entry made into rows. seq is known only inside the transaction, so
// it stands in their keys alone.
type entryRows struct {
	run      flow.RunID
	task     []byte
	step     row
	batches  map[flow.Outlet]row
	log      []flow.LogLine
	beside   int64            // bytes of the batches in the segment file
	moved    *moveRows        // nil where no checkpoint is moved
	arranged *arrangementRows // nil where no planned start was taken
	begin    *runRow          // nil where the run has begun
	end      *runRow          // nil where the run goes on
	endsAt   int
	place    int // of one that is held
}

// runRow is a run with its row.
type runRow struct {
	run flow.Run
	row row
}

func newRunRow(r *flow.Run) (*runRow, error) {
	if r == nil {
		return nil, nil
	}
	row, err := rowOfRun(*r)
	return &runRow{*r, row}, err
}

// Append writes e whole or not at all and gives its place in the run. It is on disk
// when Append returns, unless it may wait: then it is held, and written with the next
// entry of its run, or when somebody reads those. A second one with the same Key changes
// nothing and gives the first one's place. Nobody changes a record once it is appended:
// the next step gets the same one, and one that it passes on is not written again.
func (s *Store) Append(ctx context.Context, e flow.Entry) (seq int, err error) {
	seq, err = s.append(ctx, e)
	if err != nil {
		return 0, fmt.Errorf("append to run %s: %w", e.Run, err)
	}
	return seq, nil
}

func (s *Store) append(ctx context.Context, e flow.Entry) (int, error) {
	if e.Key == "" {
		return 0, errors.New("the step run has no key")
	}
	t := s.tails.take(e.Run)
	defer s.tails.leave(t)
	onDisk := func() (int, bool, error) { return s.placeOf(ctx, e.Run, taskKey(e.Key)) }
	waits := s.mayWait(e)
	if e.Begin == nil && e.End == nil && !waits {
		if seq, found, err := onDisk(); found || err != nil {
			return seq, err
		}
	}
	rows, err := s.rowsOf(e)
	if err != nil {
		return 0, err
	}
	var seq int
	var held, again bool
	if waits {
		seq, held, again, err = s.hold(ctx, t, rows, e.Took, onDisk)
	}
	if err == nil && !held && !again {
		err = s.updateRunOf(ctx, t, func(tx *txn) (err error) {
			seq, again, err = rows.put(tx, s.options.KeepLog)
			if err == nil && !again {
				t.after = seq + 1
			}
			return err
		})
	}
	if err != nil {
		return 0, err
	}
	if !again {
		s.mayTally(e.Run, seq)
		for outlet, batch := range e.Batches {
			if !partlyRead(batch) {
				s.cache.put(flow.Ref{Run: e.Run, Seq: seq, Outlet: outlet}, batch.Whole())
			}
		}
	}
	if e.End != nil && seq == e.Seq {
		s.letGo(*e.End)
	}
	return seq, nil
}

// mayWait says whether e may be held: it is computed again if it is lost, and nothing
// else is to be on disk with it.
func (s *Store) mayWait(e flow.Entry) bool {
	return e.MayWait && e.Computed && s.mayCompute() && e.Begin == nil && e.End == nil && e.Checkpoint == nil && e.Arranged == nil
}

// partlyRead says whether there are documents in b of which not all was read. Those
// who asked for the parts have them; others will hardly ask for the whole so soon.
func partlyRead(b flow.Batch) bool {
	return slices.ContainsFunc(b, func(r flow.Record) bool {
		doc, ok := r.Data.(*value.Document)
		return ok && doc.Want != nil
	})
}

// placeOf tells whether the run has taken a task before.
func (s *Store) placeOf(ctx context.Context, id flow.RunID, task []byte) (seq int, found bool, err error) {
	err = s.view(ctx, func(tx *txn) error {
		rows, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		seq, found, err = placeIn(rows, task)
		return err
	})
	return seq, found, err
}

func placeIn(run shelf, task []byte) (seq int, found bool, err error) {
	value, err := run.get(task)
	if value == nil || err != nil {
		return 0, false, err
	}
	return int(binary.BigEndian.Uint64(value)), true, nil
}

// rowsOf writes e's batches out, the large ones to the run's segment file.
func (s *Store) rowsOf(e flow.Entry) (*entryRows, error) {
	r := &entryRows{
		run: e.Run, task: taskKey(e.Key), batches: map[flow.Outlet]row{},
		log: e.Log,
	}
	if e.Computed && s.mayCompute() {
		e.Sum = sumOf(e.Batches)
		e.Batches = nil
	} else {
		e.Computed, e.Version = false, 0
	}
	for _, outlet := range slices.Sorted(maps.Keys(e.Batches)) {
		row, size, err := s.batchRow(e, e.Batches[outlet])
		if err != nil {
			return nil, fmt.Errorf("write the batch %q: %w", outlet, err)
		}
		r.batches[outlet] = row
		if row.data[sumSize] == outside {
			r.beside += int64(size)
		}
	}
	var err error
	if r.begin, err = newRunRow(e.Begin); err == nil {
		r.end, err = newRunRow(e.End)
	}
	if err != nil {
		return nil, err
	}
	r.endsAt = e.Seq
	e.StepRun.Run, e.Seq = "", 0 // they stand in the keys
	if r.step, err = rowOfJSON(e.StepRun); err != nil {
		return nil, err
	}
	if e.Checkpoint != nil {
		r.moved, err = rowsOfMove(e.Checkpoint.Change())
	}
	if e.Arranged != nil && err == nil {
		r.arranged, err = rowsOfArrangement(*e.Arranged)
	}
	return r, err
}

// put writes the rows behind what the run has. again says that the task was there.
func (r *entryRows) put(tx *txn, keepLog int) (seq int, again bool, err error) {
	if r.begin != nil {
		if err := beginRun(tx, r.begin.run, r.begin.row); err != nil {
			return 0, false, err
		}
	}
	run, there := shelfOf(tx, historyBucket).inner([]byte(r.run))
	if !there {
		return 0, false, ErrNotFound
	}
	run = run.ascending()
	if seq, again, err = placeIn(run, r.task); err != nil {
		return 0, false, err
	}
	if again {
		return seq, true, r.putEnd(tx, seq)
	}
	seq = nextSeq(run)
	if err := putLog(run, seq, r.log, keepLog); err != nil {
		return 0, false, err
	}
	for outlet, row := range r.batches {
		if err := run.add(historyKey(seq, batchRow, outlet), row); err != nil {
			return 0, false, err
		}
	}
	if err := run.add(historyKey(seq, stepRunRow, ""), r.step); err != nil {
		return 0, false, err
	}
	if err := run.add(r.task, rowOf(number(seq))); err != nil {
		return 0, false, err
	}
	if err := run.count(r.beside); err != nil {
		return 0, false, err
	}
	if r.moved != nil {
		if err := r.moved.put(tx); err != nil {
			return 0, false, err
		}
	}
	if r.arranged != nil {
		if err := r.arranged.put(tx); err != nil {
			return 0, false, err
		}
	}
	return seq, false, r.putEnd(tx, seq)
}

// putEnd writes how the run ends with the entry at seq, where that is known.
func (r *entryRows) putEnd(tx *txn, seq int) error {
	if r.end == nil || seq != r.endsAt {
		return nil
	}
	return updateRun(tx, r.end.run, r.end.row)
}
