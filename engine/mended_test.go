package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"jackfield/engine"
	"jackfield/flow"
)

const prices = `
jackfield: 1
name: Prices
steps:
  - {id: start, uses: test.start, with: {items: [1, two, 3]}}
  - {id: double, uses: test.send, map: '{body: (. + 1)}'}
edges: [start -> double]
`

func TestResumeGoesByTheMendedFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", prices)
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunPartial)
		equal(t, "counts", h.Counts(r.ID), "[double.done=2 double.failed=1 start.done=3]")
		h.Add("f", strings.Replace(prices, "(. + 1)", "(tonumber? // 2 | . + 1)", 1))
		r = h.Resume(r.ID)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "version", r.Version, 2)
		equal(t, "counts", h.Counts(r.ID), "[double.done=3 start.done=3]")
	})
}

func TestResumeKeepsItsVersionWhereTheFlowHangsTogetherOtherwise(t *testing.T) {
	for _, test := range []struct{ name, old, new string }{
		{"a step is gone", "  - {id: double,", "  - {id: other, uses: test.send}\n  - {id: double,"},
		{"a step does something else", "test.send", "test.sendall"},
		{"a step is off", "test.send,", "test.send, off: true,"},
		{"an edge is gone", "edges: [start -> double]", "edges: []"},
		{"an edge leaves by another outlet", "start -> double", "start.failed -> double"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.Add("f", prices)
				r := h.Run(engine.Start{Flow: "f"})
				changed := strings.Replace(prices, test.old, test.new, 1)
				if changed == prices {
					t.Fatalf("nothing changed by %q", test.new)
				}
				h.Add("f", changed)
				r = h.Resume(r.ID)
				equal(t, "version", r.Version, 1)
				equal(t, "state", r.State, flow.RunPartial)
				equal(t, "counts", h.Counts(r.ID), "[double.done=2 double.failed=1 start.done=3]")
			})
		})
	}
}
