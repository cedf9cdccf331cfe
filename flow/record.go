package flow

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"slices"

	"jackfield/flow/value"
)

// RecordID names a record inside its run. It is equal on every retry, because it
// is computed from the parents, the step and a number, never from a clock.
type RecordID string

// Record is one JSON value on its way through a flow.
type Record struct {
	ID      RecordID   `json:"id"`
	Parents []RecordID `json:"parents,omitempty"`
	Data    any        `json:"data"`              // between a source and the history also a *value.Document
	Problem *Problem   `json:"problem,omitempty"` // why it left by the failed outlet
}

// Batch is a list of records that travel together.
type Batch []Record

// Whole gives the batch with values in place of documents: itself where there are none.
func (b Batch) Whole() Batch {
	var whole Batch
	for i, r := range b {
		if doc, ok := r.Data.(*value.Document); ok {
			if whole == nil {
				whole = slices.Clone(b)
			}
			whole[i].Data = doc.Whole()
		}
	}
	if whole == nil {
		return b
	}
	return whole
}

// Cursor is a source's own note of where it stands: JSON, opaque to all others.
// nil is the very beginning.
type Cursor = json.RawMessage

// Child computes the id of the number-th record that step made of the parents.
// Eighty bits keep a hundred million records of one run apart with a chance of
// collision below one in a hundred million.
func Child(step StepID, parents []RecordID, number int) RecordID {
	return ChildrenOf(step, parents).At(number)
}

// Children computes the ids of what a step makes of the same parents, for a source
// that makes very many.
type Children struct{ first [idBytes]byte }

const idBytes = 10

// ChildrenOf begins at a place, among all ids, that is a hash of step and parents.
// The children lie behind each other from there on, around the end. That keeps them
// apart from those of others no worse than a hash of each would: of n records made of
// m lists of parents, any two stretches meet with a chance of their lengths in 2⁸⁰, so
// that any do with at most n·m in 2⁸⁰, and m is at most n.
func ChildrenOf(step StepID, parents []RecordID) Children {
	var room [128]byte
	text := append(room[:0], step...)
	for _, p := range parents {
		text = append(append(text, 0), p...)
	}
	sum := sha256.Sum256(text)
	return Children{[idBytes]byte(sum[:idBytes])}
}

// At is the id of the number-th child.
func (c Children) At(number int) RecordID {
	high, low := binary.BigEndian.Uint16(c.first[:]), binary.BigEndian.Uint64(c.first[2:])
	low, carry := bits.Add64(low, uint64(number), 0)
	var id [idBytes]byte
	binary.BigEndian.PutUint16(id[:], high+uint16(carry))
	binary.BigEndian.PutUint64(id[2:], low)
	var text [idBytes * 8 / 5]byte
	idAlphabet.Encode(text[:], id[:])
	return RecordID(text[:])
}

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
