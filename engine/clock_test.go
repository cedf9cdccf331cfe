package engine_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
)

func TestNextSlot(t *testing.T) {
	const vienna, newYork, cairo, lordHowe, apia, kolkata, casablanca = "Europe/Vienna", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "Africa/Casablanca"
	const london, dublin, havana, kathmandu, saoPaulo, troll, chatham, santiago = "Europe/London", "Europe/Dublin", "America/Havana", "Asia/Kathmandu", "America/Sao_Paulo", "Antarctica/Troll", "Pacific/Chatham", "America/Santiago"
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

		// London, 29 March 2026: 01:00 becomes 02:00; 25 October: 02:00 becomes 01:00.
		{"London in spring", "30 1 * * *", london, "2026-03-28T12:00:00Z", []string{"2026-03-29T02:00:00+01:00", "2026-03-30T01:30:00+01:00"}},
		{"London in autumn", "30 1 * * *", london, "2026-10-24T12:00:00Z", []string{"2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00Z"}},
		{"a rhythm over London's autumn", "20 * * * *", london, "2026-10-24T23:30:00Z", []string{"2026-10-25T01:20:00+01:00", "2026-10-25T01:20:00Z", "2026-10-25T02:20:00Z"}},
		// Dublin, whose winter is the time that is saved.
		{"Dublin in autumn", "30 1 * * 0", dublin, "2026-10-24T12:00:00Z", []string{"2026-10-25T01:30:00+01:00", "2026-11-01T01:30:00Z"}},

		// Havana, 8 March 2026: midnight becomes 01:00; 1 November: 01:00 becomes midnight.
		{"Havana's day without a midnight", "0 0 * * *", havana, "2026-03-07T12:00:00Z", []string{"2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"}},
		{"Havana's day with two", "0 0 * * *", havana, "2026-10-31T12:00:00Z", []string{"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}},
		{"both hours of a rhythm at midnight", "30 * * * *", havana, "2026-11-01T03:50:00Z", []string{"2026-11-01T00:30:00-04:00", "2026-11-01T00:30:00-05:00", "2026-11-01T01:30:00-05:00"}},

		// Kathmandu went from +05:30 to +05:45 at the begin of 1986.
		{"a gap of a quarter of an hour", "10 0 * * *", kathmandu, "1985-12-31T12:00:00Z", []string{"1986-01-01T00:15:00+05:45", "1986-01-02T00:10:00+05:45"}},
		{"Kathmandu today", "0 6 * * *", kathmandu, "2026-03-01T12:00:00Z", []string{"2026-03-02T06:00:00+05:45"}},

		// São Paulo as it was: 4 November 2018 had no midnight, and 17 February 2018 an hour more at its end.
		{"a month that begins in a gap", "0 0 4 * *", saoPaulo, "2018-10-20T12:00:00Z", []string{"2018-11-04T01:00:00-02:00", "2018-12-04T00:00:00-02:00"}},
		{"the last hour of a day that comes twice", "45 23 * * 6", saoPaulo, "2018-02-17T12:00:00Z", []string{"2018-02-17T23:45:00-02:00", "2018-02-24T23:45:00-03:00"}},
		{"São Paulo without summer time", "0 0 4 * *", saoPaulo, "2026-10-20T12:00:00Z", []string{"2026-11-04T00:00:00-03:00"}},

		// Troll changes by two hours: 29 March 2026 01:00 becomes 03:00, 25 October 03:00 becomes 01:00.
		{"a gap of two hours", "15 1,2 * * *", troll, "2026-03-28T12:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2026-03-30T01:15:00+02:00", "2026-03-30T02:15:00+02:00"}},
		{"two hours that come twice", "15 1,2 * * *", troll, "2026-10-24T12:00:00Z", []string{"2026-10-25T01:15:00+02:00", "2026-10-25T02:15:00+02:00", "2026-10-26T01:15:00Z"}},
		{"a rhythm through them", "0 * * * *", troll, "2026-10-24T23:30:00Z", []string{"2026-10-25T02:00:00+02:00", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"}},

		// Chatham, at a quarter to: 27 September 2026 02:45 becomes 03:45, 5 April 03:45 becomes 02:45.
		{"a gap at a quarter to", "0 3 * * *", chatham, "2026-09-26T00:00:00Z", []string{"2026-09-27T03:45:00+13:45", "2026-09-28T03:00:00+13:45"}},
		{"an hour twice at a quarter to", "0 3 * * *", chatham, "2026-04-04T00:00:00Z", []string{"2026-04-05T03:00:00+13:45", "2026-04-06T03:00:00+12:45"}},
		// Santiago, 6 September 2026: midnight becomes 01:00.
		{"a yearly one in a gap", "30 0 6 9 *", santiago, "2026-01-01T00:00:00Z", []string{"2026-09-06T01:00:00-03:00", "2027-09-06T00:30:00-03:00"}},

		// Lord Howe's rhythm: half of each of two hours is there.
		{"a rhythm over half an hour twice", "*/15 * * * *", lordHowe, "2026-04-04T14:40:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:45:00+10:30", "2026-04-05T02:00:00+10:30"}},
		{"a leap day in a zone", "30 2 29 2 *", newYork, "2026-03-01T00:00:00Z", []string{"2028-02-29T02:30:00-05:00"}},

		{"the last day of the month", "0 0 L * *", "UTC", "2026-01-31T00:00:00Z", []string{"2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"}},
		{"the last day of February in a leap year", "0 0 L 2 *", vienna, "2027-03-01T00:00:00Z", []string{"2028-02-29T00:00:00+01:00", "2029-02-28T00:00:00+01:00"}},
		{"two days before the last", "0 0 L-2,15 * *", "UTC", "2026-01-16T00:00:00Z", []string{"2026-01-29T00:00:00Z", "2026-02-15T00:00:00Z", "2026-02-26T00:00:00Z"}},
		{"the second Friday", "0 9 * * 5#2", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-13T09:00:00Z", "2026-04-10T09:00:00Z"}},
		{"the fifth Sunday", "0 9 * * sun#5", "UTC", "2026-03-01T10:00:00Z", []string{"2026-03-29T09:00:00Z", "2026-05-31T09:00:00Z"}},
		{"the last Sunday, on which the clocks change", "30 2 * 3 7L", vienna, "2026-03-01T00:00:00Z", []string{"2026-03-29T03:00:00+02:00", "2027-03-28T03:00:00+02:00"}},
		{"the first Monday or the last day", "0 9 L * mon#1", "UTC", "2026-03-01T00:00:00Z", []string{"2026-03-02T09:00:00Z", "2026-03-31T09:00:00Z", "2026-04-06T09:00:00Z"}},
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
		{"seconds and years", "cron", kit.Schedule{Cron: "0 0 12 1 1 1 2026"}},
		{"a question mark", "cron", kit.Schedule{Cron: "0 0 ? * 1"}},
		{"a nearest weekday", "cron", kit.Schedule{Cron: "0 0 15W * *"}},
		{"a sixth Friday", "cron", kit.Schedule{Cron: "0 0 * * 5#6"}},
		{"a second day without a name", "cron", kit.Schedule{Cron: "0 0 * * #2"}},
		{"no day before the last", "cron", kit.Schedule{Cron: "0 0 L-x * *"}},
		{"thirty days before the last of February", "cron", kit.Schedule{Cron: "0 0 L-30 2 *"}},
		{"a fraction of a second", "every", kit.Schedule{Every: time.Millisecond}},
		{"a beginning that is no date", "from", kit.Schedule{Cron: "@daily", From: "tomorrow"}},
		{"a beginning before all time", "from", kit.Schedule{Every: time.Hour, From: "0001-01-01"}},
		{"an end that is no date", "until", kit.Schedule{Cron: "@daily", Until: "2026-02-30"}},
		{"an end before the beginning", "until", kit.Schedule{Cron: "@daily", From: "2026-03-01", Until: "2026-02-01"}},
		{"an end before the first time", "until", kit.Schedule{Cron: "0 12 29 2 *", From: "2026-03-01", Until: "2027-12-31"}},
		{"overlap", "overlap", kit.Schedule{Cron: "@daily", Overlap: "some"}},
		{"less than none at most", "most", kit.Schedule{Cron: "@daily", Most: -1}},
		{"before its time", "jitter", kit.Schedule{Cron: "@daily", Jitter: -time.Second}},
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

// zones have changes of every kind: of an hour, half an hour and two; at midnight, in
// the night and in the middle of a fast; a skipped day; none.
var zones = []string{
	"UTC", "Europe/Vienna", "America/New_York", "Europe/London", "Europe/Dublin", "Africa/Cairo", "Australia/Lord_Howe",
	"Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Antarctica/Troll", "Africa/Casablanca", "America/Havana",
	"Pacific/Chatham", "America/Santiago", "Asia/Gaza", "America/Caracas", "Antarctica/Casey",
}

// TestNextAgreesWithALookAtEveryMinute compares with a scan that knows nothing but what
// the clocks show: a slot is a minute at which they show a wall time of the schedule for
// the first time, or in a rhythm for any time, or the minute behind a gap that holds one.
func TestNextAgreesWithALookAtEveryMinute(t *testing.T) {
	expressions := []string{
		"30 2 * * *", "0 0 * * *", "15 1,2,3 * * *", "*/20 * * * *", "45 23 * * 0,6", "0 12 29,30,31 * *", "10 0 1 * *", "7 */5 * * 1-5", "30 0-4 L * 0L",
	}
	for _, name := range zones {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, from := range changes(zone) {
				for _, expression := range expressions {
					spec := kit.Schedule{Cron: expression, Timezone: name}
					want := scan(t, spec, from, from.Add(72*time.Hour), zone)
					var got []time.Time
					for at := from; ; {
						if at, err = engine.Next(spec, at); err != nil || at.After(from.Add(72*time.Hour)) {
							break
						}
						got = append(got, at)
					}
					if !slices.EqualFunc(got, want, time.Time.Equal) {
						t.Fatalf("%q from %s:\n got %v\nwant %v", expression, from, got, want)
					}
				}
			}
		})
	}
}

// changes are moments a day and a half before the clocks change, in several years.
func changes(zone *time.Location) []time.Time {
	var all []time.Time
	for _, year := range []int{1985, 2007, 2011, 2018, 2026} {
		at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		all = append(all, at)
		for {
			_, end := at.In(zone).ZoneBounds()
			if end.IsZero() || end.Year() > year {
				break
			}
			if at = end; at.Year() == year {
				all = append(all, at.Add(-36*time.Hour).Truncate(time.Minute).Add(30*time.Second))
			}
		}
	}
	return all
}

// scan looks at every minute after from until to.
func scan(t *testing.T, spec kit.Schedule, from, to time.Time, zone *time.Location) []time.Time {
	t.Helper()
	utc := spec
	utc.Timezone = "UTC"
	rhythm := strings.HasPrefix(strings.Fields(spec.Cron)[1], "*") && !strings.Contains(strings.Fields(spec.Cron)[1], "/")
	wall := func(at time.Time) time.Time {
		at = at.In(zone)
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	}
	means := map[time.Time]bool{} // wall times of the schedule, as if they were in UTC
	for at, end := wall(from.Add(-72*time.Hour)), wall(to.Add(72*time.Hour)); ; {
		var err error
		if at, err = engine.Next(utc, at); err != nil || at.After(end) {
			break
		}
		means[at] = true
	}
	seen := map[time.Time]bool{}
	var slots []time.Time
	minute := from.Truncate(time.Minute).Add(-48 * time.Hour)
	last := wall(minute.Add(-time.Minute))
	for ; !minute.After(to); minute = minute.Add(time.Minute) {
		shown := wall(minute)
		is := means[shown] && (rhythm || !seen[shown])
		for skipped := last.Add(time.Minute); skipped.Before(shown); skipped = skipped.Add(time.Minute) {
			is = is || means[skipped] && !seen[skipped]
			seen[skipped] = true
		}
		seen[shown], last = true, shown
		if is && minute.After(from) {
			slots = append(slots, minute)
		}
	}
	return slots
}

// TestNextIsMonotone: a later moment never has an earlier next slot, and between a moment
// and its next slot lies none.
func TestNextIsMonotone(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 9))
	pick := func(choices ...string) string { return choices[dice.IntN(len(choices))] }
	for range 3000 {
		spec := kit.Schedule{
			Timezone: zones[dice.IntN(len(zones))],
			Cron: strings.Join([]string{
				pick("*", "0", "*/7", "5,50", "30-40"), pick("*", "0", "2", "1-3", "*/6", "23"), pick("*", "*", "1", "L", "29-31", "L-1,13"),
				pick("*", "*", "2", "3,10"), pick("*", "*", "0", "1-5", "5#2", "7L"),
			}, " "),
		}
		at := time.Unix(500_000_000+dice.Int64N(1_500_000_000), 0)
		slot, err := engine.Next(spec, at)
		if err != nil {
			continue // February has no 31st
		}
		if !slot.After(at) {
			t.Fatalf("%+v: %s does not lie behind %s", spec, slot, at)
		}
		between := at.Add(time.Duration(dice.Int64N(int64(slot.Sub(at)))))
		for _, before := range []time.Time{between, slot.Add(-time.Nanosecond), at} {
			if again, err := engine.Next(spec, before); err != nil || !again.Equal(slot) {
				t.Fatalf("%+v: after %s comes %s, and after %s comes %s (%v)", spec, at, slot, before, again, err)
			}
		}
	}
}

func FuzzNextLiesBehindAndIsMet(f *testing.F) {
	f.Add("30 2 * * *", "Europe/Vienna", int64(1774700000), "", "")
	f.Add("*/7 1-3,22 * 3,10 0,7", "Africa/Cairo", int64(1793200000), "2026-01-01", "")
	f.Add("0 0 L-2 * 5#2", "Pacific/Apia", int64(1793200000), "", "2030-01-01 08:00")
	f.Add("TZ=", "", int64(0), "", "")
	f.Add("CRON_TZ=UTC", "", int64(0), "", "")
	f.Add("@every 1h", "", int64(0), "2026-01-01", "2026-02-01")
	f.Fuzz(func(t *testing.T, text, zone string, seconds int64, from, until string) {
		after := time.Unix(seconds%4_000_000_000, 0) // from 1843 to 2096
		spec := kit.Schedule{Cron: text, Timezone: zone, From: from, Until: until}
		slot, err := engine.Next(spec, after)
		if err != nil {
			if f := kit.AsFailure(err); f.Fix == "" || f.Field == "" {
				t.Errorf("%+v: %v has no way out", spec, err)
			}
			return
		}
		if !slot.After(after) {
			t.Errorf("%+v: %s does not lie behind %s", spec, slot, after)
		}
		again, err := engine.Next(spec, slot.Add(-time.Second))
		if err != nil || !strings.HasPrefix(strings.TrimSpace(text), "@") && !again.Equal(slot) {
			t.Errorf("%+v: a second before %s the next slot is %s (%v)", spec, slot, again, err)
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
