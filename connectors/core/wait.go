package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func waitOp() kit.Op {
	return kit.Op{
		ID: "wait", Title: "Wait", Icon: "wait", Effect: kit.Pure,
		Summary: "Holds records back for a while or until a moment, days if need be; the program may end meanwhile.",
		Words:   []string{"delay", "pause", "sleep", "timer", "until", "later", "date"},
		New:     func() kit.Operation { return &wait{} },
		Examples: []kit.Example{{
			Title: "A short pause",
			With:  flow.Values{"for": "1ms"},
			In:    map[string]any{"id": 1},
			Out:   []any{map[string]any{"id": 1}},
		}, {
			Title: "Until the invoice is due",
			With:  flow.Values{"until": ".due"},
			In:    map[string]any{"id": 1, "due": "2020-02-03"},
			Out:   []any{map[string]any{"id": 1, "due": "2020-02-03"}},
		}},
	}
}

// wait lets time pass before the record goes on.
type wait struct {
	For   time.Duration
	Until any
}

func (w *wait) Fields() kit.Fields {
	return kit.Fields{
		kit.Duration(&w.For, "for", "How long").Eg("30s").Checked(w.check).
			Help("Counted from the moment at which the record comes, or from the moment below."),
		kit.Expr(&w.Until, "until", "Until").Eg(".due").
			Help("A date, a time like 2026-01-31T08:00:00Z, or seconds since 1970. What has passed is not waited for."),
	}
}

func (w *wait) check() error {
	if w.For < 0 {
		return errors.New("time does not go backwards")
	}
	return nil
}

// Doubts tells of a moment that is the same for all records and has passed.
func (w *wait) Doubts(now time.Time) []flow.Problem {
	if w.Until == nil {
		return nil
	}
	until, err := moment(w.Until)
	if err != nil {
		p := kit.AsFailure(err).Problem("", "")
		return []flow.Problem{p}
	}
	if until = until.Add(w.For); !until.Before(now) {
		return nil
	}
	p := flow.Problem{
		Field: "until", Code: "passed", What: fmt.Sprintf("%s has passed, so nothing is waited for", until.Format("2 January 2006, 15:04")),
		Fix: "name a moment to come, or one that each record has, for example .due",
	}
	if _, text := w.Until.(string); !text {
		p.Fix = `a date stands in quotation marks, for example "2030-01-31"; without them it is reckoned with, or it is a number of seconds since 1970`
	}
	return []flow.Problem{p}
}

// inMemory is how long a wait may be that is not written down.
const inMemory = 2 * time.Second

func (w *wait) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	return w.hold(ctx, env, time.Now())
}

// RunAll waits once for all, because they came at the same time.
func (w *wait) RunAll(ctx context.Context, env kit.Env, batch flow.Batch) ([]kit.Result, error) {
	one, err := w.hold(ctx, env, time.Now())
	if err != nil {
		return nil, err
	}
	results := make([]kit.Result, len(batch))
	for i := range results {
		results[i] = one
	}
	return results, nil
}

func (w *wait) hold(ctx context.Context, env kit.Env, now time.Time) (kit.Result, error) {
	if env.Woken {
		return kit.Pass(flow.Done), nil
	}
	until := now
	if w.Until != nil {
		var err error
		if until, err = moment(w.Until); err != nil {
			return kit.Result{}, err
		}
	}
	until = until.Add(w.For)
	if until.Sub(now) >= inMemory {
		return kit.WaitUntil(until), nil
	}
	timer := time.NewTimer(until.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return kit.Pass(flow.Done), nil
	case <-ctx.Done():
		return kit.Result{}, ctx.Err()
	}
}

// moment reads a time as a person or a service writes it. A date alone is the midnight
// of this machine that begins it.
func moment(v any) (time.Time, error) {
	switch v := v.(type) {
	case int:
		return time.Unix(int64(v), 0), nil
	case float64:
		return time.UnixMilli(int64(v * 1000)), nil
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
			if t, err := time.ParseInLocation(layout, v, time.Local); err == nil {
				return t, nil
			}
		}
		return time.Time{}, kit.Fail(kit.Invalid, "%q is no time", v).On("until").Hint("write it like 2026-01-31T08:00:00Z or 2026-01-31")
	}
	return time.Time{}, kit.Fail(kit.Invalid, "a time is a text or a number of seconds, and this is neither").On("until").Hint("write it like 2026-01-31T08:00:00Z or 2026-01-31")
}
