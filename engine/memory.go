package engine

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Memory is a History that is gone when the program ends: for looking ahead and for
// tests.
type Memory struct {
	mu          sync.Mutex
	runs        map[flow.RunID]*remembered
	order       []flow.RunID
	checkpoints map[checkpointKey]flow.Checkpoint
	moves       map[checkpointKey][]flow.CursorChange // oldest first
	standings   map[checkpointKey]*arranged
}

// arranged is how a trigger stands.
type arranged struct {
	mark    flow.Cursor
	planned map[string]flow.Planned
}

type remembered struct {
	run   flow.Run
	steps []flow.StepRun
	keys  map[string]int
	data  map[flow.Ref]flow.Batch
	log   []flow.LogLine
	held  int // how many of the last steps might be lost in a crash, were this a disk
}

func newRemembered(r flow.Run) *remembered {
	return &remembered{run: r, keys: map[string]int{}, data: map[flow.Ref]flow.Batch{}}
}

type checkpointKey struct {
	flow flow.ID
	step flow.StepID
}

// NewMemory makes an empty one.
func NewMemory() *Memory {
	return &Memory{
		runs: map[flow.RunID]*remembered{}, checkpoints: map[checkpointKey]flow.Checkpoint{},
		moves: map[checkpointKey][]flow.CursorChange{}, standings: map[checkpointKey]*arranged{},
	}
}

// Begin writes a new run.
func (m *Memory) Begin(_ context.Context, r flow.Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begin(r)
	return nil
}

func (m *Memory) begin(r flow.Run) {
	if _, there := m.runs[r.ID]; !there {
		m.runs[r.ID] = newRemembered(r)
		m.order = append(m.order, r.ID)
	}
}

// Update writes the run's own row.
func (m *Memory) Update(_ context.Context, r flow.Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, err := m.find(r.ID)
	if err == nil {
		one.run, one.held = r, 0
	}
	return err
}

// Compute changes nothing: all that steps gave is kept.
func (m *Memory) Compute(func(context.Context, flow.Run, flow.StepRun) (map[flow.Outlet]flow.Batch, error)) {
}

// Settle says that the entries of a run are to last.
func (m *Memory) Settle(_ context.Context, id flow.RunID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, err := m.find(id)
	if err == nil {
		one.held = 0
	}
	return err
}

func (m *Memory) find(id flow.RunID) (*remembered, error) {
	if one, ok := m.runs[id]; ok {
		return one, nil
	}
	return nil, kit.Fail(kit.Missing, "there is no run %q", string(id))
}

// Run gives the run's own row.
func (m *Memory) Run(_ context.Context, id flow.RunID) (flow.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, err := m.find(id)
	if err != nil {
		return flow.Run{}, err
	}
	return one.run, nil
}

// Unfinished lists the runs that are still running, oldest first.
func (m *Memory) Unfinished(context.Context) ([]flow.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var runs []flow.Run
	for _, id := range slices.Sorted(slices.Values(m.order)) {
		if r := m.runs[id].run; r.State == flow.Running {
			runs = append(runs, r)
		}
	}
	return runs, nil
}

// Runs lists runs, newest first.
func (m *Memory) Runs(_ context.Context, f flow.ID, state flow.RunState, before flow.RunID, limit int) ([]flow.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if limit <= 0 {
		limit = 100
	}
	var found []flow.Run
	for _, id := range slices.Backward(slices.Sorted(slices.Values(m.order))) {
		r := m.runs[id].run
		if len(found) < limit && (f == "" || r.Flow == f) && (state == "" || r.State == state) && (before == "" || id < before) {
			found = append(found, r)
		}
	}
	return found, nil
}

// Append writes e whole or not at all.
func (m *Memory) Append(_ context.Context, e flow.Entry) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := e.Begin; r != nil && m.runs[r.ID] == nil {
		m.runs[r.ID] = newRemembered(*r)
		m.order = append(m.order, r.ID)
	}
	one, err := m.find(e.Run)
	if err != nil {
		return 0, err
	}
	seq, there := one.keys[e.Key]
	if !there {
		seq = len(one.steps)
	}
	if e.End != nil && e.Seq == seq {
		one.run = *e.End
	}
	if there {
		return seq, nil
	}
	e.Seq = seq
	one.steps = append(one.steps, e.StepRun)
	one.keys[e.Key] = e.Seq
	for o, b := range e.Batches {
		one.data[flow.Ref{Run: e.Run, Seq: e.Seq, Outlet: o}] = b.Whole()
	}
	one.log = append(one.log, e.Log...)
	if one.held++; !e.MayWait || e.End != nil {
		one.held = 0
	}
	if c := e.Checkpoint; c != nil {
		m.move(c.Change())
	}
	if e.Arranged != nil {
		m.arrange(*e.Arranged)
	}
	return e.Seq, nil
}

// Batch gives what left a step run by an outlet.
func (m *Memory) Batch(_ context.Context, r flow.Ref) (flow.Batch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, err := m.find(r.Run)
	if err != nil {
		return nil, err
	}
	if r.Seq < 0 || r.Seq >= len(one.steps) {
		return nil, kit.Fail(kit.Missing, "there is no step run %d in run %s", r.Seq, r.Run)
	}
	return one.data[r], nil
}

// StepRuns yields the step runs that the run has now, in order.
func (m *Memory) StepRuns(_ context.Context, id flow.RunID) iter.Seq2[flow.StepRun, error] {
	return func(yield func(flow.StepRun, error) bool) {
		m.mu.Lock()
		one, err := m.find(id)
		var steps []flow.StepRun
		if err == nil {
			steps = one.steps[:len(one.steps):len(one.steps)]
			one.held = 0
		}
		m.mu.Unlock()
		if err != nil {
			yield(flow.StepRun{}, fmt.Errorf("list step runs: %w", err))
			return
		}
		for _, s := range steps {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// Log gives the run's log.
func (m *Memory) Log(_ context.Context, id flow.RunID) ([]flow.LogLine, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, err := m.find(id)
	if err != nil {
		return nil, err
	}
	return slices.Clone(one.log), nil
}

// Standing is where a trigger stands and what is planned for it, by the keys.
func (m *Memory) Standing(_ context.Context, f flow.ID, s flow.StepID) (flow.Standing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.standings[checkpointKey{f, s}]
	if !ok {
		return flow.Standing{}, nil
	}
	at := flow.Standing{Mark: one.mark}
	for _, key := range slices.Sorted(maps.Keys(one.planned)) {
		at.Planned = append(at.Planned, one.planned[key])
	}
	return at, nil
}

// Arrange changes how a trigger stands, whole or not at all.
func (m *Memory) Arrange(_ context.Context, a flow.Arrangement) error {
	if a.Run != nil && a.Run.ID == "" {
		return kit.Fail(kit.Invalid, "a run needs an id to begin")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.arrange(a)
	return nil
}

func (m *Memory) arrange(a flow.Arrangement) {
	key := checkpointKey{a.Flow, a.Step}
	one := m.standings[key]
	if one == nil {
		one = &arranged{planned: map[string]flow.Planned{}}
		m.standings[key] = one
	}
	for _, gone := range a.Drop {
		delete(one.planned, gone)
	}
	for _, p := range a.Put {
		one.planned[p.Key] = p
	}
	if a.Mark != nil {
		one.mark = a.Mark
	}
	if a.Run != nil {
		m.begin(*a.Run)
	}
}
