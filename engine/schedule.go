package engine

import (
	"context"
	"encoding/json"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// timekeeper fires the slots of one schedule. A run of it that is still going on when
// a slot comes lets that one slot wait for its end; slots that come while one waits
// are left out, and said to be.
type timekeeper struct {
	e     *enabled
	step  *step
	table *timetable
	spec  kit.Schedule
	last  time.Time // the last slot that was dealt with
	queue []time.Time
	run   *live // the one that goes on
}

const (
	// glance is how often the clock is looked at. A timer does not count the time that
	// the machine sleeps, and the clock can be set.
	glance = time.Minute
	// grace is how late a slot may be noticed and still count as met.
	grace = 2 * time.Minute
)

// keepTime fires the slots of a schedule until ctx ends.
func (e *enabled) keepTime(ctx context.Context, s *step, spec kit.Schedule) {
	table, err := parseSchedule(spec)
	if err != nil {
		e.local.trouble(e.flow.ID, "schedule %q of %q does not run: %v", s.Label(), e.flow.Name, err)
		return
	}
	k := &timekeeper{e: e, step: s, table: table, spec: spec, last: time.Now()}
	if slot, ok := k.stored(ctx); ok {
		k.last = slot
	}
	for {
		now := time.Now()
		k.look(now)
		k.fire(ctx)
		next, err := table.next(k.last)
		if err != nil {
			e.local.trouble(e.flow.ID, "schedule %q of %q does not run any more: %v", s.Label(), e.flow.Name, err)
			return
		}
		timer := time.NewTimer(max(0, min(next.Sub(now), glance)))
		var ended <-chan struct{}
		if k.run != nil {
			ended = k.run.ended
		}
		select {
		case <-timer.C:
		case <-ended:
			k.run = nil
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// look takes in the slots that have come, and sets aside those to fire.
func (k *timekeeper) look(now time.Time) {
	var due []time.Time
	left := 0
	for {
		slot, err := k.table.next(k.last)
		if err != nil || slot.After(now) {
			break
		}
		k.last = slot
		late := now.Sub(slot) > grace
		switch {
		case late && k.spec.Missed == "all":
			k.queue = append(k.queue, slot)
		case late && k.spec.Missed == "last":
			left += len(due)
			due = []time.Time{slot}
		case late:
			left++
		default:
			if k.spec.Missed == "last" {
				left += len(due)
				due = nil
			}
			due = append(due, slot)
		}
	}
	for _, slot := range due {
		if len(k.queue) > 0 && k.run != nil {
			k.e.local.trouble(k.e.flow.ID, "schedule %q of %q left out its slot of %s: the run before goes on and another slot waits",
				k.step.Label(), k.e.flow.Name, slot.Format(time.RFC3339))
			continue
		}
		k.queue = append(k.queue, slot)
	}
	if left > 0 {
		k.e.local.trouble(k.e.flow.ID, "schedule %q of %q missed %s while nothing ran", k.step.Label(), k.e.flow.Name, count(left, "slot"))
	}
}

// fire starts the run of the next slot, if none goes on.
func (k *timekeeper) fire(ctx context.Context) {
	for k.run == nil && len(k.queue) > 0 && ctx.Err() == nil {
		slot := k.queue[0]
		k.queue = k.queue[1:]
		r, err := k.e.local.begin(ctx, k.e.flow, Start{
			Trigger: k.step.ID, Cause: "schedule", Slot: slot,
			Input: []any{map[string]any{"slot": slot.Format(time.RFC3339), "by": "schedule"}},
		}, kinship{})
		if err != nil {
			k.e.local.trouble(k.e.flow.ID, "schedule %q of %q could not start its run of %s: %v",
				k.step.Label(), k.e.flow.Name, slot.Format(time.RFC3339), err)
			continue
		}
		k.run = r
	}
}

// stored is the last slot that a run was started for, in this or an earlier life of
// the program.
func (k *timekeeper) stored(ctx context.Context) (time.Time, bool) {
	c, err := k.e.local.options.History.Checkpoint(ctx, k.e.flow.ID, k.step.ID)
	if err != nil {
		k.e.local.trouble(k.e.flow.ID, "read the last slot of schedule %q of %q: %v", k.step.Label(), k.e.flow.Name, err)
	}
	if c == nil {
		return time.Time{}, false
	}
	var at slotCursor
	if json.Unmarshal(c.Cursor, &at) != nil || at.Slot.IsZero() {
		return time.Time{}, false
	}
	return at.Slot, true
}

// slotCursor is the cursor of a schedule.
type slotCursor struct {
	Slot time.Time `json:"slot"`
}

// slotCheckpoint is stored with the start of a scheduled run.
func slotCheckpoint(run *flow.Run) *flow.Checkpoint {
	cursor, err := json.Marshal(slotCursor{run.Slot})
	if err != nil {
		return nil // a year beyond 9999
	}
	return &flow.Checkpoint{Flow: run.Flow, Step: run.Trigger, Cursor: cursor, Run: run.ID, Moved: time.Now()}
}
