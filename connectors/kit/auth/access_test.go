package auth_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/auth"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// account is a connection that does nothing but sign in.
type account struct{ auth.Access }

func (*account) Test(context.Context, kit.Env) []kit.Check { return nil }

func TestConnectionWithAccess(t *testing.T) {
	kittest.Connector(t, kit.Connector{
		ID: "account", Title: "Account", Summary: "Signs in.", Icon: "key", Tint: "teal",
		Connection: func() kit.Connection { return &account{auth.New()} },
		Ops:        []kit.Op{{ID: "look", Title: "Look", Summary: "Looks at nothing.", Effect: kit.Reads, New: func() kit.Operation { return &look{Access: auth.New()} }}},
	})
}

type look struct{ auth.Access }

func (*look) Run(context.Context, kit.Env, flow.Record) (kit.Result, error) { return kit.Give(), nil }

// with is an access with these settings.
func with(t *testing.T, values flow.Values) *auth.Access {
	t.Helper()
	a := auth.New()
	if problems := a.Fields().Bind("", values); len(problems) > 0 {
		t.Fatal(problems)
	}
	return &a
}

func TestFormShowsWhatTheSchemeNeeds(t *testing.T) {
	for scheme, want := range map[string]string{
		auth.None:        "auth",
		auth.Basic:       "auth user password",
		auth.Digest:      "auth user password",
		auth.Bearer:      "auth token",
		auth.APIKey:      "auth key key_name key_in",
		auth.Custom:      "auth user password token key auth_headers auth_query",
		auth.AWSv4:       "auth aws_access_key aws_secret_key aws_region aws_service",
		auth.Certificate: "auth tls_cert_file tls_cert tls_key",
		auth.OAuth2:      "auth oauth_grant oauth_client_id oauth_client_secret oauth_auth_url oauth_token_url oauth_device_url oauth_scopes",
	} {
		var shown []string
		for _, f := range with(t, flow.Values{"auth": scheme}).Fields() {
			if f.Matters() && !f.Advanced {
				shown = append(shown, f.Name)
			}
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("%s shows %s\nwant %s", scheme, got, want)
		}
	}
}

func TestConnectorMayOfferSomeSchemesOnly(t *testing.T) {
	a := auth.New(auth.Basic, auth.Certificate)
	f, _ := a.Fields().Field("auth")
	var offered []string
	for _, c := range f.Choices {
		offered = append(offered, c.Value)
	}
	if got := strings.Join(offered, " "); got != "basic mtls" || a.Scheme != auth.Basic {
		t.Errorf("offers %s, begins with %s", got, a.Scheme)
	}
	if _, there := a.Fields().Field("oauth_token_url"); there {
		t.Error("the settings of a scheme are there that is not offered")
	}
	if problems := a.Fields().Bind("", flow.Values{"auth": "oauth2"}); len(problems) != 1 {
		t.Errorf("a scheme that is not offered: %v", problems)
	}
}

// request is one to a service that nobody asks.
func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	var from io.Reader
	if body != "" {
		from = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, from)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestStaticSchemesSignRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		values flow.Values
		header http.Header
		query  string
	}{
		"none":      {flow.Values{}, http.Header{}, "a=1"},
		"basic":     {flow.Values{"auth": "basic", "user": "ann", "password": "pä:ss"}, http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ann:pä:ss"))}}, "a=1"},
		"bearer":    {flow.Values{"auth": "bearer", "token": "t0k"}, http.Header{"Authorization": {"Bearer t0k"}}, "a=1"},
		"header":    {flow.Values{"auth": "api_key", "key": "k", "key_name": "X-Token"}, http.Header{"X-Token": {"k"}}, "a=1"},
		"parameter": {flow.Values{"auth": "api_key", "key": "k&", "key_name": "key", "key_in": "query"}, http.Header{}, "a=1&key=k%26"},
		"cookie":    {flow.Values{"auth": "api_key", "key": "k", "key_name": "sid", "key_in": "cookie"}, http.Header{"Cookie": {"sid=k"}}, "a=1"},
		"custom": {
			flow.Values{
				"auth": "custom", "user": "ann", "key": "k", "auth_headers": map[string]any{"Authorization": "Token {key}; {{user={user}}}"},
				"auth_query": map[string]any{"u": "{user}"},
			}, http.Header{"Authorization": {"Token k; {user=ann}"}}, "a=1&u=ann",
		},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, "GET", "https://example.com/x?a=1", "")
			signer := with(t, tt.values).Signer(kit.Env{})
			for range 2 { // signing anew changes nothing more
				if err := signer.Sign(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			if !maps.EqualFunc(req.Header, tt.header, slices.Equal) || req.URL.RawQuery != tt.query {
				t.Errorf("%v ?%s\nwant %v ?%s", req.Header, req.URL.RawQuery, tt.header, tt.query)
			}
		})
	}
}

func TestTemplateThatDoesNotReadIsRefusedWhereItIsSet(t *testing.T) {
	for text, want := range map[string]string{
		"{tokn}": `{tokn} stands for nothing here`, "{token": "a brace is open", "to}ken": "a brace is open, or closed, alone",
	} {
		a := auth.New()
		problems := a.Fields().Bind("", flow.Values{"auth": "custom", "auth_headers": map[string]any{"X": text}})
		if len(problems) != 1 || !strings.Contains(problems[0].What, want) || problems[0].Fix == "" {
			t.Errorf("%q: %v", text, problems)
		}
	}
	a := auth.New()
	if problems := a.Fields().Bind("", flow.Values{"auth": "hmac", "hmac_text": "{header.Date}{body_sha256}", "hmac_value": "{signature}"}); len(problems) > 0 {
		t.Errorf("a good template: %v", problems)
	}
}

// ask sends a request as the core of connectors does: signed, and once more where signing
// anew may help.
func ask(t *testing.T, client *http.Client, s *auth.Signer, method, url, body string) (status int, said string, err error) {
	t.Helper()
	for try := 0; ; try++ {
		req := request(t, method, url, body)
		if err := s.Sign(t.Context(), req); err != nil {
			return 0, "", err
		}
		res, err := client.Do(req)
		if err != nil {
			return 0, "", err
		}
		again, err := s.Again(t.Context(), res)
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || !again || try > 0 {
			return res.StatusCode, string(text), err
		}
	}
}

func TestDigestAnswersAServiceThatAsksForOne(t *testing.T) {
	for _, challenge := range []string{
		`Digest realm="r", nonce="n1", qop="auth"`,
		`Basic realm="old", Digest realm="r, s", nonce="n1", qop="auth,auth-int", algorithm=MD5, opaque="o", Digest realm="r, s", nonce="n1", qop="auth", algorithm=SHA-256, opaque="o"`,
		`Digest realm="r", nonce="n1"`,
		`Digest realm="r", nonce="n1", qop="auth-int", algorithm=SHA-256-sess, userhash=true`,
		`Digest realm="say \"r\"", nonce="n1", algorithm=MD5-sess, qop=auth`,
	} {
		t.Run(challenge, func(t *testing.T) {
			service := newDigestService(challenge, "ann", "secret")
			server := httptest.NewServer(service)
			defer server.Close()
			s := with(t, flow.Values{"auth": "digest", "user": "ann", "password": "secret"}).Signer(kit.Env{})
			for i := range 3 {
				status, said, err := ask(t, server.Client(), s, "POST", server.URL+"/a/b?c=%20d", "body")
				if err != nil || status != 200 {
					t.Fatalf("request %d: %d %s %v", i, status, said, err)
				}
			}
			if service.asked != 1 {
				t.Errorf("challenged %d times, want once", service.asked)
			}
			service.newNonce("n2")
			if status, said, err := ask(t, server.Client(), s, "GET", server.URL+"/", ""); err != nil || status != 200 {
				t.Errorf("after the nonce has changed: %d %s %v", status, said, err)
			}
		})
	}
}

func TestDigestWithAWrongPasswordIsRefusedOnce(t *testing.T) {
	service := newDigestService(`Digest realm="r", nonce="n1", qop="auth"`, "ann", "secret")
	server := httptest.NewServer(service)
	defer server.Close()
	s := with(t, flow.Values{"auth": "digest", "user": "ann", "password": "wrong"}).Signer(kit.Env{})
	if status, _, err := ask(t, server.Client(), s, "GET", server.URL, ""); err != nil || status != 401 || service.wrong != 1 {
		t.Errorf("%d, %v, %d wrong answers; want 401 after one", status, err, service.wrong)
	}
}

func ExampleAccess() {
	a := auth.New(auth.Bearer, auth.Basic)
	a.Fields().Bind("", flow.Values{"token": "t0k"})
	req, _ := http.NewRequest("GET", "https://example.com", nil)
	_ = a.Signer(kit.Env{}).Sign(context.Background(), req)
	fmt.Println(req.Header.Get("Authorization"), a.Token)
	// Output: Bearer t0k ••••••
}
