package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// Connectors lists what can be done.
func (l *Local) Connectors(context.Context) (kit.Set, error) { return l.ops.Now(), nil }

// Choices asks the service for the values that a field of a step may take.
func (l *Local) Choices(ctx context.Context, f flow.Flow, step flow.StepID, field string) ([]kit.Choice, error) {
	s, ok := f.Step(step)
	if !ok {
		return nil, fmt.Errorf("there is no step %q", step)
	}
	_, op, ok := l.ops.Now().Op(s.Uses)
	if !ok {
		return nil, fmt.Errorf("there is no operation %q", s.Uses)
	}
	fields := op.New().Fields()
	if s.Connection != "" {
		_, values, err := l.reveal(ctx, s.Connection)
		if err != nil {
			return nil, err
		}
		fields.Bind(step, values)
	}
	fields.Bind(step, s.With)
	asked, ok := fields.Field(field)
	if !ok || asked.Live == nil {
		return nil, nil
	}
	choices, err := asked.Live(ctx, kit.Env{Flow: f.ID, Name: f.Name, Step: step, Dir: l.dir(f), Tokens: l.tokensOf(s.Connection)})
	return choices, l.masked(err)
}

// Sample gives records that would come to a step: those of the last run that had
// any, or else what can be computed without touching anything.
func (l *Local) Sample(ctx context.Context, f flow.Flow, step flow.StepID, limit int) (flow.Batch, string, error) {
	batch, r, err := l.lastRecords(ctx, f.ID, step, limit)
	if err != nil {
		return nil, "", err
	}
	if len(batch) > 0 {
		return batch, "the run of " + r.Started.Local().Format("2 January 15:04"), nil
	}
	batch, err = engine.Peek(ctx, engine.PeekOptions{Flow: f, Step: step, Limit: limit, Ops: l.ops.Now(), Connection: l.reveal, Tokens: l.tokensOf, Mask: &l.mask, Dir: l.dir(f)})
	return batch, "a look at what comes before", err
}

// lastRecords looks through the newest runs for records that came to a step.
func (l *Local) lastRecords(ctx context.Context, id flow.ID, step flow.StepID, limit int) (flow.Batch, flow.Run, error) {
	if id == "" {
		return nil, flow.Run{}, nil
	}
	const look = 3
	runs, err := l.store.Runs(ctx, id, "", "", look)
	if err != nil {
		return nil, flow.Run{}, err
	}
	for _, r := range runs {
		batch, err := l.recordsInto(ctx, r.ID, step, limit)
		if err != nil || len(batch) > 0 {
			return batch, r, err
		}
	}
	return nil, flow.Run{}, nil
}

func (l *Local) recordsInto(ctx context.Context, id flow.RunID, step flow.StepID, limit int) (flow.Batch, error) {
	var found flow.Batch
	for s, err := range l.store.StepRuns(ctx, id) {
		if err != nil {
			return nil, err
		}
		if s.Step != step {
			continue
		}
		for _, ref := range s.From {
			batch, err := l.store.Batch(ctx, ref)
			if err != nil {
				return nil, err
			}
			found = append(found, batch[:min(len(batch), limit-len(found))]...)
			if len(found) >= limit {
				return slices.Clip(found), nil
			}
		}
	}
	return found, nil
}

// shelf is where connectors can be put.
func (l *Local) shelf() (kit.Shelf, error) {
	if s, ok := l.ops.(kit.Shelf); ok {
		return s, nil
	}
	return nil, Problems{{Code: kit.Invalid, What: "this program takes no further connectors"}}
}

// DescribedConnectors lists the files that describe connectors.
func (l *Local) DescribedConnectors(context.Context) ([]kit.Described, error) {
	s, err := l.shelf()
	if err != nil {
		return nil, nil //nolint:nilerr // where none can be put there are none
	}
	return s.Described(), nil
}

// AddConnector takes a file, or what is at an address, as a connector.
func (l *Local) AddConnector(ctx context.Context, from, name string) (kit.Described, error) {
	s, err := l.shelf()
	if err != nil {
		return kit.Described{}, err
	}
	added, err := s.Add(ctx, from, name)
	if err != nil {
		return added, Problems{kit.AsFailure(err).Problem("", "")}
	}
	if added.Connector == "" {
		return added, Problems(added.Problems)
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectorsChanged, What: added.Connector})
	return added, nil
}

// RemoveConnector takes the file of a connector away.
func (l *Local) RemoveConnector(_ context.Context, id string) error {
	s, err := l.shelf()
	if err != nil {
		return err
	}
	if err := s.Remove(id); err != nil {
		return Problems{kit.AsFailure(err).Problem("", "")}
	}
	l.watchers.tell(flow.Event{Kind: flow.ConnectorsChanged, What: id})
	return nil
}

// lookEvery is how often it is seen whether connectors have come or gone.
const lookEvery = 2 * time.Second

// watchConnectors tells those who watch when connectors have come or gone.
func (l *Local) watchConnectors(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for known := l.ops.Now(); ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if now := l.ops.Now(); len(now) != len(known) || len(now) > 0 && &now[0] != &known[0] {
			known = now
			l.watchers.tell(flow.Event{Kind: flow.ConnectorsChanged})
		}
	}
}
