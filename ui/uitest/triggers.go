package uitest

import (
	"context"
	"slices"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

// Triggers gives Starters.
func (d *Door) Triggers(context.Context) ([]app.Trigger, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.Starters), d.Err
}

// Slots gives the first n of what the trigger among Starters fires next.
func (d *Door) Slots(_ context.Context, f flow.Flow, step flow.StepID, n int) ([]time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.Starters {
		if t.Flow == f.ID && t.Step == step {
			return slices.Clone(t.Next[:min(n, len(t.Next))]), d.Err
		}
	}
	return nil, d.Err
}

// Unmet gives what the trigger among Starters has missed in the range.
func (d *Door) Unmet(_ context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var slots []time.Time
	for _, t := range d.Starters {
		if t.Flow != id || t.Step != step {
			continue
		}
		for _, slot := range t.Missed {
			if !slot.Before(from) && !slot.After(to) {
				slots = append(slots, slot)
			}
		}
	}
	return slots, d.Err
}

// Backfill moves what the trigger has missed in the range among what waits.
func (d *Door) Backfill(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	if err := d.note("backfill %s.%s", id, step); err != nil {
		return nil, err
	}
	slots, err := d.Unmet(ctx, id, step, from, to)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.Starters {
		t := &d.Starters[i]
		if t.Flow != id || t.Step != step {
			continue
		}
		t.Missed = slices.DeleteFunc(slices.Clone(t.Missed), func(slot time.Time) bool { return slices.ContainsFunc(slots, slot.Equal) })
		t.Waiting = append(slices.Clone(t.Waiting), slots...)
	}
	return slots, err
}
