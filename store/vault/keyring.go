package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"

	"jackfield/flow"
)

// Keyring is the system's keeper of small secrets. It keeps texts by name.
type Keyring interface {
	// Serves says why the keyring does not serve; nil where it may.
	Serves() error
	Set(name, text string) error
	// Get gives an error that is fs.ErrNotExist where there is nothing.
	Get(name string) (string, error)
	// Remove forgets a text. Where there is none it does nothing.
	Remove(name string) error
}

// ringService is under which name the keyring lists what is Jackfield's.
const ringService = "jackfield"

// ringTime is how long the keyring may take: it may ask a person to unlock it.
const ringTime = time.Minute

// System is the keyring of this machine: the Secret Service on a session bus, the
// Keychain, the Credential Manager. It never starts a bus.
type System struct{}

// Serves looks only whether there is a session. The keyring itself would begin one, with
// servants that stay behind, where a call came without it.
func (System) Serves() error {
	switch runtime.GOOS {
	case "windows", "darwin":
		return nil
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		return errors.New("there is no desktop session (DBUS_SESSION_BUS_ADDRESS is not set)")
	}
	return nil
}

// Set keeps a text.
func (s System) Set(name, text string) error {
	_, err := s.timely(func() (string, error) { return "", keyring.Set(ringService, name, text) })
	return err
}

// Get gives a text back.
func (s System) Get(name string) (string, error) {
	text, err := s.timely(func() (string, error) { return keyring.Get(ringService, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		err = fs.ErrNotExist
	}
	return text, err
}

// Remove forgets a text.
func (s System) Remove(name string) error {
	_, err := s.timely(func() (string, error) { return "", keyring.Delete(ringService, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// timely leaves a call to itself that does not come back: there is no way to end it.
func (s System) timely(do func() (string, error)) (string, error) {
	if err := s.Serves(); err != nil {
		return "", err
	}
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		text, err := do()
		done <- outcome{text, err}
	}()
	timer := time.NewTimer(ringTime)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.text, o.err
	case <-timer.C:
		return "", fmt.Errorf("it did not answer within %s", ringTime)
	}
}

// ring is the keyring as a place. A key has its id for a name, so an old one and a new
// one lie side by side.
type ring struct {
	of Keyring
	at func()
}

var errNoRing = errors.New("this program was not given one")

func (r ring) write(id string, key []byte, _ string) error {
	r.at()
	if err := r.of.Set(id, base64.StdEncoding.EncodeToString(key)); err != nil {
		return fmt.Errorf("put the key of the vault into the system's keyring: %w", err)
	}
	return nil
}

func (r ring) read(id, _ string) ([]byte, error) {
	if r.of == nil {
		return nil, r.silent(errNoRing)
	}
	text, err := r.of.Get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, r.silent(err)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = sized(key, r.where(id))
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the vault from the system's keyring: %w", err)
	}
	return key, nil
}

// silent is the problem of a keyring that cannot be asked.
func (ring) silent(why error) flow.Problem {
	return flow.Problem{
		Code: Locked, What: fmt.Sprintf("the key of the vault is in the system's keyring, which cannot be asked: %v", why),
		Fix: "log in to the desktop session and unlock its keyring; for a service without a session move the key, from there: jackfield secrets protect file",
	}
}

func (ring) settle(string) error { return nil }

func (r ring) drop(id string) error {
	r.at()
	if err := r.of.Remove(id); err != nil {
		return fmt.Errorf("remove the key of the vault from the system's keyring: %w", err)
	}
	return nil
}

func (ring) name(id string) string  { return "the key " + id + " in the system's keyring" }
func (ring) where(id string) string { return "keyring: " + ringService + "/" + id }
func (ring) mend() string {
	return "log in as the person who kept the secrets; where that key is lost, begin anew with jackfield secrets protect file --forget, and enter the secrets again"
}

// ringServes tries the keyring out with a text that means nothing.
func (v *Vault) ringServes() error {
	if v.ring == nil {
		return errNoRing
	}
	if err := v.ring.Serves(); err != nil {
		return err
	}
	const probe = "probe"
	err := v.ring.Set(probe, probe)
	if err == nil {
		var text string
		if text, err = v.ring.Get(probe); err == nil && text != probe {
			err = errors.New("it gives another text than it was given")
		}
	}
	return errors.Join(err, v.ring.Remove(probe))
}
