package http

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"jackfield/connectors/kit"
)

// demo is a small service of our own: a shop's orders and contacts, and a few paths
// that misbehave, for flows to be tried on without an account. It begins at its
// first use, listens on the loopback address alone and forgets everything at its end.
type demo struct {
	mu     sync.Mutex
	server *http.Server
	base   *url.URL
	ended  chan struct{}
}

// address is where the demo service has what "demo:…" names.
func (d *demo) address(ctx context.Context, u *url.URL) (*url.URL, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil {
		if err := d.start(ctx); err != nil {
			return nil, kit.Fail(kit.Unavailable, "the demo service does not start: %w", err).On("url").Hint("let Jackfield listen on 127.0.0.1")
		}
	}
	at := *d.base
	at.Path, at.RawQuery = "/"+strings.TrimLeft(u.Opaque+u.Host+u.Path, "/"), u.RawQuery
	return &at, nil
}

func (d *demo) start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newShop().routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	ended := make(chan struct{})
	d.server, d.ended = server, ended
	d.base = &url.URL{Scheme: "http", Host: listener.Addr().String(), Path: "/"}
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // it always returns an error, at the latest that of Close
	}()
	return nil
}

func (d *demo) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server == nil {
		return
	}
	_ = d.server.Close() // only says that the listener is gone already
	<-d.ended
	d.server = nil
}

// endpoint is one line of the demo service's own description.
type endpoint struct {
	Path string `json:"path"`
	Does string `json:"does"`
}

// guide is what the demo service answers at its root.
func guide() any {
	return map[string]any{
		"name": "Jackfield's demo service",
		"note": "It lives inside Jackfield, on this machine alone, and forgets everything when Jackfield ends.",
		"paths": []endpoint{
			{"POST /orders", "takes an order {id, customer, total}; total must be above 0, or it answers 422. An order with the same id, or the same Idempotency-Key, is taken once."},
			{"GET /orders?limit=&offset=", "the orders that were taken: {orders, total}"},
			{"GET /orders/{id}", "one of them"},
			{"GET /contacts", "95 made-up contacts as one list"},
			{"GET /contacts/link?limit=&page=", "the same in pages, with a Link header"},
			{"GET /contacts/cursor?limit=&cursor=", "the same in pages: {contacts, next}"},
			{"GET /contacts/offset?limit=&offset=", "the same in pages: {items, total}"},
			{"GET /contacts/page?limit=&page=", "the same in pages: {data, page, pages}"},
			{"GET /flaky?key=&fails=2", "answers 503 the first times for each key, and 200 after that"},
			{"GET /slow?ms=1000", "takes its time"},
			{"GET /throttled?key=", "answers 429 with Retry-After: 1 the first time for each key"},
			{"GET /status/{code}", "answers with that status"},
			{"GET /text", "answers with words that are not JSON"},
			{"any /echo", "says what it was sent: {method, path, query, body}"},
		},
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // whoever asked has gone
}

func problem(w http.ResponseWriter, status int, what, field string) {
	answer := map[string]any{"error": what}
	if field != "" {
		answer["field"] = field
	}
	writeJSON(w, status, answer)
}
