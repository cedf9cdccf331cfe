package store

import (
	"container/list"
	"slices"
	"sync"

	"jackfield/flow"
	"jackfield/flow/value"
)

// mostCached is how many batches are kept at the most, however small they are.
const mostCached = 512

// batchCache keeps the batches used last, so that the next step need not read again
// what the one before has just written.
type batchCache struct {
	most int64 // bytes of memory, about

	mu     sync.Mutex
	bytes  int64
	recent list.List // of *cached, the last used in front
	byRef  map[flow.Ref]*list.Element
}

type cached struct {
	ref   flow.Ref
	batch flow.Batch
	size  int64
}

func newBatchCache(most int64) *batchCache {
	return &batchCache{most: most, byRef: map[flow.Ref]*list.Element{}}
}

func (c *batchCache) get(ref flow.Ref) (flow.Batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byRef[ref]
	if e == nil {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cached).batch, true
}

// put keeps a batch. One that alone would fill half of the room is not kept.
func (c *batchCache) put(ref flow.Ref, batch flow.Batch) {
	size := footprint(batch)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byRef[ref] != nil || size > c.most/2 {
		return
	}
	c.byRef[ref] = c.recent.PushFront(&cached{ref: ref, batch: slices.Clip(batch), size: size})
	c.bytes += size
	for c.bytes > c.most || c.recent.Len() > mostCached {
		c.drop(c.recent.Back())
	}
}

// footprint is about how much memory a batch takes, which may be more than ten times
// its size as JSON. Of a long one it looks at some records.
func footprint(batch flow.Batch) int64 {
	const record, looks = 160, 16
	if len(batch) == 0 {
		return record
	}
	step := max(1, len(batch)/looks)
	size, looked := 0, 0
	for i := 0; i < len(batch); i += step {
		size += record + value.Footprint(batch[i].Data)
		looked++
	}
	return int64(size) * int64(len(batch)) / int64(looked)
}

// forget drops the batches of a run.
func (c *batchCache) forget(id flow.RunID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref, e := range c.byRef {
		if ref.Run == id {
			c.drop(e)
		}
	}
}

func (c *batchCache) drop(e *list.Element) {
	one := c.recent.Remove(e).(*cached)
	delete(c.byRef, one.ref)
	c.bytes -= one.size
}
