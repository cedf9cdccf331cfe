package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func failOp() kit.Op {
	return kit.Op{
		ID: "fail", Title: "Fail", Icon: "fail", Tint: "red", Effect: kit.Pure,
		Summary: "Fails each record, or those for which a condition holds, with a message.",
		Words:   []string{"error", "stop", "reject", "throw", "raise", "assert", "validate", "check"},
		New:     func() kit.Operation { return &fail{When: true} },
		Examples: []kit.Example{{
			Title: "Orders without a total",
			With:  flow.Values{"when": ".total == null", "message": `"order \(.id) has no total"`},
			In:    map[string]any{"id": 7, "total": 12},
			Out:   []any{map[string]any{"id": 7, "total": 12}},
		}},
	}
}

// fail gives up a record.
type fail struct {
	Message any
	When    bool // stays true where no condition is set
}

func (f *fail) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&f.Message, "message", "Message").Eg(`"order \(.id) has no total"`).
			Help("What the record's problem says."),
		kit.Test(&f.When, "when", "Only when").Eg(".total == null").
			Help("Other records go on; left empty every record fails."),
	}
}

func (f *fail) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	if !f.When {
		return kit.Pass(flow.Done), nil
	}
	if f.Message == nil {
		return kit.Result{}, kit.Fail(kit.Refused, "the flow fails this record")
	}
	return kit.Result{}, kit.Fail(kit.Refused, "%s", line(f.Message))
}
