package http

import (
	"context"
	"net/http"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
)

// settings are what a connection knows of a service. Every operation has them among
// its own, so that a connection's values are inputs like any other.
type settings struct {
	shared *shared
	web.Site
	signIn
	Secret kit.Secret // of webhooks
}

// signIn is how requests are signed in.
type signIn struct {
	Auth     string
	User     string
	Password kit.Secret
	Token    kit.Secret
	Key      kit.Secret
	KeyName  string
	KeyIn    string
}

// The ways to sign in.
const (
	noAuth     = "none"
	basicAuth  = "basic"
	bearerAuth = "bearer"
	keyAuth    = "api_key"
)

// The places of an API key.
const (
	inHeader = "header"
	inQuery  = "query"
)

func newSettings(w *shared) settings {
	return settings{shared: w, Site: web.NewSite(w.client), signIn: signIn{Auth: noAuth, KeyName: "X-API-Key", KeyIn: inHeader}}
}

func (s *settings) urlField() kit.Field {
	return s.AddressField().Help("What all paths are added to. demo: is a small service inside Jackfield to try flows on.")
}

func (s *settings) secretField() kit.Field {
	return kit.Hidden(&s.Secret, "secret", "Webhook secret").
		Help("What callers of a webhook must send in the header X-Webhook-Secret; empty asks for none.")
}

// accessFields are about how the service is spoken to.
func (s *settings) accessFields() kit.Fields {
	is := func(auth string) func() bool { return func() bool { return s.Auth == auth } }
	return append(kit.Fields{
		kit.Pick(&s.Auth, "auth", "Sign in",
			kit.Choice{Value: noAuth, Label: "Without"}, kit.Choice{Value: basicAuth, Label: "User and password"},
			kit.Choice{Value: bearerAuth, Label: "Bearer token"}, kit.Choice{Value: keyAuth, Label: "API key"}),
		kit.Text(&s.User, "user", "User").Needed().OnlyIf(is(basicAuth)),
		kit.Hidden(&s.Password, "password", "Password").OnlyIf(is(basicAuth)),
		kit.Hidden(&s.Token, "token", "Token").Needed().OnlyIf(is(bearerAuth)),
		kit.Hidden(&s.Key, "key", "Key").Needed().OnlyIf(is(keyAuth)),
		kit.Text(&s.KeyName, "key_name", "Name of the key").Needed().OnlyIf(is(keyAuth)).Help("The header or query parameter that carries the key."),
		kit.Pick(&s.KeyIn, "key_in", "Place of the key",
			kit.Choice{Value: inHeader, Label: "Header"}, kit.Choice{Value: inQuery, Label: "Query parameter"}).OnlyIf(is(keyAuth)),
	}, s.AccessFields()...)
}

// send signs the call in and performs it.
func (s *settings) send(ctx context.Context, env kit.Env, c web.Call) (*web.Reply, error) {
	return s.Send(ctx, env, &s.signIn, c)
}

// Sign adds what the settings ask for.
func (s *signIn) Sign(_ context.Context, req *http.Request) error {
	switch s.Auth {
	case basicAuth:
		req.SetBasicAuth(s.User, s.Password.Reveal())
	case bearerAuth:
		req.Header.Set("Authorization", "Bearer "+s.Token.Reveal())
	case keyAuth:
		if s.KeyIn == inHeader {
			req.Header.Set(s.KeyName, s.Key.Reveal())
			return nil
		}
		q := req.URL.Query()
		q.Set(s.KeyName, s.Key.Reveal())
		req.URL.RawQuery = q.Encode()
	}
	return nil
}

// Again knows nothing better than what it signed with.
func (s *signIn) Again(context.Context, *http.Response) (bool, error) { return false, nil }
