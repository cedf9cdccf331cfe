package store

import (
	"context"
	"errors"
	"testing"

	"jackfield/flow"
)

func TestComputedBatchesAreNotStored(t *testing.T) {
	home := t.TempDir()
	batch := flow.Batch{{ID: "c", Parents: []flow.RecordID{"p"}, Data: map[string]any{"n": 1}}, {ID: "d", Parents: []flow.RecordID{"p"}, Data: "x"}}
	asked := 0
	computing := func(_ context.Context, run flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error) {
		asked++
		if run.Flow != "f" || r.Key != "k" || r.Version != 3 || r.Run != "r" || r.Seq != 0 {
			t.Errorf("asked for %+v of %+v", r, run)
		}
		return map[flow.Outlet]flow.Batch{flow.Done: batch}, nil
	}
	ref := flow.Ref{Run: "r", Seq: 0, Outlet: flow.Done}
	entry := flow.Entry{
		StepRun: flow.StepRun{Run: "r", Key: "k", Step: "s", Out: map[flow.Outlet]int{flow.Done: 2}, Computed: true, Version: 3},
		Batches: map[flow.Outlet]flow.Batch{flow.Done: batch},
	}
	with := func(do func(s *Store)) {
		s, err := Open(home, Options{})
		if err != nil {
			t.Fatal(err)
		}
		do(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	with(func(s *Store) {
		s.Compute(computing)
		if err := s.Begin(t.Context(), flow.Run{ID: "r", Flow: "f", State: flow.Running}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), entry); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Batch(t.Context(), ref); err != nil || len(got) != 2 || asked > 0 {
			t.Errorf("what was just appended is %v (%v), asked %d times", got, err, asked)
		}
	})
	with(func(s *Store) {
		if _, err := s.Batch(t.Context(), ref); !errors.Is(err, errComputed) {
			t.Errorf("where nobody computes it: %v", err)
		}
		s.Compute(computing)
		for range 2 {
			if got, err := s.Batch(t.Context(), ref); err != nil || len(got) != 2 || got[0].ID != "c" || got[1].Data != "x" {
				t.Errorf("computed again it is %v (%v)", got, err)
			}
		}
		if asked != 1 {
			t.Errorf("it was computed %d times", asked)
		}
		if none, err := s.Batch(t.Context(), flow.Ref{Run: "r", Seq: 0, Outlet: flow.Failed}); len(none) > 0 || err != nil {
			t.Errorf("by another outlet: %v (%v)", none, err)
		}
	})
	batch[1].Data = "y"
	with(func(s *Store) {
		s.Compute(computing)
		if got, err := s.Batch(t.Context(), ref); !errors.Is(err, errOtherSum) {
			t.Errorf("computed to something else: %v (%v)", got, err)
		}
	})
}

func TestWithoutComputingAllIsStored(t *testing.T) {
	home := t.TempDir()
	s, err := Open(home, Options{CacheBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Begin(t.Context(), flow.Run{ID: "r", Flow: "f", State: flow.Running}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), flow.Entry{
		StepRun: flow.StepRun{Run: "r", Key: "k", Out: map[flow.Outlet]int{flow.Done: 1}, Computed: true, Version: 3},
		Batches: map[flow.Outlet]flow.Batch{flow.Done: {{ID: "c", Data: 1}}},
	}); err != nil {
		t.Fatal(err)
	}
	for r := range s.StepRuns(t.Context(), "r") {
		if r.Computed {
			t.Error("the step run says that its batches are not stored")
		}
	}
	if got, err := s.Batch(t.Context(), flow.Ref{Run: "r", Outlet: flow.Done}); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestVersionsStayAsLongAsRunsWentByThem(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	f, err := s.PutFlow(ctx, flow.Flow{Name: "One", Steps: []flow.Step{{ID: "a", Uses: "core.map"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Begin(ctx, flow.Run{ID: "r", Flow: f.ID, Version: 1, State: flow.RunDone}); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveFlow(ctx, f.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flow(ctx, f.ID, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("its newest version: %v", err)
	}
	if all, err := s.Flows(ctx); len(all) > 0 || err != nil {
		t.Errorf("it is listed: %v (%v)", all, err)
	}
	if err := errors.Join(s.RemoveFlow(ctx, f.ID), s.SetEnabled(ctx, f.ID, true)); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed again, enabled: %v", err)
	}
	if v, err := s.Flow(ctx, f.ID, 1); err != nil || v.Steps[0].Uses != "core.map" {
		t.Errorf("the version that the run went by: %v (%v)", v, err)
	}
	if err := s.RemoveRun(ctx, "r"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flow(ctx, f.ID, 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("behind the last run: %v", err)
	}
}
