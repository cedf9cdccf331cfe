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

// Batch runs the program on many records in one go, which takes less than half of
// the time of as many runs. One record that fails does not touch the others. When ctx
// ends, its error is that of all records that were not done.
func (p *Program) Batch(ctx context.Context, in []any, vars Vars) []Outcome {
	out := make([]Outcome, 0, len(in))
	code := p.machine.batch()
	for len(out) < len(in) {
		out = code.run(ctx, p, in, vars, out)
		if len(out) == len(in) {
			break
		}
		// The record that the run stopped at is done by itself, which finds
		// out why; then the batch goes on behind it.
		out = append(out, p.outcome(ctx, in[len(out)], vars))
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

// A batchCode applies a program to each member of an array. Behind the values of a
// member comes a mark, unless the program gives exactly one value for each.
type batchCode struct {
	code *gojq.Code
	one  bool
}

// endVariable holds the mark behind the values of one record.
const endVariable = "$__jf_end"

type endMark struct{}

func (m *machine) compileBatch(p *Program, q *gojq.Query) *batchCode {
	b := &batchCode{one: p.givesOne()}
	body := inParens(q)
	if !b.one {
		body = inParens(binary(body, gojq.OpComma, variable(endVariable)))
	}
	each := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: []*gojq.Suffix{{Iter: true}}}}
	code, err := m.compile(binary(each, gojq.OpPipe, body), append(slices.Clone(variables), endVariable))
	if err != nil {
		panic(err) // what compiled alone compiles behind .[] too
	}
	b.code = code
	return b
}

// run appends the outcomes of the records behind those in out, until one fails.
func (b *batchCode) run(ctx context.Context, p *Program, in []any, vars Vars, out []Outcome) []Outcome {
	end := &endMark{}
	m := p.newMeter(ctx)
	m.start(b.code, in[len(out):], append(vars.values(), end))
	if b.one {
		return m.takeOne(in, out)
	}
	values := []any{}
	for {
		v, ok, err := m.next()
		if err != nil || !ok {
			return out
		}
		if v != any(end) {
			values = append(values, v)
			continue
		}
		out = append(out, Outcome{Values: values})
		values = []any{}
		m.record()
	}
}

// takeOne takes one value for each record.
func (m *meter) takeOne(in []any, out []Outcome) []Outcome {
	values := make([]any, len(in)) // each outcome has a part of it
	for len(out) < len(in) {
		v, ok, err := m.next()
		if err != nil || !ok {
			break
		}
		i := len(out)
		values[i] = v
		out = append(out, Outcome{Values: values[i : i+1 : i+1]})
		m.record()
	}
	return out
}
