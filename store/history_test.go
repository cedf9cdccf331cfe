package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jackfield/flow"
	"jackfield/store"
)

// sampleRun is a run with every field filled.
func sampleRun(id flow.RunID) flow.Run {
	at := time.Date(2026, 3, 1, 2, 30, 0, 123456789, time.UTC)
	return flow.Run{
		ID: id, Flow: "orders", Name: "Orders to CRM", Version: 3, Dir: "/home/ada", Trigger: "nightly",
		Cause: "schedule", Of: "r0", Slot: at, Set: []flow.Setting{{Step: "s", Key: "limit", Value: 7}, {Step: "s", Key: "x", Value: map[string]any{"a": 1.5}}},
		Limit: 10, State: flow.Running, Started: at, Ended: at.Add(time.Second),
		Problem: &flow.Problem{Step: "s", Code: "refused", What: "no <thanks> & bye", Fix: "ask again"},
		Given:   5, Failures: 1, Resumed: 2,
	}
}

// entry is one step run of a run, whose batch is computed from n.
func entry(id flow.RunID, key string, batch flow.Batch) flow.Entry {
	return flow.Entry{
		StepRun: flow.StepRun{
			Run: id, Key: key, Step: "s", Edge: -1, Attempt: 1, In: len(batch),
			Out: map[flow.Outlet]int{flow.Done: len(batch)}, Started: time.Date(2026, 3, 1, 2, 30, 0, 0, time.UTC),
		},
		Batches: map[flow.Outlet]flow.Batch{flow.Done: batch},
	}
}

// records makes n records of about size bytes each.
func records(n, size int) flow.Batch {
	var b flow.Batch
	for i := range n {
		b = append(b, flow.Record{
			ID:   flow.Child("s", nil, i),
			Data: map[string]any{"n": i, "text": strings.Repeat("x", size), "half": float64(i) + 0.5},
		})
	}
	return b
}

func stepRuns(t testing.TB, s *store.Store, id flow.RunID) []flow.StepRun {
	t.Helper()
	var all []flow.StepRun
	for one, err := range s.StepRuns(t.Context(), id) {
		must(t, err)
		all = append(all, one)
	}
	return all
}

func TestWhatWasAppendedIsThereAfterReopening(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	run := sampleRun("r1")
	must(t, s.Begin(t.Context(), run))
	at := run.Started
	first := flow.Entry{
		StepRun: flow.StepRun{
			Run: "r1", Key: "orders/0", Step: "orders", From: []flow.Ref{{Run: "r1", Seq: 0, Outlet: "done"}}, Edge: 2, Page: 3,
			More: true, Next: flow.Cursor(`{"after":"<a>&b"}`), Attempt: 2, In: 4, Passed: 1,
			Out:      map[flow.Outlet]int{"done": 2, "failed": 1},
			Problems: []flow.Problem{{Record: "x", Code: "refused", What: "no"}},
			Fatal:    &flow.Problem{What: "so bad"}, Started: at, Took: 5 * time.Millisecond,
		},
		Batches: map[flow.Outlet]flow.Batch{
			"done": {
				{ID: "a", Data: map[string]any{"n": 1, "f": 1.5, "big": new(big.Int).Lsh(big.NewInt(1), 90), "t": "<ü>\n", "l": []any{nil, true}}},
				{ID: "b", Parents: []flow.RecordID{"a", `we"ird\`}, Data: "text"},
			},
			"failed": {{ID: "x", Data: nil, Problem: &flow.Problem{Step: "orders", Line: 3, Code: "refused", What: "no\tthanks\n<b>", Fix: "try"}}},
		},
		Checkpoint: &flow.Checkpoint{Flow: "orders", Step: "orders", Cursor: flow.Cursor(`"2026-03-01"`), Run: "r1", Moved: at},
		Log:        []flow.LogLine{{Time: at, Level: flow.Info, Step: "orders", Record: "a", Text: "hello <world>"}},
	}
	large := entry("r1", "push/0", records(300, 300))
	if seq := got(s.Append(t.Context(), first))(t); seq != 0 {
		t.Errorf("the first place is %d", seq)
	}
	if seq := got(s.Append(t.Context(), large))(t); seq != 1 {
		t.Errorf("the second place is %d", seq)
	}
	must(t, s.Close())

	s = openHome(t, home)
	if r := got(s.Run(t.Context(), "r1"))(t); r.Bytes == 0 || !reflect.DeepEqual(withoutBytes(r), run) {
		t.Errorf("the run is %+v", r)
	}
	steps := stepRuns(t, s, "r1")
	large.Seq = 1
	if want := []flow.StepRun{first.StepRun, large.StepRun}; !reflect.DeepEqual(steps, want) {
		t.Errorf("the step runs are\n%+v, want\n%+v", steps, want)
	}
	for ref, want := range map[flow.Ref]flow.Batch{
		{Run: "r1", Seq: 0, Outlet: "done"}:   first.Batches["done"],
		{Run: "r1", Seq: 0, Outlet: "failed"}: first.Batches["failed"],
		{Run: "r1", Seq: 1, Outlet: "done"}:   large.Batches["done"],
		{Run: "r1", Seq: 1, Outlet: "failed"}: nil,
	} {
		if batch := got(s.Batch(t.Context(), ref))(t); !reflect.DeepEqual(batch, want) {
			t.Errorf("the batch at %v is\n%v, want\n%v", ref, batch, want)
		}
	}
	if c := got(s.Checkpoint(t.Context(), "orders", "orders"))(t); !reflect.DeepEqual(c, first.Checkpoint) {
		t.Errorf("the checkpoint is %+v", c)
	}
	if log := got(s.Log(t.Context(), "r1"))(t); !reflect.DeepEqual(log, first.Log) {
		t.Errorf("the log is %+v", log)
	}
}

func TestASecondAppendWithTheSameKeyChangesNothing(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	long := strings.Repeat("from many refs ", 100)
	for i, key := range []string{"a", "b", long} {
		if seq := got(s.Append(t.Context(), entry("r1", key, records(1, 10))))(t); seq != i {
			t.Fatalf("key %q is at place %d", key, seq)
		}
	}
	for i, key := range []string{"a", "b", long} {
		again := entry("r1", key, records(500, 500))
		again.Checkpoint = &flow.Checkpoint{Flow: "orders", Step: "s", Cursor: flow.Cursor("1")}
		again.Log = []flow.LogLine{{Text: "again"}}
		if seq := got(s.Append(t.Context(), again))(t); seq != i {
			t.Errorf("key %q is at place %d the second time", key, seq)
		}
		if b := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: flow.Done}))(t); len(b) != 1 {
			t.Errorf("key %q has %d records now", key, len(b))
		}
	}
	if n := len(stepRuns(t, s, "r1")); n != 3 {
		t.Errorf("there are %d step runs", n)
	}
	if c := got(s.Checkpoint(t.Context(), "orders", "s"))(t); c != nil {
		t.Errorf("the checkpoint moved to %s", c.Cursor)
	}
	if log := got(s.Log(t.Context(), "r1"))(t); len(log) != 0 {
		t.Errorf("the log says %v", log)
	}
}

func TestManyAppendersGetPlacesWithoutGapsAndEachKeyOnce(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	const workers, each = 16, 40
	places := make([][each]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				// Two workers share each key.
				seq, err := s.Append(t.Context(), entry("r1", fmt.Sprint(w/2, "/", i), records(1+i%3, 10+i*50)))
				if err != nil {
					t.Error(err)
				}
				places[w][i] = seq
			}
		})
	}
	wg.Wait()
	steps := stepRuns(t, s, "r1")
	if len(steps) != workers/2*each {
		t.Fatalf("there are %d step runs, want %d", len(steps), workers/2*each)
	}
	for i, one := range steps {
		if one.Seq != i {
			t.Fatalf("place %d is taken by %d", i, one.Seq)
		}
	}
	for w := range workers {
		for i, seq := range places[w] {
			if want := fmt.Sprint(w/2, "/", i); steps[seq].Key != want {
				t.Errorf("place %d has key %q, want %q", seq, steps[seq].Key, want)
			}
		}
	}
}

func TestAppendRefusesWhatHasNoPlace(t *testing.T) {
	s := openHome(t, t.TempDir())
	if _, err := s.Append(t.Context(), entry("nobody", "k", nil)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an append to no run gave %v", err)
	}
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	if _, err := s.Append(t.Context(), entry("r1", "", nil)); err == nil {
		t.Error("an append without a key was taken")
	}
	bad := entry("r1", "k", nil)
	bad.Next = flow.Cursor(`{"after"`)
	if _, err := s.Append(t.Context(), bad); err == nil {
		t.Error("a cursor that is not JSON was taken")
	}
	if n := len(stepRuns(t, s, "r1")); n != 0 {
		t.Errorf("there are %d step runs", n)
	}
}

func TestARefusedAppendDoesNotTakeItsNeighboursAlong(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			id := flow.RunID("r1")
			if i%3 == 0 {
				id = "gone"
			}
			err := s.Update(t.Context(), flow.Run{ID: id, Flow: "orders", State: flow.Running})
			if i%3 == 0 != errors.Is(err, store.ErrNotFound) {
				t.Errorf("update %d gave %v", i, err)
			}
			if _, err := s.Append(t.Context(), entry("r1", fmt.Sprint(i), records(1, 5))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(stepRuns(t, s, "r1")); n != 60 {
		t.Errorf("there are %d step runs", n)
	}
}

func TestABatchThatIsNotThereIsToldFromAnEmptyOne(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	e := entry("r1", "k", records(1, 5))
	e.Out["lost"] = 4
	got(s.Append(t.Context(), e))(t)
	for _, test := range []struct {
		name string
		ref  flow.Ref
		err  error
	}{
		{name: "nothing left by it", ref: flow.Ref{Run: "r1", Outlet: "failed"}},
		{name: "it should be there", ref: flow.Ref{Run: "r1", Outlet: "lost"}, err: store.ErrNotFound},
		{name: "no such step run", ref: flow.Ref{Run: "r1", Seq: 1, Outlet: flow.Done}, err: store.ErrNotFound},
		{name: "no such run", ref: flow.Ref{Run: "r2", Outlet: flow.Done}, err: fs.ErrNotExist},
	} {
		t.Run(test.name, func(t *testing.T) {
			batch, err := s.Batch(t.Context(), test.ref)
			if !errors.Is(err, test.err) || len(batch) > 0 {
				t.Errorf("gave %v, %v", batch, err)
			}
		})
	}
	for _, err := range s.StepRuns(t.Context(), "r2") {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the step runs of no run gave %v", err)
		}
	}
	if _, err := s.Log(t.Context(), "r2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the log of no run gave %v", err)
	}
}

func TestStepRunsMayBeReadWhileOthersAreAppended(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	for i := range 600 { // more than a page
		got(s.Append(t.Context(), entry("r1", fmt.Sprint(i), nil)))(t)
	}
	n := 0
	for one, err := range s.StepRuns(t.Context(), "r1") {
		must(t, err)
		if one.Seq != n {
			t.Fatalf("place %d comes after %d", one.Seq, n-1)
		}
		if n%10 == 0 { // writing from inside the loop would hang if it held a transaction
			got(s.Append(t.Context(), entry("r1", fmt.Sprint("more", n), records(100, 1000))))(t)
		}
		n++
	}
	if n != 600 {
		t.Errorf("%d step runs were yielded, want those there at the start", n)
	}
	for range s.StepRuns(t.Context(), "r1") {
		break
	}
}

func withoutBytes(r flow.Run) flow.Run {
	r.Bytes = 0
	return r
}

func TestTheLogIsCutAndSaysByHowMuch(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{KeepLog: 5})
	must(t, err)
	defer s.Close()
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	for i := range 4 {
		e := entry("r1", fmt.Sprint(i), nil)
		for j := range 3 {
			e.Log = append(e.Log, flow.LogLine{Time: time.Unix(int64(i), 0).UTC(), Text: fmt.Sprint(i, ".", j)})
		}
		got(s.Append(t.Context(), e))(t)
	}
	var text []string
	for _, line := range got(s.Log(t.Context(), "r1"))(t) {
		text = append(text, line.Text)
	}
	want := []string{"0.0", "0.1", "0.2", "1.0", "7 lines were left out here", "3.2"}
	if !slices.Equal(text, want) {
		t.Errorf("the log is %q, want %q", text, want)
	}
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	deep := any("the bottom")
	for range 9_999 { // as deep as JSON may be read
		deep = []any{deep}
	}
	for _, test := range []struct {
		name string
		data any
	}{
		{"nothing", nil},
		{"an empty object", map[string]any{}},
		{"an empty array", []any{}},
		{"numbers", []any{0, -1, 1 << 62, 0.1, 1e300, -2.5e-8, new(big.Int).Exp(big.NewInt(10), big.NewInt(40), nil)}},
		{"text that looks like a row", "\",\"d\":\t{}}\n{\"i\":\"x\",\"d\":\t1}"},
		{"every control character", func() any {
			var b strings.Builder
			for c := range rune(0x20) {
				b.WriteRune(c)
			}
			return b.String() + "\u007f\u2028\u2029"
		}()},
		{"the replacement character", "\ufffd"},
		{"text that spells it", `\ufffd \\ufffd`},
		{"bytes that are not text", "PNG\x89\r\n\x1a\n\xff\xfe\x00é"},
		{"names that are not text", map[string]any{"\xff": map[string]any{"\xfe\xff": "é\xc3"}, "ÿ": 1, "n": []any{"\xff", 2}}},
		{"very deep", deep},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := t.TempDir()
			s := openHome(t, home)
			must(t, s.Begin(t.Context(), sampleRun("r1")))
			batch := flow.Batch{{ID: "a", Data: test.data}, {ID: "b", Parents: []flow.RecordID{"a"}, Data: test.data}}
			got(s.Append(t.Context(), entry("r1", "k", batch)))(t)
			must(t, s.Close())
			s = openHome(t, home)
			if back := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Outlet: flow.Done}))(t); !reflect.DeepEqual(back, batch) {
				t.Errorf("came back as %#v", back)
			}
		})
	}
}

func TestLargeBatchesLieBesideTheFileUntilTheirRunIsRemoved(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	for _, id := range []flow.RunID{"r1", "../r 2"} {
		must(t, s.Begin(t.Context(), sampleRun(id)))
		for i := range 4 {
			got(s.Append(t.Context(), entry(id, fmt.Sprint(i), records(200, 1000))))(t)
		}
	}
	folders := got(os.ReadDir(filepath.Join(home, "batches")))(t)
	if len(folders) != 2 {
		t.Fatalf("there are %d folders", len(folders))
	}
	files := got(os.ReadDir(filepath.Join(home, "batches", "r1")))(t)
	if len(files) != 1 {
		t.Errorf("four batches of one run are in %d files", len(files))
	}
	if u := got(s.Usage(t.Context()))(t); u.Segments < 8*200*1000 || u.File < 1<<14 || u.Free >= u.File {
		t.Errorf("usage is %+v", u)
	}
	must(t, s.Check(t.Context()))

	for _, id := range []flow.RunID{"r1", "../r 2"} {
		if err := s.RemoveRun(t.Context(), id); !errors.Is(err, store.ErrRunning) {
			t.Errorf("removing a running run gave %v", err)
		}
		run := sampleRun(id)
		run.State = flow.RunDone
		must(t, s.Update(t.Context(), run))
		if b := got(s.Batch(t.Context(), flow.Ref{Run: id, Seq: 3, Outlet: flow.Done}))(t); len(b) != 200 {
			t.Errorf("run %s has %d records after its end", id, len(b))
		}
		must(t, s.RemoveRun(t.Context(), id))
		if _, err := s.Batch(t.Context(), flow.Ref{Run: id, Seq: 3, Outlet: flow.Done}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a batch of a removed run gave %v", err)
		}
	}
	if folders := got(os.ReadDir(filepath.Join(home, "batches")))(t); len(folders) != 0 {
		t.Errorf("there are still %d folders", len(folders))
	}
}

func TestARunThatGoesOnAfterItsEndKeepsItsBatches(t *testing.T) {
	s := openHome(t, t.TempDir())
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	for i := range 3 {
		run := sampleRun("r1")
		run.State = flow.RunFailed
		got(s.Append(t.Context(), entry("r1", fmt.Sprint(i), records(200, 1000))))(t)
		must(t, s.Update(t.Context(), run))
	}
	for i := range 3 {
		if b := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: flow.Done}))(t); len(b) != 200 {
			t.Errorf("batch %d has %d records", i, len(b))
		}
	}
}

func TestOpenSweepsWhatACrashLeftBeside(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	got(s.Append(t.Context(), entry("r1", "k", records(200, 1000))))(t)
	must(t, s.Close())
	orphans := []string{filepath.Join("batches", "r1", "never-committed"), filepath.Join("batches", "gone", "segment")}
	for _, one := range orphans {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(home, one)), 0o700))
		must(t, os.WriteFile(filepath.Join(home, one), []byte("{"), 0o600))
	}
	s = openHome(t, home)
	for _, one := range orphans {
		if _, err := os.Stat(filepath.Join(home, one)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", one)
		}
	}
	if b := got(s.Batch(t.Context(), flow.Ref{Run: "r1", Outlet: flow.Done}))(t); len(b) != 200 {
		t.Errorf("the batch has %d records", len(b))
	}
}

func TestOpenLeavesAloneWhatAStepIsInTheMiddleOfWriting(t *testing.T) {
	home := t.TempDir()
	s := openHome(t, home)
	must(t, s.Begin(t.Context(), sampleRun("r1")))
	part := filepath.Join(home, "batches", "r1", "work", "list", "part")
	must(t, os.MkdirAll(filepath.Dir(part), 0o700))
	must(t, os.WriteFile(part, []byte("half a file"), 0o600))
	must(t, s.Close())
	openHome(t, home)
	if _, err := os.Stat(part); err != nil {
		t.Error(err)
	}
}

func TestCheckpointsMoveByHand(t *testing.T) {
	s := openHome(t, t.TempDir())
	for _, step := range []flow.StepID{"b", "a"} {
		must(t, s.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: step, Cursor: flow.Cursor(`1`)}))
	}
	must(t, s.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: "a", Cursor: flow.Cursor(`{"n":2}`)}))
	all := got(s.Checkpoints(t.Context(), "orders"))(t)
	if len(all) != 2 || all[0].Step != "a" || string(all[0].Cursor) != `{"n":2}` || all[1].Step != "b" {
		t.Errorf("the checkpoints are %+v", all)
	}
	for _, f := range []flow.ID{"orders", "orders", "nobody"} {
		must(t, s.MoveCheckpoint(t.Context(), flow.CursorChange{Flow: f, Step: "a"}))
	}
	if c := got(s.Checkpoint(t.Context(), "orders", "a"))(t); c != nil {
		t.Errorf("the removed checkpoint is %+v", c)
	}
	if err := s.SetCheckpoint(t.Context(), flow.Checkpoint{Flow: "orders", Step: "a", Cursor: json.RawMessage("{")}); err == nil {
		t.Error("a cursor that is not JSON was taken")
	}
}
