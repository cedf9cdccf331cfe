package ssh

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"jackfield/connectors/kit"
)

// methods are the ways to sign in that the settings name. close lets go of what they
// need.
func (s *settings) methods(ctx context.Context) (methods []ssh.AuthMethod, close func(), err error) {
	close = func() {}
	switch s.Auth {
	case byKey:
		signer, err := s.signer()
		if err != nil {
			return nil, close, err
		}
		return []ssh.AuthMethod{ssh.PublicKeys(signer)}, close, nil
	case byAgent:
		line, err := agentLine(ctx)
		if err != nil {
			return nil, close, err
		}
		close = func() { line.Close() }
		signers, err := agent.NewClient(line).Signers()
		if err == nil && len(signers) == 0 {
			err = kit.Fail(kit.Denied, "the SSH agent has no key").On("auth").Hint("add one with ssh-add")
		}
		if err != nil {
			close()
			return nil, func() {}, err
		}
		return []ssh.AuthMethod{ssh.PublicKeys(signers...)}, close, nil
	}
	if s.Password.Empty() {
		return nil, close, kit.Fail(kit.Invalid, "there is no password").On("password").Hint("set it in the connection, or sign in by a key")
	}
	answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = s.Password.Reveal()
		}
		return answers, nil
	}
	return []ssh.AuthMethod{
		ssh.PasswordCallback(func() (string, error) { return s.Password.Reveal(), nil }),
		ssh.KeyboardInteractive(answer),
	}, close, nil
}

// signer reads the private key.
func (s *settings) signer() (ssh.Signer, error) {
	text, field := []byte(s.Key.Reveal()), "key"
	if len(text) == 0 {
		if s.KeyFile == "" {
			return nil, kit.Fail(kit.Invalid, "there is no key").On("key").Hint("set the key's text or its file in the connection")
		}
		field = "key_file"
		var err error
		if text, err = os.ReadFile(atHome(s.KeyFile)); err != nil {
			return nil, kit.FailFile("read", s.KeyFile, err).On(field)
		}
	}
	var signer ssh.Signer
	var err error
	if s.Passphrase.Empty() {
		signer, err = ssh.ParsePrivateKey(text)
	} else {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(s.Passphrase.Reveal()))
	}
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return signer, nil
	case errors.As(err, &locked):
		return nil, kit.Fail(kit.Invalid, "the key is locked by a passphrase").On("passphrase").Hint("set the passphrase in the connection")
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, kit.Fail(kit.Denied, "the passphrase does not unlock the key").On("passphrase").Hint("type the passphrase again")
	case !s.Passphrase.Empty() && strings.Contains(err.Error(), "not password protected"):
		return nil, kit.Fail(kit.Invalid, "the key has no passphrase").On("passphrase").Hint("leave the passphrase empty")
	}
	return nil, kit.Fail(kit.Invalid, "this is no private key that can be used: %w", err).On(field).
		Hint("paste the whole file of the private key, from -----BEGIN to -----END; not the one that ends in .pub")
}

// atHome is a path in which ~ stands for the folder of whoever runs this program.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// agentLine speaks to the agent of whoever runs this program.
func agentLine(ctx context.Context) (net.Conn, error) {
	path := os.Getenv("SSH_AUTH_SOCK")
	if path == "" {
		return nil, kit.Fail(kit.Invalid, "no SSH agent runs here: SSH_AUTH_SOCK is not set").On("auth").
			Hint("start one with ssh-agent and add a key with ssh-add, or sign in by a key")
	}
	var dialer net.Dialer
	line, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, kit.Fail(kit.Unavailable, "the SSH agent does not answer: %w", err).On("auth").Hint("start it anew with ssh-agent")
	}
	return line, nil
}
