package ssh

import (
	"bufio"
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"jackfield/connectors/kit"
)

// pins are the keys that hosts showed first, kept in a file as OpenSSH writes it
// (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) or, without one, in memory.
type pins struct {
	file string
	mu   sync.Mutex
	mem  []byte
}

func (p *pins) read() ([]byte, error) {
	if p.file == "" {
		return p.mem, nil
	}
	text, err := os.ReadFile(p.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, kit.FailFile("read", p.file, err)
	}
	return text, nil
}

// of lists the keys that are pinned for an address.
func (p *pins) of(address string) ([]ssh.PublicKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := p.read()
	if err != nil {
		return nil, err
	}
	return keysIn(text, address), nil
}

// keysIn finds an address in the lines of a file.
func keysIn(text []byte, address string) []ssh.PublicKey {
	var keys []ssh.PublicKey
	name := knownhosts.Normalize(address)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		_, hosts, key, _, _, err := ssh.ParseKnownHosts(lines.Bytes())
		if err != nil {
			continue // a comment or a blank line
		}
		for _, h := range hosts {
			if h == name {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// add pins a key. Where another one was pinned meanwhile, that stays.
func (p *pins) add(address string, key ssh.PublicKey) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := p.read()
	if err != nil || len(keysIn(text, address)) > 0 {
		return err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	text = append(bytes.Clone(text), knownhosts.Line([]string{address}, key)+"\n"...)
	if p.file == "" {
		p.mem = text
		return nil
	}
	return kit.ReplaceFile(p.file, func(w io.Writer) error { _, err := w.Write(text); return err })
}

// watch checks the key of a host while it is spoken to for the first time. shown gets
// what a person may see of it.
func (s *settings) watch(pinned []ssh.PublicKey, shown *string) ssh.HostKeyCallback {
	address := s.address()
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		print := ssh.FingerprintSHA256(key)
		if s.HostKey != "" {
			*shown = key.Type() + " " + print + ", as the connection wants it"
			return s.wanted(address, print)
		}
		if len(pinned) == 0 {
			*shown = key.Type() + " " + print + ", seen for the first time and kept from now on"
			return s.world.pins.add(address, key)
		}
		for _, p := range pinned {
			if subtle.ConstantTimeCompare(p.Marshal(), key.Marshal()) == 1 {
				*shown = key.Type() + " " + print + ", the same as ever"
				return nil
			}
		}
		return changedKey(address, print, ssh.FingerprintSHA256(pinned[0]))
	}
}

func (s *settings) wanted(address, print string) error {
	for want := range strings.FieldsFuncSeq(s.HostKey, func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.TrimPrefix(want, "SHA256:") == strings.TrimPrefix(print, "SHA256:") {
			return nil
		}
	}
	return kit.Fail(kit.Denied, "%s shows the key %s, and the connection wants %s", address, print, s.HostKey).On("host_key").
		Hint("ask who runs the host for its fingerprint; nothing was sent to it")
}

func changedKey(address, now, before string) error {
	return kit.Fail(kit.Denied, "the key of %s is another one: it is %s now, and was %s when it was first seen", address, now, before).On("host_key").
		Hint("the host was set up anew, or somebody is in between and nothing was sent. Ask who runs it; where %s is right, set it as the fingerprint of the host", now)
}

// algorithms are those that show a pinned key, so that a host with several keys shows
// that one.
func algorithms(pinned []ssh.PublicKey) []string {
	var names []string
	for _, p := range pinned {
		if p.Type() == ssh.KeyAlgoRSA {
			names = append(names, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		}
		names = append(names, p.Type())
	}
	return names
}

// noCommon tells of a host with which no key or cipher can be agreed upon.
func (s *settings) noCommon(err error, pinned []ssh.PublicKey) error {
	if len(pinned) > 0 && s.HostKey == "" && strings.Contains(err.Error(), "host key") {
		return kit.Fail(kit.Denied, "%s no longer shows the kind of key that it showed first, %s %s", s.address(), pinned[0].Type(), ssh.FingerprintSHA256(pinned[0])).On("host_key").
			Hint("ask who runs the host for its fingerprint, and set that as the fingerprint of the host")
	}
	return fmt.Errorf("agree with %s upon how to speak: %w", s.address(), err)
}
