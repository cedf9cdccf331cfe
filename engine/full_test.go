package engine_test

import (
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// fullHistory has no room for step runs once all of these steps want to write one.
type fullHistory struct {
	engine.History
	mu    sync.Mutex
	waits map[flow.StepID]bool
	gone  chan struct{}
}

func (h *fullHistory) Append(ctx context.Context, e flow.Entry) (int, error) {
	h.mu.Lock()
	waiting := h.waits[e.Step]
	if delete(h.waits, e.Step); waiting && len(h.waits) == 0 {
		close(h.gone)
	}
	h.mu.Unlock()
	if !waiting {
		return h.History.Append(ctx, e)
	}
	<-h.gone
	return 0, syscall.ENOSPC
}

const forked = `
jackfield: 1
name: Forked
steps:
  - {id: start, uses: test.start, with: {items: [1]}}
  - {id: a, uses: test.send}
  - {id: b, uses: test.send}
edges: [start -> a, start -> b]
`

func TestFullDiskIsToldOnceAndResumeGoesOn(t *testing.T) {
	h := enginetest.Open(t, enginetest.NewWorld(), &fullHistory{
		History: engine.NewMemory(), waits: map[flow.StepID]bool{"a": true, "b": true}, gone: make(chan struct{}),
	})
	h.Add("f", forked)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "counts", h.Counts(r.ID), "[start.done=1]")
	if text := r.Problem.Error(); strings.Count(text, "no space left") != 1 || !strings.HasSuffix(text, "; make room on the disk, then retry") {
		t.Errorf("problem: %s", text)
	}
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "counts", h.Counts(r.ID), "[a.done=1 b.done=1 start.done=1]")
}
