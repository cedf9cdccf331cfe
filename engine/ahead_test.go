package engine_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

const readThree = `
jackfield: 1
name: Three pages
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 3, size: 2}}
edges: [start -> read]
`

// slowHistory lets a step run of the source be written only when go says so.
type slowHistory struct {
	engine.History
	write func(flow.Entry)
}

func (h slowHistory) Append(ctx context.Context, e flow.Entry) (int, error) {
	h.write(e)
	return h.History.Append(ctx, e)
}

func TestSourceReadsOnWhileAPageIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := []chan struct{}{make(chan struct{}), make(chan struct{}), make(chan struct{})}
		w := enginetest.NewWorld()
		w.OnRead = func(page int) error {
			close(began[page]) // once only: a page is not read a second time
			return nil
		}
		h := enginetest.Open(t, w, slowHistory{engine.NewMemory(), func(e flow.Entry) {
			if e.Step == "read" && e.More {
				<-began[e.Page+1] // where nothing reads on, the test hangs here, and synctest tells
			}
		}})
		h.Add("f", readThree)
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "counts", h.Counts(r.ID), "[read.done=6 start.done=1]")
		equal(t, "state", r.State, flow.RunDone)
		for _, s := range h.StepRuns(r.ID) {
			if s.Step == "read" && s.Attempt != 1 {
				t.Errorf("page %d took %d attempts", s.Page, s.Attempt)
			}
		}
	})
}

func TestLinesOfAPageThatWasReadAheadStandAtItsOwnStepRun(t *testing.T) {
	h := open(t)
	var got []string
	h.History = slowHistory{engine.NewMemory(), func(e flow.Entry) {
		for _, l := range e.Log {
			got = append(got, e.Key+": "+l.Text)
		}
	}}
	h.Reopen()
	h.Add("f", readThree)
	h.Run(engine.Start{Flow: "f"})
	equal(t, "log", got, []string{"read<0.done>0: read page 0", "read<0.done>0#1: read page 1", "read<0.done>0#2: read page 2"})
}

func TestPageThatFailsWhenReadAheadHasHadItsFirstAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var mu sync.Mutex
		var read []int
		h.World.OnRead = func(page int) error {
			mu.Lock()
			defer mu.Unlock()
			read = append(read, page)
			if page == 1 && len(read) == 2 {
				return kit.Fail(kit.Unavailable, "nobody home")
			}
			return nil
		}
		h.Add("f", readThree)
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "counts", h.Counts(r.ID), "[read.done=6 start.done=1]")
		equal(t, "pages read", read, []int{0, 1, 1, 2})
		at := slices.IndexFunc(h.StepRuns(r.ID), func(s flow.StepRun) bool { return s.Step == "read" && s.Page == 1 })
		equal(t, "attempts", h.StepRuns(r.ID)[at].Attempt, 2)
	})
}

func TestNothingIsReadAheadBehindTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var mu sync.Mutex
		last := 0
		h.World.OnRead = func(page int) error {
			mu.Lock()
			defer mu.Unlock()
			last = max(last, page)
			return nil
		}
		h.Add("f", readThree)
		equal(t, "state", h.Run(engine.Start{Flow: "f", Limit: 4}).State, flow.RunDone)
		equal(t, "last page that was read", last, 1)
	})
}

// endless gives four pages, which are as many as may wait, and then reads one that
// comes to no end.
type endless struct{ reached, cut chan struct{} }

func (*endless) Fields() kit.Fields { return nil }

func (e *endless) Read(ctx context.Context, _ kit.Env, after flow.Cursor) (kit.Page, error) {
	at := len(after)
	if at == 4 {
		close(e.reached)
		<-ctx.Done()
		close(e.cut)
		return kit.Page{}, ctx.Err()
	}
	return kit.Page{Data: []any{at}, Next: append(slices.Clone(after), '1'), More: true}, nil
}

// fails does so once the source reads without end.
type fails struct{ source *endless }

func (fails) Fields() kit.Fields { return nil }

func (f fails) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) {
	<-f.source.reached
	return kit.Result{}, kit.Fail(kit.Refused, "no")
}

func TestReadingAheadEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &endless{make(chan struct{}), make(chan struct{})}
		ops := kit.Set{{ID: "own", Ops: []kit.Op{
			{ID: "endless", Effect: kit.Reads, New: func() kit.Operation { return source }},
			{ID: "fails", Effect: kit.Once, New: func() kit.Operation { return fails{source} }},
		}}}
		h := enginetest.OpenWith(t, ops, engine.NewMemory())
		h.Add("f", "jackfield: 1\nname: Endless\nsteps:\n"+
			"  - {id: read, uses: own.endless}\n  - {id: fails, uses: own.fails, on_error: stop}\nedges: [read -> fails]\n")
		equal(t, "state", h.Run(engine.Start{Flow: "f"}).State, flow.RunFailed)
		<-source.cut
	})
}
