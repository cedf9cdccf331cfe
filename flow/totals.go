package flow

import (
	"cmp"
	"slices"
)

// Totals counts what left each step by each outlet. Records that a later step run of
// the same step took again no longer count where they had rested.
func Totals(steps []StepRun) map[StepID]map[Outlet]int {
	totals := map[StepID]map[Outlet]int{}
	at := func(s StepID) map[Outlet]int {
		if totals[s] == nil {
			totals[s] = map[Outlet]int{}
		}
		return totals[s]
	}
	bySeq := map[int]StepRun{}
	for _, s := range steps {
		bySeq[s.Seq] = s
		if s.Step == "" {
			continue
		}
		counts := at(s.Step)
		for outlet, n := range s.Out {
			counts[outlet] += n
		}
		in := s.In
		for _, ref := range s.From {
			if from := bySeq[ref.Seq]; from.Step == s.Step && (ref.Outlet == Failed || ref.Outlet == Waiting) {
				again := min(in, from.Out[ref.Outlet])
				counts[ref.Outlet] -= again
				in -= again
			}
		}
	}
	for _, counts := range totals {
		for outlet, n := range counts {
			if n == 0 {
				delete(counts, outlet)
			}
		}
	}
	return totals
}

// CompareOutlets orders outlets for a person: done first, failed last.
func CompareOutlets(a, b Outlet) int {
	rank := func(o Outlet) int { return slices.Index([]Outlet{Done, "", Failed}, o) }
	ra, rb := rank(a), rank(b)
	if ra < 0 {
		ra = 1
	}
	if rb < 0 {
		rb = 1
	}
	return cmp.Or(cmp.Compare(ra, rb), cmp.Compare(a, b))
}
