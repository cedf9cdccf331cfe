package store

import (
	"bytes"
	"context"
	"fmt"

	"jackfield/flow"
)

// The shelf of a flow's triggers holds, for each of them,
//
//	step 0x00 'm'      where it stands
//	step 0x00 'p' key  a start that is planned
const (
	markRow    = 'm'
	plannedRow = 'p'
)

func plannedKey(step flow.StepID, kind byte, key string) []byte {
	return append(append([]byte(step), 0, kind), key...)
}

// Standing is where a trigger stands and what is planned for it, by the keys.
func (s *Store) Standing(ctx context.Context, f flow.ID, step flow.StepID) (flow.Standing, error) {
	var at flow.Standing
	err := s.view(ctx, func(tx *txn) (err error) {
		at, err = standingOf(tx, f, step)
		return err
	})
	if err != nil {
		return flow.Standing{}, fmt.Errorf("read what is planned for step %q of flow %q: %w", step, f, err)
	}
	return at, nil
}

func standingOf(tx *txn, f flow.ID, step flow.StepID) (at flow.Standing, err error) {
	ofFlow, there := shelfOf(tx, plannedBucket).inner([]byte(f))
	if !there {
		return at, nil
	}
	mark, err := ofFlow.get(plannedKey(step, markRow, ""))
	if err != nil {
		return at, err
	}
	at.Mark = bytes.Clone(mark)
	prefix := plannedKey(step, plannedRow, "")
	c := ofFlow.bucket.Cursor()
	for key, stored := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, stored = c.Next() {
		err := ofFlow.visit(key, stored, func(_, value []byte) error {
			var p flow.Planned
			err := parseJSON(value, &p)
			at.Planned = append(at.Planned, p)
			return err
		})
		if err != nil {
			return at, err
		}
	}
	return at, nil
}

// Arrange changes how a trigger stands, and begins a run with it, whole or not at all.
func (s *Store) Arrange(ctx context.Context, a flow.Arrangement) error {
	rows, err := rowsOfArrangement(a)
	if err == nil && a.Run != nil {
		err = s.mayBegin(*a.Run)
	}
	if err == nil {
		err = s.update(ctx, rows.put)
	}
	if err != nil {
		return fmt.Errorf("plan for step %q of flow %q: %w", a.Step, a.Flow, err)
	}
	return nil
}

// arrangementRows is an arrangement made into rows.
type arrangementRows struct {
	of   flow.Arrangement
	rows []row
	mark row
	run  row
}

func rowsOfArrangement(a flow.Arrangement) (r *arrangementRows, err error) {
	r = &arrangementRows{of: a}
	for _, p := range a.Put {
		one, err := rowOfJSON(p)
		if err != nil {
			return r, err
		}
		r.rows = append(r.rows, one)
	}
	r.mark = rowOf(a.Mark)
	if a.Run != nil {
		r.run, err = rowOfRun(*a.Run)
	}
	return r, err
}

func (r *arrangementRows) put(tx *txn) error {
	a := r.of
	ofFlow, err := shelfOf(tx, plannedBucket).makeInner([]byte(a.Flow))
	if err != nil {
		return err
	}
	for _, key := range a.Drop {
		if err := ofFlow.remove(plannedKey(a.Step, plannedRow, key)); err != nil {
			return err
		}
	}
	for i, p := range a.Put {
		if err := ofFlow.put(plannedKey(a.Step, plannedRow, p.Key), r.rows[i]); err != nil {
			return err
		}
	}
	if a.Mark != nil {
		if err := ofFlow.put(plannedKey(a.Step, markRow, ""), r.mark); err != nil {
			return err
		}
	}
	if a.Run != nil {
		return beginRun(tx, *a.Run, r.run)
	}
	return nil
}
