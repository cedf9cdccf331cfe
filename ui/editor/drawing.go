package editor

import (
	"slices"

	"jackfield/flow"
)

// drawing is the scene as it lies on the canvas: cards and arrows, and where to find
// them. It follows the scene; nothing is kept in it that cannot be made again.
type drawing struct {
	list    []*Card  // as scene.steps
	lines   []*Arrow // as scene.edges
	shown   *scene
	cards   map[flow.StepID]*Card
	cardsAt cells[*Card]
	linesAt cells[*Arrow]
	long    []*Arrow // that would fill too many cells
	tallest float32
	asked   int // numbers the questions, so that an arrow in several cells answers once
	bounds  Rect
	stale   bool // bounds are to be computed again
	loose   int  // arrows with an end that is not there
}

func newDrawing() drawing {
	return drawing{
		shown:   &scene{},
		cards:   map[flow.StepID]*Card{},
		cardsAt: cells[*Card]{},
		linesAt: cells[*Arrow]{},
		tallest: CardHeight,
	}
}

// follow makes the drawing show s, touching only what differs.
func (w *drawing) follow(d *Document, s *scene) {
	if len(w.list) != len(w.cards) { // two steps of one id: a file by hand
		*w = newDrawing()
	}
	touched := map[*Card]bool{}
	ids := w.followSteps(d, s.steps, touched)
	w.followEdges(s.edges, touched)
	if ids {
		w.tieLoose(touched)
	}
	for c := range touched {
		w.settle(c)
	}
	w.shown, w.stale = s, true
}

// followSteps gives whether any id came or went.
func (w *drawing) followSteps(d *Document, steps []*flow.Step, touched map[*Card]bool) bool {
	from, to := differing(w.shown.steps, steps)
	if from == len(steps) && len(steps) == len(w.shown.steps) {
		return false
	}
	old := w.list[from : len(w.list)-to]
	next := make([]*Card, 0, len(steps))
	next = append(next, w.list[:from]...)
	keep := make(map[*flow.Step]*Card, len(old))
	for _, c := range old {
		keep[c.Step] = c
	}
	var made []*Card
	for _, s := range steps[from : len(steps)-to] {
		c := keep[s]
		if c == nil {
			c = d.newCard(s)
			made = append(made, c)
		}
		delete(keep, s)
		next = append(next, c)
	}
	next = append(next, w.list[len(w.list)-to:]...)
	gone := w.retire(keep)
	came := w.enter(made, gone, touched)
	w.list = next
	for i, c := range w.list {
		c.order = i
	}
	return came || len(gone) > 0
}

// retire takes cards off the canvas, and gives them by id.
func (w *drawing) retire(left map[*flow.Step]*Card) map[flow.StepID]*Card {
	gone := make(map[flow.StepID]*Card, len(left))
	for _, c := range left {
		w.cardsAt.remove(c.cell, c)
		if w.cards[c.ID()] == c {
			gone[c.ID()] = c
			delete(w.cards, c.ID())
		}
	}
	return gone
}

// enter lays new cards on the canvas. One that takes the place of a card of the same
// id takes its arrows too; the cards left in gone had no successor.
func (w *drawing) enter(made []*Card, gone map[flow.StepID]*Card, touched map[*Card]bool) (came bool) {
	for _, c := range made {
		if before := gone[c.ID()]; before != nil {
			c.in, c.out = before.in, before.out
			for _, a := range c.in {
				a.to = c
			}
			for _, a := range c.out {
				a.from = c
			}
			delete(gone, c.ID())
		} else {
			came = true
		}
		if w.cards[c.ID()] == nil {
			w.cards[c.ID()] = c
		}
		c.cell = cellOf(flow.Point{X: c.Rect.X, Y: c.Rect.Y})
		w.cardsAt.add(c.cell, c)
		touched[c] = true
	}
	for _, c := range gone {
		for _, a := range c.in {
			w.loosen(a, &a.to)
		}
		for _, a := range c.out {
			w.loosen(a, &a.from)
		}
	}
	return came
}

func (w *drawing) loosen(a *Arrow, end **Card) {
	if a.tied() {
		w.unfile(a)
		w.loose++
	}
	*end = nil
}

func (a *Arrow) tied() bool { return a.from != nil && a.to != nil }

func (w *drawing) followEdges(edges []*flow.Edge, touched map[*Card]bool) {
	from, to := differing(w.shown.edges, edges)
	if from == len(edges) && len(edges) == len(w.shown.edges) {
		return
	}
	keep := map[*flow.Edge]*Arrow{}
	for _, a := range w.lines[from : len(w.lines)-to] {
		keep[a.Edge] = a
	}
	next := make([]*Arrow, 0, len(edges))
	next = append(next, w.lines[:from]...)
	for _, e := range edges[from : len(edges)-to] {
		a := keep[e]
		if a == nil {
			a = &Arrow{Edge: e}
			w.loose++
			w.tie(a, touched)
		}
		delete(keep, e)
		next = append(next, a)
	}
	next = append(next, w.lines[len(w.lines)-to:]...)
	for _, a := range keep {
		w.untie(a, touched)
	}
	w.lines = next
	for i, a := range w.lines {
		a.order = i
	}
}

// tie hangs an arrow on its cards, where they are there.
func (w *drawing) tie(a *Arrow, touched map[*Card]bool) {
	if a.from == nil {
		if a.from = w.cards[a.Edge.From]; a.from != nil {
			a.from.out = append(a.from.out, a)
			touched[a.from] = true
		}
	}
	if a.to == nil {
		if a.to = w.cards[a.Edge.To]; a.to != nil {
			a.to.in = append(a.to.in, a)
			touched[a.to] = true
		}
	}
	if a.tied() {
		w.loose--
	}
}

func (w *drawing) untie(a *Arrow, touched map[*Card]bool) {
	if a.tied() {
		w.unfile(a)
	} else {
		w.loose--
	}
	is := func(o *Arrow) bool { return o == a }
	if a.from != nil {
		a.from.out = slices.DeleteFunc(a.from.out, is)
		touched[a.from] = true
	}
	if a.to != nil {
		a.to.in = slices.DeleteFunc(a.to.in, is)
	}
}

func (w *drawing) tieLoose(touched map[*Card]bool) {
	if w.loose == 0 {
		return
	}
	for _, a := range w.lines {
		if !a.tied() {
			w.tie(a, touched)
		}
	}
}

// differing gives how many members at the beginning and at the end are the same.
func differing[T comparable](a, b []T) (head, tail int) {
	n := min(len(a), len(b))
	for head < n && a[head] == b[head] {
		head++
	}
	for tail < n-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

func (d *Document) newCard(s *flow.Step) *Card {
	o := d.operation(s.Uses)
	c := &Card{Step: s, op: o, Icon: o.icon(), Tint: o.tint(), Trigger: o.op.Trigger, Known: o.known}
	c.Outlets = o.outlets(s)
	c.Rect = Rect{s.At.X, s.At.Y, CardWidth, heightFor(c.Outlets)}
	return c
}

// settle brings a card's outlets and height up to date with its edges, and its arrows
// with where it lies.
func (w *drawing) settle(c *Card) {
	if w.cards[c.ID()] != c {
		return
	}
	list := c.op.outlets(c.Step)
	for _, a := range c.out {
		if o := a.Edge.Leaves(); o != flow.Failed && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	c.Outlets = list
	c.Rect.H = heightFor(list)
	w.tallest = max(w.tallest, c.Rect.H)
	w.bend(c)
}

// bend lays the arrows of a card anew.
func (w *drawing) bend(c *Card) {
	for _, a := range c.out {
		w.file(a)
	}
	for _, a := range c.in {
		w.file(a)
	}
}

// place lays a card somewhere else.
func (w *drawing) place(c *Card, at flow.Point) {
	c.Rect.X, c.Rect.Y = at.X, at.Y
	if next := cellOf(at); next != c.cell {
		w.cardsAt.remove(c.cell, c)
		c.cell = next
		w.cardsAt.add(c.cell, c)
	}
	w.stale = true
}

// Bounds holds all cards.
func (d *Document) Bounds() Rect {
	w := &d.drawn
	if w.stale {
		w.bounds, w.stale = Rect{}, false
		for _, c := range w.list {
			w.bounds = w.bounds.With(c.Rect)
		}
	}
	return w.bounds
}

// Cards lists the steps as they lie, in the order of the flow.
func (d *Document) Cards() []*Card { return d.drawn.list }

// Arrows lists the edges as they lie, in the order of the flow. An edge that names a
// step that is not there has no Curve.
func (d *Document) Arrows() []*Arrow { return d.drawn.lines }

// Card finds a step as it lies; nil where there is none.
func (d *Document) Card(id flow.StepID) *Card { return d.drawn.cards[id] }

// Arrow finds an edge as it lies; nil where there is none.
func (d *Document) Arrow(id EdgeID) *Arrow {
	from := d.drawn.cards[id.From]
	if from == nil {
		return nil
	}
	for _, a := range from.out {
		if a.ID() == id {
			return a
		}
	}
	return nil
}

// Into lists the edges that lead to a step, Out those that leave it.
func (d *Document) Into(id flow.StepID) []*Arrow {
	if c := d.drawn.cards[id]; c != nil {
		return c.in
	}
	return nil
}

// Out lists the edges that leave a step.
func (d *Document) Out(id flow.StepID) []*Arrow {
	if c := d.drawn.cards[id]; c != nil {
		return c.out
	}
	return nil
}
