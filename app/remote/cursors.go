package remote

import (
	"context"
	"time"

	"jackfield/flow"
)

// Cursors lists the stored ones.
func (c *Client) Cursors(ctx context.Context, id flow.ID) ([]flow.Checkpoint, error) {
	return one[[]flow.Checkpoint](ctx, c, "Cursors", harmless, id)
}

// CursorHistory lists every change of one.
func (c *Client) CursorHistory(ctx context.Context, id flow.ID, step flow.StepID) ([]flow.CursorChange, error) {
	return one[[]flow.CursorChange](ctx, c, "CursorHistory", harmless, id, step)
}

// SetCursor puts another value in its place.
func (c *Client) SetCursor(ctx context.Context, id flow.ID, step flow.StepID, to flow.Cursor, why string) error {
	return c.do(ctx, "SetCursor", lasting, []any{id, step, to, why})
}

// RewindCursor puts it back to what it was at a moment.
func (c *Client) RewindCursor(ctx context.Context, id flow.ID, step flow.StepID, at time.Time) error {
	return c.do(ctx, "RewindCursor", lasting, []any{id, step, at})
}
