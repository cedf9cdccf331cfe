package engine

import "jackfield/flow"

// gathered folds a page of a barrier. With the last one, what it took is taken. Where
// it could not go on, all of it waits on, and so does the page.
func (p *Plan) gathered(s *State, me *progress, i int, r flow.StepRun) {
	if r.Fatal != nil && r.In+r.Passed == 0 {
		if p.steps[i].catcher >= 0 {
			p.giveUp(s, me, i, r)
			return
		}
		me.broken = firstProblem(me.broken, r.Fatal)
		if p.steps[i].OnError == flow.StopRun {
			s.fatal = firstProblem(s.fatal, r.Fatal)
		}
		return
	}
	met := me.assembly
	if met.all == 0 {
		met.all = me.waiting.len
		met.from = assemble(me.waiting, i, r)
	}
	var only []arrival // what the page came of, where that is one batch
	if head, ok := me.waiting.head(); ok && met.all == 1 {
		only = []arrival{head}
	}
	if r.More {
		met.page, met.given = r.Page+1, met.given+total(r.Out)
		me.assembly = met
	} else {
		me.assembly, me.owes = assembly{}, false
		var took []arrival
		for range met.all {
			head, _ := me.waiting.head()
			took = append(took, head)
			me.waiting = me.waiting.pop()
		}
		p.countIn(me, r, took)
		s.fatal = firstProblem(s.fatal, r.Fatal)
	}
	p.give(s, me, i, r, only, []*origin{met.from})
}

// assemble makes the origin that stands for all that waits. No batch has its ref.
func assemble(waiting queue, i int, r flow.StepRun) *origin {
	o := &origin{ref: ref(r, ""), step: i, from: make([]*origin, 0, waiting.len)}
	for a := range waiting.all() {
		o.from = append(o.from, a.origin)
	}
	return o
}

// midway finds a step that has given a part of what it makes of all that came to it.
// The rest has to be made in the same way.
func (p *Plan) midway(s State) (flow.StepID, bool) {
	for i, one := range s.steps {
		if one.assembly.all > 0 {
			return p.steps[i].ID, true
		}
	}
	return "", false
}
