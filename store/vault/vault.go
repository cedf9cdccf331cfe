// Package vault keeps secrets: each is sealed with a key that lies in a file of its
// own beside the store, so that neither the store nor a copy of it gives them away.
//
// A secret is sealed with AES-256-GCM under a random nonce, bound to its reference: a
// sealed value that is moved to another reference does not open. The key is made when
// the first secret is kept, and never written over.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"jackfield/flow"
)

// KeyFile is the name of the key's file in the home folder.
const KeyFile = "vault.key"

const keySize = 32 // AES-256

// Bytes keeps what is sealed. store.Store is one.
type Bytes interface {
	PutSealed(ctx context.Context, ref string, sealed []byte) error
	// Sealed gives an error that is fs.ErrNotExist where there is nothing.
	Sealed(ctx context.Context, ref string) ([]byte, error)
	RemoveSealed(ctx context.Context, ref string) error
}

// Vault keeps secrets. Its methods may be called from any goroutine.
type Vault struct {
	path  string
	bytes Bytes

	mu   sync.Mutex
	aead cipher.AEAD // nil until the key was needed
}

// Open gives the vault whose key lies in the folder home. A key file that others can
// read is closed to them; one that is no key is a problem at once.
func Open(home string, bytes Bytes) (*Vault, error) {
	v := &Vault{path: filepath.Join(home, KeyFile), bytes: bytes}
	if _, err := v.key(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return v, nil
}

// Put seals a secret and keeps it, over what was there under this reference.
func (v *Vault) Put(ctx context.Context, ref, plain string) error {
	aead, err := v.keyOrNew()
	if err != nil {
		return err
	}
	return v.bytes.PutSealed(ctx, ref, aead.Seal(nil, nil, []byte(plain), boundTo(ref)))
}

// Get gives a secret back. The error is fs.ErrNotExist where there is none, and a
// flow.Problem where there is one that this key does not open.
func (v *Vault) Get(ctx context.Context, ref string) (string, error) {
	sealed, err := v.bytes.Sealed(ctx, ref)
	if err != nil {
		return "", err
	}
	aead, err := v.key()
	if errors.Is(err, fs.ErrNotExist) {
		return "", v.problem(ref, "the key file "+KeyFile+" is missing")
	}
	if err != nil {
		return "", err
	}
	plain, err := aead.Open(nil, nil, sealed, boundTo(ref))
	if err != nil {
		return "", v.problem(ref, "the key file "+KeyFile+" does not fit it")
	}
	return string(plain), nil
}

// Remove forgets a secret. Where there is none it does nothing.
func (v *Vault) Remove(ctx context.Context, ref string) error {
	return v.bytes.RemoveSealed(ctx, ref)
}

func (v *Vault) problem(ref, what string) flow.Problem {
	return flow.Problem{
		File: v.path, Code: "sealed",
		What: fmt.Sprintf("the secret %q cannot be opened: %s", ref, what),
		Fix:  "put the key file back that was there when the secret was kept, or enter the secret again",
	}
}

// boundTo is what a sealed value is bound to besides the key.
func boundTo(ref string) []byte { return []byte("jackfield vault 1\x00" + ref) }

// key reads the key, once. The error is fs.ErrNotExist as long as there is none.
func (v *Vault) key() (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.read()
}

// keyOrNew makes a key where there is none. It is on disk before anything is sealed
// with it.
func (v *Vault) keyOrNew() (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	aead, err := v.read()
	if !errors.Is(err, fs.ErrNotExist) {
		return aead, err
	}
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // it never fails, says crypto/rand
	if err := writeWhole(v.path, key); err != nil {
		return nil, fmt.Errorf("write the key of the vault: %w", err)
	}
	return v.read()
}

func (v *Vault) read() (cipher.AEAD, error) {
	if v.aead != nil {
		return v.aead, nil
	}
	key, err := os.ReadFile(v.path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the vault: %w", err)
	}
	if len(key) != keySize {
		return nil, flow.Problem{
			File: v.path, Code: "sealed",
			What: fmt.Sprintf("the key of the vault has %d bytes instead of %d", len(key), keySize),
			Fix:  "put the right key file back; or move this one away and enter the secrets again",
		}
	}
	if err := os.Chmod(v.path, 0o600); err != nil {
		return nil, fmt.Errorf("close the key of the vault to others: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	v.aead, err = cipher.NewGCMWithRandomNonce(block)
	return v.aead, err
}

// writeWhole writes a file for its owner alone, whole or not at all.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // has mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if runtime.GOOS == "windows" {
		return nil // NTFS keeps names in its own journal
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
