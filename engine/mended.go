package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// began gives the version of the flow that a run goes by.
func (l *Local) began(ctx context.Context, row flow.Run) (flow.Flow, error) {
	f, err := l.options.Flows(ctx, row.Flow, row.Version)
	if errors.Is(err, fs.ErrNotExist) {
		return f, kit.Fail(kit.Missing, "there is no version %d of flow %q any more", row.Version, row.Flow).Hint("start the flow anew")
	}
	if err != nil {
		return f, fmt.Errorf("find version %d of flow %q: %w", row.Version, row.Flow, err)
	}
	return f, nil
}

// mended gives the version of the flow that a resume goes on with: the newest, so that
// what made records fail can be mended in the flow, where it hangs together like the
// one that the history was written with. Where steps or edges have come or gone, the
// history says nothing about them, and the run keeps its own version.
func (l *Local) mended(ctx context.Context, row flow.Run) (flow.Flow, error) {
	began, err := l.began(ctx, row)
	if err != nil {
		return began, err
	}
	newest, err := l.options.Flows(ctx, row.Flow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return began, nil // somebody has removed the flow; its runs keep the version that they have
	}
	if err != nil {
		return began, fmt.Errorf("find the newest version of flow %q: %w", row.Flow, err)
	}
	if hangTogetherAlike(began, newest) {
		return newest, nil
	}
	return began, nil
}

// finderOf is what finds the version of a flow that a resume goes on with.
func (l *Local) finderOf(by flow.Which) func(context.Context, flow.Run) (flow.Flow, error) {
	switch by {
	case flow.Old:
		return l.began
	case flow.Newest:
		return l.newestAlike
	}
	return l.mended
}

// newestAlike gives the newest version, or says why a run cannot go on with it.
func (l *Local) newestAlike(ctx context.Context, row flow.Run) (flow.Flow, error) {
	f, err := l.mended(ctx, row)
	if err != nil {
		return f, err
	}
	newest, err := l.options.Flows(ctx, row.Flow, 0)
	if err != nil {
		return f, fmt.Errorf("find the newest version of flow %q: %w", row.Flow, err)
	}
	if f.Version != newest.Version {
		return f, Problems{{
			Code: "other-steps", What: fmt.Sprintf("version %d of the flow has other steps or edges than version %d, which run %s went by", newest.Version, row.Version, row.ID),
			Fix: "replay the run from a step with the newest version, or resume it with the old one",
		}}
	}
	return newest, nil
}

// hangTogetherAlike says whether two versions have the same steps, doing the same, and
// the same edges, so that they differ in settings, mappings and conditions at the most.
func hangTogetherAlike(a, b flow.Flow) bool {
	return slices.EqualFunc(a.Steps, b.Steps, func(s, t flow.Step) bool {
		return s.ID == t.ID && s.Uses == t.Uses && s.In == t.In && s.Off == t.Off
	}) && slices.EqualFunc(a.Edges, b.Edges, func(e, f flow.Edge) bool {
		return e.From == f.From && e.Leaves() == f.Leaves() && e.To == f.To
	})
}
