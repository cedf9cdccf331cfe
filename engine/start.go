package engine

import (
	"context"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// start gives the records that a run begins with: those that came from outside, what
// the trigger says, or one empty object.
func (x *pass) start(ctx context.Context) (flow.Entry, error) {
	data := x.task.Input
	var err error
	if data == nil {
		data, err = x.ownStart(ctx)
	}
	if err != nil {
		return x.fatal(ctx, err)
	}
	records := make(flow.Batch, len(data))
	for i, v := range data {
		if v, err = value.Normal(v); err != nil {
			return x.fatal(ctx, kit.Fail(kit.Malformed, "record %d of the start is no JSON: %w", i+1, err))
		}
		records[i] = flow.Record{ID: flow.Child(x.task.Step, nil, i), Data: v}
	}
	e := flow.Entry{}
	if len(records) == 0 {
		return e, nil
	}
	o := flow.Done
	if x.step != nil {
		o = x.step.first()
	}
	e.Batches = map[flow.Outlet]flow.Batch{o: records}
	return e, nil
}

// The causes of runs that a person or a schedule started.
const (
	manualCause   = "manual"
	scheduleCause = "schedule"
)

// ownStart is what a slot or a start by hand gives.
func (x *pass) ownStart(ctx context.Context) ([]any, error) {
	if slot := x.task.run.Slot; x.task.run.Cause == scheduleCause && !slot.IsZero() {
		return []any{map[string]any{"slot": slot.Format(time.RFC3339), "by": scheduleCause}}, nil
	}
	nothing := []any{map[string]any{}}
	if x.step == nil || x.step.Off {
		return nothing, nil
	}
	in, err := bound(x.step)
	if err != nil {
		return nil, err
	}
	starter, ok := in.op.(kit.Starter)
	if !ok {
		if _, listens := in.op.(kit.Listener); listens {
			return nil, kit.Fail(kit.Invalid, "it starts only when something happens outside").
				Hint("give the run a record as input, or enable the flow")
		}
		return nothing, nil
	}
	if err := x.permit(in.op); err != nil {
		return nil, err
	}
	return persist(ctx, x, in.op, func(ctx context.Context, env kit.Env) ([]any, error) {
		return starter.Start(ctx, env)
	})
}

// fatal is the entry of a task without which the run cannot go on.
func (x *pass) fatal(ctx context.Context, err error) (flow.Entry, error) {
	if ctx.Err() != nil || x.parked || err == errParked {
		return flow.Entry{}, x.undone(ctx)
	}
	p := x.problem(err, "", "")
	return flow.Entry{StepRun: flow.StepRun{Fatal: p, Problems: []flow.Problem{*p}}}, nil
}
