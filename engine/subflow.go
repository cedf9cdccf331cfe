package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// startedCause is the cause of a run that another run started and did not wait for.
const startedCause = "started"

// called is the trigger at which other flows come in, with what it takes and gives; nil
// where the flow promises nothing.
func calledOf(f flow.Flow, ops kit.Set) (flow.StepID, kit.Called) {
	for _, s := range f.Steps {
		_, op, ok := ops.Op(s.Uses)
		if !ok || s.Off {
			continue
		}
		if called, is := op.New().(kit.Called); is {
			called.Fields().Bind(s.ID, s.With) // what does not fit is told where the flow itself is checked
			return s.ID, called
		}
	}
	return "", nil
}

// takes finds the trigger at which a called flow begins, and holds data to what that
// takes.
func (l *Local) takes(ctx context.Context, f flow.Flow, data []any) (flow.StepID, error) {
	id, called := calledOf(f, l.options.Ops.Now())
	if called == nil {
		return "", nil
	}
	for _, v := range data {
		if wrong := called.Takes().Check(v); len(wrong) > 0 {
			p := wrong[0]
			return id, kit.Fail(kit.Invalid, "the flow %q takes something else: %s", cmp.Or(f.Name, string(f.ID)), p.Error()).
				Hint("give it what its first step %q says that it takes", id)
		}
	}
	return id, nil
}

// keepsWord holds what a called flow gave to what it promised.
func (p *Plan) keepsWord(name string, data []any) error {
	for i := range p.steps {
		s := &p.steps[i]
		if s.op.New == nil || s.Off {
			continue
		}
		in, err := bound(s)
		if err != nil {
			continue
		}
		called, is := in.op.(kit.Called)
		if !is {
			continue
		}
		for n, v := range data {
			if wrong := called.Gives().Check(v); len(wrong) > 0 {
				return kit.Fail(kit.Malformed, "record %d of what the called flow %q gave is not what it promises: %s", n+1, name, wrong[0].Error()).
					Hint("mend that flow, or what its step %q promises", s.ID)
			}
		}
		return nil
	}
	return nil
}

// startFlow starts another flow for the unit's record.
func (x *pass) startFlow(ctx context.Context, name string, data []any) (flow.RunID, error) {
	c := Call{Run: *x.task.run, Step: x.step.ID, Record: x.calling.rec.ID, Number: x.calls, Flow: name, Data: data}
	x.calls++
	return x.w.Start(ctx, c)
}

// startFor starts a flow for a record of another run, which does not wait for it. The id
// of its run is computed from the record, so that asking twice starts one.
func (l *Local) startFor(ctx context.Context, c Call) (flow.RunID, error) {
	parent := l.running(c.Run.ID)
	if parent == nil {
		return "", errParked
	}
	f, err := l.callable(ctx, c.Flow)
	if err != nil {
		return "", err
	}
	if err := mayCall(parent.chain, f.ID); err != nil {
		return "", err
	}
	k := kinship{of: c.Run.ID, chain: parent.chain}
	k.id = c.Run.ID + "-" + flow.RunID(flow.Child(c.Step, []flow.RecordID{c.Record}, c.Number))
	if _, err := l.options.History.Run(ctx, k.id); err == nil {
		return k.id, nil
	}
	trigger, err := l.takes(ctx, f, c.Data)
	if err != nil {
		return "", err
	}
	_, err = l.begin(ctx, f, Start{Trigger: trigger, Input: c.Data, Cause: startedCause}, k)
	return k.id, err
}

// results gives what a run has left, once it has ended. One that was started by the run
// of and did not end well is resumed where of was, as a called one would be.
func (l *Local) results(ctx context.Context, of, id flow.RunID, again bool) (data []any, ended bool, err error) {
	if l.running(id) != nil {
		return nil, false, nil
	}
	row, err := l.options.History.Run(ctx, id)
	if err != nil {
		return nil, true, kit.Fail(kit.Missing, "there is no run %q to wait for", string(id)).Hint("give the id that core.start_flow gave")
	}
	if !row.State.Ended() {
		return nil, false, nil
	}
	if again && row.Of == of && row.State != flow.RunDone && !row.GivenUp {
		if _, err := l.resume(ctx, id, flow.Fitting, kinship{}); err != nil && !isCode(err, goingOn) {
			return nil, true, err
		}
		return nil, false, nil
	}
	f, err := l.options.Flows(ctx, row.Flow, row.Version)
	if err != nil {
		return nil, true, err
	}
	data, err = l.answer(ctx, f, row)
	return data, true, err
}

// calls checks what a step gives to the flow that it calls, as far as its settings tell.
func (b *planner) calls(s *step) {
	if b.options.Flow == nil || s.op.New == nil || s.Off {
		return
	}
	op := s.op.New()
	op.Fields().Bind(s.ID, s.values)
	if follows, is := op.(kit.Follower); is {
		b.known(s.ID, "flow", follows.Follows().Flow)
		return
	}
	caller, is := op.(kit.Caller)
	if !is {
		return
	}
	name, field := caller.Calls()
	f, known := b.known(s.ID, "flow", name)
	if !known {
		return
	}
	_, called := calledOf(f, b.ops)
	if called == nil {
		return
	}
	takes := called.Takes()
	switch {
	case s.mapping != nil:
		b.callKeys(s, cmp.Or(f.Name, name), field, takes)
	case !isEmpty(s.values[field]):
		for _, p := range takes.Check(s.values[field]) {
			b.report(flow.Problem{Step: s.ID, Field: field, Code: p.Code, What: fmt.Sprintf("the flow %q takes something else: %s", cmp.Or(f.Name, name), p.What), Fix: p.Fix})
		}
	}
}

// known finds a flow that a setting names, and tells where there is none. That another
// setting is to name it, or the mapping, is told elsewhere.
func (b *planner) known(step flow.StepID, field, name string) (flow.Flow, bool) {
	if name == "" || b.options.Flow == nil {
		return flow.Flow{}, false
	}
	f, err := b.options.Flow(name)
	if err != nil {
		b.report(flow.Problem{
			Step: step, Field: field, Code: "unknown-flow", Warning: true,
			What: fmt.Sprintf("there is no flow %q here", name), Fix: "draw it, or name another one",
		})
	}
	return f, err == nil
}

// callKeys checks the keys of what the mapping gives to a called flow.
func (b *planner) callKeys(s *step, name, field string, takes flow.Schema) {
	given, exact := s.mapping.KeysAt(field)
	if outer, all := s.mapping.Keys(); all && !slices.Contains(outer, field) && isEmpty(s.values[field]) {
		given, exact = nil, true
	}
	if !exact || len(takes.Properties) == 0 {
		return
	}
	var known []string
	for _, p := range takes.Properties {
		known = append(known, p.Name)
		if p.Required && !slices.Contains(given, p.Name) {
			b.report(flow.Problem{
				Step: s.ID, Field: "map", Code: "missing-input",
				What: fmt.Sprintf("the flow %q takes %q, and the mapping does not give it", name, p.Name), Fix: fmt.Sprintf("write {%s: {%s: …}}", field, p.Name),
			})
		}
	}
	for _, key := range given {
		if slices.Contains(known, key) || takes.Rest != nil {
			continue
		}
		p := flow.Problem{
			Step: s.ID, Field: "map", Code: "unknown-input", Warning: !takes.Closed,
			What: fmt.Sprintf("the flow %q does not take %q", name, key), Fix: "it takes " + listed(known),
		}
		if near, ok := flow.Nearest(key, known); ok {
			p.Fix = fmt.Sprintf("did you mean %q?", near)
		}
		b.report(p)
	}
}
