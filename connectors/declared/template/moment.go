package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Moment is a point in time, or with Date a day.
type Moment struct {
	time.Time
	Date bool
}

func (m Moment) String() string {
	if m.Date {
		return m.Format(time.DateOnly)
	}
	return m.Format("2006-01-02 15:04:05") + fraction(m.Time, "", ".") + m.Format("-07:00")
}

// fraction is the microseconds as Python writes them: left out where there are none.
func fraction(t time.Time, none, before string) string {
	if t.Nanosecond()/1000 == 0 {
		return none
	}
	return before + fmt.Sprintf("%06d", t.Nanosecond()/1000)
}

func (m Moment) attribute(id string) any {
	switch id {
	case "year":
		return m.Year()
	case "month":
		return int(m.Month())
	case "day":
		return m.Day()
	case "hour":
		return m.Hour()
	case "minute":
		return m.Minute()
	case "second":
		return m.Second()
	case "microsecond":
		return m.Nanosecond() / 1000
	}
	return missing{}
}

// Span is a length of time: a number of months, which are of different lengths, and an
// exact length.
type Span struct {
	Months int
	Length time.Duration
}

func (s Span) String() string {
	d := s.Length
	sign := ""
	days := int(d / (24 * time.Hour))
	if rest := d % (24 * time.Hour); rest < 0 {
		days--
		d = rest + 24*time.Hour
	} else {
		d = rest
	}
	text := fmt.Sprintf("%s%d:%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	switch {
	case days == 1 || days == -1:
		text = fmt.Sprintf("%d day, %s", days, text)
	case days != 0:
		text = fmt.Sprintf("%d days, %s", days, text)
	}
	if s.Months != 0 {
		text = fmt.Sprintf("%d months, %s", s.Months, text)
	}
	return text
}

func (s Span) rough() time.Duration { return s.Length + time.Duration(s.Months)*30*24*time.Hour }

// After is the moment by the span behind t. A day that the month does not have is its
// last one.
func (s Span) After(t time.Time) time.Time {
	if s.Months != 0 {
		first := time.Date(t.Year(), t.Month()+time.Month(s.Months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		last := first.AddDate(0, 1, -1).Day()
		t = first.AddDate(0, 0, min(t.Day(), last)-1)
	}
	return t.Add(s.Length)
}

// Back is the span in the other direction.
func (s Span) Back() Span { return Span{-s.Months, -s.Length} }

var iso = regexp.MustCompile(`^([-+])?P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// ParseSpan reads a length of time of ISO 8601, such as P1M or PT12H.
func ParseSpan(text string) (Span, bool) {
	m := iso.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || strings.HasSuffix(m[0], "P") || strings.HasSuffix(m[0], "T") {
		return Span{}, false
	}
	part := func(i int) float64 {
		f, _ := strconv.ParseFloat("0"+m[i], 64)
		return f
	}
	months := part(2)*12 + part(3)
	seconds := (part(4)*7+part(5))*86400 + part(6)*3600 + part(7)*60 + part(8)
	if months > 12_000 || seconds > 9e9 {
		return Span{}, false
	}
	s := Span{int(months), time.Duration(seconds * float64(time.Second))}
	if m[1] == "-" {
		s = s.Back()
	}
	return s, true
}

// inTime does arithmetic with moments and spans; is says that it was one of these.
func inTime(op string, a, b any) (v any, is bool, err error) {
	m, isMoment := a.(Moment)
	n, alsoMoment := b.(Moment)
	s, isSpan := a.(Span)
	u, alsoSpan := b.(Span)
	k, isNumber := float(b)
	switch {
	case !isMoment && !alsoMoment && !isSpan && !alsoSpan:
		return nil, false, nil
	case isMoment && alsoSpan && op == "+":
		return Moment{u.After(m.Time), m.Date}, true, nil
	case isMoment && alsoSpan && op == "-":
		return Moment{u.Back().After(m.Time), m.Date}, true, nil
	case isSpan && alsoMoment && op == "+":
		return Moment{s.After(n.Time), n.Date}, true, nil
	case isMoment && alsoMoment && op == "-":
		return Span{Length: m.Sub(n.Time)}, true, nil
	case isSpan && alsoSpan && op == "+":
		return Span{s.Months + u.Months, s.Length + u.Length}, true, nil
	case isSpan && alsoSpan && op == "-":
		return Span{s.Months - u.Months, s.Length - u.Length}, true, nil
	case isSpan && isNumber && op == "*":
		return Span{int(float64(s.Months) * k), time.Duration(float64(s.Length) * k)}, true, nil
	}
	return nil, true, errUndefined
}

// FormatTime writes a moment by a format of Python's strftime and of Airbyte's own signs:
// %s and %epoch_seconds are seconds since 1970, %ms milliseconds, %_ms the milliseconds of
// the second, %s_as_float seconds with a fraction, %epoch_microseconds microseconds.
func FormatTime(t time.Time, format string) string {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		sign := timeSign(format[i+1:])
		out.WriteString(formatSign(t, sign))
		i += len(sign)
	}
	return out.String()
}

// ownSigns are the signs of more than one letter, longer ones first.
var ownSigns = []string{"epoch_microseconds", "epoch_seconds", "s_as_float", "_ms", "ms"}

func timeSign(rest string) string {
	for _, own := range ownSigns {
		if strings.HasPrefix(rest, own) {
			return own
		}
	}
	if rest[0] == '-' && len(rest) > 1 {
		return rest[:2]
	}
	return rest[:1]
}

// layouts are the signs that package time has a word for.
var layouts = map[string]string{
	"Y": "2006", "m": "01", "d": "02", "H": "15", "M": "04", "S": "05", "y": "06", "b": "Jan", "B": "January",
	"a": "Mon", "A": "Monday", "I": "03", "p": "PM", "j": "002", "F": "2006-01-02", "T": "15:04:05", "D": "01/02/06",
	"e": "_2", "-d": "2", "-m": "1", "-I": "3", "-M": "4", "-S": "5", "z": "-0700", "Z": "MST", "c": "Mon Jan _2 15:04:05 2006",
	"x": "01/02/06", "X": "15:04:05", "R": "15:04", "h": "Jan",
}

func formatSign(t time.Time, sign string) string {
	switch sign {
	case "s", "epoch_seconds":
		return strconv.FormatInt(t.Unix(), 10)
	case "ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "_ms":
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	case "s_as_float":
		return floatText(float64(t.UnixMicro()) / 1e6)
	case "epoch_microseconds":
		return strconv.FormatInt(t.UnixMicro(), 10)
	case "f":
		return fmt.Sprintf("%06d", t.Nanosecond()/1000)
	case "%":
		return "%"
	case "-H":
		return strconv.Itoa(t.Hour())
	case "u":
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case "w":
		return strconv.Itoa(int(t.Weekday()))
	case "V":
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	}
	if layout, ok := layouts[sign]; ok {
		return t.Format(layout)
	}
	return "%" + sign
}

// ParseTime reads a text, or a number of %s and the like, by a format. One without a zone
// is UTC.
func ParseTime(text, format string) (time.Time, bool) {
	switch format {
	case "%s", "%s_as_float", "%ms", "%epoch_microseconds", "%epoch_seconds":
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || f > 1e17 || f < -1e17 {
			return time.Time{}, false
		}
		unit := map[string]float64{"%ms": 1e-3, "%epoch_microseconds": 1e-6}[format]
		if unit == 0 {
			unit = 1
		}
		whole := int64(f * unit)
		return time.Unix(whole, int64((f*unit-float64(whole))*1e9)).UTC().Round(time.Microsecond), true
	}
	r := &timeReader{rest: strings.TrimSpace(text), year: 1900, month: 1, day: 1, zone: time.UTC}
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '%' && i+1 < len(format):
			sign := timeSign(format[i+1:])
			i += len(sign)
			if !r.sign(strings.TrimPrefix(sign, "-")) {
				return time.Time{}, false
			}
		case c == ' ':
			r.rest = strings.TrimLeft(r.rest, " ")
		case r.rest == "" || r.rest[0] != c:
			return time.Time{}, false
		default:
			r.rest = r.rest[1:]
		}
	}
	return r.moment()
}

// timeReader reads a text by the signs of a format.
type timeReader struct {
	rest                      string
	year, month, day, yearDay int
	hour, minute, second      int
	nanos                     int
	pm, half                  bool
	zone                      *time.Location
	epoch                     *time.Time
}

// digits reads a number of at most so many digits.
func (r *timeReader) digits(most int, to *int) bool {
	n := 0
	for n < most && n < len(r.rest) && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	v, err := strconv.Atoi(r.rest[:n])
	*to, r.rest = v, r.rest[n:]
	return err == nil
}

func (r *timeReader) sign(sign string) bool {
	switch sign {
	case "Y":
		return r.digits(4, &r.year)
	case "y":
		ok := r.digits(2, &r.year)
		if r.year += 2000; r.year > 2068 {
			r.year -= 100
		}
		return ok
	case "m":
		return r.digits(2, &r.month)
	case "d", "e":
		r.rest = strings.TrimLeft(r.rest, " ")
		return r.digits(2, &r.day)
	case "j":
		return r.digits(3, &r.yearDay)
	case "H":
		return r.digits(2, &r.hour)
	case "I":
		r.half = true
		return r.digits(2, &r.hour)
	case "M":
		return r.digits(2, &r.minute)
	case "S":
		return r.digits(2, &r.second)
	case "f", "_ms":
		before := len(r.rest)
		ok := r.digits(9, &r.nanos)
		for n := before - len(r.rest); n < 9; n++ {
			r.nanos *= 10
		}
		return ok
	case "p":
		return r.half12()
	case "b", "B", "h", "a", "A":
		return r.word(sign)
	case "z", "Z":
		return r.offset()
	case "F":
		return r.all("Y-m-d")
	case "T":
		return r.all("H:M:S")
	case "s", "epoch_seconds":
		var n int
		ok := r.digits(12, &n)
		t := time.Unix(int64(n), 0)
		r.epoch = &t
		return ok
	case "ms":
		var n int
		ok := r.digits(15, &n)
		t := time.UnixMilli(int64(n))
		r.epoch = &t
		return ok
	case "%":
		if !strings.HasPrefix(r.rest, "%") {
			return false
		}
		r.rest = r.rest[1:]
		return true
	}
	return false
}

// all reads signs with what stands between them.
func (r *timeReader) all(signs string) bool {
	for i := range len(signs) {
		if i%2 == 0 {
			if !r.sign(signs[i : i+1]) {
				return false
			}
			continue
		}
		if r.rest == "" || r.rest[0] != signs[i] {
			return false
		}
		r.rest = r.rest[1:]
	}
	return true
}

func (r *timeReader) half12() bool {
	if len(r.rest) < 2 {
		return false
	}
	word := strings.ToUpper(r.rest[:2])
	r.pm, r.rest = word == "PM", r.rest[2:]
	return word == "AM" || word == "PM"
}

// word reads the name of a month or of a day, long or short.
func (r *timeReader) word(sign string) bool {
	names := 12
	if sign == "a" || sign == "A" {
		names = 7
	}
	for n := range names {
		full := time.Month(n + 1).String()
		if names == 7 {
			full = time.Weekday(n).String()
		}
		for _, name := range []string{full, full[:3]} {
			if len(r.rest) >= len(name) && strings.EqualFold(r.rest[:len(name)], name) {
				if r.rest = r.rest[len(name):]; names == 12 {
					r.month = n + 1
				}
				return true
			}
		}
	}
	return false
}

var zoneOffset = regexp.MustCompile(`^([-+])(\d{2}):?(\d{2})(?::?\d{2})?`)

func (r *timeReader) offset() bool {
	for _, word := range []string{"Z", "UTC", "GMT"} {
		if rest, found := strings.CutPrefix(r.rest, word); found {
			r.rest, r.zone = rest, time.UTC
			return true
		}
	}
	m := zoneOffset.FindStringSubmatch(r.rest)
	if m == nil {
		return false
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	r.rest, r.zone = r.rest[len(m[0]):], time.FixedZone("", seconds)
	return true
}

func (r *timeReader) moment() (time.Time, bool) {
	if r.rest != "" {
		return time.Time{}, false
	}
	if r.epoch != nil {
		return r.epoch.UTC(), true
	}
	if r.half {
		if r.hour < 1 || r.hour > 12 {
			return time.Time{}, false
		}
		if r.hour %= 12; r.pm {
			r.hour += 12
		}
	}
	t := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nanos, r.zone)
	if r.yearDay > 0 {
		return t.AddDate(0, 0, r.yearDay-1).UTC(), true
	}
	sound := t.Day() == r.day && int(t.Month()) == r.month && r.hour < 24 && r.minute < 60 && r.second < 60
	return t.UTC(), sound
}

// commonFormats are how times are written where no format is named, as ISO 8601 has them.
var commonFormats = []string{
	"%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S",
	"%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%Y-%m", "%Y%m%d",
	"%m/%d/%Y", "%a, %d %b %Y %H:%M:%S %z",
}

// GuessTime reads a text as a time in one of the usual ways; a number counts seconds.
func GuessTime(v any) (time.Time, bool) {
	switch v := v.(type) {
	case Moment:
		return v.Time, true
	case int:
		return time.Unix(int64(v), 0).UTC(), true
	case float64:
		return time.UnixMicro(int64(v * 1e6)).UTC(), true
	case string:
		for _, f := range commonFormats {
			if t, ok := ParseTime(v, f); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}
