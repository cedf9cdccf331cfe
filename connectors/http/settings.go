package http

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// settings are what a connection knows of a service. Every operation has them among
// its own, so that a connection's values are inputs like any other.
type settings struct {
	web            *web
	URL            string
	DefaultHeaders map[string]string
	Auth           string
	User           string
	Password       kit.Secret
	Token          kit.Secret
	Key            kit.Secret
	KeyName        string
	KeyIn          string
	Timeout        time.Duration
	Rate           float64
	Secret         kit.Secret // of webhooks
}

// The ways to sign in.
const (
	noAuth     = "none"
	basicAuth  = "basic"
	bearerAuth = "bearer"
	keyAuth    = "api_key"
)

// The places of an API key.
const (
	inHeader = "header"
	inQuery  = "query"
)

func newSettings(w *web) settings {
	return settings{web: w, Auth: noAuth, KeyName: "X-API-Key", KeyIn: inHeader, Timeout: 30 * time.Second}
}

func (s *settings) urlField() kit.Field {
	return kit.Text(&s.URL, "url", "Address").Needed().Eg("https://api.example.com/v1").Checked(s.checkURL).
		Help("What all paths are added to. demo: is a small service inside Jackfield to try flows on.")
}

func (s *settings) secretField() kit.Field {
	return kit.Hidden(&s.Secret, "secret", "Webhook secret").
		Help("What callers of a webhook must send in the header X-Webhook-Secret; empty asks for none.")
}

// accessFields are about how the service is spoken to.
func (s *settings) accessFields() kit.Fields {
	is := func(auth string) func() bool { return func() bool { return s.Auth == auth } }
	return kit.Fields{
		kit.Pick(&s.Auth, "auth", "Sign in",
			kit.Choice{Value: noAuth, Label: "Without"}, kit.Choice{Value: basicAuth, Label: "User and password"},
			kit.Choice{Value: bearerAuth, Label: "Bearer token"}, kit.Choice{Value: keyAuth, Label: "API key"}),
		kit.Text(&s.User, "user", "User").Needed().OnlyIf(is(basicAuth)),
		kit.Hidden(&s.Password, "password", "Password").OnlyIf(is(basicAuth)),
		kit.Hidden(&s.Token, "token", "Token").Needed().OnlyIf(is(bearerAuth)),
		kit.Hidden(&s.Key, "key", "Key").Needed().OnlyIf(is(keyAuth)),
		kit.Text(&s.KeyName, "key_name", "Name of the key").Needed().OnlyIf(is(keyAuth)).Help("The header or query parameter that carries the key."),
		kit.Pick(&s.KeyIn, "key_in", "Place of the key",
			kit.Choice{Value: inHeader, Label: "Header"}, kit.Choice{Value: inQuery, Label: "Query parameter"}).OnlyIf(is(keyAuth)),
		kit.Pairs(&s.DefaultHeaders, "default_headers", "Headers of every request"),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("The longest that one request may take, from its beginning to the end of its reply."),
		kit.Number(&s.Rate, "rate", "Requests a second").Help("At most so many to this host, all flows together; 0 sets no limit."),
	}
}

// folded puts the fields away until a person asks for more.
func folded(fields kit.Fields) kit.Fields {
	for i := range fields {
		fields[i] = fields[i].More()
	}
	return fields
}

// taken are fields that a connection may fill and the operation has no use for.
func taken(fields kit.Fields) kit.Fields {
	for i := range fields {
		fields[i].Required = false
		fields[i] = fields[i].OnlyIf(func() bool { return false })
	}
	return fields
}

// address joins the base address, a path and query parameters.
func (s *settings) address(ctx context.Context, path string, query map[string]string) (*url.URL, error) {
	base, err := s.base(ctx)
	if err != nil {
		return nil, err
	}
	u, err := join(base, path)
	if err != nil {
		return nil, err
	}
	if len(query) > 0 {
		q := u.Query()
		for name, v := range query {
			q.Set(name, v)
		}
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// base reads the field "url", and starts the demo service where it names that.
func (s *settings) base(ctx context.Context) (*url.URL, error) {
	text := strings.TrimSpace(s.URL)
	if text == "" {
		return nil, kit.Fail(kit.Invalid, "there is no address").On("url").Hint("set url, or choose a connection")
	}
	u, err := parseAddress(text)
	if err == nil && u.Scheme == "demo" {
		return s.web.demo.address(ctx, u)
	}
	return u, err
}

// Service is the host that is asked, and how often the settings allow that.
func (s *settings) Service() (host string, perSecond float64) {
	u, err := url.Parse(strings.TrimSpace(s.URL))
	if err != nil {
		return "", s.Rate
	}
	if u.Scheme == "demo" {
		return u.Scheme, s.Rate
	}
	return u.Host, s.Rate
}

func (s *settings) checkURL() error {
	if strings.TrimSpace(s.URL) == "" {
		return nil
	}
	_, err := parseAddress(strings.TrimSpace(s.URL))
	return err
}

func parseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil && !strings.Contains(text, "://"), err == nil && !spoken[u.Scheme] && u.Host == "":
		return nil, kit.Fail(kit.Invalid, "the address %q has no scheme", text).On("url").Hint("try https://%s", text)
	case err != nil:
		return nil, kit.Fail(kit.Invalid, "the address %q does not read", text).On("url").Hint("write it like https://api.example.com/v1")
	case !spoken[u.Scheme]:
		return nil, kit.Fail(kit.Invalid, "addresses that begin with %s: are not spoken here", u.Scheme).On("url").Hint("use http: or https:")
	case u.Host == "" && u.Scheme != "demo":
		return nil, kit.Fail(kit.Invalid, "the address %q names no host", text).On("url").Hint("write it like https://api.example.com/v1")
	}
	return u, nil
}

// spoken are the schemes of addresses that are understood.
var spoken = map[string]bool{"http": true, "https": true, "demo": true}

// join adds a path, which may bring query parameters, to the base.
func join(base *url.URL, path string) (*url.URL, error) {
	path = strings.TrimSpace(path)
	if before, _, _ := strings.Cut(path, "?"); strings.Contains(before, "://") {
		return nil, kit.Fail(kit.Invalid, "the path %q is a whole address", path).On("path").Hint("put whole addresses into \"url\" and leave \"path\" empty")
	}
	if path != "" && path[0] != '?' {
		path = "/" + strings.TrimLeft(path, "/")
	}
	more, err := url.Parse(escapeStray(path))
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "the path %q does not read", path).On("path").Hint("write it like /contacts/7; a %% stands as %%25 in it")
	}
	u := *base
	if more.Path != "" {
		u = *base.JoinPath(more.EscapedPath())
	}
	u.RawQuery = strings.Trim(base.RawQuery+"&"+more.RawQuery, "&")
	return &u, nil
}

// escapeStray escapes what may not stand in an address at all, such as a space or an ü,
// and leaves what is escaped already as it is.
func escapeStray(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// sign adds what the settings ask to send with every request to their host.
func (s *settings) sign(req *http.Request) {
	for name, v := range s.DefaultHeaders {
		req.Header.Set(name, v)
	}
	switch s.Auth {
	case basicAuth:
		req.SetBasicAuth(s.User, s.Password.Reveal())
	case bearerAuth:
		req.Header.Set("Authorization", "Bearer "+s.Token.Reveal())
	case keyAuth:
		if s.KeyIn == inHeader {
			req.Header.Set(s.KeyName, s.Key.Reveal())
			return
		}
		q := req.URL.Query()
		q.Set(s.KeyName, s.Key.Reveal())
		req.URL.RawQuery = q.Encode()
	}
}

// unsign takes off the headers that are meant for the settings' own host alone.
func (s *settings) unsign(req *http.Request) {
	req.Header.Del("Authorization")
	req.Header.Del("Referer") // holds a key that stood in the query
	if s.Auth == keyAuth {
		req.Header.Del(s.KeyName)
	}
	for name := range s.DefaultHeaders {
		if !harmless[strings.ToLower(name)] {
			req.Header.Del(name)
		}
	}
}

// harmless are headers that say nothing of who asks.
var harmless = map[string]bool{"accept": true, "accept-language": true, "content-type": true, "user-agent": true}

// shown is an address as people may see it: without what signs in.
func (s *settings) shown(u *url.URL) string {
	c := *u
	if q := c.Query(); s.Auth == keyAuth && s.KeyIn == inQuery && q.Has(s.KeyName) {
		q.Del(s.KeyName)
		c.RawQuery = q.Encode()
	}
	return c.Redacted()
}

// kept is an address that a service gave as the history may keep it: without the key,
// which sign puts in again, and without the service's own host, which may be another
// one tomorrow.
func (s *settings) kept(r *reply, address string) string {
	u, err := r.url.Parse(address)
	if err != nil {
		return address
	}
	if q := u.Query(); s.Auth == keyAuth && s.KeyIn == inQuery && q.Has(s.KeyName) {
		q.Del(s.KeyName)
		u.RawQuery = q.Encode()
	}
	if u.Host == r.home.Host && u.Scheme == r.home.Scheme {
		return u.RequestURI()
	}
	return u.String()
}
