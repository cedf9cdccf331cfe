package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// live is a run while it goes on. Its loop alone touches state; row and err may be
// read once ended is closed.
type live struct {
	local *Local
	id    flow.RunID
	plan  *Plan
	from  flow.StepID // the trigger
	chain []flow.ID   // the flow, behind those that called it
	stop  context.CancelCauseFunc
	ended chan struct{}
	state State
	row   flow.Run
	err   error
}

// kinship is what a run that was called by another has from it.
type kinship struct {
	id    flow.RunID // of the new run; "" where nobody called
	of    flow.RunID
	chain []flow.ID
}

// begin writes a new run and lets it go.
func (l *Local) begin(ctx context.Context, f flow.Flow, s Start, k kinship) (*live, error) {
	p, err := l.plan(ctx, f, s.Set)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	row := flow.Run{
		ID: k.id, Flow: f.ID, Name: f.Name, Version: f.Version, Dir: l.dir(f), Trigger: s.Trigger, Cause: s.Cause,
		Of: cmp.Or(k.of, s.Of), Slot: s.Slot, Set: s.Set, Limit: s.Limit, State: flow.Running, Started: now,
		Given: len(s.Input), // so that a run whose input was lost in a crash is known
	}
	if row.ID == "" {
		row.ID = l.ids.next(now)
	}
	if row.Cause == "" {
		row.Cause = "manual"
	}
	if row.Trigger == "" {
		row.Trigger = p.trigger()
	}
	if s.Input != nil && len(s.Input) == 0 {
		row.State, row.Ended = flow.RunDone, now // nothing to start with is nothing to do
	}
	r := &live{local: l, id: row.ID, plan: p, from: row.Trigger, chain: append(k.chain[:len(k.chain):len(k.chain)], f.ID), row: row}
	if r.state, err = p.Start(row); err != nil {
		return nil, err
	}
	return r, l.admit(r, func() error {
		if err := l.options.History.Begin(ctx, row); err != nil {
			return fmt.Errorf("write the start of the run: %w", err)
		}
		l.tell(flow.Event{Kind: flow.RunChanged, Flow: row.Flow, Run: row})
		if s.Input == nil {
			return nil
		}
		return r.takeInput(ctx, s.Input)
	})
}

// takeInput performs the start of a run that got its records from outside, so that
// they are on disk before anybody hears that the run has started.
func (r *live) takeInput(ctx context.Context, input []any) error {
	t := r.plan.startTask(r.state)
	t.Input = input
	done, err := r.local.worker.Do(ctx, r.plan, t)
	if err != nil {
		err = fmt.Errorf("take the records to start with: %w", err)
		return errors.Join(err, r.local.giveUp(ctx, r.row, err))
	}
	r.state = r.plan.After(r.state, done)
	return nil
}

// trigger is the one that a start by hand takes: one that waits for nothing, or else
// the first.
func (p *Plan) trigger() flow.StepID {
	first := flow.StepID("")
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind != starting {
			continue
		}
		op := s.op.New()
		_, listens := op.(kit.Listener)
		_, timed := op.(kit.Scheduled)
		if !listens && !timed && !s.Off {
			return s.ID
		}
		if first == "" {
			first = s.ID
		}
	}
	return first
}

// takeUp goes on with a run that is in the history.
func (l *Local) takeUp(ctx context.Context, row flow.Run, k kinship, resume bool) (*live, error) {
	f, err := l.options.Flows(ctx, row.Flow, row.Version)
	if err != nil {
		return nil, fmt.Errorf("find version %d of flow %q: %w", row.Version, row.Flow, err)
	}
	p, err := l.plan(ctx, f, row.Set)
	if err != nil {
		return nil, err
	}
	r := &live{local: l, id: row.ID, plan: p, from: row.Trigger, row: row, chain: append(k.chain[:len(k.chain):len(k.chain)], f.ID)}
	if k.chain == nil {
		r.chain = append(l.callers(ctx, row), f.ID)
	}
	if r.state, err = l.fold(ctx, p, row); err != nil {
		return nil, err
	}
	if !r.state.begun && r.state.next == 0 && row.Given > 0 {
		return nil, kit.Fail("input-lost", "the program ended before the %d records that it was to start with were safe, so nothing of it was done", row.Given).
			Hint("start the flow again with them")
	}
	return r, l.admit(r, func() error {
		if !resume {
			l.tell(flow.Event{Kind: flow.RunChanged, Flow: row.Flow, Run: row})
			return nil
		}
		return r.mark(ctx)
	})
}

// mark writes that the run is taken up again, and what that means for its state.
func (r *live) mark(ctx context.Context) error {
	h := r.local.options.History
	now := time.Now()
	e := flow.Entry{StepRun: flow.StepRun{Run: r.id, Key: resumePrefix + strconv.Itoa(r.state.round+1), Edge: -1, Attempt: 1, Started: now}}
	seq, err := h.Append(ctx, e)
	if err != nil {
		return fmt.Errorf("write that run %s is resumed: %w", r.id, err)
	}
	e.Seq = seq
	r.state = r.plan.After(r.state, e.StepRun)
	r.row.State, r.row.Ended, r.row.Problem = flow.Running, time.Time{}, nil
	r.row.Resumed++
	return r.local.update(ctx, r.row)
}

func (l *Local) fold(ctx context.Context, p *Plan, row flow.Run) (State, error) {
	s, err := p.Start(row)
	if err != nil {
		return s, err
	}
	for r, err := range l.options.History.StepRuns(ctx, row.ID) {
		if err != nil {
			return s, fmt.Errorf("read what run %s did: %w", row.ID, err)
		}
		s = p.After(s, r)
	}
	return s, nil
}

// admit lets a run in, performs what comes before its loop, and starts that.
func (l *Local) admit(r *live, first func() error) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return errParked
	}
	if l.live[r.id] != nil {
		l.mu.Unlock()
		return Problems{{Code: "running", What: fmt.Sprintf("run %s is still going on", r.id), Fix: "wait for its end or stop it"}}
	}
	var ctx context.Context
	ctx, r.stop = context.WithCancelCause(context.Background())
	r.ended = make(chan struct{})
	l.live[r.id] = r
	l.work.Add(1)
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		delete(l.live, r.id)
		l.mu.Unlock()
		l.worker.recent.forget(r.id)
		l.worker.families.forget(r.id)
		r.stop(nil)
		close(r.ended)
		l.work.Done()
	}
	if err := first(); err != nil || r.row.State.Ended() {
		r.err = err
		leave()
		return err
	}
	go func() {
		defer leave()
		r.err = r.end(r.loop(ctx))
	}()
	return nil
}

// verdict is how a loop came to its end.
type verdict struct {
	state   flow.RunState // flow.Running where the run goes on another time
	problem *flow.Problem
}

var errTooLong = errors.New("the run took too long")

// loop performs the tasks of the run, side by side, until nothing is left to do.
func (r *live) loop(ctx context.Context) (v verdict) {
	defer func() {
		if bad := recover(); bad != nil {
			v = r.brokeDown(bad)
		}
	}()
	if t := r.plan.flow.Settings.Timeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, t, errTooLong)
		defer cancel()
	}
	trouble := r.perform(ctx)
	if state, why, ended := r.plan.Ended(r.state); ended {
		return verdict{state, why}
	}
	switch cause := context.Cause(ctx); {
	case trouble != nil:
		p := kit.AsFailure(trouble).Problem("", "")
		return verdict{flow.RunFailed, &p}
	case errors.Is(cause, errStopped):
		return verdict{state: flow.RunStopped}
	case errors.Is(cause, errTooLong):
		return verdict{flow.RunFailed, &flow.Problem{Code: kit.TimedOut, What: fmt.Sprintf("the run took longer than %s", r.plan.flow.Settings.Timeout),
			Fix: "raise the flow's time-out, or see which step is slow; resume goes on where it was"}}
	}
	return verdict{state: flow.Running}
}

// result is what became of one task.
type result struct {
	task Task
	done flow.StepRun
	err  error
}

// perform keeps one task of each step going. It gives the trouble because of which
// the run cannot go on; what was to end has left the rest undone and is none.
func (r *live) perform(ctx context.Context) (trouble error) {
	results := make(chan result, len(r.plan.steps)+1)
	busy := map[flow.StepID]bool{}
	early := map[int]result{}
	resting := false
	for {
		if trouble == nil && !resting && ctx.Err() == nil {
			for _, t := range r.plan.Ready(r.state) {
				if !busy[t.Step] {
					busy[t.Step] = true
					go r.do(ctx, t, results)
				}
			}
		}
		if len(busy) == 0 {
			return trouble
		}
		got := <-results
		switch {
		case got.err == nil && got.done.Seq < r.state.next:
			trouble = errors.Join(trouble, fmt.Errorf("the history put the result of %q at place %d, which is taken", got.task.Key, got.done.Seq))
			delete(busy, got.task.Step)
		case got.err == nil:
			early[got.done.Seq] = got
		case errors.Is(got.err, errParked) || ctx.Err() != nil:
			resting = true
			delete(busy, got.task.Step)
		default:
			trouble = errors.Join(trouble, got.err)
			delete(busy, got.task.Step)
		}
		// Folded in the order of the history, so that a recovery comes to the same state.
		for next, ok := early[r.state.next]; ok; next, ok = early[r.state.next] {
			delete(early, next.done.Seq)
			r.state = r.plan.After(r.state, next.done)
			delete(busy, next.task.Step)
		}
	}
}

// do performs one task when a worker is free.
func (r *live) do(ctx context.Context, t Task, results chan<- result) {
	got := result{task: t}
	defer func() {
		if bad := recover(); bad != nil {
			got.err = fmt.Errorf("step %q: %s", t.Step, *r.brokeDown(bad).problem)
		}
		results <- got
	}()
	select {
	case r.local.slots <- struct{}{}:
		defer func() { <-r.local.slots }()
	case <-r.local.quit:
		got.err = errParked
		return
	case <-ctx.Done():
		got.err = context.Cause(ctx)
		return
	}
	got.done, got.err = r.local.worker.Do(ctx, r.plan, t)
}

// brokeDown fails the run, and not the program, where the engine itself has a fault.
func (r *live) brokeDown(bad any) verdict {
	r.local.tell(flow.Event{Kind: flow.Logged, Flow: r.row.Flow, Run: flow.Run{ID: r.id},
		Line: flow.LogLine{Time: time.Now(), Level: flow.Error, Text: fmt.Sprintf("%v\n%s", bad, debug.Stack())}})
	return verdict{flow.RunFailed, &flow.Problem{Code: kit.Unknown, What: fmt.Sprintf("the engine broke down: %v", bad),
		Fix: "report this; other runs are not touched"}}
}

// end writes how the run ended. A run that goes on another time is left as it is.
func (r *live) end(v verdict) error {
	if v.state == flow.Running {
		return errParked
	}
	r.row.State, r.row.Problem, r.row.Ended = v.state, v.problem, time.Now()
	r.row.Given, r.row.Failures = r.state.Given(r.plan), r.state.Failures()
	if err := r.local.update(context.Background(), r.row); err != nil {
		r.local.trouble(r.row.Flow, "run %s ended as %s, and that could not be written: %v", r.id, v.state, err)
		return err
	}
	return nil
}
