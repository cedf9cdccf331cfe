package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func startFlowOp() kit.Op {
	return kit.Op{
		ID: "start_flow", Title: "Start a flow", Icon: "flow", Effect: kit.Repeatable,
		Summary: "Starts another flow for each record and goes on at once; the record gets the run's id.",
		Words:   []string{"call", "subflow", "sub-flow", "child", "parallel", "async", "fire", "fork"},
		New:     func() kit.Operation { return &startFlow{Under: "run"} },
		Examples: []kit.Example{{
			Title: "A long import beside the rest",
			With:  flow.Values{"flow": "Import", "record": map[string]any{"year": 2026}},
			In:    map[string]any{"id": 7},
		}},
	}
}

// startFlow starts a flow and does not wait for it.
type startFlow struct {
	call
	Under string
}

func (s *startFlow) Fields() kit.Fields {
	return append(s.call.Fields(),
		kit.Text(&s.Under, "under", "Run's id under").More().Help("The record goes on with the run's id under this name."))
}

func (s *startFlow) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	id, err := env.Start(ctx, s.Flow, []any{s.Record})
	if err != nil {
		return kit.Result{}, err
	}
	if s.Under == "" {
		return kit.Pass(flow.Done), nil
	}
	return kit.Give(with(rec.Data, s.Under, string(id))), nil
}

func joinFlowOp() kit.Op {
	return kit.Op{
		ID: "join_flow", Title: "Wait for a flow", Icon: "wait", Effect: kit.Reads,
		Summary: "Waits for the end of a run that was started before, and gives on what left its last steps.",
		Words:   []string{"join", "subflow", "sub-flow", "child", "await", "result", "async"},
		New:     func() kit.Operation { return &joinFlow{} },
		Examples: []kit.Example{{
			Title: "What the import has given",
			With:  flow.Values{"run": ".run"},
			In:    map[string]any{"id": 7, "run": "20260101-120000-0000-3k5m"},
		}},
	}
}

// joinFlow waits for a run.
type joinFlow struct {
	For any
}

func (j *joinFlow) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&j.For, "run", "Run").Needed().Eg(".run").Help("The id that Start a flow has put into the record."),
	}
}

func (j *joinFlow) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	id, is := j.For.(string)
	if !is || id == "" {
		return kit.Result{}, kit.Fail(kit.Invalid, "the record names no run").On("run").Hint("give the id that Start a flow has put into the record, for example .run")
	}
	data, ended, err := env.Results(ctx, flow.RunID(id))
	switch {
	case err != nil:
		return kit.Result{}, err
	case !ended:
		return kit.WaitForRun(flow.RunID(id)), nil
	}
	return kit.Give(data...), nil
}
