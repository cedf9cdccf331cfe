package engine_test

import (
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func TestAResumeLeavesACursorThatAPersonMoved(t *testing.T) {
	for _, tt := range []struct {
		name  string
		moved bool
		want  string
	}{{"moved", true, "1"}, {"not moved", false, "3"}} {
		t.Run(tt.name, func(t *testing.T) {
			w := enginetest.NewWorld()
			broken := true
			w.OnRead = func(page int) error {
				if page == 2 && broken {
					return kit.Fail(kit.Refused, "not now")
				}
				return nil
			}
			h := enginetest.Open(t, w, engine.NewMemory())
			h.Add("f", `
jackfield: 1
name: Incremental
steps:
  - {id: read, uses: test.pages, with: {pages: 3, size: 1, mark: true}}
`)
			r := h.Run(engine.Start{Flow: "f"})
			if r.State != flow.RunFailed {
				t.Fatalf("the run is %s", r.State)
			}
			if tt.moved {
				if err := h.History.MoveCheckpoint(t.Context(), flow.CursorChange{Flow: "f", Step: "read", Cursor: flow.Cursor("1"), Why: "edited", Moved: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			broken = false
			if r = h.Resume(r.ID); r.State != flow.RunDone {
				t.Fatalf("the resumed run is %s: %v", r.State, r.Problem)
			}
			c, err := h.History.Checkpoint(t.Context(), "f", "read")
			if err != nil || c == nil || string(c.Cursor) != tt.want {
				t.Errorf("the cursor is %+v (%v), want %s", c, err, tt.want)
			}
		})
	}
}
