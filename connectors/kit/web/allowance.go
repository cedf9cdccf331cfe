package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestAllowance is the longest time until a limit begins anew that is believed.
const longestAllowance = 24 * time.Hour

// allowance reads what a service says of its limits: how many more requests it takes, and
// for how long that is all. Read are RateLimit with its members r and t or remaining and
// reset (draft-ietf-httpapi-ratelimit-headers, 10 and 03), and the pairs of headers that
// are older than that.
func allowance(header http.Header, now time.Time) (left int, in time.Duration, said bool) {
	if m := header.Get("RateLimit"); m != "" {
		remaining, okR := ratePart(m, "r", "remaining")
		reset, okT := ratePart(m, "t", "reset")
		if okR && okT {
			return believed(remaining, time.Duration(reset)*time.Second)
		}
	}
	for _, prefix := range []string{"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"} {
		remaining, err := strconv.Atoi(strings.TrimSpace(header.Get(prefix + "Remaining")))
		if err != nil {
			continue
		}
		if in, ok := untilReset(header, header.Get(prefix+"Reset"), now); ok {
			return believed(remaining, in)
		}
	}
	return 0, 0, false
}

func believed(left int, in time.Duration) (int, time.Duration, bool) {
	if left < 0 || in <= 0 || in > longestAllowance {
		return 0, 0, false
	}
	return left, in, true
}

// ratePart finds a number among the members of a RateLimit header by either of its names.
func ratePart(text, short, long string) (int, bool) {
	for _, m := range rateMember.FindAllStringSubmatch(text, -1) {
		if m[1] == short || m[1] == long {
			n, err := strconv.Atoi(m[2])
			return n, err == nil
		}
	}
	return 0, false
}

var rateMember = regexp.MustCompile(`(?:^|[;,\s])([a-z]+)\s*=\s*(\d{1,9})\b`)

// untilReset reads seconds from now, a moment in seconds or milliseconds since 1970, or a
// date. A moment is taken by the clock of the service, where that tells the time.
func untilReset(header http.Header, text string, now time.Time) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if said, err := http.ParseTime(header.Get("Date")); err == nil {
		now = said
	}
	if at, err := http.ParseTime(text); err == nil {
		return at.Sub(now), true
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || !(n >= 0) || n > 1e14:
		return 0, false
	case n > 1e11:
		return time.UnixMilli(int64(n)).Sub(now), true
	case n > 1e8:
		return time.Unix(int64(n), 0).Sub(now), true
	}
	return time.Duration(n * float64(time.Second)), true
}
