package engine

import (
	"context"
	"errors"
	"slices"
	"sync"

	"jackfield/flow"
)

// turns lets no more runs of a flow go on at the same time than its settings allow; the
// others wait in the order in which they came. Runs that another run called do not count:
// they are a part of that one.
type turns struct {
	mu    sync.Mutex
	lines map[flow.ID]*line
}

// line is the runs of one flow.
type line struct {
	going   int
	waiting []*turn
}

// turn is the place of a run in the line of its flow.
type turn struct {
	of    *turns
	flow  flow.ID
	most  int // runs that may go on with it; 0 is without limit
	ready chan struct{}
}

// take gives a run the next place.
func (t *turns) take(id flow.ID, most int) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[flow.ID]*line{}
	}
	l := t.lines[id]
	if l == nil {
		l = &line{}
		t.lines[id] = l
	}
	own := &turn{of: t, flow: id, most: most, ready: make(chan struct{})}
	l.waiting = append(l.waiting, own)
	l.move()
	return own
}

// move lets go on who may.
func (l *line) move() {
	for len(l.waiting) > 0 && (l.waiting[0].most <= 0 || l.going < l.waiting[0].most) {
		l.going++
		close(l.waiting[0].ready)
		l.waiting = l.waiting[1:]
	}
}

// leave gives the place to the next run.
func (t *turn) leave() {
	if t == nil {
		return
	}
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	l := t.of.lines[t.flow]
	if at := slices.Index(l.waiting, t); at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
	} else {
		l.going--
	}
	l.move()
	if l.going == 0 && len(l.waiting) == 0 {
		delete(t.of.lines, t.flow)
	}
}

func (t *turn) isReady() bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

// lineUp takes the run's place, unless older runs are to be resumed before that.
func (r *live) lineUp() {
	if r.row.Cause != calledCause && r.turn == nil && !r.resumesFirst() {
		r.turn = r.local.turns.take(r.row.Flow, r.plan.flow.Settings.Concurrency)
	}
}

// await returns when the run may go on: when those that it resumes first are over, and
// when it has its turn. That it waits is on disk. Where it ends before, v says how.
func (r *live) await(ctx context.Context) (v verdict, goOn bool) {
	if r.resumesFirst() && !r.resumeUnresolved(ctx) {
		return cutVerdict(ctx), false
	}
	if r.row.Cause == calledCause {
		return verdict{}, true
	}
	if r.turn == nil {
		r.turn = r.local.turns.take(r.row.Flow, r.plan.flow.Settings.Concurrency)
	}
	if !r.turn.isReady() {
		r.queued(ctx, true)
		select {
		case <-r.turn.ready:
		case <-r.local.quit:
			return verdict{state: flow.Running}, false
		case <-ctx.Done():
			return cutVerdict(ctx), false
		}
	}
	r.queued(ctx, false)
	return verdict{}, true
}

// cutVerdict is how a run ends that was told to before it went on.
func cutVerdict(ctx context.Context) verdict {
	if errors.Is(context.Cause(ctx), errStopped) {
		return verdict{state: flow.RunStopped}
	}
	return verdict{state: flow.Running}
}

// queued writes whether the run waits for others. What cannot be written is told by the
// next write of the row.
func (r *live) queued(ctx context.Context, is bool) {
	if r.row.Queued == is {
		return
	}
	r.row.Queued = is
	if err := r.local.update(ctx, r.row); err != nil {
		r.local.trouble(r.row.Flow, "run %s waits for others of its flow, and that could not be written: %v", r.id, err)
	}
}
