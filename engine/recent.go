package engine

import (
	"sync"

	"jackfield/flow"
)

// recent keeps the batches that were written or read a moment ago: nearly always they
// are the next to be read. Nobody changes what is in them.
type recent struct {
	mu      sync.Mutex
	batches map[flow.Ref]flow.Batch
	order   []flow.Ref // oldest first
	records int
}

// recentLimit is how many records are kept.
const recentLimit = 16_384

func (c *recent) keep(r flow.Ref, b flow.Batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.batches == nil {
		c.batches = map[flow.Ref]flow.Batch{}
	}
	if _, there := c.batches[r]; there || len(b) > recentLimit/4 {
		return
	}
	c.batches[r] = b
	c.order = append(c.order, r)
	c.records += len(b) + 16 // a batch of one costs more than a record
	for c.records > recentLimit {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.records -= len(c.batches[oldest]) + 16
		delete(c.batches, oldest)
	}
}

func (c *recent) batch(r flow.Ref) (flow.Batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.batches[r]
	return b, ok
}

// forget lets go of a run's batches.
func (c *recent) forget(id flow.RunID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.order[:0]
	for _, r := range c.order {
		if r.Run != id {
			kept = append(kept, r)
			continue
		}
		c.records -= len(c.batches[r]) + 16
		delete(c.batches, r)
	}
	c.order = kept
}
