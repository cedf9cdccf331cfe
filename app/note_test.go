package app

import (
	"testing"
	"time"

	"jackfield/connectors/kit"
)

func TestNoteTellsTheNextTimeOfASchedule(t *testing.T) {
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		when kit.Schedule
		want string
	}{
		{"every night", kit.Schedule{Cron: "30 2 * * *", Timezone: "UTC"}, "While the flow is enabled it starts next on Saturday, 2 May 2026, 02:30, UTC time."},
		{"in another zone", kit.Schedule{Cron: "30 12 * * *", Timezone: "Europe/Vienna"}, "While the flow is enabled it starts next on Friday, 1 May 2026, 12:30, Europe/Vienna time."},
		{"an interval, which counts from when it is enabled", kit.Schedule{Every: time.Minute}, ""},
		{"what is no schedule", kit.Schedule{Cron: "every now and then"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := nextSlot(tc.when, now); got.Text != tc.want {
				t.Errorf("it says %q, want %q", got.Text, tc.want)
			}
		})
	}
}
