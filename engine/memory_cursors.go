package engine

import (
	"cmp"
	"context"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Checkpoint is nil where none is stored.
func (m *Memory) Checkpoint(_ context.Context, f flow.ID, s flow.StepID) (*flow.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.checkpoints[checkpointKey{f, s}]; ok {
		return &c, nil
	}
	return nil, nil
}

// Checkpoints lists those of a flow by step.
func (m *Memory) Checkpoints(_ context.Context, f flow.ID) ([]flow.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []flow.Checkpoint
	for key, c := range m.checkpoints {
		if key.flow == f {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b flow.Checkpoint) int { return cmp.Compare(a.Step, b.Step) })
	return all, nil
}

// SetCheckpoint moves a checkpoint outside any run.
func (m *Memory) SetCheckpoint(_ context.Context, c flow.Checkpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.move(c.Change())
	return nil
}

// MoveCheckpoint moves one for a person.
func (m *Memory) MoveCheckpoint(_ context.Context, c flow.CursorChange) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, one := range m.runs {
		if one.run.Flow == c.Flow && one.run.State == flow.Running {
			return kit.Fail(kit.Busy, "run %s of flow %q goes on", id, string(c.Flow)).Hint("wait for its end or stop it")
		}
	}
	if _, there := m.checkpoints[checkpointKey{c.Flow, c.Step}]; there || c.Cursor != nil {
		m.move(c)
	}
	return nil
}

func (m *Memory) move(c flow.CursorChange) {
	key := checkpointKey{c.Flow, c.Step}
	if m.checkpoints[key] = c.Checkpoint(); c.Cursor == nil {
		delete(m.checkpoints, key)
	}
	before := m.moves[key]
	c.Number = len(before) + 1
	if n := len(before); n > 0 && c.Joins(before[n-1]) {
		before, c.Number = before[:n-1:n-1], n
	}
	m.moves[key] = append(before, c)
}

// CheckpointMoves lists the changes of one, newest first.
func (m *Memory) CheckpointMoves(_ context.Context, f flow.ID, s flow.StepID) ([]flow.CursorChange, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.moves[checkpointKey{f, s}])
	slices.Reverse(all)
	return all, nil
}
