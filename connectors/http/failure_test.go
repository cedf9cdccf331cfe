package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestAStatusThatIsNotFineSaysWhatToDo(t *testing.T) {
	tests := []struct {
		status  int
		kind    flow.Code
		field   string
		passing bool
		body    string
		says    string
	}{
		{400, kit.Refused, "", false, `{"errors": [{"detail": "no such field"}]}`, "no such field"},
		{401, kit.Denied, "", false, "", "401 Unauthorized"},
		{403, kit.Denied, "", false, `{"message": "read only"}`, "read only"},
		{404, kit.Missing, "path", false, "<html><head><title>Not\n here</title>", "Not here"},
		{405, kit.Refused, "method", false, "", "405"},
		{408, kit.TimedOut, "", true, "", "408"},
		{409, kit.Refused, "", false, `"taken"`, "taken"},
		{410, kit.Missing, "path", false, "", "410"},
		{422, kit.Refused, "", false, `{"error": "the total must be above 0", "field": "total"}`, "the total must be above 0"},
		{429, kit.Throttled, "", true, "", "429"},
		{500, kit.Unavailable, "", true, strings.Repeat("longer", 500), "longer…"},
		{501, kit.Refused, "", false, "", "501"},
		{503, kit.Unavailable, "", true, "", "503"},
		{304, kit.Refused, "status", false, "", "304"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				if tt.body != "" {
					_, _ = io.WriteString(w, tt.body)
				}
			})
			_, err := newRig(t).ask(flow.Values{"url": server.URL, "auth": "api_key", "key": "hush", "key_name": "k", "key_in": "query"})
			f := wantFailure(t, err, tt.kind, tt.field, tt.says, server.URL)
			if f.Passing() != tt.passing {
				t.Errorf("passing %v, want %v", f.Passing(), tt.passing)
			}
			if strings.Contains(f.What, "hush") || len(f.What) > 450 {
				t.Errorf("%d letters: %s", len(f.What), f.What)
			}
		})
	}
}

func TestAReplyThatIsNotWhatItShouldBe(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/html":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>\n<h1>Welcome</h1>")
		case "/half":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"a": [1, 2`)
		case "/short":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "{")
		case "/object":
			_, _ = io.WriteString(w, `{"total": 2, "data": {"rows": []}, "rest": []}`)
		case "/long":
			block := []byte(strings.Repeat(" ", 1<<20))
			for range 65 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}
	})
	tests := []struct {
		name  string
		with  flow.Values
		kind  flow.Code
		field string
		words []string
	}{
		{"a page", flow.Values{"path": "/html"}, kit.Malformed, "response", []string{"not JSON", "text/html", "<html> <h1>Welcome", "text"}},
		{"half of it", flow.Values{"path": "/half"}, kit.Malformed, "response", []string{"application/json", `{\"a\": [1, 2`}},
		{"cut off", flow.Values{"path": "/short"}, kit.Unavailable, "", []string{"hung up"}},
		{"no list there", flow.Values{"path": "/object", "items": "rows"}, kit.Malformed, "items", []string{`no "rows"`, "data.rows or rest"}},
		{"not a list", flow.Values{"path": "/object", "items": "total"}, kit.Malformed, "items", []string{`"total"`, "a number"}},
		{"paging without items", flow.Values{"path": "/object", "paging": "link"}, kit.Malformed, "items", []string{"an object, not a list", "data.rows"}},
		{"too long", flow.Values{"path": "/long"}, kit.Refused, "", []string{"64 MB"}},
		{"no address", flow.Values{"url": " "}, kit.Invalid, "url", []string{"no address"}},
		{"no scheme", flow.Values{"url": "example.org/v1"}, kit.Invalid, "url", []string{"no scheme", "https://example.org/v1"}},
		{"no scheme but a port", flow.Values{"url": "example.org:80"}, kit.Invalid, "url", []string{"try https://example.org:80"}},
		{"a scheme of another kind", flow.Values{"url": "ftp://example.org"}, kit.Invalid, "url", []string{"ftp:"}},
		{"no host", flow.Values{"url": "https:///v1"}, kit.Invalid, "url", []string{"no host"}},
		{"an address that is none", flow.Values{"url": "https://a b"}, kit.Invalid, "url", nil},
		{"a whole address as path", flow.Values{"path": "https://example.org/x"}, kit.Invalid, "path", []string{"\"url\""}},
		{"a path that is none", flow.Values{"path": "/50%"}, kit.Invalid, "path", []string{"%25"}},
		{"statuses that are none", flow.Values{"path": "/object", "status": "fine"}, kit.Invalid, "status", []string{`"fine"`}},
		{"a header that is none", flow.Values{"headers": map[string]any{"X One": "1"}}, kit.Invalid, "headers", []string{"X One"}},
		{"a header of two lines", flow.Values{"auth": "bearer", "token": "hu\nsh"}, kit.Invalid, "headers", []string{"Authorization"}},
		{"a form of no object", flow.Values{"method": "POST", "as": "form", "body": []any{1}}, kit.Invalid, "body", []string{"a list"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.with["url"] == nil {
				tt.with["url"] = server.URL
			}
			q := newRequest(newShared())
			var err error
			if problems := q.Fields().Bind("s", tt.with); len(problems) > 0 {
				err = problems[0]
			} else {
				_, err = q.Run(t.Context(), kit.Env{}, flow.Record{})
			}
			wantFailure(t, err, tt.kind, tt.field, tt.words...)
		})
	}
}

// noHost is a name that no resolver looks for, because it is too long to be one.
const noHost = "this-name-is-longer-than-the-sixty-three-letters-that-a-name-may-have.invalid"

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestAServiceThatIsNotThere(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.HandlerFunc(mirror))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := serve(t, mirror)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	hangsUp := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		line, _, _ := w.(http.Hijacker).Hijack()
		line.Close()
	})
	tests := []struct {
		name    string
		with    flow.Values
		kind    flow.Code
		field   string
		passing bool
		words   []string
	}{
		{"nobody answers", flow.Values{"url": "http://" + closedPort(t)}, kit.Unavailable, "url", true, []string{"nobody answers at 127.0.0.1:"}},
		{"no such host", flow.Values{"url": "http://" + noHost}, kit.Unavailable, "url", true, []string{noHost}},
		{"a certificate that nobody knows", flow.Values{"url": secure.URL}, kit.Denied, "url", false, []string{"certificate of 127.0.0.1"}},
		{"no TLS there", flow.Values{"url": strings.Replace(plain.URL, "http:", "https:", 1)}, kit.Invalid, "url", false, []string{"does not speak TLS"}},
		{"it takes too long", flow.Values{"url": "http://" + silent.Addr().String(), "timeout": "50ms"}, kit.TimedOut, "timeout", true, []string{"within 50ms"}},
		{"it hangs up", flow.Values{"url": hangsUp.URL, "method": "PUT"}, kit.Unavailable, "", true, []string{"hung up"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			tt.with["auth"], tt.with["key"], tt.with["key_name"], tt.with["key_in"] = "api_key", "hush", "k", "query"
			_, err := g.ask(tt.with)
			f := wantFailure(t, err, tt.kind, tt.field, tt.words...)
			if f.Passing() != tt.passing {
				t.Errorf("passing %v, want %v", f.Passing(), tt.passing)
			}
			if seen := f.What + f.Fix + g.lines(); strings.Contains(seen, "hush") || !strings.Contains(seen, "warn GET") && !strings.Contains(seen, "warn PUT") {
				t.Errorf("seen: %s", seen)
			}
		})
	}
}

func TestAStopIsNotTheServicesFault(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	_, err := newRig(t).request(flow.Values{"url": server.URL}).Run(ctx, kit.Env{}, flow.Record{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestItIsSaidWhetherAServiceMayHaveTakenTheRequest: only before the head of a request
// has left, or by the word of the service, is it known that it did not.
func TestItIsSaidWhetherAServiceMayHaveTakenTheRequest(t *testing.T) {
	status := func(n int) http.HandlerFunc { return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) } }
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	gone := httptest.NewServer(status(200))
	gone.Close()
	for _, tt := range []struct {
		name    string
		url     string
		handler http.HandlerFunc
		with    flow.Values
		want    bool
	}{
		{name: "nobody answers", url: gone.URL},
		{name: "no such host", url: "http://nowhere.invalid"},
		{name: "hangs up", handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: true},
		{name: "answers too late", handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, with: flow.Values{"timeout": "50ms"}, want: true},
		{name: "answers half", want: true, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		}},
		{name: "answers nonsense", handler: text("<html>"), want: true},
		{name: "answers without the list", handler: text(`{"a": 1}`), with: flow.Values{"items": "b"}, want: true},
		{name: "has moved", handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/there", http.StatusMovedPermanently)
		}},
		{name: "refuses", handler: status(400)},
		{name: "is busy", handler: status(429)},
		{name: "stands behind one that is not answered", handler: status(504), want: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := tt.url
			if tt.handler != nil {
				server := httptest.NewUnstartedServer(tt.handler)
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.Start()
				defer server.Close()
				url = server.URL
			}
			with := flow.Values{"url": url, "method": "POST"}
			for name, v := range tt.with {
				with[name] = v
			}
			_, err := newRig(t).ask(with)
			if err == nil {
				t.Fatal("it went well")
			}
			if f := kit.AsFailure(err); f.Uncertain != tt.want {
				t.Errorf("uncertain %v: %s", f.Uncertain, f.What)
			}
		})
	}
}
