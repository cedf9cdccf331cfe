package flow

import (
	"slices"
	"strings"
)

// cycles tells of every group of steps in which records would go round, once, with
// a shortest way round from the group's first step.
func (f *Flow) cycles() []Problem {
	next := f.next()
	told := map[StepID]bool{}
	var problems []Problem
	for _, s := range f.suspects(next) {
		if told[s] {
			continue
		}
		loop := wayBack(s, next)
		if loop == nil {
			continue
		}
		for _, id := range group(s, next) {
			told[id] = true
		}
		problems = append(problems, Problem{
			Step: s, Code: Cycle,
			What: "records would go round: " + round(loop), Fix: "remove one of these edges",
		})
	}
	return problems
}

// suspects lists the steps that are left when those that nothing leads to are taken
// away again and again: all that are in or behind a loop. A flow without loops has
// none, so the search below costs nothing.
func (f *Flow) suspects(next map[StepID][]StepID) []StepID {
	coming := map[StepID]int{}
	for _, ends := range next {
		for _, to := range ends {
			coming[to]++
		}
	}
	var free []StepID
	for _, s := range f.Steps {
		if coming[s.ID] == 0 {
			free = append(free, s.ID)
		}
	}
	gone := map[StepID]bool{}
	for len(free) > 0 {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		if gone[id] {
			continue
		}
		gone[id] = true
		for _, to := range next[id] {
			if coming[to]--; coming[to] == 0 {
				free = append(free, to)
			}
		}
	}
	var left []StepID
	for _, s := range f.Steps {
		if !gone[s.ID] {
			left = append(left, s.ID)
		}
	}
	return left
}

// wayBack finds a shortest way along the edges from start to itself: start first and
// last. It is nil where there is none.
func wayBack(start StepID, next map[StepID][]StepID) []StepID {
	from := map[StepID]StepID{}
	todo := []StepID{start}
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		for _, to := range next[id] {
			if to == start {
				way := []StepID{start}
				for ; id != start; id = from[id] {
					way = append(way, id)
				}
				way = append(way, start)
				slices.Reverse(way)
				return way
			}
			if _, seen := from[to]; !seen {
				from[to] = id
				todo = append(todo, to)
			}
		}
	}
	return nil
}

// group lists the steps that can be reached from start and lead back to it.
func group(start StepID, next map[StepID][]StepID) []StepID {
	back := map[StepID][]StepID{}
	for id, ends := range next {
		for _, to := range ends {
			back[to] = append(back[to], id)
		}
	}
	forth := reach(start, next)
	return slices.DeleteFunc(reach(start, back), func(id StepID) bool { return !slices.Contains(forth, id) })
}

func reach(start StepID, next map[StepID][]StepID) []StepID {
	seen := map[StepID]bool{start: true}
	all := []StepID{start}
	for i := 0; i < len(all); i++ {
		for _, to := range next[all[i]] {
			if !seen[to] {
				seen[to] = true
				all = append(all, to)
			}
		}
	}
	return all
}

// longestLoop is how many steps of a loop are named.
const longestLoop = 12

func round(loop []StepID) string {
	names := make([]string, 0, len(loop))
	for i, id := range loop {
		if len(loop) > longestLoop && i == longestLoop-1 {
			names = append(names, "…", string(loop[0]))
			break
		}
		names = append(names, string(id))
	}
	return strings.Join(names, " → ")
}
