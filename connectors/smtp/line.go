package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
	"jackfield/connectors/kit/server"
)

// line is a connection that is signed in.
type line struct {
	client *smtp.Client
	conn   net.Conn
	inner  *tls.Conn // of TLS from the first byte on
}

// Alive says yes: whether the server still listens is asked when a letter begins.
func (l *line) Alive() bool { return true }

// Close says goodbye, and does not wait for long.
func (l *line) Close() error {
	l.client.Quit() //nolint:errcheck // the line is closed either way
	l.conn.Close()  //nolint:errcheck // Quit has closed it already where that went well
	return nil
}

// guard ends the line when ctx ends; done gives the reason in place of err then.
func (l *line) guard(ctx context.Context) (done func(error) error) {
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	return func(err error) error {
		if !stop() && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
}

func (l *line) sealed() *tls.ConnectionState {
	if l.inner != nil {
		state := l.inner.ConnectionState()
		return &state
	}
	if state, ok := l.client.TLSConnectionState(); ok {
		return &state
	}
	return nil
}

// limit is the greatest mail that the server takes (RFC 1870); 0 where it does not say.
func (l *line) limit() int64 {
	_, text := l.client.Extension("SIZE")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// borrow lends a line on which the server answers.
func (s *settings) borrow(ctx context.Context, env kit.Env) (*line, func(broken bool), error) {
	key := depot.Key(append(s.Parts(), s.Hello)...)
	for {
		fresh := false
		l, giveBack, err := s.lines.Borrow(ctx, key, func(ctx context.Context) (*line, error) {
			fresh = true
			return s.dial(ctx, env)
		})
		if err != nil || fresh {
			return l, giveBack, err
		}
		done := l.guard(ctx)
		if err := done(l.client.Noop()); err == nil {
			return l, giveBack, nil
		}
		giveBack(true) // it was lost while nobody used it
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
}

// dial connects and signs in.
func (s *settings) dial(ctx context.Context, env kit.Env) (l *line, err error) {
	err = s.WithToken(ctx, env, func(token kit.Secret) error {
		conn, err := s.Dial(ctx, env)
		if err != nil {
			return err
		}
		l = &line{conn: conn}
		l.inner, _ = conn.(*tls.Conn)
		done := l.guard(ctx)
		if err := done(s.open(env, l, token)); err != nil {
			conn.Close()
			return s.Unreached(ctx, err)
		}
		return nil
	})
	return l, err
}

// open goes from the greeting to being signed in.
func (s *settings) open(env kit.Env, l *line, token kit.Secret) (err error) {
	steady := net.Conn(&server.Steady{Conn: l.conn, Patience: s.Timeout})
	if l.client, err = smtp.NewClient(steady, s.Host); err != nil {
		return s.told(err)
	}
	name := s.Hello
	if name == "" {
		name = "localhost"
	}
	if err := l.client.Hello(name); err != nil {
		return s.told(err)
	}
	if err := s.begin(env, l); err != nil {
		return err
	}
	if s.Scheme == auth.None {
		return nil
	}
	if err := s.MayShow(l.sealed() != nil); err != nil {
		return err
	}
	return s.signIn(l, token)
}

// begin starts TLS where it is begun on the line.
func (s *settings) begin(env kit.Env, l *line) error {
	if s.Secure != server.StartTLS && s.Secure != server.Opportunistic {
		return nil
	}
	if has, _ := l.client.Extension("STARTTLS"); !has {
		if s.Secure == server.StartTLS {
			return s.NoTLS("")
		}
		return nil
	}
	config, err := s.Seal(env)
	if err != nil {
		return err
	}
	err = l.client.StartTLS(config)
	if said, ok := errors.AsType[*textproto.Error](err); ok {
		return s.NoTLS(said.Error())
	}
	return err
}

func (s *settings) signIn(l *line, token kit.Secret) error {
	has, offered := l.client.Extension("AUTH")
	if !has {
		return kit.Fail(kit.Refused, "%s has no sign-in on this line", s.Address()).On("auth").
			Hint("try another kind of TLS or port; where nobody has to sign in, choose so")
	}
	if s.Scheme == auth.OAuth2 {
		return s.admitted(l.client.Auth(smtp.XOAuth2Auth(s.Account, token.Reveal())))
	}
	way, err := s.way(strings.Fields(strings.ToUpper(offered)))
	if err != nil {
		return err
	}
	return s.admitted(l.client.Auth(way))
}

// way is how a password is shown, proven rather than sent where the server knows how.
func (s *settings) way(offered []string) (smtp.Auth, error) {
	has := func(name string) bool { return slices.Contains(offered, name) }
	password := s.Password.Reveal()
	switch {
	case has("SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.User, password), nil
	case has("PLAIN"):
		return plain{user: s.User, password: password}, nil
	case has("LOGIN"):
		return smtp.LoginAuth(s.User, password, s.Host, true), nil
	case has("CRAM-MD5"):
		return smtp.CRAMMD5Auth(s.User, password), nil
	}
	return nil, kit.Fail(kit.Refused, "%s knows no way to sign in with a password, but %s", s.Address(), strings.Join(offered, ", ")).On("auth").
		Hint("choose another way to sign in")
}

// plain is RFC 4616, over lines that MayShow allows.
type plain struct{ user, password string }

func (p plain) Start(*smtp.ServerInfo) (proto string, first []byte, err error) {
	return "PLAIN", []byte("\x00" + p.user + "\x00" + p.password), nil
}

func (p plain) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("the server asks for more than a password")
	}
	return nil, nil
}

// admitted puts into words that a server does not let in. What it was sent is not told.
func (s *settings) admitted(err error) error {
	said, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return err
	}
	if passes(said.Code) {
		return s.told(err)
	}
	return s.Refused(said.Error())
}

// passes says whether a reply is about a failure that passes (RFC 5321, 4.2.1).
func passes(code int) bool { return code >= 400 && code < 500 }

// told puts a reply into words; other errors stay.
func (s *settings) told(err error) error {
	said, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return err
	}
	if passes(said.Code) {
		return kit.Fail(kit.Busy, "%s does not take the mail for now: %s", s.Address(), said).Hint("retry later")
	}
	return kit.Fail(kit.Refused, "%s refuses: %s", s.Address(), said).Hint("see what the server says; whom the mail is from, its content and its size may matter")
}
