package engine

import (
	"context"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

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
	ids := flow.ChildrenOf(x.step.ID, []flow.RecordID{flow.Child(x.step.ID, took, 0)})
	for i, v := range values {
		if !broken {
			out.add(x.step.first(), flow.Record{ID: ids.At(i), Data: v})
		}
	}
	e.In = len(items) - e.Passed
	e.Batches = out.batches()
	return e, nil
}
