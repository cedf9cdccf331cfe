package engine

import (
	"context"
	"slices"
	"sync"

	"jackfield/flow"
	"jackfield/flow/value"
)

// A source may give records as documents of which only that was read which the steps
// right behind it look at. The history takes their texts; what was read of them waits
// here for those steps, and is all that is ever made of most records. Whoever else asks
// for a record reads it whole from the history, as does a step whose parts are gone.

// wants is what of its records a source has to read for the steps behind it; nil is
// all. A step sees only what its jq names when a mapping gives it new records; any
// other may look at all, or lets the record pass as it came.
func (p *Plan) wants(source int) *value.Want {
	all := value.Of(nil)
	s := &p.steps[source]
	if len(s.outlets) == 0 {
		return nil
	}
	for _, e := range s.leaves[s.first()] {
		if p.edges[e].from < 0 {
			return nil
		}
		to := &p.steps[p.edges[e].to]
		if to.kind != acting || !to.op.Each || to.mapping == nil {
			return nil
		}
		all = all.With(to.mapping.Wants())
		if when := p.edges[e].when; when != nil {
			all = all.With(when.Wants())
		}
		for _, f := range to.evaluated {
			for _, one := range f.programs {
				all = all.With(one.Wants())
			}
		}
		if to.order != nil {
			all = all.With(to.order.Wants())
		}
	}
	return all
}

// records gives what came to the task by a, and where only parts of that are there
// the documents that they are parts of.
func (x *pass) records(ctx context.Context, a *arrival) (flow.Batch, []*value.Document, error) {
	if kept, ok := x.w.parts.take(a.origin.ref); ok {
		batch, docs := slices.Clone(kept), make([]*value.Document, len(kept))
		named := !x.takesParts(a)
		for i, rec := range kept {
			if doc, ok := rec.Data.(*value.Document); ok {
				batch[i].Data, docs[i] = doc.Value, doc
			}
			if part, ok := batch[i].Data.(*value.Part); ok && named {
				batch[i].Data = part.Object()
			}
		}
		return batch, docs, nil
	}
	batch, err := x.w.batch(ctx, a.origin.ref)
	return batch, nil, err
}

// takesParts says whether nobody but a mapping that takes parts looks at the records.
func (x *pass) takesParts(a *arrival) bool {
	return x.step.mapping.TakesParts() && x.condition(a) == nil && len(x.step.evaluated) == 0 && x.step.order == nil
}

// whole is the record as it came, all of it.
func (it *item) whole() *flow.Record {
	if it.part != nil {
		it.rec.Data, it.part = it.part.Whole(), nil
	}
	return it.rec
}

// keepParts keeps what was read of the records of a source.
func (w *Worker) keepParts(s *step, e flow.Entry) {
	if s == nil || s.kind != reading || s.want == nil {
		return
	}
	for o, batch := range e.Batches {
		if n := len(s.leaves[o]); n > 0 && o == s.first() {
			w.parts.keep(ref(e.StepRun, o), batch, n)
		}
	}
}

// parts keeps batches of a moment ago until each step behind has taken them.
type parts struct {
	mu    sync.Mutex
	known map[flow.Ref]*partly
	order []flow.Ref
}

type partly struct {
	batch   flow.Batch
	readers int
}

// partsLimit is how many batches are kept: what may wait behind some sources.
const partsLimit = 4 * waitLimit

func (c *parts) keep(r flow.Ref, batch flow.Batch, readers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[flow.Ref]*partly{}
	}
	c.known[r] = &partly{batch, readers}
	c.order = append(c.order, r)
	if len(c.order) > partsLimit {
		delete(c.known, c.order[0])
		c.order = c.order[1:]
	}
}

func (c *parts) take(r flow.Ref) (flow.Batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.known[r]
	if one == nil {
		return nil, false
	}
	if one.readers--; one.readers == 0 {
		c.drop(func(other flow.Ref) bool { return other == r })
	}
	return one.batch, true
}

// forget lets go of what is kept of a run.
func (c *parts) forget(id flow.RunID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(func(r flow.Ref) bool { return r.Run == id })
}

func (c *parts) drop(which func(flow.Ref) bool) {
	c.order = slices.DeleteFunc(c.order, func(r flow.Ref) bool {
		if which(r) {
			delete(c.known, r)
			return true
		}
		return false
	})
}
