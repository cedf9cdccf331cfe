package ssh

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

// sshd is a real server: for each line that comes, OpenSSH's sshd is started as inetd
// would do it, so that no port has to be guessed and nothing is left behind.
type sshd struct {
	t       testing.TB
	dir     string
	address string
	user    string
	keyFile string
	hostKey string // the fingerprint
	tasks   sync.WaitGroup
	mu      sync.Mutex
	running map[*exec.Cmd]bool
}

func startSSHD(t testing.TB, more string) *sshd {
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
	s := &sshd{t: t, dir: t.TempDir(), user: me.Username, running: map[*exec.Cmd]bool{}}
	s.keyFile = filepath.Join(s.dir, "id")
	s.write("authorized_keys", string(ssh.MarshalAuthorizedKey(s.newKey("id", nil))))
	s.newHostKey()
	s.write("sshd_config", fmt.Sprintf(`
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
`, s.dir, more))
	s.listen()
	return s
}

func (s *sshd) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// newKey makes a private key in a file, with a passphrase if there is one.
func (s *sshd) newKey(name string, passphrase []byte) ssh.PublicKey {
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
	s.write(name, string(pem.EncodeToMemory(block)))
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// newHostKey gives the host another key.
func (s *sshd) newHostKey() {
	s.hostKey = ssh.FingerprintSHA256(s.newKey("host_key", nil))
}

func (s *sshd) listen() {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = listener.Addr().String()
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
		s.kill()
		s.tasks.Wait()
	})
}

// serve starts a server for one line.
func (s *sshd) serve(line *net.TCPConn) {
	file, err := line.File()
	line.Close()
	if err != nil {
		return
	}
	cmd := exec.Command("/usr/sbin/sshd", "-i", "-e", "-f", filepath.Join(s.dir, "sshd_config"))
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

// kill ends all servers at once, as a power cut would.
func (s *sshd) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for cmd := range s.running {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// with is the settings that reach an address as the server's user.
func (s *sshd) with(address, base string) flow.Values {
	host, port, _ := net.SplitHostPort(address)
	return flow.Values{"host": host, "port": port, "user": s.user, "auth": "key", "key_file": s.keyFile, "base": base, "timeout": "20s"}
}
