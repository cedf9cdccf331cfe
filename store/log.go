package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"jackfield/flow"
)

// Of a log that grows without end the first lines and the last are kept. logState is
// the value of the row that counts them.
type logState struct {
	all  int // lines that there were
	from int // the place of the oldest row of last lines
	last int // lines in such rows
}

func logStateOf(run shelf) (st logState, err error) {
	value, err := run.get([]byte{linesRow})
	if len(value) < 8 || err != nil {
		return st, err
	}
	st.all = int(binary.BigEndian.Uint64(value))
	if len(value) == 24 { // since layout 4
		st.from = int(binary.BigEndian.Uint64(value[8:]))
		st.last = int(binary.BigEndian.Uint64(value[16:]))
	}
	return st, nil
}

func (st logState) put(run shelf) error {
	return run.replace([]byte{linesRow}, rowOf(append(append(number(st.all), number(st.from)...), number(st.last)...)))
}

// firstLines is how many of the lines that are kept are the first ones.
func firstLines(keep int) int { return keep - keep/5 }

// putLog writes the lines of the step run at seq, as far as they are kept.
func putLog(run shelf, seq int, lines []flow.LogLine, keep int) error {
	if len(lines) == 0 {
		return nil
	}
	st, err := logStateOf(run)
	if err != nil {
		return err
	}
	first := lines[:max(0, min(len(lines), firstLines(keep)-st.all))]
	if err := putLines(run, logKey(seq, firstPart), first); err != nil {
		return err
	}
	st.all += len(lines)
	last := lines[len(first):]
	last = last[max(0, len(last)-(keep-firstLines(keep))):]
	if len(last) > 0 {
		if st.last == 0 {
			st.from = seq
		}
		st.last += len(last)
		if err := putLines(run, logKey(seq, lastPart), last); err != nil {
			return err
		}
		if st, err = st.dropOldest(run, keep-firstLines(keep)); err != nil {
			return err
		}
	}
	return st.put(run)
}

func putLines(run shelf, key []byte, lines []flow.LogLine) error {
	if len(lines) == 0 {
		return nil
	}
	r, err := rowOfJSON(lines)
	if err != nil {
		return err
	}
	return run.add(key, r)
}

// dropOldest forgets rows of last lines that newer ones make up for.
func (st logState) dropOldest(run shelf, keep int) (logState, error) {
	c := run.bucket.Cursor()
	for {
		key, stored := c.Seek(logKey(st.from, lastPart))
		if key == nil || key[0] != logRow {
			return st, nil
		}
		if key[9] != lastPart { // first lines of a later step run come between
			st.from = int(binary.BigEndian.Uint64(key[1:9]))
			if key, stored = c.Next(); key == nil || key[0] != logRow || key[9] != lastPart {
				return st, nil
			}
		}
		value, err := unpack(run.path, key, stored)
		if err != nil {
			return st, err
		}
		var lines []flow.LogLine
		if err := parseJSON(value, &lines); err != nil {
			return st, err
		}
		if st.last-len(lines) < keep {
			return st, nil
		}
		st.last -= len(lines)
		st.from = int(binary.BigEndian.Uint64(key[1:9])) + 1
		key = append([]byte(nil), key...)
		if err := run.count(-sizeOf(key, len(stored))); err != nil {
			return st, err
		}
		if err := run.remove(key); err != nil {
			return st, err
		}
	}
}

// Log gives the log of a run, oldest line first. Where lines were left out a line
// tells how many.
func (s *Store) Log(ctx context.Context, id flow.RunID) ([]flow.LogLine, error) {
	if err := s.Settle(ctx, id); err != nil {
		return nil, err
	}
	var lines []flow.LogLine
	err := s.view(ctx, func(tx *txn) error {
		run, there := shelfOf(tx, historyBucket).inner([]byte(id))
		if !there {
			return ErrNotFound
		}
		var last []flow.LogLine
		c := run.bucket.Cursor()
		for key, stored := c.Seek([]byte{logRow}); key != nil && key[0] == logRow; key, stored = c.Next() {
			value, err := unpack(run.path, key, stored)
			var some []flow.LogLine
			if err == nil {
				err = parseJSON(value, &some)
			}
			if err != nil {
				return fmt.Errorf("place %d: %w", binary.BigEndian.Uint64(key[1:9]), err)
			}
			if key[9] == lastPart {
				last = append(last, some...)
			} else {
				lines = append(lines, some...)
			}
		}
		st, err := logStateOf(run)
		lines = append(append(lines, leftOut(lines, st.all-len(lines)-len(last))...), last...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the log of run %s: %w", id, err)
	}
	return lines, nil
}

// leftOut is the line that stands for those that were not kept.
func leftOut(before []flow.LogLine, lines int) []flow.LogLine {
	if lines <= 0 {
		return nil
	}
	one := flow.LogLine{Level: flow.Warn, Text: fmt.Sprintf("%d lines were left out here", lines)}
	if lines == 1 {
		one.Text = "1 line was left out here"
	}
	if len(before) > 0 {
		one.Time = before[len(before)-1].Time
	}
	return []flow.LogLine{one}
}

// moveLogs puts the logs of a file from before layout 4, where each line stood beside
// its step run, where they are found without looking at every step run.
func moveLogs(tx *txn) error {
	return shelfOf(tx, historyBucket).eachInner(func(_ []byte, run shelf) error {
		var keys [][]byte
		err := run.each(func(key, value []byte) error {
			if len(key) == 9 && key[0] == 0 && key[8] == oldLogRow {
				keys = append(keys, append([]byte(nil), key...))
			}
			return nil
		})
		for _, key := range keys {
			value, err2 := run.get(key)
			if err = errors.Join(err, err2); err != nil {
				return err
			}
			seq := int(binary.BigEndian.Uint64(key))
			if err := errors.Join(run.put(logKey(seq, firstPart), rowOf(value)), run.remove(key)); err != nil {
				return err
			}
		}
		return err
	})
}
