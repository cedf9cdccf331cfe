package core

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// empty is the outlet of a record that the mapping made nothing of.
const empty flow.Outlet = "empty"

func mapOp() kit.Op {
	return kit.Op{
		ID: "map", Title: "Map", Icon: "map", Effect: kit.Pure, Each: true,
		Summary: "Makes each record into another one, into several, or into none.",
		Words:   []string{"transform", "jq", "convert", "rename", "split", "expand", "set", "edit", "fields"},
		New:     func() kit.Operation { return &mapping{} },
		Outlets: []flow.Outlet{flow.Done, empty},
		Examples: []kit.Example{{
			Title: "Rename and compute",
			Map:   "{name: .customer, total: (.price * .count)}",
			In:    map[string]any{"customer": "Ada", "price": 3, "count": 4},
			Out:   []any{map[string]any{"name": "Ada", "total": 12}},
		}, {
			Title: "One record for each line of an order",
			Map:   ".lines[] + {order: .id}",
			In:    map[string]any{"id": 7, "lines": []any{map[string]any{"sku": "a"}, map[string]any{"sku": "b"}}},
			Out:   []any{map[string]any{"sku": "a", "order": 7}, map[string]any{"sku": "b", "order": 7}},
		}},
	}
}

// mapping gives on what the step's mapping gave.
type mapping struct {
	Value any
}

func (m *mapping) Fields() kit.Fields {
	return kit.Fields{
		kit.Value(&m.Value, "value", "Value").AsMain().More().
			Help("What goes on; the mapping gives it, or else it is the record."),
	}
}

func (m *mapping) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	return kit.Give(m.Value), nil
}

func (m *mapping) RunAll(_ context.Context, _ kit.Env, batch flow.Batch) ([]kit.Result, error) {
	results := make([]kit.Result, len(batch))
	data := make([]any, len(batch))
	for i, r := range batch {
		data[i] = r.Data
		results[i].Data = data[i : i+1 : i+1]
	}
	return results, nil
}
