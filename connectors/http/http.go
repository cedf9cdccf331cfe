// Package http speaks with web services: it asks them, reads their lists page by
// page, and listens for what they send.
//
// What it knows of HTTP is in kit/web. Its own nouns: settings are what a connection knows
// of a service; an inquiry is what a request and the reading of a list have in common; a
// porch is where webhooks listen; demo is a small service of our own to try flows on. Its
// rules: nothing is sent anywhere but where the settings point; all that listens listens
// on the loopback address; what one New made is shared by its operations and ends with
// Close.
package http

import (
	"context"
	"net/http"
	"net/url"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// shared is what the operations of one connector share.
type shared struct {
	client  *web.Client
	demo    demo
	porch   porch
	answers answers
}

func newShared() *shared {
	w := &shared{client: web.NewClient()}
	w.client.Schemes = map[string]func(context.Context, *url.URL) (*url.URL, error){"demo": w.demo.address}
	return w
}

// New declares the connector.
func New() kit.Connector {
	w := newShared()
	return kit.Connector{
		ID: "http", Title: "HTTP", Icon: "http", Tint: "teal",
		Summary:    "Ask web services, read their lists, and listen for what they send.",
		Connection: func() kit.Connection { return &connection{newSettings(w)} },
		Close:      w.close,
		Ops:        []kit.Op{requestOp(w), readOp(w), webhookOp(w), replyOp(w)},
	}
}

// close ends what listens and lets go of connections that are kept for later use.
func (w *shared) close() error {
	w.porch.close()
	w.demo.close()
	w.client.Close()
	return nil
}

func requestOp(w *shared) kit.Op {
	return kit.Op{
		ID: "request", Title: "Send a request", Effect: kit.Once,
		Summary: "Sends a request for each record and gives what the service replies; with paging it follows the list to its end and holds it in memory, up to a number of pages.",
		Words:   []string{"api", "rest", "get", "post", "put", "delete", "url", "call", "fetch"},
		New:     func() kit.Operation { return newRequest(w) },
		Examples: []kit.Example{{
			Title: "Look at the demo service",
			With:  flow.Values{"url": "demo:", "path": "/orders/D-1"},
		}, {
			Title: "Send each record as JSON",
			With:  flow.Values{"url": "demo:", "path": "/echo", "method": "POST"},
			In:    map[string]any{"name": "Zoë"},
			Out:   []any{map[string]any{"body": map[string]any{"name": "Zoë"}, "method": "POST", "path": "/echo", "query": map[string]any{}}},
		}, {
			Title: "All contacts of a list in pages",
			With:  flow.Values{"url": "demo:", "path": "/contacts/page", "paging": "page", "items": "data"},
		}},
	}
}

func readOp(w *shared) kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a list", Icon: "list", Effect: kit.Reads,
		Summary: "Reads a list of a service page by page, each item a record, however long the list is; with a cursor field, only what is new since the last run.",
		Words:   []string{"api", "rest", "paging", "pages", "source", "list", "get"},
		New:     func() kit.Operation { return newRead(w) },
		Examples: []kit.Example{{
			Title: "The demo service's contacts, by its Link header",
			With:  flow.Values{"url": "demo:", "path": "/contacts/link", "paging": "link"},
		}, {
			Title: "What changed since the last run",
			With: flow.Values{
				"url": "https://api.example.com", "path": "/orders", "query": map[string]any{"updated_since": "{since}"},
				"cursor": "updated_at", "overlap": "10m", "first": "30d",
			},
		}},
	}
}

func webhookOp(w *shared) kit.Op {
	return kit.Op{
		ID: "webhook", Title: "Webhook", Icon: "webhook", Effect: kit.Reads, Trigger: true,
		Summary: "Starts a run for each request that comes to an address of this machine, and answers once it is safe on disk or when the run has an answer.",
		Words:   []string{"listen", "receive", "callback", "trigger", "post", "endpoint"},
		New:     func() kit.Operation { return newWebhook(w) },
		Out:     eventSchema(),
		Examples: []kit.Example{{
			Title: "Orders sent by a shop",
			With:  flow.Values{"path": "/orders", "sample": map[string]any{"id": "A-1", "total": 12.5}},
		}},
	}
}

func replyOp(w *shared) kit.Op {
	return kit.Op{
		ID: "reply", Title: "Answer the webhook", Icon: "reply", Effect: kit.Repeatable,
		Summary: "Answers the request that started this run, where its webhook waits for that; the record goes on.",
		Words:   []string{"respond", "response", "answer", "webhook"},
		New:     func() kit.Operation { return &respond{settings: newSettings(w), Status: http.StatusOK} },
		Examples: []kit.Example{{
			Title: "Say that it was taken",
			With:  flow.Values{"status": 201},
			In:    map[string]any{"id": 7},
			Out:   []any{map[string]any{"id": 7}},
		}},
	}
}
