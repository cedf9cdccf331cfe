package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"jackfield/flow"
)

// longRun appends so many step runs of three steps, some of which fail and are taken
// again.
func longRun(t testing.TB, s *Store, id flow.RunID, n int, chance *rand.Rand) {
	t.Helper()
	mustDo(t, s.Begin(t.Context(), flow.Run{ID: id, Flow: "a", State: flow.Running}))
	failed := map[flow.StepID][]int{}
	for i := range n {
		one := flow.StepRun{
			Run: id, Key: fmt.Sprint(i), Step: flow.StepID(fmt.Sprint("s", chance.IntN(3))), Edge: chance.IntN(3) - 1,
			In: 1 + chance.IntN(3), Attempt: 1, Out: map[flow.Outlet]int{flow.Done: 1 + chance.IntN(2)},
		}
		if chance.IntN(20) == 0 {
			one.Out = map[flow.Outlet]int{flow.Failed: 2}
			one.Problems = []flow.Problem{{What: "no"}}
		}
		if all := failed[one.Step]; len(all) > 0 && chance.IntN(10) == 0 {
			one.From = []flow.Ref{{Run: id, Seq: all[0], Outlet: flow.Failed}}
			one.In, one.Edge = 2, -1
			failed[one.Step] = all[1:]
		}
		seq, err := s.Append(t.Context(), flow.Entry{StepRun: one})
		mustDo(t, err)
		if one.Out[flow.Failed] > 0 {
			failed[one.Step] = append(failed[one.Step], seq)
		}
	}
}

// However little of a run a digest gives, its sums are those of all of it.
func TestADigestHasTheSumsOfTheWholeRun(t *testing.T) {
	s := openStore(t, t.TempDir())
	for seed := range uint64(4) {
		id := flow.RunID(fmt.Sprint("r", seed))
		chance := rand.New(rand.NewPCG(seed, 11))
		longRun(t, s, id, 1500, chance)
		var all []flow.StepRun
		for one, err := range s.StepRuns(t.Context(), id) {
			mustDo(t, err)
			all = append(all, one)
		}
		whole, err := s.Digest(t.Context(), id, 1500)
		if mustDo(t, err); !reflect.DeepEqual(whole, all) {
			t.Errorf("the digest of a run that is short enough has %d step runs", len(whole))
		}
		some, err := s.Digest(t.Context(), id, 1000)
		mustDo(t, err)
		if len(some) >= 500 {
			t.Errorf("the digest has %d step runs", len(some))
		}
		if got, want := flow.Totals(some), flow.Totals(all); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: the totals are %v, want %v", seed, got, want)
		}
		in, edges := map[flow.StepID]int{}, map[int]int{}
		for _, one := range some {
			in[one.Step] += one.In
			edges[one.Edge] += one.In
		}
		for _, one := range all {
			in[one.Step] -= one.In
			edges[one.Edge] -= one.In
		}
		for name, sums := range map[string]any{"in": in, "edges": edges} {
			for v := reflect.ValueOf(sums).MapRange(); v.Next(); {
				if v.Value().Int() != 0 {
					t.Errorf("seed %d: of the records that came (%s) at %v %d are missing", seed, name, v.Key(), -v.Value().Int())
				}
			}
		}
		problems := 0
		for _, one := range some {
			problems += len(one.Problems)
		}
		if problems == 0 {
			t.Error("nothing that failed is shown")
		}
	}
}

// The sums are kept on the way, so that nobody has to read all of a long run to see it;
// those of a run that was cut are of all that it did.
func TestTheSumsOfALongRunAreKept(t *testing.T) {
	s := openStore(t, t.TempDir())
	longRun(t, s, "r", talliedEvery+10, rand.New(rand.NewPCG(1, 1)))
	_, _, err := s.tallyOf(t.Context(), "r")
	mustDo(t, err)
	var kept tally
	mustDo(t, s.view(t.Context(), func(tx *txn) error {
		run, _ := shelfOf(tx, historyBucket).inner([]byte("r"))
		_, err := run.getJSON([]byte{tallyRow}, &kept)
		return err
	}))
	if kept.Through < talliedEvery {
		t.Errorf("the sums are kept up to %d", kept.Through)
	}
	before, err := s.Digest(t.Context(), "r", 100)
	mustDo(t, err, s.Update(t.Context(), flow.Run{ID: "r", Flow: "a", State: flow.RunDone}))
	_, err = s.trim(t.Context(), "r", 5)
	mustDo(t, err)
	after, err := s.Digest(t.Context(), "r", 100)
	mustDo(t, err)
	if got, want := flow.Totals(after), flow.Totals(before); !reflect.DeepEqual(got, want) {
		t.Errorf("after it was cut the totals are %v, want %v", got, want)
	}
	checkBytes(t, s)
	mustDo(t, s.Check(t.Context()))
}
