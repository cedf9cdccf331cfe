package engine

import (
	"bytes"
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// early is a page that a source reads before its turn: while the page before is being
// written to the history, so that the disk and the other side work side by side. It
// counts as nothing until its own task takes it; one that nobody takes is forgotten.
type early struct {
	record flow.RecordID // whose page it is
	after  flow.Cursor
	cancel context.CancelFunc
	done   chan struct{} // closed when what follows is set
	log    []flow.LogLine
	page   kit.Page
	err    error
	made   flow.Batch // of the page, where nothing of it is bad, numbered from given on
	given  int
}

// readAhead begins to read the page behind this one, whose first record has the number
// given, unless that might change something outside or the run is to end.
func (x *pass) readAhead(ctx context.Context, in *instance, rec flow.RecordID, after flow.Cursor, given int) {
	switch x.step.op.EffectOf(in.op) {
	case kit.Pure, kit.Reads:
	default:
		return
	}
	if x.w.LookOnly || x.halted(ctx) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	e := &early{record: rec, after: after, cancel: cancel, done: make(chan struct{}), given: given}
	x.w.ahead.keep(reader{x.task.run.ID, x.step.ID}, e)
	y := *x // with a log of its own: this task's is closed soon
	y.log, y.seat = &lines{step: x.step.ID}, nil
	y.env.Write = y.log.write
	go func() {
		defer close(e.done)
		e.page, e.err = attempt(ctx, &y, in.op, y.env, func(ctx context.Context, env kit.Env) (kit.Page, error) {
			return in.op.(kit.Source).Read(ctx, env, after)
		})
		e.log = y.log.take()
		if e.err == nil {
			y.makeEarly(e)
		}
	}()
}

// makeEarly makes records of a page that is whole, and lets the history write them.
func (x *pass) makeEarly(e *early) {
	if len(e.page.Bad) > 0 || x.task.left >= 0 {
		return
	}
	batches := x.recordsOf(&flow.Entry{}, e.record, e.page, len(e.page.Data), e.given)
	if len(batches[x.step.first()]) < len(e.page.Data) {
		return
	}
	e.made = batches[x.step.first()]
	if h, ok := x.w.History.(Staging); ok {
		h.Stage(x.task.run.ID, e.made)
	}
}

// readEarly finds the page of this task, if it is being read already.
func (x *pass) readEarly(rec flow.RecordID, after flow.Cursor) *early {
	e := x.w.ahead.take(reader{x.task.run.ID, x.step.ID})
	if e == nil || e.record == rec && bytes.Equal(e.after, after) {
		return e
	}
	e.forget()
	return nil
}

// result waits for what was read. The lines that were written meanwhile go into log.
func (e *early) result(log *lines) (kit.Page, error) {
	defer e.cancel()
	<-e.done
	for _, line := range e.log {
		log.write(line)
	}
	return e.page, e.err
}

// forget ends the reading.
func (e *early) forget() {
	e.cancel()
	<-e.done
}
