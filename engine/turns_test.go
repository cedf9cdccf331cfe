package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/flow"
)

const oneAtATime = `
jackfield: 1
name: In turn
steps:
  - {id: start, uses: test.start}
  - {id: slow, uses: test.wait}
edges: [start -> slow]
settings: {concurrency: LIMIT}
`

// queue starts so many runs of a flow, each of which goes on until it may end.
func queue(t *testing.T, l *engine.Local, n int) []flow.RunID {
	var ids []flow.RunID
	for range n {
		id, err := l.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	synctest.Wait()
	return ids
}

func TestRunsOfAFlowWaitTheirTurn(t *testing.T) {
	for _, limit := range []int{1, 2, 0} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				free := make(chan struct{})
				h.World.Block = free
				h.Add("f", limited(limit))
				ids := queue(t, h.Local, 5)
				states := func() string {
					synctest.Wait()
					text := ""
					for _, id := range ids {
						r, err := h.History.Run(t.Context(), id)
						switch {
						case err != nil:
							t.Fatal(err)
						case r.State.Ended():
							text += "e"
						case r.Queued:
							text += "q"
						default:
							text += "g"
						}
					}
					return text
				}
				equal(t, "at first", states(), map[int]string{0: "ggggg", 1: "gqqqq", 2: "ggqqq"}[limit])
				if limit == 1 {
					for _, then := range []string{"egqqq", "eegqq"} {
						free <- struct{}{}
						equal(t, "then", states(), then)
					}
				}
				close(free)
				for _, id := range ids {
					equal(t, "state", h.Wait(id).State, flow.RunDone)
				}
				equal(t, "at last", states(), "eeeee")
			})
		})
	}
}

func limited(n int) string {
	return replaced(oneAtATime, "LIMIT", fmt.Sprint(n))
}

// The program ends while runs wait: the next one takes them up in the same order, and
// still no more at a time than may be.
func TestRunsThatWaitTheirTurnOutlastTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", limited(1))
		ids := queue(t, h.Local, 3)
		h.Close()
		for i, id := range ids {
			r, err := h.History.Run(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "state", r.State, flow.Running)
			equal(t, "waits", r.Queued, i > 0)
		}
		free := make(chan struct{})
		h.World.Block = free
		h.Reopen()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i := range ids {
			synctest.Wait()
			for j, id := range ids {
				r, err := h.History.Run(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, fmt.Sprintf("run %d goes on when %d ended", j, i), !r.State.Ended() && !r.Queued, i == j)
			}
			free <- struct{}{}
		}
		for _, id := range ids {
			equal(t, "state", h.Wait(id).State, flow.RunDone)
		}
	})
}

func TestRunThatWaitsItsTurnCanBeStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		free := make(chan struct{})
		h.World.Block = free
		h.Add("f", limited(1))
		ids := queue(t, h.Local, 3)
		if err := h.Local.Stop(t.Context(), ids[1]); err != nil {
			t.Fatal(err)
		}
		r, err := h.History.Run(t.Context(), ids[1])
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "state", r.State, flow.RunStopped)
		equal(t, "waits", r.Queued, false)
		close(free)
		equal(t, "the one behind", h.Wait(ids[2]).State, flow.RunDone)
	})
}

// A flow's time-out counts from its turn, not from its place in the line.
func TestTimeInTheLineIsNotTheRunsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		free := make(chan struct{})
		h.World.Block = free
		h.Add("f", limited(1)[:len(limited(1))-2]+", timeout: 10s}\n")
		ids := queue(t, h.Local, 2)
		equal(t, "the first", h.Wait(ids[0]).State, flow.RunFailed) // after 10 s
		time.Sleep(5 * time.Second)
		close(free)
		equal(t, "the second", h.Wait(ids[1]).State, flow.RunDone)
	})
}
