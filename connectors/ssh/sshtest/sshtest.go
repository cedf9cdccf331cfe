// Package sshtest starts real SSH servers for tests.
package sshtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"jackfield/flow"
)

// Server is a real server: for each line that comes, OpenSSH's sshd is started as inetd
// would do it, so that no port has to be guessed and nothing is left behind.
type Server struct {
	Dir     string // its keys and settings
	Address string
	User    string
	KeyFile string // with which the user signs in
	HostKey string // the fingerprint
	t       testing.TB
	tasks   sync.WaitGroup
	mu      sync.Mutex
	running map[*exec.Cmd]bool
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
	s := &Server{t: t, Dir: t.TempDir(), User: me.Username, running: map[*exec.Cmd]bool{}}
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
	s.listen()
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

func (s *Server) listen() {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	s.tasks.Go(func() {
		for {
			line, err := listener.Accept()
			if err != nil {
				return
			}
			s.serve(line.(*net.TCPConn))
		}
	})
	s.t.Cleanup(func() {
		listener.Close()
		s.Kill()
		s.tasks.Wait()
	})
}

// serve starts a server for one line.
func (s *Server) serve(line *net.TCPConn) {
	file, err := line.File()
	line.Close()
	if err != nil {
		return
	}
	cmd := exec.Command("/usr/sbin/sshd", "-i", "-e", "-f", filepath.Join(s.Dir, "sshd_config"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = file, file, io.Discard
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	file.Close()
	if err != nil {
		s.t.Errorf("start sshd: %v (Debian's package openssh-server)", err)
		return
	}
	s.mu.Lock()
	s.running[cmd] = true
	s.mu.Unlock()
	s.tasks.Go(func() {
		_ = cmd.Wait() // how it ends is of no interest
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, cmd)
	})
}

// Kill ends all servers at once, as a power cut would.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for cmd := range s.running {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// With is the settings that reach an address as the server's user.
func (s *Server) With(address, base string) flow.Values {
	host, port, _ := net.SplitHostPort(address)
	return flow.Values{"host": host, "port": port, "user": s.User, "auth": "key", "key_file": s.KeyFile, "base": base, "timeout": "20s"}
}
