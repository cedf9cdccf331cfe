package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/transforms"
)

// Worker performs tasks. It may perform many at the same time.
type Worker struct {
	History History
	// Watch is told what happens; nil for nobody. It must not wait.
	Watch func(flow.Event)
	// Call runs another flow for a record of a task; nil where flows cannot be called.
	Call func(ctx context.Context, c Call) ([]any, error)
	// Start starts another flow for a record of a task, and Results gives what its run has
	// left, once that has ended; nil where flows cannot be called.
	Start   func(ctx context.Context, c Call) (flow.RunID, error)
	Results func(ctx context.Context, of flow.RunID, id flow.RunID, again bool) (data []any, ended bool, err error)
	// Scratch names a folder of a run's own; nil for none.
	Scratch func(flow.RunID) string
	// Keep names a folder of a step's own that outlives runs; nil for none.
	Keep func(flow.ID, flow.StepID) string
	// Tokens is where a connection keeps what its sign-in gave; nil for nowhere.
	Tokens func(connection string) *kit.Tokens
	// Mask knows the secrets that logs and problems must not show; nil for none.
	Mask *kit.Mask
	// Quit, when it is closed, lets a task end after the record that it is at. The rest
	// of its batch becomes a task of its own.
	Quit <-chan struct{}
	// LookOnly refuses whatever would change something outside.
	LookOnly bool

	computing Computing // the history, where it need not store what can be computed again

	families families
	tables   kept[*table] // of joins
	rounds   kept[*lap]   // of containers
	ahead    kept[*early]
	parts    parts
	halls    kept[*hall] // of barriers that have more to give
	services services
	budgets  budgets
}

// Call is a flow that an operation calls.
type Call struct {
	Run    flow.Run // the calling one
	Step   flow.StepID
	Record flow.RecordID // the record it is called for
	Number int           // how many calls the record had made before
	Again  bool          // it was made before, and somebody wants it to be tried again
	Flow   string
	Data   []any
}

// Do performs a task and writes what came of it, in one entry or, where each
// performance counts, in several. An error says that the task was not done to its end,
// and that what it told t.note is all of it that is in the history.
func (w *Worker) Do(ctx context.Context, p *Plan, t Task) (flow.StepRun, error) {
	return w.do(ctx, p, t, nil)
}

// do performs a task that sits on a seat.
func (w *Worker) do(ctx context.Context, p *Plan, t Task, s *seat) (flow.StepRun, error) {
	x := w.pass(p, t)
	x.seat = s
	x.announce()
	e, err := x.perform(ctx)
	if err != nil {
		return flow.StepRun{}, err
	}
	if few(e) {
		x.seat.leave()
	}
	if err := x.write(ctx, &e); err != nil {
		return flow.StepRun{}, err
	}
	return e.StepRun, nil
}

// fewRecords is how many records an entry has at the most whose task gives its worker to
// others while it is written. What is larger keeps it, so that no more large batches are
// in memory than there are workers.
const fewRecords = 16

func few(e flow.Entry) bool {
	n := 0
	for _, b := range e.Batches {
		n += len(b)
	}
	return n <= fewRecords
}

// write appends what a task has done, or is about to do.
func (x *pass) write(ctx context.Context, e *flow.Entry) (err error) {
	w, t := x.w, x.task
	e.Run, e.Key, e.Step, e.From = t.run.ID, x.markedKey(e), t.Step, t.From
	e.Edge, e.Nth, e.Page = x.edge(), t.Nth, t.Page
	e.With = x.with
	e.Attempt, e.Retries, e.Started = max(x.attempts, 1), x.retries, x.began
	x.retries = 0
	e.Took = time.Since(x.began)
	e.Out = make(map[flow.Outlet]int, len(e.Batches))
	for o, b := range e.Batches {
		e.Out[o] = len(b)
	}
	if x.computable(*e) {
		e.Computed, e.Version = true, t.run.Version
	}
	e.Log = x.log.take()
	w.hide(e)
	e.Begin, e.Arranged = t.begin, t.arrange
	if t.ends != nil {
		e.Seq = t.place
		e.End = t.ends(e.StepRun)
	}
	e.MayWait = e.Computed && e.End == nil && x.mayWait(*e)
	// What was done must be written down, also when somebody has stopped the run.
	do := func() { e.Seq, err = w.History.Append(context.WithoutCancel(ctx), *e) }
	if few(*e) { // others may work while the disk does
		x.seat.rest(do)
	} else {
		do()
	}
	if err != nil {
		return fmt.Errorf("store what step %q gave: %w", t.Step, err)
	}
	if x.kept != nil {
		x.kept.stamp = e.Seq + 1
		w.tables.keep(reader{t.run.ID, t.Step}, x.kept)
	}
	if x.around != nil {
		w.rounds.keep(reader{t.run.ID, t.Step}, x.around)
	}
	w.keepParts(x.step, *e)
	w.tell(flow.Event{Kind: flow.StepEnded, Flow: t.run.Flow, Run: flow.Run{ID: t.run.ID}, Step: e.StepRun})
	return nil
}

func (w *Worker) tell(e flow.Event) {
	if w.Watch != nil {
		e.What = w.Mask.Text(e.What)
		w.Watch(e)
	}
}

// batch reads what a ref points to. The history has it in memory if it was written a
// moment ago.
func (w *Worker) batch(ctx context.Context, r flow.Ref) (flow.Batch, error) {
	b, err := w.History.Batch(ctx, r)
	switch {
	case err == nil:
		return b, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read the records that left step run %d by %s: %w", r.Seq, r.Outlet, err)
	}
	return nil, kit.Fail("damaged", "the records that left step run %d by %s cannot be read: %w", r.Seq, r.Outlet, err).
		Hint("they are lost: start the flow anew; jackfield doctor says what else is damaged")
}

// pass is one task while it is performed.
type pass struct {
	w        *Worker
	plan     *Plan
	step     *step // nil for the start of a flow without a trigger
	task     Task
	env      kit.Env
	log      *lines
	vars     transforms.Vars
	began    time.Time
	attempts int
	retries  int        // attempts beyond the first ones, of all records together
	seat     *seat      // among the workers
	filling  bool       // what it does lies before what is done already, and is to leave no gap
	ungated  bool       // the next attempt was made ahead, and its service heard of it
	calling  *unit      // what calls flows
	calls    int        // how many it has called
	with     []flow.Ref // batches taken before from which it took records too
	noted    map[flow.Ref]bool
	kept     *table // of a join: as it is once the task is done
	around   *lap   // of a container: as it is once the task is done
	parked   bool   // a flow that it called was left undone
}

func (w *Worker) pass(p *Plan, t Task) *pass {
	run := t.run
	x := &pass{w: w, plan: p, task: t, began: time.Now()}
	x.step, _ = p.step(t.Step)
	x.log = &lines{step: t.Step, mask: w.Mask, tell: func(l flow.LogLine) {
		w.tell(flow.Event{Kind: flow.Logged, Flow: run.Flow, Run: flow.Run{ID: run.ID}, Line: l})
	}}
	x.env = kit.Env{Run: run.ID, Keys: run.Keys, Flow: run.Flow, Name: run.Name, Step: t.Step, Started: run.Started, Dir: run.Dir, Write: x.log.write}
	if len(t.came) == 1 {
		x.env.Woken = t.came[0].woken || w.LookOnly
		if t.came[0].kind != flow.Uncertain {
			x.env.Answer = t.came[0].answer
		}
	}
	if x.step != nil && x.step.kind == reading {
		x.env.Documents, x.env.Want = true, x.step.want
	}
	if w.Scratch != nil {
		x.env.Scratch = w.Scratch(run.ID)
	}
	if w.Keep != nil {
		x.env.Keep = w.Keep(run.Flow, t.Step)
	}
	if w.Tokens != nil && x.step != nil && x.step.Connection != "" {
		x.env.Tokens = w.Tokens(x.step.Connection)
	}
	x.env.Stand = x.stand
	if x.step != nil && x.step.kind == gathering {
		first := t
		first.assembly.page = 0
		x.env.Pass, x.env.Partial = first.gatherKey(), t.partial
	}
	x.vars = transforms.Vars{
		Run:  map[string]any{"id": string(run.ID), "started": run.Started.UTC().Format(time.RFC3339), "limit": run.Limit},
		Flow: map[string]any{"id": string(run.Flow), "name": run.Name, "version": run.Version},
		Now:  run.Started,
	}
	return x
}

func (x *pass) announce() {
	x.w.tell(flow.Event{
		Kind: flow.StepBegan, Flow: x.task.run.Flow, Run: flow.Run{ID: x.task.run.ID},
		Step: flow.StepRun{
			Run: x.task.run.ID, Key: x.task.Key, Step: x.task.Step, From: x.task.From, Edge: x.edge(),
			Nth: x.task.Nth, Page: x.task.Page, Started: x.began,
		},
	})
}

// edge is the edge by which the task's records came, -1 where there is none or several.
func (x *pass) edge() int {
	edge := -1
	n := 0
	for a := range x.task.arrivals() {
		if edge = a.edge; n > 0 {
			return -1
		}
		n++
	}
	return edge
}

func (x *pass) perform(ctx context.Context) (flow.Entry, error) {
	switch {
	case x.step == nil || x.step.kind == starting:
		return x.start(ctx)
	case x.task.finish:
		return x.finish(ctx)
	case x.task.commit:
		return x.commit(ctx)
	case x.step.kind == passing:
		return x.letPass(ctx)
	case x.step.kind == reading:
		return x.read(ctx)
	case x.task.rests:
		return x.giveRests(ctx)
	case x.step.kind == looping:
		return x.loop(ctx)
	case x.step.kind == joining:
		return x.meet(ctx)
	case x.step.kind == gathering:
		return x.gather(ctx)
	}
	return x.act(ctx)
}

// halted says whether the task is to leave the rest undone.
func (x *pass) halted(ctx context.Context) bool {
	if x.filling {
		return ctx.Err() != nil
	}
	select {
	case <-x.w.Quit:
		return true
	default:
		return ctx.Err() != nil
	}
}

// undone is the error of a task of which nothing was done.
func (x *pass) undone(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return errParked
}

// problem makes an error into the problem of a record at a field of the step.
func (x *pass) problem(err error, field string, rec flow.RecordID) *flow.Problem {
	if e, ok := errors.AsType[*transforms.RunError](err); ok {
		p := e.Problem(x.task.Step, field, rec)
		return &p
	}
	p := kit.AsFailure(err).Problem(x.task.Step, rec)
	if p.Field == "" {
		p.Field = field
	}
	return &p
}
