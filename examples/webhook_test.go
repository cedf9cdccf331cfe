package examples_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// announcing is a listener that says where it listens.
type announcing struct {
	kit.Listener
	said func(line string)
}

func (a announcing) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	env.Write = func(l flow.LogLine) { a.said(l.Text) }
	return a.Listener.Listen(ctx, env, give)
}

// listen makes the webhook example live on a port that is free, and gives its address.
func (s *stage) listen() string {
	s.t.Helper()
	listening := make(chan string, 1)
	for i, c := range s.ops {
		for j, op := range c.Ops {
			if c.ID == "http" && op.ID == "webhook" {
				s.ops[i].Ops[j].New = func() kit.Operation {
					return announcing{op.New().(kit.Listener), func(line string) { listening <- line }}
				}
			}
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	free.Close()
	f := s.add("webhook")
	f.Steps[0].With["port"] = port
	s.flows[f.ID] = f
	if err := s.local.Enable(s.t.Context(), f); err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimPrefix(<-listening, "listens at ")
}

func post(t *testing.T, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.Status + " " + string(data)
}

func TestWebhookExampleAnswersWhatTheRunSays(t *testing.T) {
	s := newStage(t)
	url := s.listen()
	wantText(t, "a good order", post(t, url, `{"id": "W-7", "customer": "Bo", "total": 3}`), `201 Created {"taken":"W-7"}`)
	for _, bad := range []string{`{"id": "W-8"}`, `{"id": "W-9", "total": 0}`, `no order at all`} {
		wantText(t, bad, post(t, url, bad), `422 Unprocessable Entity {"error":"an order needs a total above 0","field":"total"}`)
	}
	wantText(t, "kept", s.ask("webhook.db", "select * from orders"), "W-7|Bo|3")
}

func TestWebhookExampleTakesManyCallersAtOnce(t *testing.T) {
	s := newStage(t)
	url := s.listen()
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if got := post(t, url, `{"id": "W-1", "customer": "Ada", "total": 1}`); got != `201 Created {"taken":"W-1"}` {
				t.Errorf("got %s", got)
			}
		})
	}
	callers.Wait()
	wantText(t, "kept", s.ask("webhook.db", "select count(*) from orders"), "1")
}
