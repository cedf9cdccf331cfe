package vault_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

// keeper is a keyring in memory.
type keeper map[string]string

func (keeper) Serves() error                 { return nil }
func (k keeper) Set(name, text string) error { k[name] = text; return nil }
func (k keeper) Remove(name string) error    { delete(k, name); return nil }
func (k keeper) Get(name string) (string, error) {
	if text, ok := k[name]; ok {
		return text, nil
	}
	return "", fs.ErrNotExist
}

// change is one way to change what protects the key.
type change struct {
	name      string
	from      flow.Protection
	to        flow.Protection
	rotate    bool
	old, next string // passphrases
}

func changes() []change {
	all := []change{{name: "another passphrase", from: flow.ByPassphrase, to: flow.ByPassphrase, old: "old", next: "new"}}
	pass := map[flow.Protection]string{flow.ByPassphrase: "same"}
	for _, from := range []flow.Protection{flow.ByFile, flow.ByKeyring, flow.ByPassphrase} {
		all = append(all, change{name: "rotate " + string(from), from: from, to: from, rotate: true, old: pass[from], next: pass[from]})
		for _, to := range []flow.Protection{flow.ByFile, flow.ByKeyring, flow.ByPassphrase} {
			if from != to {
				all = append(all, change{name: string(from) + " to " + string(to), from: from, to: to, old: pass[from], next: pass[to]})
			}
		}
	}
	return all
}

func (c change) carryOut(ctx context.Context, v *vault.Vault) error {
	if c.rotate {
		return v.Rotate(ctx, c.next)
	}
	return v.Protect(ctx, c.to, c.next)
}

// errKilled is what a killed process does next.
var errKilled = errors.New("killed")

// life opens the vault for as long as do works, or until the process is killed in front
// of the n-th thing that lasts; n < 0 lets it live.
func life(t *testing.T, home string, ring keeper, passphrase string, n int, do func(v *vault.Vault) error) (err error) {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	must(t, err)
	defer func() {
		if v := recover(); v != nil {
			err = errKilled
		}
		must(t, s.Close())
	}()
	at := func() {
		if n == 0 {
			panic(errKilled)
		}
		n--
	}
	o := vault.Options{Keyring: ring, Passphrase: func(context.Context) (string, error) { return passphrase, nil }}
	v, err := vault.Open(home, s, o.Swift().At(at))
	if err != nil {
		return err
	}
	return do(v)
}

func TestAKeyThatMovesOpensAsBeforeOrAsWantedWheneverTheProcessIsKilled(t *testing.T) {
	secrets := map[string]string{"a": "s3cr3t-a", "b": "s3cr3t-b"}
	readAll := func(v *vault.Vault) error {
		for ref, plain := range secrets {
			if is, err := v.Get(context.Background(), ref); err != nil || is != plain {
				return fmt.Errorf("%s is %q: %w", ref, is, errors.Join(err, errors.New("another")))
			}
		}
		return nil
	}
	for _, c := range changes() {
		t.Run(c.name, func(t *testing.T) {
			for n := 0; ; n++ {
				home, ring := t.TempDir(), keeper{}
				must(t, life(t, home, ring, c.old, -1, func(v *vault.Vault) error {
					must(t, v.Protect(t.Context(), c.from, c.old))
					for ref, plain := range secrets {
						must(t, v.Put(t.Context(), ref, plain))
					}
					return nil
				}))
				err := life(t, home, ring, c.old, n, func(v *vault.Vault) error { return c.carryOut(t.Context(), v) })
				if err != nil && !errors.Is(err, errKilled) {
					t.Fatalf("the change ended with %v", err)
				}
				old := life(t, home, ring, c.old, -1, readAll)
				if old != nil {
					must(t, life(t, home, ring, c.next, -1, readAll))
				}
				left := keysAt(t, home, ring)
				if len(left) != 1 {
					t.Errorf("killed at %d, the next start leaves the keys %v", n, left)
				}
				if err == nil {
					if n < 3 {
						t.Errorf("it was killed at %d moments only", n)
					}
					if c.old != c.next && c.from == c.to && old == nil {
						t.Error("the old passphrase still opens it")
					}
					return
				}
			}
		})
	}
}

// keysAt lists where there are keys.
func keysAt(t *testing.T, home string, ring keeper) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(home, "vault.*"))
	must(t, err)
	for name := range ring {
		all = append(all, "keyring "+name)
	}
	return all
}

func TestTheFirstKeyGoesIntoAKeyringThatServes(t *testing.T) {
	for _, test := range []struct {
		name string
		ring vault.Keyring
		want flow.Protection
	}{
		{name: "one that serves", ring: keeper{}, want: flow.ByKeyring},
		{name: "none", want: flow.ByFile},
		{name: "one that is locked", ring: lockedKeeper{}, want: flow.ByFile},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			s, err := store.Open(home, store.Options{})
			must(t, err)
			defer s.Close()
			v, err := vault.Open(home, s, vault.Options{Keyring: test.ring})
			must(t, err)
			must(t, v.Put(t.Context(), "a", "x"))
			is, err := v.Standing(t.Context())
			if err != nil || is.By != test.want || is.Secrets != 1 || is.Locked {
				t.Errorf("it stands as %+v, %v", is, err)
			}
		})
	}
}

type lockedKeeper struct{ keeper }

func (lockedKeeper) Set(string, string) error {
	return errors.New("failed to unlock correct collection")
}

func TestALockedVaultSaysSoUntilItIsUnlocked(t *testing.T) {
	home, ring := t.TempDir(), keeper{}
	must(t, life(t, home, ring, "", -1, func(v *vault.Vault) error {
		return errors.Join(v.Protect(t.Context(), flow.ByPassphrase, "right"), v.Put(t.Context(), "a", "s3cr3t"))
	}))
	must(t, life(t, home, ring, "", -1, func(v *vault.Vault) error {
		_, err := v.Get(t.Context(), "a")
		wantCode(t, err, vault.Locked)
		wantCode(t, v.Put(t.Context(), "b", "x"), vault.Locked)
		wantCode(t, v.Protect(t.Context(), flow.ByFile, ""), vault.Locked)
		wantCode(t, v.Rotate(t.Context(), "wrong"), vault.Locked)
		wantCode(t, v.Unlock(t.Context(), "wrong"), vault.Locked)
		if is, _ := v.Standing(t.Context()); !is.Locked {
			t.Error("it does not say that it is locked")
		}
		must(t, v.Unlock(t.Context(), "right"))
		if is, err := v.Get(t.Context(), "a"); err != nil || is != "s3cr3t" {
			t.Errorf("unlocked, it gives %q, %v", is, err)
		}
		wantCode(t, v.Rotate(t.Context(), "wrong"), vault.Locked)
		return nil
	}))
}

func wantCode(t *testing.T, err error, code flow.Code) {
	t.Helper()
	if p, ok := errors.AsType[flow.Problem](err); !ok || p.Code != code || p.Fix == "" {
		t.Errorf("it gave %v, wanted is a problem %q with a way out", err, code)
	}
}

func TestThePassphraseIsAskedForOnceAndOnlyWhenItIsNeeded(t *testing.T) {
	home := t.TempDir()
	must(t, life(t, home, keeper{}, "", -1, func(v *vault.Vault) error {
		return errors.Join(v.Protect(t.Context(), flow.ByPassphrase, "right"), v.Put(t.Context(), "a", "x"))
	}))
	s, err := store.Open(home, store.Options{})
	must(t, err)
	defer s.Close()
	asked := 0
	v, err := vault.Open(home, s, vault.Options{Passphrase: func(context.Context) (string, error) { asked++; return "right", nil }}.Swift())
	must(t, err)
	if _, err := v.Standing(t.Context()); err != nil || asked != 0 {
		t.Errorf("asked %d times for how it stands, %v", asked, err)
	}
	for range 3 {
		_, err := v.Get(t.Context(), "a")
		must(t, err)
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestOneSecretThatDoesNotOpenHoldsARotationBack(t *testing.T) {
	home := t.TempDir()
	v, s := open(t, home)
	must(t, v.Put(t.Context(), "good", "x"))
	must(t, s.PutSealed(t.Context(), "bad", []byte("nonsense of more than a few bytes, which nothing opens")))
	before, err := os.ReadFile(filepath.Join(home, vault.KeyFile))
	must(t, err)
	wantCode(t, v.Rotate(t.Context(), ""), vault.Sealed)
	good, bad, err := v.Check(t.Context())
	if good != 1 || !slices.Equal(bad, []string{"bad"}) || err != nil {
		t.Errorf("the check found %d good and %v, %v", good, bad, err)
	}
	after, err := os.ReadFile(filepath.Join(home, vault.KeyFile))
	if err != nil || string(after) != string(before) || len(keysAt(t, home, nil)) != 1 {
		t.Errorf("the key was changed, or one was left: %v, %v", keysAt(t, home, nil), err)
	}
	must(t, s.RemoveSealed(t.Context(), "bad"))
	must(t, v.Rotate(t.Context(), ""))
	if is, err := v.Get(t.Context(), "good"); err != nil || is != "x" {
		t.Errorf("behind the rotation it is %q, %v", is, err)
	}
}

func TestAForgottenPassphraseLosesTheSecretsAndNothingElse(t *testing.T) {
	home := t.TempDir()
	must(t, life(t, home, keeper{}, "", -1, func(v *vault.Vault) error {
		return errors.Join(v.Protect(t.Context(), flow.ByPassphrase, "lost"), v.Put(t.Context(), "a", "x"))
	}))
	must(t, life(t, home, keeper{}, "", -1, func(v *vault.Vault) error {
		must(t, v.Forget(t.Context(), flow.ByFile, ""))
		_, err := v.Get(t.Context(), "a")
		wantCode(t, err, vault.Sealed)
		must(t, v.Put(t.Context(), "a", "again"))
		is, err := v.Get(t.Context(), "a")
		if is != "again" {
			t.Errorf("entered again it is %q", is)
		}
		if left := keysAt(t, home, nil); len(left) != 1 || !strings.HasSuffix(left[0], vault.KeyFile) {
			t.Errorf("the keys are %v", left)
		}
		return err
	}))
}
