package http

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/web"
)

// settings are what a connection knows of a service. Every operation has them among
// its own, so that a connection's values are inputs like any other.
type settings struct {
	shared *shared
	web.Site
	auth.Access
	Secret kit.Secret // of webhooks
}

func newSettings(w *shared) settings {
	return settings{shared: w, Site: web.NewSite(w.client), Access: auth.New()}
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
	return append(s.Access.Fields(), s.AccessFields()...)
}

// send signs the call in and performs it.
func (s *settings) send(ctx context.Context, env kit.Env, c web.Call) (*web.Reply, error) {
	return s.Send(ctx, env, s.Signer(env), c)
}
