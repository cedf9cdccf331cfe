package engine

import (
	"reflect"
	"sync"
	"time"

	"jackfield/flow"
)

// Waiting tells what waits on each edge and which steps rest because of it, both in the
// order of the flow.
func (s State) Waiting(p *Plan) flow.Pressure {
	var all flow.Pressure
	for i, one := range s.steps {
		if one.waiting.len > 0 {
			all.Waits = append(all.Waits, one.waits(p, i)...)
		}
		if by, held := p.heldBy(s, i); held {
			all.Held = append(all.Held, flow.Held{Step: p.steps[i].ID, By: by})
		}
	}
	return all
}

// waits counts what waits at a step by the edges it came by, in their order.
func (one *progress) waits(p *Plan, i int) []flow.Waits {
	by := make([]flow.Waits, len(p.edges)+1) // in front what came by none
	for a := range one.waiting.all() {
		w := &by[a.edge+1]
		w.Batches++
		w.Records += a.count - a.nth
	}
	var some []flow.Waits
	for n, w := range by {
		if w.Batches > 0 {
			w.Edge, w.Step, w.Gathers = n-1, p.steps[i].ID, p.steps[i].collects()
			some = append(some, w)
		}
	}
	return some
}

// heldBy finds the step behind a source or barrier at which most waits, where that is
// why it rests.
func (p *Plan) heldBy(s State, i int) (by flow.StepID, held bool) {
	one, me := s.steps[i], &p.steps[i]
	gives := me.kind == reading && one.waiting.len > 0 || me.kind == gathering && one.assembly.all > 0
	if !gives || one.broken != nil && me.kind == gathering || !p.held(s, i) {
		return "", false
	}
	most := 0
	for _, j := range me.behind {
		if n := s.steps[j].waiting.len; n > most && !p.steps[j].collects() {
			by, most = p.steps[j].ID, n
		}
	}
	return by, true
}

// gauge tells those who watch a run how much waits in it, a few times a second at the
// most.
type gauge struct {
	plan *Plan
	tell func(flow.Pressure)

	mu     sync.Mutex
	state  State
	told   flow.Pressure
	timer  *time.Timer // set while something is to be told
	closed bool
}

// gaugeEvery is the shortest time between two readings, and before the first.
const gaugeEvery = 250 * time.Millisecond

// note takes the state that the run has now.
func (g *gauge) note(s State) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = s
	if g.timer == nil {
		g.timer = time.AfterFunc(gaugeEvery, g.read)
	}
}

func (g *gauge) read() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timer = nil
	if !g.closed {
		g.say(g.state.Waiting(g.plan))
	}
}

func (g *gauge) say(now flow.Pressure) {
	if !reflect.DeepEqual(now, g.told) {
		g.told = now
		g.tell(now)
	}
}

// close ends it: nothing is told any more but that nothing waits.
func (g *gauge) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	if g.timer != nil {
		g.timer.Stop()
	}
	g.say(flow.Pressure{})
}
