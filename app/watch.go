package app

import (
	"context"
	"iter"
	"math"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// watchers hands every event to everyone who watches. Each has a queue of its own,
// so that nobody waits for the slowest.
type watchers struct {
	mask *kit.Mask // knows what no event may show
	mu   sync.Mutex
	all  map[*watcher]struct{}
}

// watcher is one queue. When it is full, log lines and beginnings give way to
// everything else; when it is four times as long, ends of step runs do too.
type watcher struct {
	mu    sync.Mutex
	queue []flow.Event
	bell  chan struct{}
}

// watchLimit is how many events may wait for a watcher before small ones are let go.
const watchLimit = 4096

func (w *watchers) tell(e flow.Event) {
	e.What = w.mask.Text(e.What)
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		one.put(e)
	}
}

// watch begins at once, not with the first look.
func (w *watchers) watch(ctx context.Context) iter.Seq[flow.Event] {
	one := &watcher{bell: make(chan struct{}, 1)}
	w.mu.Lock()
	if w.all == nil {
		w.all = map[*watcher]struct{}{}
	}
	w.all[one] = struct{}{}
	w.mu.Unlock()
	leave := func() {
		w.mu.Lock()
		delete(w.all, one)
		w.mu.Unlock()
	}
	stop := context.AfterFunc(ctx, leave)
	return func(yield func(flow.Event) bool) {
		defer func() { stop(); leave() }()
		for {
			for _, e := range one.take() {
				if !yield(e) {
					return
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-one.bell:
			}
		}
	}
}

func (w *watcher) put(e flow.Event) {
	w.mu.Lock()
	if len(w.queue) < roomFor(e.Kind) {
		w.queue = append(w.queue, e)
	}
	w.mu.Unlock()
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// roomFor is how many events may wait in front of one of this kind.
func roomFor(k flow.EventKind) int {
	switch k {
	case flow.Logged, flow.StepBegan, flow.PressureChanged:
		return watchLimit
	case flow.StepEnded: // a run of ten million records has tens of thousands
		return 4 * watchLimit
	}
	return math.MaxInt
}

func (w *watcher) take() []flow.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queue
	w.queue = nil
	return q
}
