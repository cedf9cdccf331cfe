package web

import (
	"net/http"
	"testing"
	"time"
)

func TestLimitsThatServicesTellAreRead(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		header map[string]string
		left   int
		in     time.Duration
		said   bool
	}{
		{"nothing", nil, 0, 0, false},
		{"the draft with members", map[string]string{"RateLimit": `"default";r=50;t=30`}, 50, 30 * time.Second, true},
		{"the older draft in one", map[string]string{"RateLimit": "limit=100, remaining=0, reset=5"}, 0, 5 * time.Second, true},
		{"the older draft in two", map[string]string{"RateLimit-Remaining": "3", "RateLimit-Reset": "60"}, 3, time.Minute, true},
		{"seconds since 1970", map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772625690"}, 0, 90 * time.Second, true},
		{"milliseconds since 1970", map[string]string{"X-Rate-Limit-Remaining": "7", "X-Rate-Limit-Reset": "1772625601500"}, 7, 1500 * time.Millisecond, true},
		{"a date", map[string]string{"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "Wed, 04 Mar 2026 12:01:00 GMT"}, 1, time.Minute, true},
		{"the service's clock is an hour slow", map[string]string{"Date": "Wed, 04 Mar 2026 11:00:00 GMT", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "1772622010"}, 1, 10 * time.Second, true},
		{"it was over already", map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772625590"}, 0, 0, false},
		{"only one of the two", map[string]string{"X-RateLimit-Remaining": "0"}, 0, 0, false},
		{"beyond belief", map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999"}, 0, 0, false},
		{"no number", map[string]string{"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "soon"}, 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			for name, v := range tt.header {
				header.Set(name, v)
			}
			left, in, said := allowance(header, now)
			if left != tt.left || in != tt.in || said != tt.said {
				t.Errorf("got %d more in %s, %v; want %d, %s, %v", left, in, said, tt.left, tt.in, tt.said)
			}
		})
	}
}
