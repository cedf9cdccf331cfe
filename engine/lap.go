package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// lap is what a container knows of the batch that it takes: the items, and the results so
// far. It is computed from the history, so that one that is lost costs only time.
type lap struct {
	want   string // the key of the page to come
	round  int
	goesOn bool // it has the results of the pages before
	ids    map[flow.RecordID]bool
	loop   flow.Loop
	items  []*item
	scopes []kit.Scope
	lists  [][]any // the items of each record
	places map[flow.RecordID]int
	found  map[int][]finding
	counts map[int]int // results of each record
	fails  map[int]*flow.Problem
	stops  map[int]bool
	sores  map[int]bool
	starts map[int]int // of each record that was begun: results of step runs before that are not its own
}

// finding is one result.
type finding struct {
	item int
	step int
	rec  flow.Record
}

// windowSize is how many items go through a scope together, where nobody says otherwise.
const windowSize = 500

// loop is a page of a container: it deals with the results of the items before, and gives
// the next ones.
func (x *pass) loop(ctx context.Context) (flow.Entry, error) {
	l, err := x.lap(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	e, out := flow.Entry{}, sheaf{}
	if x.task.came[0].loop == nil {
		for _, it := range l.items {
			if it.fate == held {
				e.Passed++
			}
		}
	}
	fresh, err := x.absorb(ctx, l)
	if err != nil {
		return e, err
	}
	if x.streams() {
		for _, f := range fresh {
			out.add(x.step.first(), f.rec)
		}
	}
	skipped := l.skip()
	x.close(l, &e, &out)
	n := x.begin(l, &out)
	if ctx.Err() != nil {
		return e, x.undone(ctx)
	}
	e.More = n > 0
	l.loop.Skipped = skipped
	if skipped > 0 {
		x.env.Log(flow.Info, "", "the loop ended early: %s not begun", count(skipped, "item"))
	}
	l.loop.Since = l.since()
	loop := l.loop
	e.Loop = &loop
	e.Batches = out.batches()
	if x.around = l; !e.More {
		x.around = nil
	} else {
		next := x.task
		next.Page++
		l.want = x.plan.key(next)
	}
	return e, nil
}

// streams says whether results go on as they come. Where a failed item fails its record,
// they wait until all of its items are done.
func (x *pass) streams() bool {
	return !x.step.catches() && x.step.catcher < 0 && x.step.scope.give == kit.GiveResults
}

// lap finds what the page before knew, or computes it.
func (x *pass) lap(ctx context.Context) (*lap, error) {
	if l := x.w.rounds.take(reader{x.task.run.ID, x.step.ID}); l != nil && l.want == x.task.Key && l.round == x.task.round {
		return l, nil
	}
	items, err := x.incoming(ctx)
	if err != nil {
		return nil, err
	}
	in, err := bound(x.step)
	if err != nil {
		return nil, err
	}
	l := &lap{
		round: x.task.round, items: items, scopes: make([]kit.Scope, len(items)), lists: make([][]any, len(items)),
		places: map[flow.RecordID]int{}, found: map[int][]finding{}, counts: map[int]int{}, fails: map[int]*flow.Problem{},
		ids: map[flow.RecordID]bool{}, stops: map[int]bool{}, sores: map[int]bool{}, starts: map[int]int{},
	}
	units := x.units(in, items)
	at := map[*item]*unit{}
	for _, u := range units {
		at[u.item] = u
	}
	for i, it := range items {
		l.places[it.rec.ID] = i
		u := at[it]
		if u == nil {
			continue
		}
		if !x.bind(in, u) {
			it.fail(u.bad)
			continue
		}
		l.scopes[i] = in.op.(kit.Container).Scope()
		l.lists[i] = itemsOf(l.scopes[i], it)
	}
	if loop := x.task.came[0].loop; loop != nil {
		l.loop = *loop
		for i := loop.Given; i <= min(loop.Record, len(items)-1); i++ {
			l.starts[i] = loop.Since
		}
	}
	return l, nil
}

// itemsOf lists the items of a record.
func itemsOf(s kit.Scope, it *item) []any {
	if s.Whole {
		return []any{it.whole().Data}
	}
	items := s.Items
	if _, itself := items.(kit.Itself); itself {
		items = it.whole().Data
	}
	switch items := items.(type) {
	case nil:
		return nil
	case []any:
		return items
	default:
		return []any{items}
	}
}

// absorb takes the results that came since the page before.
func (x *pass) absorb(ctx context.Context, l *lap) (fresh []finding, err error) {
	seen := l.loop.Seen
	next := seen
	for a := range x.task.looped.exits.all() {
		next = max(next, a.origin.ref.Seq+1)
		if a.origin.ref.Seq < seen && l.goesOn {
			continue
		}
		some, err := x.absorbBatch(ctx, l, &a)
		if err != nil {
			return nil, err
		}
		if a.origin.ref.Seq >= seen {
			fresh = append(fresh, some...)
		}
	}
	for _, f := range x.task.looped.falls {
		next = max(next, f.origin.ref.Seq+1)
		if err := x.fell(ctx, l, f, func(i int, p *flow.Problem) {
			if l.fails[i] == nil {
				l.fails[i] = p
			}
		}); err != nil {
			return nil, err
		}
	}
	clear(l.sores)
	for _, f := range x.task.looped.sores {
		if err := x.fell(ctx, l, f, func(i int, _ *flow.Problem) { l.sores[i] = true }); err != nil {
			return nil, err
		}
	}
	l.loop.Seen, l.goesOn = next, true
	slices.SortStableFunc(fresh, func(a, b finding) int { return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.step, b.step)) })
	return fresh, nil
}

// absorbBatch sorts the results of one batch to the records that they came of.
func (x *pass) absorbBatch(ctx context.Context, l *lap, a *arrival) ([]finding, error) {
	batch, err := x.w.batch(ctx, a.origin.ref)
	if err != nil {
		return nil, err
	}
	var some []finding
	var asked []*item
	var of []int
	for n := range batch {
		i, nth, ok, err := x.owner(ctx, l, a.origin, batch[n].ID)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		rec := batch[n]
		if came := l.items[i].rec.ID; rec.ID != came {
			rec.Parents = []flow.RecordID{came} // what was between is inside
		}
		rec.Problem = nil
		if l.ids[rec.ID] { // it has left by two of the last steps
			rec.ID = flow.Child(x.step.ID, []flow.RecordID{rec.ID}, l.counts[i])
			rec.Parents = []flow.RecordID{l.items[i].rec.ID}
		}
		l.ids[rec.ID] = true
		f := finding{item: nth, step: a.origin.step, rec: rec}
		l.counts[i]++
		if !x.streams() {
			l.found[i] = append(l.found[i], f)
		}
		f.item += i << 32 // those of one record behind those of the record before
		some = append(some, f)
		asked, of = append(asked, &item{rec: &batch[n], from: a, nth: n, fate: going}), append(of, i)
	}
	if x.step.scope.stop == nil || len(asked) == 0 {
		return some, nil
	}
	outcomes, err := x.eval(ctx, x.step.scope.stop, asked)
	if err != nil {
		return nil, err
	}
	for n, o := range outcomes {
		err := o.Err
		ends := false
		if err == nil {
			ends, err = holds(o.Values)
		}
		if err != nil && l.items[of[n]].fate != failed {
			l.items[of[n]].fail(x.problem(err, x.step.scope.asks, l.items[of[n]].rec.ID))
		}
		l.stops[of[n]] = l.stops[of[n]] || ends
	}
	return some, nil
}

// owner finds the record, and the item of it, that something inside the scope came of.
func (x *pass) owner(ctx context.Context, l *lap, o *origin, id flow.RecordID) (record, item int, ok bool, err error) {
	f, err := x.family(ctx, o, x.plan.index[x.step.ID])
	if err != nil {
		return 0, 0, false, err
	}
	a, ok := f[id]
	if !ok || a.loop == nil {
		return 0, 0, false, nil
	}
	record, ok = l.places[a.loop.parent]
	return record, a.loop.index, ok, nil
}

// fell tells of the records that failed inside the scope.
func (x *pass) fell(ctx context.Context, l *lap, f fall, tell func(int, *flow.Problem)) error {
	if f.problem != nil {
		if f.origin.ref.Seq >= l.loop.Since && l.loop.At < len(l.items) {
			tell(l.loop.At, f.problem) // a barrier inside: the scope has one item at a time
		}
		return nil
	}
	batch, err := x.w.batch(ctx, f.origin.ref)
	if err != nil {
		return err
	}
	for _, rec := range batch {
		i, _, ok, err := x.owner(ctx, l, f.origin, rec.ID)
		if err != nil {
			return err
		}
		if ok {
			tell(i, rec.Problem)
		}
	}
	return nil
}

// skip moves on past records and items that are not begun, and counts these.
func (l *lap) skip() int {
	n := 0
	for l.loop.Record < len(l.items) {
		i := l.loop.Record
		left := len(l.lists[i]) - l.loop.Item
		switch {
		case l.items[i].fate != going || left <= 0:
		case l.stops[i] || l.fails[i] != nil:
			n += left
		default:
			return n
		}
		l.loop.Record, l.loop.Item = i+1, 0
	}
	return n
}

// begin gives the next items to the scope.
func (x *pass) begin(l *lap, out *sheaf) int {
	size := 0
	if l.loop.Record < len(l.items) {
		size = l.scopes[l.loop.Record].AtOnce
	}
	switch {
	case x.step.scope.alone, size <= 0 && x.step.scope.stop != nil:
		size = 1
	case size <= 0:
		size = windowSize
	}
	l.loop.At, l.loop.First = l.loop.Record, l.loop.Item
	n := 0
	for n < size && l.loop.Record < len(l.items) {
		i, k := l.loop.Record, l.loop.Item
		if k == 0 {
			l.starts[i] = l.loop.Seen
		}
		out.add(flow.Item, x.itemAt(l, i, k))
		n++
		l.loop.Item++
		l.skip()
	}
	return n
}

// itemAt is the k-th item of a record.
func (x *pass) itemAt(l *lap, i, k int) flow.Record {
	rec := l.items[i].came()
	if x.step.scope.whole {
		rec = *l.items[i].whole()
		rec.Problem = nil
		return rec
	}
	parents := []flow.RecordID{rec.ID}
	return flow.Record{ID: flow.Child(x.step.ID, parents, k), Parents: parents, Data: l.lists[i][k]}
}

// close deals with the records whose items are all done.
func (x *pass) close(l *lap, e *flow.Entry, out *sheaf) {
	open := l.loop.Open
	l.loop.Open = nil
	for _, i := range open {
		x.closeOne(l, i, e, out)
	}
	for ; l.loop.Given < l.loop.Record && l.loop.Given < len(l.items); l.loop.Given++ {
		if l.items[l.loop.Given].fate != held {
			e.In++
			x.closeOne(l, l.loop.Given, e, out)
		}
	}
}

func (x *pass) closeOne(l *lap, i int, e *flow.Entry, out *sheaf) {
	it := l.items[i]
	if it.fate == going && l.fails[i] != nil {
		if !x.step.catches() {
			return // a container further out takes care of it
		}
		it.fail(l.fails[i])
	}
	switch {
	case it.fate == failed:
		x.noteFailed(e, it, out)
	case l.sores[i]:
		l.loop.Open = append(l.loop.Open, i)
		return
	default:
		x.give(l, i, out)
	}
	if x.step.lead(flow.Finally) {
		rec := it.came()
		rec.Data = it.whole().Data
		out.add(flow.Finally, rec)
	}
	delete(l.found, i)
	delete(l.starts, i)
}

// give gives the results of a record.
func (x *pass) give(l *lap, i int, out *sheaf) {
	it, s := l.items[i], l.scopes[i]
	found := l.found[i]
	slices.SortStableFunc(found, func(a, b finding) int { return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.step, b.step)) })
	whole := *it.whole()
	whole.Problem = nil
	switch x.step.scope.give {
	case kit.GiveRecord:
		out.add(x.step.first(), whole)
	case kit.GiveResults:
		if l.counts[i] == 0 {
			out.add(Empty, whole)
		}
		for _, f := range found {
			out.add(x.step.first(), f.rec)
		}
	default:
		results := make([]any, len(found))
		for k, f := range found {
			results[k] = f.rec.Data
		}
		data, is := whole.Data.(map[string]any)
		if data = maps.Clone(data); !is || data == nil {
			data = map[string]any{"value": whole.Data}
		}
		data[cmp.Or(s.Into, "results")] = results
		parents := []flow.RecordID{whole.ID}
		out.add(x.step.first(), flow.Record{ID: flow.Child(x.step.ID, parents, -1), Parents: parents, Data: data})
	}
}

// since is the first step run whose results may be needed again.
func (l *lap) since() int {
	since := l.loop.Seen
	for i, at := range l.starts {
		if i >= l.loop.Given || slices.Contains(l.loop.Open, i) {
			since = min(since, at)
		}
	}
	return since
}
