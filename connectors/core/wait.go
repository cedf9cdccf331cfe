package core

import (
	"context"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func waitOp() kit.Op {
	return kit.Op{
		ID: "wait", Title: "Wait", Icon: "wait", Effect: kit.Pure,
		Summary: "Holds records back for a while; those that come together go on together.",
		Words:   []string{"delay", "pause", "sleep", "timer"},
		New:     func() kit.Operation { return &wait{} },
		Examples: []kit.Example{{
			Title: "A short pause",
			With:  flow.Values{"for": "1ms"},
			In:    map[string]any{"id": 1},
			Out:   []any{map[string]any{"id": 1}},
		}},
	}
}

// wait lets time pass before the record goes on.
type wait struct {
	For time.Duration
}

func (w *wait) Fields() kit.Fields {
	return kit.Fields{kit.Duration(&w.For, "for", "How long").Needed().Eg("30s")}
}

func (w *wait) Run(ctx context.Context, _ kit.Env, _ flow.Record) (kit.Result, error) {
	return kit.Pass(flow.Done), w.pause(ctx)
}

// RunAll waits once for all, because they came at the same time.
func (w *wait) RunAll(ctx context.Context, _ kit.Env, batch flow.Batch) ([]kit.Result, error) {
	if err := w.pause(ctx); err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	for i := range results {
		results[i] = kit.Pass(flow.Done)
	}
	return results, nil
}

func (w *wait) pause(ctx context.Context) error {
	timer := time.NewTimer(w.For)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
