package transforms

import (
	"context"
	"slices"

	"github.com/itchyny/gojq"
)

// Outcome is what became of one record of a batch. Values is nil where Err is not.
type Outcome struct {
	Values []any
	Err    error
}

// batchSize bounds how many records go through one run, so that a batch in which
// all records fail is not run on and on.
const batchSize = 1000

// Batch runs the program on many records in one go, which takes less than half of
// the time of as many runs. One record that fails does not touch the others. When ctx
// ends, its error is that of all records that were not done.
func (p *Program) Batch(ctx context.Context, in []any, vars Vars) []Outcome {
	given := vars.values()
	return p.inBatches(ctx, len(in), func(from, to int, out []Outcome) []Outcome {
		if p.straight != nil {
			return p.straight.run(ctx, in[from:to], out)
		}
		return p.runBatch(ctx, p.machine.batch(), in[from:to], given, out)
	}, func(i int) Outcome { return p.outcome(ctx, named(in[i]), vars) })
}

// BatchEach is Batch for records that see different steps, triggers or problems. Run, Flow and
// Now are those of the first.
func (p *Program) BatchEach(ctx context.Context, in []any, vars func(i int) Vars) []Outcome {
	return p.inBatches(ctx, len(in), func(from, to int, out []Outcome) []Outcome {
		rows := make([]any, to-from)
		for i := range rows {
			v := vars(from + i)
			loop, loops, item, index := v.loop()
			rows[i] = []any{in[from+i], v.Trigger, v.steps(), v.Problem, loop, loops, item, index}
		}
		return p.runBatch(ctx, p.machine.each(), rows, vars(from).values(), out)
	}, func(i int) Outcome { return p.outcome(ctx, in[i], vars(i)) })
}

// inBatches takes n records through many, which appends the outcomes up to one that
// fails. That one is done by itself, which finds out why; then it goes on behind it.
func (p *Program) inBatches(ctx context.Context, n int, many func(from, to int, out []Outcome) []Outcome, one func(i int) Outcome) []Outcome {
	out := make([]Outcome, 0, n)
	for len(out) < n {
		to := min(n, len(out)+batchSize)
		if out = many(len(out), to, out); len(out) < to {
			out = append(out, one(len(out)))
		}
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

// endVariable holds the mark behind the values of one record.
const endVariable = "$__jf_end"

// An endMark stands behind the values of one record of a batch.
type endMark struct{}

// compileBatch compiles .[] | (q, $end), or for rows of a record with its variables
// .[] | .[1] as $trigger | .[2] as $steps | … | .[0] | (q, $end).
func (m *machine) compileBatch(q *gojq.Query, rows bool) *gojq.Code {
	q = inParens(binary(inParens(q), gojq.OpComma, variable(endVariable)))
	if rows {
		q = binary(member(0), gojq.OpPipe, q)
		for i, name := range []string{"$trigger", "$steps", "$problem", "$loop", "$loops", "$item", "$index"} {
			q = bindTo(member(i+1), name, q)
		}
	}
	each := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: []*gojq.Suffix{{Iter: true}}}}
	code, err := m.compile(binary(each, gojq.OpPipe, q), append(slices.Clone(variables), endVariable))
	if err != nil {
		panic(err) // what compiles alone compiles behind .[] too
	}
	return code
}

// runBatch appends the outcomes of the records until one fails.
func (p *Program) runBatch(ctx context.Context, code *gojq.Code, in, given []any, out []Outcome) []Outcome {
	m := p.newMeter(ctx)
	m.start(code, in, append(slices.Clone(given), endMark{}))
	values, begin := make([]any, 0, len(in)), 0 // each outcome has a part of it
	for {
		v, ok, err := m.next()
		if err != nil || !ok {
			return out
		}
		if _, mark := v.(endMark); !mark {
			values = append(values, v)
			continue
		}
		out = append(out, Outcome{Values: values[begin:len(values):len(values)]})
		begin = len(values)
		m.record()
	}
}
