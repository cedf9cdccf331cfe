package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"jackfield/flow"
)

// The first byte of a batch's row says where its records are.
const (
	inside  = 'r' // they follow
	outside = 's' // in a segment file; its place follows
	further = 'p' // further up in the run; a share follows
)

// batchRow writes a batch out, or says of which other one it is a part, and tells
// its size as JSON. A large one is on disk, in the run's segment file, before the row
// that points to it exists.
func (s *Store) batchRow(e flow.Entry, b flow.Batch) (row, int, error) {
	if sh, found := s.sharedFrom(e, b); found {
		data, err := appendJSON(append(room(128), further), sh)
		return newRow(data), len(data), err
	}
	if len(b) > 0 {
		if one, ok := s.stages.take(e.Run, b); ok {
			return one.row, one.size, nil
		}
	}
	return s.writeRow(b, func(data []byte) (place, error) { return s.segments.write(e.Run, data) })
}

// writeRow writes a batch out. beside puts a large one on disk.
func (s *Store) writeRow(b flow.Batch, beside func([]byte) (place, error)) (row, int, error) {
	buf := s.buffer()
	defer s.giveBack(buf)
	data, err := appendBatch((*buf)[:0], b)
	if err != nil {
		return row{}, 0, err
	}
	*buf = data
	if len(data) < largeBatch {
		return newRow(append(append(room(1+len(data)), inside), data...)), len(data), nil
	}
	p, err := beside(data)
	if err != nil {
		return row{}, 0, noRoom(err)
	}
	pointer, err := appendJSON(append(room(128), outside), p)
	return newRow(pointer), len(data), err
}

// mostSpare is how large a buffer may be that is kept for the next batch.
const mostSpare = 4 << 20

func (s *Store) buffer() *[]byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (s *Store) giveBack(b *[]byte) {
	if cap(*b) <= mostSpare {
		s.buffers.Put(b)
	}
}

// located is what the row of a batch says.
type located struct {
	where byte
	data  []byte // of one inside
	place place
	share share
}

func locate(stored []byte) (l located, err error) {
	if len(stored) == 0 {
		return l, errRecord
	}
	l.where = stored[0]
	switch l.where {
	case inside:
		l.data = stored[1:]
	case outside:
		err = parseJSON(stored[1:], &l.place)
	case further:
		err = parseJSON(stored[1:], &l.share)
	default:
		err = errRecord
	}
	return l, err
}

// recordsAt gives the records that the row of a batch speaks of.
func (s *Store) recordsAt(ctx context.Context, ref flow.Ref, stored []byte) (flow.Batch, error) {
	l, err := locate(stored)
	if err != nil {
		return nil, err
	}
	switch l.where {
	case further:
		return s.shared(ctx, ref, l.share)
	case outside:
		l.data, err = s.segments.read(ref.Run, l.place)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("its segment file %s: %w", l.place.File, ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
	}
	return parseBatch(l.data)
}

// Batch gives the records at ref. They are shared with others who read them: nobody
// changes a record that has been appended.
func (s *Store) Batch(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	if batch, found := s.cache.get(ref); found {
		return batch, ctx.Err()
	}
	batch, err := s.readBatch(ctx, ref)
	if errors.Is(err, errComputed) {
		batch, err = s.computed(ctx, ref)
	}
	if err != nil {
		return nil, fmt.Errorf("read the batch %q of step run %d of run %s: %w", ref.Outlet, ref.Seq, ref.Run, err)
	}
	s.cache.put(ref, batch)
	return batch, nil
}

func (s *Store) readBatch(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	if err := s.Settle(ctx, ref.Run); err != nil {
		return nil, err
	}
	var stored []byte
	err := s.view(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(ref.Run))
		if !there {
			return ErrNotFound
		}
		value, err := run.get(historyKey(ref.Seq, batchRow, ref.Outlet))
		if value == nil && err == nil {
			return noBatch(tx, run, ref)
		}
		stored = bytes.Clone(value)
		return err
	})
	if err != nil || stored == nil {
		return nil, err
	}
	return s.recordsAt(ctx, ref, stored)
}

// noBatch tells an outlet that nothing left by from a batch that is not here.
func noBatch(tx *txn, run shelf, ref flow.Ref) error {
	var one flow.StepRun
	found, err := run.getJSON(historyKey(ref.Seq, stepRunRow, ""), &one)
	if found && one.Out[ref.Outlet] == 0 {
		return err
	}
	if err == nil && one.Computed {
		err = errComputed
	}
	if err == nil {
		if r, err := runOf(tx, ref.Run); err == nil && r.Trimmed {
			return ErrTrimmed
		}
		err = ErrNotFound
	}
	return err
}
