package kit

import (
	"context"
	"encoding/binary"

	"jackfield/flow"
	"jackfield/flow/value"
)

// AddRecord takes a record as the data of an entry, without its problem.
func (s *Sorter) AddRecord(ctx context.Context, key []byte, rec flow.Record) error {
	b := appendText(s.record[:0], string(rec.ID))
	b = binary.AppendUvarint(b, uint64(len(rec.Parents)))
	for _, p := range rec.Parents {
		b = appendText(b, string(p))
	}
	s.record = value.Append(b, rec.Data)
	return s.Add(ctx, key, s.record)
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Record gives the record of an entry that AddRecord took.
func (s *Sorter) Record(k Keyed) (flow.Record, error) {
	r := texts{rest: k.Data}
	rec := flow.Record{ID: flow.RecordID(r.text())}
	for range min(r.number(), uint64(len(r.rest))) {
		rec.Parents = append(rec.Parents, flow.RecordID(r.text()))
	}
	if r.torn {
		return rec, Fail(Malformed, "sort in %s: an entry is no record", s.path)
	}
	var err error
	if rec.Data, err = s.decoder.Decode(r.rest); err != nil {
		return rec, Fail(Malformed, "sort in %s: %w", s.path, err)
	}
	return rec, nil
}

// texts reads what appendText wrote.
type texts struct {
	rest []byte
	torn bool
}

func (t *texts) number() uint64 {
	n, size := binary.Uvarint(t.rest)
	if size <= 0 {
		t.torn = true
		return 0
	}
	t.rest = t.rest[size:]
	return n
}

func (t *texts) text() string {
	n := t.number()
	if n > uint64(len(t.rest)) {
		t.torn = true
		return ""
	}
	text := string(t.rest[:n])
	t.rest = t.rest[n:]
	return text
}
