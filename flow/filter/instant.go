package filter

import (
	"cmp"
	"strings"
	"time"
)

// instant is a point in time, exact to any number of digits.
type instant struct {
	seconds  int64  // since 1970 in UTC
	fraction string // digits behind the point, without zeros at the end
}

func (i instant) compare(other instant) int {
	if c := cmp.Compare(i.seconds, other.seconds); c != 0 {
		return c
	}
	return strings.Compare(i.fraction, other.fraction)
}

// midnight says whether i is where a day begins.
func (i instant) midnight() bool { return i.fraction == "" && i.seconds%86400 == 0 }

// instantOf reads a date (its midnight in UTC) or a date-time as RFC 3339 and ISO 8601
// write them; a space may stand for the T, the seconds and the zone may be missing, which
// is UTC then.
func instantOf(s string) (instant, bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return instant{}, false
	}
	year, ok1 := number(s[:4], 9999)
	month, ok2 := number(s[5:7], 12)
	day, ok3 := number(s[8:10], 31)
	if !ok1 || !ok2 || !ok3 || month == 0 || day == 0 {
		return instant{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day {
		return instant{}, false
	}
	i := instant{seconds: t.Unix()}
	if len(s) == len("2006-01-02") {
		return i, true
	}
	return i.at(s[len("2006-01-02"):])
}

// at adds the time of day, which begins with T or a space.
func (i instant) at(s string) (instant, bool) {
	if len(s) < len("T15:04") || s[0] != 'T' && s[0] != 't' && s[0] != ' ' || s[3] != ':' {
		return i, false
	}
	hour, ok1 := number(s[1:3], 24)
	minute, ok2 := number(s[4:6], 59)
	second, ok3, rest := 0, true, s[6:]
	if len(rest) >= 3 && rest[0] == ':' {
		second, ok3 = number(rest[1:3], 59)
		rest = rest[3:]
		if len(rest) > 1 && rest[0] == '.' {
			end := digits(rest, 1)
			if end == 1 {
				return i, false
			}
			i.fraction, rest = strings.TrimRight(rest[1:end], "0"), rest[end:]
		}
	}
	if !ok1 || !ok2 || !ok3 || hour == 24 && (minute > 0 || second > 0 || i.fraction != "") {
		return i, false
	}
	i.seconds += int64(hour*3600 + minute*60 + second)
	return i.in(rest)
}

// in turns the zone that rest names into UTC.
func (i instant) in(rest string) (instant, bool) {
	if rest == "" || rest == "Z" || rest == "z" {
		return i, true
	}
	sign := int64(-1)
	switch rest[0] {
	case '-':
		sign = 1
	case '+':
	default:
		return i, false
	}
	zone := strings.Replace(rest[1:], ":", "", 1)
	if len(zone) == 2 {
		zone += "00"
	}
	if len(zone) != 4 {
		return i, false
	}
	hours, ok1 := number(zone[:2], 23)
	minutes, ok2 := number(zone[2:], 59)
	i.seconds += sign * int64(hours*3600+minutes*60)
	return i, ok1 && ok2
}

// number reads digits that are at most most.
func number(s string, most int) (n int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// time is i with its nanoseconds.
func (i instant) time() time.Time {
	nanos, _ := number((i.fraction + "000000000")[:9], 999999999)
	return time.Unix(i.seconds, int64(nanos)).UTC()
}
