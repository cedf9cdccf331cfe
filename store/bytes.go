package store

import "jackfield/flow"

// What a run takes of the disk is the number of its bucket, so that it is as durable
// as the rows, costs no row of its own, and is read without looking at any.

// add puts a new row on the shelf of a run and counts it.
func (s shelf) add(key []byte, r row) error {
	if err := s.put(key, r); err != nil {
		return err
	}
	return s.count(sizeOf(key, len(r.data)))
}

// replace puts a row on the shelf of a run in place of one that may be there.
func (s shelf) replace(key []byte, r row) error {
	if had := s.bucket.Get(key); had != nil {
		if err := s.count(-sizeOf(key, len(had))); err != nil {
			return err
		}
	}
	return s.add(key, r)
}

// sizeOf is what a row takes whose value has so many bytes with its checksum.
func sizeOf(key []byte, value int) int64 { return int64(len(key) + value + pageElement) }

// count adds to what a run takes, for rows or in its segment files.
func (s shelf) count(bytes int64) error {
	return s.bucket.SetSequence(uint64(max(0, int64(s.bucket.Sequence())+bytes)))
}

// bytesOf is what a run takes of the disk, as it was counted.
func bytesOf(tx *txn, id flow.RunID) int64 {
	run := tx.Bucket([]byte(historyBucket)).Bucket([]byte(id))
	if run == nil {
		return 0
	}
	return int64(run.Sequence())
}

// recount looks at every row of a run, where it was not counted or cannot be trusted.
func (s shelf) recount() error {
	var total int64
	err := s.each(func(key, value []byte) error {
		total += sizeOf(key, len(value)+sumSize)
		if !isBatch(key) {
			return nil
		}
		l, err := locate(value)
		if l.where == outside {
			total += int64(l.place.Size)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.bucket.SetSequence(uint64(total))
}

// recountAll counts the runs of a file from before they were.
func recountAll(tx *txn) error {
	return shelfOf(tx, historyBucket).eachInner(func(_ []byte, run shelf) error { return run.recount() })
}
