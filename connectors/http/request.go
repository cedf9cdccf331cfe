package http

import (
	"context"
	"net/http"
	"strconv"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// request sends one request for each record.
type request struct {
	inquiry
	Response    string
	Idempotency bool
	Honoured    bool
}

// What a request gives.
const (
	giveBody = "body"
	giveText = "text"
	giveFull = "full"
)

func newRequest(w *shared) *request {
	return &request{inquiry: newInquiry(w, web.NoPaging, 100), Response: giveBody, Idempotency: true}
}

func (q *request) Fields() kit.Fields {
	methods := methodChoices(http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead)
	return q.fields(methods, q.bodyField().AsMain(),
		kit.Toggle(&q.Idempotency, "idempotency", "Send an idempotency key").More().
			OnlyIf(func() bool { return q.Method == http.MethodPost || q.Method == http.MethodPatch }).
			Help("A key that is equal on every retry of a record, so that a service that knows the header Idempotency-Key takes it only once. Turn it off where the service refuses the header."),
		kit.Toggle(&q.Honoured, "honoured", "The service takes a key only once").More().
			OnlyIf(func() bool { return q.Idempotency && (q.Method == http.MethodPost || q.Method == http.MethodPatch) }).
			Help("Turn it on where the service says that it knows Idempotency-Key. Then a request that was not answered is sent again; else nobody knows whether it was taken, and the run asks."),
		kit.Pick(&q.Response, "response", "Give",
			kit.Choice{Value: giveBody, Label: "What the JSON says"}, kit.Choice{Value: giveText, Label: "The text"},
			kit.Choice{Value: giveFull, Label: "Status, headers and body"}).OnlyIf(func() bool { return q.Style == web.NoPaging }))
}

// Effect hangs on the method (RFC 9110, 9.2).
func (q *request) Effect() kit.Effect {
	switch q.Method {
	case http.MethodGet, http.MethodHead:
		return kit.Reads
	case http.MethodPut, http.MethodDelete:
		return kit.Repeatable
	}
	if q.Idempotency && q.Honoured {
		return kit.Repeatable
	}
	return kit.Once
}

// Run gives the reply: each item where it is a list, else the reply itself.
func (q *request) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	if q.Style != web.NoPaging {
		return q.all(ctx, env, rec)
	}
	r, err := q.fetch(ctx, env, rec.ID, q.key(env, rec, 0), web.Place{})
	if err != nil {
		return kit.Result{}, err
	}
	if err := q.judge(r); err != nil {
		return kit.Result{}, err
	}
	switch q.Response {
	case giveText:
		return kit.Give(r.Text()), nil
	case giveFull:
		return kit.Give(r.Full()), nil
	}
	body, err := readJSON(r)
	if err != nil {
		return kit.Result{}, tookIt(err)
	}
	if _, isList := body.([]any); !isList && q.Items == "" {
		return kit.Give(body), nil
	}
	items, err := q.List(r, body)
	return kit.Give(items...), tookIt(err)
}

// tookIt is an error about the answer to a request that the service has taken.
func tookIt(err error) error {
	if err == nil {
		return nil
	}
	return kit.AsFailure(err).Unsure()
}

// all follows the pages to the end of the list.
func (q *request) all(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	var all []any
	var at web.Place
	for more := true; more; {
		items, next, goesOn, err := q.page(ctx, env, rec.ID, q.key(env, rec, at.Page), at)
		if err != nil && at.Page > 0 {
			return kit.Result{}, tookIt(err)
		}
		if err != nil {
			return kit.Result{}, err
		}
		all = append(all, items...)
		at, more = next, goesOn
	}
	return kit.Give(all...), nil
}

func (q *request) key(env kit.Env, rec flow.Record, page int) string {
	if !q.Idempotency || q.Method != http.MethodPost && q.Method != http.MethodPatch {
		return ""
	}
	key := env.Key(rec.ID)
	if page > 0 {
		key += "-" + strconv.Itoa(page)
	}
	return key
}

// Describe knows the shape of a full reply; of others only the service does.
func (q *request) Describe(context.Context, kit.Env) (in, out flow.Schema, err error) {
	switch {
	case q.Style != web.NoPaging:
	case q.Response == giveText:
		out = flow.Of(flow.String)
	case q.Response == giveFull:
		text := flow.Of(flow.String)
		out = flow.ObjectOf(
			flow.Property{Name: "status", Required: true, Schema: flow.Of(flow.Integer)},
			flow.Property{Name: "headers", Required: true, Schema: flow.Schema{Types: []flow.Kind{flow.Object}, Rest: &text}},
			flow.Property{Name: "body", Required: true})
	}
	return in, out, nil
}
