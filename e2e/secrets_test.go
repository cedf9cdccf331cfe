package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestALockedVaultHoldsRunsBackUntilItIsUnlocked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	p, f := newProgram(t), newFolder(t)
	p.feed(secret+"\n", "connections", "add", "acme", "http", "url="+server.URL, "auth=bearer", "token=-").want(t, 0)
	p.feed("open sesame\n", "secrets", "protect", "passphrase").want(t, 0).says(t, "which a passphrase opens")
	if left, _ := filepath.Glob(filepath.Join(p.home, "vault.*")); len(left) != 1 || filepath.Base(left[0]) != "vault.age" {
		t.Errorf("the keys are %v", left)
	}
	file := f.put("ask.flow.yaml", `jackfield: 1
name: Ask
steps:
  - {id: ask, uses: http.request, connection: acme, with: {path: /}}
`)
	p.run("secrets", "status").want(t, 0).says(t, "the vault is locked")
	p.run("run", file).want(t, 2).says(t, "the vault is locked, so no secret can be read", "JACKFIELD_PASSPHRASE_FILE")
	p.feed("wrong\n", "secrets", "unlock").want(t, 1).says(t, "the passphrase does not open the vault")

	served := p.begin("serve")
	served.until("nothing starts by itself before the vault is unlocked")
	p.run("run", file).want(t, 2).says(t, "the vault is locked")
	p.feed("open sesame\n", "secrets", "unlock").want(t, 0).says(t, "the vault is open")
	served.until("no flow is enabled")
	p.run("run", file).want(t, 0)
	p.feed("open sesame\n", "secrets", "rotate").want(t, 0).says(t, "1 secret is sealed anew")
	equal(t, "exit code", served.end(syscall.SIGTERM), 0)

	word := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(word, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.env = []string{"JACKFIELD_PASSPHRASE_FILE=" + word}
	p.run("run", file).want(t, 0)
	p.run("secrets", "protect", "file").want(t, 0)
	p.env = nil
	p.run("run", file).want(t, 0)
	p.hidesInFiles("open sesame")
}
