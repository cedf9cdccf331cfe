package engine

import (
	"context"
	"slices"

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
	if !x.task.run.Slot.IsZero() && x.step != nil && x.task.run.Cause == "schedule" {
		if e.Checkpoint = slotCheckpoint(x.task.run.Flow, x.task.run.Trigger, x.task.run.Slot); e.Checkpoint != nil {
			e.Checkpoint.Run = x.task.run.ID
		}
	}
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

// ownStart is what a start by hand gives.
func (x *pass) ownStart(ctx context.Context) ([]any, error) {
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
	var data []any
	err = x.persist(ctx, in.op, func(ctx context.Context) (err error) {
		data, err = starter.Start(ctx, x.env)
		return err
	})
	return data, err
}

// fatal is the entry of a task without which the run cannot go on.
func (x *pass) fatal(ctx context.Context, err error) (flow.Entry, error) {
	if ctx.Err() != nil || x.parked || err == errParked {
		return flow.Entry{}, x.undone(ctx)
	}
	p := x.problem(err, "", "")
	return flow.Entry{StepRun: flow.StepRun{Fatal: p, Problems: []flow.Problem{*p}}}, nil
}

// finish lets an operation complete what its tasks have begun.
func (x *pass) finish(ctx context.Context) (flow.Entry, error) {
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	if err := x.permit(in.op); err != nil {
		return flow.Entry{}, err
	}
	err = x.persist(ctx, in.op, func(ctx context.Context) error {
		return in.op.(kit.Finisher).Finish(ctx, x.env)
	})
	if err != nil {
		return x.fatal(ctx, err)
	}
	return flow.Entry{}, nil
}

// letPass is the pass of a step that is switched off.
func (x *pass) letPass(ctx context.Context) (flow.Entry, error) {
	items, err := x.incoming(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	units := make([]*unit, 0, len(items))
	for _, it := range items {
		if it.fate == going {
			units = append(units, &unit{item: it, rec: it.rec, done: true, result: kit.Pass(x.step.first())})
		}
	}
	return x.outcome(ctx, items, units)
}

// gather lets a barrier take everything that came to its step.
func (x *pass) gather(ctx context.Context) (flow.Entry, error) {
	items, err := x.incoming(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	units := x.oneKind(x.units(in, items))
	if len(units) == 0 || !x.bindAll(in, units) {
		return x.outcome(ctx, items, units)
	}
	if err := x.permit(in.op); err != nil {
		return flow.Entry{}, err
	}
	all := make(flow.Batch, len(units))
	for i, u := range units {
		all[i] = u.rec
	}
	var values []any
	err = x.persist(ctx, in.op, func(ctx context.Context) (err error) {
		values, err = in.op.(kit.Barrier).Gather(ctx, x.env, all)
		return err
	})
	if err == nil {
		values, err = x.normal(values)
	}
	if err != nil && x.halted(ctx) {
		return flow.Entry{}, x.undone(ctx)
	}
	for _, u := range units {
		u.done, u.err = true, err
	}
	return x.gathered(ctx, items, units, values)
}

// oneKind fails the records that give an input beside the main field another value
// than the first record does: a barrier takes all at once.
func (x *pass) oneKind(units []*unit) []*unit {
	var same []*unit
	for _, u := range units {
		if alike(units[0], u) {
			same = append(same, u)
			continue
		}
		u.item.fail(x.problem(kit.Fail(kit.Invalid, "the mapping gives other settings than for the first record").
			Hint("%s takes all records at once, so its settings must be the same for each", x.step.Uses), "map", u.item.rec.ID))
	}
	return slices.DeleteFunc(same, func(u *unit) bool { return u.item.fate == failed })
}

func (x *pass) normal(values []any) ([]any, error) {
	for i, v := range values {
		n, err := value.Normal(v)
		if err != nil {
			return nil, kit.Fail(kit.Malformed, "connector %q gave what is no JSON: %w", x.step.connector.ID, err).Hint("tell its author")
		}
		values[i] = n
	}
	return values, nil
}

// gathered puts together what a barrier gave. Its records are children of one id that
// stands for all that it took; which those are, the step run's From tells.
func (x *pass) gathered(ctx context.Context, items []*item, units []*unit, values []any) (flow.Entry, error) {
	broken := len(units) > 0 && units[0].err != nil
	took := make([]flow.RecordID, len(units))
	for i, u := range units {
		took[i] = u.item.rec.ID
		u.result = kit.Result{Outlet: flow.Done}
	}
	e := flow.Entry{}
	var out sheaf
	for _, it := range items {
		switch {
		case it.fate == held:
			e.Passed++
		case it.fate == going && broken:
			it.fail(x.problem(units[0].err, "", it.rec.ID))
		}
		if it.fate == failed {
			x.noteFailed(&e, it, &out)
		}
	}
	all := []flow.RecordID{flow.Child(x.step.ID, took, 0)}
	for i, v := range values {
		if !broken {
			out.add(x.step.first(), flow.Record{ID: flow.Child(x.step.ID, all, i), Data: v})
		}
	}
	e.In = len(items) - e.Passed
	e.Batches = out.batches()
	return e, nil
}
