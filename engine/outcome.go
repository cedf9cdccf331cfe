package engine

import (
	"cmp"
	"context"
	"reflect"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// problemLimit is how many problems a step run shows itself; each failed record has
// its own.
const problemLimit = 10

// outcome puts together what became of the records: of all from the first on that
// were brought to an end. Those behind them are left for another task.
func (x *pass) outcome(ctx context.Context, items []*item, units []*unit) (flow.Entry, error) {
	e := flow.Entry{}
	out := sheaf{expect: len(units)}
	var waiters []*item
	taken := 0
	for _, it := range items {
		n := 0
		for n < len(units) && units[n].item == it {
			n++
		}
		own := units[:n]
		units = units[n:]
		if !finishedWith(it, own) || len(e.Asks) > 0 && waits(own) || len(waiters) > 0 && asks(own) {
			break // what waits for an answer and what waits for its time are batches of their own
		}
		taken++
		if it.fate == held {
			e.Passed++
			continue
		}
		x.settle(it, own, &out)
		if it.ask != nil {
			e.Asks = append(e.Asks, *it.ask)
		}
		if it.wait != nil {
			waiters = append(waiters, it)
		}
		if it.fate == failed {
			x.noteFailed(&e, it, &out)
		}
	}
	if taken == 0 && len(items) > 0 {
		return e, x.undone(ctx)
	}
	e.In = taken - e.Passed
	e.Waits = layWaiting(waiters, &out)
	e.Batches = out.batches()
	return e, nil
}

// finishedWith says whether nothing is left to do for the item.
func finishedWith(it *item, own []*unit) bool {
	if it.fate == untouched {
		return false
	}
	for _, u := range own {
		if !u.done {
			return false
		}
	}
	return true
}

func (x *pass) noteFailed(e *flow.Entry, it *item, out *sheaf) {
	if len(e.Problems) < problemLimit {
		e.Problems = append(e.Problems, *it.problem)
	}
	if x.step.OnError == flow.StopRun && e.Fatal == nil {
		e.Fatal = it.problem
	}
	rec := *it.whole()
	rec.Problem = it.problem
	out.add(flow.Failed, rec)
}

// settle gives what an item's units came to. One that failed fails the item, and then
// nothing of it goes on.
func (x *pass) settle(it *item, own []*unit, out *sheaf) {
	if it.fate == failed {
		return
	}
	for _, u := range own {
		switch {
		case u.bad != nil:
			it.fail(u.bad)
			return
		case u.err != nil:
			it.fail(x.problem(u.err, "", it.rec.ID))
			return
		case u.result.Ask != nil:
			it.ask = u.result.Ask
		case u.result.Wait != nil:
			it.wait = u.result.Wait
		}
	}
	if it.wait != nil {
		return
	}
	if it.ask != nil {
		rec := *it.whole()
		rec.Problem = it.problem
		out.add(flow.Waiting, rec)
		return
	}
	out.mark()
	number := 0
	for place, u := range own {
		if p := x.giveResult(u, place, &number, out); p != nil {
			out.back()
			it.fail(p)
			return
		}
	}
	if out.unchanged() {
		rec := *it.whole()
		rec.Problem = nil
		out.add(Empty, rec)
	}
}

// giveResult gives the records of one result. number runs on over all that the item
// gives.
func (x *pass) giveResult(u *unit, place int, number *int, out *sheaf) *flow.Problem {
	it, o := u.item, cmp.Or(u.result.Outlet, flow.Done)
	if u.result.Outlet == "" && !x.step.leavesBy(flow.Done) {
		o = x.step.first()
	}
	if o == flow.Failed || o == flow.Waiting || !x.step.leavesBy(o) {
		return x.problem(kit.Fail(kit.Refused, "the operation sent it to the outlet %q", o), "", it.rec.ID)
	}
	if u.result.Same {
		rec := u.rec
		if rec.ID == it.rec.ID {
			rec = *it.whole() // as it came, also where a bulk operation saw its main field
		} else {
			rec.ID = x.child(u, place, *number)
			*number++
		}
		rec.Problem = nil
		out.add(o, rec)
		return nil
	}
	for _, v := range u.result.Data {
		data, err := x.normal(u, v)
		if err != nil {
			return x.problem(kit.Fail(kit.Malformed, "connector %q gave what is no JSON: %w", x.step.connector.ID, err).Hint("tell its author"), "", it.rec.ID)
		}
		out.add(o, flow.Record{ID: x.child(u, place, *number), Parents: parentsOf(u), Data: data})
		*number++
	}
	return nil
}

// normal makes a value that an operation gave into what jq knows. One that it passes on
// from a mapping that picks fields of records is so already.
func (x *pass) normal(u *unit, v any) (any, error) {
	if m, ok := v.(map[string]any); ok && x.step.op.Each && x.step.mapping != nil && x.step.mapping.TakesParts() {
		if given, ok := u.rec.Data.(map[string]any); ok && reflect.ValueOf(m).Pointer() == reflect.ValueOf(given).Pointer() {
			return v, nil
		}
	}
	return value.Normal(v)
}

// child is the id of the number-th record made of the unit's item.
func (x *pass) child(u *unit, place, number int) flow.RecordID {
	if u.rec.ID != u.item.rec.ID && place == number {
		return u.rec.ID // computed before, for the value that the mapping gave
	}
	return flow.Child(x.step.ID, []flow.RecordID{u.item.rec.ID}, number)
}

func parentsOf(u *unit) []flow.RecordID {
	if u.rec.ID != u.item.rec.ID {
		return u.rec.Parents
	}
	return []flow.RecordID{u.item.rec.ID}
}

// sheaf gathers records by outlet.
type sheaf struct {
	outlets []flow.Outlet
	records []flow.Batch
	last    int
	added   []int // the outlet of each record that was added since the mark
	expect  int   // how many records there will probably be
}

func (s *sheaf) add(o flow.Outlet, rec flow.Record) {
	if s.last >= len(s.outlets) || s.outlets[s.last] != o {
		s.last = s.find(o)
	}
	s.records[s.last] = append(s.records[s.last], rec)
	s.added = append(s.added, s.last)
}

func (s *sheaf) find(o flow.Outlet) int {
	for i, known := range s.outlets {
		if known == o {
			return i
		}
	}
	s.outlets = append(s.outlets, o)
	var batch flow.Batch
	if len(s.outlets) == 1 {
		batch = make(flow.Batch, 0, s.expect)
	}
	s.records = append(s.records, batch)
	return len(s.outlets) - 1
}

// mark notes a place to go back to.
func (s *sheaf) mark() { s.added = s.added[:0] }

func (s *sheaf) unchanged() bool { return len(s.added) == 0 }

// back takes out what was added since the mark.
func (s *sheaf) back() {
	for _, o := range s.added {
		s.records[o] = s.records[o][:len(s.records[o])-1]
	}
	s.added = s.added[:0]
}

func (s *sheaf) batches() map[flow.Outlet]flow.Batch {
	all := make(map[flow.Outlet]flow.Batch, len(s.outlets))
	for i, o := range s.outlets {
		if len(s.records[i]) > 0 {
			all[o] = s.records[i]
		}
	}
	return all
}
