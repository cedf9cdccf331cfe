package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// enabled is a flow whose triggers are live.
type enabled struct {
	local  *Local
	flow   flow.Flow
	anew   bool // slots before now do not count
	cancel context.CancelFunc
	work   sync.WaitGroup
	pokes  map[flow.StepID]chan struct{} // wakes a trigger, of which something has changed

	mu       sync.Mutex
	planned  map[flow.StepID]bool // somebody else has planned something for it
	troubles map[flow.StepID]flow.Problem
}

// Enable makes the triggers of a flow live: its listeners listen and its schedules
// fire. A flow that was enabled before, in this or an earlier life of the program, goes
// on with this version of it, and deals with the slots that it missed.
func (l *Local) Enable(ctx context.Context, f flow.Flow) error { return l.enable(ctx, f, false) }

// EnableAnew is Enable for a flow whose triggers were to rest: slots that passed in
// that time are nobody's.
func (l *Local) EnableAnew(ctx context.Context, f flow.Flow) error { return l.enable(ctx, f, true) }

func (l *Local) enable(ctx context.Context, f flow.Flow, anew bool) error {
	p, err := l.plan(ctx, f, nil)
	if err != nil {
		return err
	}
	l.silence(f.ID)
	if anew {
		if err := l.forgetEvents(ctx, f, p); err != nil {
			return err
		}
	}
	l.follow(f)
	e := newEnabled(l, f, p, anew)
	live, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.enabled[f.ID] != nil {
		cancel()
		return Problems{{Code: "busy", What: fmt.Sprintf("the triggers of %q cannot be made live now", f.Name), Fix: "try again"}}
	}
	l.enabled[f.ID] = e
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind != starting || s.Off {
			continue
		}
		in, err := bound(s)
		if err != nil {
			continue // the plan was checked
		}
		e.makeLive(live, s, in.op)
	}
	return nil
}

// makeLive has a trigger start runs until ctx ends.
func (e *enabled) makeLive(ctx context.Context, s *step, op kit.Operation) {
	switch op := op.(type) {
	case kit.Listener:
		if g := gatheringOf(op); g.Quiet > 0 {
			e.work.Go(func() { (&inbox{e: e, step: s, gather: g}).keep(ctx) })
		}
		e.work.Go(func() { e.listen(ctx, s, op) })
	case kit.Scheduled:
		e.work.Go(func() { e.keepTime(ctx, s, op.Schedule()) })
	case kit.Follower:
		e.work.Go(func() { (&inbox{e: e, step: s}).keep(ctx) })
	}
}

func gatheringOf(op kit.Operation) kit.Gathering {
	if gathers, ok := op.(kit.Gatherer); ok {
		return gathers.Gathers()
	}
	return kit.Gathering{}
}

// forgetEvents lets what listeners remember go, and events that have no run yet: what
// happened while the flow was to rest is nobody's.
func (l *Local) forgetEvents(ctx context.Context, f flow.Flow, p *Plan) error {
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind != starting {
			continue
		}
		at, err := l.options.History.Standing(ctx, f.ID, s.ID)
		if err != nil {
			return err
		}
		a := flow.Arrangement{Flow: f.ID, Step: s.ID}
		if _, timed := s.op.New().(kit.Scheduled); !timed && at.Mark != nil {
			a.Mark = flow.Cursor("null")
		}
		for _, one := range at.Planned {
			if one.Why == flow.Happened {
				a.Drop = append(a.Drop, one.Key)
			}
		}
		if a.Mark == nil && a.Drop == nil {
			continue
		}
		if err := l.options.History.Arrange(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func newEnabled(l *Local, f flow.Flow, p *Plan, anew bool) *enabled {
	e := &enabled{
		local: l, flow: f, anew: anew, pokes: map[flow.StepID]chan struct{}{},
		planned: map[flow.StepID]bool{}, troubles: map[flow.StepID]flow.Problem{},
	}
	for i := range p.steps {
		e.pokes[p.steps[i].ID] = make(chan struct{}, 1)
	}
	return e
}

// Disable lets the triggers of a flow rest. Its runs go on.
func (l *Local) Disable(id flow.ID) error {
	l.unfollow(id)
	l.silence(id)
	return nil
}

func (l *Local) silence(id flow.ID) {
	l.mu.Lock()
	e := l.enabled[id]
	delete(l.enabled, id)
	l.mu.Unlock()
	if e != nil {
		e.cancel()
		e.work.Wait()
	}
}

// poke wakes a trigger.
func (e *enabled) poke(s flow.StepID) {
	select {
	case e.pokes[s] <- struct{}{}:
	default: // it was woken already
	}
}

// news tells a trigger that somebody else has planned something for it.
func (e *enabled) news(s flow.StepID) {
	e.lookAgain(s)
	e.poke(s)
}

// lookAgain has a trigger read what is planned for it when it looks the next time.
func (e *enabled) lookAgain(s flow.StepID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.planned[s] = true
}

// takeNews says whether there were news since it was asked last.
func (e *enabled) takeNews(s flow.StepID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	came := e.planned[s]
	delete(e.planned, s)
	return came
}

// ill notes why a trigger does not do what it is there for, and tells it once, however
// its words change from one attempt to the next.
func (e *enabled) ill(s *step, what string, err error) {
	p := kit.AsFailure(err).Problem(s.ID, "")
	e.mu.Lock()
	was, told := e.troubles[s.ID]
	maskProblem(e.local.options.Mask, &p)
	e.troubles[s.ID] = p
	e.mu.Unlock()
	if told && was.Code == p.Code && was.Field == p.Field && (p.Code != kit.Unknown || was.What == p.What) {
		return
	}
	text := p.What
	if p.Fix != "" {
		text += "; " + p.Fix
	}
	e.local.trouble(e.flow.ID, "trigger %q of %q %s: %s", s.Label(), e.flow.Name, what, text)
}

// well notes that a trigger does what it is there for.
func (e *enabled) well(s *step) {
	e.mu.Lock()
	_, was := e.troubles[s.ID]
	delete(e.troubles, s.ID)
	e.mu.Unlock()
	if was {
		e.env(s).Log(flow.Info, "", "is well again")
	}
}

// trouble is why a trigger does not do what it is there for; nil where it does.
func (e *enabled) trouble(s flow.StepID) *flow.Problem {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ill := e.troubles[s]; ill {
		return &p
	}
	return nil
}

// listen keeps a listener listening. One that gives up is called again, after a pause
// that grows while it does not last.
func (e *enabled) listen(ctx context.Context, s *step, listener kit.Listener) {
	for n := 1; ; n++ {
		began := time.Now()
		lasts := time.AfterFunc(settled, func() { e.well(s) })
		err := e.listenOnce(ctx, s, listener)
		lasts.Stop()
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("it ended without being asked to")
		}
		if time.Since(began) > time.Minute {
			n = 1
		}
		e.ill(s, "does not listen", err)
		if !rest(ctx, pause(flow.Retry{}, n, kit.AsFailure(err).After)) {
			return
		}
	}
}

// settled is how long a listener has listened when it is believed to be well.
const settled = 2 * time.Second

func (e *enabled) listenOnce(ctx context.Context, s *step, listener kit.Listener) (err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = kit.Fail(kit.Unknown, "connector %q broke down: %v\n%s", s.connector.ID, bad, debug.Stack())
		}
	}()
	gather := gatheringOf(listener)
	return listener.Listen(ctx, e.env(s), func(ctx context.Context, event kit.Event) (kit.Receipt, error) {
		return e.take(ctx, s, gather, event)
	})
}

// start starts a run of the version that is enabled.
func (e *enabled) start(ctx context.Context, s Start) (kit.Receipt, error) {
	r, err := e.local.begin(ctx, e.flow, s, kinship{})
	if err != nil {
		return kit.Receipt{}, err
	}
	return kit.Receipt{Run: r.id, Wait: r.wait}, nil
}

// wait returns when the run has ended.
func (r *live) wait(ctx context.Context) (flow.Run, error) {
	select {
	case <-r.ended:
		return r.row, r.err
	case <-ctx.Done():
		return flow.Run{}, context.Cause(ctx)
	}
}

// env is what a listener works in. Its warnings are trouble of the flow, because there
// is no run whose log they could stand in; its other lines are told without a run.
func (e *enabled) env(s *step) kit.Env {
	var tokens *kit.Tokens
	if of := e.local.options.Tokens; of != nil && s.Connection != "" {
		tokens = of(s.Connection)
	}
	return kit.Env{
		Tokens: tokens,
		Flow:   e.flow.ID, Name: e.flow.Name, Step: s.ID, Started: time.Now(), Dir: e.local.dir(e.flow),
		Marked: func(ctx context.Context) (flow.Cursor, error) {
			at, err := e.local.options.History.Standing(ctx, e.flow.ID, s.ID)
			if string(at.Mark) == "null" {
				at.Mark = nil
			}
			return at.Mark, err
		},
		Mark: func(ctx context.Context, to flow.Cursor) error {
			return e.local.options.History.Arrange(ctx, flow.Arrangement{Flow: e.flow.ID, Step: s.ID, Mark: to})
		},
		Write: func(line flow.LogLine) {
			if line.Level == flow.Warn || line.Level == flow.Error {
				e.local.trouble(e.flow.ID, "trigger %q of %q: %s", s.Label(), e.flow.Name, line.Text)
				return
			}
			line.Step = s.ID
			e.local.tell(flow.Event{Kind: flow.Logged, Flow: e.flow.ID, Line: line})
		},
	}
}

// sleep lets time pass until there is something to do for a trigger, or to look for.
func (e *enabled) sleep(ctx context.Context, s flow.StepID, until time.Time) {
	timer := time.NewTimer(max(0, min(until.Sub(e.local.now()), glance)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.pokes[s]:
	case <-ctx.Done():
	}
}

// rest lets d pass, unless ctx ends before.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
