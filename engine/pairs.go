package engine

import (
	"bytes"
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// pairs joins what came by key, as tables are joined. All of it is sorted by key and way,
// so that of each key only the records of one way more than the last are in memory.
func (h *hall) pairs(ctx context.Context, u *unit, full func() error) error {
	x := h.pass
	sorter := kit.NewSorter(x.env, "all")
	defer sorter.Close()
	var key []byte
	for u != nil {
		h.bind(u)
		way, err := x.wayOf(ctx, u.item)
		if err != nil {
			return err
		}
		rec := *u.item.rec
		own := h.in.op.(kit.Joiner).Key()
		rec.Data = []any{own, rec.Data}
		key = append(value.AppendKey(key[:0], own), byte(way>>8), byte(way))
		if own == nil { // what has no key has no partner
			key = append(value.AppendKey(append(key, rec.ID...), nil), byte(way>>8), byte(way))
		}
		if err := sorter.AddRecord(ctx, key, rec); err != nil {
			return err
		}
		if u, err = h.record(ctx, full); err != nil {
			return err
		}
	}
	set := &partners{hall: h, full: full, ways: make([]flow.Batch, len(x.step.join.ways))}
	for k, err := range sorter.Sorted(ctx) {
		if err != nil {
			return err
		}
		rec, err := sorter.Record(k)
		if err != nil {
			return err
		}
		end := len(k.Key) - 2
		if err := set.take(k.Key[:end], int(k.Key[end])<<8|int(k.Key[end+1]), rec); err != nil {
			return err
		}
	}
	return set.close()
}

// partners is the records with one key, by the ways they came. Those of the last way
// meet all others at once and are not kept.
type partners struct {
	hall   *hall
	full   func() error
	key    []byte
	own    any
	ways   []flow.Batch
	weight int
	met    bool // a record of the last way has come
}

func (p *partners) take(key []byte, way int, rec flow.Record) error {
	if !bytes.Equal(key, p.key) {
		if err := p.close(); err != nil {
			return err
		}
		p.key = append(p.key[:0], key...)
	}
	pair := rec.Data.([]any)
	p.own, rec.Data = pair[0], pair[1]
	last := len(p.ways) - 1
	if way == last {
		p.met = true
		if !p.whole() {
			return p.hall.give(unmatched, rec, p.full)
		}
		p.ways[last] = flow.Batch{rec}
		return p.giveSets(make([]flow.Record, len(p.ways)), 0)
	}
	if p.weight += value.Weight(rec.Data); p.weight > listsWeight {
		return kit.Fail(kit.Refused, "more than %d MB of records have the key %s", listsWeight>>20, value.Append(nil, p.own)).
			On("key").Hint("draw the edge of the branch that has most records last, or join by something finer")
	}
	p.ways[way] = append(p.ways[way], rec)
	return nil
}

// whole says whether each way but the last has given a record.
func (p *partners) whole() bool {
	for _, records := range p.ways[:len(p.ways)-1] {
		if len(records) == 0 {
			return false
		}
	}
	return true
}

// giveSets gives a record for each set that begins with the first n of chosen.
func (p *partners) giveSets(chosen []flow.Record, n int) error {
	if n < len(p.ways) {
		for _, rec := range p.ways[n] {
			chosen[n] = rec
			if err := p.giveSets(chosen, n+1); err != nil {
				return err
			}
		}
		return nil
	}
	x := p.hall.pass
	data := map[string]any{keyName: p.own}
	ids := make([]flow.RecordID, len(chosen))
	for i, rec := range chosen {
		ids[i] = rec.ID
		data[x.step.join.ways[i].name] = rec.Data
	}
	return p.hall.give(flow.Done, flow.Record{ID: flow.Child(x.step.ID, ids, 0), Parents: ids, Data: data}, p.full)
}

// close ends a key: what has found no partner leaves as it came.
func (p *partners) close() error {
	if !p.met || !p.whole() {
		for _, records := range p.ways[:len(p.ways)-1] {
			for _, rec := range records {
				if err := p.hall.give(unmatched, rec, p.full); err != nil {
					return err
				}
			}
		}
	}
	for i := range p.ways {
		p.ways[i] = p.ways[i][:0]
	}
	p.weight, p.met = 0, false
	return nil
}
