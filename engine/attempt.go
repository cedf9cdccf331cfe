package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// try performs something once: within the step's time-out, and so that a connector
// that breaks down takes nothing else with it.
func (x *pass) try(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = x.brokeDown(v)
		}
	}()
	if x.step.Timeout <= 0 {
		return do(ctx)
	}
	inner, cancel := context.WithTimeout(ctx, x.step.Timeout)
	defer cancel()
	err = do(inner)
	if err != nil && inner.Err() != nil && ctx.Err() == nil {
		return &kit.Failure{
			Kind: kit.TimedOut, What: fmt.Sprintf("it took longer than %s", x.step.Timeout), Uncertain: true,
			Fix: "raise the step's time-out, or see why the other side is slow", Cause: err,
		}
	}
	return err
}

func (x *pass) brokeDown(v any) error {
	x.env.Log(flow.Error, "", "connector %q broke down: %v\n%s", x.step.connector.ID, v, debug.Stack())
	return kit.Fail(kit.Unknown, "connector %q broke down: %v", x.step.connector.ID, v).
		Hint("tell its author; the step's log has the details").Unsure()
}

// tries is how often an operation, whose fields are bound, is attempted.
func (x *pass) tries(op kit.Operation) int {
	if n := x.step.Retry.Tries; n > 0 {
		return n
	}
	switch x.step.op.EffectOf(op) {
	case kit.Reads, kit.Repeatable:
		return 3
	}
	return 1
}

// permit refuses an operation that would change something where the worker may only
// look.
func (x *pass) permit(op kit.Operation) error {
	if !x.w.LookOnly {
		return nil
	}
	switch x.step.op.EffectOf(op) {
	case kit.Pure, kit.Reads:
		return nil
	}
	return kit.Fail(kit.Refused, "step %q would change something outside, so nothing behind it can be shown beforehand", x.step.ID).
		Hint("run the flow once; what came to each step is kept")
}

// persist performs something until it goes well, its failure will not pass, or all
// attempts are made.
func (x *pass) persist(ctx context.Context, op kit.Operation, do func(context.Context) error) error {
	tries := x.tries(op)
	for n := 1; ; n++ {
		x.attempts = n
		err := x.try(ctx, do)
		if err == nil {
			return nil
		}
		if x.parked || ctx.Err() != nil {
			return x.undone(ctx)
		}
		f := kit.AsFailure(err)
		if n >= tries || !f.Passing() {
			return err
		}
		d := pause(x.step.Retry, n, f.After)
		x.env.Log(flow.Warn, "", "attempt %d of %d in %s: %s", n+1, tries, shortly(d), f.What)
		if !x.wait(ctx, d) {
			return x.undone(ctx)
		}
	}
}

// pause is how long to wait after the n-th attempt: it doubles from r.First to r.Most,
// gives way by up to a fifth so that those who failed together do not come back
// together, and is never shorter than what the service asked for.
func pause(r flow.Retry, n int, asked time.Duration) time.Duration {
	first, most := r.First, r.Most
	if first <= 0 {
		first = time.Second
	}
	if most <= 0 {
		most = time.Minute
	}
	d := first
	for range n - 1 {
		if d *= 2; d >= most {
			break
		}
	}
	d = min(d, most)
	d -= time.Duration(rand.Int64N(int64(d)/5 + 1))
	return max(d, asked)
}

// wait lets d pass, and says whether it did: not where the task is to end.
func (x *pass) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.w.Quit:
	case <-ctx.Done():
	}
	return false
}

// shortly is d as a person reads it.
func shortly(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
