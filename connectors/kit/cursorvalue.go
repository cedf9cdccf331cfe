package kit

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"jackfield/flow/value"
)

// This file orders the values of cursors and counts back from them.

// cursorClass is a kind of cursor value, in the order of kinds.
type cursorClass int

const (
	noCursor cursorClass = iota
	emptyCursor
	otherCursor
	numberCursor // a number, or a text that is one
	timeCursor   // a text that is a time
	textCursor
)

// cursorValue is a cursor value made ready to be compared.
type cursorValue struct {
	class  cursorClass
	value  any
	number float64
	time   time.Time
	layout string
	text   string
}

// The ways in which times are written, as ISO 8601 and databases have it. A zone that
// is missing is UTC.
var cursorLayouts = [...]string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07",
	"2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

func cursorOf(v any) cursorValue {
	s := cursorValue{value: v}
	switch v := v.(type) {
	case nil:
		return s
	case int:
		s.class, s.number = numberCursor, float64(v)
	case float64:
		s.class, s.number = numberCursor, v
	case *big.Int:
		s.class = numberCursor
		s.number, _ = new(big.Float).SetInt(v).Float64()
	case string:
		s.text = v
		s.ofText()
	default:
		s.class, s.text = otherCursor, string(value.Append(nil, v))
	}
	return s
}

func (s *cursorValue) ofText() {
	t := s.text
	if t == "" {
		s.class = emptyCursor
		return
	}
	if n, err := strconv.ParseFloat(t, 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
		s.class, s.number = numberCursor, n
		return
	}
	s.class = textCursor
	if len(t) < len(time.DateOnly) || t[4] != '-' || t[7] != '-' {
		return
	}
	for _, layout := range cursorLayouts {
		if at, err := time.Parse(layout, t); err == nil {
			s.class, s.time, s.layout = timeCursor, at, layout
			return
		}
	}
}

// compareCursors orders cursor values: numbers exactly, also those in texts, times by
// the moment, other texts by their bytes.
func compareCursors(a, b cursorValue) int {
	if a.class != b.class {
		if x, y, ok := commonTime(a, b); ok {
			return x.Compare(y)
		}
		return cmp.Compare(a.class, b.class)
	}
	switch a.class {
	case numberCursor:
		if c := cmp.Compare(a.number, b.number); c != 0 {
			return c
		}
		return compareExactly(a, b)
	case timeCursor:
		return a.time.Compare(b.time)
	}
	return strings.Compare(a.text, b.text)
}

// commonTime makes moments of a time and a number that counts from 1970.
func commonTime(a, b cursorValue) (x, y time.Time, ok bool) {
	switch {
	case a.class == timeCursor && b.class == numberCursor:
		_, y, ok = b.moment()
		return a.time, y, ok
	case a.class == numberCursor && b.class == timeCursor:
		_, x, ok = a.moment()
		return x, b.time, ok
	}
	return x, y, false
}

// compareExactly tells numbers apart that are one float64: ids of twenty digits differ
// in the last one.
func compareExactly(a, b cursorValue) int {
	if x, ok := a.value.(int); ok {
		if y, ok := b.value.(int); ok {
			return cmp.Compare(x, y)
		}
	}
	x, okX := new(big.Rat).SetString(a.digits())
	y, okY := new(big.Rat).SetString(b.digits())
	if !okX || !okY {
		return 0
	}
	return x.Cmp(y)
}

func (s cursorValue) digits() string {
	if s.text != "" {
		return s.text
	}
	return string(value.Append(nil, s.value))
}

// moment makes a number that counts from 1970 into a time, by its size: seconds up to
// the year 5138, else milli-, micro- or nanoseconds.
func (s cursorValue) moment() (unit time.Duration, at time.Time, ok bool) {
	if s.class == timeCursor {
		return 0, s.time, true
	}
	if s.class != numberCursor {
		return 0, at, false
	}
	for _, one := range [...]struct {
		below float64
		unit  time.Duration
	}{{1e11, time.Second}, {1e14, time.Millisecond}, {1e17, time.Microsecond}, {9.2e18, time.Nanosecond}} {
		if math.Abs(s.number) < one.below {
			whole, part := math.Modf(s.number)
			perSecond := int64(time.Second / one.unit)
			seconds, rest := int64(whole)/perSecond, int64(whole)%perSecond
			return one.unit, time.Unix(seconds, rest*int64(one.unit)+int64(part*float64(one.unit))).UTC(), true
		}
	}
	return 0, at, false
}

// aTime says whether s can be meant as a moment: a number that counts from 1970 comes to
// one after 1990.
func (s cursorValue) aTime() bool {
	_, at, ok := s.moment()
	return ok && (s.class == timeCursor || at.Year() >= 1990)
}

// before is s counted back, by a length of time or by a number.
func (s cursorValue) before(d time.Duration, n float64) (v any, ok bool) {
	switch _, at, isTime := s.moment(); {
	case d == 0 && n == 0:
		return s.value, true
	case d > 0 && isTime:
		return s.at(at.Add(-d)), true
	case d > 0 || s.class != numberCursor:
		return nil, false
	}
	if whole, ok := s.value.(int); ok && n == math.Trunc(n) {
		return whole - int(n), true
	}
	if s.text != "" {
		return strconv.FormatFloat(s.number-n, 'f', -1, 64), true
	}
	return s.number - n, true
}

// at writes a moment in the way of s: as a number that counts in its unit, or as a text
// in its layout, with what is below a second.
func (s cursorValue) at(t time.Time) any {
	unit, _, ok := s.moment()
	switch {
	case s.class == timeCursor && s.layout == time.DateOnly:
		return t.In(s.time.Location()).Format(time.DateOnly)
	case s.class == timeCursor:
		return t.In(s.time.Location()).Format(strings.Replace(s.layout, "05", "05.999999999", 1))
	case !ok:
		return t.UTC().Format(time.RFC3339Nano)
	}
	n := t.Unix()*int64(time.Second/unit) + int64(t.Nanosecond())/int64(unit)
	if s.text != "" {
		return strconv.FormatInt(n, 10)
	}
	return int(n)
}

// loosely widens a bound that a source compares as it stores: by a second where the
// values are texts, whose order is not that of the moments where some have a fraction.
func (s cursorValue) loosely(by time.Duration) any {
	if s.class != timeCursor || s.layout == time.DateOnly {
		return s.value
	}
	return s.time.Add(by).Truncate(time.Second).Format(s.layout)
}

// sortable is s as a number whose order is that of the values, save that some that
// differ are the same; texts all are.
func (s cursorValue) sortable() uint64 {
	switch s.class {
	case numberCursor:
		bits := math.Float64bits(s.number + 0)
		if bits>>63 == 1 {
			return ^bits
		}
		return bits | 1<<63
	case timeCursor:
		return uint64(s.time.UnixNano()) ^ 1<<63
	}
	return 0
}
