// Package declared makes connectors of manifests: files that say, without Go, how a service
// is asked, how its lists are divided, what is new in them, and how one writes to it.
//
// Its nouns: a service is what a manifest describes; a stream is a list of it, read page by
// page; a divider parts a stream, by a list of values or by the records of another stream;
// an action is a request for each record; a rule says what a reply means; an expression
// gives a value from the scene: settings, partition, window, reply, record. Two readers
// make a service: one of our own manifests, with expressions in jq, one of Airbyte's
// declarative manifests, with its templates. Its rules: what a manifest cannot do here is
// said with its place, and the rest works; a reader stands at a position that a crash does
// not lose; secrets are revealed where a request is made of them, and go to the service's
// own host alone.
package declared

import (
	"cmp"
	"context"
	"net/url"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// service is what a manifest describes.
type service struct {
	id, title, summary string
	icon               string
	base               expression // of all paths; nil where requests have their own
	address            string     // what is shown for it in the form; "" where nobody is asked
	settings           []setting
	schemes            []string           // of kit/auth; none where the manifest signs in by itself
	preset             func(*auth.Access) // what the manifest says of them; nil for nothing
	signIn             signIn             // of a manifest's own; nil for none
	headers            expression         // of every request
	rules              []rule
	rate               float64
	test               *request
	tried              *stream // by the test, where there is no request for it
	streams            []*stream
	actions            []*action
	triggers           []*trigger

	client *web.Client
	tokens *kit.Tokens // of operations without a connection
}

// connector declares the operations of the service.
func (s *service) connector() kit.Connector {
	s.client, s.tokens = web.NewClient(), kit.NewTokens(nil)
	title := titled(s.title, s.id)
	c := kit.Connector{
		ID: s.id, Title: title, Icon: cmp.Or(s.icon, "api"), Tint: "cyan",
		Summary:    cmp.Or(s.summary, "What a manifest says of "+title+"."),
		Connection: func() kit.Connection { return &connection{s.account()} },
		Close:      func() error { s.client.Close(); s.tokens.Wait(); return nil },
	}
	for _, t := range s.triggers {
		c.Ops = append(c.Ops, t.op())
	}
	for _, one := range s.streams {
		if !one.inner {
			c.Ops = append(c.Ops, one.op())
		}
	}
	for _, a := range s.actions {
		c.Ops = append(c.Ops, a.op())
	}
	return c
}

// account is what a connection knows of the service. Every operation has it among its
// own settings.
type account struct {
	web.Site
	auth.Access
	service *service
	cells   []cell
	asks    *request // of an operation; nil in a connection
}

func (s *service) account() account {
	a := account{Site: web.NewSite(s.client), service: s, cells: make([]cell, len(s.settings))}
	a.URL, a.Rate = s.address, s.rate
	a.Access = auth.New(cmp.Or(first(s.schemes), auth.None))
	if len(s.schemes) > 0 {
		a.Access = auth.New(s.schemes...)
	}
	if s.preset != nil {
		s.preset(&a.Access)
	}
	for i, one := range s.settings {
		one.begin(&a.cells[i])
	}
	return a
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// accountFields are the settings of the service.
func (a *account) accountFields() kit.Fields {
	var fields kit.Fields
	if a.service.address != "" {
		fields = append(fields, a.AddressField())
	}
	for i, one := range a.service.settings {
		fields = append(fields, one.field(a, &a.cells[i]))
	}
	if len(a.service.schemes) > 0 {
		fields = append(fields, a.Access.Fields()...)
	}
	for i, f := range fields {
		if text, is := f.Get().(string); is && text != "" {
			fields[i].Required = false // the manifest says it
		}
	}
	return append(fields, web.Folded(a.AccessFields())...)
}

// Service is the host that is asked, as far as it is known before a request is made.
func (a *account) Service() (host string, perSecond float64) {
	in := a.scene(kit.Env{})
	var u *url.URL
	var err error
	if a.asks != nil {
		u, err = a.asks.home(context.Background(), &session{account: a}, in)
	} else {
		u, err = a.home(context.Background(), in)
	}
	if err != nil {
		return "", a.Rate
	}
	return u.Host, a.Rate
}

// home is the address that all paths are added to.
func (a *account) home(ctx context.Context, in *scene) (*url.URL, error) {
	site := a.Site
	if a.service.base != nil && a.URL == a.service.address {
		text, err := textOf(ctx, a.service.base, in)
		if err != nil {
			return nil, err
		}
		site.URL = text
	}
	return site.Base(ctx)
}

// connection is the settings as a connection of their own.
type connection struct{ account }

func (c *connection) Fields() kit.Fields { return c.accountFields() }

// Test sends the manifest's test request, or reads the first page of its test stream.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	s := c.session(env)
	if c.service.test == nil {
		return c.testStream(ctx, env, s)
	}
	u, err := c.service.test.home(ctx, s, c.scene(env))
	if err != nil {
		t := kit.NewTrial(env)
		t.Try("Address", func() (string, error) { return "", err })
		return t.Checks()
	}
	site := c.Site
	site.URL = u.String()
	return site.TryTo(ctx, env, nil, func(*url.URL) (string, error) {
		r, _, err := c.service.test.send(ctx, s, c.scene(env), "")
		if err != nil {
			return "", err
		}
		return r.Asked + " is answered", nil
	})
}

// testStream reads the first page of the first stream that can be read.
func (c *connection) testStream(ctx context.Context, env kit.Env, s *session) []kit.Check {
	t := kit.NewTrial(env)
	t.Try("Request", func() (string, error) {
		for _, one := range append([]*stream{c.service.tried}, c.service.streams...) {
			if one == nil || one.cannot != nil || one.inner {
				continue
			}
			w := &walk{of: one, by: s}
			records, _, err := w.step(ctx)
			if err != nil {
				return "", err
			}
			return one.title + " gives " + counted(len(records)), nil
		}
		return "", kit.Fail(kit.Invalid, "the manifest has no stream to try")
	})
	return t.Checks()
}

// failureOf is the failure of an operation that the manifest describes in a way that is not
// known here.
func failureOf(p flow.Problem) *kit.Failure {
	return &kit.Failure{Kind: kit.Invalid, What: p.What, Fix: p.Fix, Cause: p}
}
