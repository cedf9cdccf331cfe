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
	q := newRequest(newShared())
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
