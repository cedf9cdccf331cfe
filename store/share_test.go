package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// pass is a step run that took what left place 0 and gives a batch.
func pass(key string, batch flow.Batch) flow.Entry {
	e := entry("r1", key, batch)
	e.From = []flow.Ref{{Run: "r1", Seq: 0, Outlet: flow.Done}}
	return e
}

func TestRecordsThatAreOnlyPassedOnAreWrittenOnce(t *testing.T) {
	for _, test := range []struct {
		name string
		size int // of each record
		pick func(b flow.Batch) flow.Batch
		once bool
	}{
		{"all of a small batch", 10, func(b flow.Batch) flow.Batch { return b }, true},
		{"all of a large batch", 1000, func(b flow.Batch) flow.Batch { return slices.Clone(b) }, true},
		{"every third", 1000, func(b flow.Batch) (out flow.Batch) {
			for i := 0; i < len(b); i += 3 {
				out = append(out, b[i])
			}
			return out
		}, true},
		{"the end", 1000, func(b flow.Batch) flow.Batch { return b[150:] }, true},
		{"in another order", 1000, func(b flow.Batch) flow.Batch {
			b = slices.Clone(b)
			slices.Reverse(b)
			return b
		}, false},
		{"one of them made anew", 1000, func(b flow.Batch) flow.Batch {
			b = slices.Clone(b)
			b[7].Data = map[string]any{"n": 7}
			return b
		}, false},
		{"one of them with another id", 1000, func(b flow.Batch) flow.Batch {
			b = slices.Clone(b)
			b[7].ID = "other"
			return b
		}, false},
		{"one of them with a problem", 1000, func(b flow.Batch) flow.Batch {
			b = slices.Clone(b)
			b[7].Problem = &flow.Problem{What: "no"}
			return b
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			s := openHome(t, home)
			must(t, s.Begin(t.Context(), sampleRun("r1")))
			first := records(200, test.size)
			got(s.Append(t.Context(), entry("r1", "read", first)))(t)
			before := sizeOf(t, s)
			want := test.pick(first)
			got(s.Append(t.Context(), pass("pass", want)))(t)
			if grown := sizeOf(t, s) - before; test.size == 1000 && (grown < 30_000) != test.once {
				t.Errorf("%d records took %d bytes", len(want), grown)
			}
			must(t, s.Close())
			s = openHome(t, home)
			back := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: 1, Outlet: flow.Done}))(t)
			if !reflect.DeepEqual(back, want) {
				t.Errorf("%d records came back as %d", len(want), len(back))
			}
			must(t, s.Check(t.Context()))
		})
	}
}

func sizeOf(t *testing.T, s *store.Store) int64 {
	t.Helper()
	u := got(s.Usage(t.Context()))(t)
	return u.File - u.Free + u.Segments
}

func TestEveryKindOfDataMayBePassedOn(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	var batch flow.Batch
	for i, data := range []any{nil, true, 7, "text", 0.5, map[string]any{}, map[string]any{"a": 1}, []any{}, []any{1}, map[string]any(nil)} {
		batch = append(batch, flow.Record{ID: flow.RecordID(fmt.Sprint(i)), Data: data})
	}
	got(s.Append(t.Context(), entry("r1", "read", batch)))(t)
	for i := range batch {
		got(s.Append(t.Context(), pass(fmt.Sprint(i), batch[i:i+1])))(t)
	}
	batch[9].Data = map[string]any{} // as JSON has it
	must(t, s.Close())
	s = openHome(t, home)
	for i := range batch {
		back := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i + 1, Outlet: flow.Done}))(t)
		if !reflect.DeepEqual(back, batch[i:i+1]) {
			t.Errorf("%#v came back as %#v", batch[i], back)
		}
	}
}

func TestRescueDropsWhatWasPassedOnOfALostBatch(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	first := records(200, 1000)
	got(s.Append(t.Context(), entry("r1", "read", first)))(t)
	second := pass("pass", first[10:])
	got(s.Append(t.Context(), second))(t)
	third := pass("again", first[20:])
	third.From[0].Seq = 1
	got(s.Append(t.Context(), third))(t)
	must(t, s.Close())
	must(t, os.RemoveAll(filepath.Join(home, "batches")))
	_, saved, err := store.Rescue(home)
	must(t, err)
	if saved.StepRuns != 3 || saved.Batches != 0 || len(saved.Lost) == 0 {
		t.Errorf("the report is %+v", saved)
	}
}
