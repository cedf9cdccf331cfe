package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// read reads one page of a source.
func (x *pass) read(ctx context.Context) (flow.Entry, error) {
	came := &x.task.came[0]
	if x.task.left == 0 { // the limit of the run is reached: nothing more is read
		return flow.Entry{StepRun: flow.StepRun{In: came.count - came.nth}}, nil
	}
	items, err := x.incoming(ctx)
	if err != nil {
		return flow.Entry{}, err
	}
	it := items[0]
	if it.fate == held {
		return flow.Entry{StepRun: flow.StepRun{Passed: 1}}, nil
	}
	in, err := bound(x.step)
	if err != nil {
		return flow.Entry{}, err
	}
	if it.fate == failed {
		return x.unread(it), nil
	}
	if x.step.fillsMain != "" {
		it.inputs = map[string]any{x.step.fillsMain: it.rec.Data}
	}
	if p := in.take(it.inputs, it.decided); p != nil {
		p.Record = it.rec.ID
		it.fail(p)
		return x.unread(it), nil
	}
	return x.page(ctx, in, it)
}

func (x *pass) page(ctx context.Context, in *instance, it *item) (flow.Entry, error) {
	if err := x.permit(in.op); err != nil {
		return flow.Entry{}, err
	}
	stand := x.standOf(it)
	after, err := x.after(ctx, stand)
	if err != nil {
		return flow.Entry{}, err
	}
	early := x.readEarly(it.rec.ID, after)
	x.ungated = early != nil
	source := in.op.(kit.Source)
	page, err := persist(ctx, x, in.op, func(ctx context.Context, env kit.Env) (kit.Page, error) {
		if early != nil { // it was the first attempt, however it ended
			e := early
			early, x.ungated = nil, false
			x.seat.rest(func() { <-e.done })
			return e.result(x.log)
		}
		return source.Read(ctx, env, after)
	})
	if err == nil && page.More && (page.Next == nil || bytes.Equal(page.Next, after)) {
		err = kit.Fail(kit.Malformed, "the source says that there is more, but not where it goes on").
			Hint("tell the author of connector %q", x.step.connector.ID)
	}
	if err != nil {
		if x.parked || ctx.Err() != nil || errors.Is(err, errParked) {
			return flow.Entry{}, x.undone(ctx)
		}
		it.fail(x.problem(err, "", it.rec.ID))
		return x.unread(it), nil
	}
	e := x.paged(it, page)
	if e.More {
		x.readAhead(ctx, in, it.rec.ID, e.Next)
	}
	if page.Mark != nil && x.task.run.Limit == 0 {
		e.Checkpoint, err = x.moves(ctx, stand, page.Mark)
	}
	return e, err
}

// moves is the step's checkpoint at a cursor. A run that a person has taken up again
// leaves one alone that a person has moved since the run began.
func (x *pass) moves(ctx context.Context, stand flow.StepID, to flow.Cursor) (*flow.Checkpoint, error) {
	run := x.task.run
	if x.task.resumed {
		all, err := x.w.History.CheckpointMoves(ctx, run.Flow, stand)
		if err != nil {
			return nil, fmt.Errorf("read how the cursor of step %q moved: %w", x.step.ID, err)
		}
		if len(all) > 0 && all[0].Run == "" && all[0].Moved.After(run.Started) {
			x.env.Log(flow.Info, "", "the cursor was moved by hand since this run began, and stays where it is")
			return nil, nil
		}
	}
	return &flow.Checkpoint{Flow: run.Flow, Step: stand, Cursor: to, Run: run.ID, Moved: time.Now()}, nil
}

// taken is 1 for the first page that is read of a record.
func (x *pass) taken() int {
	if x.task.Page == x.task.came[0].first {
		return 1
	}
	return 0
}

// unread is the entry of a source that could not read on: the record it was given
// leaves as it came.
func (x *pass) unread(it *item) flow.Entry {
	rec := *it.rec
	rec.Problem = it.problem
	return flow.Entry{
		StepRun: flow.StepRun{In: x.taken(), Fatal: it.problem, Problems: []flow.Problem{*it.problem}},
		Batches: map[flow.Outlet]flow.Batch{flow.Failed: {rec}},
	}
}

// after is where the page begins: for the first one where an earlier run has left a
// checkpoint.
func (x *pass) after(ctx context.Context, stand flow.StepID) (flow.Cursor, error) {
	if x.task.Page > 0 {
		return x.task.After, nil
	}
	c, err := x.w.History.Checkpoint(ctx, x.task.run.Flow, stand)
	if err != nil {
		return nil, fmt.Errorf("read where step %q stands: %w", x.step.ID, err)
	}
	if c == nil {
		return nil, nil
	}
	return c.Cursor, nil
}

// standOf names the checkpoint of a source: its step, and where the record sets some
// of its inputs a mark of those, so that each of the things it reads has its own.
func (x *pass) standOf(it *item) flow.StepID {
	if len(it.inputs) == 0 && len(it.decided) == 0 {
		return x.step.ID
	}
	text, err := json.Marshal([]any{it.inputs, it.decided})
	if err != nil {
		text = fmt.Append(nil, it.inputs, it.decided)
	}
	sum := sha256.Sum256(text)
	return x.step.ID + "@" + flow.StepID(hex.EncodeToString(sum[:6]))
}

// paged makes records of a page. The good and the bad ones are numbered together, on
// from those of the pages before.
func (x *pass) paged(it *item, page kit.Page) flow.Entry {
	e := flow.Entry{StepRun: flow.StepRun{In: x.taken(), More: page.More, Next: page.Next}}
	parents := []flow.RecordID{it.rec.ID}
	ids := flow.ChildrenOf(x.step.ID, parents)
	n := len(page.Data) + len(page.Bad)
	out := sheaf{expect: n}
	if left := x.task.left; left >= 0 && left <= n {
		n, e.More, e.Next = left, false, nil
	}
	for k := range n {
		rec := flow.Record{ID: ids.At(x.task.came[0].given + k), Parents: parents}
		var err error
		if len(page.Bad) > 0 && (page.Bad[0].At <= k || len(page.Data) == 0) {
			bad := page.Bad[0]
			page.Bad = page.Bad[1:]
			if rec.Data, err = value.Normal(bad.Data); err != nil {
				rec.Data = fmt.Sprint(bad.Data)
			}
			x.addBad(&e, &out, rec, bad.Failure)
			continue
		}
		doc, text := page.Data[0].(*value.Document)
		if text {
			rec.Data = doc
		} else {
			rec.Data, err = value.Normal(page.Data[0])
		}
		if err != nil {
			rec.Data = fmt.Sprint(page.Data[0])
			x.addBad(&e, &out, rec, kit.Fail(kit.Malformed, "connector %q gave what is no JSON: %w", x.step.connector.ID, err).Hint("tell its author"))
		} else {
			out.add(x.step.first(), rec)
		}
		page.Data = page.Data[1:]
	}
	e.Batches = out.batches()
	return e
}

func (x *pass) addBad(e *flow.Entry, out *sheaf, rec flow.Record, f *kit.Failure) {
	if f == nil {
		f = kit.Fail(kit.Malformed, "the record could not be read")
	}
	p := f.Problem(x.step.ID, rec.ID)
	rec.Problem = &p
	if len(e.Problems) < problemLimit {
		e.Problems = append(e.Problems, p)
	}
	out.add(flow.Failed, rec)
}
