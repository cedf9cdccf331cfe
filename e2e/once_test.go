package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/flow/value"
)

// office takes whatever comes, once for each letter: it knows no keys.
type office struct {
	mu    sync.Mutex
	times map[string]int // by order
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	v, bad := value.Decode(body)
	letter, _ := v.(map[string]any)
	if err != nil || bad != nil || letter == nil {
		http.Error(w, "no letter", http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	o.times[fmt.Sprint(letter["id"])]++
	o.mu.Unlock()
	select { // it is taken, and the answer takes its time
	case <-time.After(3 * time.Millisecond):
	case <-r.Context().Done():
	}
	w.WriteHeader(http.StatusNoContent)
}

// most is how often the most frequent letter came, and how many letters there are.
func (o *office) most() (times, letters int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, n := range o.times {
		times = max(times, n)
	}
	return times, len(o.times)
}

const onceFlow = `jackfield: 1
name: Letters
steps:
  - id: orders
    uses: json.read
    with: {path: orders.jsonl, lines: true}
  - id: send
    uses: http.request
    with: {method: POST, url: "%s/orders", honoured: true}
    map: "{body: .}"
  - id: letter
    uses: http.request
    with: {method: POST, url: "%s/letters"}
    map: "{body: .}"
  - id: list
    uses: json.write
    with: {path: sent.jsonl, lines: true}
edges:
  - orders -> send
  - orders -> letter
  - send -> list
`

// TestAKilledRunAsksAboutWhatCounts kills the headless process again and again; each
// time the next one goes on with the run by itself. What a service takes once by its key
// arrives; a letter is never sent twice unasked, and each of which nobody knows whether
// it was sent is asked about.
func TestAKilledRunAsksAboutWhatCounts(t *testing.T) {
	t.Parallel()
	const records, kills = 200, 10
	dice := rand.New(rand.NewPCG(3, 0))
	service := &sink{taken: map[string]string{}, times: map[string]int{}}
	letters := &office{times: map[string]int{}}
	sinks, post := httptest.NewServer(service), httptest.NewServer(letters)
	defer sinks.Close()
	defer post.Close()
	p := newProgram(t)
	dir := t.TempDir()
	var lines strings.Builder
	for i := range records {
		fmt.Fprintf(&lines, `{"id":"o%05d"}`+"\n", i)
	}
	write(t, filepath.Join(dir, "orders.jsonl"), lines.String())
	file := filepath.Join(dir, "letters.flow.yaml")
	write(t, file, fmt.Sprintf(onceFlow, sinks.URL, post.URL))

	for args, hit := []string{"run", file}, 0; hit < kills; hit++ {
		if _, killed := p.runFor(time.Duration(80+dice.IntN(200))*time.Millisecond, args...); !killed {
			break // all of it was done
		}
		if runs := decode[[]struct{ State string }](t, p.run("runs", "ls", "--json").want(t, 0)); len(runs) > 0 {
			args = []string{"serve"}
		}
	}
	if times, n := letters.most(); times > 1 {
		t.Fatalf("of %d letters one was sent %d times, and nobody was asked", n, times)
	}

	type question struct {
		ID, Run, Kind string
		Record        struct{ Data struct{ ID string } }
	}
	asked := decode[[]question](t, p.run("runs", "questions", "--json").want(t, 0))
	if len(asked) == 0 || len(asked) > kills {
		t.Fatalf("%d questions after %d kills", len(asked), kills)
	}
	again := 0
	for _, q := range asked {
		choice := "skip"
		if letters.times[q.Record.Data.ID] == 0 {
			choice = "again"
			again++
		}
		p.run("runs", "answer", q.ID, choice, "--note", "looked").want(t, 0)
	}
	got := decode[runSummary](t, p.run("runs", "resume", "last", "--json").want(t, 0))
	for _, step := range []string{"orders", "send"} {
		if got.Steps[step]["done"] != records {
			t.Errorf("step %s: %d records done, want %d", step, got.Steps[step]["done"], records)
		}
	}
	if n := got.Steps["letter"]["done"]; n != records || got.Steps["letter"]["waiting"] != 0 {
		t.Errorf("letters: %v", got.Steps["letter"])
	}
	if times, n := letters.most(); times != 1 || n != records {
		t.Errorf("%d letters were sent, want %d; the most frequent one %d times", n, records, times)
	}
	repeated := service.check(t, 0, records)
	if text := ask(t, "sh", "-c", `sort -u "$0" | wc -l; wc -l < "$0"`, filepath.Join(dir, "sent.jsonl")); text != fmt.Sprintf("%d\n%d", records, records) {
		t.Errorf("the file has %q lines that differ, and in all, want %d of each", text, records)
	}
	t.Logf("%d questions, %d of them about letters that had not been sent; %d deliveries with a key were repeated", len(asked), again, repeated)
}
