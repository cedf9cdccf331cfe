// Package transforms compiles and runs jq. It is the only home of gojq.
//
// A Program is compiled once and run on many records, from as many goroutines as
// one likes. Its rules: a program sees one record and the Vars of the run, nothing
// else; it has no clock, no environment, no files and no input of its own, so that
// the same record always gives the same result. Values are those of package
// flow/value. They are immutable by convention: what comes out of a program may
// share structure with what went in, so neither may be changed afterwards.
//
// The way of a text: gojq's parser makes a syntax tree of it; a tree gives every part
// its place (tree.go) and a scope every name its meaning (scope.go); a rewriter makes
// what is compiled (rewrite.go), with guards against what takes too much memory; a
// meter runs it under Limits (meter.go); where a record fails, a traced twin of the
// program finds the place (trace.go) and a wording says it to a person. What is wrong
// with the text itself is said by syntax.go, unfinished.go, misplaced.go and naming.go.
package transforms

import (
	"cmp"
	"context"
	"iter"
	"time"
)

// Program is compiled jq. It is safe for concurrent use.
type Program struct {
	*scope
	limits Limits
	growth growth
	*machine
	straight straight // nil where it is not
}

// Limits bound what a program may do to one record.
type Limits struct {
	Time    time.Duration // how long it may work
	Outputs int           // how many values it may give
	Bytes   int           // how much memory the values that it makes may take
}

// Vars are what a program sees beside its input. Run, Flow, Trigger and Problem are
// $run, $flow, $trigger and $problem, Steps is $steps, Now is what now gives. Loop is
// $loop, an object {step, index, item, record} from which $index and $item come too, and
// Loops is $loops, the same by container.
type Vars struct {
	Run, Flow, Trigger, Problem any
	Steps                       map[string]any
	Loop                        any
	Loops                       map[string]any
	Now                         time.Time
}

// variables are the names that Vars.values fills, in its order.
var variables = []string{"$run", "$flow", "$trigger", "$steps", "$problem", "$loop", "$loops", "$item", "$index", nowVariable}

// nowVariable holds the time of the run; programs are not told of it.
const nowVariable = "$__now"

func (v Vars) steps() any {
	if v.Steps == nil {
		return map[string]any{}
	}
	return v.Steps
}

func (v Vars) values() []any {
	var now float64
	if !v.Now.IsZero() {
		now = float64(v.Now.Unix()) + float64(v.Now.Nanosecond())/1e9
	}
	loop, loops, item, index := v.loop()
	return []any{v.Run, v.Flow, v.Trigger, v.steps(), v.Problem, loop, loops, item, index, now}
}

func (v Vars) loop() (loop, loops, item, index any) {
	m, _ := v.Loop.(map[string]any)
	loops = v.Loops
	if v.Loops == nil {
		loops = map[string]any{}
	}
	return v.Loop, loops, m["item"], m["index"]
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
	p := &Program{scope: s, limits: defaultLimits, growth: newGrowth(s), straight: straightOf(t.query)}
	var err error
	if p.machine, err = p.build(); err != nil {
		return nil, s.unknown(err)
	}
	return p, nil
}

var defaultLimits = Limits{Time: 10 * time.Second, Outputs: 100_000, Bytes: 64 << 20}

// With is the same program under other limits. What is zero in l stays as it was.
func (p *Program) With(l Limits) *Program {
	q := *p
	q.limits = Limits{cmp.Or(l.Time, p.limits.Time), cmp.Or(l.Outputs, p.limits.Outputs), cmp.Or(l.Bytes, p.limits.Bytes)}
	if q.limits.Bytes == p.limits.Bytes {
		return &q
	}
	m, err := q.build() // what compiled once compiles again
	if err != nil {
		panic(err)
	}
	q.machine = m
	return &q
}

// Source is the text that the program was compiled from.
func (p *Program) Source() string { return p.src }

// Run gives the values that the program makes of in, one by one. An error is the
// last: a *RunError, or that of ctx.
func (p *Program) Run(ctx context.Context, in any, vars Vars) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		m := p.newMeter(ctx)
		m.start(p.plain, in, vars.values())
		for {
			v, ok, err := m.next()
			if err != nil {
				yield(nil, p.explain(ctx, m, err, in, vars))
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
