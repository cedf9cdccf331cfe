package transforms

import (
	"context"
	"errors"
	"fmt"

	"jackfield/flow"
	"jackfield/flow/value"
)

// RunError says why a program failed on a record, and where in its text.
type RunError struct {
	What, Fix    string
	Line, Column int    // from 1; 0 where the place is not known
	Value        string // what the failing part was given, as JSON, clipped
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
func (p *Program) explain(ctx context.Context, err error, in any, vars Vars) error {
	if end := ctx.Err(); end != nil {
		return end
	}
	if l, ok := errors.AsType[*limitError](err); ok {
		return &RunError{What: l.what, Fix: l.fix, Value: clip(in)}
	}
	return &RunError{What: err.Error()}
}

func countError(n int) *RunError {
	if n == 0 {
		return &RunError{What: "gave nothing; one value is wanted"}
	}
	return &RunError{What: fmt.Sprintf("gave %d values; one is wanted", n)}
}

// clip is a value as JSON of at most 80 characters.
func clip(v any) string {
	text := string(value.Append(nil, v))
	return text
}
