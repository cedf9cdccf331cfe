package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"jackfield/flow"
)

// Protect moves the key to another place, or puts it under another passphrase. Killed at
// any moment, the vault opens as before or as wanted.
func (v *Vault) Protect(ctx context.Context, by flow.Protection, passphrase string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.may(by, passphrase); err != nil {
		return err
	}
	err := v.read(ctx)
	if v.head.By == "" && errors.Is(err, fs.ErrNotExist) {
		return v.renew(ctx, by, passphrase) // there is no secret yet
	}
	if err != nil {
		return v.opened(err)
	}
	return v.move(ctx, by, passphrase)
}

func (v *Vault) move(ctx context.Context, by flow.Protection, passphrase string) error {
	if err := v.lay(ctx, by, v.key, passphrase); err != nil {
		return err
	}
	if err := v.say(ctx, v.next(by, v.key)); err != nil {
		return err
	}
	return v.clear()
}

// Rotate makes a new key and seals every secret anew with it, all in one transaction. The
// key stays in the place where it is, which wants its passphrase again if it has one.
func (v *Vault) Rotate(ctx context.Context, passphrase string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.head.By == flow.ByPassphrase {
		if passphrase == "" {
			return noPassphrase()
		}
		if err := v.openWith(passphrase); err != nil { // also where it is open: it must be the same
			return err
		}
	}
	if err := v.read(ctx); err != nil {
		if v.head.By == "" && errors.Is(err, fs.ErrNotExist) {
			return flow.Problem{Code: Sealed, What: "no secret was kept yet, so there is no key", Fix: "the first secret makes one"}
		}
		return v.opened(err)
	}
	was, key := v.head.By, newKey()
	if err := v.lay(ctx, was, key, passphrase); err != nil {
		return err
	}
	if err := v.resealed(ctx, v.next(was, key), key); err != nil {
		return errors.Join(err, v.clear())
	}
	return v.clear()
}

// resealed seals all with another key.
func (v *Vault) resealed(ctx context.Context, h header, key []byte) error {
	with, err := cipherOf(key)
	if err != nil {
		return err
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	v.at()
	err = v.bytes.ChangeSealed(ctx, func(ref string, sealed []byte) ([]byte, error) {
		if ref == headerRef {
			return text, nil
		}
		plain, err := v.aead.Open(nil, nil, sealed, boundTo(ref))
		if err != nil {
			return nil, v.problem(ref, v.place().name(v.head.ID)+" does not fit it")
		}
		return seal(with, ref, plain), nil
	})
	if err != nil {
		return err
	}
	v.head, v.key, v.aead = h, key, with
	return nil
}

// Forget begins with a new key, for who has lost the old one or its passphrase. What was
// sealed before does not open any more.
func (v *Vault) Forget(ctx context.Context, by flow.Protection, passphrase string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.may(by, passphrase); err != nil {
		return err
	}
	return v.renew(ctx, by, passphrase)
}

// may says why a place does not serve.
func (v *Vault) may(by flow.Protection, passphrase string) error {
	switch by {
	case flow.ByKeyring:
		if why := v.ringServes(); why != nil {
			return flow.Problem{Field: "by", Code: "unavailable", What: "the system's keyring does not serve: " + why.Error(), Fix: "log in to a desktop session, or take file or passphrase"}
		}
	case flow.ByFile:
	case flow.ByPassphrase:
		if passphrase == "" {
			return noPassphrase()
		}
	default:
		return flow.Problem{Field: "by", Code: "invalid", What: fmt.Sprintf("%q is no place for a key", string(by)), Fix: "take keyring, file or passphrase"}
	}
	return nil
}

func noPassphrase() flow.Problem {
	return flow.Problem{Field: "passphrase", Code: Locked, What: "the passphrase is needed", Fix: "type it in, or name a file that holds it in JACKFIELD_PASSPHRASE_FILE"}
}

// opened says in the place of a missing key what a person can do.
func (v *Vault) opened(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return flow.Problem{File: v.place().where(v.head.ID), Code: Sealed, What: v.place().name(v.head.ID) + " is missing", Fix: v.place().mend()}
}
