package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, home string) (*vault.Vault, *store.Store) {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	v, err := vault.Open(home, s, vault.Options{})
	must(t, err)
	return v, s
}

func TestASecretOutlivesTheProcessAndIsNowhereInPlain(t *testing.T) {
	home := t.TempDir()
	secrets := map[string]string{"a/token": "s3cr3t-of-a", "b/token": "", "c/binary": "\x00\xff\xfe"}
	v, s := open(t, home)
	if _, err := os.Stat(filepath.Join(home, vault.KeyFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("there is a key before there is a secret")
	}
	for ref, plain := range secrets {
		must(t, v.Put(t.Context(), ref, plain))
	}
	must(t, v.Put(t.Context(), "a/token", "s3cr3t-of-a"))
	must(t, s.Close())

	v, _ = open(t, home)
	for ref, plain := range secrets {
		if is, err := v.Get(t.Context(), ref); err != nil || is != plain {
			t.Errorf("%s is %q, %v", ref, is, err)
		}
	}
	must(t, filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		file, err := os.ReadFile(path)
		if bytes.Contains(file, []byte("s3cr3t")) {
			t.Errorf("%s holds the secret in plain", path)
		}
		return err
	}))
	must(t, v.Remove(t.Context(), "a/token"))
	must(t, v.Remove(t.Context(), "a/token"))
	if _, err := v.Get(t.Context(), "a/token"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a removed secret gave %v", err)
	}
}

func TestTheKeyIsForItsOwnerAlone(t *testing.T) {
	home := t.TempDir()
	v, s := open(t, home)
	must(t, v.Put(t.Context(), "a", "x"))
	must(t, s.Close())
	path := filepath.Join(home, vault.KeyFile)
	for range 2 {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode() != 0o600 || info.Size() != 32 {
			t.Errorf("the key has mode %v and %d bytes", info.Mode(), info.Size())
		}
		must(t, os.Chmod(path, 0o644)) // as a careless copy does
		_, s := open(t, home)
		must(t, s.Close())
	}
}

func TestSecretsWithoutTheirKeySayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name string
		key  []byte // nil for none
		says string
	}{
		{name: "missing", says: "vault.key is missing"},
		{name: "another", key: bytes.Repeat([]byte{7}, 32), says: "vault.key does not fit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			v, s := open(t, home)
			must(t, v.Put(t.Context(), "crm/token", "s3cr3t"))
			must(t, s.Close())
			path := filepath.Join(home, vault.KeyFile)
			right, err := os.ReadFile(path)
			must(t, err)
			must(t, os.Remove(path))
			if test.key != nil {
				must(t, os.WriteFile(path, test.key, 0o600))
			}

			v, s = open(t, home)
			_, err = v.Get(t.Context(), "crm/token")
			var seen flow.Problem
			if !errors.As(err, &seen) || !strings.Contains(seen.What, test.says) || !strings.Contains(seen.What, "crm/token") || seen.Fix == "" {
				t.Errorf("Get gave %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Error("the error tells the secret")
			}
			must(t, v.Put(t.Context(), "crm/token", "entered again"))
			if is, err := v.Get(t.Context(), "crm/token"); err != nil || is != "entered again" {
				t.Errorf("the secret entered again is %q, %v", is, err)
			}
			must(t, s.Close())

			must(t, os.WriteFile(path, right, 0o600))
			v, _ = open(t, home)
			if _, err := v.Get(t.Context(), "crm/token"); !errors.As(err, &seen) {
				t.Errorf("a secret sealed with another key gave %v", err)
			}
		})
	}
}

func TestAKeyFileThatIsNoKeyIsNeverWrittenOver(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, vault.KeyFile)
	must(t, os.WriteFile(path, []byte("no key\n"), 0o600))
	s, err := store.Open(home, store.Options{})
	must(t, err)
	defer s.Close()
	_, err = vault.Open(home, s, vault.Options{})
	var seen flow.Problem
	if !errors.As(err, &seen) || seen.File != path {
		t.Errorf("Open gave %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "no key\n" {
		t.Errorf("the file is now %q, %v", text, err)
	}
}

func TestASealedSecretDoesNotOpenUnderAnotherReference(t *testing.T) {
	v, s := open(t, t.TempDir())
	must(t, v.Put(t.Context(), "a", "x"))
	must(t, v.Put(t.Context(), "a2", "x"))
	sealed, err := s.Sealed(t.Context(), "a")
	must(t, err)
	again, err := s.Sealed(t.Context(), "a2")
	must(t, err)
	if bytes.Equal(sealed, again) {
		t.Error("equal secrets are sealed alike")
	}
	must(t, s.PutSealed(t.Context(), "b", sealed))
	var seen flow.Problem
	if _, err := v.Get(t.Context(), "b"); !errors.As(err, &seen) {
		t.Errorf("a secret that was moved gave %v", err)
	}
	sealed[len(sealed)-1] ^= 1
	must(t, s.PutSealed(t.Context(), "a", sealed))
	if _, err := v.Get(t.Context(), "a"); !errors.As(err, &seen) {
		t.Errorf("a secret that was changed gave %v", err)
	}
}

func TestManyFirstSecretsMakeOneKey(t *testing.T) {
	v, _ := open(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range 20 {
		ref := string(rune('a' + i))
		wg.Go(func() {
			if err := v.Put(t.Context(), ref, ref); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		ref := string(rune('a' + i))
		if is, err := v.Get(t.Context(), ref); err != nil || is != ref {
			t.Errorf("%s is %q, %v", ref, is, err)
		}
	}
}
