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

// watch is a trigger that hears of new mail. The server tells of it where it can; what
// came while nobody listened is found by its number.
type watch struct {
	settings
	wanted
	content
	Interval time.Duration
	Existing bool
	kit.Gathering
}

// Fields are the mailbox and which mails count; the server is folded away.
func (w *watch) Fields() kit.Fields {
	fields := append(kit.Fields{w.mailboxField()}, w.wanted.fields()...)
	fields = append(fields,
		kit.Duration(&w.Interval, "interval", "Look every").More().Checked(w.check).Help("Where the server does not tell of new mail by itself, and beside that."),
		kit.Toggle(&w.Existing, "existing", "Mails that are there already").Help("Otherwise only those that come once the flow is enabled, also while Jackfield is closed."))
	fields = append(append(fields, w.content.fields()...), w.GatherFields()...)
	return append(fields, web.Folded(w.HostFields("mail.example.com"))...)
}

func (w *watch) check() error {
	if w.Interval < time.Second {
		return errors.New("less than a second would keep the server busy")
	}
	return nil
}

// Start gives the newest mail, as an example.
func (w *watch) Start(ctx context.Context, env kit.Env) ([]any, error) {
	b, err := w.dial(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	defer b.close()
	if err := b.open(w.Mailbox, true); err != nil {
		return nil, w.told(ctx, err)
	}
	uids, err := b.find(0, w.wanted)
	if err != nil {
		return nil, w.told(ctx, err)
	}
	if len(uids) == 0 {
		return nil, kit.Fail(kit.Missing, "no mail in %s is meant", w.Mailbox).On("mailbox").Hint("wait for the first one")
	}
	var page kit.Page
	err = w.give(ctx, env, b, uids[len(uids)-1:], &page, w.Mailbox)
	return page.Data, w.told(ctx, err)
}

// Listen listens until ctx ends. A line that is lost is made anew; that is told once.
func (w *watch) Listen(ctx context.Context, env kit.Env, give func(context.Context, kit.Event) (kit.Receipt, error)) error {
	stored, err := env.LastMark(ctx)
	if err != nil {
		return err
	}
	at, err := readPlace(stored, w.Mailbox)
	if err != nil {
		return err
	}
	told := ""
	for pause := time.Second; ; pause = min(2*pause, w.Interval) {
		err := w.sit(ctx, env, &at, func(ctx context.Context, e kit.Event) error {
			_, err := give(ctx, e)
			return err
		}, func() { pause, told = time.Second, "" })
		if ctx.Err() != nil {
			return nil
		}
		f := kit.AsFailure(w.told(ctx, err))
		if f.What != told {
			env.Log(flow.Warn, "", "%s; it is tried again", f.What)
			told = f.What
		}
		if !rest(ctx, pause) {
			return nil
		}
	}
}

// sit listens on one line until that is lost; well is told whenever all is well.
func (w *watch) sit(ctx context.Context, env kit.Env, at *place, give func(context.Context, kit.Event) error, well func()) error {
	woken := make(chan struct{}, 1)
	b, err := w.dial(ctx, env, func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.open(w.Mailbox, true); err != nil {
		return err
	}
	if err := w.begin(ctx, env, b, at); err != nil {
		return err
	}
	for {
		if err := w.catchUp(ctx, env, b, at, give); err != nil {
			return err
		}
		well()
		if err := w.wait(ctx, b, woken); err != nil {
			return err
		}
	}
}

// begin notes where a first life begins, and one behind a new numbering.
func (w *watch) begin(ctx context.Context, env kit.Env, b *box, at *place) error {
	switch {
	case at.Validity == b.validity:
		return nil
	case at.Validity != 0:
		env.Log(flow.Warn, "", "%s has numbered %s anew (UIDVALIDITY %d, was %d): what is in it now counts as known", w.Address(), w.Mailbox, b.validity, at.Validity)
		*at = place{Of: w.Mailbox, Validity: b.validity, UID: max(b.next, 1) - 1}
	default:
		*at = place{Of: w.Mailbox, Validity: b.validity}
		if !w.Existing {
			at.UID = max(b.next, 1) - 1
		}
	}
	mark, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return env.SetMark(ctx, mark)
}

// catchUp gives what came behind the place, each mail with the mark behind it.
func (w *watch) catchUp(ctx context.Context, env kit.Env, b *box, at *place, give func(context.Context, kit.Event) error) error {
	uids, err := b.find(at.UID, w.wanted)
	if err != nil {
		return err
	}
	for _, uid := range uids {
		var page kit.Page
		if err := w.content.give(ctx, env, b, []uint32{uid}, &page, w.Mailbox); err != nil {
			return err
		}
		next := *at
		next.UID = uid
		mark, err := json.Marshal(next)
		if err != nil {
			return err
		}
		for _, bad := range page.Bad {
			env.Log(flow.Warn, "", "%s", bad.Failure.What)
		}
		if len(page.Data) == 0 { // removed meanwhile, or not to be read
			err = env.SetMark(ctx, mark)
		} else {
			err = give(ctx, kit.Event{Data: page.Data, Cause: "mail", Mark: mark})
		}
		if err != nil {
			return err
		}
		*at = next
	}
	return nil
}

// wait returns when there may be something new.
func (w *watch) wait(ctx context.Context, b *box, woken <-chan struct{}) error {
	if !b.idles() {
		if !rest(ctx, w.Interval) {
			return ctx.Err()
		}
		return b.client.Noop().Wait()
	}
	within, cancel := context.WithTimeout(ctx, w.Interval)
	defer cancel()
	return b.idle(woken, within.Done())
}

func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
