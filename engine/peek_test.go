package engine_test

import (
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func TestPeekComputesWhatWouldComeAndTouchesNothing(t *testing.T) {
	f := enginetest.Parse(t, `
jackfield: 1
name: Look
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {pages: 1000, size: 3}}
  - {id: shape, uses: test.map, map: "{number: .n}"}
  - {id: push, uses: test.send, map: "{body: .number, unfinished}"}
  - {id: behind, uses: test.map}
  - {id: broken, uses: test.nothing}
edges:
  - start -> read
  - read -> shape
  - {from: shape, to: push, when: .number % 2 == 1}
  - push -> behind
  - behind -> broken
`)
	w := enginetest.NewWorld()
	look := func(step flow.StepID, limit int) (flow.Batch, error) {
		return engine.Peek(t.Context(), engine.PeekOptions{Flow: f, Step: step, Limit: limit, Ops: w.Ops()})
	}
	got, err := look("push", 2)
	if err != nil {
		t.Fatal(err)
	}
	var data []any
	for _, r := range got {
		data = append(data, r.Data)
	}
	equal(t, "what comes to push", data, []any{map[string]any{"number": 1}, map[string]any{"number": 3}})
	got, err = look("read", 5)
	if err != nil || len(got) != 1 {
		t.Errorf("what comes to read: %v, %v", got, err)
	}
	if got, err = look("start", 5); len(got) != 0 || err != nil {
		t.Errorf("what comes to the trigger: %v, %v", got, err)
	}
	if _, err = look("behind", 5); err == nil || !strings.Contains(err.Error(), "push") {
		t.Errorf("behind a step with problems: %v", err)
	}
	f.Steps[3].Map = "{body: .number}"
	if _, err = look("behind", 5); err == nil || !strings.Contains(err.Error(), `step "push" would change something outside`) {
		t.Errorf("behind a step that changes something: %v", err)
	}
	equal(t, "what was sent", len(w.Sent()), 0)
	if _, err = look("nowhere", 5); err == nil {
		t.Error("a step that is not there")
	}
}

func TestPeekTellsWhyNothingComes(t *testing.T) {
	f := enginetest.Parse(t, `
jackfield: 1
name: Look
steps:
  - {id: start, uses: test.start, with: {items: out of order}}
  - {id: end, uses: test.map}
edges: [start -> end]
`)
	_, err := engine.Peek(t.Context(), engine.PeekOptions{Flow: f, Step: "end", Ops: enginetest.NewWorld().Ops()})
	if err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("got %v", err)
	}
}
