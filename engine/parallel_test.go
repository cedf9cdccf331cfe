package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

const parallelItems = `
jackfield: 1
name: Side by side
steps:
  - {id: start, uses: test.start, with: {items: ITEMS}}
  - {id: send, uses: test.OP, MORE}
edges: [start -> send]
`

func parallel(op, items, more string) string {
	return strings.NewReplacer("OP", op, "ITEMS", items, "MORE", more).Replace(parallelItems)
}

// crowd notes how many records are with the service at the same time, and in which order
// they came to their ends.
type crowd struct {
	mu        sync.Mutex
	now, most int
	ended     []any
}

func (c *crowd) hold(d time.Duration, data any) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	time.Sleep(d) // of the bubble's clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
	c.ended = append(c.ended, data)
}

func TestStepTakesSoManyRecordsAtTheSameTime(t *testing.T) {
	for _, tt := range []struct {
		name, op, more string
		most           int
		took           time.Duration
	}{
		{"one after the other", "send", "title: x", 1, 8 * time.Second},
		{"four", "send", "parallel: 4", 4, 2 * time.Second},
		{"more than there are", "send", "parallel: 100", 8, time.Second},
		{"in bulk", "sendall", "with: {table: x}, parallel: 2", 2, 4 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				var c crowd
				h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error { c.hold(time.Second, data); return nil }
				h.Add("f", parallel(tt.op, "[1,2,3,4,5,6,7,8]", tt.more))
				begin := time.Now()
				r := h.Run(engine.Start{Flow: "f"})
				equal(t, "state", r.State, flow.RunDone)
				equal(t, "at the same time", c.most, tt.most)
				equal(t, "took", time.Since(begin), tt.took)
				// Whoever was first, the records leave in the order in which they came.
				equal(t, "left", fmt.Sprint(h.Data(r.ID, "send", flow.Done)), "[1 2 3 4 5 6 7 8]")
			})
		})
	}
}

func TestRecordsOfOneKeyKeepTheirOrderThroughRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var c crowd
		var tried attempts
		h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
			m := data.(map[string]any)
			name := fmt.Sprint(m["k"], m["n"])
			if name == "a1" && tried.note(time.Now(), name) < 3 {
				return kit.Fail(kit.Unavailable, "not yet")
			}
			c.hold(time.Duration(10-m["n"].(int))*time.Millisecond, name)
			return nil
		}
		h.Add("f", parallel("send", "[{k: a, n: 1}, {k: a, n: 2}, {k: b, n: 3}, {k: a, n: 4}, {k: b, n: 5}, {k: c, n: 6}]", "parallel: 5, order: .k"))
		equal(t, "state", h.Run(engine.Start{Flow: "f"}).State, flow.RunDone)
		for _, pair := range [][2]string{{"a1", "a2"}, {"a2", "a4"}, {"b3", "b5"}} {
			if slices.Index(c.ended, any(pair[0])) > slices.Index(c.ended, any(pair[1])) {
				t.Errorf("%s came after %s: %v", pair[0], pair[1], c.ended)
			}
		}
		if slices.Index(c.ended, any("c6")) > slices.Index(c.ended, any("a1")) {
			t.Errorf("c6 waited for a record of another key: %v", c.ended)
		}
	})
}

func TestRecordWithoutAKeyFails(t *testing.T) {
	h := open(t)
	h.Add("f", parallel("send", "[{k: a}, 5, {k: b}]", "parallel: 3, order: .k"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "counts", h.Counts(r.ID), "[send.done=2 send.failed=1 start.done=3]")
	equal(t, "field", h.Records(r.ID, "send", flow.Failed)[0].Problem.Field, "order")
}

func TestFailedRecordStopsTheOthersThatAreNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var c crowd
		h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
			c.hold(time.Second, data)
			if data == 2 {
				return kit.Fail(kit.Refused, "not that one")
			}
			return nil
		}
		h.Add("f", parallel("send", "[1,2,3,4,5,6,7,8]", "parallel: 2, on_error: stop"))
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunFailed)
		slices.SortFunc(c.ended, func(a, b any) int { return a.(int) - b.(int) })
		if len(c.ended) > 4 {
			t.Errorf("sent %v", c.ended)
		}
		h.World.OnSend = nil
		h.Resume(r.ID)
		for key, deliveries := range h.World.Sent() {
			if len(deliveries) != 1 {
				t.Errorf("%s was delivered %d times", key, len(deliveries))
			}
		}
		equal(t, "delivered", len(h.World.Sent()), 8)
	})
}

// A person stops the run while the first record is with the service and those behind it
// were done: a resume sends that one alone.
func TestStopLeavesNoGapThatWouldBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.World.Hold = func(ctx context.Context, data any) error {
			if data != 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}
		h.Add("f", parallel("mail", "[1,2,3,4]", "parallel: 4, uncertain: again"))
		id, err := h.Local.Start(t.Context(), engine.Start{Flow: "f"})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the first one takes long, the others were sent
		if err := h.Local.Stop(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		equal(t, "delivered", len(h.World.Sent()), 3)
		h.World.Hold = nil
		h.Resume(id)
		for key, deliveries := range h.World.Sent() {
			equal(t, "deliveries of "+key, len(deliveries), 1)
		}
		equal(t, "delivered", len(h.World.Sent()), 4)
	})
}
