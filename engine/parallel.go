package engine

import (
	"context"
	"hash/maphash"
	"sync"

	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// A step that takes several records at the same time does so inside its task: several
// hands work on the batch that it was given, and what came of it is put together in the
// order of the batch. So the history, the fold and the keys of tasks are the same as
// where it takes them one after the other.

const (
	// mostHands bounds how many records of one step are worked on at the same time.
	mostHands = 256
	// reachOfHand is how many records, for each hand, one may be ahead of the first that is not
	// done. An interruption has no more than those to bring to an end.
	reachOfHand = 8
)

// job is what one hand does in one go: a record, or for a bulk operation a part of the
// batch. Of two jobs in one lane the second waits for the end of the first.
type job struct {
	units []*unit
	lane  int
	state jobState
}

type jobState int

const (
	unbegun jobState = iota
	begun
	ended
	leftUndone
)

// manyHanded says whether the step's records are dealt out.
func (x *pass) manyHanded() bool {
	return x.step.Parallel > 1 || x.step.order != nil && !x.step.bulk
}

// sideBySide lets several hands work on the units.
func (x *pass) sideBySide(ctx context.Context, units []*unit) error {
	jobs, err := x.jobs(ctx, units)
	if err != nil || len(jobs) == 0 {
		return err
	}
	n := min(max(x.step.Parallel, 1), len(jobs), mostHands)
	d := &dealer{jobs: jobs, ahead: n * reachOfHand, busy: map[int]bool{}}
	d.changed.L = &d.mu
	hands := make([]*pass, n)
	errs := make([]error, n)
	x.seat.join(n)
	var work sync.WaitGroup
	for i := range n {
		y := *x
		y.retries, y.env.CallTo, y.filling = 0, nil, true
		hands[i] = &y
		work.Go(func() {
			defer x.seat.join(-1)
			errs[i] = y.workOff(ctx, d, func() bool { return x.halted(ctx) })
		})
	}
	x.seat.rest(work.Wait)
	for i, y := range hands {
		x.attempts = max(x.attempts, y.attempts)
		x.retries += y.retries
		x.parked = x.parked || y.parked
		if err == nil {
			err = errs[i]
		}
	}
	x.bridge(units)
	return err
}

// workOff does jobs until none is left for this hand.
func (x *pass) workOff(ctx context.Context, d *dealer, halted func() bool) error {
	in, err := bound(x.step)
	if err != nil {
		d.stop()
		return err // it was bound a moment ago
	}
	way := x.oneByOne
	if x.step.bulk {
		way = x.together
	}
	for j := d.next(halted); j != nil; j = d.next(halted) {
		err := x.untilDone(ctx, in, j.units, way)
		d.end(j, allDone(j.units))
		if err != nil {
			d.stop()
			return err
		}
		if x.step.OnError == flow.StopRun && anyFailed(j.units) {
			d.stop()
		}
	}
	return nil
}

func allDone(units []*unit) bool {
	for _, u := range units {
		if !u.done {
			return false
		}
	}
	return true
}

// bridge fails the records that were cut short while later ones were done, where an
// operation that counts every time would else do those once more. A resume takes the
// failed ones again.
func (x *pass) bridge(units []*unit) {
	last := len(units) - 1
	for last >= 0 && !units[last].done {
		last--
	}
	for _, u := range units[:max(last, 0)] {
		if !u.done && !u.begun && u.counts {
			u.done, u.err = true, kit.Fail(kit.Stopped, "the run was stopped before this record was done").Hint("resume the run")
		}
	}
}

// jobs parts the units. Records for which the step's order comes to the same are in one
// lane; where it has no order, each has its own.
func (x *pass) jobs(ctx context.Context, units []*unit) ([]*job, error) {
	lanes := make([]int, len(units))
	for i := range lanes {
		lanes[i] = i
	}
	if x.step.order != nil {
		if err := x.sort(ctx, units, lanes); err != nil {
			return nil, err
		}
	}
	if x.step.bulk {
		return bundles(units, lanes, x.step.Parallel, x.step.order != nil), nil
	}
	var jobs []*job
	for i, u := range units {
		if !u.done {
			jobs = append(jobs, &job{units: units[i : i+1 : i+1], lane: lanes[i]})
		}
	}
	return jobs, nil
}

// bundles parts a batch into so many: those of one lane stay together, in their order.
func bundles(units []*unit, lanes []int, n int, ordered bool) []*job {
	jobs := make([]*job, n)
	for i := range jobs {
		jobs[i] = &job{lane: i}
	}
	for i, u := range units {
		if u.done {
			continue
		}
		to := i * n / len(units)
		if ordered {
			to = lanes[i] % n
		}
		jobs[to].units = append(jobs[to].units, u)
	}
	full := jobs[:0]
	for _, j := range jobs {
		if len(j.units) > 0 {
			full = append(full, j)
		}
	}
	return full
}

// sort finds the lane of each unit by the step's order, evaluated on the record as it
// came. A record for which it fails has failed.
func (x *pass) sort(ctx context.Context, units []*unit, lanes []int) error {
	var items []*item
	for _, u := range units {
		if len(items) == 0 || items[len(items)-1] != u.item {
			items = append(items, u.item)
		}
	}
	seed := maphash.MakeSeed()
	known := map[uint64]int{} // two keys with one hash keep order among each other too
	of := make(map[*item]int, len(items))
	err := x.each(ctx, x.step.order, items, func(it *item, values []any) error {
		v, err := single(values)
		if err != nil {
			return err
		}
		key := maphash.Bytes(seed, value.Append(nil, v))
		lane, there := known[key]
		if !there {
			lane = len(known)
			known[key] = lane
		}
		of[it] = lane
		return nil
	})
	for i, u := range units {
		lanes[i] = of[u.item]
		if u.item.fate == failed {
			u.done, u.bad = true, u.item.problem
		}
	}
	return err
}

// dealer deals jobs out to hands, in order as far as their lanes are free.
type dealer struct {
	mu      sync.Mutex
	changed sync.Cond
	jobs    []*job
	first   int // all before are done
	last    int // the first that none before was begun behind
	ahead   int
	going   int
	busy    map[int]bool
	stopped bool
}

// next gives the next job, once there is one; nil where no more is to be begun. When
// halted, only the gaps before what was begun are still filled.
func (d *dealer) next(halted func() bool) *job {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if d.stopped {
			return nil
		}
		limit := min(d.first+d.ahead, len(d.jobs))
		if halted() {
			limit = d.last
		}
		if j := d.find(limit); j != nil {
			return j
		}
		if d.going == 0 {
			return nil
		}
		d.changed.Wait()
	}
}

// find takes the first job whose lane is free.
func (d *dealer) find(limit int) *job {
	for i := d.first; i < limit; i++ {
		j := d.jobs[i]
		if j.state != unbegun || d.busy[j.lane] {
			continue
		}
		j.state = begun
		d.busy[j.lane] = true
		d.going++
		d.last = max(d.last, i+1)
		return j
	}
	return nil
}

// end notes that a job is over. One that was cut short ends all.
func (d *dealer) end(j *job, whole bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.going--
	delete(d.busy, j.lane)
	j.state = ended
	if !whole {
		j.state, d.stopped = leftUndone, true
	}
	for d.first < len(d.jobs) && d.jobs[d.first].state == ended {
		d.first++
	}
	d.changed.Broadcast()
}

// stop lets nothing more begin.
func (d *dealer) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	d.changed.Broadcast()
}
