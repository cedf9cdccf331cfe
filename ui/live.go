package ui

import (
	"time"

	"jackfield/flow"
)

// live is what the canvas shows of a run while it goes on, or of one that ended: it
// is folded from the events of the run, or from its stored step runs.
type live struct {
	run   flow.Run
	steps map[flow.StepID]*stepLive
	by    map[int]flow.StepID // whose the step run at a place is
	edges map[int]int         // records that went along an edge, by its index in the flow
	// pressure is what waits in the run now.
	pressure flow.Pressure
}

// stepLive is how one step stands.
type stepLive struct {
	busy     bool
	began    time.Time
	in       int
	out      map[flow.Outlet]int
	attempts int
	problem  *flow.Problem
}

func newLive(r flow.Run) *live {
	return &live{run: r, steps: map[flow.StepID]*stepLive{}, by: map[int]flow.StepID{}, edges: map[int]int{}}
}

func (l *live) step(id flow.StepID) *stepLive {
	s := l.steps[id]
	if s == nil {
		s = &stepLive{out: map[flow.Outlet]int{}}
		l.steps[id] = s
	}
	return s
}

// take folds one event of this run; it says whether there is anything new to draw.
func (l *live) take(e flow.Event) bool {
	if e.Run.ID != l.run.ID {
		return false
	}
	switch e.Kind {
	case flow.RunChanged:
		l.run = e.Run
		if e.Run.State.Ended() {
			l.pressure = flow.Pressure{}
			for _, s := range l.steps {
				s.busy = false
			}
		}
	case flow.StepBegan:
		if e.Step.Step != "" {
			s := l.step(e.Step.Step)
			s.busy, s.began = true, e.Step.Started
		}
	case flow.StepEnded:
		l.add(e.Step)
	case flow.PressureChanged:
		if l.run.State.Ended() {
			return false
		}
		l.pressure = e.Pressure
	default:
		return false
	}
	return true
}

// add folds one step run.
func (l *live) add(r flow.StepRun) {
	if _, seen := l.by[r.Seq]; r.Step == "" || seen {
		return // a mark, or one that was both stored and told
	}
	s := l.step(r.Step)
	s.busy = false
	s.in += r.In
	s.attempts = max(s.attempts, r.Attempt)
	l.by[r.Seq] = r.Step
	for outlet, n := range r.Out {
		s.out[outlet] += n
	}
	if len(r.From) > 0 && r.From[0].Outlet == flow.Failed && l.by[r.From[0].Seq] == r.Step {
		s.out[flow.Failed] -= r.In
		s.in -= r.In
	}
	if r.Edge >= 0 {
		l.edges[r.Edge] += r.In
	}
	switch {
	case r.Fatal != nil:
		s.problem = r.Fatal
	case len(r.Problems) > 0:
		s.problem = &r.Problems[0]
	case s.out[flow.Failed] == 0:
		s.problem = nil
	}
}

// total is how many records a step gave: not those that failed, that wait in it, or
// that it gave its own scope.
func (s *stepLive) total() int {
	n := 0
	for outlet, records := range s.out {
		if outlet != flow.Failed && outlet != flow.Item && outlet != flow.Waiting {
			n += records
		}
	}
	return n
}
