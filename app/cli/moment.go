package cli

import (
	"strconv"
	"strings"
	"time"
)

// moment reads a time as a person writes it, in the zone of now: a date, a date and a
// time of day, today, yesterday, a number of minutes, hours, days or weeks "ago", or
// RFC 3339.
func moment(text string, now time.Time) (time.Time, error) {
	text = strings.Join(strings.Fields(text), " ")
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	day, clock, hasClock := strings.Cut(strings.ToLower(text), " ")
	switch day {
	case "now":
		return now, nil
	case "today", "yesterday":
		at := now
		if day == "yesterday" {
			at = now.AddDate(0, 0, -1)
		}
		if !hasClock {
			clock = "00:00"
		}
		if c, err := time.Parse("15:04", clock); err == nil {
			return time.Date(at.Year(), at.Month(), at.Day(), c.Hour(), c.Minute(), 0, 0, now.Location()), nil
		}
	}
	if t, ok := ago(strings.ToLower(text), now); ok {
		return t, nil
	}
	return time.Time{}, usagef("%q is no time; write 2026-03-01, \"2026-03-01 03:00\", \"yesterday 03:00\" or \"2 days ago\"", text)
}

// ago reads "2 days ago".
func ago(text string, now time.Time) (time.Time, bool) {
	words := strings.Fields(text)
	if len(words) != 3 || words[2] != "ago" {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(words[0])
	if words[0] == "a" || words[0] == "an" {
		n, err = 1, nil
	}
	if err != nil || n < 0 {
		return time.Time{}, false
	}
	switch strings.TrimSuffix(words[1], "s") {
	case "minute":
		return now.Add(-time.Duration(n) * time.Minute), true
	case "hour":
		return now.Add(-time.Duration(n) * time.Hour), true
	case "day":
		return now.AddDate(0, 0, -n), true
	case "week":
		return now.AddDate(0, 0, -7*n), true
	case "month":
		return now.AddDate(0, -n, 0), true
	}
	return time.Time{}, false
}
