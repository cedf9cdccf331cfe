package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"jackfield/flow"
)

// A run that failed is unresolved until it was resumed to its end, replayed with success,
// or given up by a person. The next run that a schedule starts for the flow resumes those
// first, once each, and waits for their ends; what fails again, or asks a person
// something, holds it up no longer.

// mostResumed is how many unresolved runs one slot resumes: the newest ones.
const mostResumed = 20

// resumesFirst says whether the run is one that resumes others before it begins.
func (r *live) resumesFirst() bool {
	return r.row.Cause == scheduleCause && !r.state.begun && r.plan.flow.Settings.Unresolved == flow.ResumeFirst
}

// resumeUnresolved resumes what is unresolved of the flow, oldest first. It says whether
// the run may go on.
func (r *live) resumeUnresolved(ctx context.Context) (goOn bool) {
	l := r.local
	rows, err := l.unresolved(ctx, r.row)
	if err != nil {
		l.trouble(r.row.Flow, "the runs that failed could not be listed, so none is resumed before run %s: %v", r.id, err)
		return ctx.Err() == nil
	}
	for _, row := range rows {
		r.queued(ctx, true)
		l.trouble(r.row.Flow, "run %s failed and is resumed before the run of %s", row.ID, stamp(r.row.Slot))
		child, err := l.resume(ctx, row.ID, flow.Fitting, kinship{})
		if errors.Is(err, errParked) {
			return false
		}
		if err != nil {
			l.trouble(r.row.Flow, "run %s could not be resumed, and the run of %s begins without that: %v", row.ID, stamp(r.row.Slot), err)
			continue
		}
		if !r.outwait(ctx, child) {
			return false
		}
	}
	return true
}

// outwait waits for the end of a run that was resumed, or for the moment when only a
// person can help it on.
func (r *live) outwait(ctx context.Context, child *live) (goOn bool) {
	look := time.NewTicker(glance)
	defer look.Stop()
	for {
		select {
		case <-child.ended:
			if child.err == nil && child.row.State == flow.RunFailed {
				r.local.trouble(r.row.Flow, "run %s failed again: %s; the run of %s begins anyway", child.id, whatOf(child.row.Problem), stamp(r.row.Slot))
			}
			return true
		case <-look.C:
			if asked, err := r.local.Questions(ctx, child.id); err == nil && len(asked) > 0 {
				r.local.trouble(r.row.Flow, "run %s waits for an answer; the run of %s begins meanwhile", child.id, stamp(r.row.Slot))
				return true
			}
		case <-r.local.quit:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func whatOf(p *flow.Problem) string {
	if p == nil {
		return "it does not say why"
	}
	return p.What
}

// unresolved lists the failed runs of a flow that the run of row is to resume: not those
// that were tried since it was started, nor those whose caller, or whose person with a
// limit, takes care of them.
func (l *Local) unresolved(ctx context.Context, by flow.Run) ([]flow.Run, error) {
	replayed := map[flow.RunID]bool{}
	done, err := l.options.History.Runs(ctx, by.Flow, flow.RunDone, "", 0)
	if err != nil {
		return nil, err
	}
	for _, row := range done {
		if row.Cause == "replay" {
			replayed[row.Of] = true
		}
	}
	failed, err := l.options.History.Runs(ctx, by.Flow, flow.RunFailed, "", 0)
	if err != nil {
		return nil, err
	}
	failed = slices.DeleteFunc(failed, func(row flow.Run) bool {
		return row.GivenUp || row.Trimmed || row.Limit > 0 || row.ID == by.ID || !row.Ended.Before(by.Started) || replayed[row.ID] ||
			row.Cause == calledCause || row.Cause == failureCause || row.Problem != nil && row.Problem.Code == inputLost
	})
	failed = failed[:min(len(failed), mostResumed)]
	slices.Reverse(failed)
	return failed, nil
}

// GiveUp says that what a run left undone stays undone: nothing resumes it by itself any
// more. A resume by hand takes that back.
func (l *Local) GiveUp(ctx context.Context, id flow.RunID) error {
	row, err := l.options.History.Run(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case l.running(id) != nil || !row.State.Ended():
		return Problems{{Code: "running", What: fmt.Sprintf("run %s is still going on", id), Fix: "stop it first"}}
	case row.State == flow.RunDone:
		return Problems{{Code: "nothing-left", What: fmt.Sprintf("run %s did everything; there is nothing to give up", id)}}
	}
	row.GivenUp = true
	return l.update(ctx, row)
}
