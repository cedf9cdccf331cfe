package engine

import (
	"context"

	"jackfield/flow"
)

// Drain lets all triggers rest, so that no run starts by itself, and waits for the end
// of those that go on. When ctx ends before, it gives how many are left.
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
	for _, id := range l.runningIDs() {
		r := l.running(id)
		if r == nil {
			continue
		}
		select {
		case <-r.ended:
		case <-ctx.Done():
			return len(l.runningIDs())
		}
	}
	return 0
}
