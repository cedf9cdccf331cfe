package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"jackfield/flow"
)

// Log gives the log of a run, oldest line first. Where lines were left out a last
// one tells how many.
func (s *Store) Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error) {
	var lines []flow.LogLine
	err := s.view(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		for seq, end := 0, nextSeq(run); seq < end; seq++ {
			var some []flow.LogLine
			if _, err := run.getJSON(historyKey(seq, logRow, ""), &some); err != nil {
				return fmt.Errorf("place %d: %w", seq, err)
			}
			lines = append(lines, some...)
		}
		all, err := linesOf(run)
		lines = append(lines, leftOut(lines, all-len(lines))...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the log of run %s: %w", id, err)
	}
	return lines, nil
}

func leftOut(kept []flow.LogLine, lines int) []flow.LogLine {
	if lines <= 0 {
		return nil
	}
	last := flow.LogLine{Level: flow.Warn, Text: fmt.Sprintf("%d more lines were not kept", lines)}
	if len(kept) > 0 {
		last.Time = kept[len(kept)-1].Time
	}
	return []flow.LogLine{last}
}

// linesOf is how many log lines the run has had.
func linesOf(run shelf) (int, error) {
	value, err := run.get([]byte{linesRow})
	if value == nil || err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint64(value)), nil
}
