package history

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"jackfield/flow"
	"jackfield/ui/theme"
)

// stateColour is the colour of a run's state.
func stateColour(s flow.RunState) fyne.ThemeColorName {
	switch s {
	case flow.Running:
		return theme.Running
	case flow.RunDone:
		return theme.Done
	case flow.RunPartial:
		return theme.Partial
	case flow.RunFailed:
		return theme.Failed
	}
	return theme.Idle
}

func stateTint(s flow.RunState) string {
	switch s {
	case flow.Running:
		return "blue"
	case flow.RunDone:
		return "green"
	case flow.RunPartial:
		return "amber"
	case flow.RunFailed:
		return "red"
	}
	return "slate"
}

func stateWord(s flow.RunState) string {
	switch s {
	case flow.RunDone:
		return "done"
	case flow.RunPartial:
		return "some failed"
	case flow.RunFailed:
		return "failed"
	case flow.RunStopped:
		return "stopped"
	}
	return "running"
}

// wordOf is the state of a run in a word, with its colour and the tint behind it.
func wordOf(r flow.Run) (word string, colour fyne.ThemeColorName, tint string) {
	if r.Interrupted {
		return "interrupted", stateColour(flow.RunPartial), stateTint(flow.RunPartial)
	}
	return stateWord(r.State), stateColour(r.State), stateTint(r.State)
}

// outcome says in a sentence how a run went.
func outcome(r flow.Run, counts map[flow.StepID]map[flow.Outlet]int, title func(flow.StepID) string) string {
	var failing []string
	for step, outlets := range counts {
		if n := outlets[flow.Failed]; n > 0 {
			failing = append(failing, fmt.Sprintf("%s at %s", howMany(n), title(step)))
		}
	}
	where := ""
	if len(failing) == 1 {
		where = ": " + failing[0]
	} else if len(failing) > 1 {
		where = fmt.Sprintf(" at %d steps", len(failing))
	}
	switch r.State {
	case flow.RunDone:
		return fmt.Sprintf("Done: %s went through.", howMany(r.Given))
	case flow.RunPartial:
		return fmt.Sprintf("Done, but some of %s failed%s.", howMany(r.Given), where)
	case flow.RunFailed:
		if r.Problem != nil {
			return "Failed: " + strings.TrimSuffix(r.Problem.Error(), ".") + "."
		}
		return "Failed" + where + "."
	case flow.RunStopped:
		return "Stopped by a person. Retry goes on where it stood."
	}
	if r.Interrupted {
		return "Interrupted after " + howMany(r.Given) + ": the program ended before the run did. It goes on where it was as soon as Jackfield serves."
	}
	return "Running: " + howMany(r.Given) + " so far."
}

func howMany(n int) string {
	if n == 1 {
		return "1 record"
	}
	return compact(n) + " records"
}

// compact writes a count with few digits: 950, 1.2k, 3.4M.
func compact(n int) string {
	switch {
	case n < 10_000:
		return fmt.Sprint(n)
	case n < 1_000_000:
		return trimZero(fmt.Sprintf("%.1f", float64(n)/1e3)) + "k"
	}
	return trimZero(fmt.Sprintf("%.1f", float64(n)/1e6)) + "M"
}

func trimZero(s string) string { return strings.TrimSuffix(s, ".0") }

// took rounds a duration to what a person cares for.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d h", int(d.Hours()), int(d.Minutes())%60)
}

// when shows a time: today's without the date.
func when(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05")
	}
	return t.Format("2 Jan 15:04:05")
}

// byWhom says what started a run.
func byWhom(cause string) string {
	switch cause {
	case "manual":
		return "by hand"
	case "command line":
		return "from the command line"
	case "flow":
		return "by another flow"
	case "replay":
		return "again"
	}
	return "by " + cause
}

func answersAwaited(n int) string {
	if n == 1 {
		return "waits for an answer"
	}
	return "waits for " + strconv.Itoa(n) + " answers"
}
