package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Standing is how a trigger stands, for a person to see.
type Standing struct {
	Last    time.Time   // the last slot that was dealt with
	Mark    time.Time   // all slots up to here were dealt with
	Next    []time.Time // when the next runs start
	Left    []time.Time // slots that got no run, newest last
	Waiting []time.Time // slots that are planned, in the order in which they start
	Events  int         // events that are on disk and have no run yet
	Live    bool        // it is live in this program
	Problem *flow.Problem
}

// Upcoming lists when the next n runs of a schedule start after a moment: its slots, each
// with its share of the jitter.
func Upcoming(s kit.Schedule, f flow.ID, step flow.StepID, after time.Time, n int) ([]time.Time, error) {
	t, err := parseSchedule(s, machineZone())
	if err != nil {
		return nil, err
	}
	return t.upcoming(mark{Slot: after}, jitterSeed(f, step), n)
}

// upcoming lists the starts behind a mark. Where the schedule ends before there are n it
// gives those that are left, and an error where none is.
func (t *timetable) upcoming(m mark, seed string, n int) ([]time.Time, error) {
	var starts []time.Time
	for len(starts) < n {
		slot, err := m.after(t)
		if err != nil {
			if len(starts) > 0 {
				return starts, nil
			}
			return nil, err
		}
		starts = append(starts, t.start(seed, slot))
		m.moveTo(slot)
	}
	return starts, nil
}

// mostSlots is how many slots one backfill plans.
const mostSlots = 10_000

// Slots lists the slots of a schedule in a range, both ends inside it.
func Slots(s kit.Schedule, from, to time.Time) ([]time.Time, error) {
	t, err := parseSchedule(s, machineZone())
	if err != nil {
		return nil, err
	}
	if t.every > 0 && t.from.IsZero() {
		return nil, kit.Fail(kit.Invalid, "an interval that counts from being enabled has no slots before that").On("from").
			Hint(`set "from", so that it is known which they are`)
	}
	var slots []time.Time
	for slot, err := t.next(from.Add(-time.Nanosecond)); err == nil && !slot.After(to); slot, err = t.next(slot) {
		if len(slots) == mostSlots {
			return nil, kit.Fail(kit.Invalid, "there are more than %d slots from %s to %s", mostSlots, stamp(from), stamp(to)).
				Hint("take one part of them after the other; the first %d end on %s", mostSlots, stamp(slots[mostSlots-1]))
		}
		slots = append(slots, slot)
	}
	return slots, nil
}

// Backfill plans a run for each of the slots that is not planned already. They are on
// disk when it returns, and start, behind those of the clock, while the flow is live.
func (l *Local) Backfill(ctx context.Context, f flow.Flow, step flow.StepID, slots []time.Time) error {
	at, err := l.options.History.Standing(ctx, f.ID, step)
	if err != nil {
		return err
	}
	a := flow.Arrangement{Flow: f.ID, Step: step}
	for _, slot := range slots {
		if key := slotKey(slot); !known(at.Planned, key) {
			a.Put = append(a.Put, flow.Planned{Key: key, Why: flow.Backfilled, Slot: slot, Since: l.now()})
		}
	}
	if len(a.Put) == 0 {
		return nil
	}
	if err := l.options.History.Arrange(ctx, a); err != nil {
		return err
	}
	l.mu.Lock()
	e := l.enabled[f.ID]
	l.mu.Unlock()
	if e != nil {
		e.news(step)
	}
	return nil
}

// Standing tells how a trigger of a flow stands, with its next n slots where it is a
// schedule. Of a flow that is enabled and live nowhere it tells what has become of the
// slots that have passed, and what the program that makes it live will do.
func (l *Local) Standing(ctx context.Context, f flow.Flow, step flow.StepID, n int, enabled bool) (Standing, error) {
	s, op, err := l.trigger(f, step)
	if err != nil {
		return Standing{}, err
	}
	stored, err := l.options.History.Standing(ctx, f.ID, step)
	if err != nil {
		return Standing{}, err
	}
	var at Standing
	l.mu.Lock()
	e := l.enabled[f.ID]
	l.mu.Unlock()
	if e != nil && !s.Off {
		at.Live, at.Problem = true, e.trouble(step)
	}
	slices.SortStableFunc(stored.Planned, inTurn)
	for _, one := range stored.Planned {
		if one.Why == flow.Happened {
			at.Events++
		} else {
			at.Waiting = append(at.Waiting, one.Slot)
		}
	}
	if timed, ok := op.(kit.Scheduled); ok {
		l.addSlots(&at, stored, timed.Schedule(), jitterSeed(f.ID, step), n, enabled)
	}
	return at, nil
}

// addSlots tells of the slots of a schedule.
func (l *Local) addSlots(at *Standing, stored flow.Standing, spec kit.Schedule, seed string, n int, enabled bool) {
	table, err := parseSchedule(spec, l.zone())
	var m mark
	if stored.Mark != nil && json.Unmarshal(stored.Mark, &m) == nil && m.Spec == specText(spec) {
		if at.Mark = m.Slot; !m.Fresh {
			at.Last = m.Slot
		}
	} else {
		m = mark{}
	}
	if err == nil {
		since := m
		if enabled && !at.Live && !m.Slot.IsZero() {
			since = at.foresee(clockwork{table: table, spec: spec, seed: seed}, position{mark: m, waiting: stored.Planned}, l.now())
		}
		at.Left = since.left(table, mostGaps)
		ahead := m
		if now := l.now(); !at.Live || m.Slot.IsZero() {
			// Nothing counts before it is live, and what was missed until then has its own rule.
			if ahead = (mark{Slot: now, Ahead: m.Ahead}); table.every > 0 && table.from.IsZero() {
				return
			}
		}
		if n > 0 {
			at.Next, err = table.upcoming(ahead, seed, n)
		}
	}
	if err != nil && at.Problem == nil {
		p := kit.AsFailure(err).Problem("", "")
		at.Problem = &p
	}
}

// foresee tells what is made up for once somebody serves, and gives the mark as it will be
// then.
func (at *Standing) foresee(c clockwork, p position, now time.Time) mark {
	m := c.decide(p, now)
	for _, one := range m.put {
		at.Waiting = append(at.Waiting, one.Slot)
	}
	at.Waiting = slices.DeleteFunc(at.Waiting, func(slot time.Time) bool { return slices.Contains(m.drop, slotKey(slot)) })
	return m.mark
}

// trigger finds a trigger of a flow, with its settings bound.
func (l *Local) trigger(f flow.Flow, step flow.StepID) (flow.Step, kit.Operation, error) {
	s, ok := f.Step(step)
	if !ok {
		return s, nil, kit.Fail(kit.Missing, "there is no step %q in %q", string(step), f.Name)
	}
	_, op, ok := l.options.Ops.Now().Op(s.Uses)
	if !ok || !op.Trigger {
		return s, nil, kit.Fail(kit.Invalid, "step %q of %q is no trigger", string(step), f.Name)
	}
	made := op.New()
	if problems := made.Fields().Bind(step, s.With); len(problems) > 0 {
		return s, nil, Problems(problems)
	}
	return s, made, nil
}
