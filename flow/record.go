package flow

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strconv"
)

// RecordID names a record inside its run. It is equal on every retry, because it
// is computed from the parents, the step and a number, never from a clock.
type RecordID string

// Record is one JSON value on its way through a flow.
type Record struct {
	ID      RecordID   `json:"id"`
	Parents []RecordID `json:"parents,omitempty"`
	Data    any        `json:"data"`
	Problem *Problem   `json:"problem,omitempty"` // why it left by the failed outlet
}

// Batch is a list of records that travel together.
type Batch []Record

// Cursor is a source's own note of where it stands: JSON, opaque to all others.
// nil is the very beginning.
type Cursor = json.RawMessage

// Child computes the id of the number-th record that step made of the parents.
// Eighty bits keep a hundred million records of one run apart with a chance of
// collision below one in a hundred million.
func Child(step StepID, parents []RecordID, number int) RecordID {
	h := sha256.New()
	h.Write([]byte(step))
	for _, p := range parents {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	h.Write([]byte{1})
	h.Write(strconv.AppendInt(nil, int64(number), 10))
	var sum [sha256.Size]byte
	return RecordID(idAlphabet.EncodeToString(h.Sum(sum[:0])[:10]))
}

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
