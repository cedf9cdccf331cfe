package kit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Sync binds how a source reads only what is new: by a cursor, a value in each record
// that grows with time, such as a number or the time of the last change. A run begins
// where the run before it ended, or Overlap before that. A record with the same cursor
// value, key and content as one that was given before is not given again, as long as
// not more than 2,000 of them lie within the overlap, or have the greatest cursor value.
//
// What comes with a cursor value below the greatest one, by more than the overlap, is
// not seen: a clock that runs behind, or a transaction that was open for long. So the
// overlap should be longer than either.
type Sync struct {
	Cursor  string        // the field; "" reads everything
	Key     []string      // fields that tell records apart
	Overlap string        // how far before the greatest value a run begins: a duration, or a number
	First   time.Duration // how far back the first run goes; 0 is the very beginning
	Settle  time.Duration // what changed less than this before the run's start is left to the next one
	Behind  string        // what to do where the source has nothing as great as the stored cursor
}

// What Behind says.
const (
	BehindFails  = "fail"
	BehindGoesOn = "go_on"
)

// More lists the settings beside the cursor field itself. They are asked for where
// there is a cursor.
func (s *Sync) More() Fields {
	is := func() bool { return s.Cursor != "" }
	return Fields{
		Text(&s.Overlap, "overlap", "Overlap").OnlyIf(is).Checked(s.checkOverlap).Eg("10m").
			Help("Begin so far before the greatest cursor value, to find what came late: a length of time such as 10m or 2d, or a number. What was given before is not given again."),
		Duration(&s.First, "first", "First run goes back").OnlyIf(is).Eg("30d").
			Help("The first run takes only what changed so long before it; empty takes everything."),
		Duration(&s.Settle, "settle", "Leave what is younger than").OnlyIf(is).More().Eg("5s").
			Help("What changed less than this before the run's start is left to the next run, so that clocks that differ and changes under way lose nothing."),
		Pick(&s.Behind, "behind", "Where nothing is as new as the cursor",
			Choice{Value: BehindFails, Label: "Fail"}, Choice{Value: BehindGoesOn, Label: "Go on"}).OnlyIf(is).More().
			Help("It may be that an older state came back, or that the newest records were removed."),
	}
}

// NewSync has the defaults.
func NewSync() Sync { return Sync{Behind: BehindFails} }

// KeyField binds the key.
func (s *Sync) KeyField(label string) Field {
	return List(&s.Key, "key", label).OnlyIf(func() bool { return s.Cursor != "" })
}

func (s *Sync) checkOverlap() error {
	if s.Overlap == "" {
		return nil
	}
	_, _, err := s.overlap()
	return err
}

// overlap is a length of time or a number; none is both 0.
func (s *Sync) overlap() (d time.Duration, n float64, err error) {
	text := strings.TrimSpace(s.Overlap)
	if text == "" {
		return 0, 0, nil
	}
	if n, err = strconv.ParseFloat(text, 64); err == nil {
		if !(n >= 0 && n < 1e300) {
			return 0, 0, errors.New("an overlap is not below 0")
		}
		return 0, n, nil
	}
	if d, err = parseDuration(text); err != nil || d < 0 {
		return 0, 0, fmt.Errorf("%q is neither a length of time nor a number; write it like 10m, 2d or 100", text)
	}
	return d, 0, nil
}

// parseDuration reads what Go writes, and days: "1d12h".
func parseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseFloat(days, 64)
	if err != nil || n < 0 || n > 36500 {
		return 0, fmt.Errorf("%q is no length of time", text)
	}
	d := time.Duration(n * float64(24*time.Hour))
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	return d + more, err
}
