package engine

import (
	"context"
	"errors"
	"reflect"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// unit is one thing that an operation is asked to do: mostly a record as it came; for
// an operation with Each, one of the values that its mapping gave.
type unit struct {
	item   *item
	rec    flow.Record
	inputs map[string]any
	counts bool // each performance of it does
	begun  bool // it is being attempted, and how that went is not known yet
	done   bool // it was attempted, and not cut short
	result kit.Result
	err    error
	bad    *flow.Problem // why it could not be attempted
	tries  int
	key    any // of a join: what it has in common with its partners
}

func (u *unit) failed() bool { return u.done && (u.err != nil || u.bad != nil) }

// act performs the step's operation on a batch.
func (x *pass) act(ctx context.Context) (flow.Entry, error) {
	switch {
	case x.task.unsure > 0:
		return x.settleIntents(ctx)
	case x.skipped():
		return x.letPass(ctx)
	}
	items, err := x.incoming(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	if x.step.OnError == flow.StopRun {
		cutBehindFailed(items)
	}
	units := x.units(in, items)
	if x.step.op.Effect == kit.Once && !x.w.LookOnly {
		return x.careful(ctx, in, items, units)
	}
	if err := x.work(ctx, in, units); err != nil {
		return flow.Entry{}, err
	}
	return x.outcome(ctx, items, units)
}

// work performs the operation for the units, as its abilities and the step say.
func (x *pass) work(ctx context.Context, in *instance, units []*unit) error {
	switch {
	case x.manyHanded():
		return x.sideBySide(ctx, units)
	case x.step.bulk:
		return x.untilDone(ctx, in, units, x.together)
	case x.step.OnError == flow.StopRun:
		for i := range units {
			if err := x.untilDone(ctx, in, units[i:i+1], x.oneByOne); err != nil || !units[i].done || units[i].failed() {
				return err
			}
		}
		return nil
	}
	return x.untilDone(ctx, in, units, x.oneByOne)
}

// cutBehindFailed leaves untouched what comes after the first failed record.
func cutBehindFailed(items []*item) {
	for i, it := range items {
		if it.fate != failed {
			continue
		}
		for _, later := range items[i+1:] {
			later.fate = untouched
		}
		return
	}
}

// units lays out what the operation is to do, in the order of the items.
func (x *pass) units(in *instance, items []*item) []*unit {
	all := make([]unit, 0, len(items))
	main, hasMain := in.fields.Main()
	for _, it := range items {
		if it.fate != going {
			continue
		}
		switch {
		case x.step.mapping != nil && x.step.op.Each:
			parents := []flow.RecordID{it.rec.ID}
			for i, v := range it.values {
				rec := flow.Record{ID: flow.Child(x.step.ID, parents, i), Parents: parents, Data: v}
				all = append(all, x.unit(it, rec, v))
			}
		case x.step.mapping != nil:
			u := unit{item: it, rec: it.came(), inputs: it.inputs}
			if x.atOnce() && hasMain {
				u.rec.Data, u.inputs = splitMain(main, it.inputs)
			}
			all = append(all, u)
		default:
			u := x.unit(it, it.came(), it.rec.Data)
			if x.atOnce() && hasMain && x.step.fillsMain == "" {
				u.rec.Data = main.Get()
			}
			all = append(all, u)
		}
	}
	units := make([]*unit, len(all))
	for i := range all {
		units[i] = &all[i]
	}
	return units
}

// unit gives a value to the main field where records fill it. An operation that takes
// a batch at once finds the value in the record.
func (x *pass) unit(it *item, rec flow.Record, v any) unit {
	u := unit{item: it, rec: rec}
	if x.step.fillsMain != "" && !x.atOnce() {
		u.inputs = map[string]any{x.step.fillsMain: v}
	}
	return u
}

// atOnce says whether the operation takes many records together, and finds the main
// field's value in each.
func (x *pass) atOnce() bool { return x.step.bulk || x.step.kind == gathering }

// splitMain takes the main field's value out of the inputs of a record.
func splitMain(main kit.Field, inputs map[string]any) (any, map[string]any) {
	v, mapped := inputs[main.Name]
	if !mapped {
		return main.Get(), inputs
	}
	if len(inputs) == 1 {
		return v, nil
	}
	rest := make(map[string]any, len(inputs)-1)
	for name, one := range inputs {
		if name != main.Name {
			rest[name] = one
		}
	}
	return v, rest
}

// untilDone attempts the units, and those again whose failure may pass.
func (x *pass) untilDone(ctx context.Context, in *instance, todo []*unit, attempt func(context.Context, *instance, []*unit) error) error {
	for n := 1; len(todo) > 0; n++ {
		x.attempts = max(x.attempts, n)
		if err := attempt(ctx, in, todo); err != nil {
			return err
		}
		again, asked := x.worthAgain(todo, n)
		if len(again) == 0 {
			return nil
		}
		if refusal := x.refuseRetry(ctx, x.spends(again), asked); refusal != "" {
			for _, u := range again {
				u.err = withNote(u.err, refusal)
			}
			return nil
		}
		d := pause(x.step.Retry, n, asked)
		x.logRetry(again, n, d, asked)
		for _, u := range again {
			u.done, u.begun = false, false
		}
		if !x.pauseFor(ctx, d, nil) {
			return nil
		}
		todo = again
	}
	return nil
}

// worthAgain lists the units that are worth another attempt after the n-th, and the
// longest pause that a service asked for.
func (x *pass) worthAgain(units []*unit, n int) (again []*unit, asked time.Duration) {
	for _, u := range units {
		if !u.done || u.err == nil || n >= u.tries {
			continue
		}
		if f := kit.AsFailure(u.err); x.passing(f) && x.mayRepeat(u, f) {
			again = append(again, u)
			asked = max(asked, f.After)
		}
	}
	return again, asked
}

// spends is how many retries of the run another attempt at these takes: what is asked of
// the service together counts once.
func (x *pass) spends(again []*unit) int {
	if x.step.bulk {
		return 1
	}
	return len(again)
}

func (x *pass) logRetry(again []*unit, n int, d, asked time.Duration) {
	what := kit.AsFailure(again[0].err).What
	if len(again) == 1 {
		x.logPause(again[0].item.rec.ID, d, asked, "attempt %d of %d in %s: %s", n+1, again[0].tries, shortly(d), what)
		return
	}
	x.logPause("", d, asked, "attempt %d of %d with %d records in %s: %s", n+1, again[0].tries, len(again), shortly(d), what)
}

// oneByOne lets an action take each record.
func (x *pass) oneByOne(ctx context.Context, in *instance, units []*unit) error {
	for _, u := range units {
		if x.halted(ctx) {
			return nil
		}
		if !x.bind(in, u) {
			continue
		}
		if err := x.permit(in.op); err != nil {
			return err
		}
		if !x.once(ctx, in, u) {
			return nil
		}
	}
	return nil
}

// once attempts a unit, whose fields are bound, and says whether it was not cut short.
func (x *pass) once(ctx context.Context, in *instance, u *unit) bool {
	rec, op := u.rec, in.op // one that is left to itself keeps its own
	result, err := attempt(ctx, x, op, x.envFor(u), func(ctx context.Context, env kit.Env) (kit.Result, error) {
		action, ok := op.(kit.Action)
		if !ok {
			return kit.Result{}, kit.Fail(kit.Invalid, "operation %q takes no records", x.step.Uses)
		}
		return action.Run(ctx, env, rec)
	}, u)
	if err != nil && kit.AsFailure(err).Kind == kit.Hung {
		in.renew()
	} else if x.parked || errors.Is(err, errParked) || err != nil && ctx.Err() != nil {
		return false
	}
	u.done, u.result, u.err = true, result, err
	return true
}

// bind sets the operation's fields for a unit. One that does not fit has failed.
func (x *pass) bind(in *instance, u *unit) bool {
	p := in.take(u.inputs, u.item.decided)
	if p == nil {
		u.tries = x.tries(in.op)
		return true
	}
	p.Record = u.item.rec.ID
	u.done, u.bad = true, p
	return false
}

// envFor is the environment of one record: the flows that it calls are its own.
func (x *pass) envFor(u *unit) kit.Env {
	x.calling, x.calls = u, 0
	if x.env.CallTo == nil && x.w.Call != nil {
		x.env.CallTo, x.env.StartTo, x.env.ResultsOf = x.call, x.startFlow, func(ctx context.Context, id flow.RunID) ([]any, bool, error) {
			return x.w.Results(ctx, x.task.run.ID, id, u.item.from.again && !x.env.Woken && x.task.resumed)
		}
	}
	return x.env
}

func (x *pass) call(ctx context.Context, name string, data []any) ([]any, error) {
	c := Call{Run: *x.task.run, Step: x.step.ID, Record: x.calling.rec.ID, Number: x.calls, Flow: name, Data: data}
	c.Again = x.attempts > 1 || x.calling.item.from.again && x.task.resumed
	x.calls++
	var out []any
	var err error
	x.seat.rest(func() { out, err = x.w.Call(ctx, c) })
	if errors.Is(err, errParked) {
		x.parked = true
	}
	return out, err
}

// together lets a bulk operation take the units, as many at once as have the same
// inputs beside the main field.
func (x *pass) together(ctx context.Context, in *instance, units []*unit) error {
	for begin := 0; begin < len(units); {
		end := begin + 1
		for end < len(units) && alike(units[begin], units[end]) {
			end++
		}
		group := units[begin:end]
		begin = end
		if x.halted(ctx) {
			return nil
		}
		if !x.bindAll(in, group) {
			continue
		}
		if err := x.permit(in.op); err != nil {
			return err
		}
		if !x.runAll(ctx, in, group) {
			return nil
		}
	}
	return nil
}

// alike says whether two units can be taken together.
func alike(a, b *unit) bool {
	if len(a.inputs) == 0 && len(b.inputs) == 0 && len(a.item.decided) == 0 {
		return true
	}
	return reflect.DeepEqual(a.inputs, b.inputs) && reflect.DeepEqual(a.item.decided, b.item.decided)
}

func (x *pass) bindAll(in *instance, group []*unit) bool {
	if x.bind(in, group[0]) {
		for _, u := range group {
			u.tries = group[0].tries
		}
		return true
	}
	for _, u := range group[1:] {
		p := *group[0].bad
		p.Record = u.item.rec.ID
		u.done, u.bad = true, &p
	}
	return false
}

// runAll says whether the group was attempted, and not cut short.
func (x *pass) runAll(ctx context.Context, in *instance, group []*unit) bool {
	batch := make(flow.Batch, len(group))
	for i, u := range group {
		batch[i] = u.rec
	}
	bulk := in.op.(kit.Bulk)
	results, err := attempt(ctx, x, in.op, x.env, func(ctx context.Context, env kit.Env) ([]kit.Result, error) {
		return bulk.RunAll(ctx, env, batch)
	}, group...)
	hung := err != nil && kit.AsFailure(err).Kind == kit.Hung
	if hung {
		in.renew()
	} else if errors.Is(err, errParked) || err != nil && ctx.Err() != nil {
		return false
	}
	if err == nil && len(results) != len(group) {
		err = kit.Fail(kit.Unknown, "connector %q gave %d results for %d records", x.step.connector.ID, len(results), len(group)).
			Hint("tell its author")
	}
	whole := true
	for i, u := range group {
		u.done, u.err = true, err
		if err == nil {
			u.result, u.err = results[i], results[i].Err
		}
		if u.err != nil && ctx.Err() != nil && !hung {
			u.done, whole = false, false
		}
	}
	return whole
}
