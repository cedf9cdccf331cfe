package webdav

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/depot"
)

// settings are what a connection knows of a server.
type settings struct {
	lines   *depot.Lines[*client]
	access  auth.Access
	URL     string
	Base    string
	Put     string
	Timeout time.Duration
	Rate    float64
}

// The ways to put a file in place.
const (
	asServerDoes = "auto"
	directly     = "direct"
	byMove       = "move"
)

func newSettings(lines *depot.Lines[*client]) *settings {
	return &settings{lines: lines, access: auth.New(auth.Basic, auth.Digest, auth.Bearer, auth.None), Put: asServerDoes, Timeout: 30 * time.Second}
}

// Fields are the settings as a form asks for them.
func (s *settings) Fields() kit.Fields {
	fields := kit.Fields{
		kit.Text(&s.URL, "url", "Address").Needed().Checked(s.checkURL).Eg("https://cloud.example.com/remote.php/dav/files/ada").
			Help("Of the folder that the server shows; of Nextcloud it stands in the settings of its file view."),
		kit.Text(&s.Base, "base", "Base folder").Eg("Exchange").
			Help("Below that address. Nothing outside of it is touched, and paths begin there; empty is all of it."),
		kit.Pick(&s.Put, "put", "Uploads",
			kit.Choice{Value: asServerDoes, Label: "Directly to Nextcloud and ownCloud, else by another name"},
			kit.Choice{Value: directly, Label: "Directly: the server puts them in place whole"},
			kit.Choice{Value: byMove, Label: "Under another name first, then moved into place"}).More(),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("How long the server may take to begin to answer."),
		kit.Number(&s.Rate, "rate", "Requests a second").Help("At most so many, all flows together; 0 sets no limit."),
	}
	return append(fields, s.access.Fields()...)
}

func (s *settings) checkURL() error {
	if strings.TrimSpace(s.URL) == "" {
		return nil
	}
	_, err := s.root()
	return err
}

// root is the address without a slash behind it.
func (s *settings) root() (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s.URL))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, kit.Fail(kit.Invalid, "%q is no address of a server", s.URL).On("url").Hint("write it like https://cloud.example.com/remote.php/dav/files/ada")
	}
	if u.User != nil {
		return nil, kit.Fail(kit.Invalid, "the address holds a user or password").On("url").Hint("set user and password as settings of their own, where they are kept secret")
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = strings.TrimSuffix(path.Clean("/"+u.Path), "/"), "", "", ""
	return u, nil
}

// Service is the host that is asked.
func (s *settings) Service() (host string, perSecond float64) {
	if u, err := s.root(); err == nil {
		return u.Host, s.Rate
	}
	return "", s.Rate
}

// client keeps connections open for all operations with the same settings.
type client struct{ *http.Transport }

// Alive says that it may serve; connections that break are made again by themselves.
func (c *client) Alive() bool { return true }

// Close hangs up.
func (c *client) Close() error {
	c.CloseIdleConnections()
	return nil
}

// Open gives the server's files.
func (s *settings) Open(ctx context.Context, env kit.Env) (depot.Store, string, error) {
	if strings.TrimSpace(s.URL) == "" {
		return nil, "", kit.Fail(kit.Invalid, "there is no address").On("url").Hint("set url, or choose a connection")
	}
	root, err := s.root()
	if err != nil {
		return nil, "", err
	}
	signer := s.access.Signer(env)
	secure, seal, err := signer.Seal()
	if err != nil {
		return nil, "", err
	}
	through, giveBack, err := s.lines.Borrow(ctx, depot.Key(root.Host, root.Scheme, seal, s.Timeout), func(context.Context) (*client, error) {
		return &client{&http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			DialContext:     (&net.Dialer{Timeout: s.Timeout}).DialContext,
			TLSClientConfig: secure, TLSHandshakeTimeout: s.Timeout, ResponseHeaderTimeout: s.Timeout,
			MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			DisableCompression: true, // the size of what comes has to be the file's
		}}, nil
	})
	if err != nil {
		return nil, "", err
	}
	base := path.Clean("/" + s.Base)
	return &tree{settings: s, root: root, base: base, env: env, signer: signer, client: through, giveBack: giveBack}, base, nil
}

// Try goes the way to being let in.
func (s *settings) Try(ctx context.Context, env kit.Env, t *kit.Trial) {
	var root *url.URL
	var secure *tls.Config
	t.Try("Address", func() (what string, err error) {
		if root, err = s.root(); err != nil {
			return "", err
		}
		if secure, _, err = s.access.Signer(env).Seal(); secure == nil && root.Scheme == "https" {
			secure = &tls.Config{}
		}
		return root.String(), err
	})
	if !t.Holds() {
		return
	}
	port := root.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[root.Scheme]
	}
	if root.Scheme == "http" {
		secure = nil
	}
	t.Reach(ctx, net.JoinHostPort(root.Hostname(), port), secure, s.unreached)
	t.Try("Sign in", func() (string, error) {
		store, _, err := s.Open(ctx, env)
		if err != nil {
			return "", err
		}
		defer store.Close()
		if _, err := store.Stat(ctx, "/"); err != nil {
			return "", err
		}
		if s.access.Scheme == auth.Basic || s.access.Scheme == auth.Digest {
			return "as " + s.access.User, nil
		}
		return "let in", nil
	})
}
