package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func calledOp() kit.Op {
	schema := map[string]any{
		"type": "object", "required": []any{"city"},
		"properties": map[string]any{"city": map[string]any{"type": "string"}},
	}
	return kit.Op{
		ID: "called", Title: "When called", Icon: "reply", Trigger: true, Effect: kit.Pure,
		Summary: "Starts the flow when another one calls it, and says what it takes and gives.",
		Words:   []string{"trigger", "subflow", "sub-flow", "function", "interface", "input", "output", "parameters"},
		New:     func() kit.Operation { return &called{} },
		Examples: []kit.Example{{
			Title: "A flow that cleans an address",
			With:  flow.Values{"takes": schema, "gives": schema},
			Out:   []any{map[string]any{}},
		}},
	}
}

// called is a trigger for other flows.
type called struct {
	TakesValue, GivesValue any
	takes, gives           flow.Schema
}

func (c *called) Fields() kit.Fields {
	return kit.Fields{
		kit.Value(&c.TakesValue, "takes", "Takes").Checked(func() (err error) { c.takes, err = shapeOf(c.TakesValue); return err }).
			Eg(`[{"name": "city", "needed": true}]`).Help("What each record looks like: a JSON Schema, or a list of fields. Left empty it is anything."),
		kit.Value(&c.GivesValue, "gives", "Gives").Checked(func() (err error) { c.gives, err = shapeOf(c.GivesValue); return err }).
			Eg(`[{"name": "city", "needed": true}]`).Help("What each record looks like that leaves its last steps."),
	}
}

// Takes is what each record that comes looks like.
func (c *called) Takes() flow.Schema { return c.takes }

// Gives is what each record that leaves the flow looks like.
func (c *called) Gives() flow.Schema { return c.gives }

// Start by hand gives an empty record.
func (c *called) Start(context.Context, kit.Env) ([]any, error) { return []any{map[string]any{}}, nil }
