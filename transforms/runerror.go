package transforms

import (
	"context"
	"errors"
	"fmt"

	"jackfield/flow"
)

// RunError says why a program failed on a record, and where in its text.
type RunError struct {
	What, Fix    string
	Line, Column int    // from 1; 0 where the place is not known
	Offset, End  int    // the part of the text that failed, in bytes
	Value        string // what that part was given, as JSON, clipped
}

func (e *RunError) Error() string {
	text := e.What
	if e.Line > 0 {
		text = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, text)
	}
	if e.Fix != "" {
		text += "; " + e.Fix
	}
	return text
}

// Problem is the error as a person sees it, at a step's field, for a record.
func (e *RunError) Problem(step flow.StepID, field string, rec flow.RecordID) flow.Problem {
	return flow.Problem{
		Step: step, Field: field, Record: rec, Line: e.Line, Column: e.Column,
		Code: "jq-run", What: e.What, Fix: e.Fix,
	}
}

// explain makes of what went wrong what a person reads. The end of a context stays
// what it is.
func (p *Program) explain(ctx context.Context, m *meter, err error, in any, vars Vars) error {
	if end := ctx.Err(); end != nil && errors.Is(err, end) {
		return end
	}
	limit, isLimit := errors.AsType[*limitError](err)
	if isLimit && (m.over != nil || m.given > m.limits.Outputs) {
		return &RunError{What: limit.what, Fix: limit.fix, Value: clip(in, clipAt)}
	}
	e := p.locate(ctx, err, in, vars)
	if isLimit {
		e.What, e.Fix = limit.what, limit.fix
	}
	return e
}

// locate runs the record once more, traced, and says where it failed.
func (p *Program) locate(ctx context.Context, err error, in any, vars Vars) *RunError {
	plain := &RunError{What: reworded(err.Error()), Value: clip(in, clipAt)}
	code := p.machine.trace()
	if code == nil {
		return plain
	}
	t := &trace{}
	m := p.newMeter(ctx)
	m.start(code.code, in, append(vars.values(), t))
	for {
		_, ok, err := m.next()
		if err == nil && ok {
			continue
		}
		if _, traced := errors.AsType[*tracedError](err); !traced || !t.on {
			return plain
		}
		break
	}
	s := code.places[t.spot]
	at := p.span(s.part)
	e := &RunError{Offset: at.start, End: at.end}
	e.Line, e.Column = place(p.src, at.start)
	w := wording{Program: p, spot: s, input: t.input, message: t.value}
	e.What, e.Fix = w.words()
	e.Value = w.value()
	return e
}

func countError(n int) *RunError {
	if n == 0 {
		return &RunError{What: "gave nothing; one value is wanted", Fix: "write // null behind it for a value in place of nothing"}
	}
	return &RunError{What: fmt.Sprintf("gave %d values; one is wanted", n), Fix: "write [ … ] around it for an array, or first(…) for one of them"}
}
