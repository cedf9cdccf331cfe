package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"jackfield/flow"
)

// The bucket of a run holds, for the step run at place seq,
//
//	seq 'l'           its log lines
//	seq 'o' outlet    the batch that left by this outlet
//	seq 's'           the step run
//	0xfe              how many log lines there were, those not kept too
//	0xff key          seq, so that a second append with the same key is known
//
// with seq as eight bytes, so that rows are appended at one end.
const (
	logRow     = 'l'
	batchRow   = 'o'
	stepRunRow = 's'
	linesRow   = 0xfe
	taskRow    = 0xff
)

func historyKey(seq int, kind byte, outlet flow.Outlet) []byte {
	key := append(number(seq), kind)
	return append(key, outlet...)
}

// taskKey is where the place of a task is kept. A key too long for a row counts by
// its hash.
func taskKey(key string) []byte {
	if len(key) > 256 {
		sum := sha256.Sum256([]byte(key))
		return append([]byte{taskRow, 0}, sum[:]...)
	}
	return append([]byte{taskRow}, key...)
}

// entryRows is an entry made into rows. seq is known only inside the transaction, so
// it stands in their keys alone.
type entryRows struct {
	run        flow.RunID
	task       []byte
	step       row
	batches    map[flow.Outlet]row
	log        []flow.LogLine
	checkpoint *flow.Checkpoint
	moved      row
}

// Append writes e whole or not at all and gives its place in the run. It is on disk
// when Append returns; a second one with the same Key changes nothing and gives the
// first one's place. Nobody changes a record once it is appended: the next step gets
// the same one, and one that it passes on is not written again.
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
	if seq, found, err := s.placeOf(ctx, e.Run, taskKey(e.Key)); found || err != nil {
		return seq, err
	}
	rows, sizes, err := s.rowsOf(e)
	if err != nil {
		return 0, err
	}
	var seq int
	var again bool
	err = s.update(ctx, func(tx *bbolt.Tx) (err error) {
		seq, again, err = rows.put(tx, s.options.KeepLog)
		return err
	})
	if err != nil {
		return 0, err
	}
	if !again {
		for outlet, batch := range e.Batches {
			s.cache.put(flow.Ref{Run: e.Run, Seq: seq, Outlet: outlet}, batch, sizes[outlet])
		}
	}
	return seq, nil
}

// placeOf tells whether the run has taken a task before.
func (s *Store) placeOf(ctx context.Context, id flow.RunID, task []byte) (seq int, found bool, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
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

// rowsOf writes e's batches out, the large ones to the run's segment file, and tells
// their sizes.
func (s *Store) rowsOf(e flow.Entry) (*entryRows, map[flow.Outlet]int, error) {
	r := &entryRows{
		run: e.Run, task: taskKey(e.Key), batches: map[flow.Outlet]row{},
		log: e.Log, checkpoint: e.Checkpoint,
	}
	sizes := map[flow.Outlet]int{}
	for _, outlet := range slices.Sorted(maps.Keys(e.Batches)) {
		row, size, err := s.batchRow(e, e.Batches[outlet])
		if err != nil {
			return nil, nil, fmt.Errorf("write the batch %q: %w", outlet, err)
		}
		r.batches[outlet], sizes[outlet] = row, size
	}
	e.StepRun.Run, e.Seq = "", 0 // they stand in the keys
	var err error
	if r.step, err = rowOfJSON(e.StepRun); err != nil {
		return nil, nil, err
	}
	if e.Checkpoint != nil {
		r.moved, err = rowOfJSON(*e.Checkpoint)
	}
	return r, sizes, err
}

// put writes the rows behind what the run has. again says that the task was there.
func (r *entryRows) put(tx *bbolt.Tx, keepLog int) (seq int, again bool, err error) {
	run, there := shelfOf(tx, historyBucket).inner([]byte(r.run))
	if !there {
		return 0, false, ErrNotFound
	}
	run = run.ascending()
	if seq, again, err = placeIn(run, r.task); again || err != nil {
		return seq, again, err
	}
	seq = nextSeq(run)
	if err := r.putLog(run, seq, keepLog); err != nil {
		return 0, false, err
	}
	for outlet, row := range r.batches {
		if err := run.put(historyKey(seq, batchRow, outlet), row); err != nil {
			return 0, false, err
		}
	}
	if err := run.put(historyKey(seq, stepRunRow, ""), r.step); err != nil {
		return 0, false, err
	}
	if err := run.put(r.task, rowOf(number(seq))); err != nil {
		return 0, false, err
	}
	if r.checkpoint != nil {
		err = putCheckpoint(tx, *r.checkpoint, r.moved)
	}
	return seq, false, err
}

// putLog writes as many lines as the run may still have and counts them all.
func (r *entryRows) putLog(run shelf, seq, keepLog int) error {
	if len(r.log) == 0 {
		return nil
	}
	had, err := linesOf(run)
	if err != nil {
		return err
	}
	if err := run.put([]byte{linesRow}, rowOf(number(had+len(r.log)))); err != nil {
		return err
	}
	kept := r.log[:max(0, min(len(r.log), keepLog-had))]
	if len(kept) == 0 {
		return nil
	}
	return run.putJSON(historyKey(seq, logRow, ""), kept)
}

// linesOf is how many log lines the run has had.
func linesOf(run shelf) (int, error) {
	value, err := run.get([]byte{linesRow})
	if value == nil || err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint64(value)), nil
}

// nextSeq is one more than the place of the last step run.
func nextSeq(run shelf) int {
	c := run.bucket.Cursor()
	k, _ := c.Seek([]byte{linesRow})
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	if k == nil {
		return 0
	}
	return int(binary.BigEndian.Uint64(k)) + 1
}

// stepRunsAtOnce is how many step runs one read transaction gives.
const stepRunsAtOnce = 256

// StepRuns yields the step runs that the run has when it begins, in their order. No
// transaction is open while the caller has one in hand.
func (s *Store) StepRuns(ctx context.Context, id flow.RunID) iter.Seq2[flow.StepRun, error] {
	return func(yield func(flow.StepRun, error) bool) {
		for next, end := 0, -1; end < 0 || next < end; {
			var page []flow.StepRun
			err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
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

// Log gives the log of a run, oldest line first. Where lines were left out a last
// one tells how many.
func (s *Store) Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error) {
	var lines []flow.LogLine
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		for seq, end := 0, nextSeq(run); seq < end; seq++ {
			var some []flow.LogLine
			if _, err := run.getJSON(historyKey(seq, logRow, ""), &some); err != nil {
				return fmt.Errorf("place %d: %w", seq, err)
			}
			lines = append(lines, some...)
		}
		all, err := linesOf(run)
		lines = append(lines, leftOut(lines, all-len(lines))...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the log of run %s: %w", id, err)
	}
	return lines, nil
}

func leftOut(kept []flow.LogLine, lines int) []flow.LogLine {
	if lines <= 0 {
		return nil
	}
	last := flow.LogLine{Level: flow.Warn, Text: fmt.Sprintf("%d more lines were not kept", lines)}
	if len(kept) > 0 {
		last.Time = kept[len(kept)-1].Time
	}
	return []flow.LogLine{last}
}

// Batch gives the records at ref. They are shared with others who read them: nobody
// changes a record that has been appended.
func (s *Store) Batch(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	if batch, found := s.cache.get(ref); found {
		return batch, ctx.Err()
	}
	batch, size, err := s.readBatch(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("read the batch %q of step run %d of run %s: %w", ref.Outlet, ref.Seq, ref.Run, err)
	}
	s.cache.put(ref, batch, size)
	return batch, nil
}

func (s *Store) readBatch(ctx context.Context, ref flow.Ref) (flow.Batch, int, error) {
	var stored []byte
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(ref.Run))
		if !there {
			return ErrNotFound
		}
		value, err := run.get(historyKey(ref.Seq, batchRow, ref.Outlet))
		if value == nil && err == nil {
			return noBatch(run, ref)
		}
		stored = bytes.Clone(value)
		return err
	})
	if err != nil || stored == nil {
		return nil, 0, err
	}
	return s.recordsAt(ctx, ref, stored)
}

// noBatch tells an outlet that nothing left by from a batch that is not here.
func noBatch(run shelf, ref flow.Ref) error {
	var one flow.StepRun
	found, err := run.getJSON(historyKey(ref.Seq, stepRunRow, ""), &one)
	if found && one.Out[ref.Outlet] == 0 {
		return err
	}
	if err == nil {
		err = ErrNotFound
	}
	return err
}
