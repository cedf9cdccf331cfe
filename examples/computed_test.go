package examples_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"jackfield/engine"
	"jackfield/flow"
	"jackfield/flow/value"
	"jackfield/store"
)

// TestRecordsComputedAgainAreThoseThatWereStored runs examples over histories that
// store all, and over a store that computes what it can each time it is asked: it has
// no cache.
func TestRecordsComputedAgainAreThoseThatWereStored(t *testing.T) {
	computed := 0
	for _, name := range []string{"core", "csv", "http", "json", "orders", "sqlite", "debian/unicode"} {
		stored, _ := everyRecord(t, newStage(t), name)
		all, none := everyRecord(t, newStageOver(t, openStore(t, store.Options{StoreAll: true, CacheBytes: 1})), name)
		again, n := everyRecord(t, newStageOver(t, openStore(t, store.Options{CacheBytes: 1})), name)
		computed += n
		if stored != again || stored != all {
			t.Errorf("%s: computed again:\n%.3000s\nstored:\n%.3000s", name, again, stored)
		}
		if none > 0 {
			t.Errorf("%s: %d step runs are not stored", name, none)
		}
	}
	if computed < 4 {
		t.Errorf("only %d step runs were computed again", computed)
	}
}

func openStore(t *testing.T, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// everyRecord runs an example and writes down every record of its history, whatever
// the order in which its steps ended. It counts the step runs that are not stored.
func everyRecord(t *testing.T, s *stage, name string) (text string, computed int) {
	t.Helper()
	run := s.run(name)
	var lines []string
	for r, err := range s.history.StepRuns(context.Background(), run.ID) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Computed {
			computed++
		}
		for o := range r.Out {
			batch, err := s.history.Batch(t.Context(), flow.Ref{Run: run.ID, Seq: r.Seq, Outlet: o})
			if err != nil {
				t.Fatal(err)
			}
			for _, rec := range batch {
				parents := []string{}
				for _, p := range rec.Parents {
					parents = append(parents, string(p))
				}
				line := string(r.Step) + "." + string(o) + " " + string(rec.ID) + " of " + strings.Join(parents, ",") + " " + string(value.Append(nil, rec.Data))
				line = strings.ReplaceAll(strings.ReplaceAll(line, s.dir, "DIR"), s.home, "HOME")
				lines = append(lines, strings.ReplaceAll(line, string(run.ID), "RUN"))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), computed
}

var _ engine.Computing = (*store.Store)(nil)
