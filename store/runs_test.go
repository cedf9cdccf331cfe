package store_test

import (
	"fmt"
	"strings"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// putRun writes a run of a flow in a state.
func putRun(t testing.TB, s *store.Store, id string, f flow.ID, state flow.RunState) {
	t.Helper()
	must(t, s.Begin(t.Context(), flow.Run{ID: flow.RunID(id), Flow: f, State: flow.Running}))
	if state != flow.Running {
		must(t, s.Update(t.Context(), flow.Run{ID: flow.RunID(id), Flow: f, State: state}))
	}
}

func idsOf(runs []flow.Run) string {
	var ids []string
	for _, r := range runs {
		ids = append(ids, string(r.ID))
	}
	return strings.Join(ids, " ")
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	s := openHome(t, t.TempDir())
	for i, of := range []struct {
		flow  flow.ID
		state flow.RunState
	}{
		{"a", flow.RunDone},
		{"b", flow.RunFailed},
		{"a", flow.RunFailed},
		{"a", flow.RunPartial},
		{"b", flow.RunDone},
		{"a", flow.RunFailed},
		{"a", flow.Running},
		{"b", flow.Running},
	} {
		putRun(t, s, fmt.Sprint("r", i), of.flow, of.state)
	}
	for _, test := range []struct {
		name   string
		flow   flow.ID
		state  flow.RunState
		before flow.RunID
		limit  int
		want   string
	}{
		{name: "all", want: "r7 r6 r5 r4 r3 r2 r1 r0"},
		{name: "a few", limit: 2, want: "r7 r6"},
		{name: "older", before: "r3", want: "r2 r1 r0"},
		{name: "older than one that is gone", before: "r3x", limit: 1, want: "r3"},
		{name: "older than what is to come", before: "z", limit: 1, want: "r7"},
		{name: "older than the oldest", before: "r0"},
		{name: "of a flow", flow: "b", want: "r7 r4 r1"},
		{name: "of a flow, older", flow: "a", before: "r5", limit: 2, want: "r3 r2"},
		{name: "in a state", state: flow.RunFailed, want: "r5 r2 r1"},
		{name: "in a state, older", state: flow.RunFailed, before: "r5", limit: 1, want: "r2"},
		{name: "of a flow in a state", flow: "a", state: flow.RunFailed, want: "r5 r2"},
		{name: "of no flow", flow: "c"},
		{name: "in no state", state: flow.RunStopped},
	} {
		t.Run(test.name, func(t *testing.T) {
			runs := got(s.Runs(t.Context(), test.flow, test.state, test.before, test.limit))(t)
			if is := idsOf(runs); is != test.want {
				t.Errorf("listed %q, want %q", is, test.want)
			}
		})
	}
	if is := idsOf(got(s.Unfinished(t.Context()))(t)); is != "r6 r7" {
		t.Errorf("unfinished are %q", is)
	}
}

func TestARunThatHasBegunStaysAsItIs(t *testing.T) {
	s := openHome(t, t.TempDir())
	putRun(t, s, "r1", "a", flow.RunDone)
	must(t, s.Begin(t.Context(), flow.Run{ID: "r1", Flow: "b", State: flow.Running}))
	if r := got(s.Run(t.Context(), "r1"))(t); r.Flow != "a" || r.State != flow.RunDone {
		t.Errorf("the run is %+v", r)
	}
	if all := got(s.Unfinished(t.Context()))(t); len(all) != 0 {
		t.Errorf("unfinished are %q", idsOf(all))
	}
}

func noLimits(flow.ID) flow.FlowLimits { return flow.FlowLimits{} }

func TestRemovingManyRunsTakesTheirHistoryAlong(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	for i := range 100 {
		id := fmt.Sprintf("r%03d", i)
		must(t, s.Begin(t.Context(), flow.Run{ID: flow.RunID(id), Flow: "a", State: flow.Running}))
		got(s.Append(t.Context(), entry(flow.RunID(id), "small", records(10, 100))))(t)
		got(s.Append(t.Context(), entry(flow.RunID(id), "large", records(100, 1000))))(t)
		must(t, s.Update(t.Context(), flow.Run{ID: flow.RunID(id), Flow: "a", State: flow.RunDone}))
	}
	before := got(s.Usage(t.Context()))(t)
	if done := got(s.Tidy(t.Context(), flow.Retention{Keep: 5}, noLimits))(t); done.Removed != 95 || done.Freed < 95*100_000 {
		t.Errorf("it did %+v", done)
	}
	after := got(s.Usage(t.Context()))(t)
	if after.Segments > before.Segments/15 || after.File-after.Free > (before.File-before.Free)/4 {
		t.Errorf("usage was %+v and is %+v", before, after)
	}
	must(t, s.Check(t.Context()))

	must(t, s.Compact(t.Context()))
	compacted := got(s.Usage(t.Context()))(t)
	if compacted.File > before.File/4 {
		t.Errorf("after Compact the usage is %+v, before it was %+v", compacted, after)
	}
	must(t, s.Check(t.Context()))
	if b := got(s.Batch(t.Context(), flow.Ref{Run: "r099", Seq: 1, Outlet: flow.Done}))(t); len(b) != 100 {
		t.Errorf("a kept batch has %d records", len(b))
	}
	putRun(t, s, "r100", "a", flow.RunDone)
	must(t, s.Close())
	s = openHome(t, home)
	if runs := got(s.Runs(t.Context(), "a", "", "", 0))(t); len(runs) != 6 {
		t.Errorf("there are %d runs", len(runs))
	}
}

func TestCloseMakesAFileSmallerThatIsMostlyFree(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	must(t, s.PutConnection(t.Context(), flow.Connection{Name: "crm"}))
	must(t, s.Begin(t.Context(), flow.Run{ID: "r1", Flow: "a", State: flow.Running}))
	for i := range 20 {
		e := entry("r1", fmt.Sprint(i), nil)
		for o := range 15 {
			e.Batches[flow.Outlet(fmt.Sprint(o))] = records(1, 60_000)
		}
		got(s.Append(t.Context(), e))(t)
	}
	must(t, s.Update(t.Context(), flow.Run{ID: "r1", Flow: "a", State: flow.RunDone}))
	full := got(s.Usage(t.Context()))(t)
	must(t, s.RemoveRun(t.Context(), "r1"))
	must(t, s.Close())
	s = openHome(t, home)
	if after := got(s.Usage(t.Context()))(t); full.File < 18<<20 || after.File > 1<<20 {
		t.Errorf("the file had %d bytes and has %d", full.File, after.File)
	}
	got(s.Connection(t.Context(), "crm"))(t)
}

func TestARunThatCouldNotBeListedIsRefused(t *testing.T) {
	s := openHome(t, t.TempDir())
	for _, r := range []flow.Run{
		{Flow: "a", State: flow.Running}, {ID: "r", State: flow.Running}, {ID: "r", Flow: "a"},
	} {
		if err := s.Begin(t.Context(), r); err == nil {
			t.Errorf("%+v was taken", r)
		}
	}
}
