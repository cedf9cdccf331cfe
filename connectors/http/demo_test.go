package http

import (
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestDemoTakesAnOrderOnce(t *testing.T) {
	g := newRig(t)
	send := func(run flow.RunID, order map[string]any) string {
		t.Helper()
		g.env.Run = run
		got, err := g.ask(flow.Values{"url": "demo:", "path": "/orders", "method": "POST", "body": order})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := send("r1", map[string]any{"id": "A-1", "customer": "Ada", "total": 5})
	again := send("r1", map[string]any{"id": "A-1", "customer": "Ada", "total": 5})
	other := send("r2", map[string]any{"id": "A-1", "customer": "Ada", "total": 5})
	if first != again || first != other || !strings.Contains(first, `"received":1`) {
		t.Errorf("the same order: %s, with the same key %s, in another run %s", first, again, other)
	}
	if second := send("r3", map[string]any{"id": "A-2", "customer": "Bo", "total": 1}); !strings.Contains(second, `"received":2`) {
		t.Errorf("another order: %s", second)
	}
	got, err := g.ask(flow.Values{"url": "demo:", "path": "/orders?limit=1&offset=1", "items": "orders"})
	if err != nil || !strings.Contains(got, `"customer":"Bo"`) || strings.Contains(got, "Ada") {
		t.Errorf("the list: %s, %v", got, err)
	}
	if got, err := g.ask(flow.Values{"url": "demo:orders/A-1"}); err != nil || !strings.Contains(got, `"customer":"Ada"`) {
		t.Errorf("one order: %s, %v", got, err)
	}
}

func TestDemoRefusesOrdersThatAreWrong(t *testing.T) {
	for _, tt := range []struct {
		order any
		says  string
	}{
		{map[string]any{"customer": "Ada", "total": 5}, "needs an id"},
		{map[string]any{"id": 1, "total": 5}, "needs a customer"},
		{map[string]any{"id": 1, "customer": "Ada"}, "needs a total"},
		{map[string]any{"id": 1, "customer": "Ada", "total": -3}, "above 0"},
		{map[string]any{"id": 1, "customer": "Ada", "total": "5"}, "above 0"},
		{[]any{1}, "not a JSON object"},
	} {
		_, err := newRig(t).ask(flow.Values{"url": "demo:", "path": "orders", "method": "POST", "body": tt.order})
		wantFailure(t, err, kit.Refused, "", tt.says)
	}
}

func TestDemoMisbehavesAsItSays(t *testing.T) {
	g := newRig(t)
	ask := func(path string) (string, error) { return g.ask(flow.Values{"url": "demo:", "path": path}) }
	for range 3 {
		_, err := ask("/flaky?key=a&fails=3")
		wantFailure(t, err, kit.Unavailable, "", "it works from 4 on")
	}
	if got, err := ask("/flaky?key=a&fails=3"); err != nil || got != `{"attempts":4,"key":"a"}` {
		t.Errorf("the fourth time: %s, %v", got, err)
	}
	_, err := ask("/throttled")
	if f := wantFailure(t, err, kit.Throttled, ""); f.After.Seconds() != 1 {
		t.Errorf("asks to wait %s", f.After)
	}
	if got, err := ask("/throttled"); err != nil || got != `{"attempts":2}` {
		t.Errorf("the second time: %s, %v", got, err)
	}
	_, err = ask("/status/500")
	wantFailure(t, err, kit.Unavailable, "", "500")
	_, err = ask("/text")
	wantFailure(t, err, kit.Malformed, "response", "These are words")
	_, err = ask("/nowhere")
	wantFailure(t, err, kit.Missing, "path", "GET / tells what there is")
	if got, err := ask("/slow?ms=1"); err != nil || got != `{"ms":1}` {
		t.Errorf("slow: %s, %v", got, err)
	}
	if got, err := ask(""); err != nil || !strings.Contains(got, "POST /orders") {
		t.Errorf("the guide: %s, %v", got, err)
	}
}

func TestDemoStartsOnceForAllAndAgainAfterClose(t *testing.T) {
	w := newShared()
	defer w.close()
	addresses := make([]string, 8)
	var all sync.WaitGroup
	for i := range addresses {
		all.Go(func() {
			s := newSettings(w)
			s.URL = "demo:"
			u, err := s.Base(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			addresses[i] = u.String()
		})
	}
	all.Wait()
	for _, a := range addresses {
		if a != addresses[0] || !strings.HasPrefix(a, "http://127.0.0.1:") {
			t.Errorf("addresses %v", addresses)
		}
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	s := newSettings(w)
	s.URL = addresses[0]
	q := newRequest(w)
	q.URL = addresses[0]
	_, err := q.Run(t.Context(), kit.Env{}, flow.Record{})
	wantFailure(t, err, kit.Unavailable, "url", "nobody answers")
	q.URL = "demo:"
	if _, err := q.Run(t.Context(), kit.Env{}, flow.Record{}); err != nil {
		t.Errorf("after Close: %v", err)
	}
}
