package tables

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"jackfield/connectors/kit"
)

// Server is what a connection knows of a database that is reached over a network.
type Server struct {
	Host        string
	Port        int
	Database    string
	User        string
	Password    kit.Secret
	TLS         string
	CA          string
	Certificate string
	Key         kit.Secret
	ReadOnly    bool
	Connect     time.Duration // to reach it
	Statement   time.Duration // for one statement; 0 is without end
	Lock        time.Duration // for a lock
	Most        int           // connections at once

	usual int // the port
}

// The ways to encrypt.
const (
	TLSAuto    = "auto"
	TLSChecked = "on"
	TLSBlind   = "unchecked"
	TLSOff     = "off"
)

// NewServer has the defaults.
func NewServer(port int) Server {
	return Server{Host: "localhost", TLS: TLSAuto, Connect: 10 * time.Second, Lock: 10 * time.Second, Most: 8, usual: port}
}

// Where are the fields that say which database it is and who asks.
func (s *Server) Where() kit.Fields {
	return kit.Fields{
		kit.Text(&s.Host, "host", "Host").Eg("db.example.com").Help("A name or address, or the path of a socket: for PostgreSQL its folder."),
		kit.Int(&s.Port, "port", "Port").Help(fmt.Sprintf("0 is the usual one, %d.", s.usual)).Checked(s.checkPort),
		kit.Text(&s.Database, "database", "Database").Needed().Eg("shop"),
		kit.Text(&s.User, "user", "User").Eg("jackfield"),
		kit.Hidden(&s.Password, "password", "Password"),
	}
}

// How are the fields of how it is spoken to.
func (s *Server) How() kit.Fields {
	encrypted := func() bool { return s.TLS != TLSOff }
	checked := func() bool { return s.TLS == TLSAuto || s.TLS == TLSChecked }
	return kit.Fields{
		kit.Pick(&s.TLS, "tls", "Encryption",
			kit.Choice{Value: TLSAuto, Label: "Encrypted and checked, unless it is this machine"},
			kit.Choice{Value: TLSChecked, Label: "Encrypted, certificate checked"},
			kit.Choice{Value: TLSBlind, Label: "Encrypted, certificate not checked"},
			kit.Choice{Value: TLSOff, Label: "Not encrypted"}),
		kit.Long(&s.CA, "ca", "Certificate authority").OnlyIf(checked).More().
			Help("Who issued the server's certificate, where this machine does not know them: a file, or its text in PEM."),
		kit.Long(&s.Certificate, "certificate", "Client certificate").OnlyIf(encrypted).More().Help("A file, or its text in PEM."),
		kit.Hidden(&s.Key, "certificate_key", "Key of the certificate").OnlyIf(encrypted).More().Help("A file, or its text in PEM."),
		kit.Toggle(&s.ReadOnly, "read_only", "Only read").Help("Whatever a step wants to write is refused."),
		kit.Duration(&s.Connect, "connect_timeout", "Time-out to connect").More(),
		kit.Duration(&s.Statement, "statement_timeout", "Time-out of a statement").More().Help("Empty sets none."),
		kit.Duration(&s.Lock, "lock_timeout", "Wait for a lock").More().Help("How long to wait while somebody else changes the same rows."),
		kit.Int(&s.Most, "connections", "Connections at once").More().Checked(s.checkMost),
	}
}

func (s *Server) checkPort() error {
	if s.Port < 0 || s.Port > 65535 {
		return kit.Fail(kit.Invalid, "%d is no port", s.Port).On("port").Hint("a port is a number up to 65535")
	}
	return nil
}

func (s *Server) checkMost() error {
	if s.Most < 1 {
		return kit.Fail(kit.Invalid, "without a connection nothing can be asked").On("connections").Hint("8 is a good number")
	}
	return nil
}

// Folded puts the fields away until a person asks for more.
func Folded(fields kit.Fields) kit.Fields {
	for i := range fields {
		fields[i] = fields[i].More()
	}
	return fields
}

// Place names the database for a person.
func (s *Server) Place() string { return fmt.Sprintf("%s on %s", s.Database, s.host()) }

func (s *Server) host() string {
	if s.Host == "" {
		return "localhost"
	}
	return s.Host
}

// Socket says whether the host is the path of a socket.
func (s *Server) Socket() bool { return filepath.IsAbs(s.Host) }

// PortOr is the port, or the usual one.
func (s *Server) PortOr() int {
	if s.Port == 0 {
		return s.usual
	}
	return s.Port
}

// Address is host:port.
func (s *Server) Address() string { return net.JoinHostPort(s.host(), strconv.Itoa(s.PortOr())) }

// Name tells servers and accounts apart, without their secrets.
func (s *Server) Name(more ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %q %q %q %q %q %t %d %d %d %d %v", s.Host, s.PortOr(), s.Database, s.User, s.Password.Reveal(),
		s.TLS, s.CA, s.Certificate, s.Key.Reveal(), s.ReadOnly, s.Connect, s.Statement, s.Lock, s.Most, more))
	return hex.EncodeToString(sum[:])
}

// near says whether the host is this machine.
func (s *Server) near() bool {
	if s.Socket() || s.host() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(s.Host)
	return err == nil && address.IsLoopback()
}

// Secure is how the line is encrypted; nil is not at all.
func (s *Server) Secure(env kit.Env) (*tls.Config, error) {
	if s.TLS == TLSOff || s.Socket() || s.TLS == TLSAuto && s.near() && s.CA == "" && s.Certificate == "" {
		return nil, nil
	}
	c := &tls.Config{ServerName: s.host(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.TLS == TLSBlind}
	if s.CA != "" && !c.InsecureSkipVerify {
		text, err := pemOf(env, s.CA, "ca")
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, kit.Fail(kit.Invalid, "there is no certificate in it").On("ca").Hint("give the file or the text of a certificate in PEM")
		}
	}
	if s.Certificate == "" {
		return c, nil
	}
	certificate, err := pemOf(env, s.Certificate, "certificate")
	if err != nil {
		return nil, err
	}
	key, err := pemOf(env, s.Key.Reveal(), "certificate_key")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, kit.Fail(kit.Invalid, "certificate and key do not make a pair: %w", err).On("certificate").Hint("give both in PEM")
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}

// pemOf reads what a field holds: the text itself, or a file's.
func pemOf(env kit.Env, held, field string) ([]byte, error) {
	if strings.Contains(held, "-----BEGIN") {
		return []byte(held), nil
	}
	path := env.Path(strings.TrimSpace(held))
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, kit.FailFile("read", path, err).On(field)
	}
	return text, nil
}

// Unreached puts errors on the way to the server into words; nil where it is none.
func (s *Server) Unreached(err error) *kit.Failure {
	where := s.Address()
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	switch {
	case errors.As(err, &authority):
		return kit.Fail(kit.Denied, "the certificate of %s is not trusted: %w", where, authority).On("ca").
			Hint("give its authority in \"ca\", or have it issued by one that this machine knows")
	case errors.As(err, &name):
		return kit.Fail(kit.Denied, "the certificate of %s is of another host: %w", where, name).On("host").
			Hint("connect by the name that the certificate has")
	case errors.As(err, &invalid):
		return kit.Fail(kit.Denied, "the certificate of %s does not hold: %w", where, invalid).On("tls").
			Hint("have it renewed by whoever runs the server")
	case errors.As(err, &alert):
		return kit.Fail(kit.Denied, "%s refuses the encrypted line: %w", where, alert).On("certificate").
			Hint("the server may want a client certificate that it knows")
	}
	f := kit.AsFailure(err)
	if f.Kind == kit.Unknown || f.Kind == kit.Stopped {
		return nil
	}
	if f.Field == "" && f.Kind == kit.Unavailable {
		f.On("host")
	}
	f.What = fmt.Sprintf("%s: %s", where, f.What)
	return f
}

// Reach tries the way to the server.
func (s *Server) Reach(ctx context.Context, t *kit.Trial) {
	if s.Socket() {
		return
	}
	t.Reach(ctx, s.Address(), nil, func(err error) error {
		if f := s.Unreached(err); f != nil {
			return f
		}
		return err
	})
}

// Shown says of a certificate what a person wants to know.
func Shown(state tls.ConnectionState) string {
	if len(state.PeerCertificates) == 0 {
		return "none"
	}
	leaf := state.PeerCertificates[0]
	name := leaf.Subject.CommonName
	if name == "" && len(leaf.DNSNames) > 0 {
		name = leaf.DNSNames[0]
	}
	return strings.TrimSpace(name + " valid until " + leaf.NotAfter.Format(time.DateOnly) + ", issued by " + leaf.Issuer.CommonName)
}
