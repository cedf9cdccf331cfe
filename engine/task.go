package engine

import (
	"iter"
	"slices"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Task is one thing to do in a run: a step's pass over a batch, a page of a source,
// a start, a finish. What it means follows from the plan alone.
type Task struct {
	Key   string      // names the task inside its run; equal whenever the same history is folded
	Step  flow.StepID // "" for the start of a flow without a trigger
	From  []flow.Ref  // what it takes; of a barrier Takes tells it
	Nth   int         // place in its batch of the first record to take
	Page  int         // of a source or barrier
	After flow.Cursor
	Input []any // of a start: what it gives, where that came from outside; nil for none

	run      *flow.Run
	begin    *flow.Run                    // the run, where it begins with this task
	arrange  *flow.Arrangement            // of the run's trigger, with which it begins
	place    int                          // that its step run takes in the run, if nothing comes before it
	ends     func(flow.StepRun) *flow.Run // how the run ends with its step run there; nil where it does not or nobody knows
	came     []arrival
	left     int // how many records the source may still give; -1 for all
	finish   bool
	commit   bool
	partial  bool               // of a barrier: not all has come that could have
	unsure   int                // how many of the first records may have been done before the program ended
	note     func(flow.StepRun) // is told of what the task writes before its end; nil for nobody
	resumed  bool               // the run was taken up again
	looped   looped             // of a container: what came out of its scope
	joined   joined             // of a join: how it stands
	rests    bool               // of a join: give on what found no partner
	queue    queue              // of a barrier: it takes the first assembly.all
	assembly assembly           // of a barrier
	round    int                // of a barrier
}

// Run is the run that the task belongs to.
func (t Task) Run() flow.Run { return *t.run }

// Takes yields the batches that the task takes from.
func (t Task) Takes() iter.Seq[flow.Ref] {
	return func(yield func(flow.Ref) bool) {
		for a := range t.arrivals() {
			if !yield(a.origin.ref) {
				return
			}
		}
	}
}

func (t Task) arrivals() iter.Seq[arrival] {
	if t.assembly.all > 0 {
		return t.queue.first(t.assembly.all)
	}
	return slices.Values(t.came)
}

// waitLimit is how many batches may wait behind a source, or behind a barrier that
// gives page by page, before it rests.
const waitLimit = 4

// Ready lists what can be done now, at most one task for each step. A task stays in
// the list until its step run was folded in.
func (p *Plan) Ready(s State) []Task {
	if s.fatal != nil {
		return nil
	}
	if !s.begun && s.run.Part != nil {
		return nil // what it is to begin with is not there
	}
	if !s.begun {
		return []Task{p.startTask(s)}
	}
	var tasks []Task
	for i := range p.steps {
		if t, ok := p.task(s, i); ok {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// Ended tells the state of a run in which nothing is left to do, nothing is being done
// and nothing is waited for, and why it failed if it did.
func (p *Plan) Ended(s State) (state flow.RunState, why *flow.Problem, ended bool) {
	if len(p.Ready(s)) > 0 || s.fatal == nil && s.expects() {
		return flow.Running, nil, false
	}
	state, why = s.standing(p)
	return state, why, true
}

func (p *Plan) startTask(s State) Task {
	key := startKey
	if s.run.Trigger != "" {
		key = string(s.run.Trigger) + "<"
	}
	if s.round > 0 {
		key += "~" + strconv.Itoa(s.round)
	}
	return Task{Key: key, Step: s.run.Trigger, run: s.run}
}

// task is what the step at place i does next.
func (p *Plan) task(s State, i int) (Task, bool) {
	one, me := s.steps[i], &p.steps[i]
	head, waits := one.waiting.head()
	if !waits {
		if t, ok := p.restsTask(s, i); ok {
			return t, true
		}
		if one.owes {
			return p.gatherTask(s, i)
		}
		if t, ok := p.finishTask(s, i); ok {
			return t, true
		}
		return p.commitTask(s, i)
	}
	t := Task{Step: me.ID, run: s.run, resumed: s.round > 0}
	switch me.kind {
	case gathering:
		return p.gatherTask(s, i)
	case joining:
		if me.join.policy == kit.JoinStream {
			if !s.idle(me.before) {
				return Task{}, false
			}
			if !one.joined.tidy {
				head = me.join.nextOf(one.waiting)
			}
		}
		t.joined = one.joined
		t.came, t.Nth = []arrival{head}, head.nth
	case looping:
		if !s.idle(me.scope.inside) {
			return Task{}, false
		}
		t.looped, t.round = one.looped, s.round
		t.came, t.Page = []arrival{head}, head.page
	case reading:
		if p.held(s, i) {
			return Task{}, false
		}
		t.left = -1
		if s.run.Limit > 0 {
			t.left = max(0, s.run.Limit-one.gave)
		}
		fallthrough
	default:
		t.came = []arrival{head}
		t.Nth, t.Page, t.After, t.unsure = head.nth, head.page, head.after, one.intends
	}
	t.From = []flow.Ref{head.origin.ref}
	t.Key = p.key(t)
	return t, true
}

// gatherTask is ready when nothing before the barrier can still come, and for its
// further pages whenever there is room behind it.
func (p *Plan) gatherTask(s State, i int) (Task, bool) {
	one := s.steps[i]
	t := Task{Step: p.steps[i].ID, run: s.run, queue: one.waiting, assembly: one.assembly, Page: one.assembly.page}
	switch {
	case one.broken != nil:
		return Task{}, false
	case t.assembly.all == 0:
		if !s.idle(p.steps[i].before) || p.steps[i].whole() && s.failed(p) {
			return Task{}, false
		}
		t.assembly.all = one.waiting.len
	case p.held(s, i):
		return Task{}, false
	}
	t.round = s.round
	t.partial = s.run.Limit > 0 || s.run.Part != nil || s.lost(p.steps[i].before)
	t.Key = t.gatherKey()
	return t, true
}

// gatherKey is computed from the step, the first of the batches taken, how many there
// are, the round, since what broke in the one before has that one's key, and the page.
func (t Task) gatherKey() string {
	key := string(t.Step) + "<"
	if head, some := t.queue.head(); some {
		key += string(head.appendKey(nil))
	}
	if t.assembly.all > 1 {
		key += "*" + strconv.Itoa(t.assembly.all)
	}
	if t.round > 0 {
		key += "~" + strconv.Itoa(t.round)
	}
	if t.assembly.page > 0 {
		key += "#" + strconv.Itoa(t.assembly.page)
	}
	return key
}

// finishTask is ready when nothing more can come to the step and the run can only
// end well or partial.
func (p *Plan) finishTask(s State, i int) (Task, bool) {
	if s.steps[i].finish != toFinish || s.steps[i].holds() || !s.idle(p.steps[i].upstream) {
		return Task{}, false
	}
	if state, _ := s.standing(p); state == flow.RunFailed {
		return Task{}, false
	}
	key := finishPrefix + string(p.steps[i].ID)
	if s.round > 0 {
		key += ":" + strconv.Itoa(s.round)
	}
	return Task{Key: key, Step: p.steps[i].ID, run: s.run, finish: true}, true
}

// commitTask is ready when everything else is done, and well.
func (p *Plan) commitTask(s State, i int) (Task, bool) {
	if s.steps[i].commit != toFinish || s.expects() || s.failed(p) {
		return Task{}, false
	}
	for _, one := range s.steps {
		if one.holds() || one.resting.len > 0 || one.finish == toFinish {
			return Task{}, false
		}
	}
	key := commitPrefix + string(p.steps[i].ID)
	if s.round > 0 {
		key += ":" + strconv.Itoa(s.round)
	}
	return Task{Key: key, Step: p.steps[i].ID, run: s.run, commit: true, resumed: s.round > 0}, true
}

// held says whether a source or barrier rests until more of what it gave is taken.
func (p *Plan) held(s State, i int) bool { return p.waitingBehind(s, i) >= waitLimit }

// waitingBehind counts the batches that wait behind a source. Those that wait for a
// barrier do not count: it takes them only when the source has come to its end.
func (p *Plan) waitingBehind(s State, i int) int {
	n := 0
	for _, j := range p.steps[i].behind {
		if !p.steps[j].collects() {
			n += s.steps[j].waiting.len
		}
	}
	return n
}

// key is computed from the step, the batch taken, its edge, and the place in it.
func (p *Plan) key(t Task) string {
	key := string(t.Step) + "<" + string(t.came[0].appendKey(nil))
	if t.Nth > 0 {
		key += "+" + strconv.Itoa(t.Nth)
	}
	if t.Page > 0 {
		key += "#" + strconv.Itoa(t.Page)
	}
	return key
}

func (a arrival) appendKey(b []byte) []byte {
	b = strconv.AppendInt(b, int64(a.origin.ref.Seq), 10)
	b = append(b, '.')
	b = append(b, a.origin.ref.Outlet...)
	if a.edge >= 0 {
		b = append(b, '>')
		b = strconv.AppendInt(b, int64(a.edge), 10)
	}
	return b
}
