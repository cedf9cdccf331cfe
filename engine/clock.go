package engine

import (
	"iter"
	"math/bits"
	"slices"
	"time"

	"jackfield/connectors/kit"
)

// Next is the first slot of a schedule after a moment. It is pure.
//
// Slots are wall times in the schedule's zone. A wall time that the clocks skip in
// spring has its slot at the first minute after the gap. One that comes twice in
// autumn has one slot, the first time; only where the hour is "*", which is meant as
// a rhythm and not as a time of day, each of both hours has its slots.
func Next(s kit.Schedule, after time.Time) (time.Time, error) {
	t, err := parseSchedule(s, time.Local)
	if err != nil {
		return time.Time{}, err
	}
	return t.next(after)
}

// horizon is how many days are searched: a 29th of February can be eight years away.
const horizon = 8*366 + 2

// star is the bit by which the parser marks a field that is "*".
const star = 1 << 63

func (t *timetable) nextDay(after time.Time) (time.Time, error) {
	after = after.In(t.zone)
	// A day earlier than after, because the slot of a skipped wall time can lie on the
	// day behind it.
	y, m, d := after.Date()
	for day := -1; day < horizon; day++ {
		noon := time.Date(y, m, d+day, 12, 0, 0, 0, time.UTC)
		if !t.onDay(noon) {
			continue
		}
		if slot, ok := t.onDate(noon, after); ok {
			return slot, nil
		}
	}
	return time.Time{}, kit.Fail(kit.Invalid, "the schedule never fires: no such day ever comes").On("cron").
		Hint("see whether the month has that day")
}

func has(set uint64, n int) bool { return set&(1<<uint(n)) != 0 }

// onDate is the first slot of a date that lies after a moment.
func (t *timetable) onDate(date, after time.Time) (time.Time, bool) {
	at := func(hour, minute int) []time.Time {
		return t.slots(time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, time.UTC))
	}
	hours, minutes := t.cron.Hour&^star, t.cron.Minute&^star
	early, late := bits.TrailingZeros64(minutes), highest(minutes)
	over := func(slots []time.Time) bool { return !slots[len(slots)-1].After(after) }
	if over(at(highest(hours), late)) {
		return time.Time{}, false
	}
	var best time.Time
	for hour := range each(hours) {
		// The first slots of wall times ascend with these, so most need no look.
		if !best.IsZero() && at(hour, early)[0].After(best) {
			break
		}
		if over(at(hour, late)) {
			continue
		}
		for minute := range each(minutes) {
			slots := at(hour, minute)
			if !best.IsZero() && slots[0].After(best) {
				break
			}
			for _, slot := range slots {
				if slot.After(after) && (best.IsZero() || slot.Before(best)) {
					best = slot
				}
			}
		}
	}
	return best, !best.IsZero()
}

func highest(set uint64) int { return 63 - bits.LeadingZeros64(set) }

// each yields the members of a set in order.
func each(set uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for ; set != 0; set &= set - 1 {
			if !yield(bits.TrailingZeros64(set)) {
				return
			}
		}
	}
}

// slots are the slots that a wall time has.
func (t *timetable) slots(wall time.Time) []time.Time {
	all := moments(wall, t.zone)
	if t.cron.Hour&star == 0 {
		return all[:1]
	}
	return all
}

// moments are the times at which the clocks of a zone show a wall time, given as if
// it were in UTC: one mostly, two where it comes twice. For a time that is skipped it
// is the first minute after the gap.
func moments(wall time.Time, zone *time.Location) []time.Time {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	begin, end := near.ZoneBounds()
	var shown []time.Time
	for _, other := range []time.Time{near, begin.Add(-time.Second), end} {
		_, offset := other.Zone()
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if sameWall(at, wall) && !slices.ContainsFunc(shown, at.Equal) {
			shown = append(shown, at)
		}
	}
	if len(shown) > 0 {
		slices.SortFunc(shown, time.Time.Compare)
		return shown
	}
	for _, change := range []time.Time{begin, end} {
		if !change.IsZero() && skips(change, wall) {
			return []time.Time{wholeMinute(change)}
		}
	}
	return []time.Time{near}
}

func sameWall(t, wall time.Time) bool {
	return t.Year() == wall.Year() && t.YearDay() == wall.YearDay() && t.Hour() == wall.Hour() && t.Minute() == wall.Minute()
}

// skips says whether the clocks jump over a wall time when they change.
func skips(change, wall time.Time) bool {
	_, before := change.Add(-time.Second).Zone()
	_, behind := change.Zone()
	seconds := change.Unix()
	return seconds+int64(before) <= wall.Unix() && wall.Unix() < seconds+int64(behind)
}

// wholeMinute is t, or the next moment at which the clocks show a whole minute.
func wholeMinute(t time.Time) time.Time {
	if t.Second() == 0 {
		return t
	}
	return t.Add(time.Duration(60-t.Second()) * time.Second)
}
