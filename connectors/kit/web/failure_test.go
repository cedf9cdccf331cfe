package web

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfterIsReadAsSecondsOrDate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "soon": 0,
		"Sun, 01 Mar 2026 12:01:30 GMT": 90 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
	} {
		for _, status := range []int{429, 503} {
			r := &Reply{Status: status, Header: http.Header{"Retry-After": {header}}}
			if got := r.Refusal(now).After; got != want {
				t.Errorf("%d %q: %s, want %s", status, header, got, want)
			}
		}
	}
}
