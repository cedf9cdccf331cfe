package openapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// shop is the service that testdata/shop.yaml describes.
type shop struct {
	orders []map[string]any
	seen   []string // the requests
	keys   map[string]bool
}

func newShop() *shop {
	s := &shop{keys: map[string]bool{}}
	for i := range 7 {
		s.orders = append(s.orders, map[string]any{"id": fmt.Sprintf("o%d", i+1), "number": i + 1, "updated_at": fmt.Sprintf("2026-01-01T00:%02d:00Z", i+1)})
	}
	return s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	seen := r.Method + " " + r.URL.RequestURI()
	if len(body) > 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		seen += " " + string(body)
	}
	for _, name := range []string{"X-Tenant", "Cookie"} {
		if v := r.Header.Get(name); v != "" {
			seen += " " + name + "=" + v
		}
	}
	s.seen = append(s.seen, seen)
	if r.Header.Get("Authorization") != "Bearer right" {
		fail(w, http.StatusUnauthorized, "who are you?")
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/orders", s.list)
	mux.HandleFunc("POST /v1/orders", func(w http.ResponseWriter, r *http.Request) { s.add(w, r, body) })
	mux.HandleFunc("GET /v1/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, o := range s.orders {
			if o["id"] == r.PathValue("id") {
				give(w, http.StatusOK, o)
				return
			}
		}
		fail(w, http.StatusNotFound, "there is no such order")
	})
	mux.HandleFunc("DELETE /v1/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.orders = slices.DeleteFunc(s.orders, func(o map[string]any) bool { return o["id"] == r.PathValue("id") })
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /v1/orders/{id}/notes", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "noted")
	})
	mux.HandleFunc("GET /v1/categories", func(w http.ResponseWriter, _ *http.Request) {
		give(w, http.StatusOK, []any{map[string]any{"name": "cups"}})
	})
	mux.HandleFunc("POST /v1/files", func(w http.ResponseWriter, r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		file, head, err := r.FormFile("file")
		if err != nil {
			fail(w, http.StatusBadRequest, err.Error())
			return
		}
		data, _ := io.ReadAll(file)
		give(w, http.StatusCreated, map[string]any{"size": len(data), "name": head.Filename, "title": r.FormValue("title"), "text": string(data)})
	})
	mux.ServeHTTP(w, r)
}

func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("cursor"))
	size, _ := strconv.Atoi(q.Get("limit"))
	all := slices.DeleteFunc(slices.Clone(s.orders), func(o map[string]any) bool { return o["updated_at"].(string) < q.Get("updated_since") })
	end := min(from+size, len(all))
	meta := map[string]any{"next_cursor": nil}
	if end < len(all) {
		meta["next_cursor"] = strconv.Itoa(end)
	}
	give(w, http.StatusOK, map[string]any{"data": all[min(from, end):end], "meta": meta})
}

func (s *shop) add(w http.ResponseWriter, r *http.Request, body []byte) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		fail(w, http.StatusBadRequest, "no key")
		return
	}
	var o map[string]any
	if err := json.Unmarshal(body, &o); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if !s.keys[key] {
		s.keys[key] = true
		o["id"], o["updated_at"] = fmt.Sprintf("o%v", o["number"]), "2026-01-01T00:59:00Z"
		s.orders = append(s.orders, o)
	}
	give(w, http.StatusCreated, o)
}

func give(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int, says string) {
	give(w, status, map[string]any{"detail": says})
}

// rig is the shop, the connector of its document, and an environment.
type rig struct {
	*shop
	t   *testing.T
	url string
	c   kit.Connector
	env kit.Env
	log []string
}

func newRig(t *testing.T) *rig {
	c, problems := load(t, "shop.yaml")
	if problems != nil {
		t.Fatal(problems)
	}
	g := &rig{shop: newShop(), t: t, c: c}
	server := httptest.NewServer(g.shop)
	t.Cleanup(server.Close)
	g.url = server.URL + "/v1"
	g.env = kit.Env{Run: "r1", Flow: "f", Step: "s", Write: func(l flow.LogLine) { g.log = append(g.log, l.Text) }}
	return g
}

func (g *rig) bind(op string, with flow.Values) (kit.Operation, error) {
	g.t.Helper()
	o, ok := g.c.Op(op)
	if !ok {
		g.t.Fatalf("there is no %s", op)
	}
	made := o.New()
	all := flow.Values{"url": g.url, "token": "right"}
	for k, v := range with {
		all[k] = v
	}
	fields := made.Fields()
	for _, p := range append(fields.Bind("s", all), fields.Missing("s", nil)...) {
		return made, p
	}
	return made, nil
}

func (g *rig) perform(op string, with flow.Values) (string, error) {
	made, err := g.bind(op, with)
	if err != nil {
		return "", err
	}
	res, err := made.(kit.Action).Run(g.t.Context(), g.env, flow.Record{ID: "rec1"})
	var out []string
	for _, v := range res.Data {
		out = append(out, string(value.Append(nil, v)))
	}
	return strings.Join(out, "\n"), err
}

// readAll reads a list to its end, each page with an operation of its own.
func (g *rig) readAll(op string, with flow.Values, after flow.Cursor) (ids string, pages int, mark flow.Cursor, err error) {
	var all []string
	for more := true; more; pages++ {
		made, err := g.bind(op, with)
		if err != nil {
			return "", pages, nil, err
		}
		page, err := made.(kit.Source).Read(g.t.Context(), g.env, after)
		if err != nil {
			return "", pages, nil, err
		}
		for _, v := range page.Data {
			all = append(all, fmt.Sprint(v.(map[string]any)["id"]))
		}
		if page.Mark != nil {
			mark = page.Mark
		}
		after, more = page.Next, page.More
	}
	return strings.Join(all, " "), pages, mark, nil
}

func TestAListIsReadInPagesAndThenWhatIsNew(t *testing.T) {
	g := newRig(t)
	got, pages, mark, err := g.readAll("orders", nil, nil)
	if err != nil || got != "o1 o2 o3 o4 o5 o6 o7" || pages != 3 || mark == nil {
		t.Fatalf("got %s in %d pages, %s, %v", got, pages, mark, err)
	}
	if first := g.seen[0]; first != "GET /v1/orders?limit=3" {
		t.Errorf("the first run asks %s", first)
	}
	g.seen = nil
	if got, _, again, err := g.readAll("orders", nil, mark); err != nil || got != "" || again != nil {
		t.Errorf("with nothing new: %s, %s, %v", got, again, err)
	}
	if len(g.seen) != 1 || g.seen[0] != "GET /v1/orders?limit=3&updated_since=2026-01-01T00%3A07%3A00Z" {
		t.Errorf("the next run asks %v", g.seen)
	}
	g.orders[1]["updated_at"] = "2026-01-01T00:20:00Z"
	if got, _, _, err := g.readAll("orders", nil, mark); err != nil || got != "o2" {
		t.Errorf("what is new: %s, %v", got, err)
	}
}

func TestAListWithoutACursorIsReadWholeEachTime(t *testing.T) {
	g := newRig(t)
	with := flow.Values{"cursor": "", "page_size": 2, "status": []any{"open", "paid"}, "filter": map[string]any{"city": "Graz", "min": 2.5}, "param_url": "a b", "x_tenant": "t1"}
	got, pages, mark, err := g.readAll("orders", with, nil)
	if err != nil || got != "o1 o2 o3 o4 o5 o6 o7" || pages != 4 || mark != nil {
		t.Errorf("got %s in %d pages, %s, %v", got, pages, mark, err)
	}
	if want := "GET /v1/orders?filter%5Bcity%5D=Graz&filter%5Bmin%5D=2.5&limit=2&status=open%2Cpaid&url=a+b X-Tenant=t1"; g.seen[0] != want {
		t.Errorf("asked %s\nwant  %s", g.seen[0], want)
	}
	if got, pages, _, err := g.readAll("list_categories", nil, nil); err != nil || pages != 1 || got != "<nil>" {
		t.Errorf("a list without pages: %s in %d, %v", got, pages, err)
	}
}

func TestActionsDoWhatTheDocumentSays(t *testing.T) {
	g := newRig(t)
	order := map[string]any{"number": 42, "lines": []any{map[string]any{"article": "cup"}}}
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		want     string
		asked    string
	}{
		{"get", "get_order", flow.Values{"order_id": "o3", "detailed": "true", "currency": "EUR"}, `{"id":"o3","number":3,"updated_at":"2026-01-01T00:03:00Z"}`, "GET /v1/orders/o3?detailed=true&currency=EUR"},
		{"post", "create_order", flow.Values{"body": order}, `{"id":"o42","lines":[{"article":"cup"}],"number":42,"updated_at":"2026-01-01T00:59:00Z"}`, `POST /v1/orders {"lines":[{"article":"cup"}],"number":42}`},
		{"delete", "remove_order", flow.Values{"order_id": "o42"}, "null", "DELETE /v1/orders/o42"},
		{"a form", "add_note", flow.Values{"order_id": "o 1/2", "body": map[string]any{"text": "x & y", "tags": []any{"a", "b"}}}, `"noted"`, "POST /v1/orders/o%201%2F2/notes tags=a&tags=b&text=x+%26+y"},
		{"a file", "upload_file", flow.Values{"body": map[string]any{"title": "Hello", "file": "aGVsbG8="}}, `{"name":"file","size":5,"text":"hello","title":"Hello"}`, "POST /v1/files"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g.seen = nil
			got, err := g.perform(tt.op, tt.with)
			if err != nil || got != tt.want || len(g.seen) != 1 || g.seen[0] != tt.asked {
				t.Errorf("got %s, %v\nwant %s\nasked %v\nwant  %s", got, err, tt.want, g.seen, tt.asked)
			}
		})
	}
}

func TestARetrySendsTheSameKey(t *testing.T) {
	g := newRig(t)
	with := flow.Values{"body": map[string]any{"number": 50}}
	for range 2 {
		if _, err := g.perform("create_order", with); err != nil {
			t.Fatal(err)
		}
	}
	if len(g.orders) != 8 {
		t.Errorf("%d orders", len(g.orders))
	}
}

func TestWhatDoesNotFitIsNotSent(t *testing.T) {
	for _, tt := range []struct {
		name, op string
		with     flow.Values
		field    string
		says     string
	}{
		{"a parameter against its pattern", "get_order", flow.Values{"order_id": "7"}, "order_id", "does not fit"},
		{"a parameter that is missing", "get_order", flow.Values{}, "order_id", "needed"},
		{"a choice that is none", "get_order", flow.Values{"order_id": "o1", "currency": "CHF"}, "currency", "not one of the choices"},
		{"a list with a wrong member", "orders", flow.Values{"status": []any{"lost"}}, "status", "at 0 does not fit"},
		{"an object with a wrong member", "orders", flow.Values{"filter": map[string]any{"min": "much"}}, "filter", "at min does not fit"},
		{"a body without what it needs", "create_order", flow.Values{"body": map[string]any{"total": 1}}, "body", `"number" is missing`},
		{"a body with a wrong member", "create_order", flow.Values{"body": map[string]any{"number": 1, "lines": []any{map[string]any{"article": 5}}}}, "body", "at lines.0.article does not fit: value must be a string"},
		{"a number too small", "create_order", flow.Values{"body": map[string]any{"number": 0}}, "body", "at number does not fit"},
		{"no body", "create_order", flow.Values{}, "body", "needed"},
		{"bytes that are none", "upload_file", flow.Values{"body": map[string]any{"file": "öö"}}, "body", "base64"},
		{"a form of a list", "add_note", flow.Values{"order_id": "o1", "body": []any{1}, "check": false}, "body", "a list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newRig(t)
			var err error
			if o, _ := g.c.Op(tt.op); o.Role() == kit.SourceRole {
				_, _, _, err = g.readAll(tt.op, tt.with, nil)
			} else {
				_, err = g.perform(tt.op, tt.with)
			}
			f := kit.AsFailure(cmpErr(err))
			if err == nil || f.Field != tt.field || !strings.Contains(f.What, tt.says) || f.Fix == "" {
				t.Errorf("got %+v", err)
			}
			if g.seen != nil {
				t.Errorf("it was sent all the same: %v", g.seen)
			}
		})
	}
	t.Run("unless a person says so", func(t *testing.T) {
		g := newRig(t)
		if _, err := g.perform("create_order", flow.Values{"body": map[string]any{"total": 1}, "check": false}); err != nil {
			t.Error(err)
		}
	})
}

func cmpErr(err error) error {
	if err == nil {
		return errors.New("it does not fail")
	}
	return err
}

func TestARefusalInWords(t *testing.T) {
	g := newRig(t)
	_, err := g.perform("get_order", flow.Values{"order_id": "o99"})
	if f := kit.AsFailure(cmpErr(err)); f.Kind != kit.Missing || !strings.Contains(f.What, "there is no such order") {
		t.Errorf("got %+v", err)
	}
	_, err = g.perform("get_order", flow.Values{"order_id": "o1", "token": "hush"})
	if f := kit.AsFailure(cmpErr(err)); f.Kind != kit.Denied || strings.Contains(fmt.Sprint(f, g.log), "hush") {
		t.Errorf("got %+v, log %v", err, g.log)
	}
}

func TestConnectionAsksForWhatTheOverlayNames(t *testing.T) {
	g := newRig(t)
	for token, want := range map[string]bool{"right": true, "wrong": false} {
		c := g.c.Connection()
		if p := c.Fields().Bind("", flow.Values{"url": g.url, "token": token}); p != nil {
			t.Fatal(p)
		}
		checks := c.Test(t.Context(), g.env)
		if last := checks[len(checks)-1]; last.Name != "Request" || last.OK != want || !strings.Contains(last.What, "/v1/categories") {
			t.Errorf("%s: %+v", token, checks)
		}
	}
}

func TestPasteTakesTheSignInThatTheDocumentKnows(t *testing.T) {
	c, _ := load(t, "shop.yaml")
	for text, want := range map[string]string{
		"curl https://sandbox.shop.example/v1/orders -H 'X-Shop-Key: k1'":        "api_key https://sandbox.shop.example/v1 X-Shop-Key",
		"curl https://other.example/v1/orders -H 'Authorization: Bearer t'":      "bearer https://other.example <nil>",
		"curl https://eu.shop.example/v1/orders?x=1 -u ada:pw -H 'X-Other: yes'": "<nil> https://eu.shop.example/v1 <nil>",
	} {
		account := c.Connection()
		values, ok := account.(kit.Paster).Paste(text)
		if got := fmt.Sprint(values["auth"], " ", values["url"], " ", values["key_name"]); !ok || got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if p := account.Fields().Bind("", values); p != nil {
			t.Errorf("%s: %v", text, p)
		}
	}
	if _, ok := c.Connection().(kit.Paster).Paste("hello"); ok {
		t.Error("words are taken")
	}
}

func TestAStopEndsACallAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	g := newRig(t)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	g.url = server.URL
	made, err := g.bind("get_order", flow.Values{"order_id": "o1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.(kit.Action).Run(ctx, g.env, flow.Record{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A schema that is a part of itself stops nothing.
func TestASchemaThatIsAPartOfItselfIsNotChecked(t *testing.T) {
	c, problems := written(t, "loop.yaml", `openapi: 3.0.0
info: {title: loop, version: '1'}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'200': {description: fine}}
components:
  schemas:
    A: {anyOf: [{$ref: '#/components/schemas/B'}]}
    B: {allOf: [{$ref: '#/components/schemas/A'}], properties: {a: {type: string}}}
`, "")
	if len(c.Ops) != 1 || problems != nil {
		t.Fatalf("%v", problems)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { give(w, 200, map[string]any{"a": 1}) }))
	defer server.Close()
	made := c.Ops[0].New()
	if p := made.Fields().Bind("s", flow.Values{"url": server.URL, "body": map[string]any{"a": "x"}}); p != nil {
		t.Fatal(p)
	}
	if _, err := made.(kit.Action).Run(t.Context(), kit.Env{}, flow.Record{}); err != nil {
		t.Error(err)
	}
}

func TestStylesOfParameters(t *testing.T) {
	list, object := []any{"a b", 2}, map[string]any{"x": 1, "y": "z"}
	for _, tt := range []struct {
		style   string
		explode bool
		v       any
		path    string
		pairs   string
	}{
		{"simple", false, list, "a%20b,2", "p=a b,2"},
		{"simple", true, object, "x=1,y=z", "x=1&y=z"},
		{"simple", false, object, "x,1,y,z", "p=x,1,y,z"},
		{"label", true, list, ".a%20b.2", "p=a b&p=2"},
		{"matrix", true, list, ";p=a%20b;p=2", "p=a b&p=2"},
		{"matrix", false, list, ";p=a%20b,2", "p=a b,2"},
		{"form", true, list, "a%20b,2", "p=a b&p=2"},
		{"pipeDelimited", false, list, "a%20b,2", "p=a b|2"},
		{"spaceDelimited", false, list, "a%20b,2", "p=a b 2"},
		{"deepObject", true, object, "x=1,y=z", "p[x]=1&p[y]=z"},
		{"form", true, true, "true", "p=true"},
	} {
		p := &parameter{name: "p", style: tt.style, explode: tt.explode}
		if got := p.inPath(tt.v); got != tt.path {
			t.Errorf("%s %v in a path: %s, want %s", tt.style, tt.explode, got, tt.path)
		}
		var parts []string
		for _, one := range p.pairs(tt.v) {
			parts = append(parts, one.name+"="+one.value)
		}
		if got := strings.Join(parts, "&"); got != tt.pairs {
			t.Errorf("%s %v: %s, want %s", tt.style, tt.explode, got, tt.pairs)
		}
	}
}
