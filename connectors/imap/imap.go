// Package imap reads mailboxes (RFC 3501, RFC 9051), waits for new mail (RFC 2177) and
// moves, flags and removes mails.
//
// Its nouns: a mailbox is one folder of mails; a place is how far it was read, by the
// number that the server gives each mail for good (UID) as long as its numbering holds
// (UIDVALIDITY); a box is a connection that is signed in and has a mailbox open. Its
// rules: reading changes no mail; a numbering that was given up is told; what cannot be
// decoded comes as near to what was meant as can be, and is said to be damaged.
package imap

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/server"
	"jackfield/flow"
)

// New declares the connector.
func New() kit.Connector {
	return kit.Connector{
		ID: "imap", Title: "Mailboxes (IMAP)", Icon: "mail", Tint: "violet",
		Summary:    "Read mail of any mailbox, wait for new mail, and move, flag or remove mails.",
		Connection: func() kit.Connection { return &connection{newSettings()} },
		Ops: []kit.Op{{
			ID: "read", Title: "Read a mailbox", Icon: "list", Effect: kit.Reads,
			Summary: "Reads the mails of a mailbox with their attachments, the oldest first; after the first run only those that are new.",
			Words:   []string{"email", "e-mail", "inbox", "mail", "attachment", "source"},
			New: func() kit.Operation {
				return &read{settings: newSettings(), News: true, content: newContent(), Renumbered: again}
			},
			Out: mailSchema(),
			Examples: []kit.Example{{
				Title: "Invoices that came since the last run",
				With:  flow.Values{"host": "mail.example.com", "user": "ada", "mailbox": "INBOX", "with_subject": "invoice", "save_to": "invoices"},
			}},
		}, {
			ID: "new", Title: "When mail comes", Icon: "inbox", Effect: kit.Reads, Trigger: true,
			Summary: "Starts a run for each mail that comes into a mailbox, also for those that came while Jackfield was closed.",
			Words:   []string{"email", "e-mail", "inbox", "mail", "trigger", "watch", "idle", "push"},
			New: func() kit.Operation {
				return &watch{settings: newSettings(), content: newContent(), Interval: 5 * time.Minute}
			},
			Out: mailSchema(),
			Examples: []kit.Example{{
				Title: "Each mail to support",
				With:  flow.Values{"host": "mail.example.com", "user": "support", "mailbox": "INBOX"},
			}},
		}, {
			ID: "change", Title: "Move, flag or remove a mail", Icon: "mark", Effect: kit.Repeatable,
			Summary: "Moves a mail to another mailbox, sets or clears its flags, or removes it.",
			Words:   []string{"email", "e-mail", "archive", "read", "unread", "delete", "label", "seen"},
			New:     func() kit.Operation { return &change{settings: newSettings(), Do: doFlag, Flags: []string{"\\Seen"}} },
			Examples: []kit.Example{{
				Title: "Put what was dealt with into the archive",
				With:  flow.Values{"host": "mail.example.com", "user": "ada", "do": "move", "target": "Archive"},
				Map:   "{uid, uid_validity, mailbox}",
			}},
		}},
	}
}

// settings are what a connection knows of a server, and the mailbox.
type settings struct {
	server.Server
	Mailbox string
}

func newSettings() settings {
	return settings{Server: server.New(143, 993, server.Implicit, auth.Basic, auth.OAuth2), Mailbox: "INBOX"}
}

func (s *settings) mailboxField() kit.Field {
	return kit.Text(&s.Mailbox, "mailbox", "Mailbox").Ask(func(ctx context.Context, env kit.Env) ([]kit.Choice, error) {
		all, err := s.mailboxes(ctx, env)
		choices := make([]kit.Choice, len(all))
		for i, m := range all {
			choices[i] = kit.Choice{Value: m, Label: m}
		}
		return choices, err
	})
}

func (s *settings) mailboxes(ctx context.Context, env kit.Env) ([]string, error) {
	b, err := s.dial(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	defer b.close()
	all, err := b.list()
	return all, s.told(ctx, err)
}

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields { return c.HostFields("mail.example.com") }

// Test goes the way to the mails of the inbox.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	t := kit.NewTrial(env)
	c.Reach(ctx, env, t)
	var b *box
	t.Try("Sign in", func() (_ string, err error) {
		if b, err = c.dial(ctx, env, nil); err != nil {
			return "", err
		}
		return c.SignedIn(b.sealed), nil
	})
	if b == nil {
		return t.Checks()
	}
	defer b.close()
	t.Try("Permission", func() (string, error) {
		all, err := b.list()
		return strings.Join(all, ", "), c.told(ctx, err)
	})
	t.Try("Sample", func() (string, error) {
		if err := b.open("INBOX", true); err != nil {
			return "", c.told(ctx, err)
		}
		return counted(b.count) + " in the inbox", nil
	})
	return t.Checks()
}

// Entities lists the mailboxes.
func (c *connection) Entities(ctx context.Context, env kit.Env, path, _ string) (page kit.EntityPage, err error) {
	if path != "" {
		return page, nil
	}
	all, err := c.mailboxes(ctx, env)
	for _, m := range all {
		page.Entities = append(page.Entities, kit.Entity{Path: m, Kind: "mailbox", Holds: true})
	}
	return page, err
}

// Entity describes the mails of a mailbox.
func (c *connection) Entity(_ context.Context, _ kit.Env, path string) (kit.Entity, error) {
	e := kit.Entity{Path: path, Kind: "mailbox", Holds: true}
	for _, p := range mailSchema().Properties {
		e.Fields = append(e.Fields, kit.EntityField{Name: p.Name, Schema: p.Schema, Key: p.Name == "uid"})
	}
	return e, nil
}

// place is how far a mailbox was read.
type place struct {
	Of       string `json:"of"`
	Validity uint32 `json:"uid_validity"`
	UID      uint32 `json:"uid"`
	Within   bool   `json:"within,omitempty"` // between the pages of a run
}

// readPlace reads a place as it was stored; that of another mailbox counts for nothing.
func readPlace(from flow.Cursor, of string) (p place, err error) {
	if len(from) == 0 {
		return place{Of: of}, nil
	}
	if err := json.Unmarshal(from, &p); err != nil {
		return p, kit.Fail(kit.Malformed, "the stored cursor does not read: %w", err).Hint("reset the cursor of this step")
	}
	if p.Of != of {
		return place{Of: of}, nil
	}
	return p, nil
}
