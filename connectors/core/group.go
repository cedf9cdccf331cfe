package core

import (
	"bytes"
	"context"
	"iter"
	"math/big"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func groupOp() kit.Op {
	return kit.Op{
		ID: "group", Title: "Group", Icon: "group", Effect: kit.Pure, Barrier: true,
		Summary: "Waits until all records have come and gives one for each key, with counts, sums and the like, in the order of the keys.",
		Words:   []string{"aggregate", "by", "sum", "count", "average", "avg", "min", "max", "total", "pivot", "statistics", "reduce"},
		New:     func() kit.Operation { return &group{By: itself{}} },
		Out: flow.ObjectOf(
			flow.Property{Name: "key", Schema: flow.Schema{}},
			flow.Property{Name: "count", Required: true, Schema: flow.Of(flow.Integer)},
		),
		Examples: []kit.Example{{
			Title: "Turnover by country",
			With:  flow.Values{"by": ".country", "sum": []any{"total"}, "max": []any{"total"}},
			In: []any{
				map[string]any{"country": "DE", "total": 3}, map[string]any{"country": "AT", "total": 1}, map[string]any{"country": "DE", "total": 4},
			},
			Out: []any{
				map[string]any{"key": "AT", "count": 1, "sum": map[string]any{"total": 1}, "max": map[string]any{"total": 1}},
				map[string]any{"key": "DE", "count": 2, "sum": map[string]any{"total": 7}, "max": map[string]any{"total": 4}},
			},
		}, {
			Title: "Over all records",
			With:  flow.Values{"avg": []any{"total"}},
			In:    []any{map[string]any{"total": 3}, map[string]any{"total": 1}},
			Out:   []any{map[string]any{"count": 2, "avg": map[string]any{"total": 2}}},
		}, {
			Title: "The records themselves, in lists",
			With:  flow.Values{"by": ".day", "items": true},
			In:    []any{map[string]any{"day": 2, "n": 1}, map[string]any{"day": 1, "n": 2}},
			Out: []any{
				map[string]any{"key": 1, "count": 1, "items": []any{map[string]any{"day": 1, "n": 2}}},
				map[string]any{"key": 2, "count": 1, "items": []any{map[string]any{"day": 2, "n": 1}}},
			},
		}},
	}
}

// group makes one record of those with the same key.
type group struct {
	By          any
	Sum, Avg    []string
	Min, Max    []string
	First, Last bool
	Items       bool
}

func (g *group) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&g.By, "by", "Key").Eg(".country").
			Help("One value, or a list of several: [.country, .year]. Left empty all records are one group."),
		kit.List(&g.Sum, "sum", "Sum of").Eg("total, lines.count").
			Help("Fields that hold numbers; those that are null or not there are left out. A dot leads into an object."),
		kit.List(&g.Avg, "avg", "Average of").Eg("total"),
		kit.List(&g.Min, "min", "Least of").Eg("total, day").Help("Of values of any kind, in the order of jq's sort; null is left out."),
		kit.List(&g.Max, "max", "Greatest of").Eg("total, day"),
		kit.Toggle(&g.First, "first", "With the first record"),
		kit.Toggle(&g.Last, "last", "With the last record"),
		kit.Toggle(&g.Items, "items", "With all records").
			Help("A list called items, for what a mapping behind it makes of the group. A group must fit into memory then."),
	}
}

func (g *group) Gather(ctx context.Context, env kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	sorter := kit.NewSorter(env, "all")
	defer sorter.Close()
	alone := newTally(g)
	var key, data []byte
	for rec, err := range all {
		if err != nil {
			return err
		}
		if f := g.unfit(rec.Data); f != nil {
			p := f.Problem(env.Step, rec.ID)
			rec.Problem = &p
			if err := give(flow.Failed, rec); err != nil {
				return err
			}
			continue
		}
		if g.By == (itself{}) {
			if err := alone.add(rec.Data); err != nil {
				return err
			}
			continue
		}
		key = value.AppendKey(key[:0], g.By)
		data = value.Append(data[:0], []any{g.By, rec.Data})
		if err := sorter.Add(ctx, key, data); err != nil {
			return err
		}
	}
	switch {
	case g.By == (itself{}):
		return give(flow.Done, flow.Record{Data: alone.result()})
	case sorter.Len() == 0:
		return nil // all have failed
	}
	return g.tell(ctx, sorter, give)
}

// tell gives a record for each group.
func (g *group) tell(ctx context.Context, sorter *kit.Sorter, give func(flow.Outlet, flow.Record) error) error {
	var t *tally
	var last []byte
	var decoder value.Decoder
	for k, err := range sorter.Sorted(ctx) {
		if err != nil {
			return err
		}
		pair, err := decoder.Decode(k.Data)
		if err != nil {
			return kit.Fail(kit.Malformed, "read what was sorted: %w", err)
		}
		if t != nil && !bytes.Equal(last, k.Key) {
			if err := give(flow.Done, flow.Record{Data: t.result()}); err != nil {
				return err
			}
			t = nil
		}
		both := pair.([]any)
		if t == nil {
			t = newTally(g)
			t.key, t.keyed = both[0], true
		}
		if err := t.add(both[1]); err != nil {
			return err
		}
		last = append(last[:0], k.Key...)
	}
	return give(flow.Done, flow.Record{Data: t.result()})
}

// unfit tells of a field that is to be added up and is no number.
func (g *group) unfit(data any) *kit.Failure {
	for _, list := range [][]string{g.Sum, g.Avg} {
		for _, name := range list {
			v := lookUp(data, name)
			switch v.(type) {
			case nil, int, float64, *big.Int:
			default:
				return kit.Fail(kit.Malformed, "%q is %s, which is no number to add up", name, line(v)).
					Hint("make it one in a mapping before, for example with tonumber")
			}
		}
	}
	return nil
}
