// Package authtest is an authorization server for tests, as strict as the standards let it
// be: PKCE with S256 and a state are demanded, redirect addresses are exact but for the
// port of loopback ones, codes count once, refresh tokens are rotated, and whoever uses an
// old one loses all that came of that sign-in (RFC 9700, 4.14.2).
package authtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server is the authorization server, and a service that takes its tokens. Its fields are
// set before it is asked.
type Server struct {
	ClientID  string
	Secret    string // "" is a client without one
	InBody    bool   // the secret is wanted in the body, not in the header
	Redirects []string
	Life      time.Duration // of an access token; 0 does not say
	Interval  int           // between two questions of a device, in seconds
	Deny      string        // an error in place of a code
	Silent    bool          // it gives no refresh token
	Vague     bool          // the service says 200 to an ended token, with an error in the body

	mu       sync.Mutex
	codes    map[string]*code
	access   map[string]*family // live ones
	ends     map[string]time.Time
	refresh  map[string]*family // used ones too
	used     map[string]bool
	devices  map[string]*device
	broken   int
	counts   map[string]int
	problems []string
	given    []string
}

// family is what came of one sign-in.
type family struct{ revoked bool }

type code struct {
	challenge, redirect string
	used                bool
	family              *family
}

type device struct {
	user     string
	approved bool
	ends     time.Time
	asked    time.Time
	interval time.Duration
}

// New is a server for one public client.
func New() *Server {
	return &Server{
		ClientID: "app", Life: time.Hour, Interval: 5,
		codes: map[string]*code{}, access: map[string]*family{}, ends: map[string]time.Time{}, refresh: map[string]*family{},
		used: map[string]bool{}, devices: map[string]*device{}, counts: map[string]int{},
	}
}

// ServeHTTP answers at /authorize, /token, /device and, as the service, everywhere else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[r.URL.Path]++
	switch r.URL.Path {
	case "/authorize":
		s.authorize(w, r)
	case "/token":
		s.token(w, r)
	case "/device":
		s.device(w, r)
	default:
		s.serve(w, r)
	}
}

// RoundTrip lets a client ask without a network, where the clock of a test is not the real
// one.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	broken := s.broken > 0
	if broken {
		s.broken--
	}
	s.mu.Unlock()
	if broken {
		return nil, fmt.Errorf("the line broke")
	}
	w := httptest.NewRecorder()
	r.RequestURI = r.URL.RequestURI()
	s.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	return res, nil
}

// Break lets the next n requests that come by RoundTrip find nobody.
func (s *Server) Break(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = n
}

// Refuse has the person say no from now on.
func (s *Server) Refuse(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Deny = code
}

// Asked is how often a path was asked, or "refresh" done.
func (s *Server) Asked(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

// Given lists every code and token that was given.
func (s *Server) Given() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.given)
}

// Problems lists what was wrong with requests.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Revoke ends all that was given to anybody.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.refresh {
		f.revoked = true
	}
	for _, f := range s.access {
		f.revoked = true
	}
}

// EndAccess ends the access tokens before their time; refresh tokens go on.
func (s *Server) EndAccess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.access)
}

// Approve is the person who types in a code.
func (s *Server) Approve(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if d.user == user {
			d.approved = true
			return true
		}
	}
	return false
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	to, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != s.ClientID:
		s.page(w, "client_id")
		return
	case err != nil || !s.registered(to):
		s.page(w, "redirect_uri "+q.Get("redirect_uri"))
		return
	}
	back := to.Query()
	back.Set("state", q.Get("state"))
	switch {
	case s.Deny != "":
		back.Set("error", s.Deny)
		back.Set("error_description", "the person said no")
	case q.Get("response_type") != "code", q.Get("state") == "", q.Get("code_challenge_method") != "S256", len(q.Get("code_challenge")) != 43:
		s.problems = append(s.problems, "authorize: "+r.URL.RawQuery)
		back.Set("error", "invalid_request")
	default:
		c := &code{challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), family: &family{}}
		name := rand.Text()
		s.codes[name] = c
		s.given = append(s.given, name)
		back.Set("code", name)
	}
	to.RawQuery = back.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// registered compares a redirect address with those that are registered; the port of a
// loopback one may be any (RFC 8252, 7.3).
func (s *Server) registered(to *url.URL) bool {
	return slices.ContainsFunc(s.Redirects, func(text string) bool {
		want, err := url.Parse(text)
		if err != nil {
			return false
		}
		got := *to
		if got.Hostname() == "127.0.0.1" && want.Port() == "" {
			got.Host = got.Hostname()
		}
		return got.String() == want.String()
	})
}

func (s *Server) page(w http.ResponseWriter, wrong string) {
	s.problems = append(s.problems, "authorize: "+wrong)
	http.Error(w, wrong, http.StatusBadRequest)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost || r.URL.RawQuery != "" {
		s.refuse(w, http.StatusBadRequest, "invalid_request", "a form is wanted")
		return
	}
	f := r.PostForm
	if !s.proven(r) {
		s.refuse(w, http.StatusUnauthorized, "invalid_client", "the client is not known as "+f.Get("client_secret"))
		return
	}
	switch f.Get("grant_type") {
	case "authorization_code":
		s.fromCode(w, f)
	case "refresh_token":
		s.fromRefresh(w, f)
	case "client_credentials":
		if s.Secret == "" {
			s.refuse(w, http.StatusBadRequest, "unauthorized_client", "")
			return
		}
		s.give(w, &family{}, f.Get("scope"), false)
	case "urn:ietf:params:oauth:grant-type:device_code":
		s.fromDevice(w, f)
	default:
		s.refuse(w, http.StatusBadRequest, "unsupported_grant_type", f.Get("grant_type"))
	}
}

func (s *Server) proven(r *http.Request) bool {
	id, secret, header := r.BasicAuth()
	switch {
	case s.Secret == "":
		return !header && r.PostForm.Get("client_id") == s.ClientID && !r.PostForm.Has("client_secret")
	case s.InBody:
		return !header && r.PostForm.Get("client_id") == s.ClientID && r.PostForm.Get("client_secret") == s.Secret
	}
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	return header && id == s.ClientID && secret == s.Secret && !r.PostForm.Has("client_secret")
}

func (s *Server) fromCode(w http.ResponseWriter, f url.Values) {
	c := s.codes[f.Get("code")]
	sum := sha256.Sum256([]byte(f.Get("code_verifier")))
	switch {
	case c == nil:
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "there is no such code as "+f.Get("code"))
	case c.used:
		c.family.revoked = true
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "the code was used already")
	case base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge:
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "the verifier does not fit the challenge")
	case f.Get("redirect_uri") != c.redirect:
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "another redirect_uri")
	default:
		c.used = true
		s.give(w, c.family, "", true)
	}
}

func (s *Server) fromRefresh(w http.ResponseWriter, f url.Values) {
	old := f.Get("refresh_token")
	fam := s.refresh[old]
	switch {
	case fam == nil || fam.revoked:
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "the sign-in was taken back, and "+old+" with it")
	case s.used[old]:
		fam.revoked = true
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "the refresh token was used before")
	default:
		s.used[old] = true
		s.counts["refresh"]++
		s.give(w, fam, "", true)
	}
}

func (s *Server) fromDevice(w http.ResponseWriter, f url.Values) {
	d := s.devices[f.Get("device_code")]
	now := time.Now()
	if d == nil {
		s.refuse(w, http.StatusBadRequest, "invalid_grant", "there is no such code")
		return
	}
	early := !d.asked.IsZero() && now.Sub(d.asked) < d.interval
	d.asked = now
	switch {
	case !now.Before(d.ends):
		s.refuse(w, http.StatusBadRequest, "expired_token", "")
	case early:
		s.counts["slow_down"]++
		s.refuse(w, http.StatusBadRequest, "slow_down", "")
	case s.Deny != "":
		s.refuse(w, http.StatusBadRequest, s.Deny, "the person said no")
	case !d.approved:
		s.refuse(w, http.StatusBadRequest, "authorization_pending", "")
	default:
		delete(s.devices, f.Get("device_code"))
		s.give(w, &family{}, "", true)
	}
}

// SlowDown wants a longer pause from devices than they were told.
func (s *Server) SlowDown(interval time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		d.interval = interval
	}
}

func (s *Server) device(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("client_id") != s.ClientID {
		s.refuse(w, http.StatusUnauthorized, "invalid_client", "")
		return
	}
	name, user := rand.Text(), rand.Text()[:8]
	const life = 2 * time.Minute
	s.devices[name] = &device{user: user, ends: time.Now().Add(life), interval: time.Duration(s.Interval) * time.Second}
	answer(w, http.StatusOK, map[string]any{
		"device_code": name, "user_code": user, "verification_uri": "https://login.test/device",
		"expires_in": int(life.Seconds()), "interval": s.Interval,
	})
}

func (s *Server) give(w http.ResponseWriter, f *family, scope string, lasting bool) {
	name := rand.Text()
	s.access[name] = f
	s.given = append(s.given, name)
	out := map[string]any{"access_token": name, "token_type": "Bearer"}
	if s.Life > 0 {
		out["expires_in"] = int(s.Life.Seconds())
		s.ends[name] = time.Now().Add(s.Life)
	}
	if scope != "" {
		out["scope"] = scope
	}
	if lasting && !s.Silent {
		r := rand.Text()
		s.refresh[r] = f
		s.given = append(s.given, r)
		out["refresh_token"] = r
		out["id_token"] = "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"ann@example.com"}`)) + ".x"
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) refuse(w http.ResponseWriter, status int, code, why string) {
	s.problems = append(s.problems, "token: "+code+" "+why)
	answer(w, status, map[string]any{"error": code, "error_description": why})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who went away does not hear it
}

// serve is the service that the tokens are for.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	f := s.access[name]
	end, ends := s.ends[name]
	if !ok || f == nil || f.revoked || ends && !time.Now().Before(end) {
		if s.Vague {
			answer(w, http.StatusOK, map[string]any{"ok": false, "error": "token_expired"})
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"hello": "ann"})
}
