package app_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"jackfield/app"
	"jackfield/app/remote"
	"jackfield/connectors/core"
	web "jackfield/connectors/http"
	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth/authtest"
	"jackfield/flow"
	"jackfield/store"
	"jackfield/store/vault"
)

// gate is a home folder with a connection that people sign in to, and the service.
type gate struct {
	*app.Local
	t       *testing.T
	home    string
	service *authtest.Server
	url     string
	close   func()
}

func openGate(t *testing.T, home string) *gate {
	t.Helper()
	st, err := store.Open(home, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(home, st, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ops := kit.Set{core.New(), web.New()}
	g := &gate{t: t, home: home, Local: app.New(app.Options{Store: st, Vault: secrets, History: st, Ops: ops, Home: home})}
	var once sync.Once
	g.close = func() {
		once.Do(func() {
			if err := errors.Join(g.Close(context.Background()), ops.Close(), st.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(g.close)
	return g
}

// serve starts the service and stores a connection to it.
func (g *gate) serve(server *authtest.Server) {
	g.t.Helper()
	real := httptest.NewServer(server)
	g.t.Cleanup(real.Close)
	g.service, g.url = server, real.URL
	err := g.SaveConnection(g.t.Context(), flow.Connection{Name: "crm", Connector: "http", Values: flow.Values{
		"url": real.URL, "auth": "oauth2", "oauth_client_id": "app", "oauth_auth_url": real.URL + "/authorize", "oauth_token_url": real.URL + "/token",
	}})
	if err != nil {
		g.t.Fatal(err)
	}
	standing, err := g.Standing(g.t.Context(), "crm")
	if err != nil || !standing.Asks || standing.Redirect == "" {
		g.t.Fatalf("%+v, %v", standing, err)
	}
	server.Redirects = []string{standing.Redirect}
}

// signIn is a person with a browser before a door.
func (g *gate) signIn(door app.Service) kit.Standing {
	g.t.Helper()
	i, err := door.SignIn(g.t.Context(), "crm", "")
	if err != nil {
		g.t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() { visit(g.t, i.URL) })
	standing, err := door.AwaitSignIn(g.t.Context(), i.ID)
	work.Wait()
	if err != nil || !standing.SignedIn {
		g.t.Fatalf("%+v, %v; %v", standing, err, g.service.Problems())
	}
	return standing
}

func visit(t *testing.T, url string) {
	res, err := http.Get(url)
	if err != nil {
		t.Errorf("visit: %v", err)
		return
	}
	res.Body.Close()
}

func (g *gate) run() flow.Run {
	g.t.Helper()
	saved, err := g.Save(g.t.Context(), flow.Flow{
		ID: "ask", Name: "Ask", Steps: []flow.Step{
			{ID: "start", Uses: "core.manual", With: flow.Values{"items": []any{1, 2, 3, 4}}},
			{ID: "ask", Uses: "http.request", Connection: "crm", With: flow.Values{"path": "/me"}, Parallel: 4},
		}, Edges: []flow.Edge{{From: "start", To: "ask"}},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	id, err := g.Start(g.t.Context(), app.Start{Flow: saved.ID})
	if err != nil {
		g.t.Fatal(err)
	}
	r, err := g.Wait(g.t.Context(), id)
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

func (g *gate) problems(id flow.RunID) string {
	g.t.Helper()
	steps, err := g.StepRuns(g.t.Context(), id)
	if err != nil {
		g.t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range steps {
		for _, p := range s.Problems {
			all.WriteString(p.Error() + "\n")
		}
	}
	return all.String()
}

func TestPersonSignsInAndRunsGoOnWithoutThem(t *testing.T) {
	home := t.TempDir()
	g := openGate(t, home)
	g.serve(authtest.New())
	if r := g.run(); r.State != flow.RunFailed || !strings.Contains(g.problems(r.ID), "nobody has signed in yet") {
		t.Errorf("before: %s %s", r.State, g.problems(r.ID))
	}
	standing := g.signIn(g.Local)
	if standing.As != "ann@example.com" || !standing.Renews {
		t.Errorf("%+v", standing)
	}
	if r := g.run(); r.State != flow.RunDone {
		t.Errorf("after: %s %s", r.State, g.problems(r.ID))
	}
	g.service.EndAccess()
	if r := g.run(); r.State != flow.RunDone || g.service.Asked("refresh") != 1 {
		t.Errorf("once the token has ended: %s %s, renewed %d times", r.State, g.problems(r.ID), g.service.Asked("refresh"))
	}
	conns, err := g.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checks, err := found(g.TestConnection(t.Context(), conns[1]))
	if err != nil || len(checks) < 2 || !checks[len(checks)-1].OK {
		t.Fatalf("its test: %+v, %v", checks, err)
	}
	if c := checks[len(checks)-2]; c.Name != "Sign-in" || !strings.HasPrefix(c.What, "signed in as ann@example.com") {
		t.Errorf("its test says of the sign-in %+v", c)
	}

	g.close() // and in the next life of the program
	next := openGate(t, home)
	next.service, next.url = g.service, g.url
	if r := next.run(); r.State != flow.RunDone {
		t.Errorf("after a restart: %s %s", r.State, next.problems(r.ID))
	}
	g.service.Revoke()
	if r := next.run(); r.State != flow.RunFailed || !strings.Contains(next.problems(r.ID), "sign in again") {
		t.Errorf("once it was taken back: %s %s", r.State, next.problems(r.ID))
	}
	if standing, err := next.Standing(t.Context(), "crm"); err != nil || standing.Problem == nil {
		t.Errorf("%+v, %v", standing, err)
	}
	checks, err = found(next.TestConnection(t.Context(), conns[1]))
	if c := checks[len(checks)-1]; err != nil || c.Name != "Sign-in" || c.OK || !strings.HasPrefix(c.Fix, "sign in again") {
		t.Errorf("its test: %+v, %v", checks, err)
	}
}

func TestTokensAreInNoFileInClear(t *testing.T) {
	home := t.TempDir()
	g := openGate(t, home)
	g.serve(authtest.New())
	g.signIn(g.Local)
	g.run()
	g.service.EndAccess()
	g.run()
	g.close()
	given := g.service.Given()
	if len(given) < 5 { // a code, two access tokens, two refresh tokens
		t.Fatalf("only %d secrets were given", len(given))
	}
	err := filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range given {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a token or a code", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignInGoesThroughTheSocket(t *testing.T) {
	home := t.TempDir()
	g := openGate(t, home)
	g.serve(authtest.New())
	listening, err := remote.Listen(home, "1", g.Local)
	if err != nil {
		t.Fatal(err)
	}
	defer listening.Close(t.Context())
	c, err := remote.Dial(t.Context(), remote.Options{Home: home, Version: "1", Role: remote.Command})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if standing := g.signIn(c); standing.As != "ann@example.com" {
		t.Errorf("%+v", standing)
	}
	g.service.Refuse("access_denied")
	i, err := c.SignIn(t.Context(), "crm", kit.ByBrowser)
	if err != nil {
		t.Fatal(err)
	}
	visited := make(chan struct{})
	go func() { defer close(visited); visit(t, i.URL) }()
	_, err = c.AwaitSignIn(t.Context(), i.ID)
	<-visited
	if f := kit.AsFailure(err); f.Kind != kit.Denied || !strings.Contains(f.What, "the person said no") || f.Fix == "" {
		t.Errorf("refused: %+v", f)
	}
	if err := c.SignOut(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	if standing, err := c.Standing(t.Context(), "crm"); err != nil || standing.SignedIn || !standing.Asks {
		t.Errorf("signed out: %+v, %v", standing, err)
	}
}

func TestSignInByPastingTheAddress(t *testing.T) {
	g := openGate(t, t.TempDir())
	g.serve(authtest.New())
	i, err := g.SignIn(t.Context(), "crm", kit.ByPaste)
	if err != nil || i.Way != kit.ByPaste {
		t.Fatalf("%+v, %v", i, err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.Get(i.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if err := g.PasteSignIn(t.Context(), i.ID, res.Header.Get("Location")); err != nil {
		t.Fatal(err)
	}
	if standing, err := g.AwaitSignIn(t.Context(), i.ID); err != nil || !standing.SignedIn {
		t.Errorf("%+v, %v", standing, err)
	}
	if err := g.PasteSignIn(t.Context(), "another", "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("into one that is not: %v", err)
	}
}

func TestSecondSignInEndsTheFirst(t *testing.T) {
	g := openGate(t, t.TempDir())
	g.serve(authtest.New())
	first, err := g.SignIn(t.Context(), "crm", "")
	if err != nil {
		t.Fatal(err)
	}
	g.signIn(g.Local)
	if _, err := g.AwaitSignIn(t.Context(), first.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the first one: %v", err)
	}
	third, err := g.SignIn(t.Context(), "crm", "")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.AwaitSignIn(gone, third.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("who goes away: %v", err)
	}
}

func TestConnectionsThatNobodySignsInTo(t *testing.T) {
	g := openGate(t, t.TempDir())
	if standing, err := g.Standing(t.Context(), "demo"); err != nil || standing.Asks {
		t.Errorf("%+v, %v", standing, err)
	}
	if _, err := g.SignIn(t.Context(), "demo", ""); kit.AsFailure(err).Kind != kit.Invalid {
		t.Errorf("signing in to it: %v", err)
	}
	if _, err := g.SignIn(t.Context(), "gone", ""); kit.AsFailure(err).Kind != kit.Missing {
		t.Errorf("one that is not there: %v", err)
	}
	bare := flow.Connection{Name: "bare", Connector: "http", Values: flow.Values{"url": "https://example.com", "auth": "oauth2"}}
	if err := g.SaveConnection(t.Context(), bare); err != nil {
		t.Fatal(err)
	}
	var problems app.Problems
	if _, err := g.SignIn(t.Context(), "bare", ""); !errors.As(err, &problems) || len(problems) != 3 {
		t.Errorf("one without addresses: %v", err)
	}
}

func TestRemovedConnectionTakesItsTokensAlong(t *testing.T) {
	g := openGate(t, t.TempDir())
	g.serve(authtest.New())
	g.signIn(g.Local)
	conn, err := g.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := g.RemoveConnection(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	if err := g.SaveConnection(t.Context(), conn[1]); err != nil {
		t.Fatal(err)
	}
	if standing, err := g.Standing(t.Context(), "crm"); err != nil || standing.SignedIn {
		t.Errorf("a new one of the same name: %+v, %v", standing, err)
	}
}
