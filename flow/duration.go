package flow

import (
	"strings"
	"time"
)

// FormatDuration writes a length of time as a person would, without the zeros of
// time.Duration's own text: "1m30s", "2h", "0s".
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
