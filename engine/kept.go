package engine

import (
	"sync"

	"jackfield/flow"
)

// reader is one step of one run.
type reader struct {
	run  flow.RunID
	step flow.StepID
}

// kept is what steps of runs keep between their tasks, one thing each at the most. The
// history gives all of it again, so that it may be lost at any time.
type kept[T any] struct {
	mu    sync.Mutex
	known map[reader]T
}

func (k *kept[T]) keep(r reader, one T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[reader]T{}
	}
	k.known[r] = one
}

// take takes it out, so that a task that does not end leaves none behind.
func (k *kept[T]) take(r reader) T {
	k.mu.Lock()
	defer k.mu.Unlock()
	one := k.known[r]
	delete(k.known, r)
	return one
}

// forget takes out all that is kept for a run.
func (k *kept[T]) forget(id flow.RunID) (all []T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for r, one := range k.known {
		if r.run == id {
			all = append(all, one)
			delete(k.known, r)
		}
	}
	return all
}
