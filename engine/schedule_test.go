package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/engine"
	"jackfield/engine/enginetest"
	"jackfield/flow"
)

// Inside a bubble of synctest it is midnight UTC, 1 January 2000, and time flies.

func hourly(missed, more string) string {
	return `
jackfield: 1
name: Hourly
steps:
  - {id: clock, uses: test.clock, with: {cron: 0 * * * *, timezone: UTC, missed: ` + missed + `}}
  - {id: end, uses: test.` + more + `}
edges: [clock -> end]
`
}

func enable(t *testing.T, h *enginetest.House, f flow.Flow) {
	t.Helper()
	if err := h.Local.Enable(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// slots lists the slots of the runs that ended, in order.
func slots(h *enginetest.House) []string {
	var all []string
	for _, e := range h.Events() {
		if e.Kind == flow.RunChanged && e.Run.State == flow.RunDone {
			all = append(all, e.Run.Slot.UTC().Format("15:04"))
		}
	}
	return all
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestScheduleStartsARunAtEachSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		enable(t, h, h.Add("f", hourly("none", "map")))
		pass(3*time.Hour + time.Second)
		equal(t, "slots", slots(h), []string{"01:00", "02:00", "03:00"})
		var last flow.RunID
		for _, e := range h.Events() {
			if e.Kind == flow.RunChanged {
				last = e.Run.ID
				equal(t, "cause", e.Run.Cause, "schedule")
				if late := e.Run.Started.Sub(e.Run.Slot); late != 0 {
					t.Errorf("%s late", late)
				}
			}
		}
		equal(t, "record", h.Data(last, "end", flow.Done), []any{map[string]any{"slot": "2000-01-01T03:00:00Z", "by": "schedule"}})
		if err := h.Local.Disable("f"); err != nil {
			t.Fatal(err)
		}
		pass(3 * time.Hour)
		equal(t, "slots", len(slots(h)), 3)
	})
}

func TestScheduleOfAnIntervalCountsFromBeingEnabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		pass(7 * time.Minute)
		enable(t, h, h.Add("f", strings.Replace(hourly("none", "map"), "cron: 0 * * * *", "every: 10m", 1)))
		pass(25 * time.Minute)
		equal(t, "slots", slots(h), []string{"00:17", "00:27"})
		h.Close()
	})
}

func TestShortIntervalDoesNotMakeUpForEachSecondOfABreak(t *testing.T) {
	for missed, want := range map[string]int{"none": 3 + 2, "last": 3 + 2, "all": 3 + 60 + 1} {
		t.Run(missed, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				f := h.Add("f", strings.Replace(hourly(missed, "map"), "cron: 0 * * * *", "every: 1s", 1))
				enable(t, h, f)
				pass(3500 * time.Millisecond)
				h.Close()
				pass(time.Minute)
				h.Reopen()
				enable(t, h, f)
				pass(900 * time.Millisecond)
				equal(t, "slots", len(slots(h)), want)
				h.Close()
			})
		})
	}
}

func TestMissedSlots(t *testing.T) {
	for _, tt := range []struct {
		missed    string
		off, wait time.Duration // from 01:30 on; and then on again
		want      []string
		troubles  int
	}{
		{"none", 5 * time.Hour, time.Hour, []string{"01:00", "07:00"}, 1},
		{"last", 5 * time.Hour, time.Hour, []string{"01:00", "06:00", "07:00"}, 1},
		{"all", 5 * time.Hour, time.Hour, []string{"01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00"}, 0},
		{"none", 20 * time.Minute, time.Hour, []string{"01:00", "02:00"}, 0},
		{"last", time.Hour, time.Second, []string{"01:00", "02:00"}, 0},
		{"none", time.Hour, time.Second, []string{"01:00"}, 1},
		{"none", 31 * time.Minute, time.Second, []string{"01:00", "02:00"}, 0}, // a minute late is on time
		{"all", 30 * 24 * time.Hour, time.Second, nil, 0},
		{"last", 10 * 365 * 24 * time.Hour, time.Second, []string{"01:00", "01:00"}, 1},
	} {
		t.Run(fmt.Sprint(tt.missed, " after ", tt.off), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				f := h.Add("f", hourly(tt.missed, "map"))
				enable(t, h, f)
				pass(time.Hour + 30*time.Minute)
				h.Close()
				pass(tt.off)
				h.Reopen()
				enable(t, h, f)
				pass(tt.wait)
				if got := slots(h); tt.want != nil {
					equal(t, "slots", got, tt.want)
				} else {
					equal(t, "slots", len(got), 1+30*24)
				}
				if got := h.Troubles(); len(got) != tt.troubles {
					t.Errorf("troubles %q", got)
				}
				h.Close()
			})
		})
	}
}

func TestSlotWaitsForTheRunBeforeAndTheNextOnesAreLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		enable(t, h, h.Add("f", hourly("none", "wait")))
		pass(4*time.Hour + time.Minute)
		equal(t, "slots while the first goes on", slots(h), []string(nil))
		close(block)
		pass(time.Minute)
		equal(t, "slots", slots(h), []string{"01:00", "02:00"})
		pass(time.Hour)
		equal(t, "slots", slots(h), []string{"01:00", "02:00", "05:00"})
		troubles := h.Troubles()
		if len(troubles) != 3 || !strings.Contains(troubles[0], "wait: the run before goes on") || !strings.Contains(troubles[2], "left out its slot of 2000-01-01T04:00:00Z") {
			t.Errorf("troubles %q", troubles)
		}
		h.Close()
	})
}

func TestSlotWaitsForARunThatWasRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		f := h.Add("f", hourly("none", "wait"))
		enable(t, h, f)
		pass(time.Hour + time.Minute)
		cut, cancel := context.WithCancel(t.Context())
		cancel()
		if err := h.Local.Close(cut); err != nil {
			t.Fatal(err)
		}
		h.Reopen()
		if err := h.Local.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		enable(t, h, f)
		pass(time.Hour)
		close(block)
		pass(time.Minute)
		equal(t, "slots", slots(h), []string{"01:00", "02:00"})
		h.Close()
	})
}

func TestRunsOfOneFlowFromSeveralSchedulesDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		block := make(chan struct{})
		h.World.Block = block
		enable(t, h, h.Add("f", `
jackfield: 1
name: Two
steps:
  - {id: first, uses: test.clock, with: {cron: 0 * * * *, timezone: UTC}}
  - {id: second, uses: test.clock, with: {every: 90m}}
  - {id: slow, uses: test.wait}
  - {id: quick, uses: test.map}
edges: [first -> slow, second -> quick]
`))
		pass(100 * time.Minute)
		equal(t, "slots", slots(h), []string{"01:30"})
		close(block)
		pass(time.Minute)
		equal(t, "slots", slots(h), []string{"01:30", "01:00"})
		h.Close()
	})
}

func TestStartByHandOfASchedule(t *testing.T) {
	h := open(t)
	h.Add("f", hourly("none", "map"))
	r := h.Run(engine.Start{Flow: "f"})
	equal(t, "state", r.State, flow.RunDone)
	equal(t, "slot", r.Slot.IsZero(), true)
	if c, err := h.History.Checkpoint(t.Context(), "f", "clock"); c != nil || err != nil {
		t.Errorf("a start by hand moved the schedule: %v, %v", c, err)
	}
}

func TestSlotsMissedBeforeTheFirstRunAreKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		f := h.Add("f", hourly("all", "map"))
		enable(t, h, f)
		pass(time.Minute)
		h.Close()
		pass(2 * time.Hour)
		h.Reopen()
		enable(t, h, f)
		pass(time.Second)
		equal(t, "slots", slots(h), []string{"01:00", "02:00"})
		h.Close()
	})
}

func TestSlotsWhileDisabledAreNobodys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		f := h.Add("f", hourly("all", "map"))
		enable(t, h, f)
		pass(time.Hour + time.Minute)
		if err := h.Local.Disable("f"); err != nil {
			t.Fatal(err)
		}
		pass(5 * time.Hour)
		if err := h.Local.EnableAnew(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		h.Close()
		h.Reopen()
		enable(t, h, f)
		pass(time.Hour)
		equal(t, "slots", slots(h), []string{"01:00", "07:00"})
		h.Close()
	})
}
