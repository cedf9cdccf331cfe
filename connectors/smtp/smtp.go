// Package smtp sends mail (RFC 5321, RFC 6409).
//
// Its nouns: a letter is what is to be sent, checked before anybody is asked; a line is a
// connection that is signed in, lent to one letter at a time. Its rules: a letter has the
// same Message-ID at every attempt, so that who gets it twice can tell; a line that is lost
// before the letter's last byte means that it was not sent, and behind it that nobody
// knows; what would become a header of its own is refused.
package smtp

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/server"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	lines := &depot.Lines[*line]{Linger: 15 * time.Second, Idle: 2}
	return kit.Connector{
		ID: "smtp", Title: "Mail sending (SMTP)", Icon: "send", Tint: "violet",
		Summary:    "Send mail with text, HTML and attachments through any mail server.",
		Connection: func() kit.Connection { return &connection{newSettings(lines)} },
		Close:      lines.Close,
		Ops: []kit.Op{{
			ID: "send", Title: "Send a mail", Icon: "send", Effect: kit.Once,
			Summary: "Sends one mail to all its recipients.",
			Words:   []string{"email", "e-mail", "message", "notify", "newsletter", "attachment", "smtp"},
			New:     func() kit.Operation { return newSend(lines) },
			Out:     sentSchema(),
			Examples: []kit.Example{{
				Title: "Tell somebody about each order",
				With:  flow.Values{"host": "mail.example.com", "user": "shop", "from": "Shop <shop@example.com>", "to": []any{"ada@example.org"}, "subject": "A new order"},
				Map:   `{text: "Order \(.id) over \(.total)."}`,
			}},
		}},
	}
}

// settings are what a connection knows of a server.
type settings struct {
	server.Server
	From  string
	Hello string
	lines *depot.Lines[*line]
}

func newSettings(lines *depot.Lines[*line]) settings {
	return settings{Server: server.New(587, 465, server.StartTLS, auth.Basic, auth.OAuth2, auth.None), lines: lines}
}

func (s *settings) common() kit.Fields {
	return append(s.HostFields("mail.example.com"),
		kit.Text(&s.Hello, "hello", "Own name").More().Eg("desk.example.com").Checked(s.checkHello).
			Help("How this machine names itself to the server (EHLO); some servers want a name that they can look up."))
}

func (s *settings) checkHello() error {
	if strings.ContainsFunc(s.Hello, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return fmt.Errorf("%q is no name of a machine", s.Hello)
	}
	return nil
}

func (s *settings) fromField() kit.Field {
	return kit.Text(&s.From, "from", "From").Eg("Shop <shop@example.com>").Checked(func() error {
		if s.From == "" {
			return nil
		}
		_, err := mail.ParseAddress(s.From)
		return badAddress(s.From, err)
	})
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields {
	return append(c.common(), c.fromField().Help("Who mails are from where a step says nothing else."))
}

// Test goes the way of a mail up to whom it is from, and sends none.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Reach(ctx, env, t)
	var l *line
	var giveBack func(broken bool)
	t.Try("Sign in", func() (_ string, err error) {
		if l, giveBack, err = c.borrow(ctx, env); err != nil {
			return "", err
		}
		return c.SignedIn(l.sealed()), nil
	})
	if l == nil {
		return t.Checks()
	}
	broken := false
	defer func() { giveBack(broken) }()
	t.Try("Permission", func() (string, error) {
		if c.From == "" {
			return "no sender is set here, so each step names its own", nil
		}
		from, err := mail.ParseAddress(c.From)
		if err != nil {
			return "", kit.Fail(kit.Invalid, "%w", badAddress(c.From, err)).On("from")
		}
		if err := l.begin(ctx, &c.settings, from.Address); err != nil {
			broken = true
			return "", err
		}
		broken = l.client.Reset() != nil
		return "may send as " + from.Address, nil
	})
	t.Try("Limits", func() (string, error) {
		if n := l.limit(); n > 0 {
			return fmt.Sprintf("mails of up to %s", bytesOf(n)), nil
		}
		return "the server tells no limit", nil
	})
	return t.Checks()
}

func bytesOf(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

func sentSchema() flow.Schema {
	p := func(name string, s flow.Schema) flow.Property {
		return flow.Property{Name: name, Required: true, Schema: s}
	}
	text := flow.Of(flow.String)
	return flow.ObjectOf(
		p("message_id", text), p("to", flow.ListOf(text)), p("size", flow.Of(flow.Integer)), p("said", text),
		p("refused", flow.ListOf(flow.ObjectOf(p("address", text), p("code", flow.Of(flow.Integer)), p("said", text)))))
}
