package uitest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"jackfield/flow"
)

// Cursors selects from Stands.
func (d *Door) Cursors(_ context.Context, id flow.ID) ([]flow.Checkpoint, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []flow.Checkpoint
	for _, c := range d.Stands {
		if id == "" || c.Flow == id {
			found = append(found, c)
		}
	}
	return found, d.Err
}

// CursorHistory selects from Moves.
func (d *Door) CursorHistory(_ context.Context, id flow.ID, step flow.StepID) ([]flow.CursorChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []flow.CursorChange
	for _, m := range d.Moves {
		if m.Flow == id && m.Step == step {
			found = append(found, m)
		}
	}
	return found, d.Err
}

// SetCursor moves it in Stands and Moves.
func (d *Door) SetCursor(_ context.Context, id flow.ID, step flow.StepID, c flow.Cursor, why string) error {
	if err := d.note("set cursor %s.%s %s", id, step, c); err != nil {
		return err
	}
	d.move(flow.CursorChange{Flow: id, Step: step, Cursor: c, Why: cmp.Or(why, "edited"), Moved: time.Now()})
	return nil
}

// RewindCursor moves it back in Stands and Moves.
func (d *Door) RewindCursor(ctx context.Context, id flow.ID, step flow.StepID, at time.Time) error {
	if err := d.note("rewind cursor %s.%s %s", id, step, at.UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	back := flow.CursorChange{Flow: id, Step: step, Why: "rewound to " + at.Format(time.DateTime), Moved: time.Now()}
	moves, _ := d.CursorHistory(ctx, id, step)
	for _, m := range moves {
		if !m.Moved.After(at) {
			back.Cursor = m.Cursor
			break
		}
	}
	d.move(back)
	return nil
}

func (d *Door) move(m flow.CursorChange) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Moves = slices.Insert(d.Moves, 0, m)
	d.Stands = slices.DeleteFunc(d.Stands, func(c flow.Checkpoint) bool { return c.Flow == m.Flow && c.Step == m.Step })
	if m.Cursor != nil {
		d.Stands = append(d.Stands, m.Checkpoint())
	}
}
