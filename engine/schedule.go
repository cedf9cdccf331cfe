package engine

import (
	"context"
	"encoding/json"
	"slices"
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
	queue []planned
	run   *live // the one that goes on
}

// planned is a slot that waits to be fired.
type planned struct {
	slot   time.Time
	madeUp bool // it was missed, and all that were missed are made up for
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
	if slot, ok := k.stored(ctx); ok && !e.anew {
		k.last = slot
	} else {
		k.begin(ctx)
	}
	for {
		now := time.Now()
		k.look(now)
		k.fire(ctx)
		next, err := table.next(k.last)
		if err != nil {
			k.tell("does not run any more: %v", err)
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

// grace is never so long that several slots of a short interval would count as met.
func (k *timekeeper) grace() time.Duration {
	if every := k.table.every; every > 0 {
		return min(grace, every)
	}
	return grace
}

// look takes in the slots that have come, and sets aside those to fire.
func (k *timekeeper) look(now time.Time) {
	met := now.Add(-k.grace())
	if k.spec.Missed == "all" {
		for _, slot := range k.upTo(met) {
			k.queue = append(k.queue, planned{slot, true})
		}
	}
	first, err := k.table.next(k.last)
	if err == nil && !first.After(met) {
		k.missed(first, met, now)
		return
	}
	for _, slot := range k.upTo(now) {
		k.take(slot)
	}
}

// missed deals with slots that passed while nobody looked: the program was off, or the
// machine slept.
func (k *timekeeper) missed(first, met, now time.Time) {
	k.last = k.table.latest(first, met)
	last := k.last
	due := k.upTo(now)
	left := true
	if k.spec.Missed == "last" && len(due) == 0 {
		due, left = []time.Time{last}, !last.Equal(first)
	}
	if left {
		k.tell("missed its slots from %s to %s while nothing ran", first.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	for _, slot := range due {
		k.take(slot)
	}
}

// upTo moves on over the slots until a moment, and gives them.
func (k *timekeeper) upTo(until time.Time) []time.Time {
	var slots []time.Time
	for {
		slot, err := k.table.next(k.last)
		if err != nil || slot.After(until) {
			return slots
		}
		k.last = slot
		slots = append(slots, slot)
	}
}

// take sets a slot aside, unless one waits already.
func (k *timekeeper) take(slot time.Time) {
	if k.going() && slices.ContainsFunc(k.queue, func(p planned) bool { return !p.madeUp }) {
		k.tell("left out its slot of %s: a run goes on and another slot waits for its end", slot.Format(time.RFC3339))
		return
	}
	if k.going() {
		k.tell("lets its slot of %s wait: the run before goes on", slot.Format(time.RFC3339))
	}
	k.queue = append(k.queue, planned{slot: slot})
}

// going finds the run from this trigger that goes on, whoever started it.
func (k *timekeeper) going() bool {
	if k.run == nil {
		k.run = k.e.local.from(k.e.flow.ID, k.step.ID)
	}
	return k.run != nil
}

func (k *timekeeper) tell(format string, args ...any) {
	k.e.local.trouble(k.e.flow.ID, "schedule %q of %q "+format, append([]any{k.step.Label(), k.e.flow.Name}, args...)...)
}

// fire starts the run of the next slot, if none goes on.
func (k *timekeeper) fire(ctx context.Context) {
	for len(k.queue) > 0 && !k.going() && ctx.Err() == nil {
		slot := k.queue[0].slot
		k.queue = k.queue[1:]
		r, err := k.e.local.begin(ctx, k.e.flow, Start{
			Trigger: k.step.ID, Cause: "schedule", Slot: slot,
			Input: []any{map[string]any{"slot": slot.Format(time.RFC3339), "by": "schedule"}},
		}, kinship{})
		if err != nil {
			k.tell("could not start its run of %s: %v", slot.Format(time.RFC3339), err)
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
		k.tell("does not know its last slot: %v", err)
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

// begin notes that slots count from now on, so that the next life of the program knows
// which it missed, also where no run was started in this one.
func (k *timekeeper) begin(ctx context.Context) {
	c := slotCheckpoint(k.e.flow.ID, k.step.ID, k.last)
	if c == nil {
		return
	}
	if err := k.e.local.options.History.SetCheckpoint(ctx, *c); err != nil && ctx.Err() == nil {
		k.tell("could not note when it was enabled: %v", err)
	}
}

// slotCursor is the cursor of a schedule.
type slotCursor struct {
	Slot time.Time `json:"slot"`
}

// slotCheckpoint is the checkpoint of a schedule that has dealt with a slot.
func slotCheckpoint(f flow.ID, s flow.StepID, slot time.Time) *flow.Checkpoint {
	cursor, err := json.Marshal(slotCursor{slot})
	if err != nil {
		return nil // a year beyond 9999
	}
	return &flow.Checkpoint{Flow: f, Step: s, Cursor: cursor, Moved: time.Now()}
}
