package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"jackfield/flow"
)

// sweepSegments removes what a process that ended in the middle has left beside the
// file: folders of runs that are gone, and in those of unfinished runs files that no
// row points to. Only unfinished runs can have such files, and with them they go.
func (s *Store) sweepSegments() error {
	err := s.view(context.Background(), func(tx *txn) error {
		wanted := map[string]bool{}
		err := shelfOf(tx, runsBucket).each(func(k, value []byte) error {
			if bytes.Contains(value, []byte(`"trimmed":true`)) { // or one of its settings says so
				r, err := parseRun(value)
				if err != nil || r.Trimmed {
					return err
				}
			}
			wanted[folderName(flow.RunID(k))] = true
			return nil
		})
		if err != nil {
			return err
		}
		if err := removeOthers(s.segments.folder, wanted); err != nil {
			return err
		}
		running, there := shelfOf(tx, byStateBucket).inner([]byte(flow.Running))
		if !there {
			return nil
		}
		return running.each(func(k, _ []byte) error {
			folder := s.segments.folderOf(flow.RunID(k))
			if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
				return nil // nothing of it lies beside the file, so none of its rows need be read
			}
			files, err := segmentFiles(tx, flow.RunID(k))
			if err != nil {
				return fmt.Errorf("run %s: %w", k, err)
			}
			files[workName] = true
			return removeOthers(folder, files)
		})
	})
	if err != nil {
		return fmt.Errorf("sweep the segment files: %w", err)
	}
	return nil
}

// workName is the folder inside a run's in which its steps keep what they are in the
// middle of writing. It goes with the run and not before.
const workName = "work"

// segmentFiles names the files that a run's rows point to.
func segmentFiles(tx *txn, id flow.RunID) (map[string]bool, error) {
	files := map[string]bool{}
	places, err := segmentPlaces(tx, id)
	for _, p := range places {
		files[p.File] = true
	}
	return files, err
}

// segmentPlaces lists where the large batches of a run lie.
func segmentPlaces(tx *txn, id flow.RunID) (all []place, err error) {
	run, there := shelfOf(tx, historyBucket).inner([]byte(id))
	if !there {
		return nil, nil
	}
	err = run.each(func(k, value []byte) error {
		if !isBatch(k) {
			return nil
		}
		l, err := locate(value)
		if l.where == outside && err == nil {
			all = append(all, l.place)
		}
		return err
	})
	return all, err
}

func removeOthers(folder string, wanted map[string]bool) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if wanted[e.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// setOrphansAside keeps the segment files of a store whose file somebody has taken
// away: to the new, empty one they would be rubbish to sweep.
func setOrphansAside(home string) error {
	folder := filepath.Join(home, batchesName)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = setAside(folder, "left")
	return err
}

// setAside gives the file or folder at path a name beside it that is still free.
func setAside(path, why string) (moved string, err error) {
	for n := 1; ; n++ {
		moved = fmt.Sprintf("%s.%s-%d", path, why, n)
		if _, err := os.Lstat(moved); errors.Is(err, fs.ErrNotExist) {
			return moved, os.Rename(path, moved)
		} else if err != nil {
			return "", err
		}
	}
}
