// Package server is what connectors of servers share that speak a protocol of their own
// over a line, with TLS or without: mail servers and directories.
//
// Its nouns: a Server is the settings of one, to embed in a connection. Its rules: a
// password never goes over a line without TLS unless a person chose None; where TLS is
// asked for, nothing is said without; who is asked is told in words what went wrong.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
)

// Whether TLS is spoken.
const (
	Implicit      = "implicit"      // from the first byte on
	StartTLS      = "starttls"      // begun after connecting, always
	Opportunistic = "opportunistic" // begun after connecting where the server has it
	None          = "none"
)

// Server is the settings of a server.
type Server struct {
	Host    string
	Port    int
	Secure  string
	Account string // whose token it is, with OAuth 2
	Timeout time.Duration
	auth.Access

	open, sealed int // the usual ports, without TLS at first and with it from the first byte on
}

// New is a server with its defaults: the usual ports, and the ways to sign in.
func New(open, sealed int, secure string, schemes ...string) Server {
	return Server{Secure: secure, Timeout: 30 * time.Second, Access: auth.New(schemes...), open: open, sealed: sealed}
}

// HostFields are about where the server is and who signs in.
func (s *Server) HostFields(example string) kit.Fields {
	fields := kit.Fields{
		kit.Text(&s.Host, "host", "Host").Needed().Eg(example),
		kit.Int(&s.Port, "port", "Port").Checked(s.checkPort).Help(fmt.Sprintf("0 is the usual one: %d, or %d with TLS from the beginning.", s.open, s.sealed)),
		kit.Pick(&s.Secure, "secure", "TLS",
			kit.Choice{Value: Implicit, Label: "From the beginning"},
			kit.Choice{Value: StartTLS, Label: "Begun after connecting (STARTTLS)"},
			kit.Choice{Value: Opportunistic, Label: "STARTTLS where the server has it; never a password without"},
			kit.Choice{Value: None, Label: "None: everybody on the way can read along"}),
		kit.Text(&s.Account, "account", "Account").Eg("ada@example.com").OnlyIf(func() bool { return s.Scheme == auth.OAuth2 }).
			Help("Whose token it is, mostly the address of the mailbox."),
	}
	fields = append(fields, s.Access.Fields()...)
	return append(fields, kit.Duration(&s.Timeout, "timeout", "Time-out").More().Checked(s.checkTimeout).Help("How long the server may be silent."))
}

func (s *Server) checkPort() error {
	if s.Port < 0 || s.Port > 65535 {
		return fmt.Errorf("there is no port %d", s.Port)
	}
	return nil
}

func (s *Server) checkTimeout() error {
	if s.Timeout < time.Second {
		return errors.New("no server answers in less than a second for certain")
	}
	return nil
}

// Service is the host that is asked.
func (s *Server) Service() (host string, perSecond float64) { return s.name(), 0 }

func (s *Server) name() string { return strings.Trim(strings.TrimSpace(s.Host), "[]") }

// Address is the host with its port.
func (s *Server) Address() string {
	port := s.Port
	if port == 0 {
		port = s.open
		if s.Secure == Implicit {
			port = s.sealed
		}
	}
	return net.JoinHostPort(s.name(), strconv.Itoa(port))
}

// Who names the account that signs in; "" is nobody.
func (s *Server) Who() string {
	switch s.Scheme {
	case auth.OAuth2:
		return s.Account
	case auth.Basic:
		return s.User
	}
	return ""
}

// Parts are what two connections that share a line have in common, for depot.Key.
func (s *Server) Parts() []any {
	return []any{s.Address(), s.Secure, s.Timeout, s.Scheme, s.Who(), s.Password.Reveal(), s.TLS, s.TLS.Key.Reveal()}
}

// Seal is the configuration of TLS.
func (s *Server) Seal(env kit.Env) (*tls.Config, error) {
	c, err := s.TLS.Config(env)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &tls.Config{}
	}
	if c.ServerName == "" {
		c.ServerName = s.name()
	}
	return c, nil
}

// Dial connects, with TLS where that is spoken from the first byte on. Its errors are
// Unreached already.
func (s *Server) Dial(ctx context.Context, env kit.Env) (net.Conn, error) {
	if s.name() == "" {
		return nil, kit.Fail(kit.Invalid, "there is no host").On("host").Hint("set host, or choose a connection")
	}
	within, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	var d net.Dialer
	line, err := d.DialContext(within, "tcp", s.Address())
	if err != nil {
		return nil, s.Unreached(ctx, err)
	}
	if s.Secure != Implicit {
		return line, nil
	}
	config, err := s.Seal(env)
	if err != nil {
		line.Close()
		return nil, err
	}
	sealed := tls.Client(line, config)
	if err := sealed.HandshakeContext(within); err != nil {
		line.Close()
		return nil, s.Unreached(ctx, err)
	}
	return sealed, nil
}

// WithToken signs in by do. With OAuth 2 that gets a token, and another one where the first
// was refused and can be renewed; with other ways the empty secret.
func (s *Server) WithToken(ctx context.Context, env kit.Env, do func(token kit.Secret) error) error {
	if s.Scheme != auth.OAuth2 {
		return do(kit.Secret{})
	}
	by := s.Signer(env)
	token, err := by.AccessToken(ctx, kit.Secret{})
	if err != nil {
		return err
	}
	refused := do(token)
	if f, ok := errors.AsType[*kit.Failure](refused); !ok || f.Kind != kit.Denied {
		return refused
	}
	fresh, err := by.AccessToken(ctx, token)
	if err != nil {
		return err
	}
	if fresh.Reveal() == token.Reveal() {
		return refused
	}
	return do(fresh)
}

// MayShow refuses to sign in over a line that everybody can read.
func (s *Server) MayShow(sealed bool) error {
	if sealed || s.Secure == None || s.Scheme == auth.None {
		return nil
	}
	return kit.Fail(kit.Denied, "%s has no TLS, so the password of %s is not sent", s.Address(), s.Who()).On("secure").
		Hint("ask who runs it for TLS; where the way there is safe, set \"secure\" to %s", None)
}

// NoTLS says that a server has none, where it has to.
func (s *Server) NoTLS(why string) error {
	if why != "" {
		why = ": " + why
	}
	return kit.Fail(kit.Refused, "%s has no STARTTLS%s", s.Address(), why).On("secure").
		Hint("try TLS from the beginning, or ask who runs it; without TLS, everybody on the way can read along")
}

// Refused says that who signs in is not let in.
func (s *Server) Refused(said string) error {
	if s.Scheme == auth.OAuth2 {
		return kit.Fail(kit.Denied, "%s does not take the token of %s: %s", s.Address(), s.Who(), said).On("account").
			Hint("sign in again, with the scopes that this server wants: jackfield connections sign-in NAME")
	}
	return kit.Fail(kit.Denied, "%s does not take the password of %s: %s", s.Address(), s.Who(), said).On("password").
		Hint("check user and password; some services want a password made for programs")
}

// Unreached puts into words why there is no line to the server. Nothing has happened.
func (s *Server) Unreached(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if own, ok := errors.AsType[*kit.Failure](err); ok {
		return own
	}
	if f := auth.Distrust(s.name(), err); f != nil {
		return f
	}
	if notTLS, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return kit.Fail(kit.Invalid, "%s does not speak TLS from the beginning: %w", s.Address(), notTLS).On("secure").
			Hint("check the port; set \"secure\" to %s", StartTLS)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the server hung up: %w", err)
	}
	f := kit.AsFailure(err)
	f.Uncertain = false
	switch f.Kind {
	case kit.Unknown:
		f.Kind, f.Fix = kit.Unavailable, "check host, port and the kind of TLS, and the network"
	case kit.TimedOut:
		f.Fix = "check host, port and the kind of TLS, and whether a firewall is in between; or raise the time-out"
	}
	f.What = "connect to " + s.Address() + ": " + f.What
	return f
}

// Lost puts into words that a line is gone in the middle. unsure says that nobody knows
// whether what was asked for happened.
func (s *Server) Lost(err error, unsure bool) *kit.Failure {
	var silent net.Error
	f := kit.Fail(kit.Unavailable, "the connection to %s was lost: %w", s.Address(), err).Hint("retry; a new connection is made")
	if errors.As(err, &silent) && silent.Timeout() {
		f = kit.Fail(kit.TimedOut, "%s was silent for longer than %s", s.Address(), s.Timeout).Hint("retry; raise the time-out, or see why the server is slow")
	}
	f.Uncertain = unsure
	return f
}

// Reach is the beginning of a connection's test: name, connection and, where TLS is spoken
// from the first byte on, certificate.
func (s *Server) Reach(ctx context.Context, env kit.Env, t *kit.Trial) {
	var config *tls.Config
	if s.Secure == Implicit {
		var err error
		if config, err = s.Seal(env); err != nil {
			t.Try("Certificate", func() (string, error) { return "", err })
			return
		}
	}
	t.Reach(ctx, s.Address(), config, func(err error) error { return s.Unreached(ctx, err) })
}

// SignedIn is what a test says of a line.
func (s *Server) SignedIn(sealed *tls.ConnectionState) string {
	who := "as " + s.Who()
	if s.Who() == "" {
		who = "without signing in"
	}
	if sealed == nil {
		return who + ", without TLS"
	}
	return who + ", " + tls.VersionName(sealed.Version)
}

// Steady is a line on which every read and write has its own time.
type Steady struct {
	net.Conn
	Patience time.Duration
}

func (s *Steady) Read(b []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(s.Patience)); err != nil {
		return 0, err
	}
	return s.Conn.Read(b)
}

func (s *Steady) Write(b []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(s.Patience)); err != nil {
		return 0, err
	}
	return s.Conn.Write(b)
}
