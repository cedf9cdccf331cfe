package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// The buckets of the newest layout, from the root. Every value in them is a row.
//
//	meta         "layout" → its number; the bucket's sequence counts the commits
//	prefs        key → text
//	flows        bucket for each flow: "head" → head; version → version row
//	connections  name → flow.Connection
//	sealed       reference → what the vault sealed
//	checkpoints  bucket for each flow: step → flow.Checkpoint
//	planned      bucket for each flow: see plannedKey (since layout 2)
//	moves        bucket for each flow: step, 0, number → flow.CursorChange (since layout 3)
//	runs         run → flow.Run
//	byflow       bucket for each flow: run → state
//	bystate      bucket for each state: run → nothing
//	history      bucket for each run: see historyKey; its sequence is what the run takes (since layout 4)
//
// The order matters to Rescue: what cannot be made again comes first.
const (
	metaBucket        = "meta"
	prefsBucket       = "prefs"
	flowsBucket       = "flows"
	connectionsBucket = "connections"
	sealedBucket      = "sealed"
	checkpointsBucket = "checkpoints"
	plannedBucket     = "planned"
	movesBucket       = "moves"
	runsBucket        = "runs"
	byFlowBucket      = "byflow"
	byStateBucket     = "bystate"
	historyBucket     = "history"
)

func buckets() []string {
	return []string{
		metaBucket, prefsBucket, flowsBucket, connectionsBucket, sealedBucket, checkpointsBucket,
		plannedBucket, movesBucket, runsBucket, byFlowBucket, byStateBucket, historyBucket,
	}
}

// since is the layout that brought a bucket.
func since(bucket string) int {
	switch bucket {
	case plannedBucket:
		return 2
	case movesBucket:
		return 3
	}
	return 1
}

const layoutKey = "layout"

// migration changes a file of one layout into one of the next.
type migration func(tx *txn) error

// migrations lists how to come from layout 0, an empty file, to the newest: the one
// at place n makes layout n into n+1. What has been released is never changed.
func migrations() []migration {
	return []migration{
		func(tx *txn) error { return makeBuckets(tx, 1) },
		func(tx *txn) error { return makeBuckets(tx, 2) },
		func(tx *txn) error { return errors.Join(makeBuckets(tx, 3), seedMoves(tx)) },
		func(tx *txn) error { return errors.Join(moveLogs(tx), recountAll(tx), relistAll(tx)) },
	}
}

// makeBuckets makes the buckets that a layout brought.
func makeBuckets(tx *txn, layout int) error {
	for _, name := range buckets() {
		if since(name) != layout {
			continue
		}
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return nil
}

// migrate brings the file to the newest layout, each step in a transaction that
// writes the number too, so that a step that fails leaves the layout before it.
func migrate(db *bbolt.DB, path string, steps []migration) (err error) {
	defer recovered(path, &err)
	var layout int
	err = viewOf(db, func(tx *txn) (err error) {
		layout, err = layoutOf(tx)
		return err
	})
	if err != nil {
		return &DamagedError{Path: path, Cause: err}
	}
	if layout > len(steps) {
		return &NewerError{Path: path, Layout: layout, Known: len(steps)}
	}
	for n := layout; n < len(steps); n++ {
		err := updateOf(db, func(tx *txn) error {
			return errors.Join(steps[n](tx), setLayout(tx, n+1))
		})
		if err != nil {
			return fmt.Errorf("bring the store %s from layout %d to %d: %w", path, n, n+1, noRoom(err))
		}
	}
	return nil
}

func layoutOf(tx *txn) (int, error) {
	meta := shelfOf(tx, metaBucket)
	if meta.bucket == nil {
		return 0, nil
	}
	value, err := meta.get([]byte(layoutKey))
	if err != nil {
		return 0, fmt.Errorf("read the layout's number: %w", err)
	}
	if value == nil {
		return 0, nil
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("the layout's number has %d bytes instead of 8", len(value))
	}
	return int(binary.BigEndian.Uint64(value)), nil
}

func setLayout(tx *txn, layout int) error {
	if _, err := tx.CreateBucketIfNotExists([]byte(metaBucket)); err != nil {
		return err
	}
	return shelfOf(tx, metaBucket).put([]byte(layoutKey), rowOf(number(layout)))
}

// number is n as eight bytes that sort as numbers do.
func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
