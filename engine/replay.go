package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
)

// Replay says what of an old run is done again, in a new one.
type Replay struct {
	Run    flow.RunID
	From   flow.StepID // the step to begin at, with the records that came to it; "" is the run's start
	Failed bool        // only records that had failed, each at the step that failed it, or at From
	By     flow.Which  // flow.Newest for the flow as it is now, else as the run had it
}

const (
	replayCause  = "replay"
	replayPrefix = "replay:" // of the marks that bring a replay its records, before their number
)

// Replay starts a new run that does another one, or a part of it, again. The records of
// a part are copied, with what programs may ask of those that they descend from, so that
// the old run may be removed. When it returns they are on disk.
//
// A part with only failed records sends the idempotency keys of the old run, so that what
// was delivered all the same is not delivered twice; any other replay is meant to be
// heard, and has keys of its own.
func (l *Local) Replay(ctx context.Context, o Replay) (flow.RunID, error) {
	old, err := l.options.History.Run(ctx, o.Run)
	if err != nil {
		return "", err
	}
	version := old.Version
	if o.By == flow.Newest {
		version = 0
	}
	f, err := l.options.Flows(ctx, old.Flow, version)
	if err != nil {
		return "", err
	}
	s := Start{Flow: old.Flow, Version: f.Version, Trigger: old.Trigger, Set: old.Set, Limit: old.Limit, Cause: replayCause, Of: old.ID}
	if !o.Failed && (o.From == "" || o.From == old.Trigger) {
		if old.Part != nil {
			o.From = "" // what it began with are the parts that were brought to it
			return l.replayPart(ctx, o, old, f, s)
		}
		if s.Input, err = l.givenAtStart(ctx, old); err != nil {
			return "", err
		}
		return l.startReplay(ctx, f, s)
	}
	return l.replayPart(ctx, o, old, f, s)
}

func (l *Local) startReplay(ctx context.Context, f flow.Flow, s Start) (flow.RunID, error) {
	r, err := l.begin(ctx, f, s, kinship{})
	if err != nil {
		return "", err
	}
	return r.id, nil
}

// givenAtStart is what a run began with: what its trigger gave, or in a flow without
// one the records of the mark that started it.
func (l *Local) givenAtStart(ctx context.Context, old flow.Run) ([]any, error) {
	for r, err := range l.options.History.StepRuns(ctx, old.ID) {
		if err != nil {
			return nil, err
		}
		if r.Step != old.Trigger || len(r.From) > 0 {
			continue
		}
		outlets := slices.Sorted(maps.Keys(r.Out))
		if len(outlets) == 0 {
			continue
		}
		batch, err := l.worker.batch(ctx, ref(r, outlets[0]))
		if err != nil {
			return nil, err
		}
		data := make([]any, len(batch))
		for i, rec := range batch {
			data[i] = rec.Data
		}
		return data, nil
	}
	return nil, nil
}

// replayPart starts a run with records that came to steps of the old one.
func (l *Local) replayPart(ctx context.Context, o Replay, old flow.Run, f flow.Flow, s Start) (flow.RunID, error) {
	now, err := l.plan(ctx, f, old.Set)
	if err != nil {
		return "", err
	}
	if _, there := now.index[o.From]; o.From != "" && !there {
		return "", noSuchStep(o.From, f)
	}
	if i, there := now.index[o.From]; there && len(now.steps[i].around) > 0 {
		return "", inContainer(now, i)
	}
	c, err := l.cameTo(ctx, o, old, now)
	if err != nil {
		return "", err
	}
	for _, part := range c.parts {
		if len(now.steps[part.step].around) > 0 {
			return "", inContainer(now, part.step)
		}
	}
	s.part = &flow.Part{Steps: c.steps(), Failed: o.Failed}
	s.given = c.count()
	if s.given == 0 {
		return "", nothingCame(o)
	}
	if o.Failed {
		s.keys = cmp.Or(old.Keys, old.ID)
	}
	s.bring = c.bring
	return l.startReplay(ctx, f, s)
}

func noSuchStep(id flow.StepID, f flow.Flow) error {
	var ids []string
	for _, s := range f.Steps {
		ids = append(ids, string(s.ID))
	}
	p := flow.Problem{Step: id, Code: flow.UnknownStep, What: fmt.Sprintf("version %d of the flow has no step %q", f.Version, string(id)), Fix: "the steps are " + listed(ids)}
	if near, ok := flow.Nearest(string(id), ids); ok {
		p.Fix = fmt.Sprintf("did you mean %q?", near)
	}
	return Problems{p}
}

// inContainer says that a step takes items of a container, which are nothing without it.
func inContainer(p *Plan, i int) error {
	around := p.steps[p.steps[i].around[len(p.steps[i].around)-1]]
	return Problems{{
		Step: p.steps[i].ID, Code: "in-container",
		What: fmt.Sprintf("the step is inside of %q, whose items only that step can give", string(around.ID)),
		Fix:  fmt.Sprintf("replay from %q, or resume the run", string(around.ID)),
	}}
}

func nothingCame(o Replay) error {
	what := fmt.Sprintf("no record of run %s came to step %q", o.Run, string(o.From))
	switch {
	case o.Failed && o.From == "":
		what = fmt.Sprintf("no record of run %s failed for good", o.Run)
	case o.Failed:
		what = fmt.Sprintf("step %q failed no record of run %s for good", string(o.From), o.Run)
	}
	return Problems{{Step: o.From, Code: "nothing-left", What: what, Fix: "jackfield runs show tells what left each step"}}
}

// came are the records of an old run that a replay begins with.
type came struct {
	local *Local
	run   flow.Run
	plan  *Plan // as the old run had it
	now   *Plan // as the new one has it
	parts []camePart
}

// camePart is some records of one batch that came to a step of the new run.
type camePart struct {
	step     int // in the new plan
	edge     int // in the new plan; -1 for none
	origin   *origin
	nth, end int
}

func (c *came) count() int {
	n := 0
	for _, part := range c.parts {
		n += part.end - part.nth
	}
	return n
}

func (c *came) steps() []flow.StepID {
	var ids []flow.StepID
	for _, part := range c.parts {
		if id := c.now.steps[part.step].ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// cameTo finds what came to the steps that a replay begins at. It folds the old run once
// more and looks on.
func (l *Local) cameTo(ctx context.Context, o Replay, old flow.Run, now *Plan) (*came, error) {
	began, err := l.began(ctx, old)
	if err != nil {
		return nil, err
	}
	plan, err := l.plan(ctx, began, old.Set)
	if err != nil {
		return nil, err
	}
	c := &came{local: l, run: old, plan: plan, now: now}
	looking := *plan
	note := func(step int, a arrival, edge int) {
		id := plan.steps[step].ID
		to, there := now.index[id]
		if !there || o.From != "" && id != o.From || !o.Failed && o.From == "" && !a.origin.brought {
			return
		}
		c.parts = append(c.parts, camePart{step: to, edge: now.edgeLike(plan, edge), origin: a.origin, nth: a.nth, end: a.count})
	}
	if o.Failed {
		looking.onFailed = func(step int, a arrival) {
			if len(plan.steps[step].around) == 0 || !plan.caught(step) { // else its container's record tells of it
				note(step, a, a.by)
			}
		}
	} else {
		looking.onArrival = func(step int, a arrival) { note(step, a, a.edge) }
	}
	s, err := looking.Start(old)
	if err != nil {
		return nil, err
	}
	again := map[flow.Ref]int{}
	for r, err := range l.options.History.StepRuns(ctx, old.ID) {
		if err != nil {
			return nil, fmt.Errorf("read what run %s did: %w", old.ID, err)
		}
		if n := takenAgain(r); n > 0 {
			again[r.From[0]] += n + r.Passed
		}
		s = looking.After(s, r)
	}
	if !o.Failed {
		return c, nil
	}
	for i := range c.parts {
		c.parts[i].nth = min(c.parts[i].end, c.parts[i].nth+again[c.parts[i].origin.ref])
	}
	c.parts = slices.DeleteFunc(c.parts, func(p camePart) bool { return p.nth == p.end })
	return c, nil
}

// edgeLike finds the edge of p that leads as the one of another plan does.
func (p *Plan) edgeLike(other *Plan, n int) int {
	if n < 0 {
		return -1
	}
	e := other.edges[n]
	return slices.IndexFunc(p.edges, func(own edge) bool {
		return own.From == e.From && own.Leaves() == e.Leaves() && own.To == e.To
	})
}

// broughtAtOnce is how many records one mark brings at the most, but for a batch's own.
const broughtAtOnce = 2000

// bring writes the records into the history of the new run.
func (c *came) bring(ctx context.Context, r *live) error {
	defer c.local.worker.families.forget(c.run.ID)
	for n := 0; len(c.parts) > 0; n++ {
		e := flow.Entry{
			StepRun: flow.StepRun{Run: r.id, Key: replayPrefix + strconv.Itoa(n), Edge: -1, Attempt: 1, Started: time.Now()},
			Batches: map[flow.Outlet]flow.Batch{},
		}
		for held := 0; len(c.parts) > 0 && held < broughtAtOnce; {
			part := c.parts[0]
			c.parts = c.parts[1:]
			if err := c.add(ctx, e.Batches, part); err != nil {
				return err
			}
			held += part.end - part.nth
		}
		e.More = len(c.parts) > 0
		e.Out = map[flow.Outlet]int{}
		for o, b := range e.Batches {
			e.Out[o] = len(b)
		}
		seq, err := c.local.options.History.Append(context.WithoutCancel(ctx), e)
		if err != nil {
			return fmt.Errorf("bring the records of run %s: %w", c.run.ID, err)
		}
		e.Seq = seq
		r.state = r.plan.After(r.state, e.StepRun)
	}
	return nil
}

// add copies records of one part, and the records that programs behind may ask of.
func (c *came) add(ctx context.Context, to map[flow.Outlet]flow.Batch, part camePart) error {
	batch, err := c.local.worker.batch(ctx, part.origin.ref)
	if err != nil {
		return err
	}
	if part.end > len(batch) {
		return fmt.Errorf("the batch that left step run %d by %s has %d records and should have %d", part.origin.ref.Seq, part.origin.ref.Outlet, len(batch), part.end)
	}
	o := broughtBy(c.now.steps[part.step].ID, part.edge)
	own := part.origin.ref.Outlet == flow.Failed && part.origin.step >= 0 && c.plan.steps[part.origin.step].ID == c.now.steps[part.step].ID
	for _, rec := range batch[part.nth:part.end] {
		if own {
			rec.Problem = nil // the step's own: it takes the record as it came
		}
		to[o] = append(to[o], rec)
	}
	ids, trigger := c.now.looksBack(part.step)
	x := c.local.worker.pass(c.plan, Task{Step: c.plan.steps[max(part.origin.step, 0)].ID, run: &c.run})
	for _, id := range ids {
		if i, there := c.plan.index[id]; there {
			if err := c.addAncestors(ctx, x, to, o+"/"+flow.Outlet(id), part, batch, i); err != nil {
				return err
			}
		}
	}
	if trigger {
		return c.addAncestors(ctx, x, to, o+ofTrigger, part, batch, root)
	}
	return nil
}

// ofTrigger ends the name under which a mark keeps the trigger's records.
const ofTrigger flow.Outlet = "/$trigger"

// addAncestors keeps each record of a step that some of the batch descend from, once,
// with those as its parents: the other way round than elsewhere.
func (c *came) addAncestors(ctx context.Context, x *pass, to map[flow.Outlet]flow.Batch, o flow.Outlet, part camePart, batch flow.Batch, step int) error {
	f, err := x.family(ctx, part.origin, step)
	if err != nil {
		return err
	}
	at := map[flow.RecordID]int{}
	for i, rec := range to[o] {
		at[rec.ID] = i
	}
	for _, rec := range batch[part.nth:part.end] {
		a, ok := f[rec.ID]
		if !ok {
			continue
		}
		i, there := at[a.id]
		if !there {
			i = len(to[o])
			at[a.id] = i
			to[o] = append(to[o], flow.Record{ID: a.id, Data: a.data})
		}
		to[o][i].Parents = append(to[o][i].Parents, rec.ID)
	}
	return nil
}

// broughtBy names, in a mark, the records that came to a step by an edge.
func broughtBy(id flow.StepID, edge int) flow.Outlet {
	if edge < 0 {
		return flow.Outlet(id)
	}
	return flow.Outlet(string(id) + "<" + strconv.Itoa(edge))
}

// startPart is the state of a replay of a part before its records were brought.
func (p *Plan) startPart(s State, part flow.Part) State {
	reached := map[int]bool{}
	for _, id := range part.Steps {
		if i, there := p.index[id]; there {
			for _, j := range p.onFrom(i) {
				reached[j] = true
			}
		}
	}
	for i := range s.steps {
		s.steps[i] = &progress{}
		if reached[i] && p.steps[i].finisher {
			s.steps[i].finish = toFinish
		}
	}
	return s
}

// brought leads what a mark of a replay has brought to its steps.
func (p *Plan) brought(s State, r flow.StepRun) State {
	for _, o := range slices.Sorted(maps.Keys(r.Out)) {
		if strings.Contains(string(o), "/") {
			continue // what the others descend from
		}
		id, number, byEdge := strings.Cut(string(o), "<")
		i, there := p.index[flow.StepID(id)]
		if !there {
			continue // of another version of the flow
		}
		edge := -1
		if n, err := strconv.Atoi(number); byEdge && err == nil && n < len(p.edges) && p.edges[n].to == i {
			edge = n
		}
		s.brought += r.Out[o]
		p.arrive(&s, i, arrival{origin: &origin{ref: ref(r, o), step: atStart, brought: true}, edge: edge, count: r.Out[o]})
	}
	s.begun = !r.More
	return s
}

// broughtFamily finds the ancestors of records that a replay began with.
func (x *pass) broughtFamily(ctx context.Context, o *origin, step int) (family, error) {
	kept := o.ref
	if step == root {
		kept.Outlet += ofTrigger
	} else {
		kept.Outlet += "/" + flow.Outlet(x.plan.steps[step].ID)
	}
	batch, err := x.w.History.Batch(ctx, kept)
	if err != nil {
		return nil, fmt.Errorf("read what the records of the replay descend from: %w", err)
	}
	f := family{}
	for _, rec := range batch {
		for _, child := range rec.Parents {
			f[child] = ancestor{id: rec.ID, data: rec.Data}
		}
	}
	x.w.families.keep(o.ref, step, f)
	return f, nil
}

// onFrom lists a step and all that it leads to.
func (p *Plan) onFrom(i int) []int { return append(reach(i, p.next), i) }

// looksBack lists the steps, and whether the trigger, whose records programs from a step
// on ask of, so far as they lie before it.
func (p *Plan) looksBack(from int) (ids []flow.StepID, trigger bool) {
	behind := p.onFrom(from)
	look := func(one *program) {
		if one == nil {
			return
		}
		trigger = trigger || one.trigger
		for _, id := range one.steps {
			if i, there := p.index[id]; there && !slices.Contains(behind, i) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, i := range behind {
		s := &p.steps[i]
		look(s.mapping)
		look(s.order)
		for _, e := range s.evaluated {
			for _, one := range e.programs {
				look(one)
			}
		}
	}
	for _, e := range p.edges {
		if e.from >= 0 && slices.Contains(behind, e.to) {
			look(e.when)
		}
	}
	return ids, trigger
}
