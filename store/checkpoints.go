package store

import (
	"context"
	"fmt"

	"jackfield/flow"
)

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

// SetCheckpoint moves a cursor by hand, outside any run.
func (s *Store) SetCheckpoint(ctx context.Context, c flow.Checkpoint) error {
	row, err := rowOfJSON(c)
	if err == nil {
		err = s.update(ctx, func(tx *txn) error { return putCheckpoint(tx, c, row) })
	}
	if err != nil {
		return fmt.Errorf("set the checkpoint of step %q of flow %q: %w", c.Step, c.Flow, err)
	}
	return nil
}

func putCheckpoint(tx *txn, c flow.Checkpoint, row row) error {
	ofFlow, err := shelfOf(tx, checkpointsBucket).makeInner([]byte(c.Flow))
	if err != nil {
		return err
	}
	return ofFlow.put([]byte(c.Step), row)
}

// RemoveCheckpoint lets the step begin at the very beginning again. Where none is
// stored it does nothing.
func (s *Store) RemoveCheckpoint(ctx context.Context, f flow.ID, step flow.StepID) error {
	err := s.update(ctx, func(tx *txn) error {
		ofFlow, there := shelfOf(tx, checkpointsBucket).inner([]byte(f))
		if !there {
			return nil
		}
		return ofFlow.remove([]byte(step))
	})
	if err != nil {
		return fmt.Errorf("remove the checkpoint of step %q of flow %q: %w", step, f, err)
	}
	return nil
}
