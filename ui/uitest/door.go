// Package uitest has a door that needs no store and no engine, so that a view can be
// tested with what it shows under the test's control.
package uitest

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"sync"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Door is an app.Service whose answers are its fields. What is asked of it is written
// down in Asked. It is safe for concurrent use through its methods.
type Door struct {
	Ops       kit.Set
	Stored    []flow.Flow // the newest version of each
	Seen      []flow.Overview
	Problems  []flow.Problem
	RunRows   []flow.Run // newest first
	Steps     map[flow.RunID][]flow.StepRun
	Batches   map[flow.Ref]flow.Batch
	Lines     map[flow.RunID][]flow.LogLine
	Asking    []flow.Question
	Accounts  []flow.Connection
	Checks    []kit.Check
	Slotted   []app.Slot
	Healths   map[string]app.Health // by connection
	LastCheck chan struct{}         // closed when the last check may come; nil for at once
	Entrance  Entrance
	Secret    flow.Secrecy
	Starters  []app.Trigger // what starts flows by itself
	Samples   flow.Batch
	Notes     map[flow.StepID]kit.Note
	Described []kit.Described
	Showcase  []app.Example
	Drafts    map[flow.ID]flow.Flow
	Stands    []flow.Checkpoint   // where incremental steps stand
	Moves     []flow.CursorChange // how they moved, newest first
	Kept      app.Retention
	Err       error // what every call that can fail says, where it is not nil

	mu       sync.Mutex
	asked    []string
	watchers []chan flow.Event
}

var _ app.Service = (*Door)(nil)

// Asked lists what was asked for, like "start orders" or "resume r1".
func (d *Door) Asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.asked)
}

func (d *Door) note(format string, args ...any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, fmt.Sprintf(format, args...))
	return d.Err
}

// Tell gives an event to those who watch.
func (d *Door) Tell(e flow.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.watchers {
		w <- e
	}
}

// Watch yields what Tell is given.
func (d *Door) Watch(ctx context.Context) iter.Seq[flow.Event] {
	events := make(chan flow.Event, 1024)
	d.mu.Lock()
	d.watchers = append(d.watchers, events)
	d.mu.Unlock()
	return func(yield func(flow.Event) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-events:
				if !yield(e) {
					return
				}
			}
		}
	}
}

// Flows lists Seen, or else an overview of each of Stored.
func (d *Door) Flows(context.Context) ([]flow.Overview, error) {
	if d.Seen != nil {
		return d.Seen, d.Err
	}
	var all []flow.Overview
	for _, f := range d.Stored {
		all = append(all, flow.Overview{ID: f.ID, Name: f.Name, Path: f.Path, Version: f.Version, Versions: f.Version, Steps: len(f.Steps)})
	}
	return all, d.Err
}

// Flow finds a flow among Stored.
func (d *Door) Flow(_ context.Context, id flow.ID, _ int) (flow.Flow, error) {
	for _, f := range d.Stored {
		if f.ID == id {
			return f, d.Err
		}
	}
	return flow.Flow{}, fmt.Errorf("flow %s: %w", id, fs.ErrNotExist)
}

// Versions gives one version.
func (d *Door) Versions(context.Context, flow.ID) ([]app.Version, error) {
	return []app.Version{{Version: 1}}, d.Err
}

// Open finds a flow among Stored by its path.
func (d *Door) Open(_ context.Context, path string) (flow.Flow, []flow.Problem, error) {
	for _, f := range d.Stored {
		if f.Path == path {
			return f, d.Problems, d.note("open %s", path)
		}
	}
	return flow.Flow{}, d.Problems, fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
}

// Save puts f among Stored with the next version.
func (d *Door) Save(_ context.Context, f flow.Flow) (flow.Flow, error) {
	if err := d.note("save %s", f.Name); err != nil {
		return f, err
	}
	f.Version++
	if f.ID == "" {
		f.ID = flow.Slug(f.Name)
	}
	at := slices.IndexFunc(d.Stored, func(o flow.Flow) bool { return o.ID == f.ID })
	if at < 0 {
		d.Stored = append(d.Stored, f)
	} else {
		d.Stored[at] = f
	}
	return f, nil
}

// Check gives Problems.
func (d *Door) Check(context.Context, flow.Flow) []flow.Problem { return d.Problems }

// Enable is written down.
func (d *Door) Enable(_ context.Context, id flow.ID, on bool) error {
	return d.note("enable %s %v", id, on)
}

// RemoveFlow is written down.
func (d *Door) RemoveFlow(_ context.Context, id flow.ID) error { return d.note("remove flow %s", id) }

// KeepDraft keeps f in Drafts.
func (d *Door) KeepDraft(_ context.Context, f flow.Flow) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Drafts == nil {
		d.Drafts = map[flow.ID]flow.Flow{}
	}
	d.Drafts[f.ID] = f
	return d.Err
}

// Draft looks into Drafts.
func (d *Door) Draft(_ context.Context, id flow.ID) (flow.Flow, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, kept := d.Drafts[id]
	return f, kept
}

// DropDraft removes from Drafts.
func (d *Door) DropDraft(_ context.Context, id flow.ID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.Drafts, id)
	return d.Err
}

// Examples gives Showcase.
func (d *Door) Examples(context.Context) ([]app.Example, error) { return d.Showcase, d.Err }

// Example finds a flow among Stored by its id.
func (d *Door) Example(ctx context.Context, name string) (flow.Flow, error) {
	if err := d.note("example %s", name); err != nil {
		return flow.Flow{}, err
	}
	return d.Flow(ctx, flow.ID(name), 0)
}

// Connectors gives Ops.
func (d *Door) Connectors(context.Context) (kit.Set, error) { return d.Ops, d.Err }

// DescribedConnectors gives Described.
func (d *Door) DescribedConnectors(context.Context) ([]kit.Described, error) {
	return d.Described, d.Err
}

// AddConnector gives the first of Described.
func (d *Door) AddConnector(_ context.Context, from, name string) (kit.Described, error) {
	err := d.note("add connector %s %s", from, name)
	if err != nil || len(d.Described) == 0 {
		return kit.Described{}, err
	}
	return d.Described[0], nil
}

// RemoveConnector is written down.
func (d *Door) RemoveConnector(_ context.Context, id string) error {
	return d.note("remove connector %s", id)
}

// Choices are none.
func (d *Door) Choices(_ context.Context, _ flow.Flow, step flow.StepID, field string) ([]kit.Choice, error) {
	return nil, d.note("choices %s.%s", step, field)
}

// Note gives Notes.
func (d *Door) Note(_ context.Context, _ flow.Flow, step flow.StepID) (kit.Note, error) {
	return d.Notes[step], d.Err
}

// Sample gives Samples.
func (d *Door) Sample(_ context.Context, _ flow.Flow, _ flow.StepID, limit int) (flow.Batch, string, error) {
	return d.Samples[:min(limit, len(d.Samples))], "a test", d.Err
}

// Start gives the run "started".
func (d *Door) Start(_ context.Context, s app.Start) (flow.RunID, error) {
	return "started", d.note("start %s", s.Flow)
}

// Wait gives the run as it stands.
func (d *Door) Wait(ctx context.Context, id flow.RunID) (flow.Run, error) { return d.Run(ctx, id) }

// Stop is written down.
func (d *Door) Stop(_ context.Context, id flow.RunID) error { return d.note("stop %s", id) }

// Resume is written down.
func (d *Door) Resume(_ context.Context, id flow.RunID, by flow.Which) error {
	if by != flow.Fitting {
		return d.note("resume %s %s", id, by)
	}
	return d.note("resume %s", id)
}

// GiveUp is written down.
func (d *Door) GiveUp(_ context.Context, id flow.RunID) error { return d.note("give up %s", id) }

// Replay gives the run "replayed".
func (d *Door) Replay(_ context.Context, r app.Replay) (flow.RunID, error) {
	what := ""
	if r.From != "" {
		what += " from " + string(r.From)
	}
	if r.Failed {
		what += " failed"
	}
	if r.By != flow.Fitting {
		what += " " + string(r.By)
	}
	return "replayed", d.note("replay %s%s", r.Run, what)
}

// Runs selects from RunRows.
func (d *Door) Runs(_ context.Context, q app.Query) ([]flow.Run, error) {
	var found []flow.Run
	for _, r := range d.RunRows {
		if (q.Flow == "" || r.Flow == q.Flow) && (q.State == "" || r.State == q.State) && (q.Before == "" || r.ID < q.Before) && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, r)
		}
	}
	return found, d.Err
}

// Run finds a run among RunRows.
func (d *Door) Run(_ context.Context, id flow.RunID) (flow.Run, error) {
	for _, r := range d.RunRows {
		if r.ID == id {
			return r, d.Err
		}
	}
	return flow.Run{}, fmt.Errorf("run %s: %w", id, fs.ErrNotExist)
}

// StepRuns gives Steps.
func (d *Door) StepRuns(_ context.Context, id flow.RunID) ([]flow.StepRun, error) {
	return d.Steps[id], d.Err
}

// Records gives Batches.
func (d *Door) Records(_ context.Context, ref flow.Ref) (flow.Batch, error) {
	return d.Batches[ref], d.Err
}

// Log gives Lines.
func (d *Door) Log(_ context.Context, id flow.RunID) ([]flow.LogLine, error) {
	return d.Lines[id], d.Err
}

// RemoveRun is written down.
func (d *Door) RemoveRun(_ context.Context, id flow.RunID) error { return d.note("remove run %s", id) }

// Questions gives those of Asking that are of the run.
func (d *Door) Questions(_ context.Context, id flow.RunID) ([]flow.Question, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []flow.Question
	for _, q := range d.Asking {
		if id == "" || q.Run == id {
			found = append(found, q)
		}
	}
	return found, d.Err
}

// Answer takes a question out of Asking, if the answer fits it.
func (d *Door) Answer(_ context.Context, question string, a flow.Answer) error {
	if err := d.note("answer %s %s by %s", question, a.Choice, a.By); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.Asking, func(q flow.Question) bool { return q.ID == question })
	if at < 0 {
		return fmt.Errorf("question %s: %w", question, fs.ErrNotExist)
	}
	if wrong := d.Asking[at].Fits(a); len(wrong) > 0 {
		return app.Problems(wrong)
	}
	d.Asking = slices.Delete(d.Asking, at, at+1)
	return nil
}

// Connections gives Accounts.
func (d *Door) Connections(context.Context) ([]flow.Connection, error) { return d.Accounts, d.Err }

// SaveConnection is written down.
func (d *Door) SaveConnection(_ context.Context, c flow.Connection) error {
	return d.note("save connection %s", c.Name)
}

// TestConnection gives Checks, the last of them only when LastCheck is closed, where there is one.
func (d *Door) TestConnection(ctx context.Context, c flow.Connection) iter.Seq2[kit.Check, error] {
	return func(yield func(kit.Check, error) bool) {
		err := d.note("test %s", c.Name)
		for i, one := range d.Checks {
			if d.LastCheck != nil && i == len(d.Checks)-1 {
				select {
				case <-d.LastCheck:
				case <-ctx.Done():
					yield(kit.Check{}, context.Cause(ctx))
					return
				}
			}
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			yield(kit.Check{}, err)
		}
	}
}

// RemoveConnection is written down.
func (d *Door) RemoveConnection(_ context.Context, name string) error {
	return d.note("remove connection %s", name)
}
