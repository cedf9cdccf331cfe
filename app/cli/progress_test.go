package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/flow"
)

func progressOf(terminal bool, events ...flow.Event) string {
	var errs bytes.Buffer
	showProgress(&Program{Err: &errs, Terminal: terminal}, "r1", slices.Values(events))
	return errs.String()
}

func stepEnded(run flow.RunID, step flow.StepID, out map[flow.Outlet]int) flow.Event {
	return flow.Event{Kind: flow.StepEnded, Run: flow.Run{ID: run}, Step: flow.StepRun{Run: run, Step: step, Out: out}}
}

func logged(run flow.RunID, level flow.Level, text string) flow.Event {
	return flow.Event{Kind: flow.Logged, Run: flow.Run{ID: run}, Line: flow.LogLine{Step: "send", Level: level, Text: text}}
}

func TestOnlyWarningsAreShownWhereThereIsNoTerminal(t *testing.T) {
	got := progressOf(false,
		stepEnded("r1", "send", map[flow.Outlet]int{"done": 3}),
		logged("r1", flow.Info, "sent"), logged("r1", flow.Warn, "slow"), logged("r1", flow.Error, "broke down"),
		logged("another", flow.Error, "not ours"))
	if got != "warn send: slow\nerror send: broke down\n" {
		t.Errorf("got %q", got)
	}
}

func TestStepThatWarnsOfEverythingIsHeardTwentyTimes(t *testing.T) {
	var many []flow.Event
	for n := range 500 {
		many = append(many, logged("r1", flow.Warn, fmt.Sprint("slow ", n)))
	}
	lines := strings.Split(strings.TrimSpace(progressOf(false, many...)), "\n")
	if len(lines) != 20 || lines[18] != "warn send: slow 18" || lines[19] != "warn send: more follow; jackfield runs logs r1 shows them all" {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

func TestTerminalShowsAStepThatTakesLongAndIsCleanInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		showProgress(&Program{Err: &errs, Terminal: true}, "r1", func(yield func(flow.Event) bool) {
			yield(stepEnded("r1", "read", map[flow.Outlet]int{"failed": 1, "done": 3, "empty": 0}))
			yield(flow.Event{Kind: flow.StepBegan, Run: flow.Run{ID: "r1"}, Step: flow.StepRun{Run: "r1", Step: "nap"}})
			<-time.After(time.Hour) // nothing happens
		})
		equalText(t, errs.String(), "  read                 3 done, 1 failed\n▸ nap\n\x1b[2A\x1b[J")
	})
}

func TestTerminalShowsWhatWaitsAndWhoRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		showProgress(&Program{Err: &errs, Terminal: true}, "r1", func(yield func(flow.Event) bool) {
			yield(stepEnded("r1", "read", map[flow.Outlet]int{"done": 4000}))
			yield(flow.Event{Kind: flow.PressureChanged, Run: flow.Run{ID: "r1"}, Pressure: flow.Pressure{
				Waits: []flow.Waits{{Edge: 1, Step: "send", Batches: 2, Records: 2000}, {Edge: 2, Step: "send", Batches: 2, Records: 1500}},
				Held:  []flow.Held{{Step: "read", By: "send"}},
			}})
			<-time.After(time.Second)
			yield(flow.Event{Kind: flow.PressureChanged, Run: flow.Run{ID: "r1"}})
			<-time.After(time.Second)
		})
		equalText(t, errs.String(), "  read                 4000 done, rests until send has caught up\n  send                 3500 waiting\n"+
			"\x1b[2A\x1b[J  read                 4000 done\n  send\n\x1b[2A\x1b[J")
	})
}

func TestTerminalIsDrawnTenTimesASecondAtTheMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		showProgress(&Program{Err: &errs, Terminal: true}, "r1", func(yield func(flow.Event) bool) {
			for range 2000 {
				yield(stepEnded("r1", "read", map[flow.Outlet]int{"done": 1}))
				<-time.After(time.Millisecond)
			}
		})
		if n := strings.Count(errs.String(), "read"); n < 15 || n > 21 {
			t.Errorf("%d pictures in two seconds", n)
		}
	})
}

func equalText(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
