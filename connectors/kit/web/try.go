package web

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"jackfield/connectors/kit"
)

// Try goes the way that a request goes, step by step, and stops where it ends.
func (s *Site) Try(ctx context.Context, env kit.Env, by Signer) []kit.Check {
	return s.TryTo(ctx, env, by, func(u *url.URL) (string, error) {
		r, err := s.Send(ctx, env, by, Call{Method: http.MethodGet, URL: u})
		if err != nil {
			return "", err
		}
		if r.Status >= 500 || r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden {
			return "", r.Refusal(time.Now())
		}
		return fmt.Sprintf("%s answers %d %s", r.Asked, r.Status, http.StatusText(r.Status)), nil
	})
}

// TryTo does that with a request of the connector's own, which says what it found.
func (s *Site) TryTo(ctx context.Context, env kit.Env, by Signer, ask func(base *url.URL) (string, error)) []kit.Check {
	t := kit.NewTrial(env)
	var u *url.URL
	t.Try("Address", func() (string, error) {
		base, err := s.Base(ctx)
		if err != nil {
			return "", err
		}
		if !s.LinkLocal {
			if err := guarded(base); err != nil {
				return "", s.Undelivered("GET "+base.Redacted(), base, err)
			}
		}
		u = base
		return u.Redacted(), nil
	})
	if u == nil {
		return t.Checks()
	}
	host := hostPort(u)
	t.Try("Proxy", func() (string, error) {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
		if err != nil || proxy == nil {
			return "none", err
		}
		host = hostPort(proxy)
		return proxy.Host, nil
	})
	if t.Holds() {
		var secure *tls.Config
		if u.Scheme == "https" && host == hostPort(u) {
			secure = &tls.Config{}
			if own, _, err := sealOf(by); err == nil && own != nil {
				secure = own.Clone()
			}
			if secure.ServerName == "" {
				secure.ServerName = u.Hostname()
			}
		}
		t.Reach(ctx, host, secure, func(err error) error { return s.Undelivered("GET "+u.Redacted(), u, err) })
	}
	if e, ok := by.(Entrant); ok && e.Enters() {
		t.Try("Sign-in", func() (string, error) { return e.Enter(ctx) })
	}
	t.Try("Request", func() (string, error) { return ask(u) })
	return t.Checks()
}

func sealOf(by Signer) (*tls.Config, string, error) {
	if seal, ok := by.(Sealer); ok {
		return seal.Seal()
	}
	return nil, "", nil
}

// hostPort is the host with the port that its scheme implies.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
