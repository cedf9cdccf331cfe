package telemetry_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/app/telemetry"
	"jackfield/flow"
	"jackfield/ui/uitest"
)

// collector keeps what OpenTelemetry sends.
type collector struct {
	mu   sync.Mutex
	got  bytes.Buffer
	code int
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.Copy(&c.got, r.Body) // what is missing the test tells
	if c.code != 0 {
		w.WriteHeader(c.code)
	}
}

const canary = "s3cret-of-a-record"

// tell lets a door say what a run of three step runs would.
func tell(d *uitest.Door) {
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := flow.Run{ID: "r1", Flow: "orders", Name: "Orders", State: flow.Running, Started: began, Cause: "schedule"}
	d.Tell(flow.Event{Kind: flow.RunChanged, Flow: "orders", Run: r})
	d.Tell(flow.Event{Kind: flow.StepEnded, Flow: "orders", Run: flow.Run{ID: "r1"}, Step: flow.StepRun{
		Run: "r1", Step: "send", Started: began, Took: 2 * time.Second, In: 5, Out: map[flow.Outlet]int{flow.Done: 3, flow.Failed: 2},
		Problems: []flow.Problem{{Code: "refused", What: "no: " + canary}, {Code: "refused", What: canary}},
	}})
	d.Tell(flow.Event{Kind: flow.Logged, Flow: "orders", Run: flow.Run{ID: "r1"}, Line: flow.LogLine{Text: canary}})
	r.State, r.Ended, r.Problem = flow.RunFailed, began.Add(3*time.Second), &flow.Problem{Code: "denied", What: canary}
	d.Tell(flow.Event{Kind: flow.RunChanged, Flow: "orders", Run: r})
	d.Tell(flow.Event{Kind: flow.Trouble, Flow: "orders", What: canary})
}

func fetch(t *testing.T, url string) string {
	t.Helper()
	got, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMetricsAndTracesTellWhatHappenedAndNoData(t *testing.T) {
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	d := &uitest.Door{}
	tm, err := telemetry.Start(t.Context(), d, "127.0.0.1:0", "1.2.3", func(what string) { t.Error(what) })
	if err != nil {
		t.Fatal(err)
	}
	tell(d)
	var metrics string
	for !strings.Contains(metrics, "jackfield_trouble_total{") { // the last of the events
		metrics = fetch(t, tm.At())
	}
	if err := tm.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`jackfield_runs_total{cause="schedule",flow="orders",state="failed"} 1`,
		`jackfield_runs_active{flow="orders"} 0`,
		`jackfield_run_duration_seconds_sum{flow="orders"} 3`,
		`jackfield_step_run_duration_seconds_sum{flow="orders",step="send"} 2`,
		`jackfield_records_total{flow="orders",outlet="done",step="send"} 3`,
		`jackfield_records_total{flow="orders",outlet="failed",step="send"} 2`,
		`jackfield_problems_total{code="refused",flow="orders",step="send"} 2`,
		`jackfield_build_info{version="1.2.3"} 1`, "process_resident_memory_bytes",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, want := range []string{"run Orders", "step send", "jackfield.out.failed", "r1", "denied"} {
		if !strings.Contains(c.got.String(), want) {
			t.Errorf("the traces lack %q", want)
		}
	}
	if strings.Contains(metrics+c.got.String(), canary) {
		t.Error("what a record or a problem says went out")
	}
}

func TestACollectorThatIsNotThereIsToldOnce(t *testing.T) {
	c := &collector{code: http.StatusBadRequest}
	server := httptest.NewServer(c)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	d := &uitest.Door{}
	told := make(chan string, 100)
	tm, err := telemetry.Start(t.Context(), d, "127.0.0.1:0", "1", func(what string) { told <- what })
	if err != nil {
		t.Fatal(err)
	}
	tell(d)
	if what := <-told; !strings.HasPrefix(what, "telemetry: ") {
		t.Error(what)
	}
	tell(d)
	_ = tm.Close() // it may say that the last traces were not taken
	if n := len(told); n > 0 {
		t.Errorf("told %d more times within the hour", n)
	}
}

func TestAnAddressThatIsTakenIsAProblem(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = telemetry.Start(t.Context(), &uitest.Door{}, l.Addr().String(), "1", nil)
	if err == nil || !strings.Contains(err.Error(), "metrics cannot be served at "+l.Addr().String()) || !strings.Contains(err.Error(), "--telemetry=127.0.0.1:PORT") {
		t.Error(err)
	}
}

func TestSettingSaysOnOffOrWhere(t *testing.T) {
	for text, want := range map[string]string{"": "", "off": "", "No": "", "on": telemetry.Address, "TRUE": telemetry.Address, "127.0.0.1:99": "127.0.0.1:99"} {
		if got, err := telemetry.Setting(text); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := telemetry.Setting("maybe"); err == nil {
		t.Error("maybe is taken for a setting")
	}
}
