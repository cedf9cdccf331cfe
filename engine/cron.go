package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"jackfield/connectors/kit"
)

// Of a cron expression only the parser is robfig's: it panics on a time zone inside
// the expression and says of expressions that never fire that they fire in year 1.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// days are the dates that a cron expression means.
type days struct {
	cron *cron.SpecSchedule
	ends []int    // days of the month counted from its end: 0 is the last one
	nth  []nthDay // days of the week counted in the month
}

// nthDay is the second Friday of a month, or the last one where n is 0.
type nthDay struct {
	day time.Weekday
	n   int
}

// readCron reads a cron expression. What the parser does not know of it is taken out
// before: Sunday as 7, the last days of a month, and the second Friday.
func (t *timetable) readCron(text string) (err error) {
	defer func() {
		if bad := recover(); bad != nil {
			err = fmt.Errorf("it makes no sense: %v", bad)
		}
	}()
	if strings.Contains(text, "TZ=") {
		return kit.Fail(kit.Invalid, "the time zone has a setting of its own").Hint(`leave it out of the time, and set "timezone"`)
	}
	fields := strings.Fields(text)
	if err := refuseCron(text, fields); err != nil {
		return err
	}
	noDom, noDow := false, false
	if len(fields) == 5 {
		if fields[2], noDom, err = t.takeEnds(fields[2]); err != nil {
			return err
		}
		if fields[4], noDow, err = t.takeNth(fields[4]); err != nil {
			return err
		}
		if fields[4], err = sundayIsZero(fields[4]); err != nil {
			return err
		}
		text = strings.Join(fields, " ")
	}
	parsed, err := cronParser.Parse(text)
	if err != nil {
		return err
	}
	switch parsed := parsed.(type) {
	case *cron.SpecSchedule:
		if noDom {
			parsed.Dom = 0
		}
		if noDow {
			parsed.Dow = 0
		}
		t.cron = parsed
	case cron.ConstantDelaySchedule:
		t.every = parsed.Delay
	default:
		return fmt.Errorf("a schedule of kind %T is not known", parsed)
	}
	return nil
}

// refuseCron says what to do instead of what other crons know and this one does not.
func refuseCron(text string, fields []string) error {
	switch {
	case strings.EqualFold(text, "@reboot"):
		return kit.Fail(kit.Invalid, "there is no time at which Jackfield starts").
			Hint(`set "every" and missed: last; it fires when Jackfield opens after a break`)
	case len(fields) == 6 || len(fields) == 7:
		return kit.Fail(kit.Invalid, "it has %d fields, with seconds or years, and times are of whole minutes here", len(fields)).
			Hint(`write five fields; for less than a minute set "every", for years "from" and "until"`)
	case len(fields) == 5 && (fields[2] == "?" || fields[4] == "?"):
		return kit.Fail(kit.Invalid, "it has a question mark").Hint("write * where any day will do")
	case len(fields) == 5 && strings.ContainsAny(fields[2], "Ww"):
		return kit.Fail(kit.Invalid, "the weekday nearest to a date is not known").
			Hint("fire on each weekday, 1-5, and filter for the date in the flow")
	}
	return nil
}

// takeEnds takes L and L-3 out of a field of days of the month. none says that nothing
// is left of it but a filling.
func (t *timetable) takeEnds(field string) (rest string, none bool, err error) {
	var left []string
	for item := range strings.SplitSeq(field, ",") {
		back, isEnd := strings.CutPrefix(strings.ToUpper(item), "L")
		if !isEnd {
			left = append(left, item)
			continue
		}
		n := 0
		if back != "" {
			if n, err = strconv.Atoi(strings.TrimPrefix(back, "-")); err != nil || n < 1 || n > 30 || back[0] != '-' {
				return "", false, fmt.Errorf("%q is no day counted from the end of a month, such as L or L-2", item)
			}
		}
		t.ends = append(t.ends, n)
	}
	if len(left) == 0 {
		return "1", true, nil
	}
	return strings.Join(left, ","), false, nil
}

// takeNth takes 5#2 and 5L out of a field of days of the week.
func (t *timetable) takeNth(field string) (rest string, none bool, err error) {
	var left []string
	for item := range strings.SplitSeq(field, ",") {
		name, number, nth := strings.Cut(item, "#")
		n := 0
		if nth {
			if n, err = strconv.Atoi(number); err != nil || n < 1 || n > 5 {
				return "", false, fmt.Errorf("%q is no day of the week counted in its month, such as 5#2 or fri#1", item)
			}
		} else if last := strings.TrimRight(item, "lL"); last != item && len(last) == len(item)-1 {
			name, nth = last, true
		}
		if !nth {
			left = append(left, item)
			continue
		}
		day, err := weekday(name)
		if err != nil {
			return "", false, err
		}
		t.nth = append(t.nth, nthDay{time.Weekday(day % 7), n})
	}
	if len(left) == 0 {
		return "0", true, nil
	}
	return strings.Join(left, ","), false, nil
}

// onDay says whether the expression means the date of d. As in every cron, day of
// month and day of week are alternatives where both are set.
func (t *days) onDay(d time.Time) bool {
	c := t.cron
	if !has(c.Month, int(d.Month())) {
		return false
	}
	month, week := has(c.Dom, d.Day()), has(c.Dow, int(d.Weekday()))
	if len(t.ends)+len(t.nth) > 0 {
		length := time.Date(d.Year(), d.Month()+1, 0, 12, 0, 0, 0, time.UTC).Day()
		for _, back := range t.ends {
			month = month || d.Day() == length-back
		}
		for _, one := range t.nth {
			in := one.n > 0 && (d.Day()-1)/7+1 == one.n || one.n == 0 && d.Day()+7 > length
			week = week || d.Weekday() == one.day && in
		}
	}
	if c.Dom&star != 0 || c.Dow&star != 0 {
		return month && week
	}
	return month || week
}

// sundayIsZero writes a field of days of the week, in which Sunday may be 7 or end a
// range, so that the parser takes it: Sunday as 0, and ranges over it as lists.
func sundayIsZero(field string) (string, error) {
	items := strings.Split(field, ",")
	for i, item := range items {
		span, step, stepped := strings.Cut(item, "/")
		low, high, ranged := strings.Cut(span, "-")
		if !ranged && low == "7" {
			low = "0"
		}
		last := strings.EqualFold(high, "sun") || high == "7"
		if !ranged || !last || low == "0" || strings.EqualFold(low, "sun") {
			items[i] = strings.Replace(item, span, joinRange(low, high, ranged), 1)
			continue
		}
		by := 1
		if stepped {
			n, err := strconv.Atoi(step)
			if err != nil || n < 1 {
				return "", fmt.Errorf("the step %q is no number from 1 on", step)
			}
			by = n
		}
		days, err := daysTo7(low, by)
		if err != nil {
			return "", err
		}
		items[i] = days
	}
	return strings.Join(items, ","), nil
}

func joinRange(low, high string, ranged bool) string {
	if ranged {
		return low + "-" + high
	}
	return low
}

// daysTo7 lists the days from low to Sunday.
func daysTo7(low string, by int) (string, error) {
	first, err := weekday(low)
	if err != nil {
		return "", err
	}
	var days []string
	for d := first; d <= 7; d += by {
		days = append(days, strconv.Itoa(d%7))
	}
	return strings.Join(days, ","), nil
}

// weekday reads a day of the week, from 0 to 7.
func weekday(text string) (int, error) {
	for i, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		if strings.EqualFold(text, name) {
			return i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 7 {
		return 0, fmt.Errorf("%q is no day of the week", text)
	}
	return n, nil
}

// badCron is the failure of an expression that cannot be read.
func badCron(text string, err error) error {
	fix := `write minute, hour, day of month, month and day of week, for example "30 2 * * *"`
	if f, ok := errors.AsType[*kit.Failure](err); ok && f.Fix != "" {
		fix = f.Fix
	}
	return kit.Fail(kit.Invalid, "the schedule %q cannot be read: %w", text, err).On("cron").Hint("%s", fix)
}
