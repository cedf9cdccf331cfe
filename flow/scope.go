package flow

import (
	"fmt"
	"slices"
)

// The kinds of problem that the scopes of a flow can have.
const (
	NoContainer Code = "no-container"
	Wall        Code = "wall"
)

// walls checks the scopes: that the containers which steps are in are there, that none
// is in itself, and that edges stay inside a scope. Records come into a scope, and leave
// it, by its container.
func (f *Flow) walls() []Problem {
	in := map[StepID]StepID{}
	ids := make([]string, len(f.Steps))
	for i, s := range f.Steps {
		in[s.ID] = s.In
		ids[i] = string(s.ID)
	}
	var problems []Problem
	told := map[StepID]bool{}
	for _, s := range f.Steps {
		if s.In == "" {
			continue
		}
		if _, there := in[s.In]; !there {
			p := Problem{
				Step: s.ID, Field: "in", Code: NoContainer,
				What: fmt.Sprintf("there is no step %q to be in", string(s.In)), Fix: "name a container of this flow, or take the step out of it",
			}
			if near, ok := Nearest(string(s.In), ids); ok {
				p.Fix = fmt.Sprintf("did you mean %q?", near)
			}
			problems = append(problems, p)
			continue
		}
		if loop := inItself(s.ID, in); loop != nil && !told[s.ID] {
			for _, id := range loop {
				told[id] = true
			}
			problems = append(problems, Problem{
				Step: s.ID, Field: "in", Code: Cycle,
				What: "steps would be in themselves: " + round(loop), Fix: "take one of them out of the other",
			})
		}
	}
	for _, e := range f.Edges {
		from, there := in[e.From]
		to, here := in[e.To]
		if there && here && from != to {
			problems = append(problems, throughWall(e, from, to))
		}
	}
	return problems
}

// inItself is the way from a step by the containers around it to itself; nil where it
// does not get there.
func inItself(id StepID, in map[StepID]StepID) []StepID {
	way := []StepID{id}
	for at := in[id]; at != ""; at = in[at] {
		way = append(way, at)
		if at == id {
			return way
		}
		if slices.Contains(way[:len(way)-1], at) {
			return nil // a round further out
		}
	}
	return nil
}

func throughWall(e Edge, from, to StepID) Problem {
	p := Problem{Step: e.From, Field: e.String(), Code: Wall}
	switch {
	case from == e.To:
		p.What = fmt.Sprintf("the edge leads from inside %q to it", string(e.To))
		p.Fix = "remove it; what leaves the last steps inside is collected by itself"
	case to == e.From:
		p.What = fmt.Sprintf("the edge leads from %q to a step inside it", string(e.From))
		p.Fix = "remove it; the items come to the first steps inside by themselves"
	default:
		p.What = fmt.Sprintf("the edge leads from %s to %s", inWords(from), inWords(to))
		p.Fix = "edges stay inside: let the container itself lead on, or put both steps into the same one"
	}
	return p
}

func inWords(container StepID) string {
	if container == "" {
		return "outside"
	}
	return fmt.Sprintf("inside %q", string(container))
}

// Around lists the containers that a step is in, the innermost first.
func (f *Flow) Around(id StepID) []StepID {
	in := map[StepID]StepID{}
	for _, s := range f.Steps {
		in[s.ID] = s.In
	}
	var all []StepID
	for at := in[id]; at != "" && !slices.Contains(all, at); at = in[at] {
		all = append(all, at)
	}
	return all
}

// Inside lists the steps in the scope of a container, near and far, in the order of the
// flow.
func (f *Flow) Inside(id StepID) []StepID {
	var all []StepID
	for _, s := range f.Steps {
		if slices.Contains(f.Around(s.ID), id) {
			all = append(all, s.ID)
		}
	}
	return all
}
