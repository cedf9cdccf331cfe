package engine_test

import (
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
)

func TestNextSlot(t *testing.T) {
	const vienna, newYork, cairo, lordHowe, apia, kolkata, casablanca = "Europe/Vienna", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "Africa/Casablanca"
	for _, tt := range []struct {
		name, cron, zone, after string
		want                    []string // slots one after the other
	}{
		{"every minute", "* * * * *", "UTC", "2026-03-01T12:00:30Z", []string{"2026-03-01T12:01:00Z", "2026-03-01T12:02:00Z"}},
		{"on a slot it is the one behind", "0 12 * * *", "UTC", "2026-03-01T12:00:00Z", []string{"2026-03-02T12:00:00Z"}},
		{"just before a slot", "0 12 * * *", "UTC", "2026-03-01T11:59:59Z", []string{"2026-03-01T12:00:00Z"}},
		{"every quarter of an hour", "*/15 * * * *", "UTC", "2026-03-01T23:50:00Z", []string{"2026-03-02T00:00:00Z", "2026-03-02T00:15:00Z"}},
		{"over the end of the year", "0 0 1 1 *", "UTC", "2026-01-01T00:00:00Z", []string{"2027-01-01T00:00:00Z"}},
		{"leap day", "0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"leap day over a century without one", "0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z"}},
		{"the 31st", "0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", []string{"2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"}},
		{"day of month or of week", "0 0 13 * 5", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z"}},
		{"weekdays", "0 9 * * 1-5", "UTC", "2026-03-06T09:00:00Z", []string{"2026-03-09T09:00:00Z"}},
		{"names", "0 9 * jun mon", "UTC", "2026-03-01T00:00:00Z", []string{"2026-06-01T09:00:00Z", "2026-06-08T09:00:00Z"}},
		{"Sunday as 0", "0 9 * * 0", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-08T09:00:00Z"}},
		{"Sunday as 7", "0 9 * * 7", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-08T09:00:00Z"}},
		{"range to Sunday", "0 9 * * 6-7", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-14T09:00:00Z"}},
		{"range to Sunday by name", "0 9 * * fri-sun", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-06T09:00:00Z", "2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-13T09:00:00Z"}},
		{"range to Sunday with a step", "0 9 * * 3-7/2", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-04T09:00:00Z", "2026-03-06T09:00:00Z", "2026-03-08T09:00:00Z", "2026-03-11T09:00:00Z"}},
		{"Sunday in a list", "0 9 * * 1,7", "UTC", "2026-03-02T10:00:00Z", []string{"2026-03-08T09:00:00Z", "2026-03-09T09:00:00Z"}},
		{"@hourly", "@hourly", "UTC", "2026-03-01T12:10:00Z", []string{"2026-03-01T13:00:00Z"}},
		{"@daily in a zone", "@daily", kolkata, "2026-03-01T12:10:00Z", []string{"2026-03-02T00:00:00+05:30"}},
		{"@weekly", "@weekly", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-08T00:00:00Z"}},
		{"@monthly", "@monthly", "UTC", "2026-03-02T00:00:00Z", []string{"2026-04-01T00:00:00Z"}},
		{"@every", "@every 90m", "UTC", "2026-03-02T00:00:00Z", []string{"2026-03-02T01:30:00Z", "2026-03-02T03:00:00Z"}},
		{"a zone of half hours", "30 2 * * *", kolkata, "2026-03-01T00:00:00Z", []string{"2026-03-02T02:30:00+05:30"}},

		// Vienna, 29 March 2026: 02:00 becomes 03:00.
		{"a skipped wall time runs after the gap", "30 2 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"the beginning of the gap", "0 2 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"just before the gap", "59 1 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T01:59:00+01:00", "2026-03-30T01:59:00+02:00"}},
		{"just behind the gap", "0 3 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T03:00:00+02:00"}},
		{"many skipped times are one slot", "*/10 2 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}},
		{"a skipped time that meets another", "30 2,3 * * *", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"a weekly one in the gap", "30 2 * * 0", vienna, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-04-05T02:30:00+02:00"}},
		{"hourly over the gap", "0 * * * *", vienna, "2026-03-29T00:30:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
		{"every half hour over the gap", "*/30 * * * *", vienna, "2026-03-29T00:00:00Z", []string{"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
		{"after is inside the hour behind the gap", "30 2 * * *", vienna, "2026-03-29T01:00:00Z", []string{"2026-03-30T02:30:00+02:00"}},

		// Vienna, 25 October 2026: 03:00 becomes 02:00.
		{"a repeated wall time runs once", "30 2 * * *", vienna, "2026-10-24T12:00:00Z", []string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		{"the beginning of what is repeated", "0 2 * * *", vienna, "2026-10-24T12:00:00Z", []string{"2026-10-25T02:00:00+02:00", "2026-10-26T02:00:00+01:00"}},
		{"behind what is repeated", "0 3 * * *", vienna, "2026-10-24T12:00:00Z", []string{"2026-10-25T03:00:00+01:00"}},
		{"between the two", "30 2 * * *", vienna, "2026-10-25T01:00:00Z", []string{"2026-10-26T02:30:00+01:00"}},
		{"several repeated times run once each", "0,30 2 * * *", vienna, "2026-10-24T12:00:00Z", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:00:00+01:00"}},
		{"a rhythm keeps going in both hours", "0 * * * *", vienna, "2026-10-24T23:30:00Z", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
		{"a finer rhythm does too", "*/30 * * * *", vienna, "2026-10-25T00:15:00Z", []string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"}},

		// New York, 8 March and 1 November 2026.
		{"New York in spring", "15 2 * * *", newYork, "2026-03-07T12:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:15:00-04:00"}},
		{"New York in autumn", "30 1 * * *", newYork, "2026-10-31T12:00:00Z", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},

		// Cairo, 24 April 2026: midnight becomes 01:00; 29 October: midnight becomes 23:00.
		{"a day that begins at one", "0 0 * * *", cairo, "2026-04-23T12:00:00Z", []string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
		{"a day whose last hour comes twice", "30 23 * * *", cairo, "2026-10-29T12:00:00Z", []string{"2026-10-29T23:30:00+03:00", "2026-10-30T23:30:00+02:00"}},
		{"midnight behind the repeated hour", "0 0 * * *", cairo, "2026-10-29T12:00:00Z", []string{"2026-10-30T00:00:00+02:00"}},

		// Lord Howe, half an hour: 4 October and 5 April 2026.
		{"a gap of half an hour", "15 2 * * *", lordHowe, "2026-10-03T03:00:00Z", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"half an hour that comes twice", "45 1 * * *", lordHowe, "2026-04-04T03:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},

		// Samoa had no 30 December 2011.
		{"a day that is skipped", "0 12 * * *", apia, "2011-12-29T22:30:00Z", []string{"2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},

		// Morocco goes back for Ramadan: 15 February to 22 March 2026.
		{"a change in February", "30 2 * * *", casablanca, "2026-02-14T12:00:00Z", []string{"2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00Z"}},
		{"and back in March", "30 2 * * *", casablanca, "2026-03-21T12:00:00Z", []string{"2026-03-22T03:00:00+01:00", "2026-03-23T02:30:00+01:00"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, tt.after)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if at, err = engine.Next(kit.Schedule{Cron: tt.cron, Timezone: tt.zone}, at); err != nil {
					t.Fatal(err)
				}
				if got := at.Format(time.RFC3339); got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
			}
		})
	}
}

func TestScheduleThatCannotBeReadSaysWhich(t *testing.T) {
	for _, tt := range []struct {
		name, field string
		spec        kit.Schedule
	}{
		{"nothing", "cron", kit.Schedule{}},
		{"four fields", "cron", kit.Schedule{Cron: "1 2 3 4"}},
		{"six fields", "cron", kit.Schedule{Cron: "0 1 2 3 4 5"}},
		{"minute 60", "cron", kit.Schedule{Cron: "60 * * * *"}},
		{"letters", "cron", kit.Schedule{Cron: "a b c d e"}},
		{"day 8", "cron", kit.Schedule{Cron: "0 0 * * 8"}},
		{"a step of zero", "cron", kit.Schedule{Cron: "0 0 * * 1-7/0"}},
		{"a range to Sunday from nowhere", "cron", kit.Schedule{Cron: "0 0 * * x-7"}},
		{"30 February", "cron", kit.Schedule{Cron: "0 0 30 2 *"}},
		{"31 in short months", "cron", kit.Schedule{Cron: "0 0 31 2,4,6,9,11 *"}},
		{"a zone in the text", "cron", kit.Schedule{Cron: "CRON_TZ=UTC"}},
		{"another zone in the text", "cron", kit.Schedule{Cron: "TZ=UTC 0 0 * * *"}},
		{"@reboot", "cron", kit.Schedule{Cron: "@reboot"}},
		{"zone", "timezone", kit.Schedule{Cron: "@daily", Timezone: "Europe/Wien"}},
		{"missed", "missed", kit.Schedule{Cron: "@daily", Missed: "some"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := engine.Next(tt.spec, time.Now())
			f := kit.AsFailure(err)
			if err == nil || f.Field != tt.field || f.Fix == "" {
				t.Errorf("%+v", f)
			}
		})
	}
}

func FuzzNextLiesBehindAndIsMet(f *testing.F) {
	f.Add("30 2 * * *", "Europe/Vienna", int64(1774700000))
	f.Add("*/7 1-3,22 * 3,10 0,7", "Africa/Cairo", int64(1793200000))
	f.Fuzz(func(t *testing.T, text, zone string, seconds int64) {
		after := time.Unix(seconds%4_000_000_000, 0)
		slot, err := engine.Next(kit.Schedule{Cron: text, Timezone: zone}, after)
		if err != nil {
			return
		}
		if !slot.After(after) {
			t.Errorf("%q in %q: %s does not lie behind %s", text, zone, slot, after)
		}
		again, err := engine.Next(kit.Schedule{Cron: text, Timezone: zone}, slot.Add(-time.Second))
		if err != nil || text[0] != '@' && !again.Equal(slot) {
			t.Errorf("%q in %q: a second before %s the next slot is %s (%v)", text, zone, slot, again, err)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	for _, text := range []string{"30 2 * * *", "* * * * *", "0 0 29 2 *"} {
		b.Run(text, func(b *testing.B) {
			at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			for b.Loop() {
				if _, err := engine.Next(kit.Schedule{Cron: text, Timezone: "Europe/Vienna"}, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
