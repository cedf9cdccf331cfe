package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"jackfield/flow"
)

// Report says what Rescue has saved, and in words what not.
type Report struct {
	Flows, Versions, Connections, Secrets, Checkpoints int
	Runs, StepRuns, Batches                            int
	Lost                                               []string
}

// Rescue moves a damaged file aside and saves what can be read of it into a new one:
// flows, connections, secrets and checkpoints first, then runs. moved is where the
// damaged file is now; it stays as it was. What the newest state of the file does
// not give any more is looked for in states before it, whose pages are often still
// there. A run that had not ended and has lost something is failed, so that a person
// decides about it.
func Rescue(home string) (moved string, saved Report, err error) {
	l, err := acquire(home)
	if err != nil {
		return "", saved, err
	}
	defer l.release()
	path := filepath.Join(home, fileName)
	if moved, saved, err = rescue(home, path); err != nil {
		err = fmt.Errorf("rescue %s: %w", path, noRoom(err))
	}
	return moved, saved, err
}

func rescue(home, path string) (moved string, saved Report, err error) {
	damaged, err := isDamaged(home, path)
	if err == nil && !damaged {
		err = errors.New("nothing in it is damaged")
	}
	if err != nil {
		return "", saved, err
	}
	old, err := os.Open(path)
	if err != nil {
		return "", saved, err
	}
	defer old.Close()
	draft := path + rescueDraft
	if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", saved, err
	}
	db, err := openFile(draft)
	if err != nil {
		return "", saved, err
	}
	db.NoSync = true // once, at the end
	r := &rescuer{
		db: db, segments: newSegments(filepath.Join(home, batchesName)),
		whole: map[flow.RunID]bool{}, folders: map[string]bool{},
	}
	err = r.fill(old)
	if err == nil {
		err = db.Sync()
	}
	if err = errors.Join(err, db.Close()); err == nil {
		err = r.setSegmentsAside()
	}
	if err != nil {
		_ = os.Remove(draft)
		return "", r.saved, err
	}
	moved, err = swap(path, draft)
	return moved, r.saved, err
}

// isDamaged says whether there is anything wrong with the file or, where there is
// not, with the segment files.
func isDamaged(home, path string) (bool, error) {
	err := inspect(path)
	if _, damaged := errors.AsType[*DamagedError](err); damaged {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	s, err := openLocked(home, Options{})
	if err != nil {
		return false, err
	}
	faults, err := s.checkSegments(context.Background())
	return len(faults) > 0, errors.Join(err, s.shut())
}

// swap puts draft in path's place and gives what was there another name. For a
// moment both names mean the old file, so that there is no time without a store.
func swap(path, draft string) (moved string, err error) {
	for n := 1; ; n++ {
		moved = fmt.Sprintf("%s.damaged-%d", path, n)
		if err = os.Link(path, moved); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err != nil { // not every file system knows second names
		moved, err = setAside(path, "damaged")
	}
	if err != nil {
		return "", err
	}
	return moved, replace(draft, path)
}

// rescuer fills a new file from a damaged one.
type rescuer struct {
	db       *bbolt.DB
	tx       *txn
	waiting  int // bytes put into tx
	copied   int // rows
	segments *segments
	saved    Report
	sure     bool                // nothing newer than what is copied was there
	whole    map[flow.RunID]bool // runs whose history has lost nothing
	folders  map[string]bool     // of segment files that are still wanted
}

// rescuedAtOnce is how many bytes one transaction takes.
const rescuedAtOnce = 8 << 20

func (r *rescuer) lose(format string, args ...any) {
	r.saved.Lost = append(r.saved.Lost, fmt.Sprintf(format, args...))
}

func (r *rescuer) fill(old *os.File) (err error) {
	if err := migrate(r.db, r.db.Path(), migrations()); err != nil {
		return err
	}
	states, sure, err := statesOf(old)
	if err != nil {
		return err
	}
	for _, s := range states {
		if layout := s.layout(); layout > len(migrations()) {
			return &NewerError{Path: old.Name(), Layout: layout, Known: len(migrations())}
		}
	}
	r.sure = sure
	if r.tx, err = begin(r.db); err != nil {
		return err
	}
	defer func() { _ = r.tx.Rollback() }() // nothing to do after a commit
	switch {
	case len(states) == 0:
		r.lose("everything: the file holds no state of a store any more")
	case !sure:
		r.lose("the newest state cannot be told for certain: what was changed last may be as it was before")
	}
	for _, name := range buckets() {
		if name == metaBucket || name == byFlowBucket || name == byStateBucket || len(states) == 0 {
			continue // made anew
		}
		if err := r.copyBest(states, name); err != nil {
			return err
		}
	}
	if err := errors.Join(r.mendFlows(), r.mendRuns(), r.count()); err != nil {
		return err
	}
	return r.tx.Commit()
}

// copyBest copies a bucket of the newest state. Where that cannot be read whole, what
// is missing is taken from the states before it.
func (r *rescuer) copyBest(states []*state, name string) error {
	var faults []error
	newest := 0
	for i, s := range states {
		b, there := s.buckets[name]
		if there {
			if err := r.copyBucket(s, []string{name}, b, i == 0); err != nil {
				return err
			}
		}
		found := s.takeFaults()
		if !there && s.layout() >= since(name) {
			found = append(found, errors.New("the root does not name it"))
		}
		if i == 0 {
			faults, newest = found, r.copied
		}
		if len(faults) == 0 {
			return nil
		}
	}
	what := fmt.Sprintf("of the %s something could not be read: %s", name, strings.Join(inWords(faults), "; "))
	if back := r.copied - newest; back > 0 {
		what += fmt.Sprintf("; %d rows came back from older states of the file", back)
	}
	r.lose("%s", what)
	return nil
}

// copyBucket copies the rows of a bucket that are right and not there yet.
func (r *rescuer) copyBucket(s *state, path []string, b subtree, newest bool) (err error) {
	run := flow.RunID("")
	if path[0] == historyBucket && len(path) == 2 {
		run = flow.RunID(path[1])
		if !shelfOf(r.tx, runsBucket).has([]byte(run)) {
			return r.passOver(run, newest)
		}
	}
	before := len(s.faults)
	s.tree.each(b, func(key, stored []byte, inner *subtree) {
		switch {
		case err != nil:
		case inner != nil && !holdsBuckets(path):
			s.tree.fault(fmt.Errorf("bucket %q: none can be there", key)) // a page that has been used for something else since
		case inner != nil:
			err = r.copyBucket(s, append(slices.Clip(path), string(key)), *inner, newest)
		default:
			err = r.copyRow(s, path, key, stored)
		}
	})
	if run != "" && newest && len(s.faults) == before {
		r.whole[run] = true
	}
	return err
}

// holdsBuckets says whether the bucket at a path has buckets inside and no rows.
func holdsBuckets(path []string) bool {
	return len(path) == 1 && slices.Contains([]string{flowsBucket, checkpointsBucket, plannedBucket, movesBucket, historyBucket}, path[0])
}

func (r *rescuer) passOver(run flow.RunID, newest bool) error {
	if newest {
		r.lose("run %s: its history is there, but what it was a run of is not", run)
	}
	return nil
}

func (r *rescuer) copyRow(s *state, path []string, key, stored []byte) error {
	if path[0] == historyBucket && key[0] == taskRow {
		return nil // made anew
	}
	to, err := r.shelf(path)
	if err != nil {
		return err
	}
	if _, err := unpack(to.path, key, stored); err != nil {
		s.tree.fault(fmt.Errorf("row %q: %w", key, err))
		return nil
	}
	if to.has(key) {
		return nil
	}
	r.copied++
	r.waiting += len(key) + len(stored)
	if err := to.bucket.Put(key, bytes.Clone(stored)); err != nil || r.waiting < rescuedAtOnce {
		return err
	}
	return r.goOn()
}

// goOn commits what has been put so far.
func (r *rescuer) goOn() (err error) {
	if err := r.tx.Commit(); err != nil {
		return err
	}
	r.waiting = 0
	r.tx, err = begin(r.db)
	return err
}

// shelf gives the shelf at a path in the new file, and makes it where it is missing.
func (r *rescuer) shelf(path []string) (to shelf, err error) {
	to = shelfOf(r.tx, path[0])
	for _, name := range path[1:] {
		inner, there := to.inner([]byte(name))
		if !there {
			inner, err = to.makeInner([]byte(name))
		}
		if err != nil {
			return to, err
		}
		to = inner
	}
	return to, nil
}
