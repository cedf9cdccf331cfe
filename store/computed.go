package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"jackfield/flow"
	"jackfield/flow/value"
)

// computing computes what a step run gave once more.
type computing func(ctx context.Context, run flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error)

// Compute says how what a step run gave is computed again. From then on entries that
// are Computed are kept without their batches, and Batch computes those.
func (s *Store) Compute(again func(ctx context.Context, run flow.Run, r flow.StepRun) (map[flow.Outlet]flow.Batch, error)) {
	do := computing(again)
	s.again.Store(&do)
}

func (s *Store) mayCompute() bool { return !s.options.StoreAll && s.again.Load() != nil }

var (
	errComputed = errors.New("it is not stored, and nobody here computes it again")
	errOtherSum = errors.New("computed again, it is not what it was")
)

// computed gives a batch that is not stored. All that its step run gave is computed
// with it, and kept at hand.
func (s *Store) computed(ctx context.Context, ref flow.Ref) (flow.Batch, error) {
	again := s.again.Load()
	if again == nil {
		return nil, errComputed
	}
	run, r, err := s.stepRunAt(ctx, ref)
	if err != nil {
		return nil, err
	}
	all, err := (*again)(ctx, run, r)
	if err != nil {
		return nil, fmt.Errorf("compute it again: %w", err)
	}
	if sumOf(all) != r.Sum {
		return nil, errOtherSum
	}
	for outlet, batch := range all {
		if outlet != ref.Outlet {
			s.cache.put(flow.Ref{Run: ref.Run, Seq: ref.Seq, Outlet: outlet}, batch)
		}
	}
	return all[ref.Outlet], nil
}

func (s *Store) stepRunAt(ctx context.Context, ref flow.Ref) (run flow.Run, r flow.StepRun, err error) {
	err = s.view(ctx, func(tx *txn) (err error) {
		if run, err = runOf(tx, ref.Run); err != nil {
			return err
		}
		rows, there := shelfOf(tx, historyBucket).inner([]byte(ref.Run))
		if there {
			there, err = rows.getJSON(historyKey(ref.Seq, stepRunRow, ""), &r)
		}
		if !there && err == nil {
			err = ErrNotFound
		}
		r.Run, r.Seq = ref.Run, ref.Seq
		return err
	})
	return run, r, err
}

// sumOf is by what batches are known again: their records' ids, parents and data.
func sumOf(batches map[flow.Outlet]flow.Batch) uint64 {
	sum := uint64(1)
	for _, outlet := range slices.Sorted(maps.Keys(batches)) {
		sum = value.SumText(sum, string(outlet))
		for _, r := range batches[outlet] {
			sum = value.SumText(sum, string(r.ID))
			for _, p := range r.Parents {
				sum = value.SumText(sum, string(p))
			}
			data, _ := value.Sum(r.Data)
			sum = value.Mix(sum, data)
		}
	}
	return sum
}
