package store

import (
	"errors"
	"fmt"
	"io/fs"

	"jackfield/flow"
)

// The first byte of a batch's row says where the records are.
const (
	hereInside = 'r' // the records follow
	outside    = 's' // a place in a segment file follows
)

// batchRow writes a batch out and tells its size. A large one is on disk, in the
// run's segment file, before the row that points to it exists.
func (s *Store) batchRow(id flow.RunID, b flow.Batch) (row, int, error) {
	data, err := appendBatch(append(room(sizeGuess(b)), hereInside), b)
	if err != nil {
		return row{}, 0, err
	}
	size := len(data) - sumSize - 1
	if size < largeBatch {
		return newRow(data), size, nil
	}
	p, err := s.segments.write(id, data[sumSize+1:])
	if err != nil {
		return row{}, 0, noRoom(err)
	}
	data, err = appendJSON(append(room(128), outside), p)
	return newRow(data), size, err
}

// sizeGuess keeps the buffer of a batch from growing more than once or twice.
func sizeGuess(b flow.Batch) int { return 64 + 256*len(b) }

// batchData finds the records that a stored row speaks of.
func (s *Store) batchData(id flow.RunID, stored []byte) ([]byte, error) {
	p, inside, err := placeOfBatch(stored)
	if inside || err != nil {
		return stored[min(1, len(stored)):], err
	}
	data, err := s.segments.read(id, p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("its segment file %s: %w", p.File, ErrNotFound)
	}
	return data, err
}

// placeOfBatch reads where a stored row says that its records lie.
func placeOfBatch(stored []byte) (p place, inside bool, err error) {
	if len(stored) == 0 {
		return p, false, errRecord
	}
	switch stored[0] {
	case hereInside:
		return p, true, nil
	case outside:
		return p, false, parseJSON(stored[1:], &p)
	}
	return p, false, errRecord
}
