package editor

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"jackfield/flow"
)

// Any sequence of changes can be taken back to the beginning and done again to the
// end, and the flow and its drawing are sound at every point of the way.
func TestEveryChangeCanBeTakenBackAndDoneAgain(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d := New(large(12), testOps)
			d.SetView(View{Zoom: 1, W: 900, H: 700})
			p := person{d: d, rng: rand.New(rand.NewPCG(seed, 7)), now: noon}
			states := []flow.Flow{d.Flow()}
			for range 80 {
				p.act()
				sound(t, d)
				if _, done := d.Past(); done != len(states)-1 {
					states = append(states[:min(done, len(states))], d.Flow())
				} else {
					states[done] = d.Flow()
				}
			}
			for i := len(states) - 1; i >= 0; i-- {
				if !reflect.DeepEqual(d.Flow(), states[i]) {
					t.Fatalf("undo to change %d gives\n%v, want\n%v", i, d.Flow(), states[i])
				}
				sound(t, d)
				d.Undo()
			}
			for i := range states {
				if !reflect.DeepEqual(d.Flow(), states[i]) {
					t.Fatalf("redo to change %d gives\n%v, want\n%v", i, d.Flow(), states[i])
				}
				sound(t, d)
				d.Redo()
			}
		})
	}
}

// person does something at random.
type person struct {
	d   *Document
	rng *rand.Rand
	now time.Time
}

func (p *person) step() flow.StepID {
	if p.d.Len() == 0 {
		return ""
	}
	return p.d.Cards()[p.rng.IntN(p.d.Len())].ID()
}

func (p *person) steps() []flow.StepID {
	var ids []flow.StepID
	for range 1 + p.rng.IntN(3) {
		if id := p.step(); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *person) edge() EdgeID {
	if len(p.d.Arrows()) == 0 {
		return EdgeID{}
	}
	return p.d.Arrows()[p.rng.IntN(len(p.d.Arrows()))].ID()
}

func (p *person) outlet(id flow.StepID) flow.Outlet {
	if list := p.d.Outlets(id); len(list) > 0 {
		return list[p.rng.IntN(len(list))]
	}
	return flow.Done
}

func (p *person) op() flow.OpID {
	ids := append(testOps.OpIDs(), "fax.send")
	return ids[p.rng.IntN(len(ids))]
}

func (p *person) point() flow.Point {
	return flow.Point{X: p.rng.Float32() * 1500, Y: p.rng.Float32() * 1500}
}

// act ignores refusals: what is refused must leave no trace, and the test sees to it.
func (p *person) act() {
	d := p.d
	p.now = p.now.Add(time.Duration(p.rng.IntN(1000)) * time.Millisecond)
	id := p.step()
	actions := []func(){
		func() { d.AddStep(p.op(), p.point()) },
		func() { _, _ = d.AddStepAfter(id, p.outlet(id), p.op()) },
		func() { _ = d.Connect(id, p.outlet(id), p.step()) },
		func() { _ = d.Connect(id, p.outlet(id), p.step()) },
		func() { _ = d.Reconnect(p.edge(), id, p.outlet(id), p.step()) },
		func() { d.Disconnect(p.edge()) },
		func() { d.Delete(p.steps()...) },
		func() { d.DeleteAndHeal(p.steps()...) },
		func() { d.Move(p.steps(), p.rng.Float32()*100, p.rng.Float32()*100) },
		func() { _ = d.Rename(id, flow.StepID(fmt.Sprintf("n%d", p.rng.IntN(40)))) },
		func() { d.SetTitle(id, fmt.Sprint(p.rng.IntN(5)), p.now) },
		func() { d.SetField(id, "path", fmt.Sprint(p.rng.IntN(5)), p.now) },
		func() {
			name := fmt.Sprintf("c%d", p.rng.IntN(3))
			d.SetField(id, "cases", []any{map[string]any{"name": name, "when": "$steps.s1"}}, p.now)
		},
		func() { d.SetUses(id, p.op()) },
		func() { d.SetWhen(p.edge(), "$steps.s1.x", p.now) },
		func() { _, _ = d.SpliceNew(p.edge(), p.op(), p.point()) },
		func() { _ = d.Splice(p.edge(), id, p.point()) },
		func() { d.Tidy(p.steps()...) },
		func() { d.Tidy() },
		func() { d.Undo() },
		func() { d.Undo() },
		func() { d.Redo() },
		func() { d.Select(p.steps()...) },
		func() { d.ToggleEdge(p.edge()) },
		func() { d.DeleteSelection(p.rng.IntN(2) == 0) },
		func() { _ = d.Join(id, p.step()) },
		func() { d.BeginDrag(p.steps()); d.Drag(5, 6) },
		func() { d.Drop() },
		func() { d.Nudge(Direction(p.rng.IntN(4)), false) },
		func() { d.SetOff(p.rng.IntN(2) == 0, p.steps()...) },
		func() {
			text, _ := d.Copy()
			_, _ = d.Paste(text, p.point())
		},
		func() { d.Cut() },
		func() { _, _ = d.Duplicate() },
	}
	actions[p.rng.IntN(len(actions))]()
}

// sound checks what holds of every flow that was drawn, and that the drawing is what
// one made afresh would be.
func sound(t *testing.T, d *Document) {
	t.Helper()
	seen := map[flow.StepID]bool{}
	for _, s := range d.Flow().Steps {
		if seen[s.ID] || !s.ID.Valid() {
			t.Fatalf("the id %q is there twice or does not serve", s.ID)
		}
		seen[s.ID] = true
	}
	edges := map[EdgeID]bool{}
	for _, e := range d.Flow().Edges {
		if !seen[e.From] || !seen[e.To] || edges[idOf(&e)] || e.From == e.To {
			t.Fatalf("the edge %v hangs loose, leads to itself or is there twice", e)
		}
		edges[idOf(&e)] = true
	}
	for _, c := range d.Cards() {
		if d.downstreamOfNext(c)[c.ID()] {
			t.Fatalf("step %s leads to itself", c.ID())
		}
	}
	for _, id := range d.Selected() {
		if !seen[id] {
			t.Fatalf("step %s is selected and gone", id)
		}
	}
	for _, id := range d.SelectedEdges() {
		if !edges[id] {
			t.Fatalf("edge %v is selected and gone", id)
		}
	}
	asFresh(t, d)
}

func (d *Document) downstreamOfNext(c *Card) map[flow.StepID]bool {
	all := map[flow.StepID]bool{}
	for _, a := range c.out {
		for id := range d.downstream(a.to) {
			all[id] = true
		}
	}
	return all
}

func asFresh(t *testing.T, d *Document) {
	t.Helper()
	fresh := New(d.Flow(), testOps)
	if d.Dragging() {
		fresh.BeginDrag(d.draggedIDs())
		fresh.Drag(d.moved.dx, d.moved.dy)
	}
	if len(fresh.Cards()) != len(d.Cards()) || len(fresh.Arrows()) != len(d.Arrows()) || d.drawn.loose != 0 {
		t.Fatalf("%d cards, %d edges, %d of them loose", len(d.Cards()), len(d.Arrows()), d.drawn.loose)
	}
	for i, c := range d.Cards() {
		want := fresh.Cards()[i]
		if c.ID() != want.ID() || c.Rect != want.Rect || !slices.Equal(c.Outlets, want.Outlets) ||
			len(c.in) != len(want.in) || len(c.out) != len(want.out) || c.cell != want.cell || c.order != i {
			t.Fatalf("card %s is drawn as %+v, afresh as %+v", c.ID(), c, want)
		}
	}
	for i, a := range d.Arrows() {
		want := fresh.Arrows()[i]
		if a.Curve != want.Curve || a.cells != want.cells || !a.filed || a.order != i {
			t.Fatalf("edge %v is drawn as %+v, afresh as %+v", a.ID(), a, want)
		}
	}
	count := func(w *drawing) (n int) {
		for _, list := range w.linesAt {
			n += len(list)
		}
		for _, list := range w.cardsAt {
			n += len(list)
		}
		return n + len(w.long)
	}
	if got, want := count(&d.drawn), count(&fresh.drawn); got != want {
		t.Fatalf("the index has %d entries, afresh %d", got, want)
	}
	same(t, "the bounds", d.Bounds(), fresh.Bounds())
}
