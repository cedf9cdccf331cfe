package enginetest

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"time"

	"jackfield/connectors/kit"
	"jackfield/engine"
	"jackfield/flow"
)

// House is a runner with its history, its flows and the world that they act on.
type House struct {
	t       testing.TB
	World   *World
	History engine.History
	Local   *engine.Local
	Clock   engine.Clock // of the runners that are made from now on
	Rate    flow.Rate    // of its connections
	Enabled []flow.ID    // the flows that the runners which are made from now on are told of as enabled

	ops    kit.Set
	mu     sync.Mutex
	flows  map[flow.ID][]flow.Flow
	events []flow.Event
	forgot string
	home   string
}

// Open puts a house together over a history. It is closed when the test ends.
func Open(t testing.TB, w *World, h engine.History) *House {
	t.Helper()
	house := OpenWith(t, w.Ops(), h)
	house.World = w
	return house
}

// OpenWith puts a house together that has other operations.
func OpenWith(t testing.TB, ops kit.Set, h engine.History) *House {
	t.Helper()
	house := &House{t: t, History: h, ops: ops, flows: map[flow.ID][]flow.Flow{}, home: t.TempDir()}
	house.Reopen()
	t.Cleanup(func() { house.Close() })
	return house
}

// Reopen is what a new start of the program finds: the same history and flows.
func (h *House) Reopen() {
	h.Local = engine.NewLocal(engine.LocalOptions{
		History: h.History, Ops: h.ops, Flows: h.Flow, Connection: h.connection, Rate: h.rateOf, Home: h.home, Watch: h.watch, Workers: 8,
		Clock: h.Clock, Enabled: h.enabled,
	})
}

func (h *House) enabled(ctx context.Context) ([]flow.Flow, error) {
	var all []flow.Flow
	for _, id := range h.Enabled {
		f, err := h.Flow(ctx, id, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// Close ends the runner.
func (h *House) Close() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.Local.Close(ctx); err != nil {
		h.t.Errorf("close: %v", err)
	}
}

func (h *House) rateOf(context.Context, string) flow.Rate { return h.Rate }

// Forget has the house not know a connection; "" is all of them known.
func (h *House) Forget(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forgot = name
}

func (h *House) connection(ctx context.Context, name string) (string, flow.Values, error) {
	h.mu.Lock()
	gone := h.forgot == name
	h.mu.Unlock()
	if gone {
		name = "forgotten " + name
	}
	return connection(ctx, name)
}

// connection knows one that is well and one of another connector.
func connection(_ context.Context, name string) (string, flow.Values, error) {
	switch name {
	case "main":
		return "test", flow.Values{"host": "example.org", "token": kit.NewSecret("s3cret")}, nil
	case "other":
		return "elsewhere", nil, nil
	}
	return "", nil, kit.Fail(kit.Missing, "there is no connection %q", name)
}

// Connection finds the connections that a house knows.
func Connection(name string) (string, flow.Values, error) {
	return connection(context.Background(), name)
}

// Parse reads a flow from the text of a flow file.
func Parse(t testing.TB, text string) flow.Flow {
	t.Helper()
	f, problems := flow.ReadFile([]byte(text), "test.flow.yaml")
	for _, p := range problems {
		if !p.Warning {
			t.Fatalf("%v\n%s", p, text)
		}
	}
	f.Path = ""
	return f
}

// Add keeps a flow, given as the text of a flow file, under its id.
func (h *House) Add(id flow.ID, text string) flow.Flow {
	h.t.Helper()
	return h.Keep(id, Parse(h.t, text))
}

// Keep keeps a flow under its id, as its newest version.
func (h *House) Keep(id flow.ID, f flow.Flow) flow.Flow {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.ID, f.Version = id, len(h.flows[id])+1
	h.flows[id] = append(h.flows[id], f)
	return f
}

// Flow finds a version of a flow.
func (h *House) Flow(_ context.Context, id flow.ID, version int) (flow.Flow, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.flows[id]
	if len(all) == 0 {
		return flow.Flow{}, fmt.Errorf("read flow %q: %w", id, fs.ErrNotExist)
	}
	if version == 0 {
		version = len(all)
	}
	if version < 1 || version > len(all) {
		return flow.Flow{}, kit.Fail(kit.Missing, "there is no version %d of flow %q", version, string(id))
	}
	return all[version-1], nil
}

// Run starts a run and waits for its end.
func (h *House) Run(s engine.Start) flow.Run {
	h.t.Helper()
	id, err := h.Local.Start(h.t.Context(), s)
	if err != nil {
		h.t.Fatalf("start: %v", err)
	}
	return h.Wait(id)
}

// Wait waits for the end of a run.
func (h *House) Wait(id flow.RunID) flow.Run {
	h.t.Helper()
	r, err := h.Local.Wait(h.t.Context(), id)
	if err != nil {
		h.t.Fatalf("wait for run %s: %v", id, err)
	}
	return r
}

// Resume takes a run up again and waits for its end.
func (h *House) Resume(id flow.RunID) flow.Run {
	h.t.Helper()
	if err := h.Local.Resume(h.t.Context(), id, flow.Fitting); err != nil {
		h.t.Fatalf("resume: %v", err)
	}
	return h.Wait(id)
}

// StepRuns lists the step runs of a run.
func (h *House) StepRuns(id flow.RunID) []flow.StepRun {
	h.t.Helper()
	var all []flow.StepRun
	for s, err := range h.History.StepRuns(context.Background(), id) {
		if err != nil {
			h.t.Fatalf("step runs: %v", err)
		}
		all = append(all, s)
	}
	return all
}

// Records lists what left a step by an outlet, in the order of the history.
func (h *House) Records(id flow.RunID, step flow.StepID, o flow.Outlet) flow.Batch {
	h.t.Helper()
	var all flow.Batch
	for _, s := range h.StepRuns(id) {
		if s.Step != step || s.Out[o] == 0 {
			continue
		}
		b, err := h.History.Batch(context.Background(), flow.Ref{Run: id, Seq: s.Seq, Outlet: o})
		if err != nil {
			h.t.Fatalf("batch: %v", err)
		}
		all = append(all, b...)
	}
	return all
}

// Data is the data of what left a step by an outlet.
func (h *House) Data(id flow.RunID, step flow.StepID, o flow.Outlet) []any {
	h.t.Helper()
	data := []any{}
	for _, r := range h.Records(id, step, o) {
		data = append(data, r.Data)
	}
	return data
}

// Counts writes what left each step by each outlet, in one line.
func (h *House) Counts(id flow.RunID) string {
	h.t.Helper()
	return Counts(flow.Totals(h.StepRuns(id)))
}

// Counts writes totals in one line, steps and outlets in their order of letters.
func Counts(totals map[flow.StepID]map[flow.Outlet]int) string {
	var words []string
	for step, outlets := range totals {
		for o, n := range outlets {
			words = append(words, fmt.Sprintf("%s.%s=%d", step, o, n))
		}
	}
	slices.Sort(words)
	return fmt.Sprint(words)
}

// Events lists what was told so far.
func (h *House) Events() []flow.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// Lines lists the lines that were logged so far.
func (h *House) Lines() []flow.LogLine {
	var all []flow.LogLine
	for _, e := range h.Events() {
		if e.Kind == flow.Logged {
			all = append(all, e.Line)
		}
	}
	return all
}

// Troubles lists the troubles that were told so far.
func (h *House) Troubles() []string {
	var all []string
	for _, e := range h.Events() {
		if e.Kind == flow.Trouble {
			all = append(all, e.What)
		}
	}
	return all
}

func (h *House) watch(e flow.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}
