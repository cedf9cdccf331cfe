package core

import (
	"context"
	"errors"
	"iter"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
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

// longestList is about how many bytes of JSON one record may have that holds others.
const longestList = 64 << 20

func (c *collect) Gather(_ context.Context, _ kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	items, weight := []any{}, 0
	for r, err := range all {
		if err != nil {
			return err
		}
		if weight += value.Weight(r.Data); weight > longestList {
			return kit.Fail(kit.Refused, "the list would have more than %d MB after %d records", longestList>>20, len(items)).
				On("size").Hint("set how many records a list has at the most")
		}
		if items = append(items, r.Data); len(items) == c.Size {
			if err := give(flow.Done, list(items)); err != nil {
				return err
			}
			items, weight = []any{}, 0
		}
	}
	if c.Size > 0 && len(items) == 0 {
		return nil
	}
	return give(flow.Done, list(items))
}

func list(items []any) flow.Record {
	return flow.Record{Data: map[string]any{"items": items, "count": len(items)}}
}
