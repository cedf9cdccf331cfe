package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"jackfield/flow"
)

// retentionKey is the preference that retention is kept under.
const retentionKey = "retention"

// How often history is looked at: when runs have ended, but with pauses of so many times
// what the looking took; and now and then while long ones go on.
const (
	tidyPause = time.Second
	tidyShare = 20
	tidyEvery = time.Minute
	tidyLast  = 5 * time.Second // the longest that Close waits for it
)

// Usage is what history takes of the disk.
func (l *Local) Usage(ctx context.Context) (Usage, error) {
	u, err := l.store.Meter(ctx)
	if err != nil {
		return u, err
	}
	r, err := l.Retention(ctx)
	if err != nil {
		return u, err
	}
	u.Quota = r.Quota
	names := map[flow.ID]string{}
	all, err := l.store.Flows(ctx)
	for _, o := range all {
		names[o.ID] = o.Name
	}
	for i, one := range u.Flows {
		u.Flows[i].Name = names[one.Flow]
		u.Flows[i].Quota = l.limitsOf(ctx, one.Flow).Quota
	}
	return u, err
}

// Retention is how long history is kept: as a person said, or else as usual.
func (l *Local) Retention(context.Context) (Retention, error) {
	r := l.store.UsualRetention()
	text, set := l.store.Pref(retentionKey)
	if !set || text == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fmt.Errorf("read how long history is kept: %w", err)
	}
	return r, nil
}

// SetRetention changes how long history is kept, from now on.
func (l *Local) SetRetention(_ context.Context, r Retention) error {
	for name, v := range map[string]int64{"quota": r.Quota, "keep": int64(r.Keep), "done": int64(r.Done), "failed": int64(r.Failed), "samples": int64(r.Samples)} {
		if v < 0 {
			return Problems{{Field: name, Code: "out-of-range", What: "it is less than nothing", Fix: "0 is without limit"}}
		}
	}
	text, err := json.Marshal(r)
	if err == nil {
		err = l.store.SetPref(retentionKey, string(text))
	}
	if err != nil {
		return fmt.Errorf("keep how long history is kept: %w", err)
	}
	l.mayTidy()
	return nil
}

// Tidy removes what retention and quotas give up, now, and gives disk back.
func (l *Local) Tidy(ctx context.Context) (freed int64, err error) {
	done, err := l.tidy(ctx)
	if err != nil {
		return done.Freed, err
	}
	if u, err := l.store.Meter(ctx); err != nil || u.Free < 1<<20 {
		return done.Freed, err
	}
	return done.Freed, l.store.Compact(ctx)
}

// tidy does one round of retention, and lets new runs begin or not.
func (l *Local) tidy(ctx context.Context) (flow.Tidied, error) {
	r, err := l.Retention(ctx)
	if err != nil {
		return flow.Tidied{}, err
	}
	done, err := l.store.Tidy(ctx, r, func(id flow.ID) flow.FlowLimits { return l.limitsOf(ctx, id) })
	if err != nil {
		return done, err
	}
	var why *flow.Problem
	if done.Over > 0 {
		why = full(r, done)
	}
	before := l.full.Swap(why)
	l.store.Refuse(why)
	if why != nil && before == nil {
		l.watchers.tell(flow.Event{Kind: flow.Trouble, What: why.Error()})
	}
	return done, nil
}

// full says why no run may begin.
func full(r Retention, done flow.Tidied) *flow.Problem {
	if done.Short {
		return &flow.Problem{
			Code: "disk-full",
			What: fmt.Sprintf("the disk is nearly full: %s are missing, and no history is left that may go", flow.ShowSize(done.Over)),
			Fix:  "make room on the disk; new runs begin again by themselves then",
		}
	}
	return &flow.Problem{
		Code: "quota",
		What: fmt.Sprintf("history takes %s more than the %s it may, and all of it belongs to runs that still go on", flow.ShowSize(done.Over), flow.ShowSize(r.Quota)),
		Fix:  "let them end or stop one, or allow more: jackfield history set quota=10GB",
	}
}

// limitsOf is what a flow's own settings say.
func (l *Local) limitsOf(ctx context.Context, id flow.ID) flow.FlowLimits {
	f, err := l.store.Flow(ctx, id, 0)
	if err != nil {
		return flow.FlowLimits{} // one that is gone has none
	}
	return flow.FlowLimits{Keep: f.Settings.Keep, Quota: f.Settings.Quota}
}

func (l *Local) mayTidy() {
	select {
	case l.untidy <- struct{}{}:
	default: // it is known
	}
}

// told hands on what the engine says. When a run has ended, history may have to be
// tidied.
func (l *Local) told(e flow.Event) {
	if e.Kind == flow.RunChanged && e.Run.State.Ended() {
		l.mayTidy()
	}
	if e.Kind == flow.StepEnded {
		l.wellness.heard(e)
	}
	l.watchers.tell(e)
}

// keepHistoryShort keeps history within its limits until ctx ends.
func (l *Local) keepHistoryShort(ctx context.Context) {
	every := time.NewTicker(tidyEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			l.tidyAtLast(ctx)
			return
		case <-l.untidy:
		case <-every.C:
		}
		began := time.Now()
		if _, err := l.tidy(ctx); err != nil && !errors.Is(err, context.Canceled) {
			l.watchers.tell(flow.Event{Kind: flow.Trouble, What: err.Error()})
		}
		rest := time.NewTimer(max(tidyPause, tidyShare*time.Since(began)))
		select {
		case <-ctx.Done():
		case <-rest.C:
		}
		rest.Stop()
	}
}

// tidyAtLast does what was still to be done when the program was ended, as where it was
// started for one run.
func (l *Local) tidyAtLast(ctx context.Context) {
	select {
	case <-l.untidy:
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLast)
		defer cancel()
		_, _ = l.tidy(last) // nobody watches any more; the next program does it again
	default:
	}
}
