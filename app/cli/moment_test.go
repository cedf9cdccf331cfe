package cli

import (
	"testing"
	"time"
)

func TestMomentReadsTimesAsPeopleWriteThem(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 30, 10, 20, 30, 0, vienna) // the clocks went forward on the 29th
	for _, tt := range []struct{ text, want string }{
		{"2026-03-01", "2026-03-01T00:00:00+01:00"},
		{"2026-03-01 03:00", "2026-03-01T03:00:00+01:00"},
		{"2026-03-01T03:00:05", "2026-03-01T03:00:05+01:00"},
		{"2026-03-01T03:00:00Z", "2026-03-01T03:00:00Z"},
		{"today", "2026-03-30T00:00:00+02:00"},
		{"Yesterday  03:00", "2026-03-29T03:00:00+02:00"},
		{"yesterday 00:30", "2026-03-29T00:30:00+01:00"},
		{"2 days ago", "2026-03-28T10:20:30+01:00"},
		{"an hour ago", "2026-03-30T09:20:30+02:00"},
		{"90 minutes ago", "2026-03-30T08:50:30+02:00"},
		{"1 week ago", "2026-03-23T10:20:30+01:00"},
		{"now", "2026-03-30T10:20:30+02:00"},
		{"tomorrow", ""},
		{"yesterday 25:00", ""},
		{"-1 days ago", ""},
		{"some days ago", ""},
		{"", ""},
	} {
		got, err := moment(tt.text, now)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q is read as %s", tt.text, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339) != tt.want {
			t.Errorf("%q is %s, %v; want %s", tt.text, got.Format(time.RFC3339), err, tt.want)
		}
	}
}
