package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// stages reads, shapes with a look back, branches on a condition, and sends.
const stages = `
jackfield: 1
name: Stages
steps:
  - {id: start, uses: test.start, with: {items: [{of: a}, {of: b}]}}
  - {id: read, uses: test.pages, with: {pages: 2, size: 3}, map: "{of: .of}"}
  - {id: shape, uses: test.map, map: '{key: "\(.of)\(.n)", n}'}
  - {id: send, uses: test.send, map: "{body: BODY}"}
  - {id: last, uses: test.map, map: "{sent: ., page: $steps.read.page, began: $trigger.of}"}
edges:
  - start -> read
  - read -> shape
  - {from: shape, to: send, when: .n != 5}
  - send -> last
`

func staged(body string) string { return strings.NewReplacer("BODY", body).Replace(stages) }

// sentBy lists what was delivered under keys of a run, sorted.
func sentBy(w *enginetest.World, id flow.RunID) (all []string) {
	for key, deliveries := range w.Sent() {
		if strings.HasPrefix(key, string(id)+"-") {
			for _, d := range deliveries {
				all = append(all, fmt.Sprint(d))
			}
		}
	}
	slices.Sort(all)
	return all
}

func replay(t *testing.T, h *enginetest.House, o engine.Replay) flow.Run {
	t.Helper()
	id, err := h.Local.Replay(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return h.Wait(id)
}

func TestReplayBeginsAtAStepWithWhatCameToIt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		o      engine.Replay
		counts string
		sent   string
	}{
		{"the whole run", engine.Replay{}, "[last.done=10 read.done=12 send.done=10 shape.done=12 start.done=2]", "[a0 a1 a2 a3 a4 b0 b1 b2 b3 b4]"},
		{"from its trigger", engine.Replay{From: "start"}, "[last.done=10 read.done=12 send.done=10 shape.done=12 start.done=2]", "[a0 a1 a2 a3 a4 b0 b1 b2 b3 b4]"},
		{"from its source", engine.Replay{From: "read"}, "[last.done=10 read.done=12 send.done=10 shape.done=12]", "[a0 a1 a2 a3 a4 b0 b1 b2 b3 b4]"},
		{"from a step behind a condition", engine.Replay{From: "send"}, "[last.done=10 send.done=10]", "[a0 a1 a2 a3 a4 b0 b1 b2 b3 b4]"},
		{"with the newest version", engine.Replay{From: "send", By: flow.Newest}, "[last.done=10 send.done=10]", "[0 0 1 1 2 2 3 3 4 4]"},
		{"from the last step", engine.Replay{From: "last"}, "[last.done=10]", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.Add("f", staged(".key"))
			first := h.Run(engine.Start{Flow: "f"})
			equal(t, "state", first.State, flow.RunDone)
			h.Add("f", staged(".n"))
			tt.o.Run = first.ID
			r := replay(t, h, tt.o)
			equal(t, "state", r.State, flow.RunDone)
			equal(t, "counts", h.Counts(r.ID), tt.counts)
			equal(t, "sent", fmt.Sprint(sentBy(h.World, r.ID)), tt.sent)
			equal(t, "of", r.Of, first.ID)
			equal(t, "cause", r.Cause, "replay")
			// What programs look back to is what it was.
			again, before := h.Data(r.ID, "last", flow.Done), h.Data(first.ID, "last", flow.Done)
			if tt.o.By != flow.Newest {
				equal(t, "last", sorted(again), sorted(before))
			} else if !strings.Contains(sorted(again), "began:b page:1 sent:4") {
				t.Errorf("last %s", sorted(again))
			}
			// A replay of a replay begins with the same.
			once := replay(t, h, engine.Replay{Run: r.ID})
			equal(t, "counts of a replay of it", h.Counts(once.ID), tt.counts)
			equal(t, "last of a replay of it", sorted(h.Data(once.ID, "last", flow.Done)), sorted(again))
		})
	}
}

func sorted(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

func TestReplayOfFailedRecordsRepeatsNothingThatWasDelivered(t *testing.T) {
	for _, tt := range []struct {
		name, flow string
		o          engine.Replay
	}{
		{"that rest", staged(".key"), engine.Replay{Failed: true}},
		{"of one step", staged(".key"), engine.Replay{From: "send", Failed: true}},
		{"that an edge took", staged(".key") + "  - send.failed -> rejects\n", engine.Replay{From: "send", Failed: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			bad := true
			h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
				if bad && (data == "a1" || data == "b3") {
					return kit.Fail(kit.Refused, "not that one")
				}
				return nil
			}
			text := strings.Replace(tt.flow, "  - {id: last,", "  - {id: rejects, uses: test.map}\n  - {id: last,", 1)
			h.Add("f", text)
			first := h.Run(engine.Start{Flow: "f"})
			equal(t, "state", first.State, flow.RunPartial)
			bad = false
			tt.o.Run = first.ID
			r := replay(t, h, tt.o)
			equal(t, "state", r.State, flow.RunDone)
			equal(t, "counts", h.Counts(r.ID), "[last.done=2 send.done=2]")
			equal(t, "records that it began with", r.Given, 2)
			equal(t, "keys of its own", len(sentBy(h.World, r.ID)), 0)
			equal(t, "under the old keys", fmt.Sprint(sentBy(h.World, first.ID)), "[a0 a1 a2 a3 a4 b0 b1 b2 b3 b4]")
			for key, deliveries := range h.World.Sent() {
				equal(t, "deliveries of "+key, len(deliveries), 1)
			}
			// Nothing is left to do of the replay; of the old run there still is.
			if _, err := h.Local.Replay(t.Context(), engine.Replay{Run: r.ID, Failed: true}); err == nil {
				t.Error("a replay without failed records was replayed for those")
			}
		})
	}
}

// What a resume took again with success does not come back in a replay.
func TestReplayOfFailedRecordsLeavesOutThoseThatWereTakenAgain(t *testing.T) {
	h := open(t)
	bad := map[any]bool{"a1": true, "b3": true}
	h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
		if bad[data] {
			return kit.Fail(kit.Refused, "not that one")
		}
		return nil
	}
	h.Add("f", staged(".key"))
	first := h.Run(engine.Start{Flow: "f"})
	delete(bad, "a1")
	h.Resume(first.ID)
	clear(bad)
	r := replay(t, h, engine.Replay{Run: first.ID, Failed: true})
	equal(t, "counts", h.Counts(r.ID), "[last.done=1 send.done=1]")
	equal(t, "last", sorted(h.Data(r.ID, "last", flow.Done)), "map[began:b page:1 sent:b3]")
}

func TestReplaySaysWhatItCannotDo(t *testing.T) {
	h := open(t)
	h.Add("f", staged(".key"))
	r := h.Run(engine.Start{Flow: "f"})
	for _, tt := range []struct {
		name string
		o    engine.Replay
		want string
	}{
		{"no such step", engine.Replay{From: "sent"}, `version 1 of the flow has no step "sent"; did you mean "send"?`},
		{"nothing failed", engine.Replay{Failed: true}, "no record of run " + string(r.ID) + " failed for good"},
		{"nothing failed there", engine.Replay{From: "send", Failed: true}, `step "send" failed no record of run`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Run = r.ID
			_, err := h.Local.Replay(t.Context(), tt.o)
			var ps engine.Problems
			if !errors.As(err, &ps) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := h.Local.Replay(t.Context(), engine.Replay{Run: "nothing"}); err == nil {
		t.Error("a run that is not there was replayed")
	}
}

func TestResumeGoesByTheVersionThatIsNamed(t *testing.T) {
	for _, tt := range []struct {
		name string
		by   flow.Which
		text string
		want string // what is sent, or the problem
	}{
		{"as it fits", flow.Fitting, staged(".n"), "2"},
		{"the old one", flow.Old, staged(".n"), "a2"},
		{"the newest", flow.Newest, staged(".n"), "2"},
		{"the newest, which has other steps", flow.Newest, staged(".n") + "  - send.failed -> last\n", "has other steps or edges than version 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			bad := true
			h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
				if bad && data == "a2" {
					return kit.Fail(kit.Refused, "no")
				}
				return nil
			}
			h.Add("f", staged(".key"))
			r := h.Run(engine.Start{Flow: "f"})
			h.Add("f", tt.text)
			bad = false
			if err := h.Local.Resume(t.Context(), r.ID, tt.by); err != nil {
				if !strings.Contains(err.Error(), tt.want) {
					t.Error(err)
				}
				return
			}
			equal(t, "state", h.Wait(r.ID).State, flow.RunDone)
			if all := sentBy(h.World, r.ID); !slices.Contains(all, tt.want) {
				t.Errorf("sent %v", all)
			}
		})
	}
}

func TestReplayTakesContainersWhole(t *testing.T) {
	h := open(t)
	bad := true
	h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
		if bad && data == 3 {
			return kit.Fail(kit.Refused, "not that one")
		}
		return nil
	}
	h.Add("f", `
jackfield: 1
name: Loop
steps:
  - {id: start, uses: test.start, with: {items: [[1, 2], [3], [4]]}}
  - {id: loop, uses: test.each}
  - {id: send, uses: test.send, in: loop, map: "{body: $item}"}
edges: [start -> loop]
`)
	first := h.Run(engine.Start{Flow: "f"})
	for _, o := range []engine.Replay{{Run: first.ID, From: "send"}, {Run: first.ID, Failed: true}} {
		_, err := h.Local.Replay(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), `the step is inside of "loop", whose items only that step can give; replay from "loop", or resume the run`) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	bad = false
	r := replay(t, h, engine.Replay{Run: first.ID, From: "loop"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "sent", fmt.Sprint(sentBy(h.World, r.ID)), "[1 2 3 4]")
}
