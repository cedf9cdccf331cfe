package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// Site is what a connection knows of a service. Every operation has it among its own
// settings, so that a connection's values are inputs like any other.
type Site struct {
	URL            string
	DefaultHeaders map[string]string
	Timeout        time.Duration
	Rate           float64
	LinkLocal      bool

	client *Client
}

// NewSite has the defaults.
func NewSite(c *Client) Site { return Site{client: c, Timeout: 30 * time.Second} }

// AddressField is the address that all paths are added to.
func (s *Site) AddressField() kit.Field {
	return kit.Text(&s.URL, "url", "Address").Needed().Eg("https://api.example.com/v1").Checked(s.checkURL)
}

// AccessFields are about how the service is spoken to.
func (s *Site) AccessFields() kit.Fields {
	return kit.Fields{
		kit.Pairs(&s.DefaultHeaders, "default_headers", "Headers of every request"),
		kit.Duration(&s.Timeout, "timeout", "Time-out").Help("The longest that one request may take, from its beginning to the end of its reply."),
		kit.Number(&s.Rate, "rate", "Requests a second").Help("At most so many to this host, all flows together; 0 sets no limit."),
		kit.Toggle(&s.LinkLocal, "link_local", "Allow link-local addresses").More().
			Help("A device that has an address of the network segment alone, such as 169.254.7.1; the keys of a cloud's machine can be had at such an address too."),
	}
}

// Folded puts the fields away until a person asks for more.
func Folded(fields kit.Fields) kit.Fields {
	for i := range fields {
		fields[i] = fields[i].More()
	}
	return fields
}

// Taken are fields that a connection may fill and the operation has no use for.
func Taken(fields kit.Fields) kit.Fields {
	for i := range fields {
		fields[i].Required = false
		fields[i] = fields[i].OnlyIf(func() bool { return false })
	}
	return fields
}

// Service is the host that is asked, and how often the settings allow that.
func (s *Site) Service() (host string, perSecond float64) {
	u, err := url.Parse(strings.TrimSpace(s.URL))
	if err != nil {
		return "", s.Rate
	}
	if _, own := s.client.Schemes[u.Scheme]; own {
		return u.Scheme, s.Rate
	}
	return u.Host, s.Rate
}

// Address joins the base address, a path, which may bring parameters, and parameters.
func (s *Site) Address(ctx context.Context, path string, query map[string]string) (*url.URL, error) {
	base, err := s.Base(ctx)
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

// Base reads the field "url", and asks one of the client's own schemes where it leads.
func (s *Site) Base(ctx context.Context) (*url.URL, error) {
	text := strings.TrimSpace(s.URL)
	if text == "" {
		return nil, kit.Fail(kit.Invalid, "there is no address").On("url").Hint("set url, or choose a connection")
	}
	u, err := s.parse(text)
	if err != nil {
		return nil, err
	}
	if lead := s.client.Schemes[u.Scheme]; lead != nil {
		return lead(ctx, u)
	}
	return u, nil
}

func (s *Site) checkURL() error {
	text := strings.TrimSpace(s.URL)
	if text == "" {
		return nil
	}
	_, err := s.parse(text)
	return err
}

func (s *Site) parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	own := err == nil && s.client.Schemes[u.Scheme] != nil
	spoken := err == nil && (own || u.Scheme == "http" || u.Scheme == "https")
	switch {
	case err != nil && !strings.Contains(text, "://"), err == nil && !spoken && u.Host == "":
		return nil, kit.Fail(kit.Invalid, "the address %q has no scheme", text).On("url").Hint("try https://%s", text)
	case err != nil:
		return nil, kit.Fail(kit.Invalid, "the address %q does not read", text).On("url").Hint("write it like https://api.example.com/v1")
	case !spoken:
		return nil, kit.Fail(kit.Invalid, "addresses that begin with %s: are not spoken here", u.Scheme).On("url").Hint("use http: or https:")
	case u.Host == "" && !own:
		return nil, kit.Fail(kit.Invalid, "the address %q names no host", text).On("url").Hint("write it like https://api.example.com/v1")
	}
	return u, nil
}

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
