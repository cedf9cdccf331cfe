package core

import (
	"context"
	"errors"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func collectOp() kit.Op {
	return kit.Op{
		ID: "collect", Title: "Collect", Icon: "collect", Effect: kit.Pure, Barrier: true,
		Summary: "Waits until all records have come and gives them on in one list, or in lists of a size.",
		Words:   []string{"gather", "aggregate", "join", "merge", "batch", "group", "all", "sum", "list"},
		New:     func() kit.Operation { return &collect{} },
		Out: flow.ObjectOf(
			flow.Property{Name: "items", Required: true, Schema: flow.Of(flow.Array)},
			flow.Property{Name: "count", Required: true, Schema: flow.Of(flow.Integer)},
		),
		Examples: []kit.Example{{
			Title: "All in one list",
			In:    []any{map[string]any{"id": 1}, map[string]any{"id": 2}},
			Out:   []any{map[string]any{"items": []any{map[string]any{"id": 1}, map[string]any{"id": 2}}, "count": 2}},
		}, {
			Title: "Lists of two",
			With:  flow.Values{"size": 2},
			In:    []any{"a", "b", "c"},
			Out: []any{
				map[string]any{"items": []any{"a", "b"}, "count": 2},
				map[string]any{"items": []any{"c"}, "count": 1},
			},
		}},
	}
}

// collect makes lists of records.
type collect struct {
	Size int
}

func (c *collect) Fields() kit.Fields {
	return kit.Fields{
		kit.Int(&c.Size, "size", "Records in a list").Checked(c.check).
			Help("The last list may be shorter; 0 puts all into one."),
	}
}

func (c *collect) check() error {
	if c.Size < 0 {
		return errors.New("a list cannot have less than no records")
	}
	return nil
}

func (c *collect) Gather(_ context.Context, _ kit.Env, all flow.Batch) ([]any, error) {
	items := make([]any, len(all))
	for i, r := range all {
		items[i] = r.Data
	}
	size := c.Size
	if size == 0 {
		return []any{list(items)}, nil
	}
	var lists []any
	for start := 0; start < len(items); start += size {
		lists = append(lists, list(items[start:min(start+size, len(items))]))
	}
	return lists, nil
}

func list(items []any) any {
	return map[string]any{"items": items, "count": len(items)}
}
