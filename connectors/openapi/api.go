package openapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// api is a document on its way to a connector.
type api struct {
	file     string
	id       string
	doc      *openapi3.T
	over     *overlay
	client   *web.Client
	servers  []kit.Choice
	schemes  []string
	calls    []*call
	problems []flow.Problem
	shapes   map[shaped]flow.Schema
	common   kit.Fields // of all lists

	mu     sync.Mutex
	looked map[*openapi3.Schema]bool // by sound
}

func (a *api) connector() kit.Connector {
	a.client = web.NewClient()
	info := a.doc.Info
	if info == nil {
		info = &openapi3.Info{}
	}
	title := web.Titled(a.over.Title, info.Title, a.id)
	a.servers = a.serverChoices()
	a.schemes = a.signIns()
	a.gather()
	c := kit.Connector{
		ID: a.id, Title: title, Icon: "api", Tint: "cyan",
		Summary:    cmp.Or(web.Sentence(a.over.Summary, info.Summary, info.Description), "What the API "+title+" can do."),
		Connection: func() kit.Connection { return &connection{a.service()} },
		Close:      func() error { a.client.Close(); return nil },
	}
	for _, one := range a.calls {
		c.Ops = append(c.Ops, one.op())
	}
	return c
}

// serverChoices are the addresses that the document names, with the defaults of their
// variables. One without a host is left to the person.
func (a *api) serverChoices() []kit.Choice {
	var all []kit.Choice
	if own := strings.TrimSuffix(a.over.Server, "/"); own != "" {
		all = append(all, kit.Choice{Value: own, Label: own})
	}
	for _, s := range a.doc.Servers {
		if s == nil {
			continue
		}
		text := s.URL
		for name, v := range s.Variables {
			if v != nil {
				text = strings.ReplaceAll(text, "{"+name+"}", v.Default)
			}
		}
		if strings.HasPrefix(text, "//") {
			text = "https:" + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(text, "{}") {
			continue
		}
		text = strings.TrimSuffix(text, "/")
		if !slices.ContainsFunc(all, func(c kit.Choice) bool { return c.Value == text }) {
			all = append(all, kit.Choice{Value: text, Label: cmp.Or(titledOr(s.Description, ""), text)})
		}
	}
	return all
}

func titledOr(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return web.Titled(text)
}

// service is what a connection knows of the API. Every operation has it among its own
// settings.
type service struct {
	web.Site
	auth.Access
	api *api
}

func (a *api) service() service {
	s := service{Site: web.NewSite(a.client), Access: auth.New(a.schemes...), api: a}
	if len(a.servers) > 0 {
		s.URL = a.servers[0].Value
	}
	a.presetAccess(&s.Access)
	return s
}

func (s *service) serviceFields() kit.Fields {
	address := s.AddressField()
	if len(s.api.servers) > 1 {
		address = address.Ask(func(context.Context, kit.Env) ([]kit.Choice, error) { return s.api.servers, nil })
	}
	return known(append(append(kit.Fields{address}, s.Access.Fields()...), s.AccessFields()...))
}

// known asks nobody for what the document says.
func known(fields kit.Fields) kit.Fields {
	for i, f := range fields {
		if text, is := f.Get().(string); is && text != "" {
			fields[i].Required = false
		}
	}
	return fields
}

// signIns are the ways to sign in that the document names, the first that it asks for
// first.
func (a *api) signIns() []string {
	var all []string
	add := func(name string) {
		if s := a.scheme(name); s != nil {
			if way := signIn(s); way != "" && !slices.Contains(all, way) {
				all = append(all, way)
			}
		}
	}
	optional := len(a.doc.Security) == 0
	for _, any := range a.doc.Security {
		optional = optional || len(any) == 0
		for _, name := range sortedNames(any) {
			add(name)
		}
	}
	if a.doc.Components != nil {
		for _, name := range sortedNames(a.doc.Components.SecuritySchemes) {
			add(name)
		}
	}
	switch {
	case len(all) == 0:
		return []string{auth.None, auth.Basic, auth.Bearer, auth.APIKey, auth.OAuth2, auth.Digest, auth.AWSv4, auth.Signed, auth.Certificate, auth.Custom}
	case optional:
		return append(all, auth.None)
	}
	return all
}

func (a *api) scheme(name string) *openapi3.SecurityScheme {
	if a.doc.Components == nil {
		return nil
	}
	if ref := a.doc.Components.SecuritySchemes[name]; ref != nil {
		return ref.Value
	}
	return nil
}

// signIn is our word for a scheme of the document.
func signIn(s *openapi3.SecurityScheme) string {
	switch s.Type {
	case "apiKey":
		return auth.APIKey
	case "oauth2":
		return auth.OAuth2
	case "openIdConnect":
		return auth.Bearer
	case "mutualTLS":
		return auth.Certificate
	case "http":
		switch strings.ToLower(s.Scheme) {
		case "basic":
			return auth.Basic
		case "bearer":
			return auth.Bearer
		case "digest":
			return auth.Digest
		}
		return auth.Custom
	}
	return ""
}

// presetAccess fills in what the document says of its schemes.
func (a *api) presetAccess(access *auth.Access) {
	if a.doc.Components == nil {
		return
	}
	keys, grants := 0, 0
	for _, name := range sortedNames(a.doc.Components.SecuritySchemes) {
		s := a.scheme(name)
		switch {
		case s == nil:
		case s.Type == "apiKey" && keys == 0:
			keys++
			access.KeyName, access.KeyIn = s.Name, s.In
		case s.Type == "oauth2" && grants == 0 && s.Flows != nil:
			grants++
			flow := cmp.Or(s.Flows.AuthorizationCode, s.Flows.ClientCredentials, s.Flows.Implicit, s.Flows.Password)
			if flow == nil {
				continue
			}
			if flow == s.Flows.ClientCredentials {
				access.OAuth.Grant = auth.ClientGrant
			}
			access.OAuth.AuthURL, access.OAuth.TokenURL = absolute(flow.AuthorizationURL), absolute(flow.TokenURL)
			access.OAuth.Scopes = sortedNames(flow.Scopes)
		}
	}
}

// absolute leaves out what is no whole address, or one to which secrets would go openly.
func absolute(address string) string {
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" {
		return ""
	}
	return address
}

// gather makes calls of the paths, in their order.
func (a *api) gather() {
	for _, path := range sortedNames(a.doc.Paths.Map()) {
		item := a.doc.Paths.Value(path)
		if item == nil {
			continue
		}
		operations := item.Operations()
		for _, method := range methods {
			if op := operations[method]; op != nil {
				a.take(path, method, item, op)
			}
		}
	}
	slices.SortStableFunc(a.calls, func(x, y *call) int { return cmp.Compare(x.group, y.group) })
}

// methods in the order that a person wants to see them.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions}

func (a *api) take(path, method string, item *openapi3.PathItem, op *openapi3.Operation) {
	name := op.OperationID
	if name == "" {
		name = strings.ToLower(method) + "_" + path
	}
	own := a.overlaid(web.Snake(name), op.OperationID, method+" "+path)
	if own.Hidden || method == http.MethodOptions && own.Name == "" {
		return
	}
	one, err := newCall(a, path, method, item, op, own)
	if err != nil {
		a.tell(op.Origin, "%s %s is left out: %v", method, path, err)
		return
	}
	one.id = a.unique(cmp.Or(snakeOr(own.Name), web.Snake(name)))
	a.calls = append(a.calls, one)
}

func snakeOr(name string) string {
	if name == "" {
		return ""
	}
	return web.Snake(name)
}

func (a *api) unique(id string) string {
	for n := 1; ; n++ {
		name := id
		if n > 1 {
			name = fmt.Sprintf("%s_%d", id, n)
		}
		if !slices.ContainsFunc(a.calls, func(c *call) bool { return c.id == name }) {
			return name
		}
	}
}

// tell notes what of the document cannot be used.
func (a *api) tell(at *openapi3.Origin, format string, args ...any) {
	p := flow.Problem{File: a.file, Code: kit.Malformed, What: fmt.Sprintf(format, args...), Fix: "mend the document, or hide the operation in the overlay", Warning: true}
	if at != nil && at.Key != nil {
		p.Line, p.Column = at.Key.Line, at.Key.Column
	}
	a.problems = append(a.problems, p)
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// connection is the settings as a connection of their own.
type connection struct{ service }

func (c *connection) Fields() kit.Fields { return c.serviceFields() }

// Test goes the way that a request goes. Without a sample call in the overlay it asks for
// the address itself; that there is nothing is fine then.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	if c.api.over.Test == "" {
		return c.TryTo(ctx, env, c.Signer(env), func(u *url.URL) (string, error) {
			return c.look(ctx, env, u)
		})
	}
	return c.TryTo(ctx, env, c.Signer(env), func(*url.URL) (string, error) {
		u, err := c.Address(ctx, c.api.over.Test, nil)
		if err != nil {
			return "", err
		}
		return c.look(ctx, env, u)
	})
}

// Paste takes the sign-in of a request, and its host where the document names no server or
// another one.
func (c *connection) Paste(text string) (flow.Values, bool) {
	p, ok := web.Paste(text)
	all := p.Account()
	for _, server := range c.api.servers {
		if u, err := url.Parse(server.Value); err == nil && p.URL != nil && u.Host == p.URL.Host {
			all["url"] = server.Value
		}
	}
	fresh := &connection{c.api.service()}
	return web.Fitting(fresh.Fields(), all), ok
}
