package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// PeekOptions say at what step to look, and what the flow meets there.
type PeekOptions struct {
	Flow       flow.Flow
	Step       flow.StepID
	Limit      int   // how many records to show; 0 is 20
	Input      []any // what the flow starts with; nil for what its trigger says
	Ops        kit.Set
	Connection func(ctx context.Context, name string) (connector string, values flow.Values, err error)
	Tokens     func(connection string) *kit.Tokens // as in LocalOptions
	Mask       *kit.Mask                           // likewise
	Dir        string                              // what relative paths are relative to
}

// lookAhead is how many records a source may read for a look.
const lookAhead = 1000

// Peek gives records that would come to a step, by reading and computing what comes
// before it. Nothing is kept, and nothing outside is changed: where that would be
// needed, the error names the step.
func Peek(ctx context.Context, o PeekOptions) (flow.Batch, error) {
	if o.Limit <= 0 {
		o.Limit = 20
	}
	f, err := upTo(o.Flow, o.Step)
	if err != nil {
		return nil, err
	}
	p, problems := NewPlan(f, o.Ops, PlanOptions{Connection: finder(ctx, o.Connection)})
	if p == nil {
		return nil, Problems(problems).Blocking()
	}
	at := p.index[o.Step]
	before := reach(at, p.back)
	if len(before) == 0 {
		return nil, nil // nothing comes to it
	}
	run := flow.Run{
		ID: "look", Flow: f.ID, Name: f.Name, Version: f.Version, Dir: o.Dir, Trigger: p.triggerAmong(before),
		Cause: "look", Limit: max(o.Limit, lookAhead), State: flow.Running, Started: time.Now(),
	}
	s, err := p.Start(run)
	if err != nil {
		return nil, err
	}
	m := NewMemory()
	if err := m.Begin(ctx, run); err != nil {
		return nil, err
	}
	w := &Worker{History: m, Tokens: o.Tokens, Mask: o.Mask, LookOnly: true}
	return w.look(ctx, p, s, &p.steps[at], o)
}

// look performs tasks until enough records have come by the step.
func (w *Worker) look(ctx context.Context, p *Plan, s State, at *step, o PeekOptions) (flow.Batch, error) {
	var seen flow.Batch
	for len(seen) < o.Limit {
		tasks := p.Ready(s)
		if len(tasks) == 0 {
			break
		}
		// The last step that has something to do: its records are nearest.
		t := tasks[len(tasks)-1]
		if !s.begun {
			t.Input = o.Input
		}
		done, err := w.Do(ctx, p, t)
		if err != nil {
			return nil, err
		}
		s = p.After(s, done)
		if t.Step != at.ID {
			continue
		}
		if batch, err := w.batch(ctx, ref(done, at.first())); err == nil {
			seen = append(seen, batch...)
		}
	}
	if len(seen) > o.Limit {
		seen = seen[:o.Limit]
	}
	if _, why := s.standing(p); len(seen) == 0 && why != nil {
		return nil, *why
	}
	return seen, nil
}

// upTo is the part of a flow that leads to a step. The step itself lets all pass.
func upTo(f flow.Flow, id flow.StepID) (flow.Flow, error) {
	if _, ok := f.Step(id); !ok {
		return f, Problems{{Step: id, Code: flow.UnknownStep, What: fmt.Sprintf("there is no step %q", string(id))}}
	}
	back := map[flow.StepID][]flow.StepID{}
	for _, e := range f.Edges {
		back[e.To] = append(back[e.To], e.From)
	}
	for _, s := range f.Steps {
		if s.In == "" {
			continue
		}
		back[s.ID] = append(back[s.ID], s.In)
		if !slices.Contains(f.Around(id), s.In) && s.In != id {
			back[s.In] = append(back[s.In], s.ID) // what is inside makes what leaves it
		}
	}
	wanted := map[flow.StepID]bool{}
	for todo := []flow.StepID{id}; len(todo) > 0; {
		one := todo[0]
		todo = todo[1:]
		if !wanted[one] {
			wanted[one] = true
			todo = append(todo, back[one]...)
		}
	}
	part := f
	part.Steps = slices.DeleteFunc(slices.Clone(f.Steps), func(s flow.Step) bool { return !wanted[s.ID] })
	part.Edges = slices.DeleteFunc(slices.Clone(f.Edges), func(e flow.Edge) bool { return !wanted[e.From] || !wanted[e.To] })
	for i := range part.Steps {
		if part.Steps[i].ID == id {
			part.Steps[i].Off = true
		}
	}
	return part, nil
}

// triggerAmong is the trigger to start at so that records come from these steps.
func (p *Plan) triggerAmong(places []int) flow.StepID {
	id := p.trigger()
	if i, ok := p.index[id]; ok && slices.Contains(places, i) {
		return id
	}
	for _, i := range places {
		if p.steps[i].kind == starting {
			return p.steps[i].ID
		}
	}
	return ""
}
