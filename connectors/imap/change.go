package imap

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// change does something with one mail. What was done already is not done again: a mail
// that is not there any more was moved or removed.
type change struct {
	settings
	UID      int
	Validity int
	Do       string
	Target   string
	Flags    []string
}

// What can be done.
const (
	doMove   = "move"
	doFlag   = "flag"
	doUnflag = "unflag"
	doDelete = "delete"
)

// Fields are the mail and what is done with it; the server is folded away.
func (c *change) Fields() kit.Fields {
	flags := func() bool { return c.Do == doFlag || c.Do == doUnflag }
	return append(kit.Fields{
		c.mailboxField(),
		kit.Int(&c.UID, "uid", "Number").Checked(func() error {
			if c.UID < 0 || c.UID > 1<<32-1 {
				return fmt.Errorf("%d is no number of a mail", c.UID)
			}
			return nil
		}).Help("The uid of the mail, as reading gives it."),
		kit.Int(&c.Validity, "uid_validity", "Numbering").Help("As reading gives it: where the server has numbered the mailbox anew, another mail would have the number. 0 does not look."),
		kit.Pick(&c.Do, "do", "Do",
			kit.Choice{Value: doFlag, Label: "Set flags"}, kit.Choice{Value: doUnflag, Label: "Clear flags"},
			kit.Choice{Value: doMove, Label: "Move to another mailbox"}, kit.Choice{Value: doDelete, Label: "Remove for good"}),
		kit.Text(&c.Target, "target", "To mailbox").Needed().OnlyIf(func() bool { return c.Do == doMove }).Eg("Archive"),
		kit.List(&c.Flags, "flags", "Flags").OnlyIf(flags).Eg("\\Seen").Checked(c.checkFlags).
			Help("\\Seen is read, \\Flagged has a star, \\Answered is answered; others are the server's own keywords."),
	}, web.Folded(c.HostFields("mail.example.com"))...)
}

func (c *change) checkFlags() error {
	for _, f := range c.Flags {
		name := strings.TrimPrefix(f, "\\")
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r) }) {
			return fmt.Errorf("%q is no flag", f)
		}
	}
	return nil
}

// Run does it with the mail of one record.
func (c *change) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	if c.UID == 0 {
		return kit.Result{}, kit.Fail(kit.Invalid, "it is not said which mail is meant").On("uid").Hint("map the uid that reading gives: {uid, uid_validity, mailbox}")
	}
	b, err := c.dial(ctx, env, nil)
	if err != nil {
		return kit.Result{}, err
	}
	defer b.close()
	if err := b.open(c.Mailbox, false); err != nil {
		return kit.Result{}, c.told(ctx, err)
	}
	if c.Validity != 0 && uint32(c.Validity) != b.validity {
		return kit.Result{}, kit.Fail(kit.Missing, "%s has numbered %s anew, so the mail %d is another one now", c.Address(), c.Mailbox, c.UID).On("uid_validity").
			Hint("read the mailbox again")
	}
	err = b.change(uint32(c.UID), c.Do, c.Target, c.Flags)
	told := c.told(ctx, err)
	if f, ok := errors.AsType[*kit.Failure](told); ok && f.Kind == kit.Missing && c.Do == doMove {
		return kit.Result{}, f.On("target")
	}
	return kit.Result{Same: told == nil}, told
}

// change does it by the protocol; of a mail that is not there, nothing is said.
func (b *box) change(uid uint32, do, target string, flags []string) error {
	one := imap.UIDSetNum(imap.UID(uid))
	store := func(op imap.StoreFlagsOp, flags ...imap.Flag) error {
		return b.client.Store(one, &imap.StoreFlags{Op: op, Silent: true, Flags: flags}, nil).Close()
	}
	var list []imap.Flag
	for _, f := range flags {
		list = append(list, imap.Flag(f))
	}
	switch do {
	case doFlag:
		return store(imap.StoreFlagsAdd, list...)
	case doUnflag:
		return store(imap.StoreFlagsDel, list...)
	case doMove:
		found, err := b.find(uid-1, wanted{})
		if err != nil || len(found) == 0 || found[0] != uid {
			return err
		}
		if b.client.Caps().Has(imap.CapMove) || b.client.Caps().Has(imap.CapIMAP4rev2) {
			_, err := b.client.Move(one, target).Wait()
			return err
		}
		if err := b.removesOne(); err != nil {
			return err
		}
		if _, err := b.client.Copy(one, target).Wait(); err != nil {
			return err
		}
	}
	if err := b.removesOne(); err != nil {
		return err
	}
	if err := store(imap.StoreFlagsAdd, imap.FlagDeleted); err != nil {
		return err
	}
	return b.client.UIDExpunge(one).Close()
}

// removesOne refuses a server that can remove only all mails together that are marked.
func (b *box) removesOne() error {
	if !b.client.Caps().Has(imap.CapUIDPlus) && !b.client.Caps().Has(imap.CapIMAP4rev2) {
		return kit.Fail(kit.Refused, "the server can remove one mail only together with all that others have marked (no UIDPLUS)").On("do").Hint("set the flag \\Deleted in its place")
	}
	return nil
}
