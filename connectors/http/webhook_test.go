package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// host is a porch with webhooks that listen, on a port that the system chose.
type host struct {
	*rig
	stop   context.CancelFunc
	ctx    context.Context
	port   chan string
	events chan kit.Event
	run    func(ctx context.Context, e kit.Event) (kit.Receipt, error)
}

func newHost(t testing.TB) *host {
	h := &host{rig: newRig(t), port: make(chan string, 8), events: make(chan kit.Event, 8)}
	h.ctx, h.stop = context.WithCancel(t.Context())
	t.Cleanup(h.stop)
	h.porch().listen = func(network, _ string) (net.Listener, error) {
		l, err := net.Listen(network, "127.0.0.1:0")
		if err == nil {
			h.port <- l.Addr().String()
		}
		return l, err
	}
	h.run = func(context.Context, kit.Event) (kit.Receipt, error) { return kit.Receipt{Run: "r1"}, nil }
	return h
}

func (h *host) porch() *porch {
	op, _ := h.set.Op("webhook")
	return &op.New().(*webhook).shared.porch
}

// listen starts a webhook of a flow and gives a wait for its end. It listens when
// listen returns.
func (h *host) listen(f flow.ID, with flow.Values) (ended chan error) {
	h.t.Helper()
	env, listening := h.env, make(chan struct{})
	env.Flow = f
	env.Write = func(l flow.LogLine) {
		h.env.Write(l)
		if strings.HasPrefix(l.Text, "listens at") {
			close(listening)
		}
	}
	hook := h.bind("webhook", with).(*webhook)
	ended = make(chan error, 1)
	go func() {
		ended <- hook.Listen(h.ctx, env, func(ctx context.Context, e kit.Event) (kit.Receipt, error) {
			h.events <- e
			return h.run(ctx, e)
		})
	}()
	select {
	case <-listening:
	case err := <-ended:
		ended <- err
	}
	return ended
}

// ringAt sends a request and gives its answer as "status body".
func ringAt(t *testing.T, req *http.Request) string {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status[:3] + " " + strings.TrimSpace(string(body))
}

func post(t *testing.T, url, kind, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

func TestWebhookGivesTheRequestAndAnswersWhenItIsTaken(t *testing.T) {
	h := newHost(t)
	ended := h.listen("shop orders", flow.Values{"path": "in/orders/"})
	base := "http://" + <-h.port
	tests := []struct{ name, kind, body, want string }{
		{"JSON", "application/json; charset=utf-8", `{"id": 12345678901234567890}`, `{"id":12345678901234567890}`},
		{"JSON of a kind", "application/ld+json", `[1]`, `[1]`},
		{"JSON without a word", "", `{"a":1}`, `{"a":1}`},
		{"JSON as curl sends it", "application/x-www-form-urlencoded", `{"a":1}`, `{"a":1}`},
		{"a form", "application/x-www-form-urlencoded", "a=1&b=2&b=3", `{"a":"1","b":["2","3"]}`},
		{"text", "text/plain", "{}", `"{}"`},
		{"bytes", "application/octet-stream", "\xff\x00", `"/wA="`},
		{"nothing", "application/json", "", "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := post(t, base+"/in/orders?x=1&y=2&y=3", tt.kind, tt.body)
			req.Header.Set("X-Custom", "Yes")
			if got := ringAt(t, req); got != `202 {"run":"r1"}` {
				t.Fatalf("answer %s", got)
			}
			e := <-h.events
			got := e.Data[0].(map[string]any)
			if text := string(value.Append(nil, got["body"])); text != tt.want {
				t.Errorf("body %s, want %s", text, tt.want)
			}
			if text := string(value.Append(nil, []any{got["method"], got["path"], got["query"], got["headers"].(map[string]any)["x-custom"], e.Cause})); text != `["POST","/in/orders",{"x":"1","y":["2","3"]},"Yes","webhook"]` {
				t.Errorf("the rest is %s", text)
			}
		})
	}
	h.stop()
	if err := <-ended; err != nil {
		t.Errorf("at its end: %v", err)
	}
}

func TestWebhookTurnsAway(t *testing.T) {
	h := newHost(t)
	h.listen("open", flow.Values{})
	h.listen("shut", flow.Values{"secret": "s3cret", "method": "any"})
	base := "http://" + <-h.port
	tests := []struct {
		name, path string
		change     func(*http.Request)
		want       string
	}{
		{"another path", "/elsewhere", nil, "404"},
		{"another method", "/open", func(r *http.Request) { r.Method = http.MethodPut }, "405"},
		{"JSON that is none", "/open", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/json")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("{1")), 2
		}, "400"},
		{"a body that is too long", "/open", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, mostCalled+1))), -1
		}, "413"},
		{"a page of another site", "/open", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, "403"},
		{"a name that is only led here", "/open", func(r *http.Request) { r.Host = "evil.example" }, "403"},
		{"a secret where none is kept does not help", "/open", func(r *http.Request) {
			r.Host = "evil.example"
			r.Header.Set(secretHeader, "x")
		}, "403"},
		{"localhost", "/open", func(r *http.Request) { r.Host = "localhost:8095" }, "202"},
		{"no secret", "/shut", nil, "401"},
		{"the wrong secret", "/shut", func(r *http.Request) { r.Header.Set(secretHeader, "s3cre") }, "401"},
		{"the secret", "/shut", func(r *http.Request) {
			r.Method, r.Host = http.MethodPut, "public.example"
			r.Header.Set(secretHeader, "s3cret")
		}, "202"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := post(t, base+tt.path, "", "x")
			if tt.change != nil {
				tt.change(req)
			}
			if got := ringAt(t, req); !strings.HasPrefix(got, tt.want) {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
			select {
			case e := <-h.events:
				if tt.want != "202" {
					t.Error("a run was started")
				}
				if text := string(value.Append(nil, e.Data)); strings.Contains(text, "s3cret") {
					t.Errorf("the secret is in the record: %s", text)
				}
			default:
				if tt.want == "202" {
					t.Error("no run was started")
				}
			}
		})
	}
}

func TestWebhookWaitsForWhatTheRunSays(t *testing.T) {
	say := func(h *host, with flow.Values) {
		with["headers"] = map[string]any{"X-Said": "yes"}
		env := h.env
		env.Flow, env.Run = "f", "r7"
		for range 2 { // the first word counts
			if _, err := h.bind("reply", with).(*respond).Run(h.ctx, env, flow.Record{}); err != nil {
				h.t.Error(err)
			}
			with["body"] = "too late"
		}
	}
	never := func(ctx context.Context) (flow.Run, error) {
		<-ctx.Done()
		return flow.Run{}, ctx.Err()
	}
	tests := []struct {
		name string
		run  func(h *host) (kit.Receipt, error)
		want string
	}{
		{"before it is known which run it is", func(h *host) (kit.Receipt, error) {
			say(h, flow.Values{"status": 201, "body": map[string]any{"ok": true}})
			return kit.Receipt{Run: "r7", Wait: never}, nil
		}, `201 {"ok":true}`},
		{"while it runs", func(h *host) (kit.Receipt, error) {
			return kit.Receipt{Run: "r7", Wait: func(ctx context.Context) (flow.Run, error) {
				say(h, flow.Values{"body": "words"})
				return never(ctx)
			}}, nil
		}, "200 words"},
		{"at its very end", func(h *host) (kit.Receipt, error) {
			return kit.Receipt{Run: "r7", Wait: func(context.Context) (flow.Run, error) {
				say(h, flow.Values{"status": 204})
				return flow.Run{State: flow.RunDone}, nil
			}}, nil
		}, "204 "},
		{"nothing", func(*host) (kit.Receipt, error) {
			return kit.Receipt{Run: "r7", Wait: func(context.Context) (flow.Run, error) { return flow.Run{State: flow.RunPartial}, nil }}, nil
		}, `200 {"run":"r7","state":"partial"}`},
		{"it failed", func(*host) (kit.Receipt, error) {
			return kit.Receipt{Run: "r7", Wait: func(context.Context) (flow.Run, error) { return flow.Run{State: flow.RunFailed}, nil }}, nil
		}, `500 {"run":"r7","state":"failed"}`},
		{"it was not taken", func(*host) (kit.Receipt, error) { return kit.Receipt{}, errors.New("the disk is full") }, `503 {"error":"it was not taken: the disk is full"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			h.run = func(context.Context, kit.Event) (kit.Receipt, error) { return tt.run(h) }
			h.listen("f", flow.Values{"reply": "wait"})
			if got := ringAt(t, post(t, "http://"+<-h.port+"/f", "", "")); got != tt.want {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
			if op, _ := h.set.Op("webhook"); len(op.New().(*webhook).shared.answers.flows) != 0 {
				t.Error("answers are kept though nobody waits")
			}
		})
	}
}

func TestWebhookThatEndsTellsThoseWhoWait(t *testing.T) {
	h := newHost(t)
	h.run = func(context.Context, kit.Event) (kit.Receipt, error) {
		return kit.Receipt{Run: "r7", Wait: func(ctx context.Context) (flow.Run, error) {
			h.stop()
			<-ctx.Done()
			return flow.Run{}, ctx.Err()
		}}, nil
	}
	ended := h.listen("f", flow.Values{"reply": "wait"})
	if got := ringAt(t, post(t, "http://"+<-h.port+"/f", "", "")); !strings.HasPrefix(got, "503 ") || !strings.Contains(got, "r7 was taken") {
		t.Errorf("answer %s", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestTwoWebhooksOnOnePath(t *testing.T) {
	h := newHost(t)
	first := h.listen("orders", flow.Values{"path": "/in"})
	err := <-h.listen("contacts", flow.Values{"path": "in/"})
	wantFailure(t, err, kit.Invalid, "path", "/in", `flow "orders"`)
	base := "http://" + <-h.port
	second := h.listen("more", flow.Values{})
	if got := ringAt(t, post(t, base+"/more", "", "")); !strings.HasPrefix(got, "202") {
		t.Errorf("a second flow on the same port: %s", got)
	}
	h.stop()
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
	h.ctx, h.stop = context.WithCancel(t.Context())
	h.listen("contacts", flow.Values{"path": "in"})
	if got := ringAt(t, post(t, "http://"+<-h.port+"/in", "", "")); !strings.HasPrefix(got, "202") {
		t.Errorf("the path is free again, but: %s", got)
	}
}

func TestWebhookOnAPortThatIsTaken(t *testing.T) {
	h := newHost(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h.porch().listen = nil
	err = <-h.listen("f", flow.Values{"port": taken.Addr().(*net.TCPAddr).Port})
	holder := "taken by another program"
	if runtime.GOOS == "linux" {
		holder = fmt.Sprintf("(process %d)", os.Getpid())
	}
	wantFailure(t, err, kit.Busy, "port", holder)
	problems := newWebhook(newShared()).Fields().Bind("s", flow.Values{"port": 70000})
	if len(problems) != 1 {
		t.Fatal(problems)
	}
	wantFailure(t, problems[0], kit.Invalid, "port", "70000")
}

func TestWebhookIsReachedFromThisMachineAlone(t *testing.T) {
	h := newHost(t)
	asked := make(chan string, 1)
	real := h.porch().listen
	h.porch().listen = func(network, address string) (net.Listener, error) {
		asked <- address
		return real(network, address)
	}
	h.listen("f", flow.Values{})
	if got := <-asked; got != "127.0.0.1:8095" {
		t.Errorf("listens on %s", got)
	}
}

func TestWebhookStartedByHandGivesItsSample(t *testing.T) {
	g := newRig(t)
	data, err := g.bind("webhook", flow.Values{"sample": map[string]any{"id": 1}}).(*webhook).Start(t.Context(), g.env)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(value.Append(nil, data)); got != `[{"body":{"id":1},"headers":{},"method":"POST","path":"/f","query":{}}]` {
		t.Errorf("got %s", got)
	}
}

func TestReplyWithoutAWaitingRequestLetsTheRecordPass(t *testing.T) {
	g := newRig(t)
	res, err := g.bind("reply", flow.Values{"body": "x"}).(*respond).Run(t.Context(), g.env, flow.Record{})
	if err != nil || !res.Same || !strings.Contains(g.lines(), "nobody waits") {
		t.Errorf("%+v, %v, %s", res, err, g.lines())
	}
	problems := new(respond).Fields().Bind("s", flow.Values{"status": 99})
	if len(problems) != 1 {
		t.Fatal(problems)
	}
	wantFailure(t, problems[0], kit.Invalid, "status", "99")
}

func TestWebhookTellsItsAddress(t *testing.T) {
	r := newRig(t)
	for _, tc := range []struct {
		name string
		with flow.Values
		env  kit.Env
		want string
	}{
		{"a path of its own", flow.Values{"path": "orders/"}, kit.Env{}, "http://127.0.0.1:8095/orders"},
		{"the flow's name", flow.Values{"port": 9000}, kit.Env{Flow: "shop"}, "http://127.0.0.1:9000/shop"},
		{"a flow that was never saved", flow.Values{}, kit.Env{}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			hook := r.bind("webhook", tc.with).(*webhook)
			if got := hook.Note(tc.env); got.Copy != tc.want || got.Text == "" {
				t.Errorf("it notes %+v, want %q", got, tc.want)
			}
		})
	}
}

func TestRequestsThatAreGatheredAreTakenWithoutARun(t *testing.T) {
	h := newHost(t)
	h.run = func(context.Context, kit.Event) (kit.Receipt, error) { return kit.Receipt{}, nil }
	h.listen("f", flow.Values{"path": "in", "quiet": "30s"})
	if got := ringAt(t, post(t, "http://"+<-h.port+"/in", "", `{"a":1}`)); got != `202 {"gathered":true}` {
		t.Errorf("answer %s", got)
	}
	for reply, want := range map[string]time.Duration{replyAccepted: 30 * time.Second, replyWait: 0} {
		if got := h.bind("webhook", flow.Values{"quiet": "30s", "reply": reply}).(*webhook).Gathers(); got.Quiet != want {
			t.Errorf("with reply %s it gathers %+v", reply, got)
		}
	}
}
