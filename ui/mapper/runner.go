package mapper

import (
	"context"
	"errors"
	"sync"
	"time"

	"jackfield/flow"
	"jackfield/transforms"
)

// How long a person must pause before their program is tried, and how long it may
// take for the shown record and for all.
const (
	pause     = 120 * time.Millisecond
	mostTime  = 250 * time.Millisecond
	mostBytes = 16 << 20
	mostGiven = 1000
)

// job is one try: a program, and the records that it is tried on.
type job struct {
	text    string
	target  target
	records flow.Batch
	at      int // the one whose result is shown
	vars    func(flow.Record) transforms.Vars
}

// outcome is what came of a job.
type outcome struct {
	stale    bool                    // a newer job is under way
	ran      bool                    // there was a record to run on
	syntax   *transforms.SyntaxError // why it is no program
	values   []any                   // what the shown record became
	failure  *transforms.RunError    // why the shown record became nothing
	stopped  bool                    // it took too long
	keys     []string                // of the object that it gives, as far as its text tells
	failed   []int                   // the records that fail
	tried    int                     // how many records were tried in time
	problems []flow.Problem          // what does not fit the operation
}

// runner tries one job at a time, a moment after it was given. A newer one ends the
// one before.
type runner struct {
	do     func(func())
	cancel context.CancelFunc
	turn   int
	busy   sync.WaitGroup
}

func newRunner(do func(func())) *runner { return &runner{do: do, cancel: func() {}} }

// start tries a job and tells got what came of it, unless a newer one was given.
func (r *runner) start(j job, got func(outcome)) {
	r.cancel()
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.turn++
	turn := r.turn
	r.busy.Go(func() {
		defer cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		o := j.try(ctx)
		if ctx.Err() != nil {
			return
		}
		r.do(func() {
			if turn == r.turn {
				got(o)
			}
		})
	})
}

// end stops what runs and waits for it.
func (r *runner) end() {
	r.cancel()
	r.turn++
	r.busy.Wait()
}

// try compiles the program and runs it on the shown record, then on as many of the
// others as there is time for.
func (j job) try(ctx context.Context) (o outcome) {
	if blank(j.text) {
		return j.bare()
	}
	program, err := transforms.Compile(j.text)
	if err != nil {
		o.syntax, _ = errors.AsType[*transforms.SyntaxError](err)
		if o.syntax == nil {
			o.syntax = &transforms.SyntaxError{Line: 1, Column: 1, What: err.Error()}
		}
		return o
	}
	o.keys, _ = program.Keys()
	if j.at >= len(j.records) {
		return o
	}
	o.ran = true
	program = program.With(transforms.Limits{Outputs: mostGiven, Bytes: mostBytes})
	ctx, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	o.values, err = values(ctx, program, j.records[j.at], j.vars)
	o.failure, _ = errors.AsType[*transforms.RunError](err)
	if o.stopped = errors.Is(err, context.DeadlineExceeded); o.stopped {
		return o
	}
	if o.failure == nil {
		o.problems = j.target.check(o.values)
	}
	o.failed, o.tried = j.others(ctx, program)
	return o
}

// bare is what comes of no program at all.
func (j job) bare() (o outcome) {
	if rec := j.at < len(j.records); rec && j.target.Op.Each {
		o.ran, o.values = true, []any{j.records[j.at].Data}
	}
	return o
}

// others tries all records and tells which fail, as far as there is time.
func (j job) others(ctx context.Context, p *transforms.Program) (failed []int, tried int) {
	for i, rec := range j.records {
		given, err := values(ctx, p, rec, j.vars)
		if ctx.Err() != nil {
			break
		}
		tried++
		if err != nil || len(j.target.check(given)) > 0 {
			failed = append(failed, i)
		}
	}
	return failed, tried
}

func values(ctx context.Context, p *transforms.Program, rec flow.Record, vars func(flow.Record) transforms.Vars) (all []any, err error) {
	for v, err := range p.Run(ctx, rec.Data, vars(rec)) {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
