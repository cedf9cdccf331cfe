package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"jackfield/flow"
)

// head is what a list of flows needs to know without reading their versions.
type head struct {
	Name    string    `json:"name"`
	Path    string    `json:"path,omitempty"`
	Newest  int       `json:"newest"`
	Steps   int       `json:"steps"`
	Enabled bool      `json:"enabled,omitempty"`
	Saved   time.Time `json:"saved"`
	Removed bool      `json:"removed,omitempty"` // its versions stay for its runs, and nobody else sees them
}

const headKey = "head"

// PutFlow stores f as the next version of its flow, unless it is the same as the
// newest one. A flow without an id gets one made of its name, or that of the flow
// with the same path. The result has its id and version.
func (s *Store) PutFlow(ctx context.Context, f flow.Flow) (flow.Flow, error) {
	content, err := contentOf(f)
	if err != nil {
		return f, fmt.Errorf("store flow %q: %w", f.Name, err)
	}
	row, err := rowOfJSON(versionRow{Saved: time.Now().Round(0), Steps: len(f.Steps), Content: content})
	if err != nil {
		return f, fmt.Errorf("store flow %q: %w", f.Name, err)
	}
	stored := f
	err = s.update(ctx, func(tx *txn) (err error) {
		stored, err = putFlow(tx, f, content, row)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("store flow %q: %w", f.Name, err)
	}
	return stored, nil
}

func putFlow(tx *txn, f flow.Flow, content []byte, row row) (flow.Flow, error) {
	if f.ID == "" {
		id, err := idFor(tx, f)
		if err != nil {
			return f, err
		}
		f.ID = id
	}
	versions, err := shelfOf(tx, flowsBucket).makeInner([]byte(f.ID))
	if err != nil {
		return f, err
	}
	var h head
	if _, err := versions.getJSON([]byte(headKey), &h); err != nil {
		return f, err
	}
	newest, err := versionOf(versions, h.Newest)
	if err != nil {
		return f, err
	}
	if newest != nil && bytes.Equal(newest.Content, content) {
		f.Version = h.Newest
		if h.Path == f.Path && !h.Removed {
			return f, nil
		}
		h.Path, h.Removed = f.Path, false
		return f, versions.putJSON([]byte(headKey), h)
	}
	f.Version = h.Newest + 1
	h = head{Name: f.Name, Path: f.Path, Newest: f.Version, Steps: len(f.Steps), Enabled: h.Enabled, Saved: time.Now().Round(0)}
	if err := versions.put(number(f.Version), row); err != nil {
		return f, err
	}
	return f, versions.putJSON([]byte(headKey), h)
}

// idFor finds the flow with f's path, or makes an id that no flow has and none had
// whose runs are still here.
func idFor(tx *txn, f flow.Flow) (flow.ID, error) {
	if f.Path != "" {
		if id, err := idByPath(tx, f.Path); id != "" || err != nil {
			return id, err
		}
	}
	base := flow.Slug(f.Name)
	for n := 1; ; n++ {
		id := base
		if n > 1 {
			id += flow.ID("-" + strconv.Itoa(n))
		}
		if !taken(tx, id) {
			return id, nil
		}
	}
}

func taken(tx *txn, id flow.ID) bool {
	for _, name := range []string{flowsBucket, byFlowBucket, checkpointsBucket, plannedBucket} {
		if _, there := shelfOf(tx, name).inner([]byte(id)); there {
			return true
		}
	}
	return false
}

// idByPath finds the flow that was saved last under this path; "" for none.
func idByPath(tx *txn, path string) (id flow.ID, err error) {
	var saved time.Time
	err = eachFlow(tx, func(one flow.ID, h head) error {
		if h.Path == path && (id == "" || h.Saved.After(saved)) {
			id, saved = one, h.Saved
		}
		return nil
	})
	return id, err
}

func eachFlow(tx *txn, do func(id flow.ID, h head) error) error {
	return shelfOf(tx, flowsBucket).eachInner(func(id []byte, versions shelf) error {
		var h head
		if _, err := versions.getJSON([]byte(headKey), &h); err != nil {
			return fmt.Errorf("flow %q: %w", id, err)
		}
		if h.Removed {
			return nil
		}
		return do(flow.ID(id), h)
	})
}

// versionOf reads one version; nil where there is none.
func versionOf(versions shelf, version int) (*versionRow, error) {
	var r versionRow
	found, err := versions.getJSON(number(version), &r)
	if !found || err != nil {
		return nil, err
	}
	return &r, nil
}

// Flow gives one version of a flow; 0 is the newest.
func (s *Store) Flow(ctx context.Context, id flow.ID, version int) (flow.Flow, error) {
	var h head
	var r *versionRow
	err := s.view(ctx, func(tx *txn) (err error) {
		versions, there := shelfOf(tx, flowsBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		if _, err := versions.getJSON([]byte(headKey), &h); err != nil {
			return err
		}
		if version == 0 && h.Removed {
			return ErrNotFound
		}
		if version == 0 {
			version = h.Newest
		}
		if r, err = versionOf(versions, version); r == nil && err == nil {
			return fmt.Errorf("version %d: %w", version, ErrNotFound)
		}
		return err
	})
	if err != nil {
		return flow.Flow{}, fmt.Errorf("read flow %q: %w", id, err)
	}
	f, err := flowOf(r.Content)
	if err != nil {
		return flow.Flow{}, fmt.Errorf("read flow %q: %w", id, err)
	}
	f.ID, f.Version, f.Path = id, version, h.Path
	return f, nil
}

// FlowByPath gives the newest version of the flow whose file this is.
func (s *Store) FlowByPath(ctx context.Context, path string) (flow.Flow, error) {
	var id flow.ID
	err := s.view(ctx, func(tx *txn) (err error) {
		if id, err = idByPath(tx, path); id == "" && err == nil {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return flow.Flow{}, fmt.Errorf("read the flow of %s: %w", path, err)
	}
	return s.Flow(ctx, id, 0)
}

// Flows lists the flows by their ids.
func (s *Store) Flows(ctx context.Context) ([]flow.Overview, error) {
	var all []flow.Overview
	err := s.view(ctx, func(tx *txn) error {
		return eachFlow(tx, func(id flow.ID, h head) error {
			o := flow.Overview{
				ID: id, Name: h.Name, Path: h.Path, Version: h.Newest, Versions: h.Newest,
				Steps: h.Steps, Enabled: h.Enabled, Saved: h.Saved,
			}
			var err error
			o.LastRun, o.State, err = lastRun(tx, id)
			all = append(all, o)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the flows: %w", err)
	}
	return all, nil
}

func lastRun(tx *txn, id flow.ID) (flow.RunID, flow.RunState, error) {
	runs, there := shelfOf(tx, byFlowBucket).inner([]byte(id))
	if !there {
		return "", "", nil
	}
	k, stored := runs.bucket.Cursor().Last()
	if k == nil {
		return "", "", nil
	}
	value, err := unpack(runs.path, k, stored)
	return flow.RunID(k), parseListed(value).state, err
}

// Versions lists the versions of a flow, newest first.
func (s *Store) Versions(ctx context.Context, id flow.ID) ([]flow.Saved, error) {
	var all []flow.Saved
	err := s.view(ctx, func(tx *txn) error {
		versions, _, err := present(tx, id)
		if err != nil {
			return err
		}
		return versions.each(func(k, value []byte) error {
			if string(k) == headKey {
				return nil
			}
			var r versionRow
			err := parseJSON(value, &r)
			all = append(all, flow.Saved{Version: int(binary.BigEndian.Uint64(k)), Saved: r.Saved, Steps: r.Steps})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list the versions of flow %q: %w", id, err)
	}
	slices.Reverse(all)
	return all, nil
}

// SetEnabled writes down whether the flow's triggers are live.
func (s *Store) SetEnabled(ctx context.Context, id flow.ID, on bool) error {
	err := s.update(ctx, func(tx *txn) error {
		versions, h, err := present(tx, id)
		if err != nil {
			return err
		}
		h.Enabled = on
		return versions.putJSON([]byte(headKey), h)
	})
	if err != nil {
		return fmt.Errorf("enable or disable flow %q: %w", id, err)
	}
	return nil
}

// present gives the shelf and the head of a flow that was not removed.
func present(tx *txn, id flow.ID) (versions shelf, h head, err error) {
	versions, there := shelfOf(tx, flowsBucket).inner([]byte(id))
	if !there {
		return versions, h, ErrNotFound
	}
	if _, err = versions.getJSON([]byte(headKey), &h); err == nil && h.Removed {
		err = ErrNotFound
	}
	return versions, h, err
}

// RemoveFlow forgets a flow with all its versions, checkpoints, how those moved, and
// what is planned. Its runs stay, and the versions that they went by with them: Flow
// finds one by its number, until the last run is removed.
func (s *Store) RemoveFlow(ctx context.Context, id flow.ID) error {
	err := s.update(ctx, func(tx *txn) error {
		versions, h, err := present(tx, id)
		if err != nil {
			return err
		}
		h.Removed, h.Enabled = true, false
		return errors.Join(
			versions.putJSON([]byte(headKey), h),
			dropRemoved(tx, id),
			shelfOf(tx, checkpointsBucket).removeInner([]byte(id)),
			shelfOf(tx, plannedBucket).removeInner([]byte(id)),
			shelfOf(tx, movesBucket).removeInner([]byte(id)),
		)
	})
	if err != nil {
		return fmt.Errorf("remove flow %q: %w", id, err)
	}
	return nil
}

// dropRemoved forgets the versions of a flow that was removed, where no run is left.
func dropRemoved(tx *txn, id flow.ID) error {
	if _, runs := shelfOf(tx, byFlowBucket).inner([]byte(id)); runs {
		return nil
	}
	versions, there := shelfOf(tx, flowsBucket).inner([]byte(id))
	if !there {
		return nil
	}
	var h head
	if _, err := versions.getJSON([]byte(headKey), &h); err != nil || !h.Removed {
		return err
	}
	return shelfOf(tx, flowsBucket).removeInner([]byte(id))
}
