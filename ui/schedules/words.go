package schedules

import (
	"fmt"
	"strings"
	"time"

	"jackfield/app"
)

// standing is what a row says of a trigger: what hinders it, or what comes next.
func standing(t app.Trigger, now time.Time) string {
	switch {
	case t.Problem != nil:
		return t.Problem.What
	case !t.Enabled:
		return "rests · " + t.Spec
	case len(t.Waiting) > 0:
		return plural(len(t.Waiting), "start waits", "starts wait") + " · " + t.Spec
	case t.Events > 0:
		return plural(t.Events, "event waits", "events wait") + " · " + t.Spec
	case len(t.Next) > 0:
		return "next " + within(t.Next[0].Sub(now)) + " · " + t.Spec
	}
	return t.Spec
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// within is how far off a moment is, as a person says it.
func within(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "in less than a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("in %d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("in %d hours", int(d.Hours()))
	}
	return fmt.Sprintf("in %d days", int(d.Hours()/24))
}

const slotLayout = "Mon 2 Jan 2006 15:04"

// slotText is one slot; seconds only where there are some.
func slotText(t time.Time) string {
	layout := slotLayout
	if t.Second() != 0 {
		layout += ":05"
	}
	zone, _ := t.Zone()
	return strings.TrimSpace(t.Format(layout) + " " + zone)
}

// parseDay reads a day or a day with a time, in the machine's zone. A day alone as an
// end means its last moment.
func parseDay(text string, end bool) (time.Time, error) {
	text = strings.TrimSpace(text)
	if day, err := time.ParseInLocation("2006-01-02", text, time.Local); err == nil {
		if end {
			day = day.AddDate(0, 0, 1).Add(-time.Second)
		}
		return day, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no day like 2026-03-01, and no time like 2026-03-01 14:30", text)
}
