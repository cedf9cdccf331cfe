package engine

import (
	"maps"
	"slices"

	"jackfield/flow"
)

// State is how a run stands after some of its step runs. It is a value: After gives
// a new one, and the old one may be used on.
type State struct {
	run   *flow.Run // as it was when it started
	steps []*progress
	begun bool // the start has given its records
	next  int  // the seq of the step run to come
	round int  // how often the run was resumed
	spent int  // retries since it was started or resumed

	brought int // records that a replay began with
	fatal   *flow.Problem
}

// progress is how one step stands. It is never changed once it is in a State.
type progress struct {
	waiting  queue
	assembly assembly
	resting  queue // what it failed and nothing takes, until a resume
	asking   []*asking
	parked   []parked // what waits for its time, or for a run
	intends  int      // how many of the first records that wait it was about to do, each time counting
	out      map[flow.Outlet]int
	gave     int           // records it made, unless it could not read on
	in       int           // records it was given; one that it takes again counts once
	problem  *flow.Problem // the first one
	broken   *flow.Problem // why it could not read on
	finish   finish
	commit   finish
	owes     bool // it gathers even where nothing comes, and has not yet
	joined   joined
	looped   looped
}

// assembly is a barrier's pass over all that had come when it began, while it gives page
// by page. They wait on until its last page is there.
type assembly struct {
	all   int     // how many arrivals; 0 where nothing has begun
	page  int     // the one to come
	given int     // records
	from  *origin // stands for all of them
}

// finish says whether a step that has something to complete has done it.
type finish int

const (
	nothingToFinish finish = iota
	toFinish
	finished
)

// Run is the run as it was when it started.
func (s State) Run() flow.Run { return *s.run }

// Next is the place in the run that the next step run will have.
func (s State) Next() int { return s.next }

// edit lets one step's progress be changed in s, which must have steps of its own.
func (s *State) edit(i int) *progress {
	p := *s.steps[i]
	s.steps[i] = &p
	return &p
}

// count adds n to what left by an outlet, in a map of its own.
func (p *progress) count(o flow.Outlet, n int) {
	p.out = maps.Clone(p.out)
	if p.out == nil {
		p.out = map[flow.Outlet]int{}
	}
	p.out[o] += n
	if p.out[o] == 0 {
		delete(p.out, o)
	}
}

// Counts tells what left each step by each outlet. A failed record that was taken
// again no longer counts as failed.
func (s State) Counts(p *Plan) map[flow.StepID]map[flow.Outlet]int {
	counts := map[flow.StepID]map[flow.Outlet]int{}
	for i, one := range s.steps {
		if len(one.out) > 0 {
			counts[p.steps[i].ID] = maps.Clone(one.out)
		}
	}
	return counts
}

// Given is how many records sources and triggers gave so far.
func (s State) Given(p *Plan) int {
	n := s.brought
	for i, one := range s.steps {
		switch p.steps[i].kind {
		case starting, reading:
			n += one.gave
		}
	}
	return n
}

// Failures is how many records left by a failed outlet and were not taken again.
func (s State) Failures() int {
	n := 0
	for _, one := range s.steps {
		n += one.out[flow.Failed] - one.looped.caught
	}
	return n
}

// standing is how the run would end if nothing more came.
func (s State) standing(p *Plan) (flow.RunState, *flow.Problem) {
	if s.fatal != nil {
		return flow.RunFailed, s.fatal
	}
	for i, one := range s.steps {
		if one.broken != nil {
			return flow.RunFailed, one.broken
		}
		if p.failedAll(i, one) {
			return flow.RunFailed, one.problem
		}
	}
	if s.Failures() > 0 {
		return flow.RunPartial, nil
	}
	return flow.RunDone, nil
}

// failedAll says whether a step failed every record it was given, and no edge takes
// them.
func (p *Plan) failedAll(i int, one *progress) bool {
	s := &p.steps[i]
	if s.kind != acting && s.kind != gathering && s.kind != joining && s.kind != looping || p.caught(i) {
		return false
	}
	return one.in > 0 && one.out[flow.Failed] == one.in
}

// idle says whether nothing waits at any of these steps, so that nothing more can come
// from them.
func (s State) idle(places []int) bool {
	return !slices.ContainsFunc(places, func(i int) bool { return s.steps[i].holds() })
}

// holds says whether something waits at a step: for its turn, for an answer or for its
// partners.
func (p *progress) holds() bool {
	return p.waiting.len > 0 || p.owes || len(p.asking) > 0 || len(p.parked) > 0 || p.joined.rests > 0
}
