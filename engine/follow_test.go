package engine_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

func following(name, follows, more string) string {
	return `
jackfield: 1
name: ` + name + `
steps:
  - {id: end, uses: test.after, with: {flow: ` + follows + more + `}}
  - {id: shape, uses: test.map}
edges: [end -> shape]
`
}

// failing fails one record where the input says so, and the run where it says that.
const failing = `
jackfield: 1
name: First
steps:
  - {id: start, uses: test.start}
  - {id: shape, uses: test.map, map: 'if .how == "bad" then error("bad") else . end'}
  - {id: wait, uses: test.wait}
edges: [start -> shape, {from: shape, to: wait, when: '.how == "wait"'}]
`

// ends lists the runs that followed, as flow and state.
func ends(h *enginetest.House) []string {
	var all []string
	events := h.Events()
	slices.SortStableFunc(events, func(a, b flow.Event) int { return cmp.Compare(a.Run.Of, b.Run.Of) }) // they go on side by side
	for _, e := range events {
		if e.Kind == flow.RunChanged && e.Run.Cause == "after" && e.Run.State == flow.RunDone {
			end := h.Data(e.Run.ID, "end", flow.Done)[0].(map[string]any)
			all = append(all, fmt.Sprint(end["flow"], " ", end["state"], " ", end["given"], " ", end["failures"]))
			if e.Run.Of != flow.RunID(end["run"].(string)) {
				panic("of another run")
			}
		}
	}
	return all
}

func how(texts ...string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, map[string]any{"how": text})
	}
	return all
}

func TestFlowFollowsTheEndsThatItNames(t *testing.T) {
	for _, tt := range []struct {
		name, more string
		want       []string
	}{
		{"done", "", []string{"First done 2 0"}},
		{"partial and failed", ", states: [partial, failed]", []string{"First partial 2 1", "First failed 1 1"}},
		{"stopped", ", states: [stopped]", []string{"First stopped 1 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				h.Add("first", failing)
				h.Add("other", strings.Replace(failing, "First", "Other", 1))
				enable(t, h, h.Add("second", following("Second", "First", tt.more)))
				for _, input := range [][]any{how("well", "well"), how("well", "bad"), how("bad")} {
					h.Run(engine.Start{Flow: "first", Input: input})
					h.Run(engine.Start{Flow: "other", Input: input})
				}
				id, err := h.Local.Start(t.Context(), engine.Start{Flow: "first", Input: how("wait")})
				if err != nil {
					t.Fatal(err)
				}
				pass(time.Second)
				if err := h.Local.Stop(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				pass(time.Second)
				equal(t, "ends", ends(h), tt.want)
				h.Close()
			})
		})
	}
}

func TestRunThatIsResumedEndsOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		f := h.Add("first", failing)
		enable(t, h, h.Add("second", following("Second", "first", ", states: [done, partial]")))
		r := h.Run(engine.Start{Flow: "first", Input: how("well", "bad")})
		pass(time.Second)
		f.Steps[1].Map = "."
		h.Keep("first", f)
		h.Resume(r.ID)
		pass(time.Second)
		equal(t, "ends", ends(h), []string{"First partial 2 1", "First done 2 0"})
		h.Close()
	})
}

func TestFlowsThatFollowEachOtherInACircleAreStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("one", following("One", "Three", ""))
		h.Add("two", following("Two", "One", ""))
		h.Add("three", following("Three", "Two", ""))
		for _, id := range []flow.ID{"one", "two", "three"} {
			f, err := h.Flow(t.Context(), id, 0)
			if err != nil {
				t.Fatal(err)
			}
			enable(t, h, f)
		}
		h.Run(engine.Start{Flow: "one", Input: how("by hand")})
		pass(time.Minute)
		equal(t, "ends", ends(h), []string{"One done 1 0", "Two done 1 0"})
		if got := h.Troubles(); len(got) != 1 || !strings.Contains(got[0], `trigger "end" of "One" does not follow run`) || !strings.Contains(got[0], "flows would follow each other without end") {
			t.Errorf("troubles %q", got)
		}
		h.Close()
	})
}

func TestEndsAreKeptForAFlowThatIsEnabledAndNotLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.Add("first", failing)
		second := h.Add("second", following("Second", "First", ""))
		h.Enabled = []flow.ID{"second"}
		h.Close()
		h.Reopen() // a call of the program that runs one flow and makes nothing live
		h.Run(engine.Start{Flow: "first", Input: how("well")})
		h.Close()
		h.Reopen()
		enable(t, h, second)
		pass(time.Second)
		equal(t, "ends", ends(h), []string{"First done 1 0"})
		if err := h.Local.Disable("second"); err != nil {
			t.Fatal(err)
		}
		h.Run(engine.Start{Flow: "first", Input: how("well")})
		if err := h.Local.EnableAnew(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		equal(t, "ends once it was disabled", len(ends(h)), 1)
		h.Close()
	})
}

func gatherFlow(more string) string {
	return "jackfield: 1\nname: Gather\nsteps: [{id: hook, uses: test.listen, with: {quiet: 10s" + more + "}}]\n"
}

// gathered tells how many events each run took, and when it started.
func gathered(h *enginetest.House) []string {
	var all []string
	for _, e := range h.Events() {
		if e.Kind == flow.RunChanged && e.Run.State == flow.RunDone {
			all = append(all, fmt.Sprint(e.Run.Started.UTC().Format("15:04:05"), " ", len(h.Data(e.Run.ID, "hook", flow.Done))))
		}
	}
	return all
}

func TestEventsAreGatheredUntilItIsQuiet(t *testing.T) {
	for _, tt := range []struct {
		name, more string
		pauses     []time.Duration // between the events
		want       []string
	}{
		{"one", "", []time.Duration{0}, []string{"00:00:10 1"}},
		{"together", "", []time.Duration{0, 4 * time.Second, 5 * time.Second}, []string{"00:00:19 3"}},
		{"apart", "", []time.Duration{0, 11 * time.Second}, []string{"00:00:10 1", "00:00:21 1"}},
		{"never quiet", ", longest: 20s", []time.Duration{0, 5 * time.Second, 5 * time.Second, 5 * time.Second, 8 * time.Second}, []string{"00:00:20 4", "00:00:33 1"}},
		{"never quiet, ten times as long", "", repeat(9*time.Second, 13), []string{"00:01:49 12", "00:02:07 1"}},
		{"many at once", "", repeat(0, 1003), []string{"00:00:00 1000", "00:00:10 3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				enable(t, h, h.Add("f", gatherFlow(tt.more)))
				pass(0)
				for i, p := range tt.pauses {
					if p > 0 {
						pass(p)
					}
					receipt, err := h.World.Give(t.Context(), "hook", kit.Event{Data: []any{i}, Cause: "webhook"})
					if err != nil || receipt.Run != "" {
						t.Fatal(receipt, err)
					}
				}
				pass(10 * time.Minute)
				equal(t, "runs", gathered(h), tt.want)
				h.Close()
			})
		})
	}
}

func repeat(d time.Duration, n int) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = d
	}
	return all
}

func TestGatheredEventsOfAFlowThatCannotRunWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		f := h.Add("f", gatherFlow(""))
		f.Steps = append(f.Steps, flow.Step{ID: "send", Uses: "test.send", Connection: "main"})
		f.Edges = []flow.Edge{{From: "hook", To: "send"}}
		enable(t, h, f)
		pass(0)
		if _, err := h.World.Give(t.Context(), "hook", kit.Event{Data: []any{1}, Cause: "webhook"}); err != nil {
			t.Fatal(err)
		}
		h.Forget("main")
		pass(10 * time.Minute)
		if got := h.Troubles(); len(got) != 1 || !strings.Contains(got[0], "could not start its run, and tries again") || !strings.Contains(got[0], "main") {
			t.Errorf("troubles %q", got)
		}
		at, err := h.Local.Standing(t.Context(), f, "hook", 0, true)
		if err != nil || at.Events != 1 || at.Problem == nil {
			t.Errorf("standing %+v, %v", at, err)
		}
		h.Forget("")
		pass(2 * time.Minute)
		equal(t, "runs", len(gathered(h)), 1)
		at, err = h.Local.Standing(t.Context(), f, "hook", 0, true)
		if err != nil || at.Events != 0 || at.Problem != nil {
			t.Errorf("standing %+v, %v", at, err)
		}
		h.Close()
	})
}
