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
	var made flow.Batch
	page, err := persist(ctx, x, in.op, func(ctx context.Context, env kit.Env) (kit.Page, error) {
		if early != nil { // it was the first attempt, however it ended
			e := early
			early, x.ungated = nil, false
			x.seat.rest(func() { <-e.done })
			if e.given == x.task.came[0].given {
				made = e.made
			}
			return e.result(x.log)
		}
		made = nil
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
	e := x.paged(it.rec.ID, page, made)
	if e.More {
		x.readAhead(ctx, in, it.rec.ID, e.Next, x.task.came[0].given+recordsIn(e.Batches))
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

// paged is the entry of a page that was read of a record. made are its records, where
// they have been made already.
func (x *pass) paged(of flow.RecordID, page kit.Page, made flow.Batch) flow.Entry {
	e := flow.Entry{StepRun: flow.StepRun{In: x.taken(), More: page.More, Next: page.Next}}
	if len(made) > 0 {
		e.Batches = map[flow.Outlet]flow.Batch{x.step.first(): made}
		return e
	}
	n := len(page.Data) + len(page.Bad)
	if left := x.task.left; left >= 0 && left <= n {
		n, e.More, e.Next = left, false, nil
	}
	e.Batches = x.recordsOf(&e, of, page, n, x.task.came[0].given)
	return e
}

// recordsOf makes records of the first n of a page. The good and the bad ones are
// numbered together, on from those of the pages before.
func (x *pass) recordsOf(e *flow.Entry, of flow.RecordID, page kit.Page, n, given int) map[flow.Outlet]flow.Batch {
	parents := []flow.RecordID{of}
	ids := flow.ChildrenOf(x.step.ID, parents)
	out := sheaf{expect: len(page.Data) + len(page.Bad)}
	for k := range n {
		rec := flow.Record{ID: ids.At(given + k), Parents: parents}
		var err error
		if len(page.Bad) > 0 && (page.Bad[0].At <= k || len(page.Data) == 0) {
			bad := page.Bad[0]
			page.Bad = page.Bad[1:]
			if rec.Data, err = value.Normal(bad.Data); err != nil {
				rec.Data = fmt.Sprint(bad.Data)
			}
			x.addBad(e, &out, rec, bad.Failure)
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
			x.addBad(e, &out, rec, kit.Fail(kit.Malformed, "connector %q gave what is no JSON: %w", x.step.connector.ID, err).Hint("tell its author"))
		} else {
			out.add(x.step.first(), rec)
		}
		page.Data = page.Data[1:]
	}
	return out.batches()
}

func recordsIn(batches map[flow.Outlet]flow.Batch) (n int) {
	for _, b := range batches {
		n += len(b)
	}
	return n
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
