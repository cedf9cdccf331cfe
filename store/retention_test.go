package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"jackfield/flow"
)

func general(flow.ID) flow.FlowLimits { return flow.FlowLimits{} }

var letters = map[rune]flow.RunState{
	'd': flow.RunDone, 'f': flow.RunFailed, 'p': flow.RunPartial, 's': flow.RunStopped, 'r': flow.Running, 'g': flow.RunFailed,
}

// past puts a run of flow of, of about so many kilobytes, that ended so long ago. The
// letter is its state; g is one that failed and was given up by a person.
func past(t testing.TB, s *Store, of flow.ID, id string, letter rune, kilobytes int, ago time.Duration) {
	t.Helper()
	r := flow.Run{ID: flow.RunID(id), Flow: of, State: flow.Running, Started: time.Now().Add(-ago)}
	mustDo(t, s.Begin(t.Context(), r))
	for n := 0; kilobytes > 0; n++ {
		_, err := s.Append(t.Context(), small(r.ID, fmt.Sprint(n), min(kilobytes, 100)))
		mustDo(t, err)
		kilobytes -= 100
	}
	if r.State = letters[letter]; r.State != flow.Running {
		r.Ended = time.Now().Add(-ago)
		r.GivenUp = letter == 'g'
		mustDo(t, s.Update(t.Context(), r))
	}
}

// left names the runs of a flow, oldest first; one of which samples are left in brackets.
func left(t testing.TB, s *Store, of flow.ID) string {
	t.Helper()
	runs, err := s.Runs(t.Context(), of, "", "", 1000)
	mustDo(t, err)
	var names []string
	for i := len(runs) - 1; i >= 0; i-- {
		name := string(runs[i].ID)
		if runs[i].Trimmed {
			name = "(" + name + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func TestRetentionGivesUpWhatIsWorthLeast(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		name      string
		states    string // a letter for each run, oldest first; each ended a day after the one before
		kilobytes int
		retention flow.Retention
		limits    flow.FlowLimits
		want      string
		over      bool
	}{
		{name: "all done", states: "dddddd", retention: flow.Retention{Keep: 2}, want: "r4 r5"},
		{name: "fewer than to keep", states: "dd", retention: flow.Retention{Keep: 3}, want: "r0 r1"},
		{name: "no limit", states: "dddd", want: "r0 r1 r2 r3"},
		{name: "running ones stay", states: "rdrdd", retention: flow.Retention{Keep: 1}, want: "r0 r2 r4"},
		{name: "failed ones stay longer", states: "fdpddd", retention: flow.Retention{Keep: 2}, want: "r0 r2 r4 r5"},
		{name: "but not for ever", states: "ffffdd", retention: flow.Retention{Keep: 2}, want: "r2 r3 r4 r5"},
		{name: "unless they were given up", states: "gdd", retention: flow.Retention{Keep: 2}, want: "r1 r2"},
		{name: "stopped ones are resolved", states: "sdd", retention: flow.Retention{Keep: 2}, want: "r1 r2"},
		{name: "the last success stays", states: "ddffff", retention: flow.Retention{Keep: 1}, want: "r1 r4 r5"},
		{name: "what the flow says goes", states: "dddddd", retention: flow.Retention{Keep: 2}, limits: flow.FlowLimits{Keep: 4}, want: "r2 r3 r4 r5"},
		{name: "by age", states: "dfdfdd", retention: flow.Retention{Done: 2*day + day/2, Failed: 4*day + day/2}, want: "r1 r3 r4 r5"},
		{name: "the last success stays however old it is", states: "dds", retention: flow.Retention{Done: day / 2}, want: "r1 r2"},
		{name: "samples of large ones", states: "dddddd", kilobytes: 200, retention: flow.Retention{Keep: 2, Samples: 3}, want: "(r2) (r3) r4 r5"},
		{name: "small ones are their own samples", states: "dddddd", kilobytes: 2, retention: flow.Retention{Keep: 2, Samples: 3}, want: "r2 r3 r4 r5"},
		{name: "quota in all", states: "dddd", kilobytes: 200, retention: flow.Retention{Quota: 500 << 10}, want: "r2 r3"},
		{name: "quota of the flow", states: "dddd", kilobytes: 200, limits: flow.FlowLimits{Quota: 300 << 10}, want: "r3"},
		{name: "samples stay under a quota", states: "dddd", kilobytes: 200, retention: flow.Retention{Quota: 500 << 10, Samples: 2}, want: "(r0) (r1) r2 r3"},
		{name: "failures go after what is done", states: "fddf", kilobytes: 200, retention: flow.Retention{Quota: 500 << 10}, want: "r0 r3"},
		{name: "the last success goes before failures", states: "fdf", kilobytes: 200, retention: flow.Retention{Quota: 500 << 10}, want: "r0 r2"},
		{name: "then the oldest failure", states: "fff", kilobytes: 200, retention: flow.Retention{Quota: 500 << 10}, want: "r1 r2"},
		{name: "running ones never", states: "drr", kilobytes: 400, retention: flow.Retention{Quota: 500 << 10}, want: "r1 r2", over: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openStore(t, t.TempDir())
			for i, letter := range test.states {
				past(t, s, "a", fmt.Sprint("r", i), letter, test.kilobytes, time.Duration(len(test.states)-1-i)*day)
			}
			limits := func(flow.ID) flow.FlowLimits { return test.limits }
			done, err := s.Tidy(t.Context(), test.retention, limits)
			mustDo(t, err)
			if got := left(t, s, "a"); got != test.want || (done.Over > 0) != test.over {
				t.Errorf("left is %q, want %q; it did %+v", got, test.want, done)
			}
			if again, err := s.Tidy(t.Context(), test.retention, limits); err != nil || again.Removed+again.Cut != 0 {
				t.Errorf("a second time it did %+v, %v", again, err)
			}
			checkBytes(t, s)
			mustDo(t, s.Check(t.Context()))
		})
	}
}

func TestARunThatIsCutKeepsTheFirstRecordsOfEachOutlet(t *testing.T) {
	home := t.TempDir()
	s := openStore(t, home)
	mustDo(t, s.Begin(t.Context(), flow.Run{ID: "r", Flow: "a", State: flow.Running}))
	for n := range 4 { // two of them beside the file
		e := small("r", fmt.Sprint(n), 2+n/2*100)
		e.Batches[flow.Failed] = flow.Batch{{ID: "bad", Data: n, Problem: &flow.Problem{What: "no"}}}
		e.Out[flow.Failed] = 1
		e.Log = []flow.LogLine{{Text: fmt.Sprint("step run ", n)}}
		_, err := s.Append(t.Context(), e)
		mustDo(t, err)
	}
	last := small("r", "pass", 0) // a batch that is a part of another one
	from, err := s.Batch(t.Context(), flow.Ref{Run: "r", Seq: 3, Outlet: flow.Done})
	mustDo(t, err)
	last.Step, last.From = "b", []flow.Ref{{Run: "r", Seq: 3, Outlet: flow.Done}}
	last.Batches[flow.Done], last.Out[flow.Done] = from[10:40], 30
	_, err = s.Append(t.Context(), last)
	mustDo(t, err, s.Update(t.Context(), flow.Run{ID: "r", Flow: "a", State: flow.RunDone}))
	takes, err := s.trim(t.Context(), "r", 3)
	mustDo(t, err)
	for range 2 { // as it is, and opened again
		r, err := s.Run(t.Context(), "r")
		mustDo(t, err)
		if !r.Trimmed || r.Bytes != takes || takes > 40_000 {
			t.Errorf("the run is %+v", r)
		}
		for _, want := range []struct {
			seq     int
			outlet  flow.Outlet
			records int
			gone    bool
		}{
			{0, flow.Done, 2, false},
			{1, flow.Done, 1, false},
			{2, flow.Done, 0, true},
			{3, flow.Done, 0, true},
			{0, flow.Failed, 1, false},
			{2, flow.Failed, 1, false},
			{3, flow.Failed, 0, true},
			{4, flow.Done, 3, false},
		} {
			batch, err := s.Batch(t.Context(), flow.Ref{Run: "r", Seq: want.seq, Outlet: want.outlet})
			gone := errors.Is(err, ErrTrimmed) || errors.Is(err, ErrNotFound)
			if len(batch) != want.records || gone != want.gone || err != nil && !gone {
				t.Errorf("step run %d leaves %d records by %s, %v", want.seq, len(batch), want.outlet, err)
			}
		}
		passed, err := s.Batch(t.Context(), flow.Ref{Run: "r", Seq: 4, Outlet: flow.Done})
		if mustDo(t, err); passed[0].ID != from[10].ID {
			t.Errorf("the first record passed on is %s", passed[0].ID)
		}
		lines, err := s.Log(t.Context(), "r")
		if mustDo(t, err); len(lines) != 4 {
			t.Errorf("the log has %d lines", len(lines))
		}
		if _, err := os.Stat(s.segments.folderOf("r")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the segment files are still there: %v", err)
		}
		// A process that ended before it removed them leaves that to the next one.
		mustDo(t, os.MkdirAll(s.segments.folderOf("r"), 0o700), s.Check(t.Context()), s.Close())
		s = openStore(t, home)
	}
	if err := s.Update(t.Context(), flow.Run{ID: "r", Flow: "a", State: flow.Running}); !errors.Is(err, ErrTrimmed) {
		t.Errorf("taking it up again gave %v", err)
	}
}

// Whatever there is and whatever the limits: what runs stays whole, the quota is kept or
// it is said by how much not, and nothing of worth goes while something worth less is
// still there.
func TestRetentionOfAnyHistory(t *testing.T) {
	for seed := range uint64(8) {
		chance := rand.New(rand.NewPCG(seed, 8))
		s := openStore(t, t.TempDir())
		for i := range 40 {
			letter := []rune("ddddffpsrg")[chance.IntN(10)]
			past(t, s, flow.ID(fmt.Sprint("f", chance.IntN(3))), fmt.Sprintf("r%02d", i), letter, chance.IntN(150), time.Duration(40-i)*time.Hour)
		}
		r := flow.Retention{Quota: int64(chance.IntN(4 << 20)), Keep: chance.IntN(10), Samples: chance.IntN(3), Done: time.Duration(chance.IntN(60)) * time.Hour}
		before, err := s.listAll(t.Context())
		mustDo(t, err)
		done, err := s.Tidy(t.Context(), r, general)
		mustDo(t, err)
		after, err := s.listAll(t.Context())
		mustDo(t, err)
		stayed := map[flow.RunID]listed{}
		total := int64(0)
		for _, runs := range after {
			total += sizeOfAll(runs)
			for _, one := range runs {
				stayed[one.id] = one
			}
		}
		freed, failuresGone, othersStay := int64(0), 0, 0
		for _, runs := range before {
			for _, one := range runs {
				now, there := stayed[one.id]
				freed += one.bytes - now.bytes
				if one.state == flow.Running && (!there || now.bytes != one.bytes) {
					t.Errorf("seed %d: run %s still runs and is %+v", seed, one.id, now)
				}
				if one.unresolved() && !there && r.Keep == 0 {
					failuresGone++
				}
				if there && one.state == flow.RunDone {
					othersStay++
				}
			}
		}
		if failuresGone > 0 && othersStay > 0 {
			t.Errorf("seed %d: %d failures went while %d that are done stay", seed, failuresGone, othersStay)
		}
		if freed != done.Freed {
			t.Errorf("seed %d: %d bytes were freed, it says %d", seed, freed, done.Freed)
		}
		if r.Quota > 0 && max(0, total-r.Quota) != done.Over {
			t.Errorf("seed %d: %d bytes are there of %d, and it says %+v", seed, total, r.Quota, done)
		}
		checkBytes(t, s)
		mustDo(t, s.Check(t.Context()))
	}
}
