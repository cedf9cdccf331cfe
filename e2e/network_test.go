package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// service answers each order once it is well, and counts what it took.
type service struct {
	mu    sync.Mutex
	ill   func(w http.ResponseWriter, order string) bool // says whether it has answered in its own way
	taken map[string]int
	asked []time.Time // when order "2" came
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	order := strings.TrimPrefix(r.URL.Path, "/orders/")
	s.mu.Lock()
	defer s.mu.Unlock()
	if order == "2" {
		s.asked = append(s.asked, time.Now())
	}
	if s.ill != nil && s.ill(w, order) {
		return
	}
	s.taken[order]++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"taken":%q}`, order)
}

func (s *service) set(ill func(w http.ResponseWriter, order string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill = ill
}

func newService(t *testing.T, ill func(w http.ResponseWriter, order string) bool) (*service, *httptest.Server) {
	t.Helper()
	s := &service{ill: ill, taken: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server
}

// sendFlow sends three orders to a service.
func sendFlow(url, retry string) string {
	return fmt.Sprintf(`jackfield: 1
name: Send
steps:
  - {id: start, uses: core.manual, with: {items: ["1", "2", "3"]}}
  - id: send
    uses: http.request
    with: {method: PUT, url: "%s"}
    map: '{path: "/orders/\(.)", body: {order: .}}'
    retry: {%s}
  - {id: out, uses: json.write, with: {path: out.jsonl, lines: true}}
edges:
  - start -> send -> out
`, url, retry)
}

// onlyTwo is ill for the second order.
func onlyTwo(answer func(w http.ResponseWriter)) func(w http.ResponseWriter, order string) bool {
	return func(w http.ResponseWriter, order string) bool {
		if order == "2" {
			answer(w)
		}
		return order == "2"
	}
}

func TestServiceThatIsIllFailsItsRecordAloneAndIsAskedAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		says   string // % is the address
	}{
		{
			name: "500", answer: func(w http.ResponseWriter) {
				w.WriteHeader(500)
				fmt.Fprint(w, `{"error":"the database is on fire"}`)
			},
			says: ": PUT %/orders/2 gave 500 Internal Server Error: the database is on fire; retry later; if it stays so, tell those who run the service",
		},
		{
			name: "429 that keeps coming", answer: func(w http.ResponseWriter) {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(429)
				fmt.Fprint(w, "slow down")
			},
			says: `: PUT %/orders/2 gave 429 Too Many Requests: slow down; retry later, or set "rate" of the connection lower`,
		},
		{
			name: "a page in place of JSON", answer: func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, "<html><title>Sign in</title></html>")
			},
			says: `, field "response", record `,
		},
		{
			name: "half of a reply", answer: func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"taken": tr`)
			},
			says: `: the reply of PUT %/orders/2 is not JSON (content type application/json): line 1, column 13: the text ends in the middle of a value; it begins "{\"taken\": tr"; set "response" to text, or check that the path is that of the API`,
		},
		{
			name: "404", answer: func(w http.ResponseWriter) { http.NotFound(w, nil) },
			says: ", record ",
		},
		{
			name: "401", answer: func(w http.ResponseWriter) { w.WriteHeader(401) },
			says: ": PUT %/orders/2 gave 401 Unauthorized; check the user, password, token or key of the connection",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, server := newService(t, onlyTwo(test.answer))
			p, f := newProgram(t), newFolder(t)
			file := f.put("send.flow.yaml", sendFlow(server.URL, "tries: 2, first: 10ms"))
			r := p.run("run", file).want(t, 3)
			r.says(t, `step "send"`, strings.ReplaceAll(test.says, "%", server.URL), "\n    \"2\"\n", "to go on: jackfield runs resume ")
			equal(t, "replies written", f.lines("out.jsonl"), 2)
			s.set(nil)
			done := decode[runSummary](t, p.run("runs", "resume", "last", "--json").want(t, 0))
			equal(t, "counts", done.counts(), "out.done=3 send.done=3 start.done=3")
			equal(t, "orders taken", fmt.Sprint(s.taken), "map[1:1 2:1 3:1]")
			equal(t, "replies written in the end", f.lines("out.jsonl"), 3)
		})
	}
}

func TestRefusedConnectionIsNamedAndTheRunGoesOnWhenSomebodyAnswers(t *testing.T) {
	t.Parallel()
	p, f := newProgram(t), newFolder(t)
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	file := f.put("send.flow.yaml", sendFlow("http://"+address, "tries: 2, first: 10ms"))
	r := p.run("run", file).want(t, 1)
	r.says(t, `step "send", field "url", record `, ": nobody answers at "+address+"; check that the service runs, and that address and port are right", "to go on: jackfield runs resume ")
	s := &service{taken: map[string]int{}}
	server := &http.Server{Addr: address, Handler: s}
	listening := listen(t, address)
	go server.Serve(listening)
	t.Cleanup(func() { server.Close() })
	p.run("runs", "resume", "last").want(t, 0)
	equal(t, "orders taken", fmt.Sprint(s.taken), "map[1:1 2:1 3:1]")
	equal(t, "replies written", f.lines("out.jsonl"), 3)
}

func TestServiceThatAsksToWaitIsWaitedFor(t *testing.T) {
	t.Parallel()
	s, server := newService(t, nil)
	times := 0
	s.set(onlyTwo(func(w http.ResponseWriter) {
		if times++; times > 1 {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"taken":"2"}`)
			return
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(429)
	}))
	p, f := newProgram(t), newFolder(t)
	file := f.put("send.flow.yaml", sendFlow(server.URL, "first: 10ms")) // so that only the service's word makes it wait
	r := p.run("run", file).want(t, 0)
	r.says(t, "✓ Send: done", "attempt 2 of 3", "in 1s", "gave 429 Too Many Requests")
	equal(t, "times it was asked", len(s.asked), 2)
	if waited := s.asked[1].Sub(s.asked[0]); waited < time.Second {
		t.Errorf("the service asked for a second and was asked again after %s", waited)
	}
	equal(t, "replies written", f.lines("out.jsonl"), 3)
}
