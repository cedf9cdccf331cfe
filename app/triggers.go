package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// nextSlots is how many of the slots to come a trigger shows.
const nextSlots = 10

// Triggers lists every trigger of the stored flows that the clock or a listener serves.
func (l *Local) Triggers(ctx context.Context) ([]Trigger, error) {
	flows, err := l.store.Flows(ctx)
	if err != nil {
		return nil, err
	}
	var all []Trigger
	for _, o := range flows {
		f, err := l.store.Flow(ctx, o.ID, 0)
		if err != nil {
			return nil, err
		}
		some, err := l.triggersOf(ctx, f, o.Enabled)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(a, b Trigger) int {
		rank := func(t Trigger) int {
			if t.Enabled {
				return 0
			}
			return 1
		}
		return cmp.Or(rank(a)-rank(b), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

func (l *Local) triggersOf(ctx context.Context, f flow.Flow, enabled bool) ([]Trigger, error) {
	var all []Trigger
	for _, s := range f.Steps {
		made, waits := l.waitsFor(s)
		if !waits || s.Off {
			continue
		}
		t := Trigger{Flow: f.ID, Name: f.Name, Step: s.ID, Uses: s.Uses, Title: s.Label(), Enabled: enabled}
		t.Spec = l.inWords(f, s, made)
		if err := l.addStanding(ctx, f, &t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if len(all) == 0 || !enabled {
		return all, nil
	}
	for _, p := range l.Check(ctx, f) {
		if p.Warning {
			continue
		}
		for i := range all {
			if all[i].Problem == nil && (p.Step == "" || p.Step == all[i].Step || !hasStep(all, p.Step)) {
				all[i].Problem = &p
			}
		}
	}
	return all, nil
}

func hasStep(all []Trigger, step flow.StepID) bool {
	return slices.ContainsFunc(all, func(t Trigger) bool { return t.Step == step })
}

// waitsFor makes the operation of a trigger that starts runs by itself.
func (l *Local) waitsFor(s flow.Step) (kit.Operation, bool) {
	_, op, ok := l.ops.Now().Op(s.Uses)
	if !ok || !op.Trigger {
		return nil, false
	}
	made := op.New()
	made.Fields().Bind(s.ID, s.With) // what does not fit is told by the check
	switch made.(type) {
	case kit.Scheduled, kit.Listener, kit.Follower:
		return made, true
	}
	return nil, false
}

// inWords tells when a trigger fires.
func (l *Local) inWords(f flow.Flow, s flow.Step, made kit.Operation) string {
	switch made := made.(type) {
	case kit.Scheduled:
		return scheduleInWords(made.Schedule())
	case kit.Follower:
		return followingInWords(made.Follows())
	case kit.Noter:
		n := made.Note(kit.Env{Flow: f.ID, Name: f.Name, Step: s.ID, Dir: l.dir(f)})
		return cmp.Or(n.Copy, n.Text)
	}
	_, op, _ := l.ops.Now().Op(s.Uses)
	return op.Title
}

func followingInWords(f kit.Following) string {
	states := make([]string, len(f.States))
	for i, s := range f.States {
		states[i] = string(s)
	}
	return "after " + f.Flow + ": " + strings.Join(states, ", ")
}

func scheduleInWords(s kit.Schedule) string {
	words := []string{s.Cron}
	if s.Cron == "" {
		words = []string{"every " + flow.FormatDuration(s.Every)}
	}
	if s.Timezone != "" {
		words = append(words, s.Timezone)
	}
	if s.From != "" {
		words = append(words, "from "+s.From)
	}
	if s.Until != "" {
		words = append(words, "until "+s.Until)
	}
	if s.Jitter > 0 {
		words = append(words, "spread over "+flow.FormatDuration(s.Jitter))
	}
	return strings.Join(words, ", ")
}

// addStanding tells how a trigger stands and what became of its slots.
func (l *Local) addStanding(ctx context.Context, f flow.Flow, t *Trigger) error {
	at, err := l.runner.Standing(ctx, f, t.Step, nextSlots, t.Enabled)
	if problems, ok := errors.AsType[engine.Problems](err); ok {
		t.Problem = &problems[0]
		return nil
	}
	if err != nil {
		return err
	}
	t.Last, t.Next, t.Waiting, t.Events, t.Problem = at.Last, at.Next, at.Waiting, at.Events, at.Problem
	if t.Problem != nil {
		t.Problem.Step = t.Step
	}
	met, err := l.met(ctx, t.Flow, t.Step, oldest(at.Left), &t.LastRun)
	if err != nil {
		return err
	}
	for _, slot := range at.Waiting {
		met[slot.UnixNano()] = true
	}
	for _, slot := range at.Left {
		if !met[slot.UnixNano()] {
			t.Missed = append(t.Missed, slot)
		}
	}
	return nil
}

func oldest(slots []time.Time) time.Time {
	if len(slots) == 0 {
		return time.Now()
	}
	return slots[0]
}

// met finds the slots that have a run, of those that the history still holds, from a
// moment on; and the newest run of the trigger.
func (l *Local) met(ctx context.Context, id flow.ID, step flow.StepID, from time.Time, newest *flow.RunID) (map[int64]bool, error) {
	met := map[int64]bool{}
	before := flow.RunID("")
	const page, look = 200, 5 // the newest run is looked for among a thousand
	for n := 1; ; n++ {
		runs, err := l.store.Runs(ctx, id, "", before, page)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if r.Trigger != step {
				continue
			}
			if *newest == "" {
				*newest = r.ID
			}
			if !r.Slot.IsZero() {
				met[r.Slot.UnixNano()] = true
			}
		}
		// A run never starts before its slot.
		if len(runs) < page || runs[len(runs)-1].Started.Before(from) && (*newest != "" || n >= look) {
			return met, nil
		}
		before = runs[len(runs)-1].ID
	}
}

// Slots computes when the next n runs of a schedule start.
func (l *Local) Slots(ctx context.Context, f flow.Flow, step flow.StepID, n int) ([]time.Time, error) {
	if n < 1 || n > 1000 {
		return nil, Problems{{Step: step, Code: kit.Invalid, What: fmt.Sprintf("%d slots cannot be listed", n), Fix: "ask for 1 to 1000"}}
	}
	if _, err := l.scheduleOf(f, step); err != nil {
		return nil, err
	}
	at, err := l.runner.Standing(ctx, f, step, n, false)
	if err != nil {
		return nil, asProblems(err)
	}
	if len(at.Next) == 0 && at.Problem != nil {
		p := *at.Problem
		p.Step = step
		return nil, Problems{p}
	}
	return at.Next, nil
}

// scheduleOf is the schedule of a step.
func (l *Local) scheduleOf(f flow.Flow, step flow.StepID) (kit.Schedule, error) {
	s, ok := f.Step(step)
	if !ok {
		return kit.Schedule{}, Problems{{Step: step, Code: "unknown-step", What: fmt.Sprintf("there is no step %q in %q", step, f.Name), Fix: "see jackfield flows triggers"}}
	}
	made, _ := l.waitsFor(s)
	timed, ok := made.(kit.Scheduled)
	if !ok {
		return kit.Schedule{}, Problems{{Step: step, Code: kit.Invalid, What: fmt.Sprintf("%q is no schedule", s.Label()), Fix: "name a step that uses core.schedule"}}
	}
	return timed.Schedule(), nil
}

// Unmet lists the slots of a range that have no run and are not planned.
func (l *Local) Unmet(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	_, slots, err := l.unmet(ctx, id, step, from, to)
	return slots, err
}

func (l *Local) unmet(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) (flow.Flow, []time.Time, error) {
	f, err := l.store.Flow(ctx, id, 0)
	if err != nil {
		return f, nil, err
	}
	spec, err := l.scheduleOf(f, step)
	if err != nil {
		return f, nil, err
	}
	if to.Before(from) {
		return f, nil, Problems{{Step: step, Code: kit.Invalid, What: "the range ends before it begins", Fix: "exchange its ends"}}
	}
	at, err := l.runner.Standing(ctx, f, step, 0, false)
	if err != nil {
		return f, nil, asProblems(err)
	}
	// What comes later is the clock's own.
	if at.Live && !at.Mark.IsZero() && at.Mark.Before(to) {
		to = at.Mark
	} else if now := time.Now(); now.Before(to) {
		to = now
	}
	slots, err := engine.Slots(spec, from, to)
	if err != nil {
		p := kit.AsFailure(err).Problem(step, "")
		return f, nil, Problems{p}
	}
	newest := flow.RunID("")
	met, err := l.met(ctx, id, step, from, &newest)
	if err != nil {
		return f, nil, err
	}
	for _, slot := range at.Waiting {
		met[slot.UnixNano()] = true
	}
	return f, slices.DeleteFunc(slots, func(slot time.Time) bool { return met[slot.UnixNano()] }), nil
}

// Backfill plans a run for every slot of the range that has none.
func (l *Local) Backfill(ctx context.Context, id flow.ID, step flow.StepID, from, to time.Time) ([]time.Time, error) {
	f, slots, err := l.unmet(ctx, id, step, from, to)
	if err != nil || len(slots) == 0 {
		return slots, err
	}
	if problems := l.Check(ctx, f); standsInTheWay(problems) {
		return nil, Problems(problems)
	}
	if err := l.runner.Backfill(ctx, f, step, slots); err != nil {
		return nil, err
	}
	l.watchers.tell(flow.Event{Kind: flow.FlowChanged, Flow: id})
	return slots, nil
}
