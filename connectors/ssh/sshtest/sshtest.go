//go:build unix

// Package sshtest starts real SSH servers for tests.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// Server is a real server, OpenSSH's sshd.
type Server struct {
	Dir     string // its keys and settings
	Address string
	User    string
	KeyFile string // with which the user signs in
	HostKey string // the fingerprint
	t       testing.TB
	inetd   *kittest.Inetd
}

// Start starts a server; more stands in its sshd_config.
func Start(t testing.TB, more string) *Server {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // where Debian's sshd puts its helpers
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{t: t, Dir: t.TempDir(), User: me.Username}
	s.KeyFile = filepath.Join(s.Dir, "id")
	s.Write("authorized_keys", string(ssh.MarshalAuthorizedKey(s.NewKey("id", nil))))
	s.NewHostKey()
	s.Write("sshd_config", fmt.Sprintf(`
HostKey %[1]s/host_key
AuthorizedKeysFile %[1]s/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PrintMotd no
Subsystem sftp internal-sftp
%s
`, s.Dir, more))
	s.inetd = kittest.NewInetd(t, "/usr/sbin/sshd", "-i", "-e", "-f", filepath.Join(s.Dir, "sshd_config"))
	s.Address = s.inetd.Address
	return s
}

// Write writes a file into the server's folder.
func (s *Server) Write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// NewKey makes a private key in a file, with a passphrase if there is one.
func (s *Server) NewKey(name string, passphrase []byte) ssh.PublicKey {
	s.t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	var block *pem.Block
	if passphrase == nil {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", passphrase)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.Write(name, string(pem.EncodeToMemory(block)))
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// NewHostKey gives the host another key.
func (s *Server) NewHostKey() {
	s.HostKey = ssh.FingerprintSHA256(s.NewKey("host_key", nil))
}

// Kill ends all that runs at once, as a power cut would.
func (s *Server) Kill() { s.inetd.Kill() }

// With is the settings that reach an address as the server's user.
func (s *Server) With(address, base string) flow.Values {
	host, port, _ := net.SplitHostPort(address)
	return flow.Values{"host": host, "port": port, "user": s.User, "auth": "key", "key_file": s.KeyFile, "base": base, "timeout": "20s"}
}
