package ftp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
)

// settings are what a connection knows of a server.
type settings struct {
	world    *world
	Host     string
	Port     int
	User     string
	Password kit.Secret
	Secure   string
	Base     string
	Passive  string
	Exact    bool
	Timeout  time.Duration
	TLS      auth.TLS
}

// Whether TLS is spoken.
const (
	explicit = "explicit" // from the command AUTH TLS on
	implicit = "implicit" // from the first byte on
	plain    = "none"
)

// The ways to agree upon a data connection.
const (
	anyPassive = "auto" // EPSV where the server has it
	oldPassive = "pasv"
)

func newSettings(w *world) *settings {
	return &settings{world: w, Secure: explicit, Passive: anyPassive, Exact: true, Timeout: 30 * time.Second}
}

// Fields are the settings as a form asks for them.
func (s *settings) Fields() kit.Fields {
	tls := s.TLS.Fields()
	for i, f := range tls {
		tls[i] = f.OnlyIf(func() bool { return s.Secure != plain && f.Matters() })
	}
	return append(kit.Fields{
		kit.Text(&s.Host, "host", "Host").Needed().Eg("ftp.example.com"),
		kit.Int(&s.Port, "port", "Port").Checked(s.checkPort).Help("0 is the usual one: 21, or 990 with TLS from the beginning."),
		kit.Pick(&s.Secure, "secure", "TLS",
			kit.Choice{Value: explicit, Label: "Begun after connecting (explicit)"},
			kit.Choice{Value: implicit, Label: "From the beginning (implicit)"},
			kit.Choice{Value: plain, Label: "None: everybody on the way can read the password and the files"}),
		kit.Text(&s.User, "user", "User").Help("Empty is anonymous."),
		kit.Hidden(&s.Password, "password", "Password"),
		kit.Text(&s.Base, "base", "Base folder").Eg("/exchange").
			Help("Nothing outside of it is touched, and paths begin there; empty is the folder in which the user begins."),
		kit.Pick(&s.Passive, "passive", "Data connections",
			kit.Choice{Value: anyPassive, Label: "EPSV where the server has it"}, kit.Choice{Value: oldPassive, Label: "PASV, for firewalls that know no EPSV"}).More(),
		kit.Toggle(&s.Exact, "exact", "Ask for the exact time of each file").More().
			Help("Of servers whose lists tell minutes only: one more request for each file. Without it, a file is another version only where its size is."),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("How long the server may be silent."),
	}, tls...)
}

func (s *settings) checkPort() error {
	if s.Port < 0 || s.Port > 65535 {
		return fmt.Errorf("there is no port %d", s.Port)
	}
	return nil
}

// Service is the host that is asked.
func (s *settings) Service() (host string, perSecond float64) { return s.Host, 0 }

func (s *settings) address() string {
	port := s.Port
	if port == 0 {
		port = 21
		if s.Secure == implicit {
			port = 990
		}
	}
	return net.JoinHostPort(strings.Trim(strings.TrimSpace(s.Host), "[]"), strconv.Itoa(port))
}

// tls is the configuration, nil without TLS. Sessions are gone on with, because servers
// want to know that a data connection comes from who has the control connection.
func (s *settings) tls(env kit.Env) (*tls.Config, error) {
	if s.Secure == plain {
		return nil, nil
	}
	c, err := s.TLS.Config(env)
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &tls.Config{}
	}
	if c.ServerName == "" {
		c.ServerName = strings.Trim(strings.TrimSpace(s.Host), "[]")
	}
	c.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	return c, nil
}

// borrow lends a line on which the server answers.
func (s *settings) borrow(ctx context.Context, env kit.Env) (*line, func(broken bool), error) {
	if strings.TrimSpace(s.Host) == "" {
		return nil, nil, kit.Fail(kit.Invalid, "there is no host").On("host").Hint("set host, or choose a connection")
	}
	key := depot.Key(s.address(), s.Secure, s.User, s.Password.Reveal(), s.Passive, s.Timeout, s.TLS, s.TLS.Key.Reveal())
	for {
		fresh := false
		l, giveBack, err := s.world.lines.Borrow(ctx, key, func(ctx context.Context) (*line, error) {
			fresh = true
			return s.dial(ctx, env)
		})
		if err != nil || fresh {
			return l, giveBack, err
		}
		done := l.guard(ctx)
		if err := done(l.NoOp()); err == nil {
			return l, giveBack, nil
		}
		giveBack(true) // it was lost while nobody used it
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
}

// Open gives the server's files.
func (s *settings) Open(ctx context.Context, env kit.Env) (depot.Store, string, error) {
	l, giveBack, err := s.borrow(ctx, env)
	if err != nil {
		return nil, "", err
	}
	base := s.Base
	if !path.IsAbs(base) {
		base = path.Join(l.home, base)
	}
	base = path.Clean(base)
	return &files{settings: s, line: l, base: base, giveBack: giveBack}, base, nil
}

// Try goes the way to being signed in.
func (s *settings) Try(ctx context.Context, env kit.Env, t *kit.Trial) {
	var secure *tls.Config
	if s.Secure == implicit {
		var err error
		if secure, err = s.tls(env); err != nil {
			t.Try("Certificate", func() (string, error) { return "", err })
			return
		}
	}
	t.Reach(ctx, s.address(), secure, s.unreached)
	t.Try("Sign in", func() (string, error) {
		l, giveBack, err := s.borrow(ctx, env)
		if err != nil {
			return "", err
		}
		defer giveBack(false)
		how := "without TLS"
		if l.secured != nil {
			how = tls.VersionName(l.secured.Version)
		}
		return fmt.Sprintf("as %s, %s", s.user(), how), nil
	})
}

func (s *settings) user() string {
	if s.User == "" {
		return "anonymous"
	}
	return s.User
}
