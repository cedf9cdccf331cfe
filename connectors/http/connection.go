package http

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields {
	return append(kit.Fields{c.urlField()}, append(c.accessFields(), c.secretField().More())...)
}

// Test goes the way that a request goes, step by step, and stops where it ends.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	var t trial
	var u *url.URL
	var line net.Conn
	host := ""
	t.try("Address", func() (what string, err error) {
		u, err = c.base(ctx)
		if err == nil {
			host = hostPort(u)
			what = c.shown(u)
		}
		return what, err
	})
	t.try("Proxy", func() (string, error) {
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
		if err != nil || proxy == nil {
			return "none", err
		}
		host = hostPort(proxy)
		return proxy.Host, nil
	})
	t.try("Name", func() (string, error) {
		name, _, _ := net.SplitHostPort(host)
		found, err := net.DefaultResolver.LookupHost(ctx, name)
		return strings.Join(found, ", "), c.told(u, err)
	})
	t.try("Connection", func() (string, error) {
		dialer := net.Dialer{Timeout: 10 * time.Second}
		var err error
		if line, err = dialer.DialContext(ctx, "tcp", host); err != nil {
			return "", c.told(u, err)
		}
		return line.RemoteAddr().String(), nil
	})
	if line != nil {
		defer line.Close()
		if u.Scheme == "https" && host == hostPort(u) {
			t.try("Certificate", func() (string, error) { return c.certificate(ctx, line, u) })
		}
	}
	t.try("Request", func() (string, error) {
		r, err := c.send(ctx, env, call{method: http.MethodGet, url: u})
		if err != nil {
			return "", err
		}
		if r.status >= 500 || r.status == http.StatusUnauthorized || r.status == http.StatusForbidden {
			return "", r.refusal(time.Now())
		}
		return fmt.Sprintf("GET %s answers %d %s", c.shown(u), r.status, http.StatusText(r.status)), nil
	})
	return t.checks
}

func (c *connection) certificate(ctx context.Context, line net.Conn, u *url.URL) (string, error) {
	secure := tls.Client(line, &tls.Config{ServerName: u.Hostname()})
	if err := secure.HandshakeContext(ctx); err != nil {
		return "", c.told(u, err)
	}
	leaf := secure.ConnectionState().PeerCertificates[0]
	return fmt.Sprintf("valid until %s", leaf.NotAfter.Format(time.DateOnly)), nil
}

func (c *connection) told(u *url.URL, err error) error {
	if err == nil {
		return nil
	}
	return c.undelivered("GET "+c.shown(u), u, err)
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

// trial gathers checks up to the first that does not hold.
type trial struct {
	checks []kit.Check
	ended  bool
}

func (t *trial) try(name string, do func() (string, error)) {
	if t.ended {
		return
	}
	began := time.Now()
	what, err := do()
	check := kit.Check{Name: name, OK: err == nil, Took: time.Since(began), What: what}
	if err != nil {
		f := kit.AsFailure(err)
		check.What, check.Fix, t.ended = f.What, f.Fix, true
	}
	t.checks = append(t.checks, check)
}
