package engine

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// keyName is what the key is called in the records of a keyed join.
const keyName = "key"

// meet is the pass of a join over one batch: of any, keyed, or branch after branch.
func (x *pass) meet(ctx context.Context) (flow.Entry, error) {
	items, units, err := x.meeting(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	if x.step.join.policy == kit.JoinStream {
		for _, u := range units {
			u.result = kit.Pass(flow.Done)
		}
		return x.outcome(ctx, items, units)
	}
	t, err := x.table(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	if x.step.join.policy == kit.JoinAny {
		for _, u := range units {
			if u.bad != nil {
				continue
			}
			u.result = kit.Pass(late)
			if t.first(x.tokenOf(u)) {
				u.result = kit.Pass(flow.Done)
			}
		}
		return x.outcome(ctx, items, units)
	}
	return x.match(ctx, t, items, units)
}

const (
	late      flow.Outlet = "late"
	unmatched flow.Outlet = "unmatched"
)

// meeting reads what came to a join, and binds its key for each record.
func (x *pass) meeting(ctx context.Context) ([]*item, []*unit, error) {
	items, err := x.incoming(ctx)
	if err != nil {
		return nil, nil, err
	}
	in, err := bound(x.step)
	if err != nil {
		return nil, nil, err
	}
	units := x.units(in, items)
	for _, u := range units {
		if x.bind(in, u) {
			u.done, u.key = true, in.op.(kit.Joiner).Key()
		}
	}
	return items, units, nil
}

// match gives one record for each set of partners that is whole.
func (x *pass) match(ctx context.Context, t *table, items []*item, units []*unit) (flow.Entry, error) {
	e := flow.Entry{}
	var out sheaf
	for _, it := range items {
		if it.fate == held {
			e.Passed++
		}
	}
	for _, u := range units {
		if u.bad != nil {
			u.item.fail(u.bad)
			continue
		}
		way, err := x.wayOf(ctx, u.item)
		if err != nil {
			return e, err
		}
		if set := t.add(x.tokenOf(u), way, x.addressOf(u)); set != nil {
			rec, err := x.joinedOf(ctx, u.key, set)
			if err != nil {
				return e, err
			}
			out.add(flow.Done, rec)
		}
	}
	for _, it := range items {
		if it.fate == failed {
			x.noteFailed(&e, it, &out)
		}
	}
	e.In = len(items) - e.Passed
	e.Batches = out.batches()
	return e, nil
}

// joinedOf makes one record of partners.
func (x *pass) joinedOf(ctx context.Context, key any, set []address) (flow.Record, error) {
	data := map[string]any{keyName: key}
	ids := make([]flow.RecordID, len(set))
	for i, a := range set {
		rec, err := x.at(ctx, a)
		if err != nil {
			return flow.Record{}, err
		}
		ids[i] = rec.ID
		data[x.step.join.ways[i].name] = rec.Data
		x.note(a.ref)
	}
	return flow.Record{ID: flow.Child(x.step.ID, ids, 0), Parents: ids, Data: data}, nil
}

// note remembers a batch from which records were taken beside the task's own.
func (x *pass) note(r flow.Ref) {
	for _, a := range x.task.came {
		if a.origin.ref == r {
			return
		}
	}
	if !x.noted[r] {
		if x.noted == nil {
			x.noted = map[flow.Ref]bool{}
		}
		x.noted[r] = true
		x.with = append(x.with, r)
	}
}

// restsAtOnce is how many records leave unmatched in one step run.
const restsAtOnce = 1000

// giveRests gives on what found no partner.
func (x *pass) giveRests(ctx context.Context) (flow.Entry, error) {
	t, err := x.table(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	var out sheaf
	for _, a := range t.drop(restsAtOnce) {
		rec, err := x.at(ctx, a)
		if err != nil {
			return flow.Entry{}, err
		}
		rec.Problem = nil
		out.add(unmatched, rec)
		x.note(a.ref)
	}
	return flow.Entry{Batches: out.batches()}, nil
}

// listsWeight is about how many bytes of JSON the record of a join with lists may have.
const listsWeight = 64 << 20

// lists gives one record with a list of what came by each way.
func (h *hall) lists(ctx context.Context, u *unit, full func() error) error {
	x := h.pass
	data := map[string]any{}
	for _, w := range x.step.join.ways {
		data[w.name] = []any{}
	}
	for weight, n := 0, 0; u != nil; n++ {
		way, err := x.wayOf(ctx, u.item)
		if err != nil {
			return err
		}
		if weight += value.Weight(u.item.rec.Data); weight > listsWeight {
			return kit.Fail(kit.Refused, "the lists would have more than %d MB after %d records", listsWeight>>20, n).
				Hint("join by a key, or let the records themselves go on")
		}
		name := x.step.join.ways[way].name
		data[name] = append(data[name].([]any), u.item.rec.Data)
		if u, err = h.record(ctx, full); err != nil {
			return err
		}
	}
	return h.give(flow.Done, flow.Record{Data: data}, full)
}

// wayOf finds by which way a record came. One that the join itself had failed may be in
// a batch with others; it came by the way of the batch that has it.
func (x *pass) wayOf(ctx context.Context, it *item) (int, error) {
	j := x.step.join
	if n := j.wayOf(it.from.origin); n >= 0 {
		return n, nil
	}
	for _, o := range it.from.origin.from {
		way, err := x.wayIn(ctx, o, it.rec.ID)
		if way >= 0 || err != nil {
			return way, err
		}
	}
	return 0, nil
}

func (x *pass) wayIn(ctx context.Context, o *origin, id flow.RecordID) (int, error) {
	batch, err := x.w.batch(ctx, o.ref)
	if err != nil {
		return -1, err
	}
	for _, rec := range batch {
		if rec.ID != id {
			continue
		}
		if n := x.step.join.wayOf(o); n >= 0 {
			return n, nil
		}
		for _, before := range o.from {
			if n, err := x.wayIn(ctx, before, id); n >= 0 || err != nil {
				return n, err
			}
		}
	}
	return -1, nil
}
