package engine_test

import (
	"testing"
	"testing/synctest"

	"jackfield/engine"
	"jackfield/flow"
)

// A question is answered, and another one comes in its place: as many are open as before.
func TestWhoLooksAtQuestionsIsToldOfEachChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", `
jackfield: 1
name: Two rounds
steps:
  - {id: start, uses: test.start, with: {items: [1, 2]}}
  - {id: ask, uses: test.ask, with: {text: "May it?"}}
  - {id: check, uses: test.ask, with: {text: "Was it right?"}}
edges: [start -> ask, ask.approved -> check]
`)
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := len(h.Events())
		first := h.Questions(id)[0]
		h.Answer(first.ID, flow.Approve)
		for _, q := range h.Questions(id) { // at once, and not when the run has got round to it
			if q.ID == first.ID {
				t.Errorf("%s is asked although it was answered", q.ID)
			}
		}
		synctest.Wait()
		open := h.Questions(id)
		equal(t, "open", len(open), 2)
		equal(t, "the new one", open[1].Text, "Was it right?")
		told := 0
		for _, e := range h.Events()[before:] {
			if e.Kind == flow.RunChanged && e.Run.ID == id && e.Run.Questions > 0 {
				told++
			}
		}
		if told < 2 {
			t.Errorf("told %d times that questions went and came", told)
		}
		h.Close()
	})
}
