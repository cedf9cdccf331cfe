package transforms

import (
	"fmt"

	"jackfield/flow"
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

func (p *Program) runError(err error) error {
	if isEnd(err) {
		return err
	}
	return &RunError{What: err.Error()}
}

func countError(n int) *RunError {
	if n == 0 {
		return &RunError{What: "gave nothing; one value is wanted"}
	}
	return &RunError{What: fmt.Sprintf("gave %d values; one is wanted", n)}
}
