package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	gosmtp "github.com/wneessen/go-mail/smtp"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/web"
	"jackfield/flow"
)

// send sends one mail.
type send struct {
	settings
	To, Cc, Bcc, ReplyTo []string
	Subject, Text, HTML  string
	Attachments          any
	Headers              map[string]string
	MessageID            string
	Partly               string
	Largest              int
}

// What becomes of a mail of which the server refuses some recipients.
const (
	nobody = "nobody"
	others = "others"
)

func newSend(lines *depot.Lines[*line]) *send {
	return &send{settings: newSettings(lines), Partly: nobody, Largest: 25}
}

// Fields are the mail, and the server folded away.
func (s *send) Fields() kit.Fields {
	return append(kit.Fields{
		s.fromField(),
		kit.List(&s.To, "to", "To").Eg("ada@example.org"),
		kit.List(&s.Cc, "cc", "Copies to").Eg("Sales <sales@example.com>"),
		kit.List(&s.Bcc, "bcc", "Unseen copies to").More(),
		kit.List(&s.ReplyTo, "reply_to", "Answers to").More(),
		kit.Text(&s.Subject, "subject", "Subject"),
		kit.Long(&s.Text, "text", "Text"),
		kit.Long(&s.HTML, "html", "HTML").Code("html").Help("Beside a text, programs show what they can; with a text alone it is not needed."),
		kit.Value(&s.Attachments, "attachments", "Attachments").
			Help("A list of paths, or of objects with name and either content (base64), text or path; type says what it is, cid makes it a picture of the HTML."),
		kit.Pairs(&s.Headers, "headers", "Further headers").More().Eg("List-Unsubscribe"),
		kit.Text(&s.MessageID, "message_id", "Message-ID").More().Help("Empty makes one that is the same at every attempt for the same record."),
		kit.Pick(&s.Partly, "partly", "Where the server refuses a recipient",
			kit.Choice{Value: nobody, Label: "Nobody gets the mail"}, kit.Choice{Value: others, Label: "The others get it"}).More(),
		kit.Int(&s.Largest, "largest", "Largest mail (MB)").More().Checked(s.checkLargest),
	}, web.Folded(s.common())...)
}

func (s *send) checkLargest() error {
	if s.Largest < 1 || s.Largest > 1024 {
		return errors.New("a mail may have 1 to 1024 MB")
	}
	return nil
}

func (s *send) most() int64 { return int64(s.Largest) << 20 }

// refusal is a recipient that the server does not take.
type refusal struct {
	address string
	code    int
	said    string
}

// Run sends the mail of one record.
func (s *send) Run(ctx context.Context, env kit.Env, rec flow.Record) (kit.Result, error) {
	mail, err := s.letter(env, env.Key(rec.ID))
	if err != nil {
		return kit.Result{}, err
	}
	if int64(len(mail.text)) > s.most()+s.most()/2 { // base64 takes a third more
		return kit.Result{}, kit.Fail(kit.Refused, "the mail has %s, more than the %d MB that are allowed", bytesOf(int64(len(mail.text))), s.Largest).On("largest")
	}
	l, giveBack, err := s.borrow(ctx, env)
	if err != nil {
		return kit.Result{}, err
	}
	broken := true
	defer func() { giveBack(broken) }()
	if err := l.begin(ctx, &s.settings, mail.from); err != nil {
		return kit.Result{}, err
	}
	if n := l.limit(); n > 0 && int64(len(mail.text)) > n {
		broken = l.client.Reset() != nil
		return kit.Result{}, kit.Fail(kit.Refused, "the mail has %s, and %s takes %s at most", bytesOf(int64(len(mail.text))), s.Address(), bytesOf(n)).
			On("attachments").Hint("send a link in place of the attachment")
	}
	taken, refused, err := s.name(ctx, l, mail)
	if err != nil {
		broken = !isReply(err) || l.client.Reset() != nil
		return kit.Result{}, err
	}
	said, err := s.deliver(ctx, l, mail)
	if err != nil {
		broken = !isReply(err)
		return kit.Result{}, err
	}
	broken = false
	return kit.Give(sent(mail, taken, refused, said)), nil
}

// begin says whom a mail is from.
func (l *line) begin(ctx context.Context, s *settings, from string) error {
	if err := l.speaks("from", from); err != nil {
		return err
	}
	done := l.guard(ctx)
	err := done(l.client.Mail("<" + from + ">"))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	said, ok := errors.AsType[*textproto.Error](err)
	switch {
	case !ok:
		return s.Lost(err, false)
	case said.Code == 530 || said.Code == 550 || said.Code == 553 || said.Code == 535:
		return kit.Fail(kit.Denied, "%s does not let %s send as %s: %s", s.Address(), whom(s), from, said).On("from").Hint("sign in, or send as the address that the account has")
	}
	return s.told(err)
}

func whom(s *settings) string {
	if s.Who() == "" {
		return "who has not signed in"
	}
	return s.Who()
}

// speaks refuses an address beyond ASCII where the server does not know such (RFC 6531).
func (l *line) speaks(field, address string) error {
	has, _ := l.client.Extension("SMTPUTF8")
	if has || !strings.ContainsFunc(address, func(r rune) bool { return r > 0x7e }) {
		return nil
	}
	return kit.Fail(kit.Refused, "the server does not know addresses like %s", address).On(field).Hint("use an address of plain letters; of a domain its form that begins xn--")
}

// name says who is to get the mail. Where a refusal means that nobody does, or all are
// refused, it is an error.
func (s *send) name(ctx context.Context, l *line, mail letter) (taken []string, refused []refusal, err error) {
	done := l.guard(ctx)
	defer func() { err = done(err) }()
	for _, to := range mail.to {
		if f := l.speaks("to", to); f != nil {
			refused = append(refused, refusal{to, 553, kit.AsFailure(f).What})
			continue
		}
		err := l.client.Rcpt("<" + to + ">")
		said, isReply := errors.AsType[*textproto.Error](err)
		switch {
		case err == nil:
			taken = append(taken, to)
		case !isReply:
			return nil, nil, s.Lost(err, false)
		default:
			refused = append(refused, refusal{to, said.Code, said.Msg})
		}
	}
	if len(refused) == 0 || s.Partly == others && len(taken) > 0 {
		return taken, refused, nil
	}
	return nil, nil, s.refuses(refused, len(mail.to))
}

// refuses puts into words whom the server does not take. It passes where each may.
func (s *send) refuses(refused []refusal, of int) error {
	var lines []string
	kind := kit.Busy
	for _, r := range refused {
		lines = append(lines, fmt.Sprintf("%s: %d %s", r.address, r.code, r.said))
		if !passes(r.code) {
			kind = kit.Refused
		}
	}
	f := kit.Fail(kind, "%s refuses %d of %d recipients, so nobody gets the mail: %s", s.Address(), len(refused), of, strings.Join(lines, "; ")).On("to")
	if kind == kit.Busy {
		return replied{f.Hint("retry later")}
	}
	return replied{f.Hint("check the addresses; to let the others get it, set \"partly\" to %s", others)}
}

// replied is a failure behind which the line is still good.
type replied struct{ *kit.Failure }

func (r replied) Unwrap() error { return r.Failure }

func isReply(err error) bool {
	_, ok := errors.AsType[replied](err)
	return ok
}

// deliver sends the mail itself. Until its last line is sent nothing has happened; behind
// that only the server knows, until it answers.
func (s *send) deliver(ctx context.Context, l *line, mail letter) (said string, err error) {
	done := l.guard(ctx)
	body, err := l.client.Data()
	if err == nil {
		_, err = body.Write(mail.text)
	}
	if err != nil {
		if err = done(err); ctx.Err() != nil {
			return "", err
		}
		return "", s.answered(err, false)
	}
	err = body.Close()
	_ = done(err) // what the server has said counts, also to who has stopped meanwhile
	if err != nil {
		return "", s.answered(err, true)
	}
	if d, ok := body.(*gosmtp.DataCloser); ok {
		said = d.ServerResponse()
	}
	return said, nil
}

func (s *send) answered(err error, unsure bool) error {
	if _, ok := errors.AsType[*textproto.Error](err); ok {
		return replied{kit.AsFailure(s.told(err))}
	}
	f := s.Lost(err, unsure)
	if unsure {
		f.What += "; nobody knows whether it has sent the mail"
		f.Hint("look whether it came, by its Message-ID")
	}
	return f
}

func sent(mail letter, taken []string, refused []refusal, said string) map[string]any {
	to, no := []any{}, []any{}
	for _, t := range taken {
		to = append(to, t)
	}
	for _, r := range refused {
		no = append(no, map[string]any{"address": r.address, "code": r.code, "said": r.said})
	}
	return map[string]any{"message_id": mail.id, "to": to, "refused": no, "size": len(mail.text), "said": said}
}
