package ui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/ui/widgets"
)

// inWords says an error as a person should read it: what, and what to do about it.
func inWords(err error) string {
	if problems, ok := errors.AsType[app.Problems](err); ok && len(problems) > 0 {
		return problems[0].Error()
	}
	if p, ok := errors.AsType[flow.Problem](err); ok {
		return p.Error()
	}
	if f := kit.AsFailure(err); f.Fix != "" {
		return f.What + "; " + f.Fix
	}
	return err.Error()
}

// allInWords says all that is wrong, each in a line of its own.
func allInWords(err error) string {
	problems, ok := errors.AsType[app.Problems](err)
	if !ok {
		return inWords(err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// endWords says how a run ended.
func endWords(r flow.Run) string {
	took := " in " + tookWords(r.Ended.Sub(r.Started))
	switch r.State {
	case flow.RunDone:
		return "Done" + took
	case flow.RunPartial:
		return "Done" + took + "; " + widgets.Count(r.Failures, "record", "records") + " failed"
	case flow.RunStopped:
		return "Stopped after " + tookWords(r.Ended.Sub(r.Started))
	}
	if r.Problem != nil {
		return "Failed: " + r.Problem.Error()
	}
	return "Failed" + took
}

// kindOf is how an end is to be told.
func kindOf(s flow.RunState) widgets.ToastKind {
	switch s {
	case flow.RunDone:
		return widgets.Good
	case flow.RunPartial:
		return widgets.Mixed
	case flow.RunStopped:
		return widgets.News
	}
	return widgets.Bad
}

// tookWords is a length of time in few digits.
func tookWords(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
