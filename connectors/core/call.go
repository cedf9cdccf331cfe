package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func callOp() kit.Op {
	return kit.Op{
		ID: "flow", Title: "Call a flow", Icon: "flow", Effect: kit.Repeatable,
		Summary: "Runs another flow for each record and gives on what left its last steps.",
		Words:   []string{"call", "subflow", "sub-flow", "child", "reuse", "execute"},
		New:     func() kit.Operation { return &call{} },
		Examples: []kit.Example{{
			Title: "Clean an address with a flow of its own",
			With:  flow.Values{"flow": "Clean address"},
			Map:   "{record: .address}",
			In:    map[string]any{"id": 7, "address": map[string]any{"city": " Wien "}},
			Out:   []any{map[string]any{"city": "Wien"}},
		}},
	}
}

// call runs another flow.
type call struct {
	Flow   string
	Record any
}

func (c *call) Fields() kit.Fields {
	return kit.Fields{
		kit.Text(&c.Flow, "flow", "Flow").Needed().Eg("Clean address").Help("The name or the id of the flow to run."),
		kit.Value(&c.Record, "record", "Record").AsMain().Help("What the other flow starts with."),
	}
}

// Calls is the flow, and the field that it starts with.
func (c *call) Calls() (name, field string) { return c.Flow, "record" }

func (c *call) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	values, err := env.Call(ctx, c.Flow, []any{c.Record})
	return kit.Give(values...), err
}
