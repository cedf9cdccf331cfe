package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"jackfield/connectors/kit"
)

// Signer signs requests by the settings of an Access. Its methods may be called from any
// goroutine.
type Signer struct {
	access *Access
	env    kit.Env
	tokens *kit.Tokens

	sealed  sync.Once
	config  *tls.Config
	seal    string
	sealErr error

	learnt *learnt
}

// learnt is what the service said while requests were signed, for those that follow.
type learnt struct {
	mu        sync.Mutex
	challenge *challenge    // what a digest answers
	ahead     time.Duration // of the service's clock before ours
	tokens    *kit.Tokens   // of a client that has no connection
}

// Signer makes the settings ready for requests. env is that of the step or test.
func (a *Access) Signer(env kit.Env) *Signer {
	s := &Signer{access: a, env: env, tokens: env.Tokens, learnt: a.learnt}
	if s.tokens == nil && a.OAuth.Grant == ClientGrant {
		s.tokens = a.learnt.tokens // what a client gets for itself it can get again
	}
	return s
}

// Sign puts into a request what signs it in. It may be called again for the same request,
// and has to be where it changed: a signature holds for what was signed.
func (s *Signer) Sign(ctx context.Context, req *http.Request) error {
	a := s.access
	switch a.Scheme {
	case Basic:
		req.SetBasicAuth(a.User, a.Password.Reveal())
	case Bearer:
		req.Header.Set("Authorization", "Bearer "+a.Token.Reveal())
	case APIKey:
		a.signKey(req)
	case Custom:
		return s.signCustom(req)
	case Digest:
		return s.signDigest(req)
	case AWSv4:
		return a.AWS.sign(req, s.now())
	case Signed:
		return s.signHMAC(req)
	case OAuth2:
		token, err := s.oauthToken(ctx, "")
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	return nil
}

// Again says after a reply whether signing the request anew may help: the token had ended
// before its time, a digest was asked for, the clocks differ. Who asks does so for every
// reply, and sends the request again once at the most. The reply's body stays readable.
func (s *Signer) Again(ctx context.Context, res *http.Response) (bool, error) {
	switch s.access.Scheme {
	case Digest:
		return s.challenged(res), nil
	case AWSv4, Signed:
		return s.clocksDiffer(res), nil
	case OAuth2:
		return s.oauthAgain(ctx, res)
	}
	return false, nil
}

// Seal is what the settings say about TLS, and a name for it that is another one where
// they are; nil where they ask for nothing.
func (s *Signer) Seal() (*tls.Config, string, error) {
	s.sealed.Do(func() { s.config, s.seal, s.sealErr = s.access.TLS.seal(s.env) })
	return s.config, s.seal, s.sealErr
}

func (a *Access) signKey(req *http.Request) {
	switch a.KeyIn {
	case InQuery:
		setQuery(req, a.KeyName, a.Key.Reveal())
	case InCookie:
		dropCookie(req, a.KeyName)
		req.AddCookie(&http.Cookie{Name: a.KeyName, Value: a.Key.Reveal()})
	default:
		req.Header.Set(a.KeyName, a.Key.Reveal())
	}
}

func setQuery(req *http.Request, name, value string) {
	u := *req.URL
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	req.URL = &u
}

func dropCookie(req *http.Request, name string) {
	all := req.Cookies()
	req.Header.Del("Cookie")
	for _, c := range all {
		if c.Name != name {
			req.AddCookie(c)
		}
	}
}

// customNames are what templates of the custom scheme may hold.
var customNames = []string{"user", "password", "token", "key", "time", "time_ms", "date", "nonce"}

func (s *Signer) signCustom(req *http.Request) error {
	a := s.access
	meaning := s.moment().or(map[string]kit.Secret{
		"user": kit.NewSecret(a.User), "password": a.Password, "token": a.Token, "key": a.Key,
	})
	for name, text := range a.Headers {
		made, err := expand(text, meaning)
		if err != nil {
			return kit.AsFailure(err).On("auth_headers")
		}
		req.Header.Set(name, made)
	}
	for name, text := range a.Query {
		made, err := expand(text, meaning)
		if err != nil {
			return kit.AsFailure(err).On("auth_query")
		}
		setQuery(req, name, made)
	}
	return nil
}

// moment is what names mean that are made for each request.
type moment struct {
	at    time.Time
	nonce string
}

func (s *Signer) moment() moment { return moment{at: s.now(), nonce: nonce()} }

func (m moment) or(more map[string]kit.Secret) func(name string) (string, error) {
	return func(name string) (string, error) {
		switch name {
		case "time":
			return strconv.FormatInt(m.at.Unix(), 10), nil
		case "time_ms":
			return strconv.FormatInt(m.at.UnixMilli(), 10), nil
		case "date":
			return m.at.UTC().Format(time.RFC3339), nil
		case "nonce":
			return m.nonce, nil
		}
		if v, ok := more[name]; ok {
			return v.Reveal(), nil
		}
		return "", kit.Fail(kit.Invalid, "{%s} stands for nothing here", name)
	}
}

func nonce() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // it never fails, says crypto/rand
	return hex.EncodeToString(raw)
}

// now is the time by the service's clock, as far as that is known.
func (s *Signer) now() time.Time {
	s.learnt.mu.Lock()
	defer s.learnt.mu.Unlock()
	return time.Now().Add(s.learnt.ahead)
}

// mostSkew is how much the clocks may differ before that may be why a signature was
// refused: services take five minutes at the least.
const mostSkew = 4 * time.Minute

// clocksDiffer looks at the service's clock where it refused, and goes by that from then on.
func (s *Signer) clocksDiffer(res *http.Response) bool {
	if res.StatusCode != http.StatusBadRequest && res.StatusCode != http.StatusUnauthorized && res.StatusCode != http.StatusForbidden {
		return false
	}
	there, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil || there.Sub(s.now()).Abs() < mostSkew {
		return false
	}
	s.learnt.mu.Lock()
	defer s.learnt.mu.Unlock()
	s.learnt.ahead = time.Until(there)
	return true
}

// bodyOf is what a request will send. It stays there to be sent.
func bodyOf(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	from := req.Body
	if req.GetBody != nil {
		copied, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read the body to sign it: %w", err)
		}
		from = copied
	}
	defer from.Close()
	body, err := io.ReadAll(from)
	if err != nil {
		return nil, fmt.Errorf("read the body to sign it: %w", err)
	}
	if req.GetBody == nil {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
	}
	return body, nil
}
