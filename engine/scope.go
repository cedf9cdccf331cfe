package engine

import (
	"fmt"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// scope is what the plan knows of a container.
type scope struct {
	inside []int // the steps in it, near and far
	first  []int // those to which the items come
	whole  bool  // a record is its own one item
	alone  bool  // one item at a time: a barrier or join inside gathers for each
	asks   string
	give   kit.ScopeGive
	stop   *program // asked of each result; where it holds the loop ends
}

// until says whether a field holds what is asked of results, not of records that come.
func (c *scope) until(field string) bool { return c.asks != "" && c.asks == field }

// catches says whether a record whose items fail leaves the container by failed, and the
// steps inside are done with it.
func (s *step) catches() bool {
	return s.scope != nil && (s.lead(flow.Failed) || s.lead(flow.Finally) || s.scope.alone)
}

// caught says whether an edge or a container takes what a step fails.
func (p *Plan) caught(i int) bool { return p.steps[i].lead(flow.Failed) || p.steps[i].catcher >= 0 }

// enclose finds the containers around each step, and leads the items of each to its first
// steps. Those that lead in a round were told of by Structure.
func (b *planner) enclose() {
	p := &b.plan
	for i := range p.steps {
		s := &p.steps[i]
		s.catcher = -1
		for in := s.In; in != ""; {
			at, there := p.index[in]
			if !there || slices.Contains(s.around, at) || at == i {
				break
			}
			s.around = append(s.around, at)
			in = p.steps[at].In
		}
	}
	for i := range p.steps {
		if len(p.steps[i].around) > 0 && len(p.back[i]) == 0 {
			in := p.steps[i].around[0]
			p.next[in] = append(p.next[in], i)
			p.back[i] = append(p.back[i], in)
		}
	}
}

// beside lists the steps before one, near and far, that are in the same scope.
func (b *planner) beside(i int) []int {
	before := reach(i, b.plan.back)
	around := b.plan.steps[i].around
	if len(around) == 0 {
		return before
	}
	return slices.DeleteFunc(before, func(j int) bool { return !slices.Contains(b.plan.steps[j].around, around[0]) })
}

// container fills in what the plan knows of one.
func (b *planner) container(i int, s *step, op kit.Operation) {
	holds, ok := op.(kit.Container)
	if !ok || s.Off {
		return
	}
	says := holds.Scope()
	c := &scope{whole: says.Whole, asks: says.Stop, give: says.Give}
	s.scope = c
	for j := range b.plan.steps {
		one := &b.plan.steps[j]
		if !slices.Contains(one.around, i) {
			continue
		}
		c.inside = append(c.inside, j)
		if one.around[0] == i && slices.Contains(b.plan.back[j], i) {
			c.first = append(c.first, j)
		}
	}
	if len(c.inside) == 0 {
		b.report(flow.Problem{
			Step: s.ID, Code: "empty-container", What: "nothing is inside this container", Fix: fmt.Sprintf("put steps into it with in: %s", s.ID),
		})
	}
	if text, _ := s.values[c.asks].(string); c.asks != "" && text != "" {
		c.stop = b.compileIn(text, s.ID, c.asks, i, append([]int{i}, s.around...))
	}
}

// scopes checks what is in containers, once all steps are known.
func (b *planner) scopes() {
	p := &b.plan
	for i := range p.steps {
		s := &p.steps[i]
		if len(s.around) == 0 {
			continue
		}
		in := &p.steps[s.around[0]]
		if in.scope == nil && !in.Off && in.op.New != nil {
			b.report(flow.Problem{
				Step: s.ID, Field: "in", Code: flow.NoContainer,
				What: fmt.Sprintf("%q is no container: %s takes no steps into it", string(in.ID), in.Uses), Fix: "use core.each or core.scope for the step around it, or take this one out",
			})
		}
		if s.kind == starting {
			b.report(flow.Problem{
				Step: s.ID, Field: "in", Code: "trigger-inside",
				What: fmt.Sprintf("the trigger is inside %q, where it cannot start a run", string(in.ID)), Fix: "take it out",
			})
		}
		if in.scope != nil && (s.kind == gathering || s.kind == joining) {
			in.scope.alone = true
		}
		s.last = !slices.ContainsFunc(s.outlets, func(o flow.Outlet) bool { return s.lead(o) && o != flow.Failed && o != flow.Finally })
	}
	for i := range p.steps {
		s := &p.steps[i]
		if s.lead(flow.Failed) {
			continue
		}
		if at := slices.IndexFunc(s.around, func(c int) bool { return p.steps[c].catches() }); at >= 0 {
			s.catcher = s.around[at]
		}
	}
}

// loops finds the containers whose items a program reads.
func (b *planner) loops(p *program, step flow.StepID, around []int) {
	inner, all := p.UsesLoop(), p.UsesLoops()
	if !inner && !all {
		return
	}
	if len(around) == 0 {
		b.report(flow.Problem{
			Step: step, Field: p.field, Code: "no-loop", What: "it reads the item of a container, and the step is in none",
			Fix: "the record itself is the dot; or put the step into a container",
		})
		return
	}
	p.loops = around[:1]
	if all {
		p.loops = around
	}
}
