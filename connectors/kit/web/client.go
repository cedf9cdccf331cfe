// Package web is what connectors over HTTP share: how a request leaves and what its
// reply means.
//
// Its nouns: a Client holds the lines to all services; a Site is what a connection knows
// of one service, and every operation has it among its settings; a Signer signs what
// goes there; a Call is one request on its way; a Reply is what came back, whole; Paging
// knows where the next page of a list is, and a Place is where a reader stands in one.
// Its rules: what signs in goes to the site's own host alone, also where the service
// sends a request elsewhere; no log and no message holds it; a status is judged by who
// asked; what went wrong is said in words that a person can act on.
package web

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
)

// Client sends requests. What one makes is shared by the operations of a connector; it
// may be used by many at a time.
type Client struct {
	// Schemes are further beginnings of addresses, and where those lead.
	Schemes map[string]func(ctx context.Context, u *url.URL) (*url.URL, error)

	names *net.Resolver // nil is the machine's
	mu    sync.Mutex
	lines map[line]*http.Client
}

// NewClient makes one.
func NewClient() *Client { return &Client{} }

// Signer signs requests in: it adds headers or parameters, and nothing else. What it
// added is taken off again where a service sends the request to another host.
type Signer interface {
	Sign(ctx context.Context, req *http.Request) error
	// Again hears of every first reply, and says whether signing anew may help: with a token
	// that was refreshed, where the service refused it by a status or in words of its own. It
	// leaves the reply's body to be read. A request is sent again only once.
	Again(ctx context.Context, reply *http.Response) (bool, error)
}

// Sealer is a Signer with something to say about TLS: a certificate of the user's own, or
// authorities that are trusted beside those of the machine. Lines are kept by name, which
// is another one where the configuration is; a nil configuration is the usual one. A
// request with a seal is not followed to another host.
type Sealer interface {
	Signer
	Seal() (config *tls.Config, name string, err error)
}

// Entrant is a Signer that asks somebody else to be let in before it signs, as with OAuth.
// A test of a connection makes a check of that.
type Entrant interface {
	Signer
	// Enters says whether the settings want that; Enter does it, and says who is in.
	Enters() bool
	Enter(ctx context.Context) (who string, err error)
}

// signed is what belongs to the service's own host: follow reads it from a request's
// context.
type signed struct {
	host    string // with the port
	secure  bool
	headers []string // that signing added, or the site's own
	query   []string // parameters that signing added
	sealed  bool     // by a certificate that another host is not to see
	open    bool     // link-local addresses are allowed
}

type signedKey struct{}

// errMoved is why a redirect is not followed.
type errMoved struct {
	to   string
	loop bool
}

func (e *errMoved) Error() string { return "moved to " + e.to }

// follow decides on redirects. A request that carries data is not made into one that
// asks, as browsers do (RFC 9110, 15.4.2): the data would be lost and nobody told.
func follow(req *http.Request, via []*http.Request) error {
	s, _ := req.Context().Value(signedKey{}).(*signed)
	if len(via) >= 10 {
		return &errMoved{to: s.shown(req.URL), loop: true}
	}
	if via[len(via)-1].Method != req.Method && req.Response.StatusCode != http.StatusSeeOther {
		return &errMoved{to: s.shown(req.URL)}
	}
	if req.URL.Host != s.host || s.secure && req.URL.Scheme != "https" {
		if s.sealed {
			return &errMoved{to: s.shown(req.URL)}
		}
		s.takeOff(req)
	}
	if !s.open {
		return guarded(req.URL)
	}
	return nil
}

// takeOff removes the headers that are meant for the service's own host alone.
func (s *signed) takeOff(req *http.Request) {
	req.Header.Del("Authorization")
	req.Header.Del("Cookie")
	req.Header.Del("Referer") // holds a key that stood in the query
	for _, name := range s.headers {
		req.Header.Del(name)
	}
}

// shown is an address as people may see it: without what signs in.
func (s *signed) shown(u *url.URL) string { return s.without(u).Redacted() }

// without leaves out of an address what signing added to it.
func (s *signed) without(u *url.URL) *url.URL {
	c := *u
	if len(s.query) == 0 {
		return &c
	}
	q := c.Query()
	for _, name := range s.query {
		if q.Has(name) {
			q.Del(name)
			c.RawQuery = q.Encode()
		}
	}
	return &c
}
