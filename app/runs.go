package app

import (
	"context"
	"errors"
	"io/fs"

	"jackfield/engine"
	"jackfield/flow"
)

// Start begins a run.
func (l *Local) Start(ctx context.Context, s Start) (flow.RunID, error) {
	if why := l.full.Load(); why != nil {
		return "", Problems{*why}
	}
	id, err := l.runner.Start(ctx, engine.Start{
		Flow: s.Flow, Version: s.Version, Trigger: s.Trigger, Input: s.Input, Set: s.Set, Limit: s.Limit, Cause: s.Cause,
	})
	return id, asProblems(err)
}

// Wait returns when the run has ended.
func (l *Local) Wait(ctx context.Context, id flow.RunID) (flow.Run, error) {
	return l.runner.Wait(ctx, id)
}

// Stop ends a run where it stands.
func (l *Local) Stop(ctx context.Context, id flow.RunID) error {
	return asProblems(l.runner.Stop(ctx, id))
}

// Resume takes a run up again.
func (l *Local) Resume(ctx context.Context, id flow.RunID, by flow.Which) error {
	if _, err := l.whole(ctx, id); err != nil {
		return err
	}
	return asProblems(l.runner.Resume(ctx, id, by))
}

// GiveUp lets what a run left undone stay so.
func (l *Local) GiveUp(ctx context.Context, id flow.RunID) error {
	return asProblems(l.runner.GiveUp(ctx, id))
}

// whole gives the row of a run, unless only samples are left of it.
func (l *Local) whole(ctx context.Context, id flow.RunID) (flow.Run, error) {
	r, err := l.store.Run(ctx, id)
	if err == nil && r.Trimmed {
		err = Problems{{
			Code: "trimmed",
			What: "history was to be kept small, so of this run only the first records of each step are left",
			Fix:  "start a new run; jackfield history tells what is kept, and how to keep more",
		}}
	}
	return r, err
}

// Replay starts a new run that does an old one, or a part of it, again.
func (l *Local) Replay(ctx context.Context, r Replay) (flow.RunID, error) {
	if _, err := l.whole(ctx, r.Run); err != nil {
		return "", err
	}
	again, err := l.runner.Replay(ctx, engine.Replay{Run: r.Run, From: r.From, Failed: r.Failed, By: r.By})
	return again, asProblems(err)
}

// Runs lists runs, newest first.
func (l *Local) Runs(ctx context.Context, q Query) ([]flow.Run, error) {
	if q.Limit == 0 {
		q.Limit = 100
	}
	rows, err := l.store.Runs(ctx, q.Flow, q.State, q.Before, q.Limit)
	for i, r := range rows {
		if rows[i], err = l.truly(ctx, r); err != nil {
			return nil, err
		}
	}
	return rows, err
}

// Run gives one run's row.
func (l *Local) Run(ctx context.Context, id flow.RunID) (flow.Run, error) {
	r, err := l.store.Run(ctx, id)
	if err != nil {
		return r, err
	}
	return l.truly(ctx, r)
}

// truly says of a row that was read whether the run goes on as it tells. One that is
// performed nowhere has been interrupted, or has ended since: an end is written before a
// run is let go.
func (l *Local) truly(ctx context.Context, r flow.Run) (flow.Run, error) {
	if r.State.Ended() || l.runner.Performs(r.ID) {
		return r, nil
	}
	now, err := l.store.Run(ctx, r.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil // removed since
	case err != nil:
		return r, err
	}
	now.Interrupted = !now.State.Ended()
	return now, nil
}

// StepRuns lists the step runs of a run in the order in which they ended.
func (l *Local) StepRuns(ctx context.Context, id flow.RunID) ([]flow.StepRun, error) {
	var all []flow.StepRun
	for s, err := range l.store.StepRuns(ctx, id) {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// digestMost is up to how many step runs a digest gives all.
const digestMost = 3000

// Digest gives the step runs that tell most of a run.
func (l *Local) Digest(ctx context.Context, id flow.RunID) ([]flow.StepRun, error) {
	return l.store.Digest(ctx, id, digestMost)
}

// Records gives one batch.
func (l *Local) Records(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	return l.store.Batch(ctx, ref)
}

// Log gives the log of a run.
func (l *Local) Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error) {
	return l.store.Log(ctx, id)
}

// RemoveRun forgets a run with all its records.
func (l *Local) RemoveRun(ctx context.Context, id flow.RunID) error {
	return l.store.RemoveRun(ctx, id)
}
