package engine

import (
	"context"
	"slices"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// plans keeps the plans of versions of flows, so that a flow that starts a thousand
// times a second is planned once. A plan with settings of one run, or with the values of
// a connection, which may change, is made each time, and so is one of other connectors.
type plans struct {
	mu    sync.Mutex
	known map[planned]*Plan
}

type planned struct {
	flow    flow.ID
	version int
	path    string
	set     *kit.Connector // the first one of the set that it was planned with
}

// plansLimit is how many are kept. When there are more, all are let go.
const plansLimit = 256

// of gives the plan of a version, or has it made.
func (c *plans) of(f flow.Flow, ops kit.Set, set []flow.Setting, plan func() (*Plan, []flow.Problem)) (*Plan, error) {
	lasts := len(ops) > 0 && f.ID != "" && f.Version > 0 && len(set) == 0 && !slices.ContainsFunc(f.Steps, func(s flow.Step) bool { return s.Connection != "" })
	key := planned{flow: f.ID, version: f.Version, path: f.Path}
	if lasts {
		key.set = &ops[0]
		c.mu.Lock()
		p := c.known[key]
		c.mu.Unlock()
		if p != nil {
			return p, nil
		}
	}
	p, problems := plan()
	if p == nil {
		return nil, Problems(problems).Blocking()
	}
	if lasts {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.known == nil || len(c.known) >= plansLimit {
			c.known = map[planned]*Plan{}
		}
		c.known[key] = p
	}
	return p, nil
}

// plan checks and compiles a flow as it is on this machine, for one run.
func (l *Local) plan(ctx context.Context, f flow.Flow, set []flow.Setting) (*Plan, error) {
	ops := l.options.Ops.Now()
	return l.plans.of(f, ops, set, func() (*Plan, []flow.Problem) {
		o := PlanOptions{Set: set, Connection: finder(ctx, l.options.Connection), Programs: &l.programs, Mask: l.options.Mask}
		if l.options.Rate != nil {
			o.Rate = func(name string) flow.Rate { return l.options.Rate(ctx, name) }
		}
		return NewPlan(f, ops, o)
	})
}

// planWithout plans a flow whose connections do not matter and may be gone.
func (l *Local) planWithout(f flow.Flow, set []flow.Setting) (*Plan, error) {
	ops := l.options.Ops.Now()
	return l.plans.of(f, ops, set, func() (*Plan, []flow.Problem) {
		return NewPlan(f, ops, PlanOptions{Set: set, Programs: &l.programs, Mask: l.options.Mask})
	})
}
