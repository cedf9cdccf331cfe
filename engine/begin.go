package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

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
		Given: len(s.Input) + s.given, Part: s.part, Keys: s.keys,
	}
	if row.ID == "" {
		row.ID = l.ids.next(now)
	}
	if row.Cause == "" {
		row.Cause = manualCause
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
		if len(s.Input) > 0 {
			return r.beginWith(ctx, s.Input, s.arrange)
		}
		if err := l.writeBegin(ctx, row, s.arrange); err != nil {
			return fmt.Errorf("write the start of the run: %w", err)
		}
		l.tell(flow.Event{Kind: flow.RunChanged, Flow: row.Flow, Run: row})
		if s.bring != nil {
			if err := s.bring(ctx, r); err != nil {
				return errors.Join(err, l.fail(ctx, row, err))
			}
		}
		return nil
	})
}

// writeBegin writes a new run, with what its beginning means for its trigger.
func (l *Local) writeBegin(ctx context.Context, row flow.Run, a *flow.Arrangement) error {
	if a == nil {
		return l.options.History.Begin(ctx, row)
	}
	a.Run = &row
	return l.options.History.Arrange(ctx, *a)
}

// beginWith writes a new run together with the records that came from outside, and what
// that means for its trigger, so that none is ever there without the others.
func (r *live) beginWith(ctx context.Context, input []any, a *flow.Arrangement) error {
	t := r.plan.startTask(r.state)
	t.Input, t.begin, t.arrange = input, &r.row, a
	done, err := r.local.worker.Do(ctx, r.plan, t)
	if err != nil {
		return fmt.Errorf("write the start of the run with its records: %w", err)
	}
	r.local.tell(flow.Event{Kind: flow.RunChanged, Flow: r.row.Flow, Run: r.row})
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
		_, follows := op.(kit.Follower)
		if !listens && !timed && !follows && !s.Off {
			return s.ID
		}
		if first == "" {
			first = s.ID
		}
	}
	return first
}

// inputLost is the code of a replay whose records were not all there when the program
// ended.
const inputLost flow.Code = "input-lost"

// Why a run is not taken up.
const (
	goingOn  flow.Code = "running"
	hasEnded flow.Code = "ended"
)

func stillGoingOn(id flow.RunID) Problems {
	return Problems{{Code: goingOn, What: fmt.Sprintf("run %s is still going on", id), Fix: "wait for its end or stop it"}}
}

func isCode(err error, code flow.Code) bool {
	var ps Problems
	return errors.As(err, &ps) && len(ps) > 0 && ps[0].Code == code
}

// takeUp goes on with a run that is in the history, by the version of the flow that find
// gives; with resume also where it has ended. Of several that want to take a run up at the
// same time one does, and how the run stands is read behind that door.
func (l *Local) takeUp(ctx context.Context, id flow.RunID, k kinship, resume bool, find func(context.Context, flow.Run) (flow.Flow, error)) (*live, error) {
	l.answering.Lock() // what is answered from here on finds the run going on
	defer l.answering.Unlock()
	if l.running(id) != nil {
		return nil, stillGoingOn(id)
	}
	row, err := l.options.History.Run(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case resume && row.State == flow.RunDone:
		return nil, Problems{{Code: "nothing-left", What: fmt.Sprintf("run %s did everything; nothing is left to resume", id), Fix: "start the flow anew"}}
	case !resume && row.State.Ended():
		return nil, Problems{{Code: hasEnded, What: fmt.Sprintf("run %s has ended already", id), Fix: "resume it"}}
	}
	if resume {
		row.GivenUp = false
	}
	return l.takeUpBy(ctx, row, k, resume, find)
}

// takeUpBy goes on once nothing is answered meanwhile.
func (l *Local) takeUpBy(ctx context.Context, row flow.Run, k kinship, resume bool, find func(context.Context, flow.Run) (flow.Flow, error)) (*live, error) {
	f, err := find(ctx, row)
	if err != nil {
		return nil, err
	}
	p, err := l.plan(ctx, f, row.Set)
	if err != nil {
		return nil, err
	}
	was := row.Version
	row.Version = f.Version
	r := &live{local: l, id: row.ID, plan: p, from: row.Trigger, row: row, chain: append(k.chain[:len(k.chain):len(k.chain)], f.ID)}
	if k.chain == nil {
		r.chain = append(l.callers(ctx, row), f.ID)
	}
	if r.state, err = l.fold(ctx, p, row); err != nil {
		return nil, err
	}
	if _, mid := p.midway(r.state); mid && row.Version != was {
		row.Version = was
		return l.takeUpBy(ctx, row, k, resume, l.began)
	}
	if row.Part != nil && !r.state.begun {
		return nil, kit.Fail(inputLost, "the program ended before the %d records that it was to begin with were copied, so nothing of it was done", row.Given).
			Hint("replay run %s again", row.Of)
	}
	return r, l.admit(r, func() error {
		if !resume {
			l.tell(flow.Event{Kind: flow.RunChanged, Flow: row.Flow, Run: row})
			return nil
		}
		return r.mark(ctx, was)
	})
}

// mark writes that the run, which had the version was, is taken up again, and what that
// means for its state.
func (r *live) mark(ctx context.Context, was int) error {
	h := r.local.options.History
	now := time.Now()
	e := flow.Entry{StepRun: flow.StepRun{Run: r.id, Key: resumePrefix + strconv.Itoa(r.state.round+1), Edge: -1, Attempt: 1, Started: now}}
	if r.row.Version != was {
		e.Log = []flow.LogLine{{Time: now, Level: flow.Info, Text: fmt.Sprintf("goes on with version %d of the flow, after version %d", r.row.Version, was)}}
	}
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
		return stillGoingOn(r.id)
	}
	var ctx context.Context
	ctx, r.stop = context.WithCancelCause(context.Background())
	now := r.state
	r.shown.Store(&now) // so that nobody takes it for one that does not go on here
	r.ended, r.inbox, r.poke = make(chan struct{}), make(chan result), make(chan struct{}, 1)
	l.live[r.id] = r
	l.work.Add(1)
	l.mu.Unlock()
	leave := func() {
		for _, page := range l.worker.ahead.forget(r.id) {
			page.forget()
		}
		for _, h := range l.worker.halls.forget(r.id) {
			h.leave()
		}
		l.mu.Lock()
		delete(l.live, r.id)
		l.tellWaiting(r)
		l.mu.Unlock()
		l.worker.families.forget(r.id)
		l.worker.tables.forget(r.id)
		l.worker.rounds.forget(r.id)
		l.worker.parts.forget(r.id)
		l.worker.budgets.forget(r.id)
		r.stop(nil)
		close(r.ended)
		l.quieter()
		l.work.Done()
	}
	if err := first(); err != nil || r.row.State.Ended() {
		r.err = err
		leave()
		return err
	}
	r.lineUp()
	go func() {
		defer leave()
		defer func() { r.turn.leave() }()
		v, goOn := r.await(ctx)
		if goOn {
			v = r.loop(ctx)
		}
		r.err = r.end(v)
	}()
	return nil
}
