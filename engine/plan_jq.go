package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/transforms"
)

// program is jq of a flow: where it stands, and what it sees beside the record.
type program struct {
	*transforms.Program
	field   string        // where a problem with it is shown
	steps   []flow.StepID // whose data it reads
	loops   []int         // the containers whose items it reads, the innermost first
	trigger bool          // it reads the trigger's data
	problem bool          // it reads why the record failed
}

// plain says whether all that it sees is the same for every record of a run.
func (p *program) plain() bool {
	return len(p.steps) == 0 && len(p.loops) == 0 && !p.trigger && !p.problem
}

// evaluated is a field whose setting is jq: one program, or one for each case.
type evaluated struct {
	name     string
	programs []*program
	cases    []string // the names that the programs stand for; nil where there are no cases
	test     bool     // yes or no is wanted
}

// Empty is the outlet of a record that an operation, or the mapping in front of it,
// gave no value for.
const Empty flow.Outlet = "empty"

// mapping compiles the step's mapping.
func (b *planner) mapping(i int, s *step) {
	if strings.TrimSpace(s.Map) != "" && s.kind != starting && s.kind != passing {
		s.mapping = b.compile(s.Map, s.ID, "map", i)
	}
}

// evaluated compiles the jq that stands in the step's fields.
func (b *planner) evaluated(i int, s *step, in *instance) {
	for _, f := range in.fields {
		if !f.Evaluated() || !f.Matters() || s.scope != nil && s.scope.until(f.Name) {
			continue
		}
		e := evaluated{name: f.Name, test: f.Kind == kit.TestField}
		if f.Kind == kit.CasesField {
			b.cases(i, f, &e)
		} else if src, _ := f.Get().(string); strings.TrimSpace(src) != "" {
			if p := b.compile(src, s.ID, f.Name, i); p != nil {
				e.programs = append(e.programs, p)
			}
		}
		if len(e.programs) > 0 {
			s.evaluated = append(s.evaluated, e)
		}
	}
	b.doubts(s)
}

// doubts tells of settings that are most likely not meant: those in which no record has a
// say are known now.
func (b *planner) doubts(s *step) {
	in, err := bound(s)
	if err != nil || s.mapping != nil {
		return // it was told; or the mapping has a say
	}
	d, is := in.op.(kit.Doubter)
	if !is {
		return
	}
	for _, e := range s.evaluated {
		f, ok := in.fields.Field(e.name)
		if v, constant := e.programs[0].Constant(); ok && constant && len(e.programs) == 1 {
			f.Decide(v)
		} else if ok {
			f.Decide(nil)
		}
	}
	for _, p := range d.Doubts(time.Now()) {
		p.Step, p.Warning = s.ID, true
		b.report(p)
	}
}

func (b *planner) cases(i int, f kit.Field, e *evaluated) {
	list, _ := f.Get().([]any)
	for _, one := range list {
		c, _ := one.(map[string]any)
		name, _ := c["name"].(string)
		src, _ := c["when"].(string)
		if p := b.compile(src, b.plan.steps[i].ID, f.Name, i); p != nil {
			e.programs = append(e.programs, p)
			e.cases = append(e.cases, name)
		}
	}
}

// edge checks one edge and compiles its condition. The place of its problems is that
// of flow.Structure: the step it leaves, with its text as the field.
func (b *planner) edge(i int) {
	e := &b.plan.edges[i]
	if e.from < 0 {
		return
	}
	b.outlet(e)
	if b.plan.steps[e.to].op.Trigger {
		b.report(flow.Problem{
			Step: e.From, Field: e.String(), Code: "edge-into-trigger",
			What: fmt.Sprintf("the edge leads to the trigger %q, which takes no records", string(e.To)), Fix: "remove the edge",
		})
	}
	if strings.TrimSpace(e.When) != "" {
		e.when = b.compile(e.When, e.From, e.String(), e.to)
	}
}

func (b *planner) outlet(e *edge) {
	from := &b.plan.steps[e.from]
	if len(from.outlets) == 0 || from.leavesBy(e.Leaves()) {
		return // of a step without an operation nothing is known
	}
	var names []string
	for _, o := range from.outlets {
		names = append(names, string(o))
	}
	p := flow.Problem{
		Step: e.From, Field: e.String(), Code: "unknown-outlet",
		What: fmt.Sprintf("no record leaves %q by %q", string(e.From), string(e.Leaves())),
	}
	if near, ok := flow.Nearest(string(e.Leaves()), names); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	} else {
		p.Fix = "records leave by " + listed(names)
	}
	b.report(p)
}

// compile compiles jq that stands at a field of a step and is evaluated on what comes
// to the step at place to, and checks the steps that it names against those before
// that. It gives nil after telling of a problem.
func (b *planner) compile(src string, step flow.StepID, field string, to int) *program {
	return b.compileIn(src, step, field, to, b.plan.steps[to].around)
}

// compileIn is compile for jq that sees the items of these containers.
func (b *planner) compileIn(src string, step flow.StepID, field string, to int, around []int) *program {
	code, err := b.options.Programs.compile(src)
	if err != nil {
		if e, ok := errors.AsType[*transforms.SyntaxError](err); ok {
			b.report(e.Problem(step, field))
		} else {
			b.report(flow.Problem{Step: step, Field: field, Code: "jq-syntax", What: err.Error()})
		}
		return nil
	}
	p := &program{Program: code, field: field, trigger: code.UsesTrigger(), problem: code.UsesProblem()}
	b.loops(p, step, around)
	ids, all := code.Steps()
	if len(ids) == 0 && !all {
		return p
	}
	var known []string
	for _, i := range reach(to, b.plan.back) {
		known = append(known, string(b.plan.steps[i].ID))
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			b.unknownAncestor(step, field, id, known)
		}
	}
	if all {
		ids = known
	}
	for _, id := range ids {
		p.steps = append(p.steps, flow.StepID(id))
	}
	return p
}

func (b *planner) unknownAncestor(step flow.StepID, field, id string, known []string) {
	p := flow.Problem{Step: step, Field: field, Code: "unknown-step", What: fmt.Sprintf("$steps.%s: there is no step %q", id, id)}
	if _, there := b.plan.index[flow.StepID(id)]; there {
		p.What = fmt.Sprintf("$steps.%s: step %q does not come before this one", id, id)
	}
	if near, ok := flow.Nearest(id, known); ok {
		p.Fix = fmt.Sprintf("did you mean $steps.%s?", near)
	} else if len(known) > 0 {
		p.Fix = "before this step come " + listed(known)
	} else {
		p.Fix = "no step comes before this one"
	}
	b.report(p)
}

func listed(names []string) string { return strings.Join(names, ", ") }
