package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// slowDisk does not write what a step gave before it is told to.
type slowDisk struct {
	engine.History
	step flow.StepID
	room chan struct{}
}

func (d *slowDisk) Append(ctx context.Context, e flow.Entry) (int, error) {
	if e.Step == d.step {
		<-d.room
	}
	return d.History.Append(ctx, e)
}

// TestATaskThatWaitsForTheDiskHoldsNoWorker has one worker for many runs: each sends
// while what the others gave is still being written, unless that is so much that no
// more of it is to be in memory.
func TestATaskThatWaitsForTheDiskHoldsNoWorker(t *testing.T) {
	for _, tt := range []struct{ records, sent int }{{1, 5}, {16, 5 * 16}, {17, 17}} {
		t.Run(fmt.Sprint(tt.records, " records"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := enginetest.NewWorld()
				f := enginetest.Parse(t, fmt.Sprintf(`
jackfield: 1
name: Many
steps:
  - {id: start, uses: test.start, with: {items: %s}}
  - {id: send, uses: test.send}
edges: [start -> send]
`, items(tt.records)))
				disk := &slowDisk{History: engine.NewMemory(), step: "send", room: make(chan struct{})}
				local := engine.NewLocal(engine.LocalOptions{
					History: disk, Ops: w.Ops(), Workers: 1,
					Flows: func(context.Context, flow.ID, int) (flow.Flow, error) { return f, nil },
				})
				sent := 0
				w.OnSend = func(kit.Env, flow.Record, any) error {
					sent++
					return nil
				}
				var ids []flow.RunID
				for range 5 {
					id, err := local.Start(t.Context(), engine.Start{Flow: "f"})
					if err != nil {
						t.Fatal(err)
					}
					ids = append(ids, id)
				}
				synctest.Wait()
				equal(t, "sent while nothing can be written", sent, tt.sent)
				close(disk.room)
				for _, id := range ids {
					if r, err := local.Wait(t.Context(), id); err != nil || r.State != flow.RunDone {
						t.Errorf("run %s ended as %s (%v)", id, r.State, err)
					}
				}
				if err := local.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// items are so many numbers.
func items(n int) string {
	text := "[0"
	for i := 1; i < n; i++ {
		text += fmt.Sprint(", ", i)
	}
	return text + "]"
}
