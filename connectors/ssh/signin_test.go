package ssh

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot/depottest"
	"jackfield/connectors/kit/kittest"
	"jackfield/connectors/ssh/sshtest"
	"jackfield/flow"
)

func TestAHostKeyIsKeptAndAnotherOneIsRefused(t *testing.T) {
	server := sshtest.Start(t, "")
	home := t.TempDir()
	with := server.With(server.Address, t.TempDir())
	first := server.HostKey
	c := New(home)
	if err := depottest.Listing(t, c, with); err != nil {
		t.Fatal(err)
	}
	c.Close()
	c = New(home) // the program is started anew
	defer c.Close()
	if err := depottest.Listing(t, c, with); err != nil {
		t.Fatal(err)
	}
	c.Close()
	server.NewHostKey()
	kittest.WantFailure(t, depottest.Listing(t, c, with), kit.Denied, "host_key", first, server.HostKey, "another one")
	kittest.WantFailure(t, depottest.Listing(t, New(home), depottest.Set(with, "host_key", first)), kit.Denied, "host_key", first)
	if err := depottest.Listing(t, c, depottest.Set(with, "host_key", server.HostKey)); err != nil {
		t.Errorf("a person said that the new key is right: %v", err)
	}
	kittest.WantFailure(t, depottest.Listing(t, c, with), kit.Denied, "host_key")
}

func TestTheTestShowsTheFingerprint(t *testing.T) {
	server := sshtest.Start(t, "")
	c := New("")
	defer c.Close()
	connection := c.Connection()
	if problems := connection.Fields().Bind("s", server.With(server.Address, "")); len(problems) > 0 {
		t.Fatal(problems)
	}
	text := fmt.Sprint(connection.Test(t.Context(), kit.Env{}))
	if !strings.Contains(text, server.HostKey) || !strings.Contains(text, "OpenSSH") {
		t.Errorf("the test says %s", text)
	}
}

func TestSigningIn(t *testing.T) {
	server := sshtest.Start(t, "")
	server.NewKey("strange", nil)
	public := server.NewKey("locked", []byte("open sesame"))
	server.Write("authorized_keys", readFile(t, filepath.Join(server.Dir, "authorized_keys"))+string(ssh.MarshalAuthorizedKey(public)))
	with := server.With(server.Address, "")
	locked := readFile(t, filepath.Join(server.Dir, "locked"))
	for _, tt := range []struct {
		name  string
		with  flow.Values
		kind  flow.Code
		field string
		says  string
	}{
		{"by a key in a file", with, "", "", ""},
		{"by a key with its passphrase", depottest.Set(with, "key_file", "", "key", locked, "passphrase", "open sesame"), "", "", ""},
		{"a wrong passphrase", depottest.Set(with, "key_file", "", "key", locked, "passphrase", "xyzzy"), kit.Denied, "passphrase", "does not unlock"},
		{"no passphrase", depottest.Set(with, "key_file", "", "key", locked), kit.Invalid, "passphrase", "locked"},
		{"no key", depottest.Set(with, "key_file", ""), kit.Invalid, "key", "no key"},
		{"no such file", depottest.Set(with, "key_file", filepath.Join(server.Dir, "nothing")), kit.Missing, "key_file", "nothing"},
		{"a key that is none", depottest.Set(with, "key_file", "", "key", "ssh-ed25519 AAAA"), kit.Invalid, "key", "BEGIN"},
		{"a key that the host does not know", depottest.Set(with, "key_file", filepath.Join(server.Dir, "strange")), kit.Denied, "key", "authorized_keys"},
		{"a wrong password", depottest.Set(with, "auth", "password", "password", "xyzzy"), kit.Denied, "password", "password"},
		{"no password", depottest.Set(with, "auth", "password"), kit.Invalid, "password", "no password"},
		{"a folder that is not there", depottest.Set(with, "base", "/no/such/folder"), kit.Missing, "folder", "/no/such/folder"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := New("")
			defer c.Close()
			err := depottest.Listing(t, c, tt.with)
			if tt.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			kittest.WantFailure(t, err, tt.kind, tt.field, tt.says)
			if text := fmt.Sprint(err); strings.Contains(text, "xyzzy") {
				t.Errorf("it shows the secret: %s", text)
			}
		})
	}
}

func TestAKeyFileInTheHomeFolder(t *testing.T) {
	server := sshtest.Start(t, "")
	t.Setenv("HOME", server.Dir)
	c := New("")
	defer c.Close()
	if err := depottest.Listing(t, c, depottest.Set(server.With(server.Address, ""), "key_file", "~/id")); err != nil {
		t.Error(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSigningInByAnAgent(t *testing.T) {
	server := sshtest.Start(t, "")
	with := depottest.Set(server.With(server.Address, ""), "auth", "agent")
	t.Setenv("SSH_AUTH_SOCK", "")
	kittest.WantFailure(t, depottest.Listing(t, New(""), with), kit.Invalid, "auth", "no SSH agent")
	keys := agent.NewKeyring()
	socket := filepath.Join(t.TempDir(), "agent")
	t.Setenv("SSH_AUTH_SOCK", socket)
	kittest.WantFailure(t, depottest.Listing(t, New(""), with), kit.Unavailable, "auth", "does not answer")
	kittest.Listen(t, "unix", socket, func(line net.Conn, _ *sync.WaitGroup) {
		_ = agent.ServeAgent(keys, line) // ends with the line
	})
	kittest.WantFailure(t, depottest.Listing(t, New(""), with), kit.Denied, "auth", "no key")
	key, err := ssh.ParseRawPrivateKey([]byte(readFile(t, server.KeyFile)))
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	c := New("")
	defer c.Close()
	if err := depottest.Listing(t, c, with); err != nil {
		t.Error(err)
	}
}

// smallHost is a host of our own: it asks for the password in one of two ways, which
// sshd does only for users of the machine.
func smallHost(t testing.TB, asking bool, files bool) string {
	t.Helper()
	config := &ssh.ServerConfig{}
	right := func(password string) (*ssh.Permissions, error) {
		if password != "right" {
			return nil, errors.New("wrong")
		}
		return nil, nil
	}
	if asking {
		config.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || len(answers) != 1 {
				return nil, errors.New("no answer")
			}
			return right(answers[0])
		}
	} else {
		config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) { return right(string(password)) }
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	config.AddHostKey(key)
	return kittest.Listen(t, "tcp", "127.0.0.1:0", func(line net.Conn, tasks *sync.WaitGroup) {
		serveSmall(line, config, files, tasks)
	})
}

func serveSmall(line net.Conn, config *ssh.ServerConfig, files bool, tasks *sync.WaitGroup) {
	_, channels, requests, err := ssh.NewServerConn(line, config)
	if err != nil {
		return
	}
	tasks.Go(func() { ssh.DiscardRequests(requests) })
	for one := range channels {
		channel, requests, err := one.Accept()
		if err != nil {
			return
		}
		tasks.Go(func() {
			for r := range requests {
				r.Reply(files && r.Type == "subsystem", nil)
			}
		})
		if files {
			if server, err := sftp.NewServer(channel); err == nil {
				tasks.Go(func() { _ = server.Serve() })
			}
		}
	}
}

func TestPasswordsAreSentInEitherWay(t *testing.T) {
	for _, asking := range []bool{false, true} {
		host, port, _ := net.SplitHostPort(smallHost(t, asking, true))
		with := flow.Values{"host": host, "port": port, "user": "ada", "password": "right", "base": t.TempDir()}
		c := New("")
		if err := depottest.Listing(t, c, with); err != nil {
			t.Errorf("asking %v: %v", asking, err)
		}
		kittest.WantFailure(t, depottest.Listing(t, c, depottest.Set(with, "password", "wrong")), kit.Denied, "password", "ada")
		c.Close()
	}
}

func TestAHostWithoutFiles(t *testing.T) {
	host, port, _ := net.SplitHostPort(smallHost(t, false, false))
	c := New("")
	defer c.Close()
	kittest.WantFailure(t, depottest.Listing(t, c, flow.Values{"host": host, "port": port, "user": "ada", "password": "right"}), kit.Refused, "", "SFTP")
}

func TestWhatDoesNotSpeakSSH(t *testing.T) {
	address := kittest.Listen(t, "tcp", "127.0.0.1:0", func(line net.Conn, _ *sync.WaitGroup) {
		_, _ = io.WriteString(line, strings.Repeat("220 hello\r\n", 1000))
	})
	host, port, _ := net.SplitHostPort(address)
	err := depottest.Listing(t, New(""), flow.Values{"host": host, "port": port, "user": "ada", "password": "x"})
	if f := kit.AsFailure(err); err == nil || f.Fix == "" || f.Kind != kit.Invalid && f.Kind != kit.Unavailable {
		t.Errorf("%v: %+v", err, f)
	}
}

func TestASlowHostIsLeft(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes lines and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	with := flow.Values{"host": host, "port": port, "user": "ada", "password": "x", "timeout": "50ms"}
	kittest.WantFailure(t, depottest.Listing(t, New(""), with), kit.TimedOut, "", "50ms")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	op, _ := New("").Op("list")
	o := op.New()
	o.Fields().Bind("s", with)
	if _, err := o.(kit.Source).Read(ctx, kittest.Env(t), nil); kit.AsFailure(err).Kind == kit.TimedOut {
		t.Errorf("a run that was stopped is told as %v", err)
	}
}
