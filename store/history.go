package store

import (
	"crypto/sha256"
	"encoding/binary"

	"jackfield/flow"
)

// The bucket of a run holds, for the step run at place seq,
//
//	seq 'o' outlet    the batch that left by this outlet
//	seq 's'           the step run
//	0xfc              its sums, up to a place: a tally, where it has very many step runs
//	0xfd seq part     its log lines, the first of the run or the last
//	0xfe              how many log lines there were, those not kept too: a logState
//	0xff key          seq, so that a second append with the same key is known
//
// with seq as eight bytes, so that rows are appended at one end.
const (
	batchRow   = 'o'
	stepRunRow = 's'
	tallyRow   = 0xfc
	logRow     = 0xfd
	linesRow   = 0xfe
	taskRow    = 0xff
	ofRun      = 0xf0 // above all that begin with a place, below all others

	oldLogRow = 'l' // behind a place, before layout 4
)

// The parts of a log.
const (
	firstPart = 0
	lastPart  = 1
)

func logKey(seq int, part byte) []byte { return append(append([]byte{logRow}, number(seq)...), part) }

func historyKey(seq int, kind byte, outlet flow.Outlet) []byte {
	key := append(number(seq), kind)
	return append(key, outlet...)
}

// taskKey is where the place of a task is kept. A key too long for a row counts by
// its hash.
func taskKey(key string) []byte {
	if len(key) > 256 {
		sum := sha256.Sum256([]byte(key))
		return append([]byte{taskRow, 0}, sum[:]...)
	}
	return append([]byte{taskRow}, key...)
}

// isBatch says whether a row of a run's bucket is a batch.
func isBatch(key []byte) bool { return kindOf(key) == batchRow }

// kindOf is what a row of a run's bucket holds.
func kindOf(key []byte) byte {
	if key[0] >= ofRun {
		return key[0]
	}
	return key[8]
}

// nextSeq is one more than the place of the last step run.
func nextSeq(run shelf) int {
	c := run.bucket.Cursor()
	k, _ := c.Seek([]byte{ofRun})
	if k == nil {
		k, _ = c.Last()
	} else {
		k, _ = c.Prev()
	}
	if k == nil {
		return 0
	}
	return int(binary.BigEndian.Uint64(k)) + 1
}
