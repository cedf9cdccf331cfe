package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

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

func TestTerminalShowsEachStepAndIsCleanInTheEnd(t *testing.T) {
	got := progressOf(true, stepEnded("r1", "send", map[flow.Outlet]int{"failed": 1, "done": 3, "empty": 0}))
	if !strings.Contains(got, "send                 3 done, 1 failed\n") || !strings.HasSuffix(got, "\x1b[1A\x1b[J") {
		t.Errorf("got %q", got)
	}
}
