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
	out := make([]Outcome, 0, len(in))
	code, given := p.machine.batch(), vars.values()
	for len(out) < len(in) {
		next := min(len(in), len(out)+batchSize)
		if out = p.runBatch(ctx, code, in[len(out):next], given, out); len(out) < next {
			// The record that the run stopped at is done by itself, which
			// finds out why; then the batch goes on behind it.
			out = append(out, p.outcome(ctx, in[len(out)], vars))
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

// compileBatch compiles .[] | (q, $end).
func (m *machine) compileBatch(q *gojq.Query) *gojq.Code {
	each := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: []*gojq.Suffix{{Iter: true}}}}
	marked := inParens(binary(inParens(q), gojq.OpComma, variable(endVariable)))
	code, err := m.compile(binary(each, gojq.OpPipe, marked), append(slices.Clone(variables), endVariable))
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
