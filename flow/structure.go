package flow

import (
	"fmt"
	"strings"
)

// The kinds of problem that the structure of a flow can have.
const (
	NoName        Code = "no-name"
	NoSteps       Code = "no-steps"
	NoOperation   Code = "no-operation"
	BadID         Code = "bad-id"
	DuplicateStep Code = "duplicate-step"
	UnknownStep   Code = "unknown-step"
	BadOutlet     Code = "bad-outlet"
	DuplicateEdge Code = "duplicate-edge"
	Cycle         Code = "cycle"
	Unreached     Code = "unreached"
)

// Structure checks how steps and edges fit together, and knows nothing of
// operations. The place of an edge is the step that it leaves, with the edge's text
// as the field.
func (f *Flow) Structure() []Problem {
	problems := f.checkSteps()
	problems = append(problems, f.checkEdges()...)
	problems = append(problems, f.walls()...)
	problems = append(problems, f.cycles()...)
	if strings.TrimSpace(f.Name) == "" {
		problems = append(problems, Problem{
			Field: "name", Code: NoName, Warning: true,
			What: "the flow has no name", Fix: "give it one that says what it is for",
		})
	}
	if len(f.Steps) == 0 {
		problems = append(problems, Problem{
			Field: "steps", Code: NoSteps, Warning: true,
			What: "the flow has no steps", Fix: "add one",
		})
	}
	return problems
}

func (f *Flow) checkSteps() []Problem {
	var problems []Problem
	seen := map[StepID]bool{}
	for i, s := range f.Steps {
		switch {
		case s.ID == "":
			problems = append(problems, Problem{
				Field: fmt.Sprintf("steps[%d].id", i), Code: BadID,
				What: fmt.Sprintf("the step at place %d has no id", i+1), Fix: idRule,
			})
		case !s.ID.Valid():
			problems = append(problems, Problem{
				Step: s.ID, Field: "id", Code: BadID,
				What: fmt.Sprintf("%q cannot be the id of a step", string(s.ID)), Fix: idRule,
			})
		case seen[s.ID]:
			problems = append(problems, Problem{
				Step: s.ID, Field: "id", Code: DuplicateStep,
				What: fmt.Sprintf("there is a step %q already", string(s.ID)), Fix: "give one of them another id",
			})
		}
		seen[s.ID] = true
		if s.Uses == "" {
			problems = append(problems, Problem{
				Step: s.ID, Field: "uses", Code: NoOperation,
				What: "the step does not say what it does", Fix: `set "uses" to an operation, for example core.map`,
			})
		}
	}
	return problems
}

const idRule = "an id has a-z, 0-9 and _, begins with a letter and is at most 64 long"

// longestID is how long a step's id may be.
const longestID = 64

// Valid says whether id has the form that a step's id must have.
func (id StepID) Valid() bool { return len(id) <= longestID && isWord(string(id)) }

// isWord says whether s is [a-z][a-z0-9_]*.
func isWord(s string) bool {
	for i, r := range s {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}

func (f *Flow) checkEdges() []Problem {
	var problems []Problem
	steps := map[StepID]bool{}
	ids := make([]string, len(f.Steps))
	for i, s := range f.Steps {
		steps[s.ID] = true
		ids[i] = string(s.ID)
	}
	seen := map[string]bool{}
	for _, e := range f.Edges {
		for _, end := range []StepID{e.From, e.To} {
			if !steps[end] {
				problems = append(problems, noSuchStep(e, end, ids))
			}
		}
		if e.Outlet != "" && !isWord(string(e.Outlet)) {
			problems = append(problems, Problem{
				Step: e.From, Field: e.String(), Code: BadOutlet,
				What: fmt.Sprintf("%q cannot be the name of an outlet", string(e.Outlet)), Fix: "use a-z, 0-9 and _, beginning with a letter",
			})
		}
		if seen[e.String()] {
			problems = append(problems, Problem{
				Step: e.From, Field: e.String(), Code: DuplicateEdge,
				What: "the same edge is there twice", Fix: "remove one of them; conditions can be joined with or",
			})
		}
		seen[e.String()] = true
	}
	return problems
}

func noSuchStep(e Edge, id StepID, known []string) Problem {
	p := Problem{
		Step: e.From, Field: e.String(), Code: UnknownStep,
		What: fmt.Sprintf("there is no step %q", string(id)), Fix: "add the step or remove the edge",
	}
	if near, ok := Nearest(string(id), known); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// String is the edge in the short form of the flow file, without its condition:
// "orders -> push", "push.failed -> rejects".
func (e Edge) String() string {
	if e.Leaves() == Done {
		return fmt.Sprintf("%s -> %s", e.From, e.To)
	}
	return fmt.Sprintf("%s.%s -> %s", e.From, e.Outlet, e.To)
}

// Unreached warns of the steps that get no records in a flow with triggers, because
// no edge leads to them from one. starts says whether an operation is a trigger.
func (f *Flow) Unreached(starts func(OpID) bool) []Problem {
	reached := map[StepID]bool{}
	var todo []StepID
	for _, s := range f.Steps {
		if starts(s.Uses) {
			todo = append(todo, s.ID)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	next := f.next()
	for _, s := range f.Steps {
		if s.In != "" {
			next[s.In] = append(next[s.In], s.ID)
		}
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !reached[id] {
			reached[id] = true
			todo = append(todo, next[id]...)
		}
	}
	var problems []Problem
	for _, s := range f.Steps {
		if !reached[s.ID] {
			problems = append(problems, Problem{
				Step: s.ID, Code: Unreached, Warning: true,
				What: "no edge leads here from a trigger, so no record comes", Fix: "draw an edge to it, or remove it",
			})
		}
	}
	return problems
}

// next lists, for each step, the steps that its edges lead to, in the order of the
// file.
func (f *Flow) next() map[StepID][]StepID {
	next := map[StepID][]StepID{}
	for _, e := range f.Edges {
		next[e.From] = append(next[e.From], e.To)
	}
	return next
}
