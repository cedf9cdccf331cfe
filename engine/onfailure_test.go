package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

const errorFlow = "jackfield: 1\nname: Tell\nsteps: [{id: tell, uses: test.send}]\n"

// told lists what the error flow was told, as run, state and failures.
func told(h *enginetest.House) (all []map[string]any) {
	for _, deliveries := range h.World.Sent() {
		for _, d := range deliveries {
			if m, ok := d.(map[string]any); ok && m["run"] != nil {
				all = append(all, m)
			}
		}
	}
	return all
}

func TestErrorFlowIsToldOfEachBadEnd(t *testing.T) {
	for _, tt := range []struct {
		name     string
		fails    func(data any) bool
		state    flow.RunState
		failures int
	}{
		{"done", func(any) bool { return false }, flow.RunDone, 0},
		{"partial", func(data any) bool { return data == 2 }, flow.RunPartial, 1},
		{"failed", func(data any) bool { _, is := data.(int); return is }, flow.RunFailed, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.World.OnSend = func(_ kit.Env, _ flow.Record, data any) error {
					if tt.fails(data) {
						return kit.Fail(kit.Refused, "not that one")
					}
					return nil
				}
				h.Add("tell", errorFlow)
				h.Add("f", sending("send", "title: x")+"settings: {on_failure: tell}\n")
				r := h.Run(engine.Start{Flow: "f"})
				synctest.Wait()
				equal(t, "state", r.State, tt.state)
				all := told(h)
				if tt.state == flow.RunDone {
					equal(t, "told", len(all), 0)
					return
				}
				equal(t, "told", len(all), 1)
				m := all[0]
				equal(t, "record", fmt.Sprint(m["run"], m["flow"], m["flow_id"], m["version"], m["state"], m["failures"]),
					fmt.Sprint(string(r.ID), "Send", "f", 1, string(tt.state), tt.failures))
				equal(t, "steps", fmt.Sprint(m["steps"].([]any)[0].(map[string]any)["step"], m["steps"].([]any)[0].(map[string]any)["failed"]), fmt.Sprint("send", tt.failures))
				if what := fmt.Sprint(m["steps"]); !strings.Contains(what, "not that one") {
					t.Errorf("told %s", what)
				}
				// A resume that ends badly is another end; one that ends well is none.
				h.Resume(r.ID)
				synctest.Wait()
				equal(t, "told after a resume", len(told(h)), 2)
				tt.fails = func(any) bool { return false }
				equal(t, "state", h.Resume(r.ID).State, flow.RunDone)
				synctest.Wait()
				equal(t, "told after the last resume", len(told(h)), 2)
				about, err := h.History.Run(t.Context(), r.ID+"-failure")
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "cause", about.Cause, "failure")
				equal(t, "of", about.Of, r.ID)
			})
		})
	}
}

// Flows that hear of each other's failures do not go on telling.
func TestErrorFlowsTellEachOtherOnlyOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tells map[flow.ID]flow.ID
		runs  int
	}{
		{"itself", map[flow.ID]flow.ID{"a": "a"}, 1},
		{"two in a circle", map[flow.ID]flow.ID{"a": "b", "b": "a"}, 2},
		{"one behind the other", map[flow.ID]flow.ID{"a": "b", "b": "c", "c": ""}, 3},
		{"not there", map[flow.ID]flow.ID{"a": "nowhere"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.World.OnSend = func(kit.Env, flow.Record, any) error { return kit.Fail(kit.Refused, "no") }
				for id, to := range tt.tells {
					h.Add(id, "jackfield: 1\nname: "+string(id)+"\nsteps: [{id: s, uses: test.send}]\nsettings: {on_failure: '"+string(to)+"'}\n")
				}
				h.Run(engine.Start{Flow: "a"})
				synctest.Wait()
				runs, err := h.History.Runs(t.Context(), "", "", "", 0)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "runs", len(runs), tt.runs)
				if last := tt.name == "one behind the other"; last == (len(h.Troubles()) > 0) {
					t.Errorf("told %q", h.Troubles())
				}
			})
		})
	}
}

const nightly = `
jackfield: 1
name: Nightly
steps:
  - {id: at, uses: test.clock, with: {every: 1h}}
  - {id: send, uses: test.send, retry: {tries: 1}}
edges: [at -> send]
`

// A night that fails is resumed before the next one, which begins when that has ended,
// also where it failed again.
func TestNextScheduledRunResumesTheOneThatFailed(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings string
		badUntil time.Duration
		resumed  int // of the first run
		state    flow.RunState
		giveUp   bool
	}{
		{"the second night is well", "", 90 * time.Minute, 1, flow.RunDone, false},
		{"and one at a time", "settings: {concurrency: 1}\n", 90 * time.Minute, 1, flow.RunDone, false},
		{"the second night fails too", "", 150 * time.Minute, 2, flow.RunDone, false},
		{"left alone", "settings: {unresolved: leave}\n", 90 * time.Minute, 0, flow.RunFailed, false},
		{"given up", "", 90 * time.Minute, 0, flow.RunFailed, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				begin := time.Now()
				var order []string
				h.World.OnSend = func(env kit.Env, _ flow.Record, _ any) error {
					order = append(order, string(env.Run))
					if time.Since(begin) < tt.badUntil {
						return kit.Fail(kit.Unavailable, "nobody home")
					}
					return nil
				}
				f := h.Add("f", nightly+tt.settings)
				if err := h.Local.Enable(t.Context(), f); err != nil {
					t.Fatal(err)
				}
				time.Sleep(61 * time.Minute)
				synctest.Wait()
				runs, err := h.History.Runs(t.Context(), "f", "", "", 0)
				if err != nil || len(runs) != 1 || runs[0].State != flow.RunFailed {
					t.Fatalf("%v, %v", runs, err)
				}
				first := runs[0].ID
				if tt.giveUp {
					if err := h.Local.GiveUp(t.Context(), first); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				r, err := h.History.Run(t.Context(), first)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "state", r.State, tt.state)
				equal(t, "resumed", r.Resumed, tt.resumed)
				equal(t, "given up", r.GivenUp, tt.giveUp)
				all, err := h.History.Runs(t.Context(), "f", "", "", 0)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "runs", len(all), 3)
				if tt.resumed > 0 {
					equal(t, "what the second night does first", order[1], string(first))
				}
			})
		})
	}
}

func TestFailedRunsThatAreNobodysNightAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		bad := true
		h.World.OnSend = func(kit.Env, flow.Record, any) error {
			if bad {
				return kit.Fail(kit.Refused, "no")
			}
			return nil
		}
		f := h.Add("f", nightly)
		r := h.Run(engine.Start{Flow: "f", Limit: 5})
		bad = false
		if err := h.Local.Enable(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		got, err := h.History.Run(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "state", got.State, flow.RunFailed)
		// One that goes on, or did everything, cannot be given up.
		done, err := h.History.Runs(t.Context(), "f", flow.RunDone, "", 0)
		if err != nil || len(done) != 1 {
			t.Fatalf("%v, %v", done, err)
		}
		if err := h.Local.GiveUp(t.Context(), done[0].ID); err == nil {
			t.Error("a run that did everything was given up")
		}
	})
}
