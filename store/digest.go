package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"jackfield/flow"
)

// How much of a run with very many step runs a digest gives: of each step the first and
// the last, and those that a person looks for.
const (
	digestFirst  = 50
	digestFaults = 50
	digestWithin = 500 // how many places it looks at for the first
)

// talliedEvery is after how many step runs the sums of a run are brought up to date.
const talliedEvery = 4096

// tally is the row with the sums of a run's step runs, up to a place.
type tally struct {
	Through int          `json:"through"`
	Steps   []*stepTally `json:"steps"` // in the order in which they first ended
}

type stepTally struct {
	Step     flow.StepID         `json:"step"`
	In       map[int]int         `json:"in"`  // records by the edge they came by; -1 is none
	Out      map[flow.Outlet]int `json:"out"` // without failed ones that were taken again
	Took     time.Duration       `json:"took"`
	Attempts int                 `json:"attempts"` // the most
	Runs     int                 `json:"runs"`
	First    int                 `json:"first"`
	Last     int                 `json:"last"`
	Faults   []int               `json:"faults,omitempty"` // places of the first that met a problem
}

// add folds one more step run. at tells of an earlier one.
func (t *tally) add(one flow.StepRun, at func(seq int) (flow.StepRun, error)) error {
	t.Through = one.Seq + 1
	if one.Step == "" {
		return nil
	}
	i := slices.IndexFunc(t.Steps, func(s *stepTally) bool { return s.Step == one.Step })
	if i < 0 {
		i = len(t.Steps)
		t.Steps = append(t.Steps, &stepTally{Step: one.Step, First: one.Seq, In: map[int]int{}, Out: map[flow.Outlet]int{}})
	}
	s := t.Steps[i]
	s.Runs++
	s.Last = one.Seq
	s.Took += one.Took
	s.Attempts = max(s.Attempts, one.Attempt)
	s.In[one.Edge] += one.In
	for outlet, n := range one.Out {
		s.Out[outlet] += n
	}
	in := one.In
	for _, ref := range one.From { // as flow.Totals counts
		if ref.Outlet != flow.Failed || in == 0 {
			continue
		}
		from, err := at(ref.Seq)
		if err != nil {
			return err
		}
		if from.Step == one.Step {
			again := min(in, from.Out[flow.Failed])
			s.Out[flow.Failed] -= again
			in -= again
		}
	}
	if (len(one.Problems) > 0 || one.Fatal != nil || one.Out[flow.Failed] > 0) && len(s.Faults) < digestFaults {
		s.Faults = append(s.Faults, one.Seq)
	}
	return nil
}

// stepRunIn reads one step run; the zero one where its place is empty.
func stepRunIn(run shelf, id flow.RunID, seq int) (one flow.StepRun, err error) {
	if _, err := run.getJSON(historyKey(seq, stepRunRow, ""), &one); err != nil {
		return one, fmt.Errorf("place %d: %w", seq, err)
	}
	one.Run, one.Seq = id, seq
	return one, nil
}

// tallyOf brings the sums of a run up to date and keeps them. A run is at work for
// hours that has so many step runs that reading them takes a while; so they are read
// as they come, some thousand at a time, and never all when somebody wants to see it.
func (s *Store) tallyOf(ctx context.Context, id flow.RunID) (t tally, end int, err error) {
	if err := s.Settle(ctx, id); err != nil {
		return t, 0, err
	}
	began := -1
	for done := false; !done; {
		err = s.view(ctx, func(tx *txn) error {
			run, there := shelfOf(tx, historyBucket).inner([]byte(id))
			if !there {
				return ErrNotFound
			}
			if began < 0 {
				if _, err := run.getJSON([]byte{tallyRow}, &t); err != nil {
					return err
				}
				began, end = t.Through, nextSeq(run)
			}
			upTo := min(end, t.Through+stepRunsAtOnce)
			for seq := t.Through; seq < upTo; seq++ {
				one, err := stepRunIn(run, id, seq)
				if err == nil {
					err = t.add(one, func(seq int) (flow.StepRun, error) { return stepRunIn(run, id, seq) })
				}
				if err != nil {
					return err
				}
			}
			done = t.Through >= end
			return nil
		})
		if err != nil {
			return t, end, err
		}
	}
	if t.Through-began < talliedEvery/2 {
		return t, end, nil
	}
	return t, end, s.keepTally(ctx, id, t)
}

func (s *Store) keepTally(ctx context.Context, id flow.RunID, t tally) error {
	row, err := rowOfJSON(t)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there || nextSeq(run) < t.Through {
			return nil // gone, or cut, meanwhile
		}
		return run.replace([]byte{tallyRow}, row)
	})
}

// tallyLong keeps the sums of runs with very many step runs up to date in the
// background, until ctx ends.
func (s *Store) tallyLong(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-s.long:
			// One that cannot be read now is read when somebody asks for it.
			_, _, _ = s.tallyOf(ctx, id)
		}
	}
}

// mayTally says that a step run was appended at seq.
func (s *Store) mayTally(id flow.RunID, seq int) {
	if seq%talliedEvery != talliedEvery-1 {
		return
	}
	select {
	case s.long <- id:
	default: // later ones make up for it
	}
}

// Digest gives the step runs of a run, in their order: all of them, or, where there are
// more than most, those of each step that tell most. What is left out is made up for by
// step runs marked flow.Rest, which have the sums of the others and no place.
func (s *Store) Digest(ctx context.Context, id flow.RunID, most int) ([]flow.StepRun, error) {
	all, err := s.digest(ctx, id, most)
	if err != nil {
		return nil, fmt.Errorf("read the step runs of run %s: %w", id, err)
	}
	return all, nil
}

func (s *Store) digest(ctx context.Context, id flow.RunID, most int) (some []flow.StepRun, err error) {
	if err := s.Settle(ctx, id); err != nil {
		return nil, err
	}
	r, err := s.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	few := false
	err = s.view(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		few = !r.Trimmed && nextSeq(run) <= most
		return nil
	})
	if err != nil {
		return nil, err
	}
	if few {
		for one, err := range s.StepRuns(ctx, id) {
			if err != nil {
				return nil, err
			}
			some = append(some, one)
		}
		return some, nil
	}
	t, _, err := s.tallyOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, step := range t.Steps {
		if some, err = s.tellingOf(ctx, id, *step, some); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(some, func(a, b flow.StepRun) int { return a.Seq - b.Seq })
	return append(some, t.rest(id, some)...), nil
}

// tellingOf adds the first step runs of a step, the last one, and those with problems.
func (s *Store) tellingOf(ctx context.Context, id flow.RunID, step stepTally, some []flow.StepRun) ([]flow.StepRun, error) {
	err := s.view(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		taken := map[int]bool{}
		take := func(seq int) error {
			one, err := stepRunIn(run, id, seq)
			if err == nil && one.Step == step.Step && !taken[seq] {
				taken[seq] = true
				some = append(some, one)
			}
			return err
		}
		for seq := step.First; seq <= min(step.Last, step.First+digestWithin) && len(taken) < digestFirst; seq++ {
			if err := take(seq); err != nil {
				return err
			}
		}
		for _, seq := range append(step.Faults, step.Last) {
			if err := take(seq); err != nil {
				return err
			}
		}
		return nil
	})
	return some, err
}

// rest makes up for the step runs that are not among some. Where it was they that took
// failed records again which are among some, their sum of failed ones is below zero.
func (t tally) rest(id flow.RunID, some []flow.StepRun) (rest []flow.StepRun) {
	totals := flow.Totals(some)
	for _, step := range t.Steps {
		in, took, runs := map[int]int{}, step.Took, step.Runs
		maps.Copy(in, step.In)
		for _, one := range some {
			if one.Step == step.Step {
				in[one.Edge] -= one.In
				took -= one.Took
				runs--
			}
		}
		if runs <= 0 {
			continue
		}
		out := maps.Clone(step.Out)
		for outlet, n := range totals[step.Step] {
			out[outlet] -= n
		}
		maps.DeleteFunc(out, func(_ flow.Outlet, n int) bool { return n == 0 })
		for _, edge := range slices.Sorted(maps.Keys(in)) {
			one := flow.StepRun{
				Run: id, Seq: -1 - len(rest), Step: step.Step, Mark: flow.Rest, Edge: edge,
				In: max(0, in[edge]), Out: out, Took: took, Attempt: step.Attempts,
			}
			rest = append(rest, one)
			out, took = nil, 0 // they count once
		}
	}
	return rest
}
