package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"jackfield/flow"
)

// This file makes what Rescue has copied into a store that holds together: heads fit
// their versions, lists and task keys are made anew, a run that lost something says
// so.

// mendFlows gives each flow a head that fits the versions that are left.
func (r *rescuer) mendFlows() error {
	var names [][]byte
	all := shelfOf(r.tx, flowsBucket)
	err := all.eachInner(func(id []byte, _ shelf) error {
		names = append(names, bytes.Clone(id))
		return nil
	})
	for _, id := range names {
		versions, _ := all.inner(id)
		err = errors.Join(err, r.mendFlow(flow.ID(id), versions))
	}
	return err
}

func (r *rescuer) mendFlow(id flow.ID, versions shelf) error {
	var h head
	var newest versionRow
	newestIs, saved := 0, 0
	err := versions.each(func(k, value []byte) error {
		if string(k) == headKey {
			return parseJSON(value, &h)
		}
		newestIs = int(binary.BigEndian.Uint64(k))
		saved++
		newest = versionRow{}
		return parseJSON(value, &newest)
	})
	if err != nil {
		return err
	}
	if saved == 0 {
		r.lose("flow %s: none of its versions is left", id)
		return shelfOf(r.tx, flowsBucket).removeInner([]byte(id))
	}
	if lost := max(h.Newest, newestIs) - saved; lost > 0 {
		r.lose("flow %s: %d of its versions", id, lost)
	}
	if h.Newest == newestIs {
		return nil
	}
	f, err := flowOf(newest.Content)
	if err != nil {
		return err
	}
	if h.Newest == 0 {
		r.lose("flow %s: where its file is and whether it was enabled", id)
	}
	h.Name, h.Newest, h.Steps, h.Saved = f.Name, newestIs, newest.Steps, newest.Saved
	return versions.putJSON([]byte(headKey), h)
}

// mendRuns lists the runs anew and makes their histories hold together.
func (r *rescuer) mendRuns() error {
	var all []flow.Run
	err := shelfOf(r.tx, runsBucket).each(func(_, value []byte) error {
		run, err := parseRun(value)
		all = append(all, run)
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range all {
		if err := r.mendRun(run); err != nil {
			return fmt.Errorf("run %s: %w", run.ID, err)
		}
		if err := r.goOn(); err != nil {
			return err
		}
	}
	return nil
}

func (r *rescuer) mendRun(run flow.Run) error {
	r.folders[folderName(run.ID)] = true
	rows, err := r.shelf([]string{historyBucket, string(run.ID)})
	if err != nil {
		return err
	}
	if err := r.mendHistory(run, rows); err != nil {
		return err
	}
	if err := rows.recount(); err != nil {
		return err
	}
	if !r.whole[run.ID] {
		r.lose("run %s of flow %s: part of its history", run.ID, run.Flow)
	}
	if run.State == flow.Running && !(r.whole[run.ID] && r.sure) {
		run.State, run.Ended = flow.RunFailed, time.Now().Round(0)
		run.Problem = &flow.Problem{
			Code: "damaged", What: "the store was damaged while this run went on, and part of its history may be lost",
			Fix: "see what it has done before you start it again",
		}
		r.lose("run %s of flow %s: whether it has ended; it counts as failed", run.ID, run.Flow)
	}
	row, err := rowOfJSON(run)
	if err != nil {
		return err
	}
	return putRun(r.tx, run, row)
}

// mendHistory checks that the step runs of a run and their batches are there, and
// writes the keys of their tasks anew.
func (r *rescuer) mendHistory(run flow.Run, rows shelf) error {
	id := run.ID
	if !run.Trimmed { // else nothing else tells
		if err := rows.remove([]byte{tallyRow}); err != nil {
			return err
		}
	}
	for seq, end := 0, nextSeq(rows); seq < end; seq++ {
		var one flow.StepRun
		found, err := rows.getJSON(historyKey(seq, stepRunRow, ""), &one)
		if err != nil {
			return err
		}
		if !found {
			r.whole[id] = r.whole[id] && run.Trimmed
			continue
		}
		for outlet, n := range one.Out {
			there, err := r.mendBatch(id, rows, historyKey(seq, batchRow, outlet))
			if err != nil {
				return err
			}
			if n > 0 && !there && !one.Computed && !run.Trimmed {
				r.whole[id] = false
			}
		}
		if err := rows.put(taskKey(one.Key), rowOf(number(seq))); err != nil {
			return err
		}
	}
	return nil
}

// mendBatch says whether a batch is there, and drops a row whose records are not.
func (r *rescuer) mendBatch(id flow.RunID, rows shelf, key []byte) (there bool, err error) {
	value, err := rows.get(key)
	if value == nil || err != nil {
		return false, err
	}
	l, err := locate(value)
	if err != nil {
		return false, err
	}
	there = true
	switch l.where {
	case outside:
		_, err := r.segments.read(id, l.place)
		there = err == nil
	case further: // that one comes before and was mended
		var from flow.StepRun
		if _, err := rows.getJSON(historyKey(l.share.Seq, stepRunRow, ""), &from); err != nil {
			return false, err
		}
		there = from.Computed || rows.has(historyKey(l.share.Seq, batchRow, l.share.Outlet))
	}
	if !there {
		err = rows.remove(key)
	}
	return there, err
}

// count tells what the new file holds.
func (r *rescuer) count() error {
	n := &r.saved
	count := func(name string, of *int) error {
		return shelfOf(r.tx, name).each(func(_, _ []byte) error { *of++; return nil })
	}
	inner := func(name string, each func(key []byte)) error {
		return shelfOf(r.tx, name).eachInner(func(_ []byte, s shelf) error {
			return s.each(func(key, _ []byte) error { each(key); return nil })
		})
	}
	return errors.Join(
		count(connectionsBucket, &n.Connections),
		shelfOf(r.tx, sealedBucket).each(func(ref, _ []byte) error {
			if ref[0] != '~' { // what the vault says of its key
				n.Secrets++
			}
			return nil
		}),
		count(runsBucket, &n.Runs),
		inner(flowsBucket, func(key []byte) {
			if string(key) == headKey {
				n.Flows++
			} else {
				n.Versions++
			}
		}),
		inner(checkpointsBucket, func([]byte) { n.Checkpoints++ }),
		inner(historyBucket, func(key []byte) {
			if isBatch(key) {
				n.Batches++
			} else if kindOf(key) == stepRunRow {
				n.StepRuns++
			}
		}),
	)
}

// setSegmentsAside moves the segment files of runs that are not saved out of the way
// of the sweep.
func (r *rescuer) setSegmentsAside() error {
	entries, err := os.ReadDir(r.segments.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	aside := ""
	for _, e := range entries {
		if r.folders[e.Name()] {
			continue
		}
		if aside == "" {
			if aside, err = folderAside(r.segments.folder); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(r.segments.folder, e.Name()), filepath.Join(aside, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func folderAside(path string) (string, error) {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", path, n)
		if err := os.Mkdir(aside, 0o700); !errors.Is(err, fs.ErrExist) {
			return aside, err
		}
	}
}
