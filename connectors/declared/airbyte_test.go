package declared

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/kittest"
	"jackfield/flow"
)

// helpdesk is the service that testdata/desk.yaml describes.
type helpdesk struct {
	mu      sync.Mutex
	t       *testing.T
	server  *httptest.Server
	asked   []string
	signed  func(r *http.Request) bool
	tokens  int // that were given
	refresh string
	now     func(w http.ResponseWriter) bool // nil is as usual
}

func newHelpdesk(t *testing.T) *helpdesk {
	h := &helpdesk{t: t, refresh: "canary-refresh-0", signed: func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer canary-token" }}
	h.server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.server.Close)
	return h
}

var tickets = []map[string]any{
	{"id": 1, "subject": "A", "changed": "2026-02-02T00:00:00Z", "secret": "s", "deep": map[string]any{"x1": 1, "y": 2}},
	{"id": 2, "subject": "B", "changed": "2026-02-03T00:00:00Z"},
	{"id": 3, "subject": "C", "changed": "2026-02-04T00:00:00Z"},
	{"id": 4, "subject": "D", "changed": "2026-02-20T00:00:00Z"},
}

func (h *helpdesk) serve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch r.URL.Path {
	case "/token":
		h.token(w, r)
		return
	case "/login":
		body, _ := io.ReadAll(r.Body)
		h.tokens++
		h.asked = append(h.asked, "login "+string(body))
		give(w, map[string]any{"token": "canary-old-" + strconv.Itoa(h.tokens), "session": map[string]any{"id": "canary-session-" + strconv.Itoa(h.tokens)}})
		return
	}
	if !h.signed(r) {
		http.Error(w, `{"message": "not you"}`, http.StatusUnauthorized)
		return
	}
	body, _ := io.ReadAll(r.Body)
	h.asked = append(h.asked, strings.TrimSpace(r.URL.RequestURI()+" "+string(body)))
	if h.now != nil && h.now(w) {
		return
	}
	q := r.URL.Query()
	path := strings.TrimPrefix(r.URL.Path, "/api/")
	switch {
	case path == "tickets":
		h.tickets(w, q)
	case strings.HasSuffix(path, "/notes"):
		id := strings.Split(path, "/")[1]
		next := any(h.server.URL + r.URL.Path + "?more=1")
		if id == "3" {
			next = "tickets/3/notes?more=1"
		}
		if q.Has("more") {
			next = nil
		}
		give(w, map[string]any{"notes": []any{map[string]any{"id": id + "-" + q.Get("more")}}, "links": map[string]any{"next": next}})
	case path == "areas":
		h.areas(w, r, body)
	case path == "table":
		_, _ = w.Write([]byte("id;name\n1;\"A;B\"\n2;C\n"))
	default:
		http.NotFound(w, r)
	}
}

// tickets gives those of a window, in pages.
func (h *helpdesk) tickets(w http.ResponseWriter, q url.Values) {
	from, _ := strconv.ParseInt(q.Get("from"), 10, 64)
	to, _ := strconv.ParseInt(q.Get("to"), 10, 64)
	page, _ := strconv.Atoi(q.Get("page"))
	found := []any{}
	for _, one := range tickets {
		at, _ := time.Parse(time.RFC3339, one["changed"].(string))
		if at.Unix() >= from && at.Unix() <= to {
			found = append(found, one)
		}
	}
	give(w, map[string]any{"tickets": found[min((page-1)*2, len(found)):min(page*2, len(found))]})
}

func (h *helpdesk) areas(w http.ResponseWriter, r *http.Request, body []byte) {
	var asked struct {
		Range struct{ Start, Size int }
	}
	if err := json.Unmarshal(body, &asked); err != nil || asked.Range.Size != 2 {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	rows := []any{}
	for i := asked.Range.Start; i < min(asked.Range.Start+2, 3); i++ {
		rows = append(rows, map[string]any{"rowId": r.URL.Query().Get("half") + r.Header.Get("X-Kind") + strconv.Itoa(i), "live": i != 1, "innerPart": map[string]any{"n": i}})
	}
	give(w, map[string]any{"areas": []any{map[string]any{"rows": rows}}})
}

// token gives an access token for the refresh token that counts, and another of that.
func (h *helpdesk) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if r.PostForm.Get("refresh_token") != h.refresh || r.PostForm.Get("client_secret") != "canary-secret" || r.PostForm.Get("scope") != "read write" {
		w.WriteHeader(http.StatusBadRequest)
		give(w, map[string]any{"error": "invalid_grant", "error_description": "unknown token"})
		return
	}
	h.tokens++
	h.refresh = fmt.Sprintf("canary-refresh-%d", h.tokens)
	give(w, map[string]any{"access_token": fmt.Sprintf("canary-access-%d", h.tokens), "refresh_token": h.refresh, "expires_in": 3600})
}

func (h *helpdesk) desk(more flow.Values) *kittest.Desk {
	h.t.Helper()
	text, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		h.t.Fatal(err)
	}
	c, _ := loaded(h.t, "desk", string(text))
	if c.ID == "" {
		h.t.Fatal("it is no connector")
	}
	all := flow.Values{"site": h.server.URL, "start_date": "2026-02-01", "credentials_kind": "token", "credentials_token": "canary-token"}
	for name, v := range more {
		all[name] = v
	}
	d := kittest.NewDesk(h.t, c, all)
	d.Env.Started = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return d
}

func TestAnAirbyteManifestIsADeclaration(t *testing.T) {
	text, err := os.ReadFile("testdata/desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, problems := loaded(t, "desk", string(text))
	kittest.Connector(t, c)
	var told []string
	for _, p := range problems {
		if !p.Warning {
			t.Error("it stands in the way of the others:", p)
		}
		told = append(told, p.Error())
	}
	want := []string{
		`desk.yaml:144:20: stream "odd": CustomRecordExtractor is not known here; leave the stream out, or read it in another way`,
		`desk.yaml:153:98: stream "mixed": AsyncRetriever is not known here; leave the stream out, or read it in another way`,
		`desk.yaml:153:13: stream "odd_children": its parent "mixed" cannot be read here; see what is wrong with that one`,
		`desk.yaml:159:53: stream "sorcery": path: the function "sorcery" is not known here in {{ sorcery() }};`,
	}
	if len(told) != len(want) {
		t.Fatalf("problems:\n%s", strings.Join(told, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(told[i], want[i][:strings.LastIndex(want[i], ";")]) {
			t.Errorf("got  %s\nwant %s", told[i], want[i])
		}
	}
	var ops []string
	for _, op := range c.Ops {
		ops = append(ops, op.ID)
	}
	if got := strings.Join(ops, " "); got != "tickets ticket_notes areas table" {
		t.Errorf("operations: %s", got)
	}
	if op, _ := c.Op("tickets"); len(op.Out.Properties) != 2 {
		t.Errorf("its records look like %s", kittest.JSON(op.Out))
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnAirbyteStreamIsReadByWindowsAndPages(t *testing.T) {
	h := newHelpdesk(t)
	d := h.desk(nil)
	got, mark := d.Read("tickets", nil, nil)
	if ids(got) != "1 2 3 4" {
		t.Errorf("got %s", ids(got))
	}
	if first := kittest.JSON(got[0]); first != `{"changed":"2026-02-02T00:00:00Z","deep":{"y":2},"double":2,"id":1,"label":"1","meta":{"site":"North"},"subject":"A"}` {
		t.Errorf("first %s", first)
	}
	want := []string{
		"/api/tickets?from=1769904000&page=1&per_page=2&state=open&to=1770767999",
		"/api/tickets?from=1769904000&page=2&per_page=2&state=open&to=1770767999",
		"/api/tickets?from=1770768000&page=1&per_page=2&state=open&to=1771631999",
		"/api/tickets?from=1771632000&page=1&per_page=2&state=open&to=1772366400",
	}
	if !slices.Equal(h.asked, want) {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(h.asked, "\n"), strings.Join(want, "\n"))
	}
	h.asked = nil
	again, _ := d.Read("tickets", nil, mark)
	if len(again) != 0 || h.asked[0] != "/api/tickets?from=1771542000&page=1&per_page=2&state=open&to=1772366400" {
		t.Errorf("then %s, asked %q", ids(again), h.asked)
	}
}

func TestAirbyteComponentsDoWhatTheySay(t *testing.T) {
	for _, tt := range []struct{ stream, want string }{
		{"ticket_notes", `{"id":"1-","subject":"A"} {"id":"1-1","subject":"A"} {"id":"2-","subject":"B"} {"id":"2-1","subject":"B"} {"id":"3-","subject":"C"} {"id":"3-1","subject":"C"} {"id":"4-","subject":"D"} {"id":"4-1","subject":"D"}`},
		{"areas", `{"live":true,"n":0,"row_id":"ax0"} {"live":true,"n":2,"row_id":"ax2"} {"live":true,"n":0,"row_id":"ay0"} {"live":true,"n":2,"row_id":"ay2"} {"live":true,"n":0,"row_id":"bx0"} {"live":true,"n":2,"row_id":"bx2"} {"live":true,"n":0,"row_id":"by0"} {"live":true,"n":2,"row_id":"by2"}`},
		{"table", `{"id":"1","name":"A;B"} {"id":"2","name":"C"}`},
	} {
		t.Run(tt.stream, func(t *testing.T) {
			h := newHelpdesk(t)
			got, _ := h.desk(nil).Read(tt.stream, nil, nil)
			var all []string
			for _, one := range got {
				all = append(all, kittest.JSON(one))
			}
			if told := strings.Join(all, " "); told != tt.want {
				t.Errorf("got %s\nasked %q", told, h.asked)
			}
		})
	}
}

func TestAirbyteSignsIn(t *testing.T) {
	for _, tt := range []struct {
		kind   string
		with   flow.Values
		signed func(r *http.Request) bool
	}{
		{"token", nil, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer canary-token" }},
		{"key", flow.Values{"credentials_key": "canary-key"}, func(r *http.Request) bool {
			return r.URL.Query().Get("api_key") == "canary-key" && r.Header.Get("Authorization") == ""
		}},
		{"user", flow.Values{"credentials_user": "ann", "credentials_password": "canary-pass"}, func(r *http.Request) bool { u, p, _ := r.BasicAuth(); return u+":"+p == "ann:canary-pass" }},
		{"oauth", flow.Values{"credentials_client": "c", "credentials_secret": "canary-secret", "credentials_refresh": "canary-refresh-0"}, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer canary-access-1" }},
		{"old", flow.Values{"credentials_user": "ann", "credentials_password": "canary-pass", "credentials_token": ""}, func(r *http.Request) bool { return r.Header.Get("X-Session") == "canary-old-1" }},
		{"old", flow.Values{"credentials_user": "ann", "credentials_token": "canary-given"}, func(r *http.Request) bool { return r.Header.Get("X-Session") == "canary-given" }},
		{"session", flow.Values{"credentials_user": "ann"}, func(r *http.Request) bool { return r.Header.Get("X-Session") == "canary-session-1" }},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			h := newHelpdesk(t)
			h.signed = tt.signed
			d := h.desk(flow.Values{"credentials_kind": tt.kind})
			got, _ := d.Read("tickets", tt.with, nil)
			if len(got) != 4 || h.tokens > 1 {
				t.Errorf("%d records with %d tokens", len(got), h.tokens)
			}
			if log := d.Log(); strings.Contains(log, "canary") || !strings.Contains(log, "/api/tickets") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestATokenThatEndedIsRenewedOnceAndKept(t *testing.T) {
	h := newHelpdesk(t)
	ended := map[string]bool{}
	h.signed = func(r *http.Request) bool {
		token := r.Header.Get("Authorization")
		return strings.HasPrefix(token, "Bearer canary-access-") && !ended[token]
	}
	d := h.desk(flow.Values{"credentials_kind": "oauth", "credentials_client": "c", "credentials_secret": "canary-secret", "credentials_refresh": "canary-refresh-0"})
	d.Env.Tokens = kit.NewTokens(nil)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := d.Bind("table", nil).(kit.Source).Read(t.Context(), d.Env, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if h.tokens != 1 {
		t.Errorf("%d tokens for 20 at a time", h.tokens)
	}
	ended["Bearer canary-access-1"] = true
	if got, _ := d.Read("table", nil, nil); len(got) != 2 || h.tokens != 2 {
		t.Errorf("after its end %d records with %d tokens", len(got), h.tokens)
	}
	ended["Bearer canary-access-2"] = true
	h.refresh = "another"
	err := broken(t, d, "table", nil)
	kittest.WantFailure(t, err, kit.Denied, "", "sign in: ", "unknown token")
	if strings.Contains(err.Error()+d.Log(), "canary") {
		t.Errorf("%v\n%s", err, d.Log())
	}
}

func TestAirbyteRulesJudgeReplies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		header string
		body   map[string]any
		check  func(err error, records int) bool
	}{
		{"what is ignored", 400, "", map[string]any{"code": "archived"}, func(err error, n int) bool { return err == nil && n == 0 }},
		{"a message of the manifest", 418, "", map[string]any{"why": "tea"}, func(err error, _ int) bool {
			return err != nil && kit.AsFailure(err).Kind == kit.Refused && strings.HasSuffix(err.Error(), "the desk says tea")
		}},
		{"a wait from a header", 503, "back in 9 s", nil, func(err error, _ int) bool {
			return err != nil && kit.AsFailure(err).Passing() && kit.AsFailure(err).After == 9*time.Second
		}},
		{"anything else", 403, "", nil, func(err error, _ int) bool { return err != nil && kit.AsFailure(err).Kind == kit.Denied }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHelpdesk(t)
			h.now = func(w http.ResponseWriter) bool {
				w.Header().Set("X-Back", tt.header)
				w.WriteHeader(tt.status)
				give(w, tt.body)
				return true
			}
			d := h.desk(nil)
			page, err := d.Bind("areas", nil).(kit.Source).Read(t.Context(), d.Env, nil)
			if !tt.check(err, len(page.Data)) {
				t.Errorf("%v, %d records", err, len(page.Data))
			}
		})
	}
}

func TestAConnectionOfAnAirbyteManifestIsTested(t *testing.T) {
	h := newHelpdesk(t)
	d := h.desk(nil)
	c := d.Set.Connection()
	fields := c.Fields()
	var names []string
	for _, f := range fields[:3] {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "site start_date credentials_kind" {
		t.Errorf("fields: %s", got)
	}
	for _, p := range fields.Bind("", d.All) {
		t.Error(p)
	}
	shown := map[string]bool{}
	for _, f := range c.Fields() {
		shown[f.Name] = f.Matters()
	}
	if !shown["credentials_token"] || shown["credentials_user"] || shown["credentials_key"] {
		t.Errorf("shown are %v", shown)
	}
	checks := c.Test(t.Context(), d.Env)
	if last := checks[len(checks)-1]; !last.OK || last.What != "Tickets gives 2 records" {
		t.Errorf("checks: %+v", checks)
	}
}

func TestReferencesThatLeadNowhereAreTold(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"type: DeclarativeSource\nstreams:\n  - $ref: '#/definitions/none'\n", `x.yaml:3:11: "#/definitions/none" refers to nothing`},
		{"type: DeclarativeSource\nstreams: [{$ref: '#/a'}]\na: {$ref: '#/b'}\nb: {$ref: '#/a'}\n", "the reference leads back to itself"},
		{"type: DeclarativeSource\nstreams: [{type: DeclarativeStream, name: a, retriever: {type: CustomRetriever}}]\n", `x.yaml:2:57: stream "a": CustomRetriever is not known here`},
	} {
		c, problems := loaded(t, "x", tt.text)
		if c.ID != "" || len(problems) == 0 || !strings.Contains(problems[0].Error(), tt.want) {
			t.Errorf("%s: %v", tt.text, problems)
		}
	}
}
