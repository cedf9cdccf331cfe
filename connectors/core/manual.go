package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func manualOp() kit.Op {
	return kit.Op{
		ID: "manual", Title: "Start by hand", Icon: "manual", Trigger: true, Effect: kit.Pure,
		Summary: "Starts a run when you say so, with the items given here.",
		Words:   []string{"trigger", "run", "button", "test", "input"},
		New:     func() kit.Operation { return &manual{Items: map[string]any{}} },
		Examples: []kit.Example{{
			Title: "Start with an empty record",
			Out:   []any{map[string]any{}},
		}, {
			Title: "Two records",
			With:  flow.Values{"items": []any{map[string]any{"id": 1}, map[string]any{"id": 2}}},
			Out:   []any{map[string]any{"id": 1}, map[string]any{"id": 2}},
		}},
	}
}

// manual is a trigger that only a start by hand fires.
type manual struct {
	Items any
}

func (m *manual) Fields() kit.Fields {
	return kit.Fields{
		kit.Value(&m.Items, "items", "Items").Eg(`[{"id": 1}, {"id": 2}]`).
			Help("A list gives one record for each of its members, anything else is one record."),
	}
}

func (m *manual) Start(context.Context, kit.Env) ([]any, error) {
	switch items := m.Items.(type) {
	case nil:
		return []any{map[string]any{}}, nil
	case []any:
		return items, nil
	}
	return []any{m.Items}, nil
}
