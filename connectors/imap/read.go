package imap

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// wanted is what the server filters by.
type wanted struct {
	From, To, Subject, Text string
	Unseen                  bool
	since                   time.Time
}

func (w *wanted) fields() kit.Fields {
	return kit.Fields{
		kit.Toggle(&w.Unseen, "unseen", "Only unread ones").Help("Those that nobody had opened when they were looked for."),
		kit.Text(&w.From, "with_from", "From contains").Eg("@example.org"),
		kit.Text(&w.To, "with_to", "To contains").More(),
		kit.Text(&w.Subject, "with_subject", "Subject contains").Eg("invoice"),
		kit.Text(&w.Text, "with_text", "Mail contains").More(),
	}
}

// What to do where the server has numbered a mailbox anew.
const (
	again = "again"
	fails = "fail"
)

// read is a source of a mailbox's mails.
type read struct {
	settings
	wanted
	content
	News       bool
	Back       time.Duration
	Renumbered string
}

// Fields are the mailbox and what of it; the server is folded away.
func (r *read) Fields() kit.Fields {
	fields := append(kit.Fields{
		r.mailboxField(),
		kit.Toggle(&r.News, "only_new", "Only what is new").Help("What an earlier run has given is not given again."),
		kit.Duration(&r.Back, "since", "Not older than").Eg("30d").Help("By when the mail came, to the day; empty takes all."),
	}, r.wanted.fields()...)
	fields = append(fields, r.content.fields()...)
	fields = append(fields, kit.Pick(&r.Renumbered, "renumbered", "Where the server numbers the mailbox anew",
		kit.Choice{Value: again, Label: "Read it from its beginning"}, kit.Choice{Value: fails, Label: "Fail"}).More().
		Help("Then nobody can tell which mails were read before (UIDVALIDITY)."))
	return append(fields, web.Folded(r.HostFields("mail.example.com"))...)
}

const pageSize = 50

// Read gives mails by their numbers.
func (r *read) Read(ctx context.Context, env kit.Env, after flow.Cursor) (page kit.Page, err error) {
	at, err := readPlace(after, r.Mailbox)
	if !r.News && !at.Within {
		at = place{Of: r.Mailbox} // where an earlier run with another setting ended
	}
	if err != nil {
		return page, err
	}
	b, err := r.dial(ctx, env, nil)
	if err != nil {
		return page, err
	}
	defer b.close()
	if err := b.open(r.Mailbox, true); err != nil {
		return page, r.told(ctx, err)
	}
	if at.Validity != 0 && at.Validity != b.validity {
		if r.Renumbered == fails {
			return page, kit.Fail(kit.Refused, "%s has numbered %s anew, so nobody can tell which mails were read before", r.Address(), r.Mailbox).On("renumbered").
				Hint("set \"renumbered\" to %s to read it from its beginning, or reset the cursor of this step", again)
		}
		env.Log(flow.Warn, "", "%s has numbered %s anew (UIDVALIDITY %d, was %d): it is read from its beginning, also what was read before", r.Address(), r.Mailbox, b.validity, at.Validity)
		at = place{Of: r.Mailbox}
	}
	at.Validity = b.validity
	if r.Back > 0 {
		r.since = env.Started.Add(-r.Back)
	}
	uids, err := b.find(at.UID, r.wanted)
	if err != nil {
		return page, r.told(ctx, err)
	}
	page.More = len(uids) > pageSize
	uids = uids[:min(len(uids), pageSize)]
	if err := r.give(ctx, env, b, uids, &page, r.Mailbox); err != nil {
		return page, r.told(ctx, err)
	}
	if len(uids) > 0 {
		at.UID = uids[len(uids)-1]
	}
	if !page.More && b.next > 0 {
		at.UID = max(at.UID, b.next-1) // all before it was looked at
	}
	at.Within = false
	if r.News {
		if page.Mark, err = json.Marshal(at); err != nil {
			return page, err
		}
	}
	if page.More {
		at.Within = true
		page.Next, err = json.Marshal(at)
	}
	return page, err
}

// give puts mails on a page; those that cannot be read are bad records.
func (c *content) give(ctx context.Context, env kit.Env, b *box, uids []uint32, page *kit.Page, mailbox string) error {
	if len(uids) == 0 {
		return nil
	}
	found, err := b.fetch(uids, c.most())
	if err != nil {
		return err
	}
	for _, l := range found {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rec, err := c.record(env, l, mailbox, b.validity)
		var failure *kit.Failure
		switch {
		case errors.As(err, &failure) && failure.Kind == kit.Malformed:
			page.Bad = append(page.Bad, kit.Bad{At: len(page.Data) + len(page.Bad), Data: map[string]any{"uid": l.uid, "mailbox": mailbox}, Failure: failure})
		case err != nil:
			return err
		default:
			page.Data = append(page.Data, rec)
		}
	}
	return nil
}
