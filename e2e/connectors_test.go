package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// books is what a person has: the document of a service, a flow that uses it, and a
// connection made of a command line of cURL.
const (
	books = `openapi: 3.1.0
info: {title: Town library, version: '1'}
servers: [{url: %s}]
security: [{key: []}]
paths:
  /books:
    get:
      operationId: listBooks
      parameters: [{name: page, in: query, schema: {type: integer}}]
      responses: {'200': {description: a page, content: {application/json: {schema: {type: object, properties: {books: {type: array, items: {type: object, properties: {title: {type: string}}}}}}}}}}
  /loans/{title}:
    put:
      operationId: lend
      parameters: [{name: title, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [to], properties: {to: {type: string}}}}}}
      responses: {'200': {description: lent, content: {application/json: {schema: {type: object}}}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Library-Key}}}
`
	lending = `jackfield: 1
name: Lending
steps:
  - id: books
    uses: library.list_books
    connection: town
  - id: lend
    uses: library.lend
    connection: town
    map: '{title, body: {to: "Ada"}}'
edges:
  - books -> lend
`
)

func TestAnOpenAPIDocumentIsAConnectorOfTheProgram(t *testing.T) {
	var lent []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("X-Library-Key") != "canary-key":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodPut:
			lent = append(lent, r.URL.EscapedPath())
			_, _ = w.Write([]byte(`{"ok": true}`))
		case r.URL.Query().Get("page") == "1":
			_, _ = w.Write([]byte(`{"books": [{"title": "Emma"}, {"title": "Felix Holt"}]}`))
		case r.URL.Query().Get("page") == "2":
			_, _ = w.Write([]byte(`{"books": [{"title": "Middlemarch"}]}`))
		default:
			_, _ = w.Write([]byte(`{"books": []}`))
		}
	}))
	defer server.Close()
	p := newProgram(t)
	folder := t.TempDir()
	document, file := filepath.Join(folder, "Library.yaml"), filepath.Join(folder, "lending.flow.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(document, fmt.Sprintf(books, server.URL))
	write(file, lending)
	if r := p.run("connectors", "add", document); r.code != 0 || !strings.Contains(r.out, "added connector library with 2 operations: Town library") {
		t.Fatalf("add: %+v", r)
	}
	cmd := p.command("connections", "add", "town", "library", "--paste")
	cmd.Stdin = strings.NewReader("curl '" + server.URL + "/books' -H 'X-Library-Key: canary-key'")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r := p.run("connections", "test", "town"); r.code != 0 || !strings.Contains(r.out, "Request") {
		t.Errorf("test: %+v", r)
	}
	if r := p.run("check", file); r.code != 0 {
		t.Errorf("check: %+v", r)
	}
	if r := p.run("run", file); r.code != 0 || strings.Join(lent, " ") != "/loans/Emma /loans/Felix%20Holt /loans/Middlemarch" {
		t.Errorf("run: %+v, lent %v", r, lent)
	}
	for _, args := range [][]string{{"connectors", "files"}, {"connections", "ls"}, {"runs", "logs", "last"}} {
		if r := p.run(args...); r.code != 0 || strings.Contains(r.out+r.err, "canary-key") {
			t.Errorf("%v: %+v", args, r)
		}
	}
	placed := filepath.Join(p.home, "connectors", "library.yaml")
	write(placed, "openapi: 3.1.0\npaths: [")
	var files []struct {
		Connector string
		Problems  []struct{ Line int }
	}
	if r := p.run("connectors", "files", "--json"); json.Unmarshal([]byte(r.out), &files) != nil || len(files) != 1 || len(files[0].Problems) != 1 || files[0].Problems[0].Line == 0 {
		t.Errorf("a broken file: %+v", r)
	}
	if r := p.run("check", file); r.code != 2 || !strings.Contains(r.out+r.err, "library.list_books") {
		t.Errorf("a flow without its connector: %+v", r)
	}
	if r := p.run("connectors", "rm", "library"); r.code != 0 {
		t.Errorf("rm: %+v", r)
	}
	if _, err := os.Stat(placed); err == nil {
		t.Error("the file is still there")
	}
}
