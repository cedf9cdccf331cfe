package engine

import (
	"hash/fnv"
	"strings"
	"time"
	_ "time/tzdata" // where the system has no list of time zones

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// timetable is a schedule that was read and can be asked for its next slot.
type timetable struct {
	days
	every       time.Duration // 0 where there is a cron expression
	zone        *time.Location
	from, until time.Time // zero where there is none
	jitter      time.Duration
}

// shortest is the least time between two slots of an interval.
const shortest = time.Second

// parseSchedule reads a schedule; local is the zone of one that names none. The error
// is a *kit.Failure that names the setting.
func parseSchedule(s kit.Schedule, local *time.Location) (*timetable, error) {
	t := &timetable{zone: local, jitter: s.Jitter}
	if s.Timezone != "" {
		zone, err := time.LoadLocation(s.Timezone)
		if err != nil {
			return nil, kit.Fail(kit.Invalid, "there is no time zone %q", s.Timezone).On("timezone").
				Hint("use a name of the IANA list, such as Europe/Vienna")
		}
		t.zone = zone
	}
	if err := checkPolicies(s); err != nil {
		return nil, err
	}
	var err error
	if t.from, err = t.readLimit(s.From, "from", false); err != nil {
		return nil, err
	}
	if t.until, err = t.readLimit(s.Until, "until", true); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(s.Cron)
	switch {
	case text != "":
		if err := t.readCron(text); err != nil {
			return nil, badCron(text, err)
		}
	case s.Every <= 0:
		return nil, kit.Fail(kit.Invalid, "the schedule is empty").On("cron").Hint(`write five fields, for example "30 2 * * *", or set "every"`)
	case s.Every < shortest:
		return nil, kit.Fail(kit.Invalid, "the interval %s is too short", s.Every).On("every").Hint("take %s or more", shortest)
	default:
		t.every = s.Every
	}
	return t, t.fires()
}

func checkPolicies(s kit.Schedule) error {
	switch s.Missed {
	case "", "none", "last", "all":
	default:
		return kit.Fail(kit.Invalid, "%q does not say what is done with missed slots", s.Missed).On("missed").Hint("none, last or all")
	}
	switch s.Overlap {
	case "", kit.Queue, kit.Skip, kit.Replace, kit.Parallel:
	default:
		return kit.Fail(kit.Invalid, "%q does not say what is done while a run goes on", s.Overlap).On("overlap").Hint("queue, skip, replace or parallel")
	}
	if s.Most < 0 {
		return kit.Fail(kit.Invalid, "there cannot be %d of something", s.Most).On("most").Hint("take 1 or more")
	}
	if s.Jitter < 0 {
		return kit.Fail(kit.Invalid, "a run cannot start before its slot").On("jitter").Hint("take 0 or more")
	}
	return nil
}

// readLimit reads a date, or a date and time of the schedule's zone. whole says that a
// date alone means its last moment.
func (t *timetable) readLimit(text, field string, whole bool) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(layout, text, t.zone)
		if err != nil || at.Year() < 1970 || at.Year() > 2200 { // times 292 years apart cannot be reckoned with
			continue
		}
		if whole && layout == time.DateOnly {
			at = at.AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
		return at, nil
	}
	return time.Time{}, kit.Fail(kit.Invalid, "%q is no date", text).On(field).Hint("write it like 2026-03-01, or 2026-03-01 08:00")
}

// fires is the failure of a schedule that has no slot at all.
func (t *timetable) fires() error {
	begin := time.Unix(0, 0)
	if !t.from.IsZero() {
		begin = t.from.Add(-time.Nanosecond)
	}
	if !t.until.IsZero() && !t.from.IsZero() && t.until.Before(t.from) {
		return kit.Fail(kit.Invalid, "the schedule never fires: it ends before it begins").On("until").Hint(`put "until" behind "from"`)
	}
	_, err := t.next(begin)
	if err != nil && !t.until.IsZero() && kit.AsFailure(err).Field == "until" {
		return kit.Fail(kit.Invalid, "the schedule never fires: it has ended before its first time comes").On("until").Hint(`put "until" later, or leave it empty`)
	}
	return err
}

// next is the first slot after a moment.
func (t *timetable) next(after time.Time) (time.Time, error) {
	if !t.from.IsZero() && after.Before(t.from) {
		after = t.from.Add(-time.Nanosecond)
	}
	slot, err := t.nextOf(after)
	if err == nil && !t.until.IsZero() && slot.After(t.until) {
		return time.Time{}, kit.Fail(kit.Invalid, "the schedule has ended on %s", t.until.In(t.zone).Format("2 January 2006, 15:04")).On("until").
			Hint("move its end, or leave it empty")
	}
	return slot, err
}

func (t *timetable) nextOf(after time.Time) (time.Time, error) {
	switch {
	case t.every == 0:
		return t.nextDay(after)
	case t.from.IsZero():
		return after.Add(t.every).In(t.zone), nil
	case after.Before(t.from):
		return t.from.In(t.zone), nil
	}
	passed := after.Sub(t.from)/t.every + 1
	return t.from.Add(passed * t.every).In(t.zone), nil
}

// latest is the last slot until a moment, of which first is one before it. It looks
// back from the end, further and further, so that a long break costs little.
func (t *timetable) latest(first, until time.Time) time.Time {
	newest := t.newest(first, until, 1)
	return newest[len(newest)-1]
}

// newest are up to n slots, the last ones until a moment, of which first is one at or
// before it, oldest first.
func (t *timetable) newest(first, until time.Time, n int) []time.Time {
	if t.every > 0 {
		last := first.Add(until.Sub(first) / t.every * t.every)
		var slots []time.Time
		for slot := last.Add(-time.Duration(n-1) * t.every); !slot.After(last); slot = slot.Add(t.every) {
			if !slot.Before(first) {
				slots = append(slots, slot)
			}
		}
		return slots
	}
	for back := time.Hour; ; back *= 2 {
		from, whole := until.Add(-back), false
		var slots []time.Time
		if !from.After(first) {
			from, whole = first, true
			slots = append(slots, first)
		}
		for slot, err := t.next(from); err == nil && !slot.After(until); slot, err = t.next(slot) {
			slots = append(slots, slot)
		}
		if whole || len(slots) >= n {
			return slots[max(0, len(slots)-n):]
		}
	}
}

// start is when the run of a slot starts: with its share of the jitter, which hangs on
// the trigger and the slot alone.
func (t *timetable) start(seed string, slot time.Time) time.Time {
	if t.jitter <= 0 {
		return slot
	}
	h := fnv.New64a()
	h.Write([]byte(seed))
	h.Write([]byte(slotKey(slot)))
	return slot.Add(time.Duration(mix(h.Sum64()) % uint64(t.jitter)).Truncate(time.Millisecond))
}

// mix spreads a hash whose inputs differ only in their last digits (the finaliser of
// MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// slotKey names a slot among those of its trigger. Keys sort as slots do.
func slotKey(slot time.Time) string { return slot.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// jitterSeed is what the jitter of a trigger hangs on beside the slot.
func jitterSeed(f flow.ID, s flow.StepID) string { return string(f) + "\x00" + string(s) + "\x00" }
