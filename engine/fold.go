package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

const (
	startKey     = "start"   // of the mark that starts a flow without a trigger
	resumePrefix = "resume:" // of the mark that a resume appends, before its number
	finishPrefix = "finish:"
	commitPrefix = "commit:"
)

// Start is the state of a run before anything was done in it.
func (p *Plan) Start(run flow.Run) (State, error) {
	s := State{run: &run, steps: make([]*progress, len(p.steps))}
	led := p.roots
	if run.Part != nil {
		return p.startPart(s, *run.Part), nil
	}
	if run.Trigger != "" {
		i, ok := p.index[run.Trigger]
		if !ok || p.steps[i].kind != starting {
			return State{}, Problems{{
				Step: run.Trigger, Code: "no-trigger",
				What: fmt.Sprintf("the run is to start at %q, which is no trigger of this flow", string(run.Trigger)), Fix: "choose one of its triggers",
			}}
		}
		led = p.steps[i].behind
	}
	reached := map[int]bool{}
	for _, i := range led {
		reached[i] = true
		if run.Trigger == "" {
			for _, j := range p.steps[i].behind {
				reached[j] = true
			}
		}
	}
	for i := range s.steps {
		s.steps[i] = &progress{}
		if reached[i] && p.steps[i].finisher {
			s.steps[i].finish = toFinish
		}
		if reached[i] && p.steps[i].committer && run.Limit == 0 {
			s.steps[i].commit = toFinish
		}
		s.steps[i].owes = reached[i] && p.steps[i].whole()
	}
	return s, nil
}

// Fold is the state after these step runs, which are all that a run has.
func (p *Plan) Fold(run flow.Run, steps []flow.StepRun) (State, error) {
	s, err := p.Start(run)
	for _, r := range steps {
		s = p.After(s, r)
	}
	return s, err
}

// After is the state once the step run r is in the history too. Step runs are folded
// in the order of their Seq.
func (p *Plan) After(s State, r flow.StepRun) State {
	s.steps = slices.Clone(s.steps)
	s.next = r.Seq + 1
	s.spent += r.Retries
	if r.Step == "" {
		if strings.HasPrefix(r.Key, resumePrefix) {
			return p.resumed(s)
		}
		if strings.HasPrefix(r.Key, replayPrefix) {
			return p.brought(s, r)
		}
		s.begun = true
		for _, i := range p.roots {
			p.arrive(&s, i, arrival{origin: &origin{ref: ref(r, flow.Done), step: atStart}, edge: -1, count: r.Out[flow.Done]})
		}
		return s
	}
	i, ok := p.index[r.Step]
	if !ok {
		return s // of another version of the flow
	}
	if r.Mark == flow.Answered {
		p.answered(&s, i, r)
		return s
	}
	me := s.edit(i)
	if strings.HasPrefix(r.Key, finishPrefix) {
		if r.Fatal == nil {
			me.finish = finished
		}
		s.fatal = firstProblem(s.fatal, r.Fatal)
		return s
	}
	if strings.HasPrefix(r.Key, commitPrefix) {
		if r.Fatal == nil {
			me.commit = finished
		}
		s.fatal = firstProblem(s.fatal, r.Fatal)
		return s
	}
	if isRests(r) {
		p.gaveRests(&s, me, i, r)
		return s
	}
	if me.problem == nil && len(r.Problems) > 0 {
		me.problem = &r.Problems[0]
	}
	if me.finish == finished {
		me.finish = toFinish
	}
	if p.steps[i].kind == looping {
		p.loopOn(&s, me, i, r)
		return s
	}
	partners := p.beside(me, r)
	if p.steps[i].kind == gathering {
		p.gathered(&s, me, i, r)
		return s
	}
	from := p.take(&s, me, i, r)
	for _, a := range from {
		partners = append(partners, a.origin)
	}
	p.give(&s, me, i, r, from, partners)
	return s
}

// take moves what r took out of the step's queue, and tells where it came from.
func (p *Plan) take(s *State, me *progress, i int, r flow.StepRun) []arrival {
	switch p.steps[i].kind {
	case starting:
		s.begun = r.Fatal == nil
		s.fatal = r.Fatal
		return nil
	}
	if took, ok := p.woken(me, r); ok {
		p.countIn(me, r, []arrival{took})
		s.fatal = firstProblem(s.fatal, r.Fatal)
		return []arrival{took}
	}
	if j := p.steps[i].join; j != nil && j.policy == kit.JoinStream && !me.joined.tidy {
		me.waiting, me.joined.tidy = j.inOrder(me.waiting), true
	}
	head, ok := me.waiting.head()
	if !ok || len(r.From) != 1 || r.From[0] != head.origin.ref {
		return nil // it does not belong to this history; what it gave is there all the same
	}
	p.countIn(me, r, []arrival{head})
	if p.steps[i].kind == reading {
		p.read(s, me, i, head, r)
		return []arrival{head}
	}
	if p.steps[i].join.streams() {
		p.moved(me, &p.steps[i], r, head)
	}
	s.fatal = firstProblem(s.fatal, r.Fatal)
	me.intends = r.Intends
	rest := head
	if r.Mark == flow.Settled && r.In == 0 {
		rest.cut++
	}
	if rest.nth = r.Nth + r.In + r.Passed; rest.nth < head.count {
		me.waiting = me.waiting.swapHead(rest)
	} else {
		me.waiting = me.waiting.pop()
	}
	return []arrival{head}
}

func firstProblem(a, b *flow.Problem) *flow.Problem {
	if a != nil {
		return a
	}
	return b
}

// countIn counts what was taken. Records that the step takes again were counted when
// they first came, and no longer count as failed.
func (p *Plan) countIn(me *progress, r flow.StepRun, took []arrival) {
	in := r.In
	for _, a := range took {
		if !a.again {
			continue
		}
		n := min(in, a.count-a.nth)
		me.count(a.origin.ref.Outlet, -n)
		in -= n
	}
	me.in += in
}

// read moves a source on: to the next page, to the next record, or, where it could
// not read on, past the record that then rests with the place that it got to.
func (p *Plan) read(s *State, me *progress, i int, head arrival, r flow.StepRun) {
	rest := head
	switch {
	case r.Fatal == nil && r.More:
		rest.place = place{first: head.first, page: head.page + 1, after: r.Next, given: head.given + total(r.Out)}
	case r.Fatal != nil:
		if p.steps[i].catcher < 0 {
			me.broken = firstProblem(me.broken, r.Fatal)
		}
		if p.steps[i].OnError == flow.StopRun {
			s.fatal = firstProblem(s.fatal, r.Fatal)
		}
		rest.nth, rest.place = head.nth+1, place{}
	default:
		rest.nth, rest.place = r.Nth+max(r.In+r.Passed, 1), place{}
	}
	if rest.nth < head.count {
		me.waiting = me.waiting.swapHead(rest)
	} else {
		me.waiting = me.waiting.pop()
	}
}

// give leads what left the step to the steps behind it, or lets it rest. before are the
// origins of all that it came from.
func (p *Plan) give(s *State, me *progress, i int, r flow.StepRun, from []arrival, before []*origin) {
	if r.Fatal == nil {
		me.gave += total(r.Out)
	}
	for _, o := range slices.Sorted(maps.Keys(r.Out)) {
		n := r.Out[o]
		if n == 0 {
			continue
		}
		me.count(o, n)
		a := arrival{origin: &origin{ref: ref(r, o), step: i, from: before}, edge: -1, count: n}
		if o == flow.Waiting {
			p.wait(me, r, a, from)
			continue
		}
		p.rest(me, i, r, a, from)
		p.leaveScope(s, me, i, a, r)
		for _, e := range p.steps[i].leaves[o] {
			a.edge = e
			p.arrive(s, p.edges[e].to, a)
		}
	}
}

// rest keeps failed records that nothing takes, for a resume. A source keeps the
// record at which it could not read on, with the place inside it.
func (p *Plan) rest(me *progress, i int, r flow.StepRun, a arrival, from []arrival) {
	if a.origin.ref.Outlet != flow.Failed {
		return
	}
	a.again, a.by = true, cameBy(from)
	if len(from) == 1 {
		a.kind, a.answer = from[0].kind, from[0].answer
	}
	if p.onFailed != nil && (p.steps[i].kind != reading || r.Fatal != nil) {
		p.onFailed(i, a)
	}
	switch p.steps[i].kind {
	case reading:
		if r.Fatal == nil || len(from) == 0 || p.steps[i].catcher >= 0 {
			return // records that could not be read: only a new run reads them anew
		}
		a.place = from[0].place
		a.first = a.page
	default:
		if p.caught(i) {
			return
		}
	}
	me.resting = me.resting.push(a)
}

// cameBy is the edge that all of these came by first, -1 where there is none or several.
func cameBy(from []arrival) int {
	if len(from) != 1 {
		return -1
	}
	if from[0].again {
		return from[0].by
	}
	return from[0].edge
}

func (p *Plan) arrive(s *State, to int, a arrival) {
	if a.count > 0 {
		if p.onArrival != nil {
			p.onArrival(to, a)
		}
		one := s.edit(to)
		one.waiting = one.waiting.push(a)
		one.joined.tidy = false
	}
}

// resumed takes up again what failed: records that rest go back to their steps, and
// what had stopped the run no longer does.
func (p *Plan) resumed(s State) State {
	s.round++
	s.spent = 0
	s.fatal = nil
	for i := range s.steps {
		one := s.edit(i)
		one.broken = nil
		for a := range one.resting.all() {
			one.waiting = one.waiting.push(a)
		}
		one.resting = queue{}
		one.joined.tidy = false
		p.reopen(one)
	}
	return s
}

func ref(r flow.StepRun, o flow.Outlet) flow.Ref { return flow.Ref{Run: r.Run, Seq: r.Seq, Outlet: o} }

func total(out map[flow.Outlet]int) int {
	n := 0
	for _, each := range out {
		n += each
	}
	return n
}
