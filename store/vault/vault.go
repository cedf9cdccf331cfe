// Package vault keeps secrets: each is sealed with one key, which does not lie where the
// secrets do, so that neither the store nor a copy of it gives them away.
//
// Its nouns: a secret has a reference; the key lies in a place, which is the system's
// keyring, a file for its owner alone, or a file that a passphrase opens; the header, in
// the store beside the secrets, says which place and which key.
//
// Its rules:
//
//   - A secret is sealed with AES-256-GCM under a random nonce, bound to its reference: a
//     sealed value that is moved to another reference does not open.
//   - The key is made when the first secret is kept. A key is in its place, and was read
//     back from there, before anything says that it counts.
//   - What counts changes in one transaction of the store: the header alone where the key
//     moves, the header and every secret where there is a new key. Killed before, the old
//     place and key open everything; killed after, the new ones do. What the other side of
//     the change has left is removed the next time the vault opens.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"jackfield/flow"
)

const keySize = 32 // AES-256

// headerRef is where the header lies among what is sealed. No secret has this reference.
const headerRef = "~key"

// Bytes keeps what is sealed. store.Store is one.
type Bytes interface {
	PutSealed(ctx context.Context, ref string, sealed []byte) error
	// Sealed gives an error that is fs.ErrNotExist where there is nothing.
	Sealed(ctx context.Context, ref string) ([]byte, error)
	RemoveSealed(ctx context.Context, ref string) error
	SealedRefs(ctx context.Context) ([]string, error)
	// ChangeSealed changes all of it in one transaction, or nothing.
	ChangeSealed(ctx context.Context, change func(ref string, sealed []byte) ([]byte, error)) error
}

// Options say what else a vault may use. The zero Options keep the key in a file.
type Options struct {
	Keyring Keyring // nil for none
	// Passphrase asks for it, once in the life of the vault; nil, or an empty one, where
	// nobody can be asked.
	Passphrase func(ctx context.Context) (string, error)

	// In tests: the work of scrypt, and what is called before whatever lasts.
	work int
	at   func()
}

// header says where the key lies. It is no secret.
type header struct {
	By flow.Protection `json:"by"`
	ID string          `json:"id"`
	// Left is a key in the keyring that does not count, or not yet. It is to go.
	Left string `json:"left,omitempty"`
}

// Vault keeps secrets. Its methods may be called from any goroutine.
type Vault struct {
	bytes  Bytes
	places map[flow.Protection]place
	ring   Keyring
	ask    func(ctx context.Context) (string, error)
	at     func()

	mu    sync.Mutex
	head  header
	key   []byte // nil until it was needed
	aead  cipher.AEAD
	asked bool
}

// Open gives the vault of the folder home. A key file that others can read is closed to
// them; one that is no key is a problem at once. A key elsewhere is not looked for before
// it is needed.
func Open(home string, bytes Bytes, o Options) (*Vault, error) {
	if o.at == nil {
		o.at = func() {}
	}
	v := &Vault{bytes: bytes, ring: o.Keyring, ask: o.Passphrase, at: o.at}
	v.places = map[flow.Protection]place{
		flow.ByKeyring: ring{o.Keyring, o.at}, flow.ByFile: newKeyFile(home, o.at), flow.ByPassphrase: newLockedFile(home, o.work, o.at),
	}
	text, err := bytes.Sealed(context.Background(), headerRef)
	if err == nil {
		err = json.Unmarshal(text, &v.head)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read which key the vault has: %w", err)
	}
	if v.head.By == "" || v.head.By == flow.ByFile {
		if err := v.read(context.Background()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return v, nil
}

// Put seals a secret and keeps it, over what was there under this reference.
func (v *Vault) Put(ctx context.Context, ref, plain string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	err := v.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		err = v.first(ctx)
	}
	if err != nil {
		return err
	}
	return v.bytes.PutSealed(ctx, ref, seal(v.aead, ref, []byte(plain)))
}

// Get gives a secret back. The error is fs.ErrNotExist where there is none, and a
// flow.Problem where there is one that this key does not open, or the vault is locked.
func (v *Vault) Get(ctx context.Context, ref string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	sealed, err := v.bytes.Sealed(ctx, ref)
	if err != nil {
		return "", err
	}
	err = v.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return "", v.problem(ref, v.place().name(v.head.ID)+" is missing")
	}
	if err != nil {
		return "", err
	}
	plain, err := v.aead.Open(nil, nil, sealed, boundTo(ref))
	if err != nil {
		return "", v.problem(ref, v.place().name(v.head.ID)+" does not fit it")
	}
	return string(plain), nil
}

// Remove forgets a secret. Where there is none it does nothing.
func (v *Vault) Remove(ctx context.Context, ref string) error {
	return v.bytes.RemoveSealed(ctx, ref)
}

// Standing tells how the secrets stand. It asks nobody for a passphrase.
func (v *Vault) Standing(ctx context.Context) (flow.Secrecy, error) {
	refs, err := v.secrets(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	s := flow.Secrecy{By: v.head.By, Secrets: len(refs), Key: v.head.ID, Locked: v.locked()}
	if v.head.By != "" {
		s.Where = v.place().where(v.head.ID)
	}
	if v.ring == nil {
		s.Keyring = errNoRing.Error()
	} else if why := v.ring.Serves(); why != nil {
		s.Keyring = why.Error()
	}
	return s, err
}

func (v *Vault) locked() bool { return v.head.By == flow.ByPassphrase && v.aead == nil }

// Unlock opens the vault with its passphrase, for as long as this process lasts. One that
// has no passphrase is open. Without one, whoever can be asked for it is.
func (v *Vault) Unlock(ctx context.Context, passphrase string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.locked() {
		return nil
	}
	if passphrase == "" {
		return v.askAndOpen(ctx)
	}
	return v.openWith(passphrase)
}

// Check opens every secret and names those that do not open.
func (v *Vault) Check(ctx context.Context) (good int, bad []string, err error) {
	refs, err := v.secrets(ctx)
	for _, ref := range refs {
		_, failed := v.Get(ctx, ref)
		p, sealed := errors.AsType[flow.Problem](failed)
		switch {
		case failed == nil:
			good++
		case sealed && p.Code == Sealed:
			bad = append(bad, ref)
		case !errors.Is(failed, fs.ErrNotExist): // else it was removed meanwhile
			return good, bad, failed
		}
	}
	return good, bad, err
}

// secrets lists the references.
func (v *Vault) secrets(ctx context.Context) ([]string, error) {
	refs, err := v.bytes.SealedRefs(ctx)
	return slices.DeleteFunc(refs, func(ref string) bool { return ref == headerRef }), err
}

// The codes of the vault's problems.
const (
	Sealed flow.Code = "sealed" // a key that is missing or another one
	Locked flow.Code = "locked" // a passphrase is wanted
)

func (v *Vault) problem(ref, what string) flow.Problem {
	return flow.Problem{
		File: v.place().where(v.head.ID), Code: Sealed,
		What: fmt.Sprintf("the secret %q cannot be opened: %s", ref, what),
		Fix:  v.place().mend(),
	}
}

func (v *Vault) place() place {
	if v.head.By == "" {
		return v.places[flow.ByFile]
	}
	return v.places[v.head.By]
}

// read has the key at hand. The error is fs.ErrNotExist where there is none.
func (v *Vault) read(ctx context.Context) error {
	if v.aead != nil {
		return nil
	}
	if v.head.By == flow.ByPassphrase {
		return v.askAndOpen(ctx)
	}
	key, err := v.place().read(v.head.ID, "")
	if err != nil {
		return err
	}
	return v.use(key)
}

// askAndOpen asks for the passphrase, the first time that it is needed.
func (v *Vault) askAndOpen(ctx context.Context) error {
	locked := flow.Problem{
		Code: Locked, What: "the vault is locked, so no secret can be read",
		Fix: "unlock it: in the window, with jackfield secrets unlock while one of them runs, or by JACKFIELD_PASSPHRASE_FILE, which names a file that holds the passphrase",
	}
	if v.asked || v.ask == nil {
		return locked
	}
	passphrase, err := v.ask(ctx)
	if err != nil {
		return err
	}
	if passphrase == "" {
		return locked
	}
	v.asked = true
	return v.openWith(passphrase)
}

func (v *Vault) openWith(passphrase string) error {
	key, err := v.place().read(v.head.ID, passphrase)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return flow.Problem{File: v.place().where(""), Code: Sealed, What: "the key of the vault is missing", Fix: v.place().mend()}
		}
		return err
	}
	return v.use(key)
}

// use takes a key for the one that counts, and clears away what a change that was cut off
// has left.
func (v *Vault) use(key []byte) error {
	aead, err := cipherOf(key)
	if err != nil {
		return err
	}
	if v.head.ID != idOf(key) && v.head.By != flow.ByFile && v.head.By != "" {
		return flow.Problem{File: v.place().where(v.head.ID), Code: Sealed, What: "the key of the vault is another one", Fix: v.place().mend()}
	}
	if v.head.ID != idOf(key) || v.head.By == "" { // of a home folder from before there were headers, or a person put another file there
		if err := v.say(context.Background(), header{By: flow.ByFile, ID: idOf(key), Left: v.head.Left}); err != nil {
			return err
		}
	}
	v.key, v.aead = key, aead
	return v.clear()
}

// clear removes every key but the one that counts. What the keyring does not let go of
// now is tried again the next time.
func (v *Vault) clear() error {
	for by, p := range v.places {
		switch by {
		case v.head.By:
			if err := p.settle(v.head.ID); err != nil {
				return err
			}
		case flow.ByKeyring:
		default:
			if err := p.drop(v.head.ID); err != nil {
				return err
			}
		}
	}
	left := v.head.Left
	if left == "" || v.ring == nil {
		return nil
	}
	if left != v.head.ID || v.head.By != flow.ByKeyring {
		if err := v.places[flow.ByKeyring].drop(left); err != nil {
			return nil
		}
	}
	head := v.head
	head.Left = ""
	return v.say(context.Background(), head)
}

// first makes the key: in the keyring where that serves, else in a file.
func (v *Vault) first(ctx context.Context) error {
	if v.head.By == flow.ByKeyring {
		return v.problem("", v.place().name(v.head.ID)+" is missing")
	}
	by := flow.ByFile
	if v.head.By == "" && v.ringServes() == nil {
		by = flow.ByKeyring
	}
	return v.renew(ctx, by, "")
}

// renew begins with a key of its own; nothing that is sealed opens with it.
func (v *Vault) renew(ctx context.Context, by flow.Protection, passphrase string) error {
	key := newKey()
	if err := v.lay(ctx, by, key, passphrase); err != nil {
		return err
	}
	if err := v.say(ctx, v.next(by, key)); err != nil {
		return err
	}
	return v.use(key)
}

// lay puts a key into a place, beside what is there, and reads it back.
func (v *Vault) lay(ctx context.Context, by flow.Protection, key []byte, passphrase string) error {
	p, id := v.places[by], idOf(key)
	if by == flow.ByKeyring && (v.head.By != by || v.head.ID != id) {
		head := v.head
		head.Left = id
		if err := v.say(ctx, head); err != nil {
			return err
		}
	}
	if err := p.write(id, key, passphrase); err != nil {
		return err
	}
	back, err := p.read(id, passphrase)
	if err == nil && string(back) != string(key) {
		err = fmt.Errorf("%s gives another key than it was given", p.name(id))
	}
	return err
}

// next is the header once a key counts. What was in the keyring is to go.
func (v *Vault) next(by flow.Protection, key []byte) header {
	h := header{By: by, ID: idOf(key)}
	if v.head.By == flow.ByKeyring && (by != flow.ByKeyring || v.head.ID != h.ID) {
		h.Left = v.head.ID
	}
	return h
}

// say writes the header, and so what counts.
func (v *Vault) say(ctx context.Context, h header) error {
	text, err := json.Marshal(h)
	if err == nil {
		v.at()
		err = v.bytes.PutSealed(ctx, headerRef, text)
	}
	if err == nil {
		v.head = h
	}
	return err
}

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // it never fails, says crypto/rand
	return key
}

// idOf tells keys apart. It is a part of a hash, so it tells nothing of the key.
func idOf(key []byte) string {
	sum := sha256.Sum256(append([]byte("jackfield vault key\x00"), key...))
	return hex.EncodeToString(sum[:6])
}

func cipherOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func seal(with cipher.AEAD, ref string, plain []byte) []byte {
	return with.Seal(nil, nil, plain, boundTo(ref))
}

// boundTo is what a sealed value is bound to besides the key.
func boundTo(ref string) []byte { return []byte("jackfield vault 1\x00" + ref) }
