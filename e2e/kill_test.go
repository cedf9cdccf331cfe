package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/flow/value"
)

// sink is a service that takes each idempotency key once and counts what it is sent.
type sink struct {
	mu    sync.Mutex
	taken map[string]string // idempotency key to order
	times map[string]int    // deliveries of each key
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v, err := value.Decode(body)
	order, _ := v.(map[string]any)
	key := r.Header.Get("Idempotency-Key")
	if err != nil || order == nil || key == "" {
		http.Error(w, fmt.Sprintf("key %q, body %q", key, body), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.taken[key] = fmt.Sprint(order["id"])
	s.times[key]++
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"ok":true,"id":%q}`, order["id"])
}

const killFlow = `jackfield: 1
name: Deliver
steps:
  - id: orders
    uses: json.read
    with: {path: orders.jsonl, lines: true}
  - id: shape
    uses: core.map
    map: "{id: .id, total: (.qty * .price)}"
  - id: send
    uses: http.request
    with: {method: POST, url: "%s/orders", honoured: true}
    map: "{body: .}"
  - id: keep
    uses: sqlite.upsert
    with: {path: kept.db, table: orders, key: [id]}
  - id: list
    uses: json.write
    with: {path: sent.jsonl, lines: true}
edges:
  - orders -> shape
  - shape -> send
  - shape -> keep
  - send -> list
`

// TestEveryRecordSurvivesAHundredKills kills the process at random moments of runs,
// and starts it again, until a hundred kills have hit.
func TestEveryRecordSurvivesAHundredKills(t *testing.T) {
	t.Parallel()
	const records, kills = 3000, 100
	hit, rounds, again := 0, 0, 0
	for seed := uint64(1); hit < kills; seed++ {
		rounds++
		if rounds > 3*kills {
			t.Fatalf("only %d kills hit in %d runs", hit, rounds)
		}
		h, repeated := killRound(t, seed, records, min(12, kills-hit))
		hit, again = hit+h, again+repeated
	}
	t.Logf("%d kills in %d runs of %d records; %d deliveries were repeated, with the same key each time", hit, rounds, records, again)
}

// killRound performs one run to its end in spite of up to most kills.
func killRound(t *testing.T, seed uint64, records, most int) (hit, repeated int) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 0))
	service := &sink{taken: map[string]string{}, times: map[string]int{}}
	server := httptest.NewServer(service)
	defer server.Close()
	p := newProgram(t)
	dir := t.TempDir()
	var lines strings.Builder
	for i := range records {
		fmt.Fprintf(&lines, `{"id":"o%05d","qty":%d,"price":%d}`+"\n", i, i%7+1, i%50)
	}
	write(t, filepath.Join(dir, "orders.jsonl"), lines.String())
	file := filepath.Join(dir, "deliver.flow.yaml")
	write(t, file, fmt.Sprintf(killFlow, server.URL))

	args := []string{"run", file, "--json"}
	var last result
	for {
		killed := false
		if hit < most {
			last, killed = p.runFor(time.Duration(20+dice.IntN(500))*time.Millisecond, args...)
		} else {
			last = p.run(args...)
		}
		if !killed {
			break
		}
		hit++
		if runs := decode[[]struct{ State string }](t, p.run("runs", "ls", "--json").want(t, 0)); len(runs) == 0 {
			continue // it was killed before anything began
		} else if runs[0].State == "done" {
			last = p.run("runs", "show", "last", "--json") // it was killed after its last write
			break
		}
		args = []string{"runs", "resume", "last", "--json"}
	}
	got := decode[runSummary](t, last.want(t, 0))
	for step, want := range map[string]int{"orders": records, "shape": records, "send": records, "keep": records} {
		if got.Steps[step]["done"] != want {
			t.Errorf("seed %d: step %s: %d records done, want %d", seed, step, got.Steps[step]["done"], want)
		}
	}
	repeated = service.check(t, seed, records)
	checkKept(t, seed, dir, records)
	return hit, repeated
}

// check: every order was taken, each under exactly one key.
func (s *sink) check(t *testing.T, seed uint64, records int) (repeated int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	keyOf := map[string]string{}
	for key, order := range s.taken {
		if other, twice := keyOf[order]; twice {
			t.Fatalf("seed %d: order %s was taken twice, as %s and %s", seed, order, other, key)
		}
		keyOf[order] = key
		repeated += s.times[key] - 1
	}
	if len(keyOf) != records {
		t.Fatalf("seed %d: %d orders were delivered, want %d", seed, len(keyOf), records)
	}
	return repeated
}

// checkKept asks sqlite3 and wc, which know nothing of Jackfield.
func checkKept(t *testing.T, seed uint64, dir string, records int) {
	t.Helper()
	if got := ask(t, "sqlite3", filepath.Join(dir, "kept.db"), "select count(*) || ' ' || count(distinct id) from orders"); got != fmt.Sprintf("%d %d", records, records) {
		t.Errorf("seed %d: the table has %s rows and ids, want %d of each", seed, got, records)
	}
	if got := ask(t, "sh", "-c", `sort -u "$0" | wc -l; wc -l < "$0"`, filepath.Join(dir, "sent.jsonl")); got != fmt.Sprintf("%d\n%d", records, records) {
		t.Errorf("seed %d: the file has %q lines that differ, and in all, want %d of each", seed, got, records)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}
