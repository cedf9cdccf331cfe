package kit

import (
	"context"

	"jackfield/flow"
)

// Called is a trigger that other flows start. It says what its flow takes and gives; the
// engine holds both sides to it.
type Called interface {
	Operation
	Takes() flow.Schema
	Gives() flow.Schema // each of the values
}

// Caller is an operation that starts another flow with the value of one of its fields.
// It is asked after its settings were bound.
type Caller interface {
	Operation
	Calls() (name, field string)
}

// Start starts another flow with data and does not wait for it. The same record starts
// one run, however often it is asked for.
func (e Env) Start(ctx context.Context, name string, data []any) (flow.RunID, error) {
	if e.StartTo == nil {
		return "", Fail(Invalid, "other flows cannot be started here")
	}
	return e.StartTo(ctx, name, data)
}

// Results gives what a run has left its last steps, once it has ended.
func (e Env) Results(ctx context.Context, id flow.RunID) (data []any, ended bool, err error) {
	if e.ResultsOf == nil {
		return nil, false, Fail(Invalid, "other runs cannot be waited for here")
	}
	return e.ResultsOf(ctx, id)
}
