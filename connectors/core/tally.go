package core

import (
	"math"
	"math/big"

	"jackfield/connectors/kit"
	"jackfield/flow/value"
)

// tally is what is known of a group so far.
type tally struct {
	of       *group
	key      any
	keyed    bool
	count    int
	sums     []sum // of of.Sum, then of of.Avg
	min, max []any
	first    any
	last     any
	items    []any
	weight   int
}

func newTally(g *group) *tally {
	return &tally{of: g, sums: make([]sum, len(g.Sum)+len(g.Avg)), min: make([]any, len(g.Min)), max: make([]any, len(g.Max))}
}

func (t *tally) add(data any) error {
	g := t.of
	for i, name := range g.Sum {
		t.sums[i].add(lookUp(data, name))
	}
	for i, name := range g.Avg {
		t.sums[len(g.Sum)+i].add(lookUp(data, name))
	}
	for i, name := range g.Min {
		if v := lookUp(data, name); v != nil && (t.min[i] == nil || value.Compare(v, t.min[i]) < 0) {
			t.min[i] = v
		}
	}
	for i, name := range g.Max {
		if v := lookUp(data, name); v != nil && (t.max[i] == nil || value.Compare(v, t.max[i]) > 0) {
			t.max[i] = v
		}
	}
	if t.count == 0 {
		t.first = data
	}
	t.last = data
	t.count++
	if !g.Items {
		return nil
	}
	if t.weight += value.Weight(data); t.weight > longestList {
		where := "all records"
		if t.keyed {
			where = "the group " + line(t.key)
		}
		return kit.Fail(kit.Refused, "%s would be a list of more than %d MB after %d records", where, longestList>>20, len(t.items)).
			On("items").Hint("leave the records out, or group by something finer")
	}
	t.items = append(t.items, data)
	return nil
}

// result is the record of the group.
func (t *tally) result() map[string]any {
	g := t.of
	r := map[string]any{"count": t.count}
	if t.keyed {
		r["key"] = t.key
	}
	put := func(as string, names []string, of func(i int) any) {
		if len(names) == 0 {
			return
		}
		all := make(map[string]any, len(names))
		for i, name := range names {
			all[name] = of(i)
		}
		r[as] = all
	}
	put("sum", g.Sum, func(i int) any { return t.sums[i].total() })
	put("avg", g.Avg, func(i int) any { return t.sums[len(g.Sum)+i].average() })
	put("min", g.Min, func(i int) any { return t.min[i] })
	put("max", g.Max, func(i int) any { return t.max[i] })
	if g.First {
		r["first"] = t.first
	}
	if g.Last {
		r["last"] = t.last
	}
	if g.Items {
		r["items"] = append([]any{}, t.items...)
	}
	return r
}

// sum adds numbers up: whole ones exactly, others as floats whose small parts are kept
// (Neumaier's way, so that the cents of a million invoices come out right).
type sum struct {
	count int
	small int // whole ones, as long as they fit
	whole big.Int
	float float64
	lost  float64
	mixed bool
}

func (s *sum) add(v any) {
	switch v := v.(type) {
	case int:
		s.count++
		if t := s.small + v; (t > s.small) == (v > 0) {
			s.small = t
		} else {
			s.whole.Add(&s.whole, big.NewInt(int64(v)))
		}
	case *big.Int:
		s.count++
		s.whole.Add(&s.whole, v)
	case float64:
		s.count++
		s.addFloat(v)
	}
}

func (s *sum) addFloat(f float64) {
	s.mixed = true
	t := s.float + f
	if math.Abs(s.float) >= math.Abs(f) {
		s.lost += (s.float - t) + f
	} else {
		s.lost += (f - t) + s.float
	}
	s.float = t
}

// total is the sum; that of no numbers is 0.
func (s *sum) total() any {
	if !s.mixed {
		return s.wholes()
	}
	return s.asFloat()
}

func (s *sum) wholes() *big.Int { return new(big.Int).Add(&s.whole, big.NewInt(int64(s.small))) }

func (s *sum) asFloat() float64 {
	f, _ := new(big.Float).SetInt(s.wholes()).Float64()
	if math.IsInf(s.float, 0) || math.IsNaN(s.float) {
		return s.float + f
	}
	return s.float + s.lost + f
}

// average is null where there were no numbers.
func (s *sum) average() any {
	if s.count == 0 {
		return nil
	}
	return s.asFloat() / float64(s.count)
}
