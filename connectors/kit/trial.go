package kit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"
)

// Trial gathers the checks of a connection's test up to the first that does not hold.
type Trial struct {
	checks []Check
	tell   func(Check)
	ended  bool
	until  time.Time // of the check that is made
}

// NewTrial begins a test. Who watches hears of each check when it is done.
func NewTrial(env Env) *Trial { return &Trial{tell: env.Checked} }

// Try makes one check, unless one before it did not hold. do says what was found.
func (t *Trial) Try(name string, do func() (what string, err error)) {
	if t.ended {
		return
	}
	began := time.Now()
	what, err := do()
	check := Check{Name: name, OK: err == nil, Took: time.Since(began), What: what, Until: t.until}
	t.until = time.Time{}
	if err != nil {
		f := AsFailure(err)
		check.What, check.Fix, t.ended = f.What, f.Fix, true
	}
	t.checks = append(t.checks, check)
	if t.tell != nil {
		t.tell(check)
	}
}

// Holds says whether everything has held so far.
func (t *Trial) Holds() bool { return !t.ended }

// Checks lists what was tried.
func (t *Trial) Checks() []Check { return t.checks }

// tryTime is how long a host may take to answer in a test.
const tryTime = 10 * time.Second

// Reach finds the host, connects to it and, with a configuration, looks at its
// certificate. told puts an error into the connector's words; nil leaves it. The line is
// closed again.
func (t *Trial) Reach(ctx context.Context, address string, secure *tls.Config, told func(error) error) {
	if told == nil {
		told = func(err error) error { return err }
	}
	saying := func(err error) error {
		if err == nil {
			return nil
		}
		return told(err)
	}
	var line net.Conn
	t.Try("Name", func() (string, error) {
		name, _, err := net.SplitHostPort(address)
		if err != nil {
			return "", Fail(Invalid, "%q is no address: %w", address, err).Hint("write it like host:port")
		}
		found, err := net.DefaultResolver.LookupHost(ctx, name)
		return strings.Join(found, ", "), saying(err)
	})
	t.Try("Connection", func() (_ string, err error) {
		dialer := net.Dialer{Timeout: tryTime}
		if line, err = dialer.DialContext(ctx, "tcp", address); err != nil {
			return "", saying(err)
		}
		return line.RemoteAddr().String(), nil
	})
	if line == nil {
		return
	}
	defer line.Close()
	if secure == nil {
		return
	}
	t.Try("Certificate", func() (string, error) {
		within, cancel := context.WithTimeout(ctx, tryTime)
		defer cancel()
		leaf, err := handshake(within, line, address, secure)
		if err != nil {
			return "", saying(err)
		}
		t.until = leaf.NotAfter
		return shown(leaf), nil
	})
}

// handshake gives the certificate that the host shows.
func handshake(ctx context.Context, line net.Conn, address string, secure *tls.Config) (*x509.Certificate, error) {
	secure = secure.Clone()
	if secure.ServerName == "" {
		secure.ServerName, _, _ = net.SplitHostPort(address)
	}
	client := tls.Client(line, secure)
	if err := client.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	chain := client.ConnectionState().PeerCertificates
	if len(chain) == 0 {
		return nil, errors.New("the host shows no certificate")
	}
	return chain[0], nil
}

func shown(leaf *x509.Certificate) string {
	what := leaf.Subject.CommonName
	if what == "" && len(leaf.DNSNames) > 0 {
		what = leaf.DNSNames[0]
	}
	return strings.TrimSpace(what + " valid until " + leaf.NotAfter.Format(time.DateOnly) + ", issued by " + leaf.Issuer.CommonName)
}
