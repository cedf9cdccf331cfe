package core

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// duplicate is the outlet of records that are there already.
const duplicate flow.Outlet = "duplicate"

func dedupeOp() kit.Op {
	return kit.Op{
		ID: "dedupe", Title: "Remove duplicates", Icon: "dedupe", Effect: kit.Pure, Barrier: true,
		Summary: "Waits until all records have come and gives on one for each key, in the order they came.",
		Words:   []string{"unique", "distinct", "deduplicate", "double", "once", "repeated", "same"},
		New:     func() kit.Operation { return &dedupe{By: itself{}, Keep: "first"} },
		Outlets: []flow.Outlet{flow.Done, duplicate},
		Examples: []kit.Example{{
			Title: "The newest state of each order",
			With:  flow.Values{"by": ".id", "keep": "last"},
			In: []any{
				map[string]any{"id": 7, "state": "open"}, map[string]any{"id": 8, "state": "open"}, map[string]any{"id": 7, "state": "paid"},
			},
			Out: []any{map[string]any{"id": 8, "state": "open"}, map[string]any{"id": 7, "state": "paid"}},
		}, {
			Title: "Each record once",
			In:    []any{1, 2, 1.0, "1", 2},
			Out:   []any{1, 2, "1"},
		}},
	}
}

// dedupe parts the records that go on from those whose key another one has.
type dedupe struct {
	By   any
	Keep string
}

func (d *dedupe) Fields() kit.Fields {
	return kit.Fields{
		kit.Expr(&d.By, "by", "Key").Eg(".id").
			Help("Records with the same key are duplicates. Left empty it is the whole record."),
		kit.Pick(&d.Keep, "keep", "Keep",
			kit.Choice{Value: "first", Label: "The first with a key"},
			kit.Choice{Value: "last", Label: "The last with a key"}),
	}
}

// Gather puts the keys in order with their places, marks the places that are kept, and
// then lets the records pass in the order they came.
func (d *dedupe) Gather(ctx context.Context, env kit.Env, all iter.Seq2[flow.Record, error], give func(flow.Outlet, flow.Record) error) error {
	keys, records := kit.NewSorter(env, "keys"), kit.NewSorter(env, "records")
	defer keys.Close()
	defer records.Close()
	var key, place []byte
	for rec, err := range all {
		if err != nil {
			return err
		}
		place = binary.BigEndian.AppendUint64(place[:0], uint64(records.Len()))
		key = appendKeyOf(key[:0], d.By, rec.Data)
		if err := keys.Add(ctx, key, place); err != nil {
			return err
		}
		if err := records.AddRecord(ctx, place, rec); err != nil {
			return err
		}
	}
	kept, err := d.kept(ctx, keys)
	if err != nil {
		return err
	}
	for k, err := range records.Sorted(ctx) {
		if err != nil {
			return err
		}
		rec, err := records.Record(k)
		if err != nil {
			return err
		}
		o := duplicate
		if n := binary.BigEndian.Uint64(k.Key); kept[n/8]>>(n%8)&1 == 1 {
			o = flow.Done
		}
		if err := give(o, rec); err != nil {
			return err
		}
	}
	return nil
}

// kept has a bit for each record, set where it goes on.
func (d *dedupe) kept(ctx context.Context, keys *kit.Sorter) ([]byte, error) {
	kept := make([]byte, keys.Len()/8+1)
	var last []byte
	keep := func(place []byte) {
		n := binary.BigEndian.Uint64(place)
		kept[n/8] |= 1 << (n % 8)
	}
	var place [8]byte
	n := 0
	for k, err := range keys.Sorted(ctx) {
		if err != nil {
			return nil, err
		}
		another := n == 0 || !bytes.Equal(k.Key, last)
		switch {
		case d.Keep == "first" && another:
			keep(k.Data)
		case d.Keep == "last" && another && n > 0:
			keep(place[:])
		}
		last = append(last[:0], k.Key...)
		copy(place[:], k.Data)
		n++
	}
	if d.Keep == "last" && n > 0 {
		keep(place[:])
	}
	return kept, nil
}
