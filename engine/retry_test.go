package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// attempts notes when each record was tried.
type attempts struct {
	mu sync.Mutex
	at map[any][]time.Duration
}

// note gives the number of the attempt, from 1.
func (a *attempts) note(start time.Time, data any) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == nil {
		a.at = map[any][]time.Duration{}
	}
	a.at[data] = append(a.at[data], time.Since(start))
	return len(a.at[data])
}

const sendItems = `
jackfield: 1
name: Send
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3]}}
  - {id: send, uses: test.OP, RETRY}
edges: [start -> send]
`

func sending(op, more string) string {
	return strings.NewReplacer("OP", op, "RETRY", more).Replace(sendItems)
}

func TestRetryTakesOnlyFailedRecords(t *testing.T) {
	for _, op := range []string{"send", "sendall"} {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				var tried attempts
				begin := time.Now()
				h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
					if n := tried.note(begin, rec.Data); rec.Data == 2 && n < 3 {
						return kit.Fail(kit.Unavailable, "nobody home")
					}
					return nil
				}
				h.Add("f", sending(op, `with: {to: x}`))
				if op == "sendall" {
					h.Add("f", sending(op, `with: {table: x}`))
				}
				r := h.Run(engine.Start{Flow: "f"})
				equal(t, "state", r.State, flow.RunDone)
				equal(t, "attempts", []int{len(tried.at[1]), len(tried.at[2]), len(tried.at[3])}, []int{1, 3, 1})
				first, second := tried.at[2][1], tried.at[2][2]-tried.at[2][1]
				if first < 800*time.Millisecond || first > time.Second || second < 1600*time.Millisecond || second > 2*time.Second {
					t.Errorf("pauses %s and %s", first, second)
				}
				lines := h.Lines()
				if len(lines) != 2 || !strings.HasPrefix(lines[0].Text, "attempt 2 of 3 in ") || !strings.HasSuffix(lines[1].Text, ": nobody home") {
					t.Errorf("log %v", lines)
				}
				all := h.StepRuns(r.ID)
				equal(t, "attempts of the step run", all[len(all)-1].Attempt, 3)
			})
		})
	}
}

func TestRetryHangsOnEffectFailureAndSettings(t *testing.T) {
	passing := kit.Fail(kit.Throttled, "too many")
	for _, tt := range []struct {
		name, op, retry string
		err             error
		want            int
	}{
		{"repeatable", "send", "title: x", passing, 3},
		{"once, and it does nothing for now", "mail", "title: x", passing, 3},
		{"once", "mail", "title: x", kit.Fail(kit.Unavailable, "gone"), 1},
		{"once with a setting for that", "mail", "retry: {tries: 2}", kit.Fail(kit.Unavailable, "gone"), 2},
		{"once with a setting", "mail", "retry: {tries: 2}", passing, 2},
		{"repeatable with a setting", "send", "retry: {tries: 5, first: 10ms}", passing, 5},
		{"a failure that stays", "send", "retry: {tries: 5}", kit.Fail(kit.Denied, "no"), 1},
		{"an error that nobody knows", "send", "title: x", errors.New("boom"), 1},
		{"a time-out of the operation's own", "send", "title: x", context.DeadlineExceeded, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				var tried attempts
				h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
					tried.note(time.Now(), rec.Data)
					return tt.err
				}
				h.Add("f", sending(tt.op, tt.retry))
				r := h.Run(engine.Start{Flow: "f"})
				equal(t, "state", r.State, flow.RunFailed)
				equal(t, "attempts", len(tried.at[1]), tt.want)
			})
		})
	}
}

func TestPauseIsNeverShorterThanTheServiceAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var tried attempts
		begin := time.Now()
		h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
			if tried.note(begin, rec.Data) == 1 {
				return kit.Fail(kit.Throttled, "too many").Wait(time.Duration(rec.Data.(int)) * 30 * time.Second)
			}
			return nil
		}
		h.Add("f", sending("send", "retry: {tries: 2, first: 1s, most: 5s}"))
		equal(t, "state", h.Run(engine.Start{Flow: "f"}).State, flow.RunDone)
		equal(t, "second attempt", tried.at[1][1], 90*time.Second)
	})
}

func TestAttemptThatTakesTooLongIsCutAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("f", `
jackfield: 1
name: Time-out
steps:
  - {id: start, uses: test.start}
  - {id: slow, uses: test.wait, timeout: 10s, retry: {tries: 2, first: 1ms, most: 1ms}}
edges: [start -> slow]
`)
		begin := time.Now()
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunFailed)
		equal(t, "why", r.Problem.What, "it took longer than 10s")
		equal(t, "code", r.Problem.Code, kit.TimedOut)
		if took := time.Since(begin).Round(time.Second); took != 20*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestRunThatTakesTooLongFailsAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		h.Add("f", `
jackfield: 1
name: Time-out
settings: {timeout: 1h}
steps:
  - {id: start, uses: test.start}
  - {id: slow, uses: test.wait}
edges: [start -> slow]
`)
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunFailed)
		equal(t, "why", r.Problem.What, "the run took longer than 1h0m0s")
		close(block)
		equal(t, "state", h.Resume(r.ID).State, flow.RunDone)
	})
}

func TestSourceGoesOnFromThePageThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		ill, reads := true, []int{}
		h.World.OnRead = func(page int) error {
			reads = append(reads, page)
			if ill && page == 3 {
				return kit.Fail(kit.Unavailable, "gone")
			}
			return nil
		}
		h.Add("f", `
jackfield: 1
name: Page 3
steps:
  - {id: start, uses: test.start, with: {items: [a, b]}}
  - {id: read, uses: test.pages, with: {pages: 5, size: 2, mark: false}}
  - {id: send, uses: test.send}
edges: [start -> read, read -> send]
`)
		r := h.Run(engine.Start{Flow: "f"})
		equal(t, "state", r.State, flow.RunFailed)
		equal(t, "why", r.Problem.Error(), `step "read", record `+string(h.Records(r.ID, "start", flow.Done)[0].ID)+`: gone`)
		equal(t, "counts", h.Counts(r.ID), "[read.done=12 read.failed=2 send.done=12 start.done=2]")
		equal(t, "reads", reads, []int{0, 1, 2, 3, 3, 3, 0, 1, 2, 3, 3, 3})
		ill, reads = false, nil
		r = h.Resume(r.ID)
		equal(t, "state", r.State, flow.RunDone)
		equal(t, "given", r.Given, 22)
		equal(t, "reads", reads, []int{3, 4, 3, 4})
		equal(t, "counts", h.Counts(r.ID), "[read.done=20 send.done=20 start.done=2]")
		a := h.Records(r.ID, "start", flow.Done)[0].ID
		ids := map[flow.RecordID]bool{}
		for _, rec := range h.Records(r.ID, "read", flow.Done) {
			ids[rec.ID] = true
		}
		equal(t, "all have ids of their own", len(ids), 20)
		equal(t, "numbers run on", ids[flow.Child("read", []flow.RecordID{a}, 9)], true)
	})
}

func TestResumeTakesOnlyWhatFailed(t *testing.T) {
	h := open(t)
	ill := true
	h.World.OnSend = func(_ kit.Env, rec flow.Record, _ any) error {
		if ill && rec.Data == 2 {
			return kit.Fail(kit.Refused, "not two")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Resume
steps:
  - {id: start, uses: test.start, with: {items: [1, 2, 3]}}
  - {id: send, uses: test.send}
  - {id: twice, uses: test.send}
  - {id: all, uses: test.collect}
edges: [start -> send, send -> twice, twice -> all]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "counts", h.Counts(r.ID), "[all.done=1 send.done=2 send.failed=1 start.done=3 twice.done=2]")
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunPartial)
	equal(t, "failures", r.Failures, 1)
	equal(t, "counts", h.Counts(r.ID), "[all.done=1 send.done=2 send.failed=1 start.done=3 twice.done=2]")
	ill = false
	r = h.Resume(r.ID)
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "failures", r.Failures, 0)
	equal(t, "counts", h.Counts(r.ID), "[all.done=2 send.done=3 start.done=3 twice.done=3]")
	equal(t, "a barrier takes what is new", h.Data(r.ID, "all", flow.Done), []any{[]any{1, 3}, []any{2}})
	for key, times := range h.World.Sent() {
		equal(t, "deliveries of "+key, len(times), 1)
	}
	var ps engine.Problems
	if err := h.Local.Resume(t.Context(), r.ID, flow.Fitting); !errors.As(err, &ps) || ps[0].Code != "nothing-left" {
		t.Errorf("resume of a run that did everything: %v", err)
	}
}

func TestTriggerThatFailsIsAskedAgainByAResume(t *testing.T) {
	h := open(t)
	const trigger = `
jackfield: 1
name: Trigger
steps:
  - {id: start, uses: test.start, with: {items: %s}}
  - {id: out, uses: test.map}
edges: [start -> out]
`
	h.Add("f", fmt.Sprintf(trigger, "out of order"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "why", r.Problem.Error(), `step "start": out of order`)
	h.Add("f", fmt.Sprintf(trigger, "[1]"))
	equal(t, "state", h.Resume(r.ID).State, flow.RunDone)
	equal(t, "counts", h.Counts(r.ID), "[out.done=1 start.done=1]")
}

func TestSourceWhosePageTokenRepeatsFails(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Stuck
steps:
  - {id: start, uses: test.start}
  - {id: read, uses: test.pages, with: {stuck: true}}
edges: [start -> read]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunFailed)
	equal(t, "code", r.Problem.Code, kit.Malformed)
}

func TestRecordWhoseConditionFailsDoesNotSlipThroughAResume(t *testing.T) {
	h := open(t)
	h.Add("f", `
jackfield: 1
name: Condition
steps:
  - {id: start, uses: test.start, with: {items: [{n: 1}, {n: x}, {n: 3}]}}
  - {id: send, uses: test.send}
edges: [{from: start, to: send, when: .n / 1 > 2}]
`)
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "counts", h.Counts(r.ID), "[send.done=1 send.failed=1 start.done=3]")
	equal(t, "field", h.Records(r.ID, "send", flow.Failed)[0].Problem.Field, "start -> send")
	for range 2 {
		r = h.Resume(r.ID)
		equal(t, "state", r.State, flow.RunPartial)
		equal(t, "counts", h.Counts(r.ID), "[send.done=1 send.failed=1 start.done=3]")
	}
}
