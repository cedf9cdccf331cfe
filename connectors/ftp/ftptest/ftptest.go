//go:build unix

// Package ftptest starts FTP servers for tests.
package ftptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"

	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// Certificate is one that a server shows, made for this test.
type Certificate struct {
	tls.Certificate
	Pin string
	PEM []byte // with its key
}

// NewCertificate signs itself, for a host until a moment.
func NewCertificate(t testing.TB, host string, until time.Time) Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	draft := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, NotBefore: until.Add(-24 * 365 * time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.ParseIP(host)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, draft, draft, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	shown := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	mine := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	pair, err := tls.X509KeyPair(shown, mine)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Certificate{Certificate: pair, Pin: auth.Fingerprint(leaf), PEM: append(shown, mine...)}
}

// Vsftpd starts the real vsftpd, which shows a folder to the user anonymous. It knows only
// old lists, which tell minutes. more stands in its settings.
func Vsftpd(t testing.TB, root, more string) (address string, kill func()) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "vsftpd.conf")
	text := fmt.Sprintf(`listen=NO
background=NO
run_as_launching_user=YES
seccomp_sandbox=NO
anonymous_enable=YES
local_enable=NO
write_enable=YES
anon_root=%s
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
allow_writeable_chroot=YES
file_open_mode=0644
utf8_filesystem=NO
xferlog_enable=NO
isolate_network=NO
isolate=NO
%s
`, root, more)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d := kittest.NewInetd(t, "/usr/sbin/vsftpd", file)
	return d.Address, d.Kill
}

// VsftpdTLS is the settings that make vsftpd speak TLS alone.
func VsftpdTLS(t testing.TB, cert Certificate) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cert.pem")
	if err := os.WriteFile(file, cert.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_data_ssl=YES\nforce_anon_logins_ssl=YES\nrequire_ssl_reuse=YES\nrsa_cert_file=%[1]s\nrsa_private_key_file=%[1]s\n", file)
}

// The names by which the small server is used.
const (
	User     = "ada"
	Password = "jackfield-canary-ftp-password"
)

// Server is a small server in this process: it has the lists that programs read, and
// users with passwords.
type Server struct {
	Address string
	Root    string
	TLS     *tls.Config // nil is none
	Mode    ftpserver.TLSRequirement
	Disk    afero.Fs

	listener net.Listener
}

// Start starts a server that shows a folder.
func Start(t testing.TB, s Server) *Server {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if s.Mode == ftpserver.ImplicitEncryption {
		s.listener = tls.NewListener(s.listener, s.TLS)
	}
	s.Address = s.listener.Addr().String()
	if s.Disk == nil {
		s.Disk = afero.NewBasePathFs(afero.NewOsFs(), s.Root)
	}
	server := ftpserver.NewFtpServer(&s)
	var tasks sync.WaitGroup
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	tasks.Go(func() { _ = server.Serve() })
	t.Cleanup(func() {
		_ = server.Stop()
		tasks.Wait()
	})
	return &s
}

// GetSettings is asked by the library.
func (s *Server) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{Listener: s.listener, TLSRequired: s.Mode, DefaultTransferType: ftpserver.TransferTypeBinary}, nil
}

// ClientConnected is asked by the library.
func (s *Server) ClientConnected(ftpserver.ClientContext) (string, error) { return "hello", nil }

// ClientDisconnected is told by the library.
func (s *Server) ClientDisconnected(ftpserver.ClientContext) {}

// AuthUser is asked by the library.
func (s *Server) AuthUser(_ ftpserver.ClientContext, user, password string) (ftpserver.ClientDriver, error) {
	if user != User || password != Password {
		return nil, errors.New("wrong user or password")
	}
	return s.Disk, nil
}

// GetTLSConfig is asked by the library.
func (s *Server) GetTLSConfig() (*tls.Config, error) {
	if s.TLS == nil {
		return nil, errors.New("there is no TLS")
	}
	return s.TLS, nil
}

// With is the settings that reach an address.
func With(address, base string) flow.Values {
	host, port, _ := net.SplitHostPort(address)
	return flow.Values{"host": host, "port": port, "secure": "none", "base": base, "timeout": "20s"}
}
