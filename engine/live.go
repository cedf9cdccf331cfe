package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
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
	turn  *turn // in the line of its flow
	state State
	row   flow.Run
	err   error

	rest      atomic.Bool            // it only waits
	inbox     chan result            // what others have put into the history for the run
	shown     atomic.Pointer[State]  // how it stands, for others to read
	said      map[string]flow.Answer // what was answered since it goes on here; Local.answering guards it
	poke      chan struct{}          // told when a run that it may wait for has ended
	over      map[flow.RunID]bool    // runs that it waits for and that have ended
	reminding <-chan struct{}        // closed once questions that were due are answered
	asked     bool                   // questions have come or gone that nobody was told of
	folded    []chan struct{}        // of those who wait until others see their answers
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
	r.local.worker.budgets.open(r.id, retryBudget(r.plan.flow.Settings)-r.state.spent)
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
		return verdict{flow.RunFailed, &flow.Problem{
			Code: kit.TimedOut, What: fmt.Sprintf("the run took longer than %s", r.plan.flow.Settings.Timeout),
			Fix: "raise the flow's time-out, or see which step is slow; resume goes on where it was",
		}}
	}
	return verdict{state: flow.Running}
}

// result is what became of one task, or, aside from any, what else is in the history.
type result struct {
	task  Task
	done  flow.StepRun
	err   error
	aside bool
	end   *flow.Run // how the run ended with it, where that was written with it

	folded chan struct{} // closed once others see what came of it; nil where nobody waits
}

// perform keeps one task of each step going. It gives the trouble because of which
// the run cannot go on; what was to end has left the rest undone and is none.
func (r *live) perform(ctx context.Context) (trouble error) {
	results := make(chan result, len(r.plan.steps)+1)
	busy := map[flow.StepID]bool{}
	early := map[int]result{}
	resting, held := false, false
	waits := gauge{plan: r.plan, tell: func(p flow.Pressure) {
		r.local.tell(flow.Event{Kind: flow.PressureChanged, Flow: r.row.Flow, Run: flow.Run{ID: r.id}, Pressure: p})
	}}
	defer waits.close()
	for {
		var alarm time.Time
		if trouble == nil && !resting && ctx.Err() == nil {
			ready := append(r.due(ctx), r.plan.Ready(r.state)...)
			for _, t := range ready {
				if !busy[t.Step] {
					busy[t.Step] = true
					// What show is still to write of the run would be written over its end.
					if len(ready) == 1 && len(busy) == 1 && r.row.Questions == r.state.asks() {
						t.place, t.ends = r.state.next, r.ending()
					}
					go r.do(ctx, t, results)
				}
			}
			alarm = r.alarm(busy)
		}
		r.show(len(busy) == 0)
		if len(busy) == 0 && (trouble != nil || resting || !r.rests(ctx)) {
			return trouble
		}
		if len(busy) == 0 && held { // it may rest for long; what cannot be written now is written with what comes
			_ = r.local.worker.onDisk(ctx, r.id)
			held = false
		}
		got, ok := r.next(ctx, results, len(busy) == 0, alarm)
		if !ok {
			continue
		}
		switch {
		case got.err == nil && got.done.Seq < r.state.next && got.aside:
			trouble = errors.Join(trouble, fmt.Errorf("the history put an answer at place %d, which is taken", got.done.Seq))
		case got.err == nil && got.done.Seq < r.state.next:
			trouble = errors.Join(trouble, fmt.Errorf("the history put the result of %q at place %d, which is taken", got.task.Key, got.done.Seq))
			delete(busy, got.task.Step)
		case got.err == nil:
			early[got.done.Seq] = got
		case errors.Is(got.err, errParked) || ctx.Err() != nil:
			resting = true
			delete(busy, got.task.Step)
		default:
			if trouble == nil {
				trouble = got.err // what follows it says the same, of other steps
			}
			delete(busy, got.task.Step)
		}
		// Folded in the order of the history, so that a recovery comes to the same state.
		for next, ok := early[r.state.next]; ok; next, ok = early[r.state.next] {
			delete(early, next.done.Seq)
			r.state = r.plan.After(r.state, next.done)
			waits.note(r.state)
			held = held || next.done.Computed
			r.asked = r.asked || next.done.Mark == flow.Answered || next.done.Out[flow.Waiting] > 0
			if next.folded != nil {
				r.folded = append(r.folded, next.folded)
			}
			if next.end != nil {
				r.row = *next.end
			}
			if !next.aside {
				delete(busy, next.task.Step)
			}
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
	seat, err := sit(ctx, r.local.slots, r.local.quit)
	if err != nil {
		got.err = err
		return
	}
	defer seat.leave()
	t.note = func(e flow.StepRun) { results <- result{task: t, done: e, aside: true} }
	if ends := t.ends; ends != nil {
		t.ends = func(done flow.StepRun) *flow.Run {
			got.end = ends(done)
			return got.end
		}
	}
	got.done, got.err = r.local.worker.do(ctx, r.plan, t, seat)
	if got.err != nil || got.done.Seq != t.place {
		got.end = nil
	}
}

// brokeDown fails the run, and not the program, where the engine itself has a fault.
func (r *live) brokeDown(bad any) verdict {
	r.local.tell(flow.Event{
		Kind: flow.Logged, Flow: r.row.Flow, Run: flow.Run{ID: r.id},
		Line: flow.LogLine{Time: time.Now(), Level: flow.Error, Text: fmt.Sprintf("%v\n%s", bad, debug.Stack())},
	})
	return verdict{flow.RunFailed, &flow.Problem{
		Code: kit.Unknown, What: fmt.Sprintf("the engine broke down: %v", bad),
		Fix: "report this; other runs are not touched",
	}}
}

// end writes how the run ended. A run that goes on another time is left as it is.
func (r *live) end(v verdict) error {
	if v.state == flow.Running {
		_ = r.local.worker.onDisk(context.Background(), r.id) // what cannot be written is done again
		return errParked
	}
	if r.row.State.Ended() { // its last step run brought that, and it is written
		r.local.tell(flow.Event{Kind: flow.RunChanged, Flow: r.row.Flow, Run: r.row})
		return nil
	}
	r.state = r.local.worker.settle(context.Background(), r.plan, r.state)
	r.row = r.plan.ended(r.row, r.state, v)
	if err := r.local.report(context.Background(), r.plan.flow, r.row); err != nil {
		return err
	}
	if err := r.local.update(context.Background(), r.row); err != nil {
		r.local.trouble(r.row.Flow, "run %s ended as %s, and that could not be written: %v", r.id, v.state, err)
		return err
	}
	return nil
}

// ended is the row of a run that has come to an end in a state.
func (p *Plan) ended(row flow.Run, s State, v verdict) flow.Run {
	row.State, row.Problem, row.Ended = v.state, v.problem, lastly(row)
	row.Questions, row.Wakes = s.asks(), time.Time{}
	row.Given, row.Failures, row.Queued = s.Given(p), s.Failures(), false
	return row
}

// ending tells of a task, beside which nothing is done, how the run ends with it. So
// the last step run of a run and its end are one write.
func (r *live) ending() func(flow.StepRun) *flow.Run {
	s, row, p := r.state, r.row, r.plan
	return func(done flow.StepRun) *flow.Run {
		done.Seq = s.next
		after := p.After(s, done)
		state, why, ended := p.Ended(after)
		if !ended || after.intends() {
			return nil
		}
		row = p.ended(row, after, verdict{state, why})
		if r.local.toBeToldBefore(p.flow, row) {
			return nil
		}
		return &row
	}
}

// intends says whether some step was about to do something of which nobody knows
// whether it was done.
func (s State) intends() bool {
	return slices.ContainsFunc(s.steps, func(one *progress) bool { return one.intends > 0 })
}

// toBeToldBefore says whether somebody has to know of a run's end before it is written.
func (l *Local) toBeToldBefore(f flow.Flow, row flow.Run) bool {
	return row.State != flow.RunDone && f.Settings.OnFailure != "" || l.followAll(context.Background()) != nil || len(l.followersOf(row)) > 0
}
