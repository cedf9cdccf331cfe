package ssh

import (
	"context"
	"fmt"
	"net"
	"path"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
)

// settings are what a connection knows of a host.
type settings struct {
	world      *world
	Host       string
	Port       int
	User       string
	Auth       string
	Password   kit.Secret
	Key        kit.Secret
	KeyFile    string
	Passphrase kit.Secret
	HostKey    string
	Base       string
	Timeout    time.Duration
}

// The ways to sign in.
const (
	byPassword = "password"
	byKey      = "key"
	byAgent    = "agent"
)

func newSettings(w *world) *settings {
	return &settings{world: w, Port: 22, Auth: byPassword, Timeout: 30 * time.Second}
}

// Fields are the settings as a form asks for them.
func (s *settings) Fields() kit.Fields {
	is := func(auth string) func() bool { return func() bool { return s.Auth == auth } }
	return kit.Fields{
		kit.Text(&s.Host, "host", "Host").Needed().Eg("files.example.com"),
		kit.Int(&s.Port, "port", "Port").Checked(s.checkPort),
		kit.Text(&s.User, "user", "User").Needed(),
		kit.Pick(&s.Auth, "auth", "Sign in by",
			kit.Choice{Value: byPassword, Label: "Password"}, kit.Choice{Value: byKey, Label: "Key"},
			kit.Choice{Value: byAgent, Label: "The keys of the SSH agent"}),
		kit.Hidden(&s.Password, "password", "Password").OnlyIf(is(byPassword)),
		kit.Hidden(&s.Key, "key", "Private key").OnlyIf(is(byKey)).
			Help("Its text, from -----BEGIN on."),
		kit.File(&s.KeyFile, "key_file", "Or the file of the key").Eg("~/.ssh/id_ed25519").OnlyIf(is(byKey)),
		kit.Hidden(&s.Passphrase, "passphrase", "Passphrase of the key").OnlyIf(is(byKey)),
		kit.Text(&s.HostKey, "host_key", "Fingerprint of the host").Eg("SHA256:…").More().
			Help("The host has to show this key. Empty takes the key that it shows first, and after that no other; the connection's test shows its fingerprint."),
		kit.Text(&s.Base, "base", "Base folder").Eg("/srv/exchange").
			Help("Nothing outside of it is touched, and paths begin there; empty is the folder in which the user begins."),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("How long the host may take to answer and to let in."),
	}
}

func (s *settings) checkPort() error {
	if s.Port < 1 || s.Port > 65535 {
		return fmt.Errorf("there is no port %d", s.Port)
	}
	return nil
}

// Service is the host that is asked.
func (s *settings) Service() (host string, perSecond float64) { return s.Host, 0 }

func (s *settings) address() string {
	return net.JoinHostPort(strings.Trim(strings.TrimSpace(s.Host), "[]"), strconv.Itoa(s.Port))
}

// key stands for all that decides which host is spoken to as whom.
func (s *settings) key() string {
	return depot.Key(s.address(), s.User, s.Auth, s.Password.Reveal(), s.Key.Reveal(), s.KeyFile, s.Passphrase.Reveal(), s.HostKey)
}

// borrow lends the host's client.
func (s *settings) borrow(ctx context.Context) (*host, func(broken bool), error) {
	if strings.TrimSpace(s.Host) == "" {
		return nil, nil, kit.Fail(kit.Invalid, "there is no host").On("host").Hint("set host, or choose a connection")
	}
	return s.world.hosts.Borrow(ctx, s.key(), s.dial)
}

// Open gives the host's files.
func (s *settings) Open(ctx context.Context, env kit.Env) (depot.Store, string, error) {
	h, giveBack, err := s.borrow(ctx)
	if err != nil {
		return nil, "", err
	}
	files, err := h.files(ctx)
	if err != nil {
		giveBack(false)
		return nil, "", err
	}
	files.giveBack = giveBack
	base := s.Base
	if !path.IsAbs(base) {
		begin, err := files.Resolve(ctx, ".")
		if err != nil {
			files.Close()
			return nil, "", err
		}
		base = path.Join(begin, base)
	}
	return files, path.Clean(base), nil
}

// Try goes the way to being signed in.
func (s *settings) Try(ctx context.Context, env kit.Env, t *kit.Trial) {
	t.Reach(ctx, s.address(), nil, s.told)
	t.Try("Sign in", func() (string, error) {
		h, giveBack, err := s.borrow(ctx)
		if err != nil {
			return "", err
		}
		defer giveBack(false)
		return fmt.Sprintf("%s at %s", s.User, h.version()), nil
	})
	t.Try("Host key", func() (string, error) {
		h, giveBack, err := s.borrow(ctx)
		if err != nil {
			return "", err
		}
		defer giveBack(false)
		return h.shown, nil
	})
}
