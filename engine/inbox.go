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
// other flows' runs. An event leaves its place there with the beginning of its run, so
// a crash neither loses it nor gives it two runs.
type inbox struct {
	e      *enabled
	step   *step
	gather kit.Gathering
	waits  []flow.Planned // in the order in which they came
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
			b.e.lookAgain(b.step.ID)
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
			b.e.lookAgain(b.step.ID) // the disk knows whether it was written all the same
			return wake, err
		}
		b.waits = slices.DeleteFunc(slices.Clone(b.waits), func(one flow.Planned) bool { return known(some, one.Key) })
	}
}

// read takes in what came.
func (b *inbox) read(ctx context.Context) error {
	at, err := b.e.local.options.History.Standing(ctx, b.e.flow.ID, b.step.ID)
	if err != nil {
		return err
	}
	b.waits = slices.DeleteFunc(at.Planned, func(one flow.Planned) bool { return one.Why != flow.Happened })
	return nil
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
	data := []any{}
	taken := &flow.Arrangement{Flow: b.e.flow.ID, Step: b.step.ID}
	for _, one := range some {
		v, err := value.Decode(one.Data)
		list, ok := v.([]any)
		if err != nil || !ok {
			return kit.Fail(kit.Malformed, "the event %s of the trigger cannot be read", one.Key).Hint("look at the store: jackfield doctor")
		}
		data = append(data, list...)
		taken.Drop = append(taken.Drop, one.Key)
	}
	_, err := b.e.local.begin(ctx, b.e.flow, Start{Trigger: b.step.ID, Input: data, Cause: some[0].Cause, Of: some[0].Of, arrange: taken}, kinship{})
	return err
}

// take takes an event of a listener. What it brings of a mark is stored in one with it.
func (e *enabled) take(ctx context.Context, s *step, gather kit.Gathering, event kit.Event) (kit.Receipt, error) {
	data := event.Data
	if data == nil {
		data = []any{}
	}
	if gather.Quiet == 0 {
		start := Start{Trigger: s.ID, Input: data, Cause: event.Cause}
		if event.Mark != nil {
			start.arrange = &flow.Arrangement{Flow: e.flow.ID, Step: s.ID, Mark: event.Mark}
		}
		return e.start(ctx, start)
	}
	planned, err := e.planEvent(data, event.Cause)
	if err != nil {
		return kit.Receipt{}, err
	}
	a := flow.Arrangement{Flow: e.flow.ID, Step: s.ID, Mark: event.Mark, Put: []flow.Planned{planned}}
	if err := e.local.options.History.Arrange(ctx, a); err != nil {
		return kit.Receipt{}, err
	}
	e.news(s.ID)
	return kit.Receipt{Wait: nothingToWaitFor}, nil
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
