package http

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
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

// Each request of a list in pages takes a turn of its own, and what a reply says of
// limits is passed on.
func TestEachPageTakesATurn(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("RateLimit-Remaining", "9")
		w.Header().Set("RateLimit-Reset", "30")
		if r.URL.Query().Get("page") == "3" {
			w.Write([]byte(`[]`))
			return
		}
		fmt.Fprintf(w, "[%d]", asked)
	}))
	defer server.Close()
	q := newRequest(newWeb())
	if ps := q.Fields().Bind("", flow.Values{"url": server.URL, "paging": "page", "rate": 5.0}); len(ps) > 0 {
		t.Fatal(ps)
	}
	turns, heard := 0, 0
	env := kit.Env{
		TakeTurn: func(context.Context) error { turns++; return nil },
		Allowed: func(left int, in time.Duration) {
			if left == 9 && in == 30*time.Second {
				heard++
			}
		},
	}
	if _, err := q.Run(t.Context(), env, flow.Record{}); err != nil {
		t.Fatal(err)
	}
	if asked < 2 || turns != asked || heard != asked {
		t.Errorf("%d requests, %d turns, %d times heard of the limit", asked, turns, heard)
	}
	if host, speed := q.Service(); "http://"+host != server.URL || speed != 5 {
		t.Errorf("service %q, %v a second", host, speed)
	}
}
