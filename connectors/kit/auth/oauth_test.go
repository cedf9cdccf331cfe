package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/auth/authtest"
	"jackfield/flow"
)

// disk is where tokens are kept. What it has survives the program; full refuses to write.
type disk struct {
	mu    sync.Mutex
	all   map[string]kit.Secret
	full  bool
	saves int
}

func (d *disk) LoadToken(_ context.Context, name string) (kit.Secret, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[name], nil
}

func (d *disk) SaveToken(_ context.Context, name string, token kit.Secret) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return kit.Fail(kit.Full, "no room")
	}
	if d.all == nil {
		d.all = map[string]kit.Secret{}
	}
	d.all[name] = token
	d.saves++
	return nil
}

func (d *disk) setFull(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// oauth is an access to a server that is asked without a network.
func oauth(t *testing.T, server *authtest.Server, grant string, more flow.Values) *auth.Access {
	t.Helper()
	a := with(t, flow.Values{
		"auth": "oauth2", "oauth_grant": grant, "oauth_client_id": "app", "oauth_auth_url": "https://login.test/authorize",
		"oauth_token_url": "https://login.test/token", "oauth_device_url": "https://login.test/device",
	})
	if problems := a.Fields().Bind("", more); len(problems) > 0 {
		t.Fatal(problems)
	}
	a.Through(server)
	return a
}

// signedIn is an access that somebody has signed in to, and where its tokens are. The
// person pastes the address, so that no network is needed.
func signedIn(t *testing.T, server *authtest.Server, more flow.Values) (*auth.Access, *disk) {
	t.Helper()
	server.Redirects = []string{"https://elsewhere.test/done"}
	a := oauth(t, server, auth.CodeGrant, flow.Values{"oauth_redirects": []any{"https://elsewhere.test/done"}})
	a.Fields().Bind("", more)
	d := &disk{}
	tokens := kit.NewTokens(d)
	if err := signInByPaste(t, a, server, kit.Env{Tokens: tokens}); err != nil {
		t.Fatal(err)
	}
	tokens.Wait()
	return a, d
}

func signInByPaste(t *testing.T, a *auth.Access, server *authtest.Server, env kit.Env) error {
	t.Helper()
	end := make(chan string, 1)
	return a.SignIn(t.Context(), env, kit.SignIn{Pasted: func(ctx context.Context) (string, error) {
		select {
		case text := <-end:
			return text, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}}, func(i kit.Invitation) {
		res, err := server.RoundTrip(request(t, "GET", i.URL, ""))
		if err != nil || i.Way != kit.ByPaste {
			t.Errorf("%+v: %v", i, err)
		}
		end <- res.Header.Get("Location")
	})
}

// use asks the service, in a life of the program of its own.
func use(t *testing.T, a *auth.Access, server *authtest.Server, d *disk) (string, error) {
	t.Helper()
	tokens := kit.NewTokens(d)
	defer tokens.Wait()
	status, said, err := ask(t, &http.Client{Transport: server}, a.Signer(kit.Env{Tokens: tokens}), "GET", "https://service.test/me", "")
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d", status)
	}
	return said, err
}

func wantUse(t *testing.T, a *auth.Access, server *authtest.Server, d *disk) {
	t.Helper()
	if said, err := use(t, a, server, d); err != nil || !strings.Contains(said, "ann") {
		t.Fatalf("the service says %q, %v", said, err)
	}
}

func wantSignInAgain(t *testing.T, err error) {
	t.Helper()
	f := kit.AsFailure(err)
	if err == nil || f.Kind != kit.Denied || !strings.HasPrefix(f.Fix, "sign in") || strings.Contains(f.What, "no longer") && !strings.HasPrefix(f.Fix, "sign in again") {
		t.Fatalf("%v, %+v; want that one has to sign in again", err, f)
	}
}

func TestSignInByABrowserThatComesBack(t *testing.T) {
	for name, tt := range map[string]struct {
		server func(*authtest.Server)
		values flow.Values
	}{
		"a public client":    {func(*authtest.Server) {}, nil},
		"secret in a header": {func(s *authtest.Server) { s.Secret = "s:e&cret" }, flow.Values{"oauth_client_secret": "s:e&cret"}},
		"secret in the body": {func(s *authtest.Server) { s.Secret, s.InBody = "s3cret", true }, flow.Values{"oauth_client_secret": "s3cret", "oauth_client_auth": "body"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := authtest.New()
			tt.server(server)
			real := httptest.NewServer(server)
			defer real.Close()
			a := with(t, flow.Values{
				"auth": "oauth2", "oauth_client_id": "app", "oauth_auth_url": real.URL + "/authorize", "oauth_token_url": real.URL + "/token",
				"oauth_scopes": []any{"read"}, "oauth_audience": "https://service.test", "oauth_auth_params": map[string]any{"prompt": "consent"},
			})
			a.Fields().Bind("", tt.values)
			tokens := kit.NewTokens(&disk{})
			env := kit.Env{Tokens: tokens}
			before, err := a.Standing(t.Context(), env)
			if err != nil || !before.Asks || before.SignedIn || !strings.HasPrefix(before.Redirect, "http://127.0.0.1/callback/") {
				t.Fatalf("%+v, %v", before, err)
			}
			server.Redirects = []string{before.Redirect}
			var work sync.WaitGroup
			err = a.SignIn(t.Context(), env, kit.SignIn{}, func(i kit.Invitation) {
				u, _ := url.Parse(i.URL)
				if q := u.Query(); i.Way != kit.ByBrowser || q.Get("scope") != "read" || q.Get("audience") != "https://service.test" || q.Get("prompt") != "consent" {
					t.Errorf("%+v", i)
				}
				work.Go(func() { wantPage(t, i.URL, 200, "You are signed in") })
			})
			work.Wait()
			if err != nil {
				t.Fatalf("%v; %v", err, server.Problems())
			}
			standing, err := a.Standing(t.Context(), env)
			if err != nil || !standing.SignedIn || !standing.Renews || standing.As != "ann@example.com" || standing.Until.IsZero() || standing.Problem != nil {
				t.Errorf("%+v, %v", standing, err)
			}
			status, _, err := ask(t, real.Client(), a.Signer(env), "GET", real.URL+"/me", "")
			if err != nil || status != 200 {
				t.Errorf("%d, %v", status, err)
			}
			if err := a.SignOut(t.Context(), env); err != nil {
				t.Fatal(err)
			}
			_, _, err = ask(t, real.Client(), a.Signer(env), "GET", real.URL+"/me", "")
			wantSignInAgain(t, err)
		})
	}
}

func wantPage(t *testing.T, address string, status int, text string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Errorf("open the page: %v", err)
		return
	}
	defer res.Body.Close()
	page, _ := io.ReadAll(res.Body)
	if res.StatusCode != status || !strings.Contains(string(page), text) {
		t.Errorf("the page has %d %s, want %d %s", res.StatusCode, page, status, text)
	}
	if strings.Contains(string(page), "<script") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page has a script or is kept: %v", res.Header)
	}
}

// comeTo signs in and lets the browser do something of its own in place of the person.
func comeTo(t *testing.T, server *authtest.Server, browser func(landing *url.URL, state string)) error {
	t.Helper()
	real := httptest.NewServer(server)
	defer real.Close()
	a := with(t, flow.Values{"auth": "oauth2", "oauth_client_id": "app", "oauth_auth_url": real.URL + "/authorize", "oauth_token_url": real.URL + "/token"})
	env := kit.Env{Tokens: kit.NewTokens(nil)}
	standing, err := a.Standing(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	server.Redirects = []string{standing.Redirect}
	var work sync.WaitGroup
	defer work.Wait()
	return a.SignIn(t.Context(), env, kit.SignIn{}, func(i kit.Invitation) {
		u, _ := url.Parse(i.URL)
		landing, _ := url.Parse(i.Redirect)
		work.Go(func() { browser(landing, u.Query().Get("state")); wantPageOrEnd(i.URL) })
	})
}

// wantPageOrEnd lets the right answer come after the wrong ones; where the sign-in has
// ended by then, nobody is there.
func wantPageOrEnd(address string) {
	if res, err := http.Get(address); err == nil {
		res.Body.Close()
	}
}

func with2(u *url.URL, path string, query url.Values) string {
	c := *u
	c.Path += path
	c.RawQuery = query.Encode()
	return c.String()
}

func TestStrangersCannotAnswerASignIn(t *testing.T) {
	err := comeTo(t, authtest.New(), func(landing *url.URL, state string) {
		wantPage(t, with2(landing, "", url.Values{"code": {"x"}, "state": {"guess"}}), 400, "no answer to the sign-in")
		wantPage(t, with2(landing, "", url.Values{"state": {state}}), 400, "no answer to the sign-in")
		wantPage(t, with2(landing, "/x", url.Values{"code": {"x"}, "state": {state}}), 404, "nothing here")
		req, _ := http.NewRequest("GET", with2(landing, "", url.Values{"code": {"x"}, "state": {state}}), nil)
		req.Host = "evil.example"
		if res, err := http.DefaultClient.Do(req); err != nil || res.StatusCode != 404 {
			t.Errorf("with another host's name: %v", err)
		}
	})
	if err != nil {
		t.Errorf("they ended it: %v", err)
	}
}

func TestSignInThatTheServiceRefusesSaysWhy(t *testing.T) {
	server := authtest.New()
	server.Deny = "access_denied"
	err := comeTo(t, server, func(*url.URL, string) {})
	if f := kit.AsFailure(err); f.Kind != kit.Denied || !strings.Contains(f.What, "access_denied: the person said no") || f.Fix == "" {
		t.Errorf("%+v", f)
	}
}

func TestCodeThatWasMadeUpGivesNoSignIn(t *testing.T) {
	err := comeTo(t, authtest.New(), func(landing *url.URL, state string) {
		wantPage(t, with2(landing, "", url.Values{"code": {"made-up"}, "state": {state}}), 502, "You are not signed in")
	})
	if f := kit.AsFailure(err); f.Kind != kit.Denied || !strings.Contains(f.What, "there is no such code as •••") {
		t.Errorf("%+v", f)
	}
}

func TestFixedRedirectAddressIsKeptExactly(t *testing.T) {
	busy := httptest.NewServer(http.NotFoundHandler())
	defer busy.Close()
	taken, _ := url.Parse(busy.URL)
	server := authtest.New()
	real := httptest.NewServer(server)
	defer real.Close()
	server.Redirects = []string{"http://127.0.0.1:" + taken.Port() + "/cb", "http://127.0.0.1/any"}
	a := with(t, flow.Values{
		"auth": "oauth2", "oauth_client_id": "app", "oauth_auth_url": real.URL + "/authorize", "oauth_token_url": real.URL + "/token",
		"oauth_redirects": []any{"http://127.0.0.1:" + taken.Port() + "/cb", "http://127.0.0.1/any"},
	})
	var work sync.WaitGroup
	err := a.SignIn(t.Context(), kit.Env{Tokens: kit.NewTokens(nil)}, kit.SignIn{}, func(i kit.Invitation) {
		if u, _ := url.Parse(i.Redirect); u.Path != "/any" || u.Port() == "" {
			t.Errorf("comes back to %s", i.Redirect)
		}
		work.Go(func() { wantPage(t, i.URL, 200, "You are signed in") })
	})
	work.Wait()
	if err != nil {
		t.Errorf("%v; %v", err, server.Problems())
	}
	a.OAuth.Redirects = a.OAuth.Redirects[:1]
	err = a.SignIn(t.Context(), kit.Env{Tokens: kit.NewTokens(nil)}, kit.SignIn{}, func(i kit.Invitation) { t.Errorf("invited to %+v", i) })
	if f := kit.AsFailure(err); f.Kind != kit.Unavailable || f.Field != "oauth_redirects" {
		t.Errorf("with the port taken: %+v", f)
	}
}

func TestNobodySigningInEndsAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := authtest.New()
		a := oauth(t, server, auth.CodeGrant, flow.Values{"oauth_redirects": []any{"https://elsewhere.test/done"}})
		began := time.Now()
		err := a.SignIn(t.Context(), kit.Env{Tokens: kit.NewTokens(nil)}, kit.SignIn{Pasted: func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}}, func(kit.Invitation) {})
		if f := kit.AsFailure(err); f.Kind != kit.TimedOut || time.Since(began) != 5*time.Minute {
			t.Errorf("after %s: %+v", time.Since(began), f)
		}
	})
}

func TestDeviceGrant(t *testing.T) {
	for name, tt := range map[string]struct {
		person  func(*authtest.Server, kit.Invitation) // comes after 12 s
		prepare func(*authtest.Server)
		want    string // of the failure; "" is a sign-in
		polls   int
		took    time.Duration
	}{
		"a person types the code": {person: func(s *authtest.Server, i kit.Invitation) { s.Approve(i.Code) }, polls: 3, took: 15 * time.Second},
		"the service is asked too often": {
			prepare: func(s *authtest.Server) { s.SlowDown(7 * time.Second) },
			person:  func(s *authtest.Server, i kit.Invitation) { s.Approve(i.Code) }, polls: 3, took: 20 * time.Second,
		},
		"nobody comes":       {person: func(*authtest.Server, kit.Invitation) {}, want: "nobody has typed the code in", took: 2 * time.Minute},
		"the person says no": {person: func(s *authtest.Server, _ kit.Invitation) { s.Refuse("access_denied") }, want: "access_denied", took: 15 * time.Second},
		"the line breaks":    {prepare: func(s *authtest.Server) { s.Break(1) }, person: func(s *authtest.Server, i kit.Invitation) { s.Approve(i.Code) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := authtest.New()
				a := oauth(t, server, auth.DeviceGrant, nil)
				env := kit.Env{Tokens: kit.NewTokens(nil)}
				began := time.Now()
				err := a.SignIn(t.Context(), env, kit.SignIn{}, func(i kit.Invitation) {
					if i.Way != kit.ByDevice || i.Code == "" || i.URL != "https://login.test/device" || i.Until.Sub(began) != 2*time.Minute {
						t.Errorf("%+v", i)
					}
					if tt.prepare != nil {
						tt.prepare(server)
					}
					go func() { time.Sleep(12 * time.Second); tt.person(server, i) }()
				})
				took := time.Since(began)
				if tt.want != "" {
					if f := kit.AsFailure(err); !strings.Contains(f.What, tt.want) || f.Fix == "" {
						t.Errorf("%+v", f)
					}
				} else if err != nil {
					t.Errorf("%v; %v", err, server.Problems())
				} else if standing, err := a.Standing(t.Context(), env); err != nil || !standing.SignedIn {
					t.Errorf("%+v, %v", standing, err)
				}
				if tt.took > 0 && took != tt.took || tt.polls > 0 && server.Asked("/token") != tt.polls {
					t.Errorf("%s, %d questions; want %s, %d", took, server.Asked("/token"), tt.took, tt.polls)
				}
				if name == "the service is asked too often" && server.Asked("slow_down") != 1 {
					t.Errorf("told to slow down %d times", server.Asked("slow_down"))
				}
				time.Sleep(time.Minute) // the person has come
			})
		})
	}
}

func TestClientCredentialsNeedNobody(t *testing.T) {
	for _, place := range []string{"header", "body"} {
		synctest.Test(t, func(t *testing.T) {
			server := authtest.New()
			server.Secret, server.InBody = "s3cret", place == "body"
			a := oauth(t, server, auth.ClientGrant, flow.Values{"oauth_client_secret": "s3cret", "oauth_client_auth": place, "oauth_scopes": []any{"read", "write"}})
			d := &disk{}
			for range 3 {
				wantUse(t, a, server, d)
			}
			time.Sleep(54 * time.Minute) // a tenth of its hour is left
			wantUse(t, a, server, d)
			if n := server.Asked("/token"); n != 2 {
				t.Errorf("%d tokens", n)
			}
			s := a.Signer(kit.Env{}) // a step without a connection has no place for tokens, and needs none
			if status, _, err := ask(t, &http.Client{Transport: server}, s, "GET", "https://service.test/me", ""); status != 200 || err != nil {
				t.Errorf("%d, %v", status, err)
			}
		})
	}
}

func TestWrongClientSecretIsNamedAndNotShown(t *testing.T) {
	server := authtest.New()
	server.Secret, server.InBody = "right", true
	a := oauth(t, server, auth.ClientGrant, flow.Values{"oauth_client_secret": "canary-wrong", "oauth_client_auth": "body"})
	_, err := use(t, a, server, &disk{})
	f := kit.AsFailure(err)
	if f.Kind != kit.Denied || f.Field != "oauth_client_id" || !strings.Contains(f.What, "invalid_client") || f.Fix == "" {
		t.Errorf("%+v", f)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, "canary") {
			t.Errorf("the secret shows: %s", text)
		}
	}
}

func TestTokenIsRenewedAheadOfItsEnd(t *testing.T) {
	for _, tt := range []struct{ life, fresh, stale time.Duration }{
		{time.Hour, 54*time.Minute - time.Second, 54 * time.Minute},
		{5 * time.Minute, 4*time.Minute - time.Second, 4 * time.Minute},
		{40 * time.Second, 19 * time.Second, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := authtest.New()
			server.Life = tt.life
			a, d := signedIn(t, server, nil)
			time.Sleep(tt.fresh)
			wantUse(t, a, server, d)
			if n := server.Asked("refresh"); n != 0 {
				t.Errorf("a life of %s: renewed after %s", tt.life, tt.fresh)
			}
			time.Sleep(tt.stale - tt.fresh)
			wantUse(t, a, server, d)
			wantUse(t, a, server, d)
			if n := server.Asked("refresh"); n != 1 || server.Asked("/me") != 3 {
				t.Errorf("a life of %s: renewed %d times after %s, %d requests", tt.life, n, tt.stale, server.Asked("/me"))
			}
		})
	}
}

func TestFiftyWhoFindATokenStaleRenewItOnce(t *testing.T) {
	server := authtest.New()
	a, d := signedIn(t, server, nil)
	for name, make := range map[string]func(){
		"before its time": server.EndAccess,
		"long after it":   func() { age(t, d, 2*time.Hour) },
	} {
		make()
		before := server.Asked("refresh")
		tokens := kit.NewTokens(d)
		var work sync.WaitGroup
		for range 50 {
			work.Go(func() {
				copied := *a // as each step has its own
				status, said, err := ask(t, &http.Client{Transport: server}, copied.Signer(kit.Env{Tokens: tokens}), "GET", "https://service.test/me", "")
				if err != nil || status != 200 {
					t.Errorf("%s: %d %s %v", name, status, said, err)
				}
			})
		}
		work.Wait()
		tokens.Wait()
		if n := server.Asked("refresh") - before; n != 1 {
			t.Errorf("%s: renewed %d times", name, n)
		}
	}
}

// age makes what is kept older.
func age(t *testing.T, d *disk, by time.Duration) {
	t.Helper()
	shift(t, d, -by)
}

func TestWhatTheServiceGaveIsOnDiskBeforeItIsUsed(t *testing.T) {
	server := authtest.New()
	a, d := signedIn(t, server, nil)
	server.EndAccess()
	d.setFull(true)
	tokens := kit.NewTokens(d)
	env := kit.Env{Tokens: tokens}
	_, _, err := ask(t, &http.Client{Transport: server}, a.Signer(env), "GET", "https://service.test/me", "")
	if f := kit.AsFailure(err); f.Kind != kit.Full {
		t.Fatalf("with a full disk: %v", err)
	}
	if n := server.Asked("/me"); n != 1 {
		t.Errorf("the new token was used %d times before it was kept", n-1)
	}
	d.setFull(false)
	status, _, err := ask(t, &http.Client{Transport: server}, a.Signer(env), "GET", "https://service.test/me", "")
	if err != nil || status != 200 || server.Asked("refresh") != 1 {
		t.Errorf("with room again: %d, %v, renewed %d times; the rotated token was lost", status, err, server.Asked("refresh"))
	}
	tokens.Wait()
	wantUse(t, a, server, d) // and the next life of the program has it
}

func TestCrashInARenewalLosesNothing(t *testing.T) {
	server := authtest.New()
	a, d := signedIn(t, server, nil)
	for i := range 3 {
		server.EndAccess()
		tokens := kit.NewTokens(d)
		ctx, crash := context.WithCancel(t.Context())
		a.Through(roundTrip(func(r *http.Request) (*http.Response, error) {
			crash() // who wants the new token is gone before it comes
			return server.RoundTrip(r)
		}))
		req := request(t, "GET", "https://service.test/me", "")
		s := a.Signer(kit.Env{Tokens: tokens})
		if err := s.Sign(ctx, req); err != nil {
			t.Fatal(err)
		}
		res, err := server.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Again(ctx, res); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		tokens.Wait()
		a.Through(server)
		wantUse(t, a, server, d) // in the next life of the program
		if n := server.Asked("refresh"); n != i+1 {
			t.Errorf("renewed %d times, want %d", n, i+1)
		}
	}
	if standing, err := a.Standing(t.Context(), kit.Env{Tokens: kit.NewTokens(d)}); err != nil || !standing.SignedIn {
		t.Errorf("%+v, %v; %v", standing, err, server.Problems())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSignInThatWasTakenBackSaysSignInAgain(t *testing.T) {
	server := authtest.New()
	a, d := signedIn(t, server, nil)
	server.Revoke()
	_, err := use(t, a, server, d)
	wantSignInAgain(t, err)
	asked := server.Asked("/token")
	for range 3 {
		_, err = use(t, a, server, d)
		wantSignInAgain(t, err)
	}
	if n := server.Asked("/token"); n != asked {
		t.Errorf("the server was asked %d times more for what it had refused", n-asked)
	}
	env := kit.Env{Tokens: kit.NewTokens(d)}
	standing, err := a.Standing(t.Context(), env)
	if err != nil || standing.Renews || standing.Problem == nil || !strings.Contains(standing.Problem.What, "the sign-in was taken back, and ••• with it") {
		t.Errorf("%+v, %v", standing, err)
	}
	if err := signInByPaste(t, a, server, env); err != nil {
		t.Fatal(err)
	}
	wantUse(t, a, server, d)
}

func TestRefusedRenewalIsToldWhileTheTokenStillServes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := authtest.New()
		a, d := signedIn(t, server, nil)
		time.Sleep(55 * time.Minute)
		server.Break(1)
		wantUse(t, a, server, d) // nobody answers, and the old one holds five minutes more
		if said, err := use(t, a, server, d); err != nil {
			t.Errorf("%s %v", said, err)
		}
		time.Sleep(5 * time.Minute)
		server.Break(1)
		_, err := use(t, a, server, d)
		if f := kit.AsFailure(err); f.Kind != kit.Unavailable {
			t.Errorf("nobody answers, and the token has ended: %+v", f)
		}
		wantUse(t, a, server, d)
	})
}

func TestServiceThatSays200ToAnEndedToken(t *testing.T) {
	server := authtest.New()
	server.Vague = true
	a, d := signedIn(t, server, flow.Values{"oauth_ended": []any{`"token_expired"`}})
	wantUse(t, a, server, d)
	server.EndAccess()
	wantUse(t, a, server, d)
	if n := server.Asked("refresh"); n != 1 {
		t.Errorf("renewed %d times", n)
	}
}

func TestNoRefreshTokenMeansToSignInAgainAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := authtest.New()
		server.Silent = true
		a, d := signedIn(t, server, nil)
		time.Sleep(59 * time.Minute)
		wantUse(t, a, server, d)
		time.Sleep(time.Minute)
		_, err := use(t, a, server, d)
		wantSignInAgain(t, err)
	})
}

func TestClockThatIsSetLosesNothing(t *testing.T) {
	for name, by := range map[string]time.Duration{"forward": 3 * time.Hour, "back": -3 * time.Hour} {
		server := authtest.New()
		a, d := signedIn(t, server, nil)
		shift(t, d, -by)
		wantUse(t, a, server, d)
		if n := server.Asked("refresh"); n != 1 {
			t.Errorf("%s: renewed %d times", name, n)
		}
		server.EndAccess() // and where our clock thinks that a token lives which does not
		wantUse(t, a, server, d)
	}
}

func TestTokensServeTheSettingsThatTheyWereGivenFor(t *testing.T) {
	server := authtest.New()
	a, d := signedIn(t, server, nil)
	a.OAuth.TokenURL = "https://elsewhere.test/token" // as a step might set it, to have the refresh token sent there
	_, err := use(t, a, server, d)
	wantSignInAgain(t, err)
	standing, err := a.Standing(t.Context(), kit.Env{Tokens: kit.NewTokens(d)})
	if err != nil || standing.SignedIn || standing.Problem == nil || !strings.Contains(standing.Problem.What, "settings have changed") {
		t.Errorf("%+v, %v", standing, err)
	}
	a.OAuth.TokenURL = "https://login.test/token"
	wantUse(t, a, server, d) // nothing was lost by it
}

func TestAddressesThatWouldCarrySecretsOpenlyAreRefused(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://login.test/token": true, "http://127.0.0.1:8080/token": true, "http://localhost/token": true,
		"http://login.test/token": false, "login.test/token": false, "ftp://login.test": false,
	} {
		a := auth.New()
		if problems := a.Fields().Bind("", flow.Values{"auth": "oauth2", "oauth_token_url": address}); (len(problems) == 0) != ok {
			t.Errorf("%s: %v", address, problems)
		}
	}
	a := auth.New()
	if problems := a.Fields().Bind("", flow.Values{"oauth_redirects": []any{"http://example.com/cb"}}); len(problems) != 1 {
		t.Errorf("a code that would travel openly: %v", problems)
	}
}

func TestPastingSomethingElseIsRefused(t *testing.T) {
	server := authtest.New()
	a := oauth(t, server, auth.CodeGrant, flow.Values{"oauth_redirects": []any{"https://elsewhere.test/done"}})
	err := a.SignIn(t.Context(), kit.Env{Tokens: kit.NewTokens(nil)}, kit.SignIn{Pasted: func(context.Context) (string, error) {
		return "https://elsewhere.test/done?code=x&state=of-another", nil
	}}, func(kit.Invitation) {})
	if f := kit.AsFailure(err); f.Kind != kit.Invalid || f.Fix == "" {
		t.Errorf("%+v", f)
	}
}

// shift makes what is kept as if our clock had gone another way since.
func shift(t *testing.T, d *disk, by time.Duration) {
	t.Helper()
	kept, err := d.LoadToken(t.Context(), auth.GrantName)
	if err == nil {
		err = d.SaveToken(t.Context(), auth.GrantName, auth.Shifted(kept, by))
	}
	if err != nil {
		t.Fatal(err)
	}
}
