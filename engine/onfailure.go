package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// failureCause is the cause of a run that tells of another run's failure.
const failureCause = "failure"

// report starts the flow that is to hear that a run ended failed or partial. It comes
// before that end is written, and the id of the run that it starts is computed from the
// run and its count of resumes: so whenever the program ends, there is one such run for
// each end.
func (l *Local) report(ctx context.Context, f flow.Flow, row flow.Run) error {
	to := f.Settings.OnFailure
	if to == "" || row.State != flow.RunFailed && row.State != flow.RunPartial {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	hears, err := l.options.Flows(ctx, to, 0)
	if err == nil {
		err = l.mayHear(ctx, hears, row)
	}
	if err == nil {
		err = l.startReport(ctx, hears, row)
	}
	if errors.Is(err, errParked) {
		return err // the run goes on another time, and ends then
	}
	if err != nil {
		l.trouble(row.Flow, "run %s ended as %s, and the flow %q that is to hear of it could not be started: %v", row.ID, row.State, string(to), err)
	}
	return nil
}

// mayHear refuses a flow that would be told of itself.
func (l *Local) mayHear(ctx context.Context, hears flow.Flow, row flow.Run) error {
	for depth := 0; ; depth++ {
		if row.Flow == hears.ID || depth > callDepth {
			return kit.Fail(kit.Invalid, "flows would tell each other of their failures without end").
				Hint("let the flow that hears of failures have none that hears of its own")
		}
		if row.Cause != failureCause || row.Of == "" {
			return nil
		}
		told, err := l.options.History.Run(ctx, row.Of)
		if err != nil {
			return nil // it was removed, and with it what there is to know
		}
		row = told
	}
}

func (l *Local) startReport(ctx context.Context, hears flow.Flow, row flow.Run) error {
	id := row.Report()
	if _, err := l.options.History.Run(ctx, id); err == nil {
		return nil // by the program before, which ended before it could write this run's end
	}
	input, err := l.failureRecord(ctx, row)
	if err != nil {
		return err
	}
	_, err = l.begin(ctx, hears, Start{Input: []any{input}, Cause: failureCause, Of: row.ID}, kinship{id: id})
	return err
}

// failureRecord is what an error flow is told.
func (l *Local) failureRecord(ctx context.Context, row flow.Run) (any, error) {
	steps, err := l.failedSteps(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"run": string(row.ID), "flow": row.Name, "flow_id": string(row.Flow), "version": row.Version, "cause": row.Cause,
		"state": string(row.State), "problem": problemValue(row.Problem), "resumed": row.Resumed,
		"started": row.Started.UTC().Format(time.RFC3339), "ended": row.Ended.UTC().Format(time.RFC3339),
		"failures": row.Failures, "steps": steps,
	}, nil
}

// failedSteps lists the steps with records that failed and were not taken again, with the
// first of their problems.
func (l *Local) failedSteps(ctx context.Context, id flow.RunID) ([]any, error) {
	type stepFailures struct {
		count    int
		problems []any
	}
	of := map[flow.StepID]*stepFailures{}
	var order []flow.StepID
	for r, err := range l.options.History.StepRuns(ctx, id) {
		if err != nil {
			return nil, fmt.Errorf("read what run %s did: %w", id, err)
		}
		one := of[r.Step]
		if again := takenAgain(r); one != nil && again > 0 {
			if one.count = max(0, one.count-again); one.count == 0 {
				one.problems = nil
			}
		}
		if r.Step == "" || r.Out[flow.Failed] == 0 && len(r.Problems) == 0 {
			continue
		}
		if one == nil {
			one = &stepFailures{}
			of[r.Step] = one
			order = append(order, r.Step)
		}
		one.count += r.Out[flow.Failed]
		for _, p := range r.Problems[:min(len(r.Problems), problemLimit-len(one.problems))] {
			one.problems = append(one.problems, problemValue(&p))
		}
	}
	steps := []any{}
	for _, id := range order {
		if one := of[id]; one.count > 0 || len(one.problems) > 0 {
			steps = append(steps, map[string]any{"step": string(id), "failed": one.count, "problems": one.problems})
		}
	}
	return steps, nil
}

// takenAgain is how many records a step run took of those that its own step had failed.
// Its step is known by From alone where its records came by no edge.
func takenAgain(r flow.StepRun) int {
	if len(r.From) != 1 || r.From[0].Outlet != flow.Failed || r.Edge >= 0 {
		return 0
	}
	return r.In
}
