package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/flow"
)

// removedAtOnce is how many runs one transaction removes, so that what waits beside
// it waits for milliseconds.
const removedAtOnce = 32

// smallRun is the size up to which a run that is given up is not worth cutting: it
// stays whole as long as its samples would.
const smallRun = 64 << 10

// listed is what the list of a flow's runs says of one: enough to decide what may go
// without looking at the runs themselves.
type listed struct {
	flow    flow.ID
	id      flow.RunID
	state   flow.RunState
	trimmed bool
	givenUp bool
	ended   time.Time
	bytes   int64
	success bool // the last run of its flow that ended well
	outlive bool // given up already by number or age, and kept as a sample
}

// listedRow is what stands in the list for r: its state, then marks, then when it ended.
func listedRow(r flow.Run) []byte {
	marks := ""
	if r.Trimmed {
		marks += "t"
	}
	if r.GivenUp {
		marks += "g"
	}
	if r.Ended.IsZero() && marks == "" {
		return []byte(r.State)
	}
	return fmt.Appendf(nil, "%s %s %d", r.State, marks, r.Ended.Unix())
}

func parseListed(value []byte) (one listed) {
	parts := strings.SplitN(string(value), " ", 3)
	one.state = flow.RunState(parts[0])
	if len(parts) == 3 {
		one.trimmed, one.givenUp = strings.Contains(parts[1], "t"), strings.Contains(parts[1], "g")
		if seconds, err := strconv.ParseInt(parts[2], 10, 64); err == nil {
			one.ended = time.Unix(seconds, 0)
		}
	}
	return one
}

// unresolved says whether a run left something undone that a person may still want to
// have done.
func (l listed) unresolved() bool {
	return (l.state == flow.RunFailed || l.state == flow.RunPartial) && !l.givenUp && !l.trimmed
}

// Tidy removes what retention gives up: of each flow the runs beyond its number and
// age, then, as long as a quota is exceeded or the disk is nearly full, what is worth
// least. A run that has not ended stays whatever happens. limits tells what a flow has
// in place of the general numbers.
func (s *Store) Tidy(ctx context.Context, r flow.Retention, limits func(flow.ID) flow.FlowLimits) (flow.Tidied, error) {
	s.tidying.Lock()
	defer s.tidying.Unlock()
	t := &tidier{store: s, now: time.Now(), retention: r, limits: limits}
	err := t.tidy(ctx)
	if t.done.Freed > 0 {
		s.mayShrink()
	}
	if err != nil {
		err = fmt.Errorf("tidy the history: %w", err)
	}
	return t.done, err
}

// tidier is one Tidy.
type tidier struct {
	store     *Store
	now       time.Time
	retention flow.Retention
	limits    func(flow.ID) flow.FlowLimits
	done      flow.Tidied
}

func (t *tidier) tidy(ctx context.Context) error {
	flows, err := t.store.listAll(ctx)
	if err != nil {
		return err
	}
	var left []listed
	total := int64(0)
	for _, runs := range flows {
		limits := t.limits(runs[0].flow)
		stay, err := t.byNumberAndAge(ctx, runs, cmp.Or(limits.Keep, t.retention.Keep))
		if err == nil && limits.Quota > 0 {
			stay, err = t.free(ctx, stay, sizeOfAll(stay)-limits.Quota)
		}
		if err != nil {
			return err
		}
		left = append(left, stay...)
		total += sizeOfAll(stay)
	}
	over := int64(0)
	if t.retention.Quota > 0 {
		over = total - t.retention.Quota
	}
	short, err := t.store.diskShort(t.store.home)
	if err != nil {
		short = 0 // this system does not tell; a write that finds no room will
	}
	stay, err := t.free(ctx, left, max(over, short))
	t.done.Over = max(0, max(over, short)-(total-sizeOfAll(stay)))
	t.done.Short = short > over
	return err
}

// diskShort is how many bytes are missing for the room that is left free on the disk
// for everybody else, and for the next writes: a fiftieth of it, or half a GB.
func diskShort(home string) (int64, error) {
	left, err := diskLeft(home)
	if err != nil {
		return 0, err
	}
	size, err := diskSize(home)
	return max(0, min(size/50, 512<<20)-left), err
}

func sizeOfAll(runs []listed) (total int64) {
	for _, r := range runs {
		total += r.bytes
	}
	return total
}

// listAll lists the runs of each flow that has any, newest first.
func (s *Store) listAll(ctx context.Context) (flows [][]listed, err error) {
	err = s.view(ctx, func(tx *txn) error {
		return shelfOf(tx, byFlowBucket).eachInner(func(id []byte, runs shelf) error {
			var all []listed
			success := false
			c := runs.bucket.Cursor()
			for k, stored := c.Last(); k != nil; k, stored = c.Prev() {
				value, err := unpack(runs.path, k, stored)
				if err != nil {
					return fmt.Errorf("run %s: %w", k, err)
				}
				one := parseListed(value)
				one.flow, one.id, one.bytes = flow.ID(id), flow.RunID(k), bytesOf(tx, flow.RunID(k))
				one.success = one.state == flow.RunDone && !one.trimmed && !success
				success = success || one.success
				all = append(all, one)
			}
			if len(all) > 0 {
				flows = append(flows, all)
			}
			return nil
		})
	})
	return flows, err
}

// byNumberAndAge gives up what is beyond the number of runs to keep or too old. The
// last success stays; failed ones stay up to twice the number. What is given up leaves
// its samples, as many runs of them as are kept whole.
func (t *tidier) byNumberAndAge(ctx context.Context, runs []listed, keep int) (stay []listed, err error) {
	var remove []listed
	kept, samples := 0, 0
	for _, r := range runs {
		most, longest := keep, t.retention.Done
		if r.unresolved() {
			most, longest = 2*keep, t.retention.Failed
		}
		age := t.now.Sub(r.ended)
		old := func(times time.Duration) bool {
			return longest > 0 && !r.ended.IsZero() && r.ended.Unix() > 0 && age > times*longest
		}
		switch {
		case !r.state.Ended() || r.success:
		case !r.trimmed && (keep <= 0 || kept < most) && !old(1):
		case t.retention.Samples > 0 && (keep <= 0 || samples < keep) && !old(2):
			samples++
			if r, err = t.cut(ctx, r); err != nil {
				return nil, err
			}
			r.outlive = true
			stay = append(stay, r)
			continue
		default:
			remove = append(remove, r)
			continue
		}
		kept++
		stay = append(stay, r)
	}
	return stay, t.remove(ctx, remove)
}

// cut leaves the samples of a run, where that is worth it.
func (t *tidier) cut(ctx context.Context, r listed) (listed, error) {
	if r.trimmed || r.bytes <= smallRun || t.retention.Samples <= 0 {
		return r, nil
	}
	left, err := t.store.trim(ctx, r.id, t.retention.Samples)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrRunning) {
		return r, nil // somebody was quicker
	}
	if err != nil {
		return r, fmt.Errorf("cut run %s: %w", r.id, err)
	}
	if left >= r.bytes {
		return r, nil
	}
	t.done.Cut++
	t.done.Freed += r.bytes - left
	r.bytes, r.trimmed = left, true
	return r, nil
}

func (t *tidier) remove(ctx context.Context, runs []listed) error {
	for len(runs) > 0 {
		some := runs[:min(len(runs), removedAtOnce)]
		runs = runs[len(some):]
		if err := t.store.removeRuns(ctx, some); err != nil {
			return err
		}
		t.done.Removed += len(some)
		t.done.Freed += sizeOfAll(some)
	}
	return nil
}

// free gives up runs until so many bytes are free, those first that are worth least:
// samples, runs that ended well, the last success of a flow, runs that are unresolved;
// of each kind the oldest first. Where cutting is enough the samples stay.
func (t *tidier) free(ctx context.Context, runs []listed, bytes int64) (stay []listed, err error) {
	if bytes <= 0 {
		return runs, nil
	}
	slices.SortFunc(runs, func(a, b listed) int { return cmp.Or(cmp.Compare(a.worth(), b.worth()), cmp.Compare(a.id, b.id)) })
	for len(runs) > 0 && bytes > 0 && runs[0].state.Ended() {
		alike := 1
		for alike < len(runs) && runs[alike].worth() == runs[0].worth() {
			alike++
		}
		some, err := t.freeAlike(ctx, runs[:alike], &bytes)
		if err != nil {
			return nil, err
		}
		stay, runs = append(stay, some...), runs[alike:]
	}
	return append(stay, runs...), nil
}

// freeAlike gives up runs of one worth, oldest first: it cuts them, and removes them
// only where that is not enough.
func (t *tidier) freeAlike(ctx context.Context, runs []listed, bytes *int64) (stay []listed, err error) {
	for i, r := range runs {
		if *bytes <= 0 {
			return runs, nil
		}
		if runs[i], err = t.cut(ctx, r); err != nil {
			return nil, err
		}
		*bytes -= r.bytes - runs[i].bytes
	}
	gone := 0
	for ; gone < len(runs) && *bytes > 0; gone++ {
		*bytes -= runs[gone].bytes
	}
	return runs[gone:], t.remove(ctx, runs[:gone])
}

// worth orders runs by what losing them would mean.
func (l listed) worth() int {
	switch {
	case !l.state.Ended():
		return 4
	case l.unresolved():
		return 3
	case l.success:
		return 2
	case l.trimmed || l.outlive:
		return 0
	}
	return 1
}

// removeRuns removes runs, but for those that somebody has taken up again meanwhile.
func (s *Store) removeRuns(ctx context.Context, runs []listed) error {
	var gone []flow.RunID
	err := s.update(ctx, func(tx *txn) error {
		gone = nil
		for _, r := range runs {
			err := removeRun(tx, r.id)
			if errors.Is(err, ErrNotFound) || errors.Is(err, ErrRunning) {
				continue
			}
			if err != nil {
				return fmt.Errorf("run %s: %w", r.id, err)
			}
			gone = append(gone, r.id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var all []error
	for _, id := range gone {
		all = append(all, s.dropRecords(id))
	}
	return errors.Join(all...)
}
