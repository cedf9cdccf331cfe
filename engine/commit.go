package engine

import (
	"context"
	"fmt"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// whole says whether the step is a barrier that looks for what is missing.
func (s *step) whole() bool { return s.kind == gathering && s.op.Whole }

// whole tells of one inside a container, where every item would be a list of its own.
func (b *planner) whole(s *step) {
	if s.whole() && len(s.around) > 0 {
		b.report(flow.Problem{
			Step: s.ID, Field: "in", Code: "not-inside",
			What: fmt.Sprintf("%s compares a whole list, and cannot stand inside of %q", s.Uses, b.plan.steps[s.around[0]].ID),
			Fix:  "put it behind the container, or into a flow of its own that is called",
		})
	}
}

// failed says whether the run would end so.
func (s State) failed(p *Plan) bool {
	state, _ := s.standing(p)
	return state == flow.RunFailed
}

// lost says whether records failed at any of these steps, so that they did not come to
// those behind.
func (s State) lost(places []int) bool {
	return slices.ContainsFunc(places, func(i int) bool { return s.steps[i].out[flow.Failed] > 0 })
}

// commit lets an operation move its own cursor, together with the fact that it was done.
func (x *pass) commit(ctx context.Context) (flow.Entry, error) {
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	cursor, err := persist(ctx, x, in.op, func(ctx context.Context, env kit.Env) (flow.Cursor, error) {
		return in.op.(kit.Committer).Commit(ctx, env)
	})
	if err != nil {
		return x.fatal(ctx, err)
	}
	var e flow.Entry
	if cursor != nil {
		e.Checkpoint, err = x.moves(ctx, x.step.ID, cursor)
	}
	return e, err
}

// stand reads the stored cursor of the step.
func (x *pass) stand(ctx context.Context) (flow.Cursor, error) {
	c, err := x.w.History.Checkpoint(ctx, x.task.run.Flow, x.task.Step)
	if err != nil {
		return nil, fmt.Errorf("read where step %q stands: %w", x.task.Step, err)
	}
	if c == nil {
		return nil, nil
	}
	return c.Cursor, nil
}
