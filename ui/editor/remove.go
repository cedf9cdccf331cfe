package editor

import (
	"fmt"

	"jackfield/flow"
)

// Delete removes steps and every edge that touches them.
func (d *Document) Delete(ids ...flow.StepID) bool { return d.remove(ids, nil, false) }

// DeleteAndHeal removes steps and leads what came to them on to what came after them.
func (d *Document) DeleteAndHeal(ids ...flow.StepID) bool { return d.remove(ids, nil, true) }

// DeleteSelection removes what is selected, steps and edges, in one change.
func (d *Document) DeleteSelection(heal bool) bool {
	return d.remove(d.pick.steps, d.pick.edges, heal)
}

func (d *Document) remove(ids []flow.StepID, edges []EdgeID, heal bool) bool {
	gone := map[flow.StepID]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	cut := map[EdgeID]bool{}
	for _, id := range edges {
		cut[id] = true
	}
	words := "deleted " + d.several(ids)
	if len(ids) == 0 {
		words = "took an edge away"
		if len(edges) > 1 {
			words = fmt.Sprintf("took %d edges away", len(edges))
		}
	}
	return d.change(words, func(t *draft) {
		if heal {
			d.heal(t, gone, cut)
		}
		t.dropSteps(func(id flow.StepID) bool { return gone[id] })
		t.dropEdges(func(e *flow.Edge) bool { return cut[idOf(e)] })
	})
}

// heal adds an edge for each way that leads from outside through steps that go to a
// step that stays. It keeps the first edge's outlet and condition. Ways of failed
// records are not healed: they would mix with those that went well.
func (d *Document) heal(t *draft, gone map[flow.StepID]bool, cut map[EdgeID]bool) {
	for _, e := range t.edges {
		if gone[e.From] || !gone[e.To] || cut[idOf(e)] {
			continue
		}
		for _, to := range d.onward(e.To, gone, cut) {
			next := *e
			next.To = to
			if next.From != to && !t.hasEdge(idOf(&next)) {
				t.addEdge(next)
			}
		}
	}
}

// onward lists the steps that stay and that records reach from a step that goes,
// through others that go.
func (d *Document) onward(id flow.StepID, gone map[flow.StepID]bool, cut map[EdgeID]bool) []flow.StepID {
	var found []flow.StepID
	seen := map[flow.StepID]bool{id: true}
	queue := []flow.StepID{id}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, a := range d.Out(at) {
			to := a.Edge.To
			if a.to == nil || a.Failed() || cut[a.ID()] || seen[to] {
				continue
			}
			seen[to] = true
			if gone[to] {
				queue = append(queue, to)
			} else {
				found = append(found, to)
			}
		}
	}
	return found
}
