package connectors

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

const document = `openapi: 3.0.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: list
      responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object}}}}}}
`

// opened is a library of a new home folder with these files among its connectors.
func opened(t *testing.T, files map[string]string) (*Library, string) {
	home := t.TempDir()
	folder := filepath.Join(home, "connectors")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		put(t, filepath.Join(folder, name), text)
	}
	l := Open(home)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, folder
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func has(s kit.Set, id string) bool { _, _, ok := s.Op(flow.OpID(id)); return ok }

func TestFilesInTheHomeFolderAreConnectors(t *testing.T) {
	l, folder := opened(t, map[string]string{
		"pets.yaml": document, "broken.json": `{"openapi": "3.0.0", "paths": }`, "notes.yaml": "milk: 2\n", "pets2.overlay.yaml": "title: x\n", "readme.txt": "hello",
	})
	if !has(l.Now(), "pets.list") || !has(l.Now(), "http.request") {
		t.Errorf("there are %v", l.Now().OpIDs())
	}
	var told []string
	for _, d := range l.Described() {
		line := filepath.Base(d.Path) + " " + d.Kind + " " + d.Connector
		for _, p := range d.Problems {
			line += ": " + p.What
			if filepath.Base(d.Path) == "broken.json" && (p.Line != 1 || p.Column != 31) {
				t.Errorf("the place of the problem is %d:%d", p.Line, p.Column)
			}
		}
		told = append(told, line)
	}
	want := "broken.json OpenAPI document : this is no JSON: invalid character '}' looking for beginning of value\n" +
		"notes.yaml  : notes.yaml describes no connector\npets.yaml OpenAPI document pets"
	if got := strings.Join(told, "\n"); got != want {
		t.Errorf("files:\n%s\nwant:\n%s", got, want)
	}
	_ = folder
}

func TestManifestsInTheHomeFolderAreConnectors(t *testing.T) {
	l, folder := opened(t, map[string]string{
		"shop.yaml": "manifest: 1\nprovider: {url: 'https://shop.example'}\nstreams: {orders: {path: /orders}}\n",
		"desk.yaml": "type: DeclarativeSource\nstreams:\n- type: DeclarativeStream\n  name: tickets\n  retriever: {type: SimpleRetriever, requester: {type: HttpRequester, url_base: 'https://desk.example', path: t}, record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}}\n",
		"bad.yaml":  "manifest: 1\nprovider: {url: 'https://shop.example'}\nstreams: {orders: {paht: /orders}}\n",
	})
	if !has(l.Now(), "shop.orders") || !has(l.Now(), "desk.tickets") {
		t.Errorf("operations: %v", l.Now().OpIDs())
	}
	d := l.Described()
	if p := d[0].Problems; len(p) == 0 || p[0].Line != 3 || p[0].Column != 20 || p[0].Fix != `did you mean "path"?` || d[2].Kind != "Jackfield manifest" {
		t.Errorf("described: %+v", d)
	}
	put(t, filepath.Join(folder, "bad.yaml"), "manifest: 1\nprovider: {url: 'https://shop.example'}\nstreams: {orders: {path: /orders}}\n")
	l.Look()
	if !has(l.Now(), "bad.orders") {
		t.Error("a manifest that was mended is not read anew")
	}
}

func TestAConnectorIsMadeFromAnExampleRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") != "canary" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`[{"id": 1, "name": "Rex"}]`))
	}))
	defer server.Close()
	l, folder := opened(t, nil)
	d, err := l.Add(t.Context(), "curl "+server.URL+"/v1/pets -H 'X-Api-Key: canary'", "Zoo")
	if err != nil || d.Connector != "zoo" || d.Path != filepath.Join(folder, "zoo.yaml") || !has(l.Now(), "zoo.pets") {
		t.Errorf("%+v, %v", d, err)
	}
	if text, err := os.ReadFile(d.Path); err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("%s, %v", text, err)
	}
	for _, bad := range []string{"curl ", "curl " + server.URL + "/v1/pets"} {
		if d, err := l.Add(t.Context(), bad, "other"); err == nil {
			t.Errorf("%s made %+v", bad, d)
		}
	}
}

func TestAFileThatChangesIsReadAnew(t *testing.T) {
	l, folder := opened(t, nil)
	first := l.Now()
	l.Look()
	if same := l.Now(); &same[0] != &first[0] {
		t.Error("nothing has changed, but the set is another one")
	}
	put(t, filepath.Join(folder, "pets.yaml"), document)
	l.Look()
	second := l.Now()
	if !has(second, "pets.list") || has(first, "pets.list") {
		t.Error("a new file is not seen, or an old set has changed")
	}
	put(t, filepath.Join(folder, "pets.overlay.yaml"), "operations:\n  list: {name: all_of_them}\n")
	l.Look()
	if !has(l.Now(), "pets.all_of_them") {
		t.Errorf("a new overlay is not seen: %v", l.Now().OpIDs())
	}
	put(t, filepath.Join(folder, "pets.yaml"), "openapi: 3.0.0\npaths: [")
	l.Look()
	if has(l.Now(), "pets.all_of_them") || !has(l.Now(), "core.map") || len(l.Described()[0].Problems) != 1 {
		t.Errorf("a file that is broken now: %v", l.Described())
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	l.Look()
	if len(l.Now()) != len(first) || len(l.Described()) != 0 {
		t.Error("what is gone is still there")
	}
}

func TestOfTwoFilesWithOneNameTheFirstCounts(t *testing.T) {
	l, folder := opened(t, map[string]string{"http.yaml": document, "pets.json": "", "pets.yaml": document, "pets.yml": document})
	taken := 0
	for _, d := range l.Described() {
		for _, p := range d.Problems {
			if p.Code == "taken" && p.Fix != "" && d.Connector == "" {
				taken++
			}
		}
	}
	if taken != 2 {
		t.Errorf("files: %+v", l.Described())
	}
	if err := os.Remove(filepath.Join(folder, "pets.yaml")); err != nil {
		t.Fatal(err)
	}
	if d := l.Described(); !has(l.Now(), "pets.list") || d[len(d)-1].Problems != nil {
		t.Errorf("the other one does not take its place: %+v", d)
	}
}

func TestConnectorsAreAddedAndRemoved(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "wsdl" {
			http.ServeFile(w, r, "soap/testdata/shop.wsdl")
			return
		}
		if r.URL.Path != "/animals/openapi.yaml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(document))
	}))
	defer server.Close()
	l, folder := opened(t, nil)
	elsewhere := t.TempDir()
	file := filepath.Join(elsewhere, "My Pets.yaml")
	put(t, file, document)
	bad := filepath.Join(elsewhere, "bad.yaml")
	put(t, bad, "openapi: 3.0.0\npaths: [")
	for _, tt := range []struct {
		name, from, as string
		want           string
		says           string
	}{
		{"a file", file, "", "mypets", ""},
		{"a file by another name", file, "Zoo", "zoo", ""},
		{"an address", server.URL + "/animals/openapi.yaml", "animals", "animals", ""},
		{"a description of SOAP", server.URL + "/service?wsdl", "service", "service", "common.xsd"},
		{"an address where nothing is", server.URL + "/gone.yaml", "gone", "", "404"},
		{"an address of a cloud", "http://169.254.169.254/x.yaml", "x", "", "link-local"},
		{"a file that is not there", filepath.Join(elsewhere, "none.yaml"), "", "", "no such file"},
		{"one that is built in", file, "http", "", `"http" does not serve`},
		{"one that does not read", bad, "", "", "cannot be used"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := l.Add(t.Context(), tt.from, tt.as)
			says := ""
			if err != nil {
				says = err.Error()
			}
			for _, p := range d.Problems {
				says += p.What
			}
			if d.Connector != tt.want || !strings.Contains(says, tt.says) || tt.want != "" && !has(l.Now(), tt.want+".list") && !has(l.Now(), tt.want+".ping") {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := l.Add(t.Context(), file, "zoo"); err != nil {
		t.Error("an old one is not replaced:", err)
	}
	if err := l.Remove("zoo"); err != nil || has(l.Now(), "zoo.list") {
		t.Errorf("it is still there: %v", err)
	}
	for _, id := range []string{"zoo", "http"} {
		if err := l.Remove(id); err == nil {
			t.Errorf("%s is removed", id)
		}
	}
}

func TestNamesOfConnectors(t *testing.T) {
	for from, want := range map[string]string{
		"/tmp/Pet Store.openapi.yaml": "petstore", "https://api.shop.example/v1/openapi.json": "shop", "https://www.example.org/docs/pets.yaml": "pets",
		"https://petstore.example": "petstore", "2fa.yaml": "fa", "ü": "",
	} {
		if got := IDFrom(from); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
}
