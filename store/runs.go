package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"jackfield/flow"
	"jackfield/flow/value"
)

// mostRuns is how many runs a list gives where no limit is asked for.
const mostRuns = 100

// Begin writes a new run. A run of this id that is there already stays as it is.
func (s *Store) Begin(ctx context.Context, r flow.Run) error {
	row, err := rowOfRun(r)
	if err == nil {
		err = s.mayBegin(r)
	}
	if err == nil {
		err = s.update(ctx, func(tx *txn) error { return beginRun(tx, r, row) })
	}
	if err != nil {
		return fmt.Errorf("begin run %s: %w", r.ID, err)
	}
	return nil
}

func beginRun(tx *txn, r flow.Run, row row) error {
	if shelfOf(tx, runsBucket).has([]byte(r.ID)) {
		return nil
	}
	if _, err := shelfOf(tx, historyBucket).makeInner([]byte(r.ID)); err != nil {
		return err
	}
	return putRun(tx, r, row)
}

// Update writes the run's own row: its state, end and counts.
func (s *Store) Update(ctx context.Context, r flow.Run) error {
	t := s.tails.take(r.ID)
	defer s.tails.leave(t)
	row, err := rowOfRun(r)
	if err == nil {
		err = s.updateRunOf(ctx, t, func(tx *txn) error { return updateRun(tx, r, row) })
	}
	if err != nil {
		return fmt.Errorf("update run %s: %w", r.ID, err)
	}
	s.letGo(r)
	return nil
}

// updateRun writes a run's row anew and lists it under the state that it has now.
func updateRun(tx *txn, r flow.Run, row row) error {
	ofFlow, there := shelfOf(tx, byFlowBucket).inner([]byte(r.Flow))
	var was []byte
	var err error
	if there {
		was, err = ofFlow.get([]byte(r.ID))
	}
	if err != nil {
		return err
	}
	if was == nil { // it is listed under another flow, if at all
		old, err := runOf(tx, r.ID)
		if err != nil {
			return err
		}
		return errors.Join(unlistRun(tx, old), putRun(tx, r, row))
	}
	l := parseListed(was)
	switch {
	case l.trimmed && !r.State.Ended():
		return ErrTrimmed
	case bytes.Equal(was, listedRow(r)):
		return shelfOf(tx, runsBucket).put([]byte(r.ID), row)
	}
	if ofState, there := shelfOf(tx, byStateBucket).inner([]byte(l.state)); there && l.state != r.State {
		if err := ofState.remove([]byte(r.ID)); err != nil {
			return err
		}
	}
	return putRun(tx, r, row)
}

// letGo closes what is open for a run that has ended.
func (s *Store) letGo(r flow.Run) {
	if r.State.Ended() {
		s.stages.end(r.ID)
		s.segments.end(r.ID)
		s.cache.forget(r.ID)
		s.tails.end(r.ID)
	}
}

// rowOfRun refuses a run that could not be listed.
func rowOfRun(r flow.Run) (row, error) {
	if r.ID == "" || r.Flow == "" || r.State == "" {
		return row{}, errors.New("it needs an id, a flow and a state")
	}
	r.Bytes = 0 // told by the history
	return rowOfJSON(r)
}

// putRun writes the row of a run and lists it under its flow and its state.
func putRun(tx *txn, r flow.Run, row row) error {
	if err := shelfOf(tx, runsBucket).ascending().put([]byte(r.ID), row); err != nil {
		return err
	}
	ofFlow, err := shelfOf(tx, byFlowBucket).makeInner([]byte(r.Flow))
	if err != nil {
		return err
	}
	if err := ofFlow.ascending().put([]byte(r.ID), rowOf(listedRow(r))); err != nil {
		return err
	}
	ofState, err := shelfOf(tx, byStateBucket).makeInner([]byte(r.State))
	if err != nil {
		return err
	}
	return ofState.put([]byte(r.ID), rowOf(nil))
}

// relistAll writes what the lists say of runs anew, in a file from before layout 4.
func relistAll(tx *txn) error {
	return shelfOf(tx, runsBucket).each(func(_, value []byte) error {
		r, err := parseRun(value)
		if err != nil {
			return err
		}
		ofFlow, err := shelfOf(tx, byFlowBucket).makeInner([]byte(r.Flow))
		if err != nil {
			return err
		}
		return ofFlow.put([]byte(r.ID), rowOf(listedRow(r)))
	})
}

// unlistRun takes a run out of the lists, and a list away that has become empty.
func unlistRun(tx *txn, r flow.Run) error {
	for list, name := range map[string]string{byFlowBucket: string(r.Flow), byStateBucket: string(r.State)} {
		lists := shelfOf(tx, list)
		runs, there := lists.inner([]byte(name))
		if !there {
			continue
		}
		if err := runs.remove([]byte(r.ID)); err != nil {
			return err
		}
		if k, _ := runs.bucket.Cursor().First(); k != nil {
			continue
		}
		if err := lists.removeInner([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

// Run gives the row of a run.
func (s *Store) Run(ctx context.Context, id flow.RunID) (flow.Run, error) {
	var r flow.Run
	err := s.view(ctx, func(tx *txn) (err error) {
		r, err = runOf(tx, id)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("read run %s: %w", id, err)
	}
	return r, nil
}

func runOf(tx *txn, id flow.RunID) (flow.Run, error) {
	value, err := shelfOf(tx, runsBucket).get([]byte(id))
	if value == nil && err == nil {
		err = ErrNotFound
	}
	if err != nil {
		return flow.Run{}, err
	}
	r, err := parseRun(value)
	r.Bytes = bytesOf(tx, id)
	return r, err
}

func parseRun(data []byte) (flow.Run, error) {
	var r flow.Run
	if err := parseJSON(data, &r); err != nil {
		return r, err
	}
	for i, set := range r.Set {
		v, err := value.Normal(set.Value)
		if err != nil {
			return r, fmt.Errorf("setting %s.%s: %w", set.Step, set.Key, err)
		}
		r.Set[i].Value = v
	}
	return r, nil
}

// Unfinished lists the runs whose state is flow.Running, oldest first.
func (s *Store) Unfinished(ctx context.Context) ([]flow.Run, error) {
	var all []flow.Run
	err := s.view(ctx, func(tx *txn) error {
		running, there := shelfOf(tx, byStateBucket).inner([]byte(flow.Running))
		if !there {
			return nil
		}
		return running.each(func(k, _ []byte) error {
			r, err := runOf(tx, flow.RunID(k))
			all = append(all, r)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the unfinished runs: %w", err)
	}
	return all, nil
}

// Runs lists runs, newest first: those of one flow, in one state, older than before,
// where these are not empty, and at most limit; 0 is 100.
func (s *Store) Runs(ctx context.Context, f flow.ID, state flow.RunState, before flow.RunID, limit int) ([]flow.Run, error) {
	if limit <= 0 {
		limit = mostRuns
	}
	var all []flow.Run
	err := s.view(ctx, func(tx *txn) error {
		list := listOf(tx, f, state)
		if list.bucket == nil {
			return nil
		}
		c := list.bucket.Cursor()
		for k, stored := last(c, []byte(before)); k != nil && len(all) < limit; k, stored = c.Prev() {
			if f != "" && state != "" {
				is, err := unpack(list.path, k, stored)
				if err != nil {
					return fmt.Errorf("run %s: %w", k, err)
				}
				if parseListed(is).state != state {
					continue
				}
			}
			r, err := runOf(tx, flow.RunID(k))
			if err != nil {
				return fmt.Errorf("run %s: %w", k, err)
			}
			all = append(all, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	return all, nil
}

// listOf is the shortest list that holds every run asked for. It may be missing.
func listOf(tx *txn, f flow.ID, state flow.RunState) shelf {
	list := shelfOf(tx, runsBucket)
	switch {
	case f != "":
		list, _ = shelfOf(tx, byFlowBucket).inner([]byte(f))
	case state != "":
		list, _ = shelfOf(tx, byStateBucket).inner([]byte(state))
	}
	return list
}

// last moves c to the last row, or to the last one below before.
func last(c *bbolt.Cursor, before []byte) (key, stored []byte) {
	if len(before) == 0 {
		return c.Last()
	}
	if k, _ := c.Seek(before); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// RemoveRun forgets a run with all its records. One that still runs stays.
func (s *Store) RemoveRun(ctx context.Context, id flow.RunID) error {
	err := s.update(ctx, func(tx *txn) error { return removeRun(tx, id) })
	if err == nil {
		err = s.dropRecords(id)
		s.mayShrink()
	}
	if err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	return nil
}

func removeRun(tx *txn, id flow.RunID) error {
	r, err := runOf(tx, id)
	if err != nil {
		return err
	}
	if r.State == flow.Running {
		return ErrRunning
	}
	if err := unlistRun(tx, r); err != nil {
		return err
	}
	if err := shelfOf(tx, runsBucket).remove([]byte(id)); err != nil {
		return err
	}
	if err := dropRemoved(tx, r.Flow); err != nil {
		return err
	}
	return shelfOf(tx, historyBucket).removeInner([]byte(id))
}

// dropRecords removes what lies outside the file of runs that are gone from it. If
// the process ends in between, the next Open does it.
func (s *Store) dropRecords(id flow.RunID) error {
	s.cache.forget(id)
	s.tails.end(id)
	return s.segments.remove(id)
}
