package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// attempt performs something once: when its service may be asked, within the step's
// time-out, and so that a connector that breaks down or does not end takes nothing else
// with it. op is what do performs, with its fields bound; units are begun once it is.
func attempt[T any](ctx context.Context, x *pass, op kit.Operation, env kit.Env, do func(context.Context, kit.Env) (T, error), units ...*unit) (out T, err error) {
	g := x.gateOf(op)
	if g != nil {
		if err = g.enter(ctx); err != nil {
			return out, err
		}
	}
	for _, u := range units {
		u.begun = true
	}
	if g == nil {
		return within(ctx, x, op, env, do)
	}
	out, err = within(ctx, x, op, g.env(env), do)
	if err != nil && ctx.Err() != nil {
		g.cut()
	} else {
		g.heard(err)
	}
	return out, err
}

// within performs something within the step's time-out.
func within[T any](ctx context.Context, x *pass, op kit.Operation, env kit.Env, do func(context.Context, kit.Env) (T, error)) (out T, err error) {
	if x.step.Timeout <= 0 {
		return abandonable(ctx, x, op, env, do)
	}
	inner, cancel := context.WithTimeout(ctx, x.step.Timeout)
	defer cancel()
	out, err = abandonable(inner, x, op, env, do)
	if err != nil && inner.Err() != nil && ctx.Err() == nil {
		f := &kit.Failure{
			Kind: kit.TimedOut, What: fmt.Sprintf("it took longer than %s", x.step.Timeout), Uncertain: true,
			Fix: "raise the step's time-out, or see why the other side is slow", Cause: err,
		}
		if kit.AsFailure(err).Kind == kit.Hung {
			f.Kind = kit.Hung
			f.What += " and did not end when it was told to"
		}
		return out, f
	}
	return out, err
}

// lastMoment is how long an operation may take to end once it was told to. One that
// takes longer is left to itself: what it still does, nobody hears of.
const lastMoment = 2 * time.Second

// abandonable performs something, and leaves it to itself where it does not end with
// its context. What is computed without looking outside always ends; and what a barrier
// has taken in stays with its task.
func abandonable[T any](ctx context.Context, x *pass, op kit.Operation, env kit.Env, do func(context.Context, kit.Env) (T, error)) (out T, err error) {
	if x.step.kind == gathering || x.step.Timeout <= 0 && x.step.op.EffectOf(op) == kit.Pure {
		return guarded(ctx, x, env, do)
	}
	type ended struct {
		out T
		err error
	}
	done := make(chan ended, 1)
	go func() {
		var e ended
		e.out, e.err = guarded(ctx, x, env, do)
		done <- e
	}()
	select {
	case e := <-done:
		return e.out, e.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(lastMoment)
	defer timer.Stop()
	select {
	case e := <-done:
		return e.out, e.err
	case <-timer.C:
	}
	x.env.Log(flow.Error, "", "connector %q did not end %s when it was told to, and is left to itself", x.step.connector.ID, x.step.Uses)
	f := kit.Fail(kit.Hung, "%s did not end when it was told to: %w", x.step.Uses, context.Cause(ctx)).
		Hint("tell the author of connector %q; nobody knows what became of the record outside", x.step.connector.ID)
	f.Uncertain = true
	return out, f
}

// guarded performs something so that its panic is an error.
func guarded[T any](ctx context.Context, x *pass, env kit.Env, do func(context.Context, kit.Env) (T, error)) (out T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = x.brokeDown(v)
		}
	}()
	return do(ctx, env)
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
	case kit.Reads, kit.Repeatable, kit.Once:
		return 3
	}
	if len(x.step.Retry.Only) > 0 {
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
func persist[T any](ctx context.Context, x *pass, op kit.Operation, do func(context.Context, kit.Env) (T, error)) (T, error) {
	tries := x.tries(op)
	for n := 1; ; n++ {
		x.attempts = n
		out, err := attempt(ctx, x, op, x.env, do)
		if err == nil {
			return out, nil
		}
		if x.parked || ctx.Err() != nil || errors.Is(err, errParked) {
			return out, x.undone(ctx)
		}
		f := kit.AsFailure(err)
		if n >= tries || !x.passing(f) {
			return out, err
		}
		d := pause(x.step.Retry, n, f.After)
		if refusal := x.refuseRetry(ctx, 1, f.After); refusal != "" {
			return out, withNote(err, refusal)
		}
		x.logPause("", d, f.After, "attempt %d of %d in %s: %s", n+1, tries, shortly(d), f.What)
		if !x.pauseFor(ctx, d, nil) {
			return out, x.undone(ctx)
		}
	}
}

// passing says whether a failure is worth another attempt: by the kinds that the step
// names, else where it passes by itself. What does not end is never attempted beside
// itself.
func (x *pass) passing(f *kit.Failure) bool {
	switch {
	case f.Kind == kit.Hung, f.Kind == kit.Resting, f.Kind == kit.Stopped:
		return false
	case len(x.step.Retry.Only) > 0:
		return slices.Contains(x.step.Retry.Only, f.Kind)
	case errors.Is(f, errSpent) && x.step.Retry.Tries == 0:
		return false
	}
	return f.Passing()
}

// pause is how long to wait after the n-th attempt: it doubles from r.First to r.Most,
// gives way by up to a fifth so that those who failed together do not come back
// together, and is never shorter than what the service asked for.
func pause(r flow.Retry, n int, asked time.Duration) time.Duration {
	first, most := pauses(r)
	d := first
	for range n - 1 {
		if d *= 2; d >= most {
			break
		}
	}
	d = min(d, most)
	return max(jittered(d), asked)
}

// shortly is d as a person reads it.
func shortly(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
