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

// timetable is a schedule that was read and can be asked for its next slot.
type timetable struct {
	every time.Duration // 0 where there is a cron expression
	cron  *cron.SpecSchedule
	zone  *time.Location
}

// Of a cron expression only the parser is robfig's: it panics on a time zone inside
// the expression and says of expressions that never fire that they fire in year 1.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// parseSchedule reads a schedule. The error is a *kit.Failure that names the setting.
func parseSchedule(s kit.Schedule) (*timetable, error) {
	t := &timetable{zone: time.Local}
	if s.Timezone != "" {
		zone, err := time.LoadLocation(s.Timezone)
		if err != nil {
			return nil, kit.Fail(kit.Invalid, "there is no time zone %q", s.Timezone).On("timezone").
				Hint("use a name of the IANA list, such as Europe/Vienna")
		}
		t.zone = zone
	}
	switch s.Missed {
	case "", "none", "last", "all":
	default:
		return nil, kit.Fail(kit.Invalid, "%q does not say what is done with missed slots", s.Missed).On("missed").Hint("none, last or all")
	}
	text := strings.TrimSpace(s.Cron)
	if text == "" {
		if s.Every <= 0 {
			return nil, kit.Fail(kit.Invalid, "the schedule is empty").On("cron").Hint(`write five fields, for example "30 2 * * *", or set "every"`)
		}
		t.every = s.Every
		return t, nil
	}
	if err := t.readCron(text); err != nil {
		return nil, kit.Fail(kit.Invalid, "the schedule %q cannot be read: %w", text, err).On("cron").
			Hint(`write minute, hour, day of month, month and day of week, for example "30 2 * * *"`)
	}
	if t.every == 0 {
		if _, err := t.next(time.Unix(0, 0)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *timetable) readCron(text string) error {
	if strings.Contains(text, "TZ=") {
		return errors.New("the time zone has a setting of its own")
	}
	if fields := strings.Fields(text); len(fields) == 5 {
		week, err := sundayIsZero(fields[4])
		if err != nil {
			return err
		}
		fields[4] = week
		text = strings.Join(fields, " ")
	}
	parsed, err := cronParser.Parse(text)
	if err != nil {
		return err
	}
	switch parsed := parsed.(type) {
	case *cron.SpecSchedule:
		t.cron = parsed
	case cron.ConstantDelaySchedule:
		t.every = parsed.Delay
	default:
		return fmt.Errorf("a schedule of kind %T is not known", parsed)
	}
	return nil
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
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	first, err := strconv.Atoi(low)
	for i, name := range names {
		if strings.EqualFold(low, name) {
			first, err = i, nil
		}
	}
	if err != nil || first < 0 || first > 7 {
		return "", fmt.Errorf("%q is no day of the week", low)
	}
	var days []string
	for d := first; d <= 7; d += by {
		days = append(days, strconv.Itoa(d%7))
	}
	return strings.Join(days, ","), nil
}
