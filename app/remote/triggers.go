package remote

import (
	"context"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

// Triggers lists every trigger that the clock or a listener serves.
func (c *Client) Triggers(ctx context.Context) ([]app.Trigger, error) {
	return one[[]app.Trigger](ctx, c, "Triggers", harmless)
}

// Slots computes when the next n runs of a schedule start.
func (c *Client) Slots(ctx context.Context, f flow.Flow, step flow.StepID, n int) ([]time.Time, error) {
	return one[[]time.Time](ctx, c, "Slots", harmless, f, step, n)
}

// Unmet lists the slots of a range that have no run and are not planned.
func (c *Client) Unmet(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	return one[[]time.Time](ctx, c, "Unmet", harmless, id, step, from, to)
}

// Backfill plans a run for every slot of a range that has none.
func (c *Client) Backfill(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	return one[[]time.Time](ctx, c, "Backfill", lasting, id, step, from, to)
}
