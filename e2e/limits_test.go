package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// throttle is a service that takes so many requests in each second of its clock, and
// says so in its own way.
type throttle struct {
	limit int
	tells bool // how many more it takes, with each answer

	mu       sync.Mutex
	second   time.Time
	inSecond int
	taken    map[string]int
	refused  int
}

func (s *throttle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.second) >= time.Second {
		s.second, s.inSecond = now, 0
	}
	s.inSecond++
	if s.tells {
		w.Header().Set("RateLimit-Remaining", strconv.Itoa(max(0, s.limit-s.inSecond)))
		w.Header().Set("RateLimit-Reset", "1")
	}
	if s.inSecond > s.limit {
		s.refused++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	s.taken[r.URL.Path]++
	fmt.Fprint(w, `{"ok":true}`)
}

const throttledFlow = `jackfield: 1
name: Throttled
steps:
  - {id: start, uses: core.manual, with: {items: ITEMS}}
  - id: send
    uses: http.request
    with: {method: POST, url: "URL"}
    map: '{path: "/orders/\(.)", body: {order: .}}'
    retry: {tries: 5, first: 10ms}
    MORE
  - {id: out, uses: json.write, with: {path: out.jsonl, lines: true}}
edges: [start -> send -> out]
`

func TestServiceThatThrottlesTakesEachRecordOnce(t *testing.T) {
	for _, test := range []struct {
		name, more  string
		tells       bool
		mostRefused int
	}{
		{"it tells what it still takes", "timeout: 30s", true, 0},
		{"it only refuses", "timeout: 30s", false, 10},
		{"several hands", "parallel: 4", false, 40},
		{"a rate of the step", "rate: 15/s", false, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &throttle{limit: 20, tells: test.tells, taken: map[string]int{}}
			server := httptest.NewServer(s)
			defer server.Close()
			items := make([]string, 50)
			for i := range items {
				items[i] = strconv.Itoa(i)
			}
			p, f := newProgram(t), newFolder(t)
			file := f.put("send.flow.yaml", strings.NewReplacer("ITEMS", "["+strings.Join(items, ",")+"]", "URL", server.URL, "MORE", test.more).Replace(throttledFlow))
			r := decode[runSummary](t, p.run("run", file, "--json").want(t, 0))
			equal(t, "counts", r.counts(), "out.done=50 send.done=50 start.done=50")
			equal(t, "orders taken", len(s.taken), 50)
			for order, n := range s.taken {
				equal(t, "deliveries of "+order, n, 1)
			}
			if s.refused > test.mostRefused {
				t.Errorf("%d requests were refused, more than %d", s.refused, test.mostRefused)
			}
		})
	}
}

// A run fails: the flow that is to hear of it does, once, also where the program ends
// right behind; its failed records are replayed by themselves; and what is given up is
// shown so.
func TestFailureIsToldReplayedAndGivenUp(t *testing.T) {
	t.Parallel()
	s, server := newService(t, onlyTwo(func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }))
	p, f := newProgram(t), newFolder(t)
	f.put("tell.flow.yaml", `jackfield: 1
name: Tell
steps:
  - {id: shape, uses: core.map, map: "{flow, state, failures, step: .steps[0].step, code: .steps[0].problems[0].code}"}
  - {id: out, uses: json.write, with: {path: told.jsonl, lines: true, mode: append}}
edges: [shape -> out]
`)
	p.run("flows", "import", f.path("tell.flow.yaml")).want(t, 0)
	file := f.put("send.flow.yaml", sendFlow(server.URL, "tries: 1")+"settings: {on_failure: Tell}\n")
	first := p.run("run", file).want(t, 3)
	first.says(t, "the end of the run was told to Tell: done")
	listed := p.runs()
	if len(listed) != 2 {
		t.Fatalf("runs %+v", listed)
	}
	told := p.run("runs", "records", listed[0].Run, "out").want(t, 0)
	told.says(t, `"code":"denied"`, `"failures":1`, `"flow":"Send"`, `"state":"partial"`, `"step":"send"`)
	id := listed[1].Run
	p.run("runs", "replay", id, "--from", "sent").want(t, 2).says(t, `did you mean "send"?`)
	s.set(nil)
	again := decode[runSummary](t, p.run("runs", "replay", id, "--failed", "--json").want(t, 0))
	equal(t, "counts of the replay", again.counts(), "out.done=1 send.done=1")
	equal(t, "orders taken", fmt.Sprint(s.taken), "map[1:1 2:1 3:1]")
	p.run("runs", "give-up", id).want(t, 0)
	p.run("runs", "ls").want(t, 0).says(t, "partial, given up")
	p.env = append(p.env, "JACKFIELD_WORKERS=many")
	if r := p.run("runs", "ls"); r.code == 0 {
		t.Errorf("took JACKFIELD_WORKERS=many: %s", r.out)
	} else {
		r.says(t, `JACKFIELD_WORKERS is "many"; make it a number from 1 to 10000`)
	}
}
