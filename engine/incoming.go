package engine

import (
	"context"
	"fmt"

	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/transforms"
)

// item is a record that came to a task, and what becomes of it.
type item struct {
	rec     *flow.Record // as it is in the history
	from    *arrival
	nth     int // its place in its batch
	fate    fate
	problem *flow.Problem   // of a failed one
	inputs  map[string]any  // what the mapping gave: inputs by name
	values  []any           // what the mapping in front of an operation with Each gave
	ask     *flow.Ask       // what it waits for an answer to
	wait    *flow.Wait      // what else it waits for
	decided []any           // what the expressions of the step's fields came to
	part    *value.Document // where rec has only a part of it
}

// fate is what became of a record.
type fate int

const (
	untouched fate = iota // it is left for another task
	going
	held // by the condition of the edge
	failed
)

// came is the record as the operation sees it. The problem because of which the step
// itself has failed it before is no part of it.
func (it *item) came() flow.Record {
	rec := *it.rec
	if it.from.again {
		rec.Problem = nil
	}
	return rec
}

func (it *item) fail(p *flow.Problem) { it.fate, it.problem = failed, p }

// incoming reads the records of the task and does what comes before the operation:
// condition, mapping, expressions.
func (x *pass) incoming(ctx context.Context) ([]*item, error) {
	return x.itemsOf(ctx, &x.task.came[0])
}

// itemsOf is what incoming does for one batch.
func (x *pass) itemsOf(ctx context.Context, a *arrival) ([]*item, error) {
	all, err := x.arrived(ctx, a)
	if err != nil {
		return nil, err
	}
	return all, x.prepare(ctx, all)
}

// arrived reads the records of one batch.
func (x *pass) arrived(ctx context.Context, a *arrival) ([]*item, error) {
	batch, parts, err := x.records(ctx, a)
	if err != nil {
		return nil, err
	}
	if a.nth > len(batch) || a.count > len(batch) {
		return nil, fmt.Errorf("the batch that left step run %d by %s has %d records and should have %d", a.origin.ref.Seq, a.origin.ref.Outlet, len(batch), a.count)
	}
	batch = batch[a.nth:a.count]
	if x.step.kind == reading {
		batch = batch[:1]
	}
	items := make([]item, len(batch))
	all := make([]*item, len(batch))
	for i := range batch {
		items[i] = item{rec: &batch[i], from: a, nth: a.nth + i, fate: going}
		if parts != nil {
			items[i].part = parts[a.nth+i]
		}
		all[i] = &items[i]
	}
	return all, nil
}

func (x *pass) prepare(ctx context.Context, items []*item) error {
	if err := x.hold(ctx, items); err != nil {
		return err
	}
	if err := x.decide(ctx, items); err != nil {
		return err
	}
	return x.mapAll(ctx, items)
}

// hold asks the conditions of the edges. They are asked of records that are taken
// again too: one may have failed because its condition did.
func (x *pass) hold(ctx context.Context, items []*item) error {
	for begin := 0; begin < len(items); {
		a, end := items[begin].from, begin
		for end < len(items) && items[end].from == a {
			end++
		}
		if when := x.condition(a); when != nil {
			if err := x.each(ctx, when, items[begin:end], func(it *item, values []any) error {
				ok, err := holds(values)
				if !ok {
					it.fate = held
				}
				return err
			}); err != nil {
				return err
			}
		}
		begin = end
	}
	return nil
}

func (x *pass) condition(a *arrival) *program {
	e := a.edge
	if a.again {
		e = a.by
	}
	if e < 0 {
		return nil
	}
	return x.plan.edges[e].when
}

// holds reads the outcome of a condition: one value that is neither null nor false.
func holds(values []any) (bool, error) {
	switch len(values) {
	case 0:
		return false, nil
	case 1:
		return values[0] != nil && values[0] != false, nil
	}
	return false, &transforms.RunError{What: fmt.Sprintf("gave %d values; a condition gives one", len(values)), Fix: "wrap it in any(…) or first(…)"}
}

// decide evaluates the expressions in the step's fields.
func (x *pass) decide(ctx context.Context, items []*item) error {
	n := len(x.step.evaluated)
	if n == 0 {
		return nil
	}
	all := make([]any, n*len(items))
	for i := range items {
		items[i].decided = all[i*n : (i+1)*n : (i+1)*n]
	}
	for i, e := range x.step.evaluated {
		var err error
		switch {
		case e.cases != nil:
			err = x.choose(ctx, i, e, items)
		case e.test:
			err = x.each(ctx, e.programs[0], items, func(it *item, values []any) (err error) {
				it.decided[i], err = holds(values)
				return err
			})
		default:
			err = x.each(ctx, e.programs[0], items, func(it *item, values []any) (err error) {
				it.decided[i], err = single(values)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// choose finds for each record the first case that holds.
func (x *pass) choose(ctx context.Context, i int, e evaluated, items []*item) error {
	open := items
	for c, p := range e.programs {
		if err := x.each(ctx, p, open, func(it *item, values []any) error {
			ok, err := holds(values)
			if ok {
				it.decided[i] = e.cases[c]
			}
			return err
		}); err != nil {
			return err
		}
		var still []*item
		for _, it := range open {
			if it.fate == going && it.decided[i] == nil {
				still = append(still, it)
			}
		}
		open = still
	}
	return nil
}

func single(values []any) (any, error) {
	if len(values) == 1 {
		return values[0], nil
	}
	return nil, counted(len(values), "one value")
}

func counted(n int, wanted string) error {
	if n == 0 {
		return &transforms.RunError{What: "gave nothing; " + wanted + " is wanted"}
	}
	return &transforms.RunError{What: fmt.Sprintf("gave %d values; %s is wanted", n, wanted)}
}

// mapAll performs the step's mapping.
func (x *pass) mapAll(ctx context.Context, items []*item) error {
	switch {
	case x.step.mapping == nil:
		return nil
	case x.step.op.Each && x.step.kind == acting:
		return x.mapInParts(ctx, items)
	}
	return x.each(ctx, x.step.mapping, items, func(it *item, values []any) error {
		if x.step.op.Each {
			it.values = values
			return nil
		}
		v, err := single(values)
		if err != nil {
			return err
		}
		inputs, ok := v.(map[string]any)
		if !ok {
			return &transforms.RunError{
				What: fmt.Sprintf("gave %s; an object with inputs of %s is wanted", kindOfValue(v), x.step.Uses),
				Fix:  "write it like {name: .value}",
			}
		}
		it.inputs = inputs
		return nil
	})
}

func kindOfValue(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}
