package engine

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// A page of a barrier has so many records at the most, and weighs no more unless a
// single record does.
const (
	pageRecords = 1000
	pageWeight  = 1 << 20
)

// gather performs a page of a barrier.
func (x *pass) gather(ctx context.Context) (flow.Entry, error) {
	h, err := x.enter(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	page, err := persist(ctx, x, h.in.op, func(inner context.Context, _ kit.Env) (page *leaf, err error) {
		if h == nil { // an attempt has failed
			if h, err = x.enter(ctx); err != nil {
				return nil, err
			}
		}
		if page, err = h.turn(inner, x); err != nil {
			h.leave()
			h = nil
		}
		return page, err
	})
	switch {
	case err == nil && page.More:
		x.w.halls.keep(reader{x.task.run.ID, x.step.ID}, h)
		return page.entry(), nil
	case err == nil:
		h.leave()
		for r := range x.task.Takes() {
			x.task.From = append(x.task.From, r)
		}
		return page.entry(), nil
	case x.parked || ctx.Err() != nil || errors.Is(err, errParked):
		return flow.Entry{}, x.undone(ctx)
	}
	p := x.problem(err, "", "")
	return flow.Entry{StepRun: flow.StepRun{Fatal: p, Problems: []flow.Problem{*p}}}, nil
}

// hall is where a barrier has its records, while it gives page by page. Between two
// pages it stands still.
type hall struct {
	pass  *pass // a copy of the first page's, with the log of the present one
	in    *instance
	want  string // the key of the page to come
	page  int
	given int
	next  func() (*leaf, error, bool)
	leave func()
	end   context.CancelCauseFunc

	came    []arrival
	ready   []*unit
	ids     flow.Children
	inputs  map[string]any // what the mapping gave beside the main field, for the first record
	bound   bool
	open    *leaf
	stopped *flow.Problem // the first failed record, where that is to stop the run
	took    int           // records
	passed  int
	born    int
}

// leaf is a page in the making.
type leaf struct {
	flow.Entry
	out    sheaf
	count  int
	weight int
}

func (l *leaf) entry() flow.Entry {
	l.Batches = l.out.batches()
	return l.Entry
}

// enter finds the hall in which the page before was made, or opens one and lets those
// pages pass that are in the history.
func (x *pass) enter(ctx context.Context) (*hall, error) {
	if h := x.w.halls.take(reader{x.task.run.ID, x.step.ID}); h != nil {
		if h.want == x.task.Key {
			return h, nil
		}
		h.leave()
	}
	in, err := bound(x.step)
	if err != nil {
		return nil, err
	}
	if err := x.permit(in.op); err != nil {
		return nil, err
	}
	// What it keeps, and the ids that it gives, hang on where its batches are in the run.
	if err := x.w.onDisk(ctx, x.task.run.ID); err != nil {
		return nil, err
	}
	y := *x
	h := &hall{pass: &y, in: in, open: &leaf{}, came: slices.Collect(x.task.arrivals())}
	h.ids = flow.ChildrenOf(x.step.ID, []flow.RecordID{everything(x.step.ID, h.came)})
	y.env.Write = func(line flow.LogLine) { y.log.write(line) }
	ctx, h.end = context.WithCancelCause(ctx)
	next, stop := iter.Pull2(h.pages(ctx))
	h.next = next
	h.leave = func() {
		h.end(errLeft)
		stop()
	}
	return h, nil
}

var errLeft = errors.New("nobody waits for the page")

// everything is an id that stands for all that a barrier takes: a child of the batches,
// whose addresses are the same whenever the run is taken up again.
func everything(step flow.StepID, came []arrival) flow.RecordID {
	batches := make([]flow.RecordID, len(came))
	for i, a := range came {
		batches[i] = flow.RecordID(a.appendKey(nil))
	}
	return flow.Child(step, batches, 0)
}

// turn gives the page that the task of x asks for.
func (h *hall) turn(ctx context.Context, x *pass) (*leaf, error) {
	h.pass.log = x.log
	defer context.AfterFunc(ctx, func() { h.end(context.Cause(ctx)) })()
	for {
		l, err, more := h.next()
		if err != nil {
			return nil, err
		}
		if !more || h.page == x.task.Page && h.given != x.task.assembly.given {
			return nil, kit.Fail(kit.Malformed, "asked again, %s gives %d records where it had given %d", x.step.Uses, h.given, x.task.assembly.given).
				Hint("start the flow anew")
		}
		h.given += l.count
		if h.page++; h.page > x.task.Page {
			h.want = x.nextKey()
			return l, nil
		}
	}
}

// nextKey is the key of the page behind this one, in the same round.
func (x *pass) nextKey() string {
	t := x.task
	t.assembly.page = t.Page + 1
	return t.gatherKey()
}

// pages lets the operation gather, and yields what it gives page by page, the last one
// too where it is empty.
func (h *hall) pages(ctx context.Context) iter.Seq2[*leaf, error] {
	return func(yield func(*leaf, error) bool) {
		full := func() error {
			l := h.open
			h.open = &leaf{}
			l.More = true
			if !yield(l, nil) {
				return errLeft
			}
			return nil
		}
		first, err := h.record(ctx, full)
		if err == nil && (first != nil || h.pass.step.whole()) {
			err = h.gather(ctx, first, full)
		}
		switch {
		case errors.Is(err, errLeft):
		case err != nil:
			yield(nil, err)
		default:
			l := h.open
			l.In, l.Passed, l.Fatal = h.took, h.passed, h.stopped
			yield(l, nil)
		}
	}
}

// gather lets the operation take the first record and those behind it.
func (h *hall) gather(ctx context.Context, first *unit, full func() error) error {
	switch j := h.pass.step.join; {
	case j != nil && j.policy == kit.JoinPairs:
		return h.pairs(ctx, first, full)
	case j != nil:
		return h.lists(ctx, first, full)
	}
	var trouble error
	all := func(yield func(flow.Record, error) bool) {
		for u := first; u != nil && trouble == nil; u, trouble = h.record(ctx, full) {
			h.bind(u)
			if !yield(u.rec, nil) {
				return
			}
		}
		if trouble != nil {
			yield(flow.Record{}, trouble)
		}
	}
	err := h.in.op.(kit.Barrier).Gather(ctx, h.pass.env, all, func(o flow.Outlet, rec flow.Record) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return h.give(o, rec, full)
	})
	if trouble != nil {
		return trouble
	}
	return err
}

// record is the next one that is fit for the operation; nil where no more came. The
// others leave by failed, as they came.
func (h *hall) record(ctx context.Context, full func() error) (*unit, error) {
	x := h.pass
	for len(h.ready) == 0 {
		if len(h.came) == 0 {
			return nil, nil
		}
		if x.halted(ctx) {
			return nil, x.undone(ctx)
		}
		items, err := x.itemsOf(ctx, &h.came[0])
		if err != nil {
			return nil, err
		}
		h.came = h.came[1:]
		units := x.units(h.in, items)
		for _, it := range items {
			n := 0
			for n < len(units) && units[n].item == it {
				n++
			}
			own := units[:n]
			units = units[n:]
			if it.fate == held {
				h.passed++
				continue
			}
			h.took++
			if h.check(it, own); it.fate != failed {
				h.ready = append(h.ready, own...)
			} else if err := h.fail(it, full); err != nil {
				return nil, err
			}
		}
	}
	u := h.ready[0]
	h.ready = h.ready[1:]
	return u, nil
}

// check fails a record whose inputs do not fit, or give a setting another value than
// the first record did: a barrier takes all at once.
func (h *hall) check(it *item, own []*unit) {
	x := h.pass
	for _, u := range own {
		if it.fate == failed {
			return
		}
		if !h.bound {
			if p := h.in.take(u.inputs, it.decided); p != nil {
				p.Record = it.rec.ID
				it.fail(p)
				return
			}
			h.inputs, h.bound = u.inputs, true
		}
		if len(u.inputs) > 0 && !reflect.DeepEqual(h.inputs, u.inputs) || len(u.inputs) != len(h.inputs) {
			it.fail(x.problem(kit.Fail(kit.Invalid, "the mapping gives other settings than for the first record").
				Hint("%s takes all records at once, so its settings must be the same for each", x.step.Uses), "map", it.rec.ID))
		}
	}
}

// bind sets the fields that are evaluated on each record.
func (h *hall) bind(u *unit) {
	for i, e := range h.pass.step.evaluated {
		if _, mapped := u.inputs[e.name]; mapped {
			continue
		}
		if f, ok := h.in.fields.Field(e.name); ok {
			f.Decide(u.item.decided[i])
		}
	}
}

func (h *hall) fail(it *item, full func() error) error {
	rec := *it.whole()
	rec.Problem = it.problem
	return h.refuse(rec, full)
}

// refuse lets a record leave by failed.
func (h *hall) refuse(rec flow.Record, full func() error) error {
	x, l := h.pass, h.open
	if len(l.Problems) < problemLimit {
		l.Problems = append(l.Problems, *rec.Problem)
	}
	if x.step.OnError == flow.StopRun && h.stopped == nil {
		h.stopped = rec.Problem
	}
	return h.add(flow.Failed, rec, full)
}

// give takes what the operation gives.
func (h *hall) give(o flow.Outlet, rec flow.Record, full func() error) error {
	x := h.pass
	if o == "" {
		o = x.step.first()
	}
	if o == flow.Failed && rec.ID != "" && rec.Problem != nil {
		return h.refuse(rec, full)
	}
	if o == flow.Failed || !x.step.leavesBy(o) {
		return kit.Fail(kit.Refused, "the operation sent it to the outlet %q", o)
	}
	rec.Problem = nil
	if rec.ID == "" {
		rec.ID = h.ids.At(h.born)
		h.born++
	}
	var err error
	if rec.Data, err = value.Normal(rec.Data); err != nil {
		return kit.Fail(kit.Malformed, "connector %q gave what is no JSON: %w", x.step.connector.ID, err).Hint("tell its author")
	}
	return h.add(o, rec, full)
}

func (h *hall) add(o flow.Outlet, rec flow.Record, full func() error) error {
	l := h.open
	weight := value.Weight(rec.Data)
	if l.count > 0 && l.weight+weight > pageWeight {
		if err := full(); err != nil {
			return err
		}
		l = h.open
	}
	l.out.add(o, rec)
	l.weight += weight
	if l.count++; l.count >= pageRecords {
		return full()
	}
	return nil
}
