package engine

import (
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// Plan is a flow that was checked and compiled, ready to be run any number of times.
// It never changes and is safe to share.
type Plan struct {
	flow  flow.Flow
	steps []step
	edges []edge // as the flow's
	index map[flow.StepID]int
	roots []int   // steps that no edge leads to and that are no triggers
	next  [][]int // the steps that edges lead to from each
	back  [][]int // the steps that edges lead from to each

	onArrival func(step int, a arrival) // looks on while a run is folded; nil for nobody
	onFailed  func(step int, a arrival)
}

// step is one step of a plan.
type step struct {
	flow.Step
	connector kit.Connector
	op        kit.Op
	kind      kind
	bulk      bool
	again     bool // what it gives can be computed again
	finisher  bool
	committer bool
	scope     *scope      // nil where it is no container
	around    []int       // the containers that it is in, the innermost first
	last      bool        // what leaves it are results of its container
	catcher   int         // the container whose record fails where this step's does; -1 where it rests
	join      *junction   // nil where no ways are joined
	served    flow.Rate   // how often its connection may be used
	values    flow.Values // connection, with and settings, merged
	blind     bool        // what its connection gives is not known
	mapping   *program
	order     *program // records for which it gives the same are kept in order
	evaluated []evaluated
	fillsMain string // the main field where each record fills it
	outlets   []flow.Outlet
	leaves    map[flow.Outlet][]int // the edges from each outlet, in the order of the flow
	upstream  []int                 // of a finisher: all steps that lead here, near or far
	before    []int                 // of a barrier or join: in its scope, all steps that lead here, near or far
	want      *value.Want           // of a source: what is looked at right behind it; nil is all
	behind    []int                 // of a trigger, root, source or barrier: all steps that it leads to, near or far
}

// kind says how tasks are made for a step and performed.
type kind int

const (
	acting kind = iota
	passing
	starting
	reading
	gathering
	joining
	looping
)

// edge is one edge of a plan.
type edge struct {
	flow.Edge
	from, to int
	when     *program // nil lets every record pass
}

// PlanOptions say what a flow meets on this machine and in this run.
type PlanOptions struct {
	// Connection finds a stored connection; its secrets come as kit.Secret. nil is for
	// a check where nobody knows which there are: what one would fill counts as filled.
	Connection func(name string) (connector string, values flow.Values, err error)
	// Rate is how often a stored connection may be used; nil is for no limits.
	Rate func(name string) flow.Rate
	// Set overrides settings of steps, for one run.
	Set []flow.Setting
	// Flow finds a flow that another one calls; nil is for a check where nobody knows
	// which there are.
	Flow func(name string) (flow.Flow, error)
	// Programs keeps compiled jq between plans; nil keeps none.
	Programs *Programs
	// Mask learns the secrets that steps have in their own settings; nil for none.
	Mask *kit.Mask
}

// NewPlan checks a flow in all its parts and compiles it. There is no plan where one
// of the problems is more than a warning.
func NewPlan(f flow.Flow, ops kit.Set, o PlanOptions) (*Plan, []flow.Problem) {
	b := &planner{flow: f, ops: ops, options: o}
	b.report(f.Structure()...)
	b.report(f.Unreached(func(id flow.OpID) bool { _, op, _ := ops.Op(id); return op.Trigger })...)
	b.link()
	b.checkSettings()
	for i := range b.plan.steps {
		b.step(i)
	}
	for i := range b.plan.edges {
		b.edge(i)
	}
	for i := range b.plan.steps {
		if s := &b.plan.steps[i]; s.kind == reading {
			s.want = b.plan.wants(i)
		}
	}
	b.scopes()
	for i := range b.plan.steps {
		b.calls(&b.plan.steps[i])
	}
	b.known("", "settings.on_failure", string(f.Settings.OnFailure))
	if len(Problems(b.problems).Blocking()) > 0 {
		return nil, b.problems
	}
	return &b.plan, b.problems
}

// Flow is what the plan was made of.
func (p *Plan) Flow() flow.Flow { return p.flow }

// step finds a step by its id.
func (p *Plan) step(id flow.StepID) (*step, bool) {
	i, ok := p.index[id]
	if !ok {
		return nil, false
	}
	return &p.steps[i], true
}

// lead says whether records that leave s by the outlet go on to another step.
func (s *step) lead(o flow.Outlet) bool { return len(s.leaves[o]) > 0 }

// first is the outlet that a step's own records leave by.
func (s *step) first() flow.Outlet { return s.outlets[0] }

func (s *step) leavesBy(o flow.Outlet) bool { return slices.Contains(s.outlets, o) }

// planner gathers problems while it builds a plan.
type planner struct {
	flow     flow.Flow
	ops      kit.Set
	options  PlanOptions
	plan     Plan
	problems []flow.Problem
}

func (b *planner) report(ps ...flow.Problem) { b.problems = append(b.problems, ps...) }

// link lays out steps and edges. Edges whose ends are not there are left out; Structure
// has told of them.
func (b *planner) link() {
	p := &b.plan
	p.flow = b.flow
	p.index = make(map[flow.StepID]int, len(b.flow.Steps))
	for i, s := range b.flow.Steps {
		p.steps = append(p.steps, step{Step: s, leaves: map[flow.Outlet][]int{}})
		if _, twice := p.index[s.ID]; !twice {
			p.index[s.ID] = i
		}
	}
	p.next, p.back = make([][]int, len(p.steps)), make([][]int, len(p.steps))
	for i, e := range b.flow.Edges {
		from, there := p.index[e.From]
		to, here := p.index[e.To]
		p.edges = append(p.edges, edge{Edge: e, from: from, to: to})
		if !there || !here {
			p.edges[i].from = -1
			continue
		}
		leaves := p.steps[from].leaves
		leaves[e.Leaves()] = append(leaves[e.Leaves()], i)
		p.next[from] = append(p.next[from], to)
		p.back[to] = append(p.back[to], from)
	}
	b.enclose()
}

// reach lists, ascending, all that can be got to from i.
func reach(i int, next [][]int) []int {
	seen := make([]bool, len(next))
	todo := slices.Clone(next[i])
	var all []int
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		all = append(all, n)
		todo = append(todo, next[n]...)
	}
	slices.Sort(all)
	return all
}
