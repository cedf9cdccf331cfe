package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"jackfield/flow"
)

// CursorStore keeps where incremental steps stand, with every change.
type CursorStore interface {
	Checkpoint(ctx context.Context, f flow.ID, step flow.StepID) (*flow.Checkpoint, error)
	Checkpoints(ctx context.Context, f flow.ID) ([]flow.Checkpoint, error)
	CheckpointMoves(ctx context.Context, f flow.ID, step flow.StepID) ([]flow.CursorChange, error)
	MoveCheckpoint(ctx context.Context, m flow.CursorChange) error
}

// Cursors lists the stored ones of a flow; of all flows where id is "".
func (l *Local) Cursors(ctx context.Context, id flow.ID) ([]flow.Checkpoint, error) {
	ids := []flow.ID{id}
	if id == "" {
		flows, err := l.store.Flows(ctx)
		if err != nil {
			return nil, err
		}
		ids = ids[:0]
		for _, o := range flows {
			ids = append(ids, o.ID)
		}
	}
	var all []flow.Checkpoint
	for _, id := range ids {
		some, err := l.store.Checkpoints(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// CursorHistory lists every change of one, newest first.
func (l *Local) CursorHistory(ctx context.Context, id flow.ID, step flow.StepID) ([]flow.CursorChange, error) {
	return l.store.CheckpointMoves(ctx, id, step)
}

// SetCursor puts another value in its place; nil, or null, resets it.
func (l *Local) SetCursor(ctx context.Context, id flow.ID, step flow.StepID, c flow.Cursor, why string) error {
	if string(bytes.TrimSpace(c)) == "null" {
		c = nil // as it comes through a socket
	}
	if c != nil && !json.Valid(c) {
		return Problems{{Step: step, Code: "invalid", What: fmt.Sprintf("the cursor %s is no JSON", c), Fix: `write it as the one that is stored, or a text in quotes, such as "2026-03-01"`}}
	}
	known, err := l.store.Checkpoint(ctx, id, step)
	if err != nil {
		return err
	}
	if known == nil {
		if err := l.mayHaveCursor(ctx, id, step); err != nil {
			return err
		}
	}
	if c == nil && known == nil {
		return Problems{{Step: step, Code: "missing", What: "it has no cursor", Fix: "nothing is to be reset: the next run begins at the very beginning"}}
	}
	reason := cmp.Or(why, "edited")
	if c == nil {
		reason = cmp.Or(why, "reset")
	}
	return l.moveCursor(ctx, flow.CursorChange{Flow: id, Step: step, Cursor: c, Why: reason})
}

// RewindCursor puts it back to what it was at a moment.
func (l *Local) RewindCursor(ctx context.Context, id flow.ID, step flow.StepID, at time.Time) error {
	all, err := l.store.CheckpointMoves(ctx, id, step)
	if err != nil {
		return err
	}
	to := flow.CursorChange{Flow: id, Step: step, Why: "rewound to " + at.Local().Format("2006-01-02 15:04:05")}
	then := slices.IndexFunc(all, func(m flow.CursorChange) bool { return !m.Moved.After(at) })
	switch {
	case len(all) == 0:
		return Problems{{Step: step, Code: "missing", What: "it has no cursor that could be rewound", Fix: "see which steps have one: jackfield flows state " + string(id)}}
	case then == 0:
		return Problems{{Step: step, Code: "invalid", What: fmt.Sprintf("the cursor has not moved since %s", at.Local().Format(time.DateTime)), Fix: "name an earlier time; it moved last at " + all[0].Moved.Local().Format(time.DateTime)}}
	case then > 0:
		to.Cursor = all[then].Cursor
	case all[len(all)-1].Number > 1:
		return Problems{{
			Step: step, Code: "missing", What: fmt.Sprintf("what the cursor was at %s is not known any more; its history begins at %s", at.Local().Format(time.DateTime), all[len(all)-1].Moved.Local().Format(time.DateTime)),
			Fix: "rewind it to a later time, set it by hand, or reset it",
		}}
	}
	return l.moveCursor(ctx, to)
}

func (l *Local) moveCursor(ctx context.Context, m flow.CursorChange) error {
	m.Moved = time.Now()
	running, err := l.store.Runs(ctx, m.Flow, flow.Running, "", 1)
	if err == nil && len(running) == 0 {
		err = l.store.MoveCheckpoint(ctx, m)
	}
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return Problems{{
			Step: m.Step, Code: "running", What: fmt.Sprintf("run %s of the flow goes on, and moves the cursor itself", running[0].ID),
			Fix: fmt.Sprintf("wait for its end, or stop it: jackfield runs stop %s", running[0].ID),
		}}
	}
	l.watchers.tell(flow.Event{Kind: flow.FlowChanged, Flow: m.Flow})
	return nil
}

// mayHaveCursor refuses a step that the flow does not have. What a source reads for one
// record has a cursor named by the step, @ and a mark of the record.
func (l *Local) mayHaveCursor(ctx context.Context, id flow.ID, step flow.StepID) error {
	f, err := l.store.Flow(ctx, id, 0)
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(string(step), "@")
	if _, ok := f.Step(flow.StepID(name)); ok {
		return nil
	}
	var known []string
	for _, s := range f.Steps {
		known = append(known, string(s.ID))
	}
	p := flow.Problem{Code: "unknown-step", What: fmt.Sprintf("the flow has no step %q", name), Fix: "its steps are " + strings.Join(known, ", ")}
	if near, ok := flow.Nearest(name, known); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	return Problems{p}
}
