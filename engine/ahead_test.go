package engine_test

import (
	"context"
	"fmt"
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

// stagingHistory notes which batches it was given ahead, and which of them came.
type stagingHistory struct {
	engine.History
	mu     sync.Mutex
	staged map[*flow.Record]int // with how many records
	came   []int
}

func (h *stagingHistory) Stage(_ flow.RunID, b flow.Batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.staged[&b[0]] = len(b)
}

func (h *stagingHistory) Append(ctx context.Context, e flow.Entry) (int, error) {
	if b := e.Batches[flow.Done]; e.Step == "read" && len(b) > 0 {
		h.mu.Lock()
		if n, ahead := h.staged[&b[0]]; ahead && n == len(b) {
			h.came = append(h.came, e.Page)
		}
		h.mu.Unlock()
	}
	return h.History.Append(ctx, e)
}

func TestPagesReadAheadAreGivenToTheHistoryAhead(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start engine.Start
		want  []int
		read  int
	}{
		{name: "all", start: engine.Start{Flow: "f"}, want: []int{1, 2}, read: 6},
		{name: "with a limit, which may cut a page", start: engine.Start{Flow: "f", Limit: 3}, read: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			history := &stagingHistory{History: engine.NewMemory(), staged: map[*flow.Record]int{}}
			h := enginetest.Open(t, enginetest.NewWorld(), history)
			h.Add("f", readThree)
			r := h.Run(tt.start)
			equal(t, "state", r.State, flow.RunDone)
			equal(t, "records", h.Counts(r.ID), fmt.Sprintf("[read.done=%d start.done=1]", tt.read))
			equal(t, "pages that came as they were staged", history.came, tt.want)
		})
	}
}
