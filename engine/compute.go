package engine

import (
	"context"
	"fmt"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Computing is a History that does not store what a step run gave where it can be
// computed again. Whoever asks it for such a batch sees no difference.
type Computing interface {
	History
	// Compute says how what r gave in run is computed again. Without it all is stored.
	Compute(again func(ctx context.Context, run flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error))
	// Settle returns when all entries of a run are on disk. Append may hold one that
	// MayWait in memory, at its place, which nobody else gets, until anything else is
	// written to the run or anybody reads its entries. Nobody sees a difference but who
	// takes the run up after a crash: then those that were held last may not be there.
	Settle(ctx context.Context, id flow.RunID) error
}

// computable says whether what a pass gave follows from what it took, the plan and the
// run's row alone: new records that a mapping made of stored ones, in the first attempt
// and without a failure. A program that looks at other steps' records is left out, as
// is a connection, whose values change.
func (x *pass) computable(e flow.Entry) bool {
	if x.w.computing == nil || x.step == nil || x.step.kind != acting || !x.step.again || len(x.task.came) != 1 {
		return false
	}
	came := x.task.came[0]
	if came.again || came.answer != nil || came.origin.ref.Run != x.task.run.ID {
		return false
	}
	if when := x.condition(&came); when != nil && !when.plain() {
		return false
	}
	return e.Mark == "" && len(e.Batches) > 0 && len(e.Batches[flow.Failed]) == 0 && len(e.Problems) == 0 && e.Fatal == nil &&
		len(e.Asks) == 0 && len(e.With) == 0 && e.Checkpoint == nil && x.attempts <= 1
}

// mayWait says whether an entry that is computable need not be on disk before what lies
// behind it is done. Were it lost, the same task would give the same records, with the
// same ids and keys. One that was cut short is another task the next time, and one that
// has a time-out may then be cut off by it.
func (x *pass) mayWait(e flow.Entry) bool {
	return x.step.Timeout <= 0 && e.Nth+e.In+e.Passed == x.task.came[0].count
}

// onDisk returns when all that the run has done is on disk.
func (w *Worker) onDisk(ctx context.Context, id flow.RunID) error {
	if w.computing == nil {
		return nil
	}
	return w.computing.Settle(context.WithoutCancel(ctx), id)
}

// computedAgain says whether all that a step gives can be computed again.
func (s *step) computedAgain(op kit.Operation) bool {
	_, tells := op.(kit.Effector)
	if s.op.Effect != kit.Pure || tells || !s.op.Each || s.mapping == nil || s.Connection != "" || !s.mapping.plain() {
		return false
	}
	for _, e := range s.evaluated {
		for _, p := range e.programs {
			if !p.plain() {
				return false
			}
		}
	}
	return true
}

// compute performs again what r did in run, by the version of the flow that it went by.
func (l *Local) compute(ctx context.Context, run flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error) {
	run.Version = r.Version
	f, err := l.options.Flows(ctx, run.Flow, run.Version)
	if err != nil {
		return nil, fmt.Errorf("find version %d of flow %q, which made these records: %w", run.Version, run.Flow, err)
	}
	p, err := l.planWithout(f, run.Set)
	if err != nil {
		return nil, err
	}
	if _, there := p.step(r.Step); !there || len(r.From) != 1 {
		return nil, kit.Fail(kit.Missing, "version %d of flow %q has no step %q", run.Version, run.Flow, r.Step)
	}
	came := arrival{origin: &origin{ref: r.From[0], step: atStart}, edge: r.Edge, nth: r.Nth, count: r.Nth + r.In + r.Passed}
	w := &Worker{History: l.options.History, LookOnly: true}
	x := w.pass(p, Task{Key: r.Key, Step: r.Step, From: r.From, Nth: r.Nth, run: &run, came: []arrival{came}})
	e, err := x.perform(ctx)
	return e.Batches, err
}
