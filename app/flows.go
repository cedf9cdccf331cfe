package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"jackfield/engine"
	"jackfield/flow"
)

// Flows lists the flows of this machine.
func (l *Local) Flows(ctx context.Context) ([]flow.Overview, error) { return l.store.Flows(ctx) }

// Flow gives one version of a flow.
func (l *Local) Flow(ctx context.Context, id flow.ID, version int) (flow.Flow, error) {
	return l.store.Flow(ctx, id, version)
}

// Versions lists the stored versions of a flow.
func (l *Local) Versions(ctx context.Context, id flow.ID) ([]Version, error) {
	return l.store.Versions(ctx, id)
}

// Open reads a flow file and stores it when it is new or has changed.
func (l *Local) Open(ctx context.Context, path string) (flow.Flow, []flow.Problem, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return flow.Flow{}, nil, fmt.Errorf("open the flow file: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return flow.Flow{}, nil, fmt.Errorf("open the flow file: %w", err)
	}
	f, problems := flow.ReadFile(data, filepath.Base(path))
	f.Path = path
	if standsInTheWay(problems) {
		return f, problems, nil
	}
	known, err := l.store.FlowByPath(ctx, path)
	if err == nil {
		f.ID = known.ID
	} else if !errors.Is(err, fs.ErrNotExist) {
		return f, problems, err
	}
	f, err = l.store.PutFlow(ctx, f)
	return f, problems, err
}

// Save stores a new version, and writes the flow's file where it has one. Where the
// file was changed by somebody else in the meantime, that state becomes a version
// first, so that it is not lost.
func (l *Local) Save(ctx context.Context, f flow.Flow) (flow.Flow, error) {
	if f.Path != "" {
		if err := l.writeFile(ctx, f); err != nil {
			return f, err
		}
	}
	saved, err := l.store.PutFlow(ctx, f)
	if err != nil {
		return f, err
	}
	for _, id := range []flow.ID{f.ID, saved.ID} {
		if err := l.DropDraft(ctx, id); err != nil {
			return saved, err
		}
	}
	l.watchers.tell(flow.Event{Kind: flow.FlowChanged, Flow: saved.ID})
	return saved, l.refresh(ctx, saved)
}

func (l *Local) writeFile(ctx context.Context, f flow.Flow) error {
	old, err := os.ReadFile(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("save the flow file: %w", err)
	}
	if err == nil {
		if err := l.keepForeign(ctx, f, old); err != nil {
			return err
		}
	}
	text := flow.Rewrite(old, f)
	if bytes.Equal(text, old) {
		return nil
	}
	return replaceFile(f.Path, text)
}

// keepForeign stores what stands in the file, if it is a flow that no version holds.
func (l *Local) keepForeign(ctx context.Context, f flow.Flow, old []byte) error {
	there, problems := flow.ReadFile(old, filepath.Base(f.Path))
	if standsInTheWay(problems) || f.ID == "" {
		return nil
	}
	newest, err := l.store.Flow(ctx, f.ID, 0)
	if err != nil || bytes.Equal(flow.WriteFile(there), flow.WriteFile(newest)) {
		return nil
	}
	there.ID, there.Path = f.ID, f.Path
	_, err = l.store.PutFlow(ctx, there)
	return err
}

// replaceFile writes a file whole or not at all.
func replaceFile(path string, text []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".jackfield-*")
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
			err = fmt.Errorf("save %s: %w", path, err)
		}
	}()
	mode := fs.FileMode(0o644)
	if info, statErr := os.Stat(path); statErr == nil {
		mode = info.Mode().Perm()
	}
	_, err = tmp.Write(text)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// refresh makes the triggers of an enabled flow those of its new version.
func (l *Local) refresh(ctx context.Context, f flow.Flow) error {
	on, err := l.enabled(ctx, f.ID)
	if err != nil || !on {
		return err
	}
	return l.goLive(ctx, f.ID)
}

func (l *Local) enabled(ctx context.Context, id flow.ID) (bool, error) {
	all, err := l.store.Flows(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.ID == id {
			return o.Enabled, nil
		}
	}
	return false, nil
}

// Check lists the problems of a flow as it would run here.
func (l *Local) Check(ctx context.Context, f flow.Flow) []flow.Problem {
	_, problems := engine.NewPlan(f, l.ops.Now(), l.planOptions(ctx))
	return problems
}

// Enable makes the triggers of a flow live, or not.
func (l *Local) Enable(ctx context.Context, id flow.ID, on bool) error {
	f, err := l.store.Flow(ctx, id, 0)
	if err != nil {
		return err
	}
	if on {
		if problems := l.Check(ctx, f); standsInTheWay(problems) {
			return Problems(problems)
		}
	}
	was, err := l.enabled(ctx, id)
	if err != nil {
		return err
	}
	if err := l.store.SetEnabled(ctx, id, on); err != nil {
		return err
	}
	l.watchers.tell(flow.Event{Kind: flow.FlowChanged, Flow: id})
	switch {
	case !on:
		return l.runner.Disable(id)
	case was:
		return l.goLive(ctx, id)
	}
	return l.runner.EnableAnew(ctx, f) // slots that passed while it was off are nobody's
}

func (l *Local) goLive(ctx context.Context, id flow.ID) error {
	f, err := l.store.Flow(ctx, id, 0)
	if err != nil {
		return err
	}
	return l.runner.Enable(ctx, f)
}

// RemoveFlow forgets a flow; its file and its runs stay.
func (l *Local) RemoveFlow(ctx context.Context, id flow.ID) error {
	if err := l.runner.Disable(id); err != nil {
		return err
	}
	if err := l.store.RemoveFlow(ctx, id); err != nil {
		return err
	}
	if err := l.runner.Forget(id); err != nil {
		return fmt.Errorf("remove what the flow kept: %w", err)
	}
	l.watchers.tell(flow.Event{Kind: flow.FlowChanged, Flow: id})
	return nil
}

func standsInTheWay(problems []flow.Problem) bool {
	for _, p := range problems {
		if !p.Warning {
			return true
		}
	}
	return false
}
