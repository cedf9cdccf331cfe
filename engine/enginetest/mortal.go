package enginetest

import (
	"context"
	"errors"
	"sync"

	"jackfield/engine"
	"jackfield/flow"
)

// Mortal is a history whose program dies at one of its writes: nothing that comes
// later gets through, and what a history that can Lose holds in memory is lost.
type Mortal struct {
	engine.History
	DieAt int  // the number of the write, from 1; 0 is never
	After bool // the write itself is on disk, and nobody heard of it

	mu     sync.Mutex
	writes int
}

var errDead = errors.New("the program is dead")

// Writes is how many writes were asked for.
func (m *Mortal) Writes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// Dead says whether it has died.
func (m *Mortal) Dead() bool { return m.DieAt > 0 && m.Writes() >= m.DieAt }

// write performs a write, unless the program dies before it. The lock is held, so that
// no other write gets past one that kills.
func (m *Mortal) write(do func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if m.DieAt == 0 || m.writes < m.DieAt {
		return do()
	}
	if m.writes > m.DieAt {
		return errDead
	}
	if m.After {
		if err := do(); err != nil {
			return err
		}
	}
	if h, ok := m.History.(interface{ Lose() []string }); ok {
		h.Lose()
	}
	return errDead
}

// Compute lets the history compute again what it does not store, if it does that.
func (m *Mortal) Compute(again func(context.Context, flow.Run, flow.StepRun) (map[flow.Outlet]flow.Batch, error)) {
	if h, ok := m.History.(engine.Computing); ok {
		h.Compute(again)
	}
}

// Stage begins to write what is about to be appended, if the history does that.
func (m *Mortal) Stage(id flow.RunID, b flow.Batch) {
	if h, ok := m.History.(engine.Staging); ok && !m.Dead() {
		h.Stage(id, b)
	}
}

// Settle puts on disk what is held.
func (m *Mortal) Settle(ctx context.Context, id flow.RunID) error {
	h, ok := m.History.(engine.Computing)
	if !ok {
		return nil
	}
	return m.write(func() error { return h.Settle(ctx, id) })
}

// Begin writes a new run.
func (m *Mortal) Begin(ctx context.Context, r flow.Run) error {
	return m.write(func() error { return m.History.Begin(ctx, r) })
}

// Update writes the run's own row.
func (m *Mortal) Update(ctx context.Context, r flow.Run) error {
	return m.write(func() error { return m.History.Update(ctx, r) })
}

// Append writes an entry.
func (m *Mortal) Append(ctx context.Context, e flow.Entry) (seq int, err error) {
	err = m.write(func() (err error) {
		seq, err = m.History.Append(ctx, e)
		return err
	})
	return seq, err
}

// SetCheckpoint moves a checkpoint.
func (m *Mortal) SetCheckpoint(ctx context.Context, c flow.Checkpoint) error {
	return m.write(func() error { return m.History.SetCheckpoint(ctx, c) })
}

// Arrange changes how a trigger stands.
func (m *Mortal) Arrange(ctx context.Context, a flow.Arrangement) error {
	return m.write(func() error { return m.History.Arrange(ctx, a) })
}

// MoveCheckpoint moves one for a person.
func (m *Mortal) MoveCheckpoint(ctx context.Context, c flow.CursorChange) error {
	return m.write(func() error { return m.History.MoveCheckpoint(ctx, c) })
}

// Ill is a history in which some writes go wrong.
type Ill struct {
	engine.History
	// Fails says why the write of an entry goes wrong; nil where it does not.
	Fails func(e flow.Entry) error
}

// Append writes an entry, or not.
func (i *Ill) Append(ctx context.Context, e flow.Entry) (int, error) {
	if err := i.Fails(e); err != nil {
		return 0, err
	}
	return i.History.Append(ctx, e)
}
