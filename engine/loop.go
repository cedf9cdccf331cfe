package engine

import (
	"slices"

	"jackfield/flow"
)

// looped is what came out of a container's scope while batches are in it. Its task reads
// from that what became of the items.
type looped struct {
	exits  queue     // what left the last steps
	falls  []fall    // what failed inside and was caught
	sores  []fall    // what failed inside and rests where it failed
	open   []arrival // batches with records that a resume has to bring to their end
	caught int       // of a step in a scope: failed records that a container took
}

// fall is a batch of failed records, or why a barrier gave none.
type fall struct {
	origin  *origin
	problem *flow.Problem // of a barrier
}

// loopOn is how a container stands after r: the next page of its batch is ready once its
// scope is idle.
func (p *Plan) loopOn(s *State, me *progress, i int, r flow.StepRun) {
	head, ok := me.waiting.head()
	if !ok || r.Loop == nil || len(r.From) != 1 || r.From[0] != head.origin.ref {
		return // it does not belong to this history
	}
	p.countIn(me, r, []arrival{head})
	s.fatal = firstProblem(s.fatal, r.Fatal)
	rest := head
	rest.page, rest.loop = head.page+1, r.Loop
	switch {
	case r.More:
		me.waiting = me.waiting.swapHead(rest)
	default:
		me.waiting = me.waiting.pop()
		if len(r.Loop.Open) > 0 {
			me.looped.open = append(slices.Clone(me.looped.open), rest)
		}
	}
	me.looped.forget(r, me.waiting)
	p.give(s, me, i, r, []arrival{head}, []*origin{head.origin})
	n := r.Out[flow.Item]
	if n == 0 {
		return
	}
	a := arrival{origin: &origin{ref: ref(r, flow.Item), step: i, from: []*origin{head.origin}, item: r.Loop.First}, edge: -1, count: n}
	for _, j := range p.steps[i].scope.inside {
		if p.steps[j].join != nil { // each item has a table of its own
			s.edit(j).joined = joined{seq: r.Seq + 1}
		}
	}
	for _, j := range p.steps[i].scope.first {
		p.arrive(s, j, a)
	}
}

// forget lets go of results that are not needed again.
func (l *looped) forget(r flow.StepRun, waiting queue) {
	reopened := 0
	for a := range waiting.all() {
		if a.loop != nil {
			reopened++
		}
	}
	switch {
	case len(l.open) > 0 || reopened > 1 || !r.More && reopened > 0:
		return // they are read again for the records that a resume takes up
	case !r.More:
		l.exits, l.falls, l.sores = queue{}, nil, nil
		return
	}
	for a, ok := l.exits.head(); ok && a.origin.ref.Seq < r.Loop.Since; a, ok = l.exits.head() {
		l.exits = l.exits.pop()
	}
	old := func(f fall) bool { return f.origin.ref.Seq < r.Loop.Since }
	if slices.ContainsFunc(l.falls, old) {
		l.falls = slices.DeleteFunc(slices.Clone(l.falls), old)
	}
}

// leaveScope tells the containers around a step of what leaves it: of results the next
// one, of failed records all that hear of it before it is caught.
func (p *Plan) leaveScope(s *State, me *progress, i int, a arrival, r flow.StepRun) {
	me2 := &p.steps[i]
	o := a.origin.ref.Outlet
	switch {
	case len(me2.around) == 0 || me2.lead(o) || o == Empty || o == flow.Finally || o == flow.Item:
	case o != flow.Failed:
		if me2.last {
			c := s.edit(me2.around[0])
			c.looped.exits = c.looped.exits.push(a)
		}
	case me2.catcher >= 0:
		me.looped.caught += a.count
		p.fallTo(s, i, fall{origin: a.origin})
	case me2.kind == reading && r.Fatal == nil: // no resume takes it again
	default:
		for _, c := range me2.around {
			one := s.edit(c)
			one.looped.sores = append(slices.Clone(one.looped.sores), fall{origin: a.origin})
		}
	}
}

func (p *Plan) fallTo(s *State, i int, f fall) {
	for _, c := range p.steps[i].around {
		one := s.edit(c)
		one.looped.falls = append(slices.Clone(one.looped.falls), f)
		if c == p.steps[i].catcher {
			return
		}
	}
}

// giveUp lets go of what came to a barrier in a scope that catches its failure.
func (p *Plan) giveUp(s *State, me *progress, i int, r flow.StepRun) {
	me.waiting, me.assembly = queue{}, assembly{}
	p.fallTo(s, i, fall{origin: &origin{ref: ref(r, flow.Failed), step: i}, problem: r.Fatal})
}

// reopen lets a container take up the batches again in which records failed: what rested
// inside goes on now.
func (p *Plan) reopen(me *progress) {
	for _, a := range me.looped.open {
		me.waiting = me.waiting.push(a)
	}
	me.looped.open, me.looped.sores = nil, nil
}
