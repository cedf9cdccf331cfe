package depot

import (
	"context"
	"encoding/hex"
	"hash/fnv"
	"strings"
	"sync"
)

// partName is what a file is called until it is whole. what tells two of them apart.
func partName(name, what string) string {
	h := fnv.New64a()
	h.Write([]byte(what))
	return "." + clipped(name) + partMark + hex.EncodeToString(h.Sum(nil)) + partEnding
}

const (
	partMark   = ".jf-"
	partEnding = ".part"
)

// clipped keeps a name short enough for what is put around it.
func clipped(name string) string { return name[:min(len(name), 180)] }

// isPart says whether a name is one of a file that is not whole.
func isPart(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, partEnding) && strings.Contains(name, partMark)
}

// turns lets one at a time do something with a name.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when it is free again
}

// take waits for the turn. Who has it gives it back once.
func (t *turns) take(ctx context.Context, name string) (giveBack func(), err error) {
	for {
		t.mu.Lock()
		busy := t.taken[name]
		if busy == nil {
			mine := make(chan struct{})
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[name] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.taken, name)
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
