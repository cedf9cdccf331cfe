package app

import (
	"context"
	"fmt"
	"slices"

	"jackfield/flow"
)

// Questions lists what runs wait for a person to say, the oldest first. A run that
// failed or was stopped keeps what it asked: an answer holds for the resume.
func (l *Local) Questions(ctx context.Context, id flow.RunID) ([]flow.Question, error) {
	all, err := l.runner.Questions(ctx, id)
	if err != nil || id != "" {
		l.link(all)
		return all, asProblems(err)
	}
	for _, state := range []flow.RunState{flow.RunFailed, flow.RunStopped} {
		err := l.eachRun(ctx, state, func(r flow.Run) {
			if r.Questions == 0 {
				return
			}
			some, err := l.runner.Questions(ctx, r.ID)
			if err != nil {
				l.watchers.tell(flow.Event{Kind: flow.Trouble, Flow: r.Flow, What: fmt.Sprintf("what run %s asks cannot be told: %v", r.ID, err)})
				return
			}
			all = append(all, some...)
		})
		if err != nil {
			return nil, err
		}
	}
	l.link(all)
	slices.SortStableFunc(all, func(a, b flow.Question) int { return a.Asked.Compare(b.Asked) })
	return all, nil
}

// eachRun goes through the runs in one state, newest first.
func (l *Local) eachRun(ctx context.Context, state flow.RunState, do func(flow.Run)) error {
	const atOnce = 1000
	for before := flow.RunID(""); ; {
		rows, err := l.store.Runs(ctx, "", state, before, atOnce)
		if err != nil {
			return err
		}
		for _, r := range rows {
			do(r)
		}
		if len(rows) < atOnce {
			return nil
		}
		before = rows[len(rows)-1].ID
	}
}

// Answer settles a question.
func (l *Local) Answer(ctx context.Context, question string, a flow.Answer) error {
	return asProblems(l.runner.Answer(ctx, question, a))
}
