package http

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// mirror answers with the request as it came.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	headers := map[string]string{}
	for _, name := range []string{"Authorization", "Content-Type", "Idempotency-Key", "X-Api-Key", "X-One", "X-Two"} {
		if v := r.Header.Get(name); v != "" {
			headers[name] = v
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"at": r.Method + " " + r.URL.RequestURI(), "headers": headers, "body": string(body)})
}

func TestRequestSendsWhatItsSettingsSay(t *testing.T) {
	server := serve(t, mirror)
	tests := []struct {
		name string
		with flow.Values
		want string
	}{
		{"a path is added", flow.Values{"path": "/a b/c%2Fd?x=1", "query": map[string]any{"y": "ü"}}, `{"at":"GET /v1/a%20b/c%2Fd?base=1&x=1&y=%C3%BC","body":"","headers":{}}`},
		{"without a slash", flow.Values{"path": "contacts:search"}, `{"at":"GET /v1/contacts:search?base=1","body":"","headers":{}}`},
		{"parameters alone", flow.Values{"path": "?x=1"}, `{"at":"GET /v1?base=1&x=1","body":"","headers":{}}`},
		{"an object", flow.Values{"method": "PUT", "body": map[string]any{"n": 1, "s": "<é>"}}, `{"at":"PUT /v1?base=1","body":"{\"n\":1,\"s\":\"<é>\"}","headers":{"Content-Type":"application/json"}}`},
		{"a text", flow.Values{"method": "PUT", "body": "plain"}, `{"at":"PUT /v1?base=1","body":"plain","headers":{"Content-Type":"text/plain; charset=utf-8"}}`},
		{"a text as JSON", flow.Values{"method": "PUT", "body": "plain", "as": "json"}, `{"at":"PUT /v1?base=1","body":"\"plain\"","headers":{"Content-Type":"application/json"}}`},
		{"an object as text", flow.Values{"method": "PUT", "body": []any{1}, "as": "text"}, `{"at":"PUT /v1?base=1","body":"[1]","headers":{"Content-Type":"text/plain; charset=utf-8"}}`},
		{"a form", flow.Values{"method": "PUT", "body": map[string]any{"a": "x y", "b": []any{1, true}, "c": nil}, "as": "form"}, `{"at":"PUT /v1?base=1","body":"a=x+y&b=1&b=true&c=","headers":{"Content-Type":"application/x-www-form-urlencoded"}}`},
		{"own headers win", flow.Values{"method": "PUT", "body": "<a/>", "default_headers": map[string]any{"X-One": "a", "X-Two": "b"}, "headers": map[string]any{"x-two": "c", "Content-Type": "text/xml"}}, `{"at":"PUT /v1?base=1","body":"<a/>","headers":{"Content-Type":"text/xml","X-One":"a","X-Two":"c"}}`},
		{"GET carries no body", flow.Values{"body": map[string]any{"n": 1}}, `{"at":"GET /v1?base=1","body":"","headers":{}}`},
		{"POST has a key", flow.Values{"method": "POST", "body": 5}, `{"at":"POST /v1?base=1","body":"5","headers":{"Content-Type":"application/json","Idempotency-Key":"r1-s-rec1"}}`},
		{"POST without its key", flow.Values{"method": "POST", "idempotency": false}, `{"at":"POST /v1?base=1","body":"","headers":{}}`},
		{"user and password", flow.Values{"auth": "basic", "user": "ada", "password": "pw"}, `{"at":"GET /v1?base=1","body":"","headers":{"Authorization":"Basic YWRhOnB3"}}`},
		{"bearer", flow.Values{"auth": "bearer", "token": "tok"}, `{"at":"GET /v1?base=1","body":"","headers":{"Authorization":"Bearer tok"}}`},
		{"a key in a header", flow.Values{"auth": "api_key", "key": "k1"}, `{"at":"GET /v1?base=1","body":"","headers":{"X-Api-Key":"k1"}}`},
		{"a key in the query", flow.Values{"auth": "api_key", "key": "k1", "key_name": "apikey", "key_in": "query"}, `{"at":"GET /v1?apikey=k1&base=1","body":"","headers":{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			tt.with["url"] = server.URL + "/v1?base=1"
			got, err := g.ask(tt.with)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if log := g.lines(); strings.Contains(log, "k1") || !strings.Contains(log, "→ 200, ") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

func TestRequestGivesWhatTheReplyHolds(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-One", "1")
		switch r.URL.Path {
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/binary":
			_, _ = w.Write([]byte{0xff, 0x00})
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
			fallthrough
		default:
			_, _ = io.WriteString(w, r.URL.Query().Get("say"))
		}
	})
	tests := []struct {
		name, say string
		with      flow.Values
		want      string
	}{
		{"an object", `{"a": 12345678901234567890, "b": 1.0}`, flow.Values{}, `{"a":12345678901234567890,"b":1}`},
		{"a list", `[1, "b", null]`, flow.Values{}, "1\n\"b\"\nnull"},
		{"an empty list", `[]`, flow.Values{}, ""},
		{"a list inside", `{"data": {"rows": [{"id": 1}, {"id": 2}]}}`, flow.Values{"items": "data.rows"}, "{\"id\":1}\n{\"id\":2}"},
		{"a list inside a list", `[{"rows": [7]}]`, flow.Values{"items": "0.rows"}, "7"},
		{"null for no list", `{"data": null}`, flow.Values{"items": "data"}, ""},
		{"nothing", "", flow.Values{"path": "/empty"}, "null"},
		{"text", "words", flow.Values{"response": "text"}, `"words"`},
		{"bytes", "", flow.Values{"path": "/binary", "response": "text"}, `"/wA="`},
		{"a status that is fine", `{"error": "none"}`, flow.Values{"path": "/missing", "status": "200-299, 404"}, `{"error":"none"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			tt.with["url"], tt.with["query"] = server.URL, map[string]any{"say": tt.say}
			got, err := g.ask(tt.with)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	t.Run("all of it", func(t *testing.T) {
		got, err := newRig(t).ask(flow.Values{"url": server.URL, "query": map[string]any{"say": "words"}, "response": "full"})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{`"status":200`, `"x-one":"1"`, `"body":"words"`} {
			if !strings.Contains(got, part) {
				t.Errorf("%s lacks %s", got, part)
			}
		}
	})
}

func TestEffectFollowsTheMethod(t *testing.T) {
	for _, tt := range []struct {
		method        string
		key, honoured bool
		want          kit.Effect
	}{
		{"GET", true, true, kit.Reads},
		{"HEAD", false, false, kit.Reads},
		{"PUT", false, false, kit.Repeatable},
		{"DELETE", false, false, kit.Repeatable},
		{"POST", true, true, kit.Repeatable},
		{"POST", true, false, kit.Once},
		{"POST", false, true, kit.Once},
		{"PATCH", true, true, kit.Repeatable},
		{"PATCH", true, false, kit.Once},
		{"PATCH", false, false, kit.Once},
	} {
		q := newRig(t).request(flow.Values{"url": "demo:", "method": tt.method, "idempotency": tt.key, "honoured": tt.honoured})
		if got := q.Effect(); got != tt.want {
			t.Errorf("%s, key %v: %s, want %s", tt.method, tt.key, got, tt.want)
		}
	}
}

func TestSignInFieldsAreAskedForOnlyWhereTheyMatter(t *testing.T) {
	for auth, want := range map[string]string{
		"none": "url", "basic": "url user", "bearer": "url token", "api_key": "key url",
	} {
		op, _ := newRig(t).set.Op("request")
		fields := op.New().Fields()
		if p := fields.Bind("s", flow.Values{"auth": auth}); p != nil {
			t.Fatal(p)
		}
		var missing []string
		for _, p := range fields.Missing("s", nil) {
			missing = append(missing, p.Field)
		}
		if got := fmt.Sprint(missing); len(missing) != len(strings.Fields(want)) || !containsAll(got, strings.Fields(want)) {
			t.Errorf("%s: %v, want %s", auth, missing, want)
		}
	}
}

func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func TestRedirects(t *testing.T) {
	other := serve(t, mirror)
	var server string
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/see":
			http.Redirect(w, r, "/end", http.StatusSeeOther)
		case "/see-twice":
			http.Redirect(w, r, "/same", http.StatusSeeOther)
		case "/keep":
			http.Redirect(w, r, "/end", http.StatusPermanentRedirect)
		case "/other":
			http.Redirect(w, r, other.URL+"/end", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			mirror(w, r)
		}
	})
	server = first.URL
	signed := flow.Values{"auth": "api_key", "key": "k1", "default_headers": map[string]any{"X-One": "secret", "Authorization": "Bearer t"}}
	tests := []struct {
		name, method, path, want string
		problem                  []string
	}{
		{"followed", "GET", "/same", `{"at":"GET /end","body":"","headers":{"Authorization":"Bearer t","X-Api-Key":"k1","X-One":"secret"}}`, nil},
		{"to another host nothing that signs in goes", "GET", "/other", `{"at":"GET /end","body":"","headers":{}}`, nil},
		{"data is kept where the service says so", "PUT", "/keep", `{"at":"PUT /end","body":"data","headers":{"Authorization":"Bearer t","Content-Type":"text/plain; charset=utf-8","X-Api-Key":"k1","X-One":"secret"}}`, nil},
		{"data taken, answer elsewhere", "PUT", "/see-twice", `{"at":"GET /end","body":"","headers":{"Authorization":"Bearer t","X-Api-Key":"k1","X-One":"secret"}}`, nil},
		{"data is not thrown away", "PUT", "/same", "", []string{"moved to " + server + "/end", "not taken"}},
		{"circles", "GET", "/circle", "", []string{"in circles"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			with := flow.Values{"url": server, "path": tt.path, "method": tt.method, "body": "data"}
			for k, v := range signed {
				with[k] = v
			}
			got, err := newRig(t).ask(with)
			if tt.problem != nil {
				wantFailure(t, err, kit.Refused, "url", tt.problem...)
				return
			}
			if err != nil || got != tt.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestRequestDescribesAFullReply(t *testing.T) {
	_, out, err := newRig(t).request(flow.Values{"url": "demo:", "response": "full"}).Describe(t.Context(), kit.Env{})
	if err != nil || len(out.Properties) != 3 {
		t.Errorf("%+v, %v", out, err)
	}
}
