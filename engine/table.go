package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// table is what a join remembers of the batches that it took. It is computed from them,
// so that one that is lost costs only time.
type table struct {
	stamp int                 // which state of the join it stands for
	seen  map[token]struct{}  // of any: the keys of which a record came
	waits map[token][]address // of keyed: what waits for partners, in the order in which it came
	ways  int
	place int       // of the next address
	near  int       // how many addresses hold their record
	order []address // all that waits, in order, while it is given on; nil where that is not known
}

// token stands for a key.
type token [16]byte

// address is where a record is that waits for its partners.
type address struct {
	ref   flow.Ref
	nth   int
	way   int
	place int
	token token
	rec   *flow.Record // nil where there are too many to hold them
}

// nearLimit is how many records a table holds; of those beyond it, only the address.
const nearLimit = 10_000

func tokenOf(scope flow.RecordID, key any) token {
	sum := sha256.Sum256(value.Append(append([]byte(scope), 0), key))
	return token(sum[:16])
}

// tokenOf is the key of a unit. One that has none finds no partner.
func (x *pass) tokenOf(u *unit) token {
	if u.key == nil && x.step.join.policy == kit.JoinKeyed {
		return tokenOf("?"+u.rec.ID, nil)
	}
	return tokenOf("", u.key)
}

func (x *pass) addressOf(u *unit) address {
	return address{ref: u.item.from.origin.ref, nth: u.item.nth, rec: u.item.rec}
}

// first says whether a record is the first with its key.
func (t *table) first(k token) bool {
	if _, there := t.seen[k]; there {
		return false
	}
	t.seen[k] = struct{}{}
	return true
}

// add puts a record into the table. Where its set of partners is whole by that, it takes
// the set out, in the order of the ways.
func (t *table) add(k token, way int, a address) []address {
	a.way, a.place, a.token = way, t.place, k
	t.place++
	t.order = nil
	list := append(t.waits[k], a)
	set := make([]int, t.ways)
	whole := 0
	for i := range set {
		set[i] = slices.IndexFunc(list, func(one address) bool { return one.way == i })
		if set[i] >= 0 {
			whole++
		}
	}
	if whole < t.ways {
		if t.near < nearLimit {
			t.near++
		} else {
			list[len(list)-1].rec = nil
		}
		t.waits[k] = list
		return nil
	}
	partners := make([]address, t.ways)
	for i, at := range set {
		partners[i] = list[at]
		if list[at].rec != nil && at != len(list)-1 {
			t.near--
		}
	}
	rest := slices.DeleteFunc(list, func(one address) bool {
		return slices.ContainsFunc(partners, func(p address) bool { return p.place == one.place })
	})
	if len(rest) == 0 {
		delete(t.waits, k)
	} else {
		t.waits[k] = rest
	}
	return partners
}

// drop takes out the n that have waited longest.
func (t *table) drop(n int) []address {
	if t.order == nil {
		for _, list := range t.waits {
			t.order = append(t.order, list...)
		}
		slices.SortFunc(t.order, func(a, b address) int { return cmp.Compare(a.place, b.place) })
	}
	gone := t.order[:min(n, len(t.order))]
	t.order = t.order[len(gone):]
	for _, a := range gone {
		if a.rec != nil {
			t.near--
		}
		rest := slices.DeleteFunc(t.waits[a.token], func(one address) bool { return one.place == a.place })
		if t.waits[a.token] = rest; len(rest) == 0 {
			delete(t.waits, a.token)
		}
	}
	return gone
}

// at reads a record that waited.
func (x *pass) at(ctx context.Context, a address) (flow.Record, error) {
	if a.rec != nil {
		return *a.rec, nil
	}
	batch, err := x.w.batch(ctx, a.ref)
	if err != nil {
		return flow.Record{}, err
	}
	return batch[a.nth], nil
}

// table finds the join's table as its state was before this task, or computes it. The
// caller has it alone; Do keeps it for the next task once this one is in the history.
func (x *pass) table(ctx context.Context) (*table, error) {
	state := x.task.joined
	if t := x.w.tables.take(reader{x.task.run.ID, x.step.ID}); t != nil && t.stamp == state.seq {
		x.kept = t
		return t, nil
	}
	t := &table{seen: map[token]struct{}{}, waits: map[token][]address{}, ways: len(x.step.join.ways)}
	for a := range state.taken.all() {
		if a.count < 0 {
			t.drop(-a.count)
			continue
		}
		if err := x.retake(ctx, t, a); err != nil {
			return nil, err
		}
	}
	x.kept = t
	return t, nil
}

// retake puts a batch into the table that was taken before.
func (x *pass) retake(ctx context.Context, t *table, a arrival) error {
	y := *x
	y.task.came = []arrival{a}
	_, units, err := y.meeting(ctx)
	if err != nil {
		return err
	}
	for _, u := range units {
		if u.bad != nil || u.item.nth >= a.count {
			continue
		}
		if x.step.join.policy == kit.JoinAny {
			t.first(x.tokenOf(u))
			continue
		}
		way, err := x.wayOf(ctx, u.item)
		if err != nil {
			return err
		}
		t.add(x.tokenOf(u), way, x.addressOf(u))
	}
	return nil
}
