package http

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// rig is the connector, an environment that remembers its log, and nothing else.
type rig struct {
	t   testing.TB
	set kit.Connector
	env kit.Env
	mu  sync.Mutex
	log []string
}

func newRig(t testing.TB) *rig {
	g := &rig{t: t, set: New()}
	g.env = kit.Env{Run: "r1", Flow: "f", Step: "s", Dir: t.TempDir(), Write: func(l flow.LogLine) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.log = append(g.log, string(l.Level)+" "+l.Text)
	}}
	t.Cleanup(func() {
		if err := g.set.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return g
}

func (g *rig) lines() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.log, "\n")
}

func (g *rig) bind(name string, with flow.Values) kit.Operation {
	g.t.Helper()
	op, ok := g.set.Op(name)
	if !ok {
		g.t.Fatalf("no operation %q", name)
	}
	o := op.New()
	fields := o.Fields()
	for _, p := range append(fields.Bind("s", with), fields.Missing("s", nil)...) {
		g.t.Fatal(p)
	}
	return o
}

func (g *rig) request(with flow.Values) *request { return g.bind("request", with).(*request) }

// ask performs a request for one record and gives what came of it as JSON lines.
func (g *rig) ask(with flow.Values) (string, error) {
	g.t.Helper()
	res, err := g.request(with).Run(g.t.Context(), g.env, flow.Record{ID: "rec1"})
	lines := make([]string, len(res.Data))
	for i, v := range res.Data {
		lines[i] = string(value.Append(nil, v))
	}
	return strings.Join(lines, "\n"), err
}

// serve starts a service of one handler.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func wantFailure(t *testing.T, err error, kind flow.Code, field string, words ...string) *kit.Failure {
	t.Helper()
	if err == nil {
		t.Fatal("it does not fail")
	}
	f := kit.AsFailure(err)
	if f.Kind != kind || f.Field != field || f.Fix == "" {
		t.Errorf("%s on %q with fix %q, want %s on %q: %v", f.Kind, f.Field, f.Fix, kind, field, err)
	}
	for _, w := range words {
		if !strings.Contains(f.What+"; "+f.Fix, w) {
			t.Errorf("%q does not speak of %q", f.What+"; "+f.Fix, w)
		}
	}
	return f
}
