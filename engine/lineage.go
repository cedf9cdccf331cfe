package engine

import (
	"context"
	"maps"
	"sync"

	"jackfield/flow"
	"jackfield/transforms"
)

// ancestor is the record of a step that another record descends from.
type ancestor struct {
	id   flow.RecordID
	data any
	loop *nth // of an item of a container
}

// nth is which item of which record.
type nth struct {
	parent flow.RecordID
	record any // the data of that record
	index  int
}

// family tells for each record of a batch which record of one step it descends from.
type family map[flow.RecordID]ancestor

// root stands for the step that started the run, in look-ups of ancestors.
const root = -2

// sight gives what a program sees beside the records from begin on, and up to which
// of them that is the same.
func (x *pass) sight(ctx context.Context, p *program, items []*item, begin int) (transforms.Vars, int, error) {
	vars := x.vars
	if p.plain() {
		return vars, len(items), nil
	}
	families, err := x.families(ctx, p, items[begin].from.origin)
	if err != nil {
		return vars, 0, err
	}
	end := begin + 1
	for end < len(items) && items[end].from == items[begin].from && sameAncestors(families, items[begin].rec.ID, items[end].rec.ID) &&
		!(p.problem && items[end].rec.Problem != items[begin].rec.Problem) {
		end++
	}
	rec := items[begin].rec.ID
	vars.Steps = make(map[string]any, len(p.steps))
	for i, id := range p.steps {
		vars.Steps[string(id)] = families[i][rec].data
	}
	if p.trigger {
		vars.Trigger = families[len(p.steps)][rec].data
	}
	x.seeLoops(&vars, p, families[len(families)-len(p.loops):], rec)
	if p.problem {
		vars.Problem = problemValue(items[begin].came().Problem)
	}
	return vars, end, nil
}

// problemValue is a problem as jq sees it; null where there is none.
func problemValue(p *flow.Problem) any {
	if p == nil {
		return nil
	}
	return map[string]any{"step": string(p.Step), "field": p.Field, "code": string(p.Code), "what": p.What, "fix": p.Fix}
}

// families looks up every step that the program reads, and last the trigger.
func (x *pass) families(ctx context.Context, p *program, o *origin) ([]family, error) {
	var all []family
	for _, id := range p.steps {
		f, err := x.family(ctx, o, x.plan.index[id])
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if p.trigger {
		f, err := x.family(ctx, o, root)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	for _, i := range p.loops {
		f, err := x.family(ctx, o, i)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// seeLoops gives what a program sees of the items that a record came of.
func (x *pass) seeLoops(vars *transforms.Vars, p *program, families []family, rec flow.RecordID) {
	if len(p.loops) == 0 {
		return
	}
	vars.Loops = make(map[string]any, len(p.loops))
	for k, i := range p.loops {
		a := families[k][rec]
		if a.loop == nil {
			continue
		}
		id := string(x.plan.steps[i].ID)
		one := map[string]any{"step": id, "index": a.loop.index, "item": a.data, "record": a.loop.record}
		if vars.Loops[id] = one; k == 0 {
			vars.Loop = one
		}
	}
}

func sameAncestors(families []family, a, b flow.RecordID) bool {
	for _, f := range families {
		if f[a].id != f[b].id {
			return false
		}
	}
	return true
}

// family finds the ancestors, among the records of a step, of the batch from o.
func (x *pass) family(ctx context.Context, o *origin, step int) (family, error) {
	if f, ok := x.w.families.find(o.ref, step); ok {
		return f, nil
	}
	if o.brought {
		return x.broughtFamily(ctx, o, step)
	}
	if x.meets(o) {
		return x.familyOfAll(ctx, o, step)
	}
	batch, err := x.w.batch(ctx, o.ref)
	if err != nil {
		return nil, err
	}
	f := make(family, len(batch))
	if o.step == step || step == root && len(o.from) == 0 {
		for _, rec := range batch {
			f[rec.ID] = ancestor{id: rec.ID, data: rec.Data}
		}
		if o.ref.Outlet == flow.Item {
			if err := x.turns(ctx, o, batch, f); err != nil {
				return nil, err
			}
		}
	} else {
		above, err := x.above(ctx, o, step)
		if err != nil {
			return nil, err
		}
		for _, rec := range batch {
			if a, ok := above.of(rec); ok {
				f[rec.ID] = a
			}
		}
	}
	x.w.families.keep(o.ref, step, f)
	return f, nil
}

// turns tells of a container's items which record each came of, and at which place.
func (x *pass) turns(ctx context.Context, o *origin, batch flow.Batch, f family) error {
	came, err := x.w.batch(ctx, o.from[0].ref)
	if err != nil {
		return err
	}
	records := make(map[flow.RecordID]any, len(came))
	for _, rec := range came {
		records[rec.ID] = rec.Data
	}
	whole := x.plan.steps[o.step].scope.whole
	var before flow.RecordID
	index := o.item
	for n, rec := range batch {
		parent := rec.ID
		if !whole {
			parent = rec.Parents[0]
		}
		if n > 0 && parent != before {
			index = 0
		}
		f[rec.ID] = ancestor{id: rec.ID, data: rec.Data, loop: &nth{parent: parent, record: records[parent], index: index}}
		before = parent
		index++
	}
	return nil
}

// above is the families of all batches that o came from, together.
func (x *pass) above(ctx context.Context, o *origin, step int) (family, error) {
	all := family{}
	for _, parent := range o.from {
		f, err := x.family(ctx, parent, step)
		if err != nil || len(o.from) == 1 {
			return f, err
		}
		maps.Copy(all, f)
	}
	return all, nil
}

// of finds the ancestor of a record: through itself where it passed, through its
// parents where it is new.
func (f family) of(rec flow.Record) (ancestor, bool) {
	if a, ok := f[rec.ID]; ok {
		return a, true
	}
	for _, p := range rec.Parents {
		if a, ok := f[p]; ok {
			return a, true
		}
	}
	a, ok := f[everybody]
	return a, ok
}

// everybody stands, in the family of what came to a barrier, for all records that it
// gave.
const everybody flow.RecordID = ""

// meets says whether o stands for all that came to a barrier.
func (x *pass) meets(o *origin) bool { return o.step >= 0 && o.ref.Outlet == "" }

// familyOfAll finds the one ancestor of what a barrier gave. That descends from all
// that came to the barrier, and so from one record only where all of those do.
func (x *pass) familyOfAll(ctx context.Context, o *origin, step int) (family, error) {
	f := family{}
	one, found, err := x.onlyOne(ctx, o, step)
	if !found && err == nil {
		one, found, err = x.sameOfAll(ctx, o, step)
	}
	if err != nil {
		return nil, err
	}
	if found {
		f[everybody] = one
	}
	x.w.families.keep(o.ref, step, f)
	return f, nil
}

// onlyOne finds the record of a step where it gave but one, so that nothing needs to be
// read of what lies between.
func (x *pass) onlyOne(ctx context.Context, o *origin, step int) (a ancestor, found bool, err error) {
	var ends []*origin
	seen := map[*origin]bool{}
	for todo := []*origin{o}; len(todo) > 0 && len(ends) < 2; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch {
		case next.brought:
			return a, false, nil // it keeps what it descends from itself
		case seen[next]:
		case next.step == step && next != o && !x.meets(next), step == root && len(next.from) == 0 && !next.brought:
			ends = append(ends, next)
		default:
			todo = append(todo, next.from...)
		}
		seen[next] = true
	}
	if len(ends) != 1 {
		return a, false, nil
	}
	batch, err := x.w.batch(ctx, ends[0].ref)
	if err != nil || len(batch) != 1 {
		return a, false, err
	}
	f, err := x.family(ctx, ends[0], step)
	return f[batch[0].ID], true, err
}

func (x *pass) sameOfAll(ctx context.Context, o *origin, step int) (one ancestor, found bool, err error) {
	for _, parent := range o.from {
		f, err := x.family(ctx, parent, step)
		if err != nil {
			return one, false, err
		}
		for _, a := range f {
			if found && one.id != a.id {
				return one, false, nil
			}
			one, found = a, true
		}
	}
	return one, found, nil
}

// families keeps the families that were looked up a moment ago.
type families struct {
	mu    sync.Mutex
	known map[kin]family
	order []kin
}

type kin struct {
	ref  flow.Ref
	step int
}

// familiesLimit is how many are kept.
const familiesLimit = 64

func (c *families) find(r flow.Ref, step int) (family, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.known[kin{r, step}]
	return f, ok
}

func (c *families) keep(r flow.Ref, step int, f family) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[kin]family{}
	}
	k := kin{r, step}
	if _, there := c.known[k]; !there {
		c.order = append(c.order, k)
	}
	c.known[k] = f
	if len(c.order) > familiesLimit {
		delete(c.known, c.order[0])
		c.order = c.order[1:]
	}
}

// forget lets go of what is known of a run.
func (c *families) forget(id flow.RunID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.order[:0]
	for _, k := range c.order {
		if k.ref.Run == id {
			delete(c.known, k)
			continue
		}
		kept = append(kept, k)
	}
	c.order = kept
}
