package core

import (
	"context"
	"iter"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func sortOp() kit.Op {
	return kit.Op{
		ID: "sort", Title: "Sort", Icon: "sort", Effect: kit.Pure, Barrier: true,
		Summary: "Waits until all records have come and gives them on in order; more than memory holds are sorted on disk.",
		Words:   []string{"order", "by", "rank", "arrange", "ascending", "descending", "top", "newest", "oldest"},
		New:     func() kit.Operation { return &sort{By: itself{}, Order: "ascending"} },
		Examples: []kit.Example{{
			Title: "By country, in each the dearest first",
			With:  flow.Values{"fields": []any{"country", "-total"}},
			In: []any{
				map[string]any{"country": "DE", "total": 3},
				map[string]any{"country": "AT", "total": 1},
				map[string]any{"country": "DE", "total": 4},
				map[string]any{"country": "AT", "total": 2},
			},
			Out: []any{
				map[string]any{"country": "AT", "total": 2},
				map[string]any{"country": "AT", "total": 1},
				map[string]any{"country": "DE", "total": 4},
				map[string]any{"country": "DE", "total": 3},
			},
		}, {
			Title: "By what jq gives, the greatest first",
			With:  flow.Values{"by": ".price * .count", "order": "descending"},
			In:    []any{map[string]any{"price": 1, "count": 9}, map[string]any{"price": 5, "count": 2}},
			Out:   []any{map[string]any{"price": 5, "count": 2}, map[string]any{"price": 1, "count": 9}},
		}},
	}
}

// itself stands in an expression field for one that is not set: the whole record.
type itself struct{}

// sort puts records in order.
type sort struct {
	Names []string
	By    any
	Order string
}

func (s *sort) Fields() kit.Fields {
	return kit.Fields{
		kit.List(&s.Names, "fields", "Fields").Eg("country, -total").
			Help("The first one counts most; with a minus in front it is descending. A dot leads into an object."),
		kit.Expr(&s.By, "by", "Or by").Eg(".price * .count").
			Help("Where no fields are named: what to go by, in the order of jq's sort. Left empty it is the whole record.").
			OnlyIf(func() bool { return len(s.Names) == 0 }),
		kit.Pick(&s.Order, "order", "Order",
			kit.Choice{Value: "ascending", Label: "Ascending"},
			kit.Choice{Value: "descending", Label: "Descending"}).
			OnlyIf(func() bool { return len(s.Names) == 0 }),
	}
}

func (s *sort) Gather(ctx context.Context, env kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	sorter := kit.NewSorter(env, "all")
	defer sorter.Close()
	var key []byte
	for rec, err := range all {
		if err != nil {
			return err
		}
		key = s.appendKey(key[:0], rec.Data)
		if err := sorter.AddRecord(ctx, key, rec); err != nil {
			return err
		}
	}
	for k, err := range sorter.Sorted(ctx) {
		if err != nil {
			return err
		}
		rec, err := sorter.Record(k)
		if err != nil {
			return err
		}
		if err := give(flow.Done, rec); err != nil {
			return err
		}
	}
	return nil
}

func (s *sort) appendKey(key []byte, data any) []byte {
	if len(s.Names) == 0 {
		key = appendKeyOf(key, s.By, data)
		if s.Order == "descending" {
			value.Descending(key)
		}
		return key
	}
	for _, name := range s.Names {
		begin := len(key)
		name, descending := strings.CutPrefix(strings.TrimSpace(name), "-")
		key = value.AppendKey(key, lookUp(data, name))
		if descending {
			value.Descending(key[begin:])
		}
	}
	return key
}

// appendKeyOf writes the key of what an expression came to, or of the record where it
// is not set.
func appendKeyOf(key []byte, by, data any) []byte {
	if by == (itself{}) {
		by = data
	}
	return value.AppendKey(key, by)
}

// lookUp finds a member of an object, or of the objects in it by a name with dots; null
// where there is none.
func lookUp(data any, name string) any {
	object, _ := data.(map[string]any)
	if v, ok := object[name]; ok {
		return v
	}
	for dot := strings.IndexByte(name, '.'); dot >= 0; {
		if inner, ok := object[name[:dot]]; ok {
			return lookUp(inner, name[dot+1:])
		}
		next := strings.IndexByte(name[dot+1:], '.')
		if next < 0 {
			break
		}
		dot += 1 + next
	}
	return nil
}
