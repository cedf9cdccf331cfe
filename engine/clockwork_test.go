package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// desk carries out what a clockwork decides, as the timekeeper does, on a clock that
// the test sets. Runs go on until the test ends them.
type desk struct {
	t     *testing.T
	work  clockwork
	at    position
	now   time.Time
	runs  []string // slots that a run was started for, in order
	going []string
	said  []string
	stops int
}

func deskOf(t *testing.T, spec kit.Schedule, at string) *desk {
	t.Helper()
	d := &desk{t: t, now: clockAt(t, at)}
	d.read(spec, time.UTC)
	d.at.mark = mark{Slot: d.now}
	return d
}

func clockAt(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (d *desk) read(spec kit.Schedule, zone *time.Location) {
	d.t.Helper()
	table, err := parseSchedule(spec, zone)
	if err != nil {
		d.t.Fatal(err)
	}
	d.work = clockwork{table: table, spec: spec, seed: "f"}
}

// look decides at a time, and gives the slots whose runs start.
func (d *desk) look(at string) []string {
	d.t.Helper()
	d.now = clockAt(d.t, at)
	return d.decide()
}

func (d *desk) decide() []string {
	d.at.going = len(d.going)
	m := d.work.decide(d.at, d.now)
	d.at.mark = m.mark
	gone := slices.Clone(m.drop)
	var started []string
	for _, one := range m.start {
		gone = append(gone, one.Key)
		started = append(started, one.Slot.Format("2 15:04:05"))
		d.runs = append(d.runs, one.Slot.UTC().Format(time.RFC3339))
	}
	all := slices.Concat(d.at.waiting, m.put)
	d.at.waiting = slices.DeleteFunc(all, func(p flow.Planned) bool { return slices.Contains(gone, p.Key) })
	d.going = append(d.going, started...)
	d.said = append(d.said, m.say...)
	if m.stop {
		d.stops++
		d.going = nil
	}
	return started
}

// end lets the runs that go on come to their end.
func (d *desk) end() { d.going = nil }

func (d *desk) waits() []string {
	var all []string
	for _, p := range d.at.waiting {
		all = append(all, p.Slot.Format("2 15:04:05"))
	}
	return all
}

func (d *desk) want(what string, got []string, want ...string) {
	d.t.Helper()
	if !slices.Equal(got, want) {
		d.t.Errorf("%s at %s: %q, want %q\nsaid %s", what, d.now, got, want, strings.Join(d.said, "\n     "))
	}
}

func hourlyAt(missed string) kit.Schedule { return kit.Schedule{Cron: "0 * * * *", Missed: missed} }

func TestSleepOfTheMachineIsABreak(t *testing.T) {
	for _, tt := range []struct {
		missed string
		want   []string // what starts after a sleep from 00:30 to 09:20
		left   int
	}{
		{"none", nil, 9},
		{"last", []string{"1 09:00:00"}, 8},
		{"all", []string{"1 01:00:00"}, 0},
	} {
		t.Run(tt.missed, func(t *testing.T) {
			d := deskOf(t, hourlyAt(tt.missed), "2026-03-01T00:30:00Z")
			d.want("before", d.decide())
			d.want("awake", d.look("2026-03-01T09:20:00Z"), tt.want...)
			if got := len(d.at.mark.left(d.work.table, 100)); got != tt.left {
				t.Errorf("%d slots are listed as left out, want %d", got, tt.left)
			}
			for range 12 {
				d.end()
				d.decide()
			}
			d.want("an hour later", d.look("2026-03-01T10:00:00Z"), "1 10:00:00")
			if tt.missed == "all" && (len(d.runs) != 10 || !slices.IsSorted(d.runs)) {
				t.Errorf("runs %q", d.runs)
			}
		})
	}
}

func TestSleepOverSlotsOfAnHourEach(t *testing.T) {
	d := deskOf(t, hourlyAt("last"), "2026-03-01T00:00:00Z")
	for day := 1; day <= 7; day++ { // the lid is closed from 18:30 to 08:10
		for hour := 8; hour <= 18; hour++ {
			d.look(fmt.Sprintf("2026-03-%02dT%02d:10:00Z", day, hour))
			d.end()
			d.look(fmt.Sprintf("2026-03-%02dT%02d:59:59Z", day, hour))
			d.look(fmt.Sprintf("2026-03-%02dT%02d:00:00Z", day, hour+1))
			d.end()
			if hour == 18 {
				d.look(fmt.Sprintf("2026-03-%02dT18:30:00Z", day))
			}
		}
	}
	seen := map[string]bool{}
	for _, slot := range d.runs {
		if seen[slot] {
			t.Errorf("slot %s had two runs", slot)
		}
		seen[slot] = true
	}
	// 08:00 is made up for at 08:10, then 09:00 to 19:00: twelve a day.
	if len(d.runs) != 7*12 {
		t.Errorf("%d runs: %q", len(d.runs), d.runs)
	}
}

func TestClockThatJumpsForwardIsABreak(t *testing.T) {
	d := deskOf(t, hourlyAt("none"), "2026-03-01T00:30:00Z")
	d.want("the jump", d.look("2027-03-01T00:30:00Z"))
	if len(d.said) != 1 || !strings.Contains(d.said[0], "missed its slots from 2026-03-01T01:00:00Z to 2027-03-01T00:00:00Z") {
		t.Errorf("said %q", d.said)
	}
	d.want("then", d.look("2027-03-01T01:00:01Z"), "1 01:00:00")
}

func TestClockThatJumpsBackFiresNoSlotTwice(t *testing.T) {
	d := deskOf(t, hourlyAt("last"), "2026-03-01T00:30:00Z")
	for hour := 1; hour <= 6; hour++ {
		d.look(fmt.Sprintf("2026-03-01T%02d:00:00Z", hour))
		d.end()
	}
	d.want("four hours back", d.look("2026-03-01T02:10:00Z"))
	if len(d.said) != 1 || !strings.Contains(d.said[0], "a clock that went back from 2026-03-01T06:00:00Z or later to 2026-03-01T02:10:00Z") {
		t.Errorf("said %q", d.said)
	}
	for hour := 3; hour <= 6; hour++ {
		d.want("dealt with", d.look(fmt.Sprintf("2026-03-01T%02d:00:30Z", hour)))
	}
	d.want("the next one", d.look("2026-03-01T07:00:00Z"), "1 07:00:00")
	if len(d.said) != 1 {
		t.Errorf("said %q", d.said)
	}
}

func TestSlotsThatOnlyAWrongClockPassedFireInTheirTime(t *testing.T) {
	// The clock stands in 2030 for two hours: what lies between was missed, and then is not.
	d := deskOf(t, hourlyAt("none"), "2026-03-01T00:30:00Z")
	d.want("in order", d.look("2026-03-01T01:00:00Z"), "1 01:00:00")
	d.end()
	d.want("the jump", d.look("2030-06-01T12:30:00Z"))
	d.want("there", d.look("2030-06-01T13:00:00Z"), "1 13:00:00")
	d.end()
	d.want("back", d.look("2026-03-01T01:20:00Z"))
	d.want("as if nothing had been", d.look("2026-03-01T02:00:00Z"), "1 02:00:00")
	d.end()
	d.want("when that time really comes", d.look("2030-06-01T12:59:00Z"))
	d.want("it was dealt with", d.look("2030-06-01T13:00:10Z"))
	d.want("the next one", d.look("2030-06-01T14:00:00Z"), "1 14:00:00")
}

func TestIntervalKeepsItsRhythmWhenTheClockGoesBack(t *testing.T) {
	d := deskOf(t, kit.Schedule{Every: 10 * time.Minute, Missed: "last"}, "2026-03-01T00:03:00Z")
	for _, at := range []string{"2026-03-01T00:13:00Z", "2026-03-01T00:23:00Z", "2026-03-01T00:33:00Z"} {
		d.look(at)
		d.end()
	}
	d.want("back", d.look("2026-03-01T00:15:00Z"))
	d.want("dealt with", d.look("2026-03-01T00:23:00Z"))
	d.want("dealt with", d.look("2026-03-01T00:33:30Z"))
	d.want("the next one", d.look("2026-03-01T00:43:00Z"), "1 00:43:00")
}

func TestRandomClockFiresNoSlotTwiceAndLosesNone(t *testing.T) {
	specs := []kit.Schedule{
		hourlyAt("all"),
		{Cron: "*/7 * * * *", Missed: "all"},
		{Every: 11 * time.Minute, Missed: "all"},
		{Every: 10 * time.Minute, From: "2026-03-01", Missed: "all"},
		{Cron: "30 2 * * *", Timezone: "Europe/Vienna", Missed: "all"},
		{Cron: "*/5 * * * *", Missed: "all", Jitter: 9 * time.Minute},
		{Cron: "*/30 * * * *", Missed: "all", Overlap: kit.Parallel, Most: 3},
	}
	for seed := range uint64(70) {
		dice := rand.New(rand.NewPCG(seed, 1))
		spec := specs[seed%uint64(len(specs))]
		d := deskOf(t, spec, "2026-03-27T00:00:30Z")
		highest := d.now
		for range 60 {
			switch dice.IntN(6) {
			case 0:
				d.now = d.now.Add(-time.Duration(dice.Int64N(int64(3 * time.Hour))))
			case 1:
				d.now = d.now.Add(time.Duration(dice.Int64N(int64(9 * time.Hour))))
			default:
				d.now = d.now.Add(time.Duration(dice.Int64N(int64(4 * time.Minute))))
			}
			if d.now.After(highest) {
				highest = d.now
			}
			d.decide()
			if dice.IntN(3) > 0 {
				d.end()
			}
		}
		d.now = highest.Add(20 * time.Minute) // every slot up to here has its turn
		for n := -1; n != len(d.runs); {
			n = len(d.runs)
			d.end()
			d.decide()
		}
		seen := map[string]bool{}
		for _, slot := range d.runs {
			if seen[slot] {
				t.Fatalf("seed %d: slot %s had two runs", seed, slot)
			}
			seen[slot] = true
		}
		left := d.at.mark.left(d.work.table, 1000)
		slot, err := d.work.table.next(clockAt(t, "2026-03-27T00:00:30Z"))
		for ; err == nil && !d.work.table.start(d.work.seed, slot).After(highest); slot, err = d.work.table.next(slot) {
			if !seen[slot.UTC().Format(time.RFC3339)] && !slices.ContainsFunc(left, slot.Equal) {
				t.Fatalf("seed %d: slot %s of %+v had no run and is not said to be left out\nsaid %s", seed, slot, spec, strings.Join(d.said, "\n"))
			}
		}
	}
}

func TestMachineThatComesToAnotherZoneCountsInThat(t *testing.T) {
	zone := func(name string) *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	spec := kit.Schedule{Cron: "0 9 * * *", Missed: "last"}
	d := deskOf(t, spec, "2026-03-02T05:00:00Z")
	d.read(spec, zone("Europe/Vienna"))
	d.want("nine in Vienna", d.look("2026-03-02T08:00:00Z"), "2 09:00:00")
	d.end()
	d.read(spec, zone("America/New_York"))
	d.want("noon in Vienna", d.look("2026-03-02T11:00:00Z"))
	d.want("nine in New York", d.look("2026-03-02T14:00:00Z"), "2 09:00:00")
	d.end()
	d.read(spec, zone("Asia/Tokyo"))
	d.want("nine in Tokyo", d.look("2026-03-03T00:00:00Z"), "3 09:00:00")
}

func TestMonthOfBreakMakesUpForABoundedNumber(t *testing.T) {
	d := deskOf(t, kit.Schedule{Cron: "* * * * *", Missed: "all"}, "2026-03-01T00:00:30Z")
	d.look("2026-04-01T00:00:30Z")
	if n := len(d.at.waiting) + len(d.runs); n != mostMadeUp+2 { // and the two of the last moments, which were met
		t.Errorf("%d slots are planned", n)
	}
	d.want("the first", d.runs, "2026-03-31T07:19:00Z")
	if len(d.said) == 0 || !strings.Contains(d.said[0], "missed more slots than the 1000 that are made up for, those from 2026-03-31T07:19:00Z on; to make up for earlier ones too, from 2026-03-01T00:01:00Z on, backfill them") {
		t.Errorf("said %q", d.said)
	}
	left := d.at.mark.left(d.work.table, 3)
	if len(left) != 3 || left[2].Format(time.RFC3339) != "2026-03-31T07:18:00Z" {
		t.Errorf("left out %v", left)
	}
}

func TestOverlap(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec kit.Schedule
		do   func(d *desk)
	}{
		{"queue keeps one", kit.Schedule{Cron: "0 * * * *"}, func(d *desk) {
			d.want("first", d.look("2026-03-01T01:00:00Z"), "1 01:00:00")
			d.want("second", d.look("2026-03-01T02:00:00Z"))
			d.want("third", d.look("2026-03-01T03:00:00Z"))
			d.want("waiting", d.waits(), "1 02:00:00")
			d.end()
			d.want("its turn", d.look("2026-03-01T03:30:00Z"), "1 02:00:00")
		}},
		{"queue keeps as many as it may", kit.Schedule{Cron: "0 * * * *", Overlap: kit.Queue, Most: 2}, func(d *desk) {
			for _, at := range []string{"2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z", "2026-03-01T03:00:00Z", "2026-03-01T04:00:00Z"} {
				d.look(at)
			}
			d.want("waiting", d.waits(), "1 02:00:00", "1 03:00:00")
			d.end()
			d.want("its turn", d.look("2026-03-01T04:30:00Z"), "1 02:00:00")
			d.want("waiting", d.waits(), "1 03:00:00")
		}},
		{"skip", kit.Schedule{Cron: "0 * * * *", Overlap: kit.Skip}, func(d *desk) {
			d.want("first", d.look("2026-03-01T01:00:00Z"), "1 01:00:00")
			d.want("second", d.look("2026-03-01T02:00:00Z"))
			d.end()
			d.want("nothing waits", d.look("2026-03-01T02:30:00Z"))
			d.want("third", d.look("2026-03-01T03:00:00Z"), "1 03:00:00")
		}},
		{"replace", kit.Schedule{Cron: "0 * * * *", Overlap: kit.Replace}, func(d *desk) {
			d.want("first", d.look("2026-03-01T01:00:00Z"), "1 01:00:00")
			d.want("second waits for the stop", d.look("2026-03-01T02:00:00Z"))
			if d.stops != 1 {
				d.t.Errorf("%d stops", d.stops)
			}
			d.want("second", d.look("2026-03-01T02:00:01Z"), "1 02:00:00")
		}},
		{"replace what waits for a stop that takes long", kit.Schedule{Cron: "0 * * * *", Overlap: kit.Replace}, func(d *desk) {
			d.look("2026-03-01T01:00:00Z")
			d.look("2026-03-01T02:00:00Z")
			d.going = []string{"the first does not end"}
			d.look("2026-03-01T03:00:00Z")
			d.want("waiting", d.waits(), "1 03:00:00")
			d.end()
			d.want("the newest", d.look("2026-03-01T03:00:05Z"), "1 03:00:00")
			d.want("left out", strings.Split(d.said[1], ":")[:1], "left out its slot of 2026-03-01T02")
		}},
		{"parallel", kit.Schedule{Cron: "0 * * * *", Overlap: kit.Parallel, Most: 3}, func(d *desk) {
			d.want("first", d.look("2026-03-01T01:00:00Z"), "1 01:00:00")
			d.want("second", d.look("2026-03-01T02:00:00Z"), "1 02:00:00")
			d.want("third", d.look("2026-03-01T03:00:00Z"), "1 03:00:00")
			d.want("fourth", d.look("2026-03-01T04:00:00Z"))
			d.want("fifth", d.look("2026-03-01T05:00:00Z"))
			d.want("waiting", d.waits(), "1 04:00:00")
			d.going = d.going[1:]
			d.want("fourth", d.look("2026-03-01T05:10:00Z"), "1 04:00:00")
		}},
		{"made up for one after the other", kit.Schedule{Cron: "0 * * * *", Missed: "all", Overlap: kit.Skip}, func(d *desk) {
			d.want("awake", d.look("2026-03-01T03:30:00Z"), "1 01:00:00")
			d.want("left out for them", d.look("2026-03-01T04:00:00Z"))
			d.end()
			d.want("second", d.look("2026-03-01T04:01:00Z"), "1 02:00:00")
			d.end()
			d.want("third", d.look("2026-03-01T04:02:00Z"), "1 03:00:00")
		}},
		{"backfilled behind the others", kit.Schedule{Cron: "0 * * * *"}, func(d *desk) {
			for _, at := range []string{"2026-02-01T00:00:00Z", "2026-02-01T01:00:00Z"} {
				slot := clockAt(d.t, at)
				d.at.waiting = append(d.at.waiting, flow.Planned{Key: slotKey(slot), Why: flow.Backfilled, Slot: slot})
			}
			d.want("first", d.decide(), "1 00:00:00")
			d.want("due", d.look("2026-03-01T01:00:00Z"))
			d.want("waiting", d.waits(), "1 01:00:00", "1 01:00:00")
			d.end()
			d.look("2026-03-01T01:10:00Z")
			d.end()
			d.look("2026-03-01T01:20:00Z")
			d.want("runs", d.runs, "2026-02-01T00:00:00Z", "2026-03-01T01:00:00Z", "2026-02-01T01:00:00Z")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.do(deskOf(t, tt.spec, "2026-03-01T00:30:00Z")) })
	}
}

func TestJitterDelaysEachSlotByAShareOfItsOwn(t *testing.T) {
	table, err := parseSchedule(kit.Schedule{Cron: "0 * * * *", Jitter: 10 * time.Minute}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := clockAt(t, "2026-03-01T00:30:00Z")
	delays := map[time.Duration]bool{}
	low, high := time.Hour, time.Duration(0)
	for range 200 {
		if at, err = table.next(at); err != nil {
			t.Fatal(err)
		}
		start := table.start("f", at)
		delay := start.Sub(at)
		if delay < 0 || delay >= 10*time.Minute || !start.Equal(table.start("f", at.Local())) {
			t.Errorf("slot %s starts at %s", at, start)
		}
		delays[delay], low, high = true, min(low, delay), max(high, delay)
	}
	if len(delays) < 190 || low > time.Minute || high < 9*time.Minute {
		t.Errorf("%d delays from %s to %s", len(delays), low, high)
	}
	first := clockAt(t, "2026-03-01T01:00:00Z")
	if table.start("f", first).Equal(table.start("g", first)) {
		t.Error("two triggers have the same delay")
	}
	d := deskOf(t, kit.Schedule{Cron: "0 * * * *", Jitter: 10 * time.Minute}, "2026-03-01T00:30:00Z")
	d.now = d.work.table.start("f", first).Add(-time.Millisecond)
	d.want("before its share", d.decide())
	d.now = d.now.Add(time.Millisecond)
	d.want("then", d.decide(), "1 01:00:00")
}

func TestScheduleEndsAndBeginsOnItsDates(t *testing.T) {
	d := deskOf(t, kit.Schedule{Cron: "0 */6 * * *", Timezone: "UTC", From: "2026-03-02", Until: "2026-03-02", Missed: "all"}, "2026-03-01T00:30:00Z")
	for _, at := range []string{"2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T18:00:00Z", "2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z"} {
		d.look(at)
		d.end()
	}
	d.want("runs", d.runs, "2026-03-02T00:00:00Z", "2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T18:00:00Z")
	if m := d.work.decide(d.at, d.now); m.over == nil || !strings.Contains(m.over.Error(), "has ended on 2 March 2026, 23:59") {
		t.Errorf("over: %v", m.over)
	}
}

func TestIntervalCountsFromItsDate(t *testing.T) {
	d := deskOf(t, kit.Schedule{Every: 90 * time.Minute, Timezone: "UTC", From: "2026-03-01 08:00"}, "2026-03-01T00:30:00Z")
	for _, at := range []string{"2026-03-01T07:59:59Z", "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "2026-03-01T09:30:00Z", "2026-03-01T11:00:00Z"} {
		d.look(at)
		d.end()
	}
	d.want("runs", d.runs, "2026-03-01T08:00:00Z", "2026-03-01T09:30:00Z", "2026-03-01T11:00:00Z")
}

func TestGapsThatTouchAreOne(t *testing.T) {
	d := deskOf(t, kit.Schedule{Cron: "* * * * *", Overlap: kit.Skip}, "2026-03-01T00:00:30Z")
	d.going = []string{"one that hangs"}
	for minute := range 500 {
		d.now = clockAt(t, "2026-03-01T00:01:00Z").Add(time.Duration(minute) * time.Minute)
		d.decide()
	}
	if n := len(d.at.mark.Gaps); n != 1 {
		t.Errorf("%d gaps", n)
	}
	if n := len(d.at.mark.left(d.work.table, 1000)); n != 500 {
		t.Errorf("%d slots are listed as left out", n)
	}
}
