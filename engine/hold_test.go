package engine_test

import (
	"fmt"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

const mappedBefore = `
jackfield: 1
name: Mapped
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1}, {n: 2}]}}
  - {id: map, uses: test.map, map: '. + {x: 1}'}
  - {id: last, uses: test.USES}
edges: [start -> map -> last]
`

// losing runs a flow in which the program may lose what it can just as the last step
// does something, and tells what it has lost.
func losing(t *testing.T, uses string) (lost []string) {
	t.Helper()
	history := engine.NewMemory()
	w := enginetest.NewWorld()
	h := enginetest.Open(t, w, history)
	lose := func() { lost = append(lost, history.Lose()...) }
	w.OnSend = func(kit.Env, flow.Record, any) error {
		lose()
		return nil
	}
	w.OnGive = func(int) error {
		lose()
		return nil
	}
	h.Add("f", replaced(mappedBefore, "USES", uses))
	h.Run(engine.Start{Flow: "f"})
	return lost
}

func TestOnlyWhatIsComputedAgainMayBeLost(t *testing.T) {
	for _, tt := range []struct{ name, uses, lost string }{
		{"a repeatable effect may come before it is on disk", "send", "[map<0.done>0]"},
		{"what counts each time comes behind it", "mail", "[]"},
		{"a barrier comes behind it", "weave", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) { equal(t, "lost", fmt.Sprint(losing(t, tt.uses)), tt.lost) })
	}
}
