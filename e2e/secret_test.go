package e2e

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const secret = "s3cret-token-of-acme"

func TestSecretsReachTheServiceAndNothingElse(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent <- r.Header.Get("Authorization")
		fmt.Fprint(w, `{"ok": true}`)
	}))
	defer server.Close()
	p, f := newProgram(t), newFolder(t)
	p.run("connections", "add", "acme", "http", "url="+server.URL, "auth=bearer", "token="+secret).want(t, 2).
		says(t, `"token" is a secret; write token=- and give it on standard input`)
	p.feed(secret+"\n", "connections", "add", "acme", "http", "url="+server.URL, "auth=bearer", "token=-").want(t, 0)
	p.run("connections", "test", "acme").want(t, 0).says(t, "✓ Request")
	equal(t, "header of the test", <-sent, "Bearer "+secret)
	file := f.put("ask.flow.yaml", `jackfield: 1
name: Ask
steps:
  - {id: ask, uses: http.request, connection: acme, with: {path: /}}
`)
	p.run("run", file).want(t, 0)
	equal(t, "header of the run", <-sent, "Bearer "+secret)

	for _, args := range []string{
		"connections ls", "connections ls --json", "runs show last", "runs show last --json", "runs logs last --json",
		"runs records last ask --json", "flows show ask --json", "connections test acme --json",
	} {
		p.run(strings.Fields(args)...).want(t, 0).hides(t, secret)
	}
	p.hidesInFiles(secret)
	p.run("connections", "rm", "acme").want(t, 0).says(t, "removed connection acme")
	equal(t, "what a run without the connection says", p.run("run", file).want(t, 2).err,
		file+`:4:47: step "ask", field "connection": there is no connection "acme" on this machine; add it under Connections or with jackfield connections add, or let another serve for it with jackfield connections bind`+"\n")
	p.run("connections", "test", "acme").want(t, 2).says(t, `there is no connection "acme"; jackfield connections ls lists them`)
}

// hidesInFiles fails the test where a text stands in a file of the home folder.
func (p *program) hidesInFiles(text string) {
	p.t.Helper()
	looked := 0
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if looked++; strings.Contains(string(content), text) {
			p.t.Errorf("the secret stands in %s", path)
		}
		return err
	})
	if err != nil || looked < 2 {
		p.t.Errorf("looked into %d files: %v", looked, err)
	}
}
