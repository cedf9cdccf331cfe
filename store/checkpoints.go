package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"jackfield/flow"
)

// keepMoves is how many changes of one cursor are kept; the oldest are forgotten.
const keepMoves = 1000

// Checkpoint gives the stored cursor of one step of one flow; nil for none.
func (s *Store) Checkpoint(ctx context.Context, f flow.ID, step flow.StepID) (*flow.Checkpoint, error) {
	var found *flow.Checkpoint
	err := s.view(ctx, func(tx *txn) error {
		ofFlow, there := shelfOf(tx, checkpointsBucket).inner([]byte(f))
		if !there {
			return nil
		}
		var c flow.Checkpoint
		ok, err := ofFlow.getJSON([]byte(step), &c)
		if ok {
			found = &c
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint of step %q of flow %q: %w", step, f, err)
	}
	return found, nil
}

// Checkpoints lists the stored cursors of a flow by step.
func (s *Store) Checkpoints(ctx context.Context, f flow.ID) ([]flow.Checkpoint, error) {
	var all []flow.Checkpoint
	err := s.view(ctx, func(tx *txn) error {
		ofFlow, there := shelfOf(tx, checkpointsBucket).inner([]byte(f))
		if !there {
			return nil
		}
		return ofFlow.each(func(_, value []byte) error {
			var c flow.Checkpoint
			err := parseJSON(value, &c)
			all = append(all, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the checkpoints of flow %q: %w", f, err)
	}
	return all, nil
}

// SetCheckpoint moves a cursor outside any run's entries, as a schedule does that
// leaves a slot out.
func (s *Store) SetCheckpoint(ctx context.Context, c flow.Checkpoint) error {
	rows, err := rowsOfMove(c.Change())
	if err == nil {
		err = s.update(ctx, rows.put)
	}
	if err != nil {
		return fmt.Errorf("set the checkpoint of step %q of flow %q: %w", c.Step, c.Flow, err)
	}
	return nil
}

// moveRows is a change made into rows: the checkpoint that it leaves, and what its
// history keeps. The change's number stands in its key alone.
type moveRows struct {
	flow.CursorChange
	checkpoint, change row
}

func rowsOfMove(m flow.CursorChange) (*moveRows, error) {
	m.Number = 0
	r := &moveRows{CursorChange: m}
	var err, err2 error
	r.checkpoint, err = rowOfJSON(m.Checkpoint())
	r.change, err2 = rowOfJSON(m)
	return r, errors.Join(err, err2)
}

// put moves the cursor and writes the change into its history.
func (r *moveRows) put(tx *txn) error {
	ofFlow, err := shelfOf(tx, checkpointsBucket).makeInner([]byte(r.Flow))
	if err != nil {
		return err
	}
	if err := ofFlow.put([]byte(r.Step), r.checkpoint); err != nil {
		return err
	}
	return r.remember(tx)
}

// forget lets the step begin at its very beginning.
func (r *moveRows) forget(tx *txn) error {
	ofFlow, there := shelfOf(tx, checkpointsBucket).inner([]byte(r.Flow))
	if !there || !ofFlow.has([]byte(r.Step)) {
		return nil
	}
	return errors.Join(ofFlow.remove([]byte(r.Step)), r.remember(tx))
}

// MoveCheckpoint lets a person put a cursor somewhere else: m's cursor, or nil to
// forget it, so that its step begins at the very beginning. While a run of the flow
// goes on it is refused with ErrRunning.
func (s *Store) MoveCheckpoint(ctx context.Context, m flow.CursorChange) error {
	rows, err := rowsOfMove(m)
	if err == nil {
		err = s.update(ctx, func(tx *txn) error {
			goesOn, err := runsNow(tx, m.Flow)
			switch {
			case err != nil:
				return err
			case goesOn:
				return ErrRunning
			case m.Cursor == nil:
				return rows.forget(tx)
			}
			return rows.put(tx)
		})
	}
	if err != nil {
		return fmt.Errorf("move the checkpoint of step %q of flow %q: %w", m.Step, m.Flow, err)
	}
	return nil
}

// runsNow says whether any run of the flow goes on.
func runsNow(tx *txn, f flow.ID) (bool, error) {
	running, there := shelfOf(tx, byStateBucket).inner([]byte(flow.Running))
	if !there {
		return false, nil
	}
	found := false
	err := running.each(func(k, _ []byte) error {
		r, err := runOf(tx, flow.RunID(k))
		found = found || r.Flow == f
		return err
	})
	return found, err
}

// CheckpointMoves lists the changes of a cursor, newest first.
func (s *Store) CheckpointMoves(ctx context.Context, f flow.ID, step flow.StepID) ([]flow.CursorChange, error) {
	var all []flow.CursorChange
	err := s.view(ctx, func(tx *txn) error {
		ofFlow, there := shelfOf(tx, movesBucket).inner([]byte(f))
		if !there {
			return nil
		}
		c := ofFlow.bucket.Cursor()
		for k, stored := last(c, movesEnd(step)); ofStep(k, step); k, stored = c.Prev() {
			m, err := moveOf(ofFlow, k, stored)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list how the checkpoint of step %q of flow %q moved: %w", step, f, err)
	}
	return all, nil
}

// remember writes the change behind those that are there, or in place of the last one
// where it joins that.
func (r *moveRows) remember(tx *txn) error {
	ofFlow, err := shelfOf(tx, movesBucket).makeInner([]byte(r.Flow))
	if err != nil {
		return err
	}
	n := 1
	if k, stored := last(ofFlow.bucket.Cursor(), movesEnd(r.Step)); ofStep(k, r.Step) {
		before, err := moveOf(ofFlow, k, stored)
		if err != nil {
			return err
		}
		if n = before.Number; !r.Joins(before) {
			n++
		}
	}
	if err := ofFlow.put(moveKey(r.Step, n), r.change); err != nil {
		return err
	}
	if n > keepMoves {
		return ofFlow.remove(moveKey(r.Step, n-keepMoves))
	}
	return nil
}

// moveKey is the step, a zero byte, which no step's name has, and the number.
func moveKey(step flow.StepID, n int) []byte {
	return append(append([]byte(step), 0), number(n)...)
}

// movesEnd is behind every key of the step's changes.
func movesEnd(step flow.StepID) []byte { return append([]byte(step), 1) }

func ofStep(key []byte, step flow.StepID) bool {
	return len(key) == len(step)+9 && bytes.HasPrefix(key, moveKey(step, 0)[:len(step)+1])
}

func moveOf(ofFlow shelf, key, stored []byte) (m flow.CursorChange, err error) {
	value, err := unpack(ofFlow.path, key, stored)
	if err == nil {
		err = parseJSON(value, &m)
	}
	m.Number = int(binary.BigEndian.Uint64(key[len(key)-8:]))
	return m, err
}

// seedMoves begins the history of every cursor that is there, as its second change:
// what was before is not known.
func seedMoves(tx *txn) error {
	return shelfOf(tx, checkpointsBucket).eachInner(func(id []byte, ofFlow shelf) error {
		moves, err := shelfOf(tx, movesBucket).makeInner(id)
		if err != nil {
			return err
		}
		return ofFlow.each(func(_, value []byte) error {
			var c flow.Checkpoint
			if err := parseJSON(value, &c); err != nil {
				return err
			}
			return moves.putJSON(moveKey(c.Step, 2), c.Change())
		})
	})
}
