package engine

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// finish lets an operation complete what its tasks have begun.
func (x *pass) finish(ctx context.Context) (flow.Entry, error) {
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	if err := x.permit(in.op); err != nil {
		return flow.Entry{}, err
	}
	_, err = persist(ctx, x, in.op, func(ctx context.Context, env kit.Env) (struct{}, error) {
		return struct{}{}, in.op.(kit.Finisher).Finish(ctx, env)
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
			units = append(units, &unit{item: it, rec: it.came(), done: true, result: kit.Pass(x.step.first())})
		}
	}
	return x.outcome(ctx, items, units)
}
