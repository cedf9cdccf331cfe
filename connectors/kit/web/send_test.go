package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// token signs with a header, a cookie and a parameter, and has a newer one when asked.
type token struct {
	value  string
	newer  string
	fails  error
	asked  int
	signed int
}

func (k *token) Sign(_ context.Context, req *http.Request) error {
	k.signed++
	req.Header.Set("X-Token", k.value)
	req.AddCookie(&http.Cookie{Name: "sid", Value: k.value})
	q := req.URL.Query()
	q.Set("sig", k.value)
	req.URL.RawQuery = q.Encode()
	return nil
}

func (k *token) Again(_ context.Context, reply *http.Response) (bool, error) {
	if reply.StatusCode != http.StatusUnauthorized {
		return false, nil
	}
	k.asked++
	old := k.value
	k.value = k.newer
	return k.newer != old, k.fails
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func siteOf(t *testing.T, address string) *Site {
	c := NewClient()
	t.Cleanup(c.Close)
	s := NewSite(c)
	s.URL = address
	return &s
}

func addressOf(t *testing.T, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSigningAnewIsTriedOnceWhereItMayHelp(t *testing.T) {
	requests := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.Header.Get("X-Token") != "right" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for _, tt := range []struct {
		name     string
		by       token
		status   int
		requests int
		err      string
	}{
		{name: "the token is right", by: token{value: "right"}, status: 200, requests: 1},
		{name: "there is a newer one", by: token{value: "old", newer: "right"}, status: 200, requests: 2},
		{name: "the newer one is wrong too", by: token{value: "old", newer: "older"}, status: 401, requests: 2},
		{name: "there is none", by: token{value: "old", newer: "old"}, status: 401, requests: 1},
		{name: "it cannot be had", by: token{value: "old", fails: kit.Fail(kit.Denied, "sign in again")}, requests: 1, err: "sign in again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			requests = 0
			r, err := siteOf(t, server.URL).Send(t.Context(), kit.Env{}, &tt.by, Call{Method: "POST", URL: addressOf(t, server.URL), Body: []byte("{}")})
			if tt.err != "" {
				if f := kit.AsFailure(err); err == nil || f.What != tt.err || f.Uncertain {
					t.Errorf("got %v, %+v", r, err)
				}
			} else if err != nil || r.Status != tt.status {
				t.Errorf("got %+v, %v", r, err)
			}
			if requests != tt.requests || tt.by.asked > 1 {
				t.Errorf("%d requests, asked %d times", requests, tt.by.asked)
			}
		})
	}
}

// Whatever a signer adds, none of it goes to another host or into words.
func TestWhatSignsInStaysWithItsHost(t *testing.T) {
	stranger := func(w http.ResponseWriter, r *http.Request) {
		if seen := fmt.Sprint(r.Header, r.URL); strings.Contains(seen, "hush") {
			t.Errorf("another host sees %s", seen)
		}
		http.Error(w, "no", http.StatusTeapot)
	}
	other := serve(t, stranger)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") != "hush" || r.URL.Query().Get("sig") != "hush" || r.Header.Get("X-Own") != "hush" {
			t.Errorf("not signed: %v %s", r.Header, r.URL)
		}
		if r.URL.Path == "/away" {
			http.Redirect(w, r, other.URL+"/?x=1", http.StatusFound)
			return
		}
		w.Header().Set("Link", fmt.Sprintf(`<?page=2&%s>; rel="next"`, r.URL.RawQuery))
	})
	site := siteOf(t, server.URL)
	site.DefaultHeaders = map[string]string{"X-Own": "hush", "Accept-Language": "de"}
	var log []string
	env := kit.Env{Write: func(l flow.LogLine) { log = append(log, l.Text) }}
	by := &token{value: "hush"}
	home := addressOf(t, server.URL)
	for _, c := range []Call{
		{Method: "GET", URL: addressOf(t, server.URL+"/away")},
		{Method: "GET", URL: addressOf(t, server.URL+"/here")},
		{Method: "GET", URL: addressOf(t, other.URL+"/page"), Home: home},
		{Method: "GET", URL: addressOf(t, strings.Replace(server.URL, "http:", "https:", 1)), Home: home},
	} {
		r, err := site.Send(t.Context(), env, by, c)
		if err != nil {
			log = append(log, err.Error())
			continue
		}
		log = append(log, r.Asked, r.Refusal(env.Started).What, r.Kept(nextLink(r.Header.Values("Link"))))
	}
	if seen := strings.Join(log, "\n"); strings.Contains(seen, "hush") || !strings.Contains(seen, "page=2") {
		t.Errorf("seen: %s", seen)
	}
}

// A page whose address is of the same host but not sealed any more gets no token.
func TestASealedServiceIsNotSignedInOpenly(t *testing.T) {
	c := Call{URL: addressOf(t, "http://example.com/2"), Home: addressOf(t, "https://example.com/1")}
	req, err := siteOf(t, "https://example.com").request(t.Context(), &signed{}, nil, c)
	if err != nil || !c.foreign() || len(req.Header) != 2 {
		t.Errorf("foreign %v, headers %v, %v", c.foreign(), req.Header, err)
	}
}

func TestAStopEndsARequestAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	_, err := siteOf(t, server.URL).Send(ctx, kit.Env{}, nil, Call{Method: "GET", URL: addressOf(t, server.URL)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
