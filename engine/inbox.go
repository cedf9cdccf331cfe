package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// inbox starts the runs of events that are on disk: gathered ones, and the ends of
// other flows' runs. An event leaves the disk with the entry of its run's start, so a
// crash neither loses it nor gives it two runs.
type inbox struct {
	e      *enabled
	step   *step
	gather kit.Gathering
	waits  []flow.Planned        // those that have no run yet, in the order in which they came
	ids    map[string]flow.RunID // of runs whose start was tried, by their first event
}

// mostGathered is how many events one run takes at the most.
const mostGathered = 1000

// keep starts runs until ctx ends.
func (b *inbox) keep(ctx context.Context) {
	b.e.news(b.step.ID)
	for ctx.Err() == nil {
		wake, err := b.turn(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, errParked) {
			b.e.ill(b.step, "could not start its run, and tries again", err)
			wake = b.e.local.now().Add(glance)
		}
		b.e.sleep(ctx, b.step.ID, wake)
	}
}

// turn starts what is ready, and tells when there is more to do.
func (b *inbox) turn(ctx context.Context) (time.Time, error) {
	if b.e.takeNews(b.step.ID) {
		if err := b.read(ctx); err != nil {
			b.e.news(b.step.ID)
			return b.e.local.now().Add(glance), err
		}
	}
	for {
		some, wake := b.ready(ctx, b.e.local.now())
		if len(some) == 0 {
			b.e.well(b.step)
			return wake, nil
		}
		if err := b.start(ctx, some); err != nil {
			return wake, err
		}
		b.waits = slices.DeleteFunc(slices.Clone(b.waits), func(one flow.Planned) bool { return known(some, one.Key) })
	}
}

// read takes in what came. What a run was begun for that is not in the history any more
// has nobody to take it.
func (b *inbox) read(ctx context.Context) error {
	h := b.e.local.options.History
	at, err := h.Standing(ctx, b.e.flow.ID, b.step.ID)
	if err != nil {
		return err
	}
	b.waits = nil
	var gone []string
	for _, one := range at.Planned {
		switch {
		case one.Why != flow.Happened:
		case one.Run == "":
			b.waits = append(b.waits, one)
		default:
			if _, err := h.Run(ctx, one.Run); err != nil && kit.AsFailure(err).Kind == kit.Missing {
				gone = append(gone, one.Key)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return h.Arrange(ctx, flow.Arrangement{Flow: b.e.flow.ID, Step: b.step.ID, Drop: gone})
}

// ready gives the events that the next run takes now, or tells when to look again.
func (b *inbox) ready(ctx context.Context, now time.Time) (some []flow.Planned, wake time.Time) {
	wake = now.Add(time.Hour)
	if b.gather.Quiet == 0 {
		for i, one := range b.waits {
			if b.ended(ctx, one.Of) {
				return b.waits[i : i+1], now
			}
		}
		return nil, wake
	}
	if len(b.waits) == 0 {
		return nil, wake
	}
	if len(b.waits) >= mostGathered {
		return b.waits[:mostGathered], now
	}
	first, last := b.waits[0].Since, b.waits[len(b.waits)-1].Since
	wake = last.Add(b.gather.Quiet)
	if latest := first.Add(cmp.Or(b.gather.Longest, 10*b.gather.Quiet)); latest.Before(wake) {
		wake = latest
	}
	// A clock that was set back does not keep them waiting.
	if now.Before(wake) && !now.Before(first.Round(0)) {
		return nil, wake
	}
	return b.waits, now
}

// ended says whether the run that an event tells of has ended on disk: the event is
// there before that. One that is not there any more had ended.
func (b *inbox) ended(ctx context.Context, id flow.RunID) bool {
	row, err := b.e.local.options.History.Run(ctx, id)
	if err != nil {
		return kit.AsFailure(err).Kind == kit.Missing
	}
	return row.State.Ended()
}

// start begins the run that takes these events.
func (b *inbox) start(ctx context.Context, some []flow.Planned) error {
	l := b.e.local
	first := some[0].Key
	id := cmp.Or(b.ids[first], l.ids.next(time.Now()))
	b.ids = map[string]flow.RunID{first: id} // tried again it is the same run
	a := flow.Arrangement{Flow: b.e.flow.ID, Step: b.step.ID}
	for _, one := range some {
		one.Run = id
		a.Put = append(a.Put, one)
	}
	_, err := l.begin(ctx, b.e.flow, Start{Trigger: b.step.ID, Cause: some[0].Cause, Of: some[0].Of, arrange: &a}, kinship{id: id})
	return err
}

// take takes an event of a listener. What it brings of a mark is stored in one with it.
func (e *enabled) take(ctx context.Context, s *step, gather kit.Gathering, event kit.Event) (kit.Receipt, error) {
	data := event.Data
	if data == nil {
		data = []any{}
	}
	start := Start{Trigger: s.ID, Input: data, Cause: event.Cause}
	if gather.Quiet == 0 && event.Mark == nil {
		return e.start(ctx, start, kinship{})
	}
	planned, err := e.planEvent(data, event.Cause)
	if err != nil {
		return kit.Receipt{}, err
	}
	a := flow.Arrangement{Flow: e.flow.ID, Step: s.ID, Mark: event.Mark}
	if gather.Quiet > 0 {
		a.Put = []flow.Planned{planned}
		if err := e.local.options.History.Arrange(ctx, a); err != nil {
			return kit.Receipt{}, err
		}
		e.news(s.ID)
		return kit.Receipt{Wait: nothingToWaitFor}, nil
	}
	planned.Run = e.local.ids.next(time.Now())
	a.Put = []flow.Planned{planned}
	start.Input, start.arrange = nil, &a
	return e.start(ctx, start, kinship{id: planned.Run})
}

func nothingToWaitFor(context.Context) (flow.Run, error) {
	return flow.Run{}, kit.Fail(kit.Invalid, "the event is gathered with others and has no run yet")
}

func (e *enabled) planEvent(data []any, cause string) (flow.Planned, error) {
	text, err := eventData(data)
	now := e.local.now()
	key := fmt.Sprintf("%s-%08x", slotKey(now), e.local.events.Add(1)) // also of the same moment
	return flow.Planned{Key: key, Why: flow.Happened, Data: text, Cause: cause, Since: now}, err
}

func eventData(data []any) ([]byte, error) {
	list := make([]any, len(data))
	for i, one := range data {
		v, err := value.Normal(one)
		if err != nil {
			return nil, kit.Fail(kit.Malformed, "record %d of the event is no JSON: %w", i+1, err)
		}
		list[i] = v
	}
	return value.Append(nil, list), nil
}

// planned is what a run was begun with that is on disk with its trigger, and the change
// by which it leaves that.
func (x *pass) planned(ctx context.Context) (data []any, taken *flow.Arrangement, err error) {
	run := x.task.run
	if x.step == nil || run.Cause == manualCause {
		return nil, nil, nil
	}
	at, err := x.w.History.Standing(ctx, run.Flow, run.Trigger)
	if err != nil {
		return nil, nil, err
	}
	data = []any{}
	taken = &flow.Arrangement{Flow: run.Flow, Step: run.Trigger}
	for _, one := range at.Planned {
		if one.Run != run.ID {
			continue
		}
		v, err := value.Decode(one.Data)
		list, ok := v.([]any)
		if err != nil || !ok {
			return nil, nil, kit.Fail(kit.Malformed, "the event %s of the trigger cannot be read", one.Key).Hint("look at the store: jackfield doctor")
		}
		data = append(data, list...)
		taken.Drop = append(taken.Drop, one.Key)
	}
	if len(taken.Drop) == 0 {
		return nil, nil, nil
	}
	return slices.Clip(data), taken, nil
}
