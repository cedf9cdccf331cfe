// Package xmlrpc calls methods of services that speak XML-RPC (xmlrpc.com/spec).
//
// Its nouns: a call is a method with its parameters; a fault is a refusal in the service's
// words. Its rules: values go by their kind in JSON, so a text stays a text; what comes is
// JSON too, dates as texts and bytes as base64.
package xmlrpc

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	client := web.NewClient()
	return kit.Connector{
		ID: "xmlrpc", Title: "XML-RPC", Icon: "envelope", Tint: "slate",
		Summary:    "Call methods of services that speak XML-RPC, as many wikis, shops and older systems do.",
		Connection: func() kit.Connection { return &connection{newSettings(client)} },
		Close:      func() error { client.Close(); return nil },
		Ops: []kit.Op{{
			ID: "call", Title: "Call a method", Icon: "send", Effect: kit.Once,
			Summary: "Calls a method for each record and gives what it returns.",
			Words:   []string{"rpc", "api", "remote", "odoo", "wordpress"},
			New:     func() kit.Operation { return &call{settings: newSettings(client), Does: string(kit.Once)} },
			Examples: []kit.Example{{
				Title: "Add the two numbers of each record",
				With:  flow.Values{"url": "https://example.com/RPC2", "method": "math.add"},
				Map:   "{params: [.a, .b]}", In: map[string]any{"a": 1, "b": 2},
			}},
		}},
	}
}

// settings are what a connection knows of a service.
type settings struct {
	web.Site
	auth.Access
}

func newSettings(c *web.Client) settings {
	return settings{Site: web.NewSite(c), Access: auth.New()}
}

func (s *settings) common() kit.Fields {
	fields := kit.Fields{s.AddressField().Eg("https://example.com/RPC2").Help("Where the service takes its calls.")}
	return append(append(fields, s.Access.Fields()...), s.AccessFields()...)
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.common() }

// Paste takes the address and the sign-in of a request.
func (c *connection) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	all := p.Account()
	if ok && p.URL != nil {
		all["url"] = p.URL.String()
	}
	return all, ok
}

// Test asks which methods there are; that a service does not tell is fine.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	return c.TryTo(ctx, env, c.Signer(env), func(*url.URL) (string, error) {
		methods, err := c.methods(ctx, env)
		if f, is := asFault(err); is {
			return "it answers as XML-RPC does, and does not tell its methods: " + f.text, nil
		}
		return fmt.Sprintf("it has %d methods", len(methods)), err
	})
}

// methods are those that the service tells (system.listMethods).
func (s *settings) methods(ctx context.Context, env kit.Env) ([]string, error) {
	v, err := s.call(ctx, env, "", "system.listMethods", nil, kit.Reads)
	list, _ := v.([]any)
	var names []string
	for _, one := range list {
		if name, is := one.(string); is {
			names = append(names, name)
		}
	}
	return names, err
}

// call asks and takes the answer apart.
func (s *settings) call(ctx context.Context, env kit.Env, rec flow.RecordID, method string, params []any, effect kit.Effect) (any, error) {
	at, err := s.Base(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.Send(ctx, env, s.Signer(env), web.Call{
		Method: http.MethodPost, URL: at, Record: rec, Body: writeCall(method, params),
		Headers: http.Header{"Content-Type": {"text/xml; charset=utf-8"}, "Accept": {"text/xml, application/xml;q=0.9"}},
	})
	if err != nil {
		return nil, err
	}
	if r.Status < 200 || r.Status > 299 {
		return nil, r.Refusal(time.Now())
	}
	v, err := readReply(r.Body)
	if _, refused := asFault(err); err == nil || refused {
		return v, err
	}
	f := kit.Fail(kit.Malformed, "the reply of %s is no answer of XML-RPC: %w", r.Asked, err).On("url").Hint("check that the address is the one for XML-RPC")
	f.Uncertain = effect == kit.Once
	return nil, f
}

// call calls a method for each record.
type call struct {
	settings
	Method string
	Params any
	Give   string
	Does   string
}

func (q *call) Fields() kit.Fields {
	own := q.common()
	return append(kit.Fields{
		own[0],
		kit.Text(&q.Method, "method", "Method").Needed().Eg("wp.getPosts").Ask(q.offer),
		kit.Value(&q.Params, "params", "Parameters").AsMain().Eg(`[1, "two", {"three": 3}]`).Help("A list of them in their order; what is no list is the only one."),
		kit.Text(&q.Give, "give", "Give").Eg("posts").Help("The path of what is wanted in the result, with dots; each item of a list becomes a record."),
		kit.Pick(&q.Does, "does", "The method",
			kit.Choice{Value: string(kit.Once), Label: "Changes something each time"}, kit.Choice{Value: string(kit.Repeatable), Label: "May be called again"},
			kit.Choice{Value: string(kit.Reads), Label: "Only looks"}).Help("Whether a call without an answer may be sent again by itself."),
	}, web.Folded(own[1:])...)
}

func (q *call) offer(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
	names, err := q.methods(ctx, env)
	var choices []kit.Choice
	for _, name := range names {
		choices = append(choices, kit.Choice{Value: name, Label: name})
	}
	return choices, err
}

// Effect is what the person says of the method.
func (q *call) Effect() kit.Effect { return kit.Effect(q.Does) }

// Run calls and gives the result.
func (q *call) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	params, isList := q.Params.([]any)
	if !isList && q.Params != nil {
		params = []any{q.Params}
	}
	v, err := q.call(ctx, env, rec.ID, strings.TrimSpace(q.Method), params, q.Effect())
	if f, is := asFault(err); is {
		return kit.Result{}, f.failure(q.Method)
	}
	if err != nil {
		return kit.Result{}, err
	}
	wanted, found := web.Dig(v, q.Give)
	if !found {
		f := kit.Fail(kit.Malformed, "the result of %s has no %q", q.Method, q.Give).On("give").Hint("leave it empty to see all of the result")
		f.Uncertain = q.Effect() == kit.Once
		return kit.Result{}, f
	}
	if list, is := wanted.([]any); is {
		return kit.Give(list...), nil
	}
	return kit.Give(wanted), nil
}
