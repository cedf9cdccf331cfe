package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"jackfield/flow"
)

// Meter tells what all of the store takes of the disk, and which flow how much of it.
func (s *Store) Meter(ctx context.Context) (flow.Usage, error) {
	takes, err := s.Usage(ctx)
	if err != nil {
		return flow.Usage{}, err
	}
	u := flow.Usage{Total: takes.File + takes.Segments, Free: takes.Free}
	if left, err := diskLeft(s.home); err == nil {
		u.Disk = left
	}
	flows, err := s.listAll(ctx)
	if err != nil {
		return u, fmt.Errorf("measure the store: %w", err)
	}
	for _, runs := range flows {
		u.Flows = append(u.Flows, flow.FlowUsage{Flow: runs[0].flow, Runs: len(runs), Bytes: sizeOfAll(runs)})
	}
	slices.SortFunc(u.Flows, func(a, b flow.FlowUsage) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Flow, b.Flow))
	})
	return u, nil
}

// UsualRetention is what holds where nobody has said anything: the quota is a tenth of
// the disk, but no more than 5 GB.
func (s *Store) UsualRetention() flow.Retention {
	const day = 24 * time.Hour
	r := flow.Retention{Quota: 5 << 30, Keep: 200, Done: 30 * day, Failed: 90 * day, Samples: 20}
	if size, err := diskSize(s.home); err == nil {
		r.Quota = min(r.Quota, size/10)
	}
	return r
}

// Refuse says why no run may begin; nil says that they may again. Those that others
// call are not refused: they are part of a run that goes on.
func (s *Store) Refuse(why *flow.Problem) { s.refusing.Store(why) }

// mayBegin says why a run may not begin.
func (s *Store) mayBegin(r flow.Run) error {
	if why := s.refusing.Load(); why != nil && r.Cause != "flow" {
		return *why
	}
	return nil
}
