package canvas

import (
	"strconv"
	"time"

	"jackfield/flow"
	"jackfield/ui/editor"
)

// State is how a step of a run stands.
type State int

// The states. Idle is a step that never ran.
const (
	Idle State = iota
	Running
	Done
	Partial // it ended, and some records failed
	Failed
	Waiting // for a retry, a limit, a clock
)

// Status is what a badge tells of a step.
type Status struct {
	State State
	Count int    // records that left it; 0 is not shown
	Note  string // in place of the count: "2/5" of a retry
	What  string // what went wrong, for who rests the pointer on it
}

// Traffic is what an edge tells of a run.
type Traffic struct {
	Took  int  // records that the step at its end took
	Waits int  // records that have come and are not taken yet
	Full  bool // so many that a source before them rests
}

// run is what is shown of a run.
type run struct {
	steps map[flow.StepID]Status
	edges map[editor.EdgeID]Traffic
	shown bool
	live  bool    // a step is running or waiting
	turn  float32 // the angle of the rings of running steps
	rev   int
	drawn time.Time
	due   bool
}

// runPause is the least time between two drawings of a run.
const runPause = 60 * time.Millisecond

// SetRun shows how the steps of a run stand and how many records took each edge or
// wait on it. Both
// maps are kept and must not be changed after; nil shows no run. However often it is
// called, it draws about sixteen times a second.
func (c *Canvas) SetRun(steps map[flow.StepID]Status, edges map[editor.EdgeID]Traffic) {
	c.run.steps, c.run.edges = steps, edges
	c.run.shown = steps != nil || edges != nil
	c.run.live = false
	for _, s := range steps {
		if s.State == Running || s.State == Waiting {
			c.run.live = true
			break
		}
	}
	if wait := runPause - c.now().Sub(c.run.drawn); wait > 0 && c.run.live {
		if !c.run.due {
			c.run.due = true
			c.later(wait, c.drawRun)
		}
		return
	}
	c.drawRun()
}

func (c *Canvas) drawRun() {
	c.run.due = false
	c.run.drawn = c.now()
	c.run.turn += 30
	c.run.rev++
	c.sync()
}

func (r *run) status(id flow.StepID) Status { return r.steps[id] }

// alive says whether records walk along an edge at the moment.
func (r *run) alive(a *editor.Arrow) bool {
	if !r.live || r.edges[a.ID()].Took == 0 {
		return false
	}
	from, to := r.steps[a.Edge.From].State, r.steps[a.Edge.To].State
	return from == Running || to == Running || to == Waiting
}

// compact writes a count in at most four signs: 940, 1.2k, 35k, 4.1M.
func compact(n int) string {
	for _, u := range []struct {
		size int
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n < u.size {
			continue
		}
		if n < 10*u.size && n%u.size >= u.size/10 {
			return strconv.Itoa(n/u.size) + "." + strconv.Itoa(n%u.size/(u.size/10)) + u.name
		}
		return strconv.Itoa(n/u.size) + u.name
	}
	return strconv.Itoa(n)
}
