package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"jackfield/app"
	"jackfield/connectors"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

// pets is a document of a service with a list in pages and a way to add to it.
const pets = `openapi: 3.0.0
info: {title: Pets, version: '1'}
servers: [{url: %s}]
paths:
  /pets:
    get:
      operationId: %s
      parameters: [{name: offset, in: query, schema: {type: integer}}]
      responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, properties: {name: {type: string}}}}}}}}
  /owners:
    put:
      operationId: own
      requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {'200': {description: taken, content: {application/json: {schema: {type: object}}}}}
`

// library opens a door over a library of connectors.
func library(t *testing.T) (*app.Local, string) {
	home := t.TempDir()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ops := connectors.Open(home)
	local := app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: ops, Home: home})
	t.Cleanup(func() {
		if err := errors.Join(local.Close(t.Context()), ops.Close(), st.Close()); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Error(err)
		}
	})
	return local, home
}

func TestAFlowUsesAConnectorThatIsAFile(t *testing.T) {
	var owned []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodPut:
			owned = append(owned, r.URL.Path)
			_, _ = w.Write([]byte(`{"ok": true}`))
		case r.URL.Query().Get("offset") == "":
			_, _ = w.Write([]byte(`[{"name": "Rex"}, {"name": "Tom"}]`))
		case r.URL.Query().Get("offset") == "2":
			_, _ = w.Write([]byte(`[{"name": "Pia"}, {"name": 5}]`))
		default:
			_, _ = w.Write([]byte(`[]`))
		}
	}))
	defer server.Close()
	local, home := library(t)
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "pets.yaml")
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(file, fmt.Sprintf(pets, server.URL, "list"))
	added, err := local.AddConnector(ctx, file, "")
	if err != nil || added.Connector != "pets" || added.Ops != 2 {
		t.Fatalf("%+v, %v", added, err)
	}
	run := func(list flow.OpID) flow.Run {
		t.Helper()
		f, err := local.Save(ctx, flow.Flow{Name: "Pets", ID: "pets", Steps: []flow.Step{
			{ID: "all", Uses: list}, {ID: "own", Uses: "pets.own", Map: "{body: {name}}"},
		}, Edges: []flow.Edge{{From: "all", To: "own"}}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := local.Start(ctx, app.Start{Flow: f.ID})
		if err != nil {
			t.Fatal(err)
		}
		r, err := local.Wait(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run("pets.list"); r.State != flow.RunPartial || len(owned) != 3 {
		t.Errorf("the run ended %s, %d were taken: the one whose name is a number does not fit", r.State, len(owned))
	}
	put(filepath.Join(home, "connectors", "pets.yaml"), fmt.Sprintf(pets, server.URL, "every_one"))
	if all, err := local.DescribedConnectors(ctx); err != nil || len(all) != 1 || all[0].Problems != nil {
		t.Errorf("%+v, %v", all, err)
	}
	if r := run("pets.every_one"); r.State != flow.RunPartial || len(owned) != 6 {
		t.Errorf("with the file as it is now the run ended %s, %d were taken", r.State, len(owned))
	}
	if problems := local.Check(ctx, flow.Flow{Name: "Old", Steps: []flow.Step{{ID: "all", Uses: "pets.list"}}}); len(problems) == 0 {
		t.Error("what is gone is still there")
	}
	if err := local.RemoveConnector(ctx, "pets"); err != nil {
		t.Error(err)
	}
	if set, err := local.Connectors(ctx); err != nil || has(set, "pets") || !has(set, "core") {
		t.Errorf("%v", err)
	}
	put(file, "openapi: 3.0.0\npaths: [")
	_, err = local.AddConnector(ctx, file, "")
	if problems, ok := errors.AsType[app.Problems](err); !ok || problems[0].Line == 0 || !strings.Contains(problems[0].What, "cannot be used") {
		t.Errorf("got %v", err)
	}
}

func has(set kit.Set, id string) bool { _, ok := set.Connector(id); return ok }

// changing is a shelf whose set is another one each time it is asked.
type changing struct{ kit.Shelf }

func (changing) Now() kit.Set { return kit.Set{{ID: "a"}} }

func TestThoseWhoWatchHearOfConnectors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := t.TempDir()
		st, err := store.Open(home, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		local := app.New(app.Options{Store: st, History: st, Ops: changing{}, Home: home})
		for e := range local.Watch(t.Context()) {
			if e.Kind == flow.ConnectorsChanged {
				break
			}
		}
		if err := errors.Join(local.Close(t.Context()), st.Close()); err != nil {
			t.Error(err)
		}
	})
}
