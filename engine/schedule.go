package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// timekeeper carries out what a clockwork decides for one schedule. What is planned is
// on disk before it counts, and leaves it with the start of its run, in one
// transaction, so that no slot is lost and none has two runs.
type timekeeper struct {
	e       *enabled
	step    *step
	spec    kit.Schedule
	work    clockwork
	at      position
	zone    string
	ids     map[string]flow.RunID // of slots whose start was tried: tried again it is the same run
	watched map[flow.RunID]bool
}

// glance is how often the clock is looked at. A timer does not count the time that the
// machine sleeps, and the clock can be set.
const glance = time.Minute

// keepTime fires the slots of a schedule until ctx ends.
func (e *enabled) keepTime(ctx context.Context, s *step, spec kit.Schedule) {
	k := &timekeeper{e: e, step: s, spec: spec, ids: map[string]flow.RunID{}, watched: map[flow.RunID]bool{}}
	for {
		err := k.begin(ctx)
		if err == nil {
			break
		}
		k.e.ill(s, "does not run", err)
		if !rest(ctx, glance) {
			return
		}
	}
	for ctx.Err() == nil {
		e.sleep(ctx, s.ID, k.turn(ctx))
		k.forgetEnded()
	}
}

// begin finds out where the schedule stands. One that is enabled for the first time, or
// anew, or that was changed, counts from now on.
func (k *timekeeper) begin(ctx context.Context) error {
	if err := k.readTable(); err != nil {
		return err
	}
	h := k.e.local.options.History
	at, err := h.Standing(ctx, k.e.flow.ID, k.step.ID)
	if err != nil {
		return err
	}
	if at.Mark == nil {
		if at.Mark, err = k.formerMark(ctx); err != nil {
			return err
		}
	}
	k.at.waiting = at.Planned
	said := specText(k.spec)
	if json.Unmarshal(at.Mark, &k.at.mark) == nil && !k.e.anew && (k.at.mark.Spec == "" || k.at.mark.Spec == said) {
		return nil
	}
	m := move{mark: mark{Slot: k.e.local.now(), Spec: said, Fresh: true}}
	for _, one := range at.Planned {
		if k.e.anew && one.Why != flow.Backfilled {
			m.drop = append(m.drop, one.Key)
		}
	}
	return k.write(ctx, m)
}

// formerMark is where a schedule stood for a version of the program that kept this as
// a checkpoint.
func (k *timekeeper) formerMark(ctx context.Context) (flow.Cursor, error) {
	c, err := k.e.local.options.History.Checkpoint(ctx, k.e.flow.ID, k.step.ID)
	if c == nil || err != nil {
		return nil, err
	}
	return c.Cursor, nil
}

// specText tells when a schedule has slots; one with another text has others.
func specText(s kit.Schedule) string {
	if s.Cron == "" {
		return strings.Join([]string{s.Every.String(), s.From, s.Until}, "|")
	}
	return strings.Join([]string{s.Cron, s.Timezone, s.From, s.Until}, "|")
}

// readTable reads the schedule, anew where the machine has come to another time zone.
func (k *timekeeper) readTable() error {
	zone := k.e.local.zone()
	if k.work.table != nil && (k.spec.Timezone != "" || zone.String() == k.zone) {
		return nil
	}
	table, err := parseSchedule(k.spec, zone)
	if err != nil {
		return err
	}
	if k.work.table != nil {
		k.tell("goes by another time zone from now on: this machine's is %s", zone)
	}
	k.zone = zone.String()
	k.work = clockwork{table: table, spec: k.spec, seed: jitterSeed(k.e.flow.ID, k.step.ID)}
	return nil
}

// turn does what is to be done now, and tells when there is something to do again.
func (k *timekeeper) turn(ctx context.Context) time.Time {
	now := k.e.local.now()
	later := now.Add(glance)
	if err := errors.Join(k.readTable(), k.readPlanned(ctx)); err != nil {
		k.e.ill(k.step, "does not know what it is to do", err)
		return later
	}
	going := k.going(ctx)
	k.at.going = len(going)
	m := k.work.decide(k.at, now)
	if err := k.carryOut(ctx, m); err != nil {
		if ctx.Err() == nil && !errors.Is(err, errParked) {
			k.e.ill(k.step, "could not do what is due, and tries again", err)
		}
		return later
	}
	if m.stop {
		for _, r := range going {
			r.stop(errStopped)
		}
	}
	if m.over != nil {
		k.e.ill(k.step, "does not fire any more", m.over)
		return later
	}
	k.e.well(k.step)
	return m.wake
}

// carryOut writes a move down and starts its runs. A single slot that starts at once is
// written with the start of its run.
func (k *timekeeper) carryOut(ctx context.Context, m move) error {
	atOnce := len(m.put) == 1 && len(m.drop) == 0 && len(m.start) > 0 && m.start[0].Key == m.put[0].Key
	if !atOnce {
		if err := k.write(ctx, m); err != nil {
			return err
		}
		k.tellAll(m.say)
	}
	for i, one := range m.start {
		to := k.at.mark
		if atOnce && i == 0 {
			to = m.mark
		}
		if err := k.start(ctx, one, to); err != nil {
			return err
		}
	}
	if atOnce {
		k.tellAll(m.say)
	}
	return nil
}

func (k *timekeeper) tellAll(texts []string) {
	for _, text := range texts {
		k.tell("%s", text)
	}
}

// write puts on disk what a move changes of where the schedule stands.
func (k *timekeeper) write(ctx context.Context, m move) error {
	if len(m.put)+len(m.drop) == 0 && m.mark.Slot.Equal(k.at.mark.Slot) {
		return nil
	}
	cursor, err := m.mark.cursor()
	if err != nil {
		return err
	}
	a := flow.Arrangement{Flow: k.e.flow.ID, Step: k.step.ID, Put: m.put, Drop: m.drop, Mark: cursor}
	if err := k.e.local.options.History.Arrange(context.WithoutCancel(ctx), a); err != nil {
		return err
	}
	k.at.mark = m.mark
	k.forget(m.drop...)
	k.at.waiting = append(k.at.waiting, m.put...)
	return nil
}

func (k *timekeeper) forget(keys ...string) {
	k.at.waiting = slices.DeleteFunc(slices.Clone(k.at.waiting), func(one flow.Planned) bool { return slices.Contains(keys, one.Key) })
}

// start begins the run of a slot, and moves the mark with it. A flow that cannot run as
// it is leaves the slot out; what passes by itself leaves it waiting.
func (k *timekeeper) start(ctx context.Context, one flow.Planned, to mark) error {
	cursor, err := to.cursor()
	if err != nil {
		return err
	}
	if k.ids[one.Key] == "" {
		k.ids[one.Key] = k.e.local.ids.next(time.Now())
	}
	r, err := k.e.local.begin(ctx, k.e.flow, Start{
		Trigger: k.step.ID, Cause: scheduleCause, Slot: one.Slot,
		arrange: &flow.Arrangement{Flow: k.e.flow.ID, Step: k.step.ID, Drop: []string{one.Key}, Mark: cursor},
	}, kinship{id: k.ids[one.Key]})
	if problems, ok := errors.AsType[Problems](err); ok {
		delete(k.ids, one.Key)
		to.leaveOut(one.Slot.Add(-time.Nanosecond), one.Slot)
		k.tell("could not start its run of %s: %v", stamp(one.Slot), problems)
		return k.write(ctx, move{mark: to, drop: []string{one.Key}})
	}
	if err != nil {
		return err
	}
	delete(k.ids, one.Key)
	k.at.mark = to
	k.forget(one.Key)
	k.watch(ctx, r)
	return nil
}

// going finds the runs from this trigger that go on, whoever started them.
func (k *timekeeper) going(ctx context.Context) []*live {
	runs := k.e.local.from(k.e.flow.ID, k.step.ID)
	for _, r := range runs {
		k.watch(ctx, r)
	}
	return runs
}

// watch has the timekeeper look again when a run ends.
func (k *timekeeper) watch(ctx context.Context, r *live) {
	if k.watched[r.id] {
		return
	}
	k.watched[r.id] = true
	k.e.work.Go(func() {
		select {
		case <-r.ended:
			k.e.poke(k.step.ID)
		case <-ctx.Done():
		}
	})
}

// readPlanned reads what somebody else has planned since the last time.
func (k *timekeeper) readPlanned(ctx context.Context) error {
	if !k.e.takeNews(k.step.ID) {
		return nil
	}
	at, err := k.e.local.options.History.Standing(ctx, k.e.flow.ID, k.step.ID)
	if err != nil {
		k.e.lookAgain(k.step.ID)
		return err
	}
	k.at.waiting = at.Planned
	return nil
}

// forgetEnded forgets the runs that were watched and have ended.
func (k *timekeeper) forgetEnded() {
	for id := range k.watched {
		if k.e.local.running(id) == nil {
			delete(k.watched, id)
		}
	}
}

func (k *timekeeper) tell(format string, args ...any) {
	k.e.local.trouble(k.e.flow.ID, "schedule %q of %q "+format, append([]any{k.step.Label(), k.e.flow.Name}, args...)...)
}
