package engine

import (
	"context"

	"jackfield/flow"
)

// Drain lets all triggers rest, so that no run starts by itself, and waits until the runs
// that go on have ended, or do nothing but wait for an answer, a time or another run.
// When ctx ends before, it gives how many are left.
func (l *Local) Drain(ctx context.Context) (left int) {
	l.mu.Lock()
	var ids []flow.ID
	for id := range l.enabled {
		ids = append(ids, id)
	}
	l.mu.Unlock()
	for _, id := range ids {
		l.silence(id) // the ends of runs are still kept for those who wait for them
	}
	for {
		if left = l.busy(); left == 0 {
			return 0
		}
		select {
		case <-l.quiet:
		case <-ctx.Done():
			return left
		}
	}
}

// busy is how many runs do something.
func (l *Local) busy() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.live {
		if !r.rest.Load() {
			n++
		}
	}
	return n
}

// quieter tells Drain that a run has ended or only waits.
func (l *Local) quieter() {
	select {
	case l.quiet <- struct{}{}:
	default:
	}
}
