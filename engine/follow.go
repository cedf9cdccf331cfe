package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// afterCause is the cause of a run that the end of another one started.
const afterCause = "after"

// follower is a trigger of a flow that is enabled, and whose ends it waits for.
type follower struct {
	flow flow.ID
	name string
	step flow.StepID
	kit.Following
}

// follow has the ends of runs kept for the triggers of a flow that wait for them.
func (l *Local) follow(f flow.Flow) {
	var all []follower
	for _, s := range f.Steps {
		_, op, err := l.trigger(f, s.ID)
		if err != nil || s.Off {
			continue
		}
		if one, ok := op.(kit.Follower); ok {
			all = append(all, follower{f.ID, f.Name, s.ID, one.Follows()})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followers = slices.DeleteFunc(slices.Clone(l.followers), func(one follower) bool { return one.flow == f.ID })
	l.followers = append(l.followers, all...)
}

func (l *Local) unfollow(id flow.ID) { l.follow(flow.Flow{ID: id}) }

func (f follower) waitsFor(row flow.Run) bool {
	return f.Flow == string(row.Flow) || f.Flow == row.Name
}

// followAll follows for every enabled flow, also before it is live: runs end while the
// program starts, and where nobody makes triggers live.
func (l *Local) followAll(ctx context.Context) error {
	l.mu.Lock()
	done := l.followed || l.options.Enabled == nil
	l.mu.Unlock()
	if done {
		return nil
	}
	flows, err := l.options.Enabled(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("find the flows that wait for the end of others: %w", err)
	}
	for _, f := range flows {
		l.follow(f)
	}
	l.mu.Lock()
	l.followed = true
	l.mu.Unlock()
	return nil
}

func (l *Local) followersOf(row flow.Run) []follower {
	l.mu.Lock()
	all := l.followers
	l.mu.Unlock()
	var found []follower
	for _, one := range all {
		if one.waitsFor(row) {
			found = append(found, one)
		}
	}
	return found
}

// foretell puts the end of a run on disk for those who wait for it, before the end
// itself is: they believe it once they find that too. A run that was to end otherwise
// when the program died has that taken back.
func (l *Local) foretell(ctx context.Context, row flow.Run) error {
	if err := l.followAll(ctx); err != nil {
		return err
	}
	for _, one := range l.followersOf(row) {
		p, err := endOf(row)
		if err != nil {
			return err
		}
		p.Since = l.now()
		a := flow.Arrangement{Flow: one.flow, Step: one.step, Drop: []string{p.Key}}
		switch {
		case !slices.Contains(one.States, row.State):
		case l.leadsTo(ctx, row, one.flow):
			l.trouble(one.flow, "trigger %q of %q does not follow run %s of %q: flows would follow each other without end", one.step, one.name, row.ID, row.Name)
		default:
			a.Put = []flow.Planned{p}
		}
		if err := l.options.History.Arrange(context.WithoutCancel(ctx), a); err != nil {
			return fmt.Errorf("keep the end of run %s for %q: %w", row.ID, one.name, err)
		}
	}
	return nil
}

// endOf is the event of a run's end. One that is resumed ends once more.
func endOf(row flow.Run) (flow.Planned, error) {
	event := map[string]any{
		"run": string(row.ID), "flow": row.Name, "state": string(row.State),
		"given": row.Given, "failures": row.Failures, "problem": nil,
	}
	if p := row.Problem; p != nil {
		event["problem"] = map[string]any{"step": string(p.Step), "code": string(p.Code), "what": p.What, "fix": p.Fix}
	}
	data, err := eventData([]any{event})
	key := string(row.ID) + "~" + strconv.Itoa(row.Resumed)
	return flow.Planned{Key: key, Why: flow.Happened, Data: data, Cause: afterCause, Of: row.ID}, err
}

// leadsTo says whether a run is of the flow, or follows one that is.
func (l *Local) leadsTo(ctx context.Context, row flow.Run, id flow.ID) bool {
	for range callDepth {
		if row.Flow == id {
			return true
		}
		if row.Cause != afterCause || row.Of == "" {
			return false
		}
		before, err := l.options.History.Run(ctx, row.Of)
		if err != nil {
			return false
		}
		row = before
	}
	return true
}

// tellFollowers wakes those who wait for the end of a run.
func (l *Local) tellFollowers(row flow.Run) {
	for _, one := range l.followersOf(row) {
		l.mu.Lock()
		e := l.enabled[one.flow]
		l.mu.Unlock()
		if e != nil {
			e.news(one.step)
		}
	}
}
