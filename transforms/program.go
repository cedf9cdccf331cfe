// Package transforms compiles and runs jq. It is the only home of gojq.
//
// A Program is compiled once and run on many records, from as many goroutines as
// one likes. Its rules: a program sees one record and the Vars of the run, nothing
// else; it has no clock, no environment, no files and no input of its own, so that
// the same record always gives the same result. Values are those of package
// flow/value. They are immutable by convention: what comes out of a program may
// share structure with what went in, so neither may be changed afterwards.
package transforms

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"github.com/itchyny/gojq"
)

// Program is compiled jq. It is safe for concurrent use.
type Program struct {
	tree   *tree
	scope  *scope
	limits Limits
	code   *gojq.Code
}

// Limits bound what a program may do to one record.
type Limits struct {
	Time    time.Duration // how long it may work
	Outputs int           // how many values it may give
	Bytes   int           // how much memory the values that it makes may take
}

// Vars are what a program sees beside its input. Run, Flow and Trigger are $run,
// $flow and $trigger, Steps is $steps, Now is what now gives.
type Vars struct {
	Run, Flow, Trigger any
	Steps              map[string]any
	Now                time.Time
}

// variables are the names that Vars.values fills, in its order.
var variables = []string{"$run", "$flow", "$trigger", "$steps", nowVariable}

// nowVariable holds the time of the run; programs are not told of it.
const nowVariable = "$__now"

func (v Vars) values() []any {
	steps := any(v.Steps)
	if v.Steps == nil {
		steps = map[string]any{}
	}
	var now float64
	if !v.Now.IsZero() {
		now = float64(v.Now.Unix()) + float64(v.Now.Nanosecond())/1e9
	}
	return []any{v.Run, v.Flow, v.Trigger, steps, now}
}

// Compile makes a Program of jq text. The error is a *SyntaxError.
func Compile(src string) (*Program, error) {
	t, bad := parse(src)
	if bad != nil {
		return nil, bad
	}
	s := newScope(t)
	if bad := cmp.Or(s.checkClosed(), s.checkFormats()); bad != nil {
		return nil, bad
	}
	code, err := compileQuery(t.query)
	if err != nil {
		return nil, s.unknown(err)
	}
	return &Program{tree: t, scope: s, limits: defaultLimits, code: code}, nil
}

var defaultLimits = Limits{Time: 10 * time.Second, Outputs: 100_000, Bytes: 64 << 20}

// With is the same program under other limits. What is zero in l stays as it was.
func (p *Program) With(l Limits) *Program {
	q := *p
	if l.Time > 0 {
		q.limits.Time = l.Time
	}
	if l.Outputs > 0 {
		q.limits.Outputs = l.Outputs
	}
	if l.Bytes > 0 {
		q.limits.Bytes = l.Bytes
	}
	return &q
}

// Source is the text that the program was compiled from.
func (p *Program) Source() string { return p.tree.src }

// Run gives the values that the program makes of in, one by one. An error is the
// last: a *RunError, or that of ctx.
func (p *Program) Run(ctx context.Context, in any, vars Vars) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		m := newMeter(ctx, p.limits)
		m.start(p.code, in, vars.values())
		for {
			v, ok, err := m.next()
			if err != nil {
				yield(nil, p.runError(err))
				return
			}
			if !ok || !yield(v, nil) {
				return
			}
		}
	}
}

// One gives the one value that the program makes of in.
func (p *Program) One(ctx context.Context, in any, vars Vars) (any, error) {
	var first any
	n := 0
	for v, err := range p.Run(ctx, in, vars) {
		if err != nil {
			return nil, err
		}
		if n++; n == 1 {
			first = v
		}
	}
	if n != 1 {
		return nil, countError(n)
	}
	return first, nil
}

// True says whether the program holds for in: it gives a value that is neither
// null nor false. A program that gives nothing does not hold.
func (p *Program) True(ctx context.Context, in any, vars Vars) (bool, error) {
	var first any
	n := 0
	for v, err := range p.Run(ctx, in, vars) {
		if err != nil {
			return false, err
		}
		if n++; n == 1 {
			first = v
		}
	}
	if n > 1 {
		return false, countError(n)
	}
	return n == 1 && first != nil && first != false, nil
}

// Outcome is what became of one record of a batch. Values is nil where Err is not.
type Outcome struct {
	Values []any
	Err    error
}

// Batch runs the program on many records. One that fails does not touch the others.
func (p *Program) Batch(ctx context.Context, in []any, vars Vars) []Outcome {
	out := make([]Outcome, len(in))
	for i, v := range in {
		out[i] = p.outcome(ctx, v, vars)
	}
	return out
}

func (p *Program) outcome(ctx context.Context, in any, vars Vars) Outcome {
	values := []any{}
	for v, err := range p.Run(ctx, in, vars) {
		if err != nil {
			return Outcome{Err: err}
		}
		values = append(values, v)
	}
	return Outcome{Values: values}
}

func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
