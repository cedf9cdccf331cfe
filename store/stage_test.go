package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// besides are the sizes of the segment files of a run.
func besides(t *testing.T, home string, id flow.RunID) (sizes []int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(home, "batches", string(id), "*"))
	must(t, err)
	for _, f := range files {
		info := got(os.Stat(f))(t)
		sizes = append(sizes, info.Size())
	}
	return sizes
}

// TestStagedBatchIsWrittenOnceAndCountsWithItsEntry compares a store to which batches are
// given ahead with one where they are not.
func TestStagedBatchIsWrittenOnceAndCountsWithItsEntry(t *testing.T) {
	var plain int64
	for _, tt := range []struct {
		name   string
		staged bool
		extra  flow.Batch // staged and never appended
	}{
		{name: "not staged"}, {name: "staged", staged: true}, {name: "one more than is appended", staged: true, extra: records(100, 1000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			s := got(store.Open(home, store.Options{}))(t)
			must(t, s.Begin(t.Context(), sampleRun("r1")))
			var want []flow.Batch
			for i := range 4 {
				b := records(100+i, 1000)
				if i == 3 {
					b = records(2, 10) // a small one, which lies inside
				}
				if tt.staged {
					s.Stage("r1", b)
				}
				got(s.Append(t.Context(), entry("r1", fmt.Sprint(i), b)))(t)
				want = append(want, b)
			}
			once := besides(t, home, "r1")
			if tt.extra != nil {
				s.Stage("r1", tt.extra)
			}
			must(t, s.Close())
			if after := besides(t, home, "r1"); len(once) != 1 || len(after) != 1 || (after[0] > once[0]) != (tt.extra != nil) {
				t.Errorf("beside the file are %v, and at the end %v", once, after)
			}
			if plain == 0 {
				plain = once[0]
			}
			if once[0] != plain {
				t.Errorf("what takes %d bytes when it is not staged takes %d", plain, once[0])
			}
			s = openHome(t, home)
			all := stepRuns(t, s, "r1")
			if len(all) != len(want) {
				t.Errorf("there are %d step runs", len(all))
			}
			for i, r := range all {
				b := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: r.Seq, Outlet: flow.Done}))(t)
				if !reflect.DeepEqual(b, want[i]) {
					t.Errorf("batch %d came back as another", i)
				}
			}
		})
	}
}

// TestStagingOpensNothingForARunThatHasNothingOpen: a page that was read too early must
// leave no file behind the end of its run.
func TestStagingOpensNothingForARunThatHasNothingOpen(t *testing.T) {
	home := t.TempDir()
	s := got(store.Open(home, store.Options{}))(t)
	ended := sampleRun("r1")
	must(t, s.Begin(t.Context(), ended))
	first, second := records(100, 1000), records(100, 1001)
	s.Stage("r1", first)
	got(s.Append(t.Context(), entry("r1", "a", first)))(t)
	ended.State = flow.RunDone
	must(t, s.Update(t.Context(), ended))
	before := besides(t, home, "r1")
	s.Stage("r1", second)
	s.Stage("r2", second)
	s.Stage("r1", nil)
	must(t, s.Close())
	s.Stage("r1", second) // of a store that is closed it asks nothing
	if after := besides(t, home, "r1"); len(before) != 1 || !reflect.DeepEqual(before, after) {
		t.Errorf("the run had %v, and then %v", before, after)
	}
	if other := besides(t, home, "r2"); len(other) > 0 {
		t.Errorf("a run that is not there has %v", other)
	}
}

// TestOnlyTheBatchThatWasStagedIsTaken appends batches that look like staged ones.
func TestOnlyTheBatchThatWasStagedIsTaken(t *testing.T) {
	s := openHome(t, t.TempDir())
	for _, id := range []flow.RunID{"r1", "r2"} {
		must(t, s.Begin(t.Context(), sampleRun(id)))
		got(s.Append(t.Context(), entry(id, "first", records(100, 1000))))(t)
	}
	var staged []flow.Batch
	for i := range 20 { // more than wait
		staged = append(staged, records(100, 900+i))
		s.Stage("r1", staged[i])
	}
	for i, b := range staged {
		for key, part := range map[string]flow.Batch{"whole": b, "shorter": b[:50], "later": b[1:]} {
			for _, id := range []flow.RunID{"r1", "r2"} {
				seq := got(s.Append(t.Context(), entry(id, fmt.Sprint(key, i), part)))(t)
				s.Lose()
				if back := got(s.Batch(t.Context(), flow.Ref{Run: id, Seq: seq, Outlet: flow.Done}))(t); !reflect.DeepEqual(back, part) {
					t.Fatalf("batch %d, %s, of %s came back as another", i, key, id)
				}
			}
		}
	}
}
