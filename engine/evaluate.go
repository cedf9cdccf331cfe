package engine

import (
	"context"

	"jackfield/transforms"
)

// each runs jq on every item that is still going, and lets use read what it gave. An
// error of the program or of use fails the item.
func (x *pass) each(ctx context.Context, p *program, items []*item, use func(*item, []any) error) error {
	live := make([]*item, 0, len(items))
	for _, it := range items {
		if it.fate == going {
			live = append(live, it)
		}
	}
	outcomes, err := x.eval(ctx, p, live)
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		it := live[i]
		err := o.Err
		if err == nil {
			err = use(it, o.Values)
		}
		if err != nil && it.part != nil { // what is told of it may speak of all of the record
			it.whole()
			again, stop := x.eval(ctx, p, live[i:i+1])
			if stop != nil {
				return stop
			}
			if err = again[0].Err; err == nil {
				err = use(it, again[0].Values)
			}
		}
		if err != nil {
			it.fail(x.problem(err, p.field, it.rec.ID))
		}
	}
	return nil
}

// eval runs jq on the items, as many at once as see the same variables.
func (x *pass) eval(ctx context.Context, p *program, items []*item) ([]transforms.Outcome, error) {
	outcomes := make([]transforms.Outcome, 0, len(items))
	for begin := 0; begin < len(items); {
		vars, end, err := x.sight(ctx, p, items, begin)
		if err != nil {
			return nil, err
		}
		data := make([]any, 0, end-begin)
		for _, it := range items[begin:end] {
			data = append(data, it.rec.Data)
		}
		outcomes = append(outcomes, p.Batch(ctx, data, vars)...)
		if ctx.Err() != nil {
			return nil, x.undone(ctx)
		}
		begin = end
	}
	return outcomes, nil
}
