package engine

import (
	"context"

	"jackfield/flow/value"
)

// What a mapping makes of a batch may be a thousand times as much. Behind about so many
// bytes of JSON the rest of the batch is left for another task.
const (
	partWeight  = 8 << 20
	firstMapped = 64 // records; twice as many next
	weighEvery  = 8  // records
)

// mapInParts performs a mapping that may give any number of values.
func (x *pass) mapInParts(ctx context.Context, items []*item) error {
	weight := 0
	for chunk := firstMapped; len(items) > 0; chunk *= 2 {
		some := items[:min(chunk, len(items))]
		items = items[len(some):]
		n := 0
		if err := x.each(ctx, x.step.mapping, some, func(it *item, values []any) error {
			it.values = values
			if n++; n%weighEvery == 1 || len(values) > weighEvery {
				weight += weigh(values, n%weighEvery == 1)
			}
			return nil
		}); err != nil {
			return err
		}
		if weight > partWeight {
			for _, it := range items {
				it.fate = untouched
			}
			return nil
		}
	}
	return nil
}

// weigh is about how much the values weigh, and where this record stands for others too
// how much those do. Of many it looks at some.
func weigh(values []any, stands bool) int {
	if len(values) == 0 {
		return 0
	}
	step := 1 + len(values)/weighEvery
	weight, looked := 0, 0
	for i := 0; i < len(values); i += step {
		weight += value.Weight(values[i])
		looked++
	}
	weight = weight * len(values) / looked
	if stands && len(values) <= weighEvery {
		weight *= weighEvery
	}
	return weight
}
