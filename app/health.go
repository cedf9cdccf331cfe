package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Health tells how a connection has fared, who uses it and what is about to go wrong.
type Health struct {
	Connection string `json:"connection"`
	Fared
	Standing kit.Standing `json:"sign_in"` // zero where nobody signs in
	Uses     []Use        `json:"uses,omitempty"`
	Next     time.Time    `json:"next,omitzero"` // when a schedule uses it next
	By       string       `json:"by,omitempty"`  // the flow that does
	Rate     flow.Rate    `json:"rate,omitzero"` // the limit that a person set
	// Left is how many more requests the service takes before Renews, as it said itself;
	// Shut is until when it wants none.
	Left    int           `json:"left,omitempty"`
	Renews  time.Time     `json:"renews,omitzero"`
	Shut    time.Time     `json:"shut,omitzero"`
	Warning *flow.Problem `json:"warning,omitempty"` // why the next scheduled use will fail
}

// Use is a step that uses a connection.
type Use struct {
	Flow    flow.ID     `json:"flow_id"`
	Name    string      `json:"flow"`
	Step    flow.StepID `json:"step"`
	Title   string      `json:"title"`
	Enabled bool        `json:"enabled"`
}

// Fared is what is kept of how a connection served.
type Fared struct {
	Worked      time.Time     `json:"worked,omitzero"` // the last success
	WorkedFor   string        `json:"worked_for,omitempty"`
	Failed      time.Time     `json:"failed,omitzero"` // the last failure, and what it was
	FailedFor   string        `json:"failed_for,omitempty"`
	Problem     *flow.Problem `json:"problem,omitempty"`
	Certificate time.Time     `json:"certificate,omitzero"` // the end of the one that the host showed
}

// after is f with what was learnt later.
func (f Fared) after(g Fared) Fared {
	if g.Worked.After(f.Worked) {
		f.Worked, f.WorkedFor = g.Worked, g.WorkedFor
	}
	if g.Failed.After(f.Failed) {
		f.Failed, f.FailedFor, f.Problem = g.Failed, g.FailedFor, g.Problem
	}
	if !g.Certificate.IsZero() {
		f.Certificate = g.Certificate
	}
	return f
}

// fails says whether the last that was heard is a failure.
func (f Fared) fails() bool { return f.Failed.After(f.Worked) }

// wellness gathers what is heard of connections until it is written. What is heard of a
// step run is only its run and step; which connection that uses is looked up later, so
// that no run waits for it.
type wellness struct {
	mu      sync.Mutex
	steps   map[usedBy]Fared
	tests   map[string]Fared
	written map[string]time.Time // when the record of a connection was written
	warned  map[string]string
	serving atomic.Bool
}

type usedBy struct {
	flow flow.ID
	run  flow.RunID
	step flow.StepID
}

// Writing of health: what is only a later success waits this long.
const (
	healthEvery = 10 * time.Minute
	healthLook  = time.Minute
	healthLimit = 10_000 // steps that are remembered between two looks
)

// heard takes in how a step fared.
func (w *wellness) heard(e flow.Event) {
	s := e.Step
	if s.Mark != "" {
		return
	}
	at := s.Started.Add(s.Took)
	var f Fared
	problems := s.Problems
	if s.Fatal != nil {
		problems = append(slices.Clone(problems), *s.Fatal)
	}
	i := slices.IndexFunc(problems, ofConnection)
	switch {
	case i >= 0:
		f.Failed, f.Problem = at, &flow.Problem{Code: problems[i].Code, What: problems[i].What, Fix: problems[i].Fix}
	case len(problems) == 0:
		f.Worked = at
	default:
		return // something was wrong with the records
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.steps == nil {
		w.steps = map[usedBy]Fared{}
	}
	key := usedBy{e.Flow, e.Run.ID, s.Step}
	if _, known := w.steps[key]; known || len(w.steps) < healthLimit {
		w.steps[key] = w.steps[key].after(f)
	}
}

// ofConnection says whether a problem tells of the service and not of what it was asked.
func ofConnection(p flow.Problem) bool {
	switch p.Code {
	case kit.Denied, kit.Unavailable, kit.TimedOut, kit.Throttled, kit.Resting:
		return true
	}
	return false
}

// tested takes in what a test found.
func (w *wellness) tested(name string, checks []kit.Check) {
	f := Fared{Worked: time.Now(), WorkedFor: "a test"}
	for _, one := range checks {
		if !one.Until.IsZero() {
			f.Certificate = one.Until
		}
		if !one.OK {
			f.Worked, f.WorkedFor = time.Time{}, ""
			f.Failed, f.FailedFor = time.Now(), "a test"
			f.Problem = &flow.Problem{What: one.Name + ": " + one.What, Fix: one.Fix}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tests == nil {
		w.tests = map[string]Fared{}
	}
	w.tests[name] = w.tests[name].after(f)
}

// heardOf gives what was heard since, by connection.
func (l *Local) heardOf(ctx context.Context) map[string]Fared {
	w := &l.wellness
	w.mu.Lock()
	all, steps := w.tests, w.steps
	w.tests, w.steps = nil, nil
	w.mu.Unlock()
	if all == nil {
		all = map[string]Fared{}
	}
	type stored struct {
		flow flow.ID
		n    int
	}
	flows := map[stored]flow.Flow{}
	for key, f := range steps {
		r, err := l.store.Run(ctx, key.run)
		if err != nil {
			continue // it was removed meanwhile
		}
		v := stored{r.Flow, r.Version}
		if _, known := flows[v]; !known {
			flows[v], _ = l.store.Flow(ctx, v.flow, v.n) // one that is gone has no steps
		}
		version := flows[v]
		s, ok := version.Step(key.step)
		if !ok || s.Connection == "" {
			continue
		}
		if f.Problem != nil {
			clean := l.maskedProblem(*f.Problem)
			f.Problem = &clean
		}
		f.WorkedFor, f.FailedFor = forWhom(f.Worked, r.Name, s), forWhom(f.Failed, r.Name, s)
		name := l.bound(s.Connection)
		all[name] = all[name].after(f)
	}
	return all
}

func forWhom(at time.Time, name string, s flow.Step) string {
	if at.IsZero() {
		return ""
	}
	return name + ", " + s.Label()
}

func healthKey(name string) string { return "health/" + name }

// fared is what is written of a connection.
func (l *Local) fared(name string) (f Fared) {
	text, _ := l.store.Pref(healthKey(name))
	_ = json.Unmarshal([]byte(text), &f) // nothing written is the zero value
	return f
}

// keepHealth writes what was heard: at once where a connection has begun to fail or to
// serve again, else seldom, or when now.
func (l *Local) keepHealth(ctx context.Context, now bool) {
	w := &l.wellness
	for name, heard := range l.heardOf(ctx) {
		before := l.fared(name)
		after := before.after(heard)
		w.mu.Lock()
		due := now || before.fails() != after.fails() || !before.Certificate.Equal(after.Certificate) || time.Since(w.written[name]) >= healthEvery
		if !due {
			if w.tests == nil {
				w.tests = map[string]Fared{}
			}
			w.tests[name] = w.tests[name].after(heard) // until it is
		} else {
			if w.written == nil {
				w.written = map[string]time.Time{}
			}
			w.written[name] = time.Now()
		}
		w.mu.Unlock()
		if !due {
			continue
		}
		text, err := json.Marshal(after)
		if err == nil {
			err = l.store.SetPref(healthKey(name), string(text))
		}
		if err != nil {
			l.watchers.tell(flow.Event{Kind: flow.Trouble, What: fmt.Sprintf("keep how connection %s fares: %v", name, err)})
		}
	}
}

func (l *Local) forgetHealth(name string) error {
	l.wellness.mu.Lock()
	delete(l.wellness.tests, name)
	l.wellness.mu.Unlock()
	if _, kept := l.store.Pref(healthKey(name)); !kept {
		return nil
	}
	return l.store.SetPref(healthKey(name), "")
}

// Health tells how a connection has fared, also what is not written yet.
func (l *Local) Health(ctx context.Context, name string) (Health, error) {
	c, err := l.connection(ctx, name)
	if err != nil {
		return Health{}, err
	}
	l.keepHealth(ctx, false)
	all, err := l.usesOf(ctx)
	if err != nil {
		return Health{}, err
	}
	return l.healthOf(ctx, c, all[name]), nil
}

func (l *Local) healthOf(ctx context.Context, c flow.Connection, u used) Health {
	l.wellness.mu.Lock()
	h := Health{Connection: c.Name, Fared: l.wellness.tests[c.Name], Uses: u.by, Next: u.next, By: u.first, Rate: c.Rate}
	l.wellness.mu.Unlock()
	h.Fared = l.fared(c.Name).after(h.Fared)
	h.Standing, _ = l.Standing(ctx, c.Name) // settings that are wrong are the check's to tell
	a := l.runner.Allowance(c.Name)
	h.Left, h.Renews, h.Shut = a.Left, a.Renews, a.Shut
	h.Warning = h.warning()
	return h
}

// warning says why the next scheduled use will fail; nil where nothing tells of that.
func (h Health) warning() *flow.Problem {
	if h.Next.IsZero() {
		return nil
	}
	when := fmt.Sprintf("; %s uses it at %s", h.By, h.Next.Local().Format("2 January 15:04"))
	s := h.Standing
	switch {
	case s.Asks && !s.SignedIn:
		return &flow.Problem{Code: kit.Denied, What: "nobody is signed in to " + h.Connection + when, Fix: "sign in"}
	case s.Problem != nil:
		return &flow.Problem{Code: kit.Denied, What: s.Problem.What + when, Fix: s.Problem.Fix}
	case s.SignedIn && !s.Renews && !s.Until.IsZero() && s.Until.Before(h.Next):
		return &flow.Problem{Code: kit.Denied, What: "the sign-in of " + h.Connection + " ends at " + s.Until.Local().Format("2 January 15:04") + when, Fix: "sign in again"}
	case !h.Certificate.IsZero() && h.Certificate.Before(h.Next):
		return &flow.Problem{Code: kit.Unavailable, What: "the certificate of " + h.Connection + " ends at " + h.Certificate.Local().Format("2 January 15:04") + when, Fix: "have the service renew it, then test the connection"}
	case h.fails() && h.Problem != nil && (h.Problem.Code == kit.Denied || h.FailedFor == "a test"):
		return &flow.Problem{Code: h.Problem.Code, What: h.Connection + " failed the last time: " + h.Problem.What + when, Fix: cmp.Or(h.Problem.Fix, "test the connection")}
	}
	return nil
}

// used is by whom a connection is used, and when next.
type used struct {
	by    []Use
	next  time.Time
	first string
}

// usesOf looks through the flows as they are now.
func (l *Local) usesOf(ctx context.Context) (map[string]used, error) {
	flows, err := l.store.Flows(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]used{}
	for _, o := range flows {
		f, err := l.store.Flow(ctx, o.ID, 0)
		if err != nil {
			return nil, err
		}
		var next time.Time
		looked := false
		for _, s := range f.Steps {
			if s.Connection == "" {
				continue
			}
			if o.Enabled && !looked {
				looked = true
				if next, err = l.nextStart(ctx, f); err != nil {
					return nil, err
				}
			}
			name := l.bound(s.Connection)
			u := all[name]
			u.by = append(u.by, Use{Flow: o.ID, Name: o.Name, Step: s.ID, Title: s.Label(), Enabled: o.Enabled})
			if !next.IsZero() && !s.Off && (u.next.IsZero() || next.Before(u.next)) {
				u.next, u.first = next, o.Name
			}
			all[name] = u
		}
	}
	return all, nil
}

// nextStart is when the clock starts a flow next; zero for never.
func (l *Local) nextStart(ctx context.Context, f flow.Flow) (next time.Time, err error) {
	triggers, err := l.triggersOf(ctx, f, true)
	for _, t := range triggers {
		if len(t.Next) > 0 && (next.IsZero() || t.Next[0].Before(next)) {
			next = t.Next[0]
		}
	}
	return next, err
}

// watchHealth keeps what is heard of connections, and warns of a scheduled use that will
// fail, once for each reason, until ctx ends.
func (l *Local) watchHealth(ctx context.Context) {
	every := time.NewTicker(healthLook)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		l.keepHealth(ctx, false)
		if l.wellness.serving.Load() {
			l.warn(ctx)
		}
	}
}

// warn tells of what was not told yet.
func (l *Local) warn(ctx context.Context) {
	all, err := l.usesOf(ctx)
	if err != nil {
		return // who asks for it hears why
	}
	for name, u := range all {
		if u.next.IsZero() {
			continue
		}
		c, err := l.connection(ctx, name)
		if err != nil {
			continue // the check of the flow tells that it is not there
		}
		why := l.healthOf(ctx, c, u).Warning
		w := &l.wellness
		w.mu.Lock()
		told := why == nil || w.warned[name] == why.Fix+u.first
		if w.warned == nil {
			w.warned = map[string]string{}
		}
		if why == nil {
			delete(w.warned, name)
		} else {
			w.warned[name] = why.Fix + u.first
		}
		w.mu.Unlock()
		if !told {
			i := slices.IndexFunc(u.by, func(one Use) bool { return one.Name == u.first })
			l.watchers.tell(flow.Event{Kind: flow.Trouble, Flow: u.by[i].Flow, What: why.What + "; " + why.Fix})
		}
	}
}
