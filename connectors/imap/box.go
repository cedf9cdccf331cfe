package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/server"
)

// box is a connection that is signed in. It alone knows the library, whose interface may
// still change.
type box struct {
	client   *imapclient.Client
	stop     func() bool // of who ends the line with its context
	sealed   *tls.ConnectionState
	validity uint32
	next     uint32 // the number that the next mail gets, when the mailbox was opened
	count    int
}

// letter is a mail as the server has it.
type letter struct {
	uid      uint32
	flags    []string
	received string
	size     int64
	raw      []byte
	whole    bool // raw is all of it, not only its head
}

// dial connects and signs in; changed hears, without waiting, of what the server tells by
// itself. The line ends with ctx.
func (s *settings) dial(ctx context.Context, env kit.Env, changed func()) (b *box, err error) {
	err = s.WithToken(ctx, env, func(token kit.Secret) error {
		b, err = s.connect(ctx, env, changed)
		if err != nil {
			return err
		}
		if err := s.signIn(b, token); err != nil {
			b.close()
			return s.Unreached(ctx, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// connect comes to the greeting, and behind it to TLS where that is begun there.
func (s *settings) connect(ctx context.Context, env kit.Env, changed func()) (*box, error) {
	options := &imapclient.Options{}
	if changed != nil {
		options.UnilateralDataHandler = &imapclient.UnilateralDataHandler{
			Mailbox: func(m *imapclient.UnilateralDataMailbox) {
				if m.NumMessages != nil {
					changed()
				}
			},
		}
	}
	b, err := s.greet(ctx, env, options, s.Secure == server.StartTLS)
	if err != nil || s.Secure != server.Opportunistic {
		return b, err
	}
	if !b.client.Caps().Has(imap.CapStartTLS) {
		return b, nil
	}
	b.close()
	return s.greet(ctx, env, options, true)
}

func (s *settings) greet(ctx context.Context, env kit.Env, options *imapclient.Options, begin bool) (*box, error) {
	line, err := s.Dial(ctx, env)
	if err != nil {
		return nil, err
	}
	b := &box{stop: context.AfterFunc(ctx, func() { line.Close() })}
	if sealed, ok := line.(*tls.Conn); ok {
		state := sealed.ConnectionState()
		b.sealed = &state
	}
	if !begin {
		b.client = imapclient.New(line, options)
		if err := b.client.WaitGreeting(); err != nil {
			b.close()
			return nil, s.Unreached(ctx, err)
		}
		return b, nil
	}
	config, err := s.Seal(env)
	if err != nil {
		b.stop()
		line.Close()
		return nil, err
	}
	seen := config.VerifyConnection
	config.VerifyConnection = func(state tls.ConnectionState) error {
		b.sealed = &state
		if seen != nil {
			return seen(state)
		}
		return nil
	}
	options.TLSConfig = config
	if b.client, err = imapclient.NewStartTLS(line, options); err != nil {
		b.stop()
		if said, ok := errors.AsType[*imap.Error](err); ok {
			return nil, s.NoTLS(said.Text)
		}
		return nil, s.Unreached(ctx, err)
	}
	return b, nil
}

func (s *settings) signIn(b *box, token kit.Secret) error {
	if err := s.MayShow(b.sealed != nil); err != nil {
		return err
	}
	var err error
	caps := b.client.Caps()
	switch {
	case s.Scheme == auth.OAuth2:
		err = b.client.Authenticate(&bearer{account: s.Account, token: token})
	case caps.Has(imap.AuthCap(sasl.Plain)):
		err = b.client.Authenticate(sasl.NewPlainClient("", s.User, s.Password.Reveal()))
	default:
		err = b.client.Login(s.User, s.Password.Reveal()).Wait()
	}
	said, ok := errors.AsType[*imap.Error](err)
	switch {
	case ok && said.Code == imap.ResponseCodeUnavailable:
		return kit.Fail(kit.Unavailable, "%s cannot let anybody in for now: %s", s.Address(), said.Text).Hint("retry later")
	case ok:
		return s.Refused(said.Text)
	}
	return err
}

// bearer is the client's side of XOAUTH2.
type bearer struct {
	account string
	token   kit.Secret
}

func (b *bearer) Start() (mech string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + b.account + "\x01auth=Bearer " + b.token.Reveal() + "\x01\x01"), nil
}

func (b *bearer) Next([]byte) ([]byte, error) { return nil, nil }

func (b *box) close() {
	b.stop()
	b.client.Close()
}

// open opens a mailbox, to look only where nothing is to be changed.
func (b *box) open(mailbox string, look bool) error {
	data, err := b.client.Select(mailbox, &imap.SelectOptions{ReadOnly: look}).Wait()
	if err != nil {
		return err
	}
	b.validity, b.next, b.count = data.UIDValidity, uint32(data.UIDNext), int(data.NumMessages)
	return nil
}

// list gives the names of the mailboxes that can be opened.
func (b *box) list() (names []string, err error) {
	all, err := b.client.List("", "*", nil).Collect()
	for _, m := range all {
		if !slices.Contains(m.Attrs, imap.MailboxAttrNoSelect) && !slices.Contains(m.Attrs, imap.MailboxAttrNonExistent) {
			names = append(names, m.Mailbox)
		}
	}
	slices.Sort(names)
	return names, err
}

// find gives the numbers of the mails behind one that meet what is wanted, in order.
func (b *box) find(behind uint32, want wanted) ([]uint32, error) {
	c := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(behind) + 1, Stop: 0}}}}
	for name, text := range map[string]string{"From": want.From, "To": want.To, "Subject": want.Subject} {
		if text != "" {
			c.Header = append(c.Header, imap.SearchCriteriaHeaderField{Key: name, Value: text})
		}
	}
	if want.Text != "" {
		c.Text = []string{want.Text}
	}
	if want.Unseen {
		c.NotFlag = []imap.Flag{imap.FlagSeen}
	}
	c.Since = want.since
	data, err := b.client.UIDSearch(c, nil).Wait()
	if err != nil {
		return nil, err
	}
	var uids []uint32
	for _, uid := range data.AllUIDs() {
		if uint32(uid) > behind { // a range that ends with the last mail always has that in it (RFC 3501, 6.4.8)
			uids = append(uids, uint32(uid))
		}
	}
	slices.Sort(uids)
	return uids, nil
}

// fetch brings mails; of those larger than most bytes only the head. Ones that were
// removed meanwhile are not among them.
func (b *box) fetch(uids []uint32, most int64) (all []letter, err error) {
	sizes, err := b.client.Fetch(set(uids), &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, err
	}
	var small, large []uint32
	for _, m := range sizes {
		if !slices.Contains(uids, uint32(m.UID)) {
			continue
		}
		if m.RFC822Size > most {
			large = append(large, uint32(m.UID))
		} else {
			small = append(small, uint32(m.UID))
		}
	}
	for _, part := range []struct {
		uids    []uint32
		section *imap.FetchItemBodySection
	}{{small, &imap.FetchItemBodySection{Peek: true}}, {large, &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true}}} {
		if len(part.uids) == 0 {
			continue
		}
		found, err := b.client.Fetch(set(part.uids), &imap.FetchOptions{
			UID: true, Flags: true, InternalDate: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{part.section},
		}).Collect()
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			raw := m.FindBodySection(part.section)
			if raw == nil || !slices.Contains(part.uids, uint32(m.UID)) {
				continue
			}
			l := letter{uid: uint32(m.UID), size: m.RFC822Size, raw: raw, whole: part.section.Specifier == "", received: moment(m.InternalDate)}
			for _, f := range m.Flags {
				l.flags = append(l.flags, string(f))
			}
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b letter) int { return int(int64(a.uid) - int64(b.uid)) })
	return all, nil
}

func set(uids []uint32) imap.UIDSet {
	var s imap.UIDSet
	for _, u := range uids {
		s.AddNum(imap.UID(u))
	}
	return s
}

// idles says whether the server tells by itself what comes.
func (b *box) idles() bool {
	caps := b.client.Caps()
	return caps.Has(imap.CapIdle) || caps.Has(imap.CapIMAP4rev2)
}

// idle waits until woken is closed or gives something, or the line is lost.
func (b *box) idle(woken <-chan struct{}, enough <-chan struct{}) error {
	c, err := b.client.Idle()
	if err != nil {
		return err
	}
	select {
	case <-woken:
	case <-enough:
	case <-b.client.Closed():
		return io.ErrUnexpectedEOF
	}
	if err := c.Close(); err != nil {
		return err
	}
	return c.Wait()
}

// told puts into words what the server says, or that it says nothing any more.
func (s *settings) told(ctx context.Context, err error) error {
	said, ok := errors.AsType[*imap.Error](err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !ok:
		if own, is := errors.AsType[*kit.Failure](err); is {
			return own
		}
		return s.Lost(err, false)
	}
	words := strings.ToLower(said.Text)
	switch {
	case said.Code == imap.ResponseCodeNonExistent, said.Code == imap.ResponseCodeTryCreate, strings.Contains(words, "doesn't exist"), strings.Contains(words, "does not exist"):
		return kit.Fail(kit.Missing, "%s says: %s", s.Address(), said.Text).On("mailbox").Hint("choose one of the mailboxes that the connection lists")
	case said.Code == imap.ResponseCodeNoPerm, said.Code == imap.ResponseCodeAuthorizationFailed:
		return kit.Fail(kit.Denied, "%s does not allow it to %s: %s", s.Address(), s.Who(), said.Text).Hint("have who runs it allow it")
	case said.Code == imap.ResponseCodeInUse, said.Code == imap.ResponseCodeUnavailable, said.Code == imap.ResponseCodeLimit, said.Type == imap.StatusResponseTypeBye:
		return kit.Fail(kit.Busy, "%s cannot do it for now: %s", s.Address(), said.Text).Hint("retry later")
	case said.Code == imap.ResponseCodeOverQuota:
		return kit.Fail(kit.Full, "the mailbox at %s is full: %s", s.Address(), said.Text).Hint("make room in it")
	}
	return kit.Fail(kit.Refused, "%s refuses: %s", s.Address(), said.Text).Hint("look into the log of the server")
}

func counted(n int) string {
	if n == 1 {
		return "1 mail"
	}
	return fmt.Sprintf("%d mails", n)
}
