package engine

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"jackfield/flow"
)

// parked is what is left of a batch whose records wait: for times, the next one first,
// or all for one run.
type parked struct {
	arrival             // nth is the first that still waits
	waits   []flow.Wait // what waits from nth on
}

// wait lets the records rest that left r by flow.Waiting.
func (p *Plan) wait(me *progress, r flow.StepRun, a arrival, from []arrival) {
	if len(r.Waits) == 0 {
		p.ask(me, r, a, from)
		return
	}
	a.again, a.by, a.woken = true, cameBy(from), true
	me.parked = slices.Clone(me.parked)
	if r.Waits[0].Run == "" {
		me.parked = append(me.parked, parked{a, r.Waits})
		return
	}
	for i, w := range r.Waits { // each of these runs ends when it does
		one := a
		one.nth, one.count = a.nth, a.nth+w.Count
		a.nth += w.Count
		me.parked = append(me.parked, parked{one, r.Waits[i : i+1]})
	}
}

// woken takes what r took out of what waits.
func (p *Plan) woken(me *progress, r flow.StepRun) (took arrival, ok bool) {
	if len(r.From) != 1 || r.From[0].Outlet != flow.Waiting {
		return took, false
	}
	at := slices.IndexFunc(me.parked, func(one parked) bool { return one.origin.ref == r.From[0] && one.nth == r.Nth })
	if at < 0 {
		return took, false
	}
	one := me.parked[at]
	took = one.arrival
	n := r.In + r.Passed
	one.nth += n
	for n > 0 && len(one.waits) > 0 {
		if w := one.waits[0]; w.Count > n {
			w.Count -= n
			one.waits = append([]flow.Wait{w}, one.waits[1:]...)
			break
		}
		n -= one.waits[0].Count
		one.waits = one.waits[1:]
	}
	me.parked = slices.Clone(me.parked)
	if len(one.waits) == 0 {
		me.parked = slices.Delete(me.parked, at, at+1)
	} else {
		me.parked[at] = one
	}
	return took, true
}

// Due lists what waits no longer at a moment, at most one task for each step. over says
// whether a run has ended. A task is in the list until its step run was folded in.
func (p *Plan) Due(s State, now time.Time, over func(flow.RunID) bool) []Task {
	if s.fatal != nil {
		return nil
	}
	var tasks []Task
	for i, one := range s.steps {
		for _, rest := range one.parked {
			n := rest.due(now, over)
			if n == 0 {
				continue
			}
			a := rest.arrival
			a.count = a.nth + n
			tasks = append(tasks, Task{
				Key:  string(p.steps[i].ID) + "<" + strconv.Itoa(a.origin.ref.Seq) + "." + string(flow.Waiting) + "+" + strconv.Itoa(a.nth),
				Step: p.steps[i].ID, From: []flow.Ref{a.origin.ref}, Nth: a.nth,
				run: s.run, came: []arrival{a}, resumed: s.round > 0,
			})
			break
		}
	}
	return tasks
}

// due is how many of the records have waited long enough.
func (one parked) due(now time.Time, over func(flow.RunID) bool) int {
	n := 0
	for _, w := range one.waits {
		if w.Run != "" && !over(w.Run) || w.Run == "" && w.Until.After(now) {
			break
		}
		n += w.Count
	}
	return n
}

// expects says whether something is waited for: an answer, a moment, another run.
func (s State) expects() bool {
	return slices.ContainsFunc(s.steps, func(one *progress) bool { return len(one.asking) > 0 || len(one.parked) > 0 })
}

// wakes is the next moment that records wait for at the steps which; the zero time where
// there is none.
func (s State) wakes(which func(i int) bool) time.Time {
	var first time.Time
	for i, one := range s.steps {
		if !which(i) {
			continue
		}
		for _, rest := range one.parked {
			if at := rest.waits[0].Until; !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	return first
}

// awaits are the runs that records wait for.
func (s State) awaits() []flow.RunID {
	var all []flow.RunID
	for _, one := range s.steps {
		for _, rest := range one.parked {
			if id := rest.waits[0].Run; id != "" {
				all = append(all, id)
			}
		}
	}
	return all
}

// due is what the run can do now that it waited for.
func (r *live) due(ctx context.Context) []Task {
	for _, id := range r.state.awaits() {
		if !r.over[id] && r.local.isOver(ctx, id, r) {
			if r.over == nil {
				r.over = map[flow.RunID]bool{}
			}
			r.over[id] = true
		}
	}
	return r.plan.Due(r.state, time.Now(), func(id flow.RunID) bool { return r.over[id] })
}

// longestSleep is how long a run that waits for a moment trusts its timer: a machine that
// was asleep, or whose clock was set, is noticed after that.
const longestSleep = 30 * time.Second

// alarm is the next moment that records wait for which a step could take then that is not
// busy now. The end of a task is heard of anyway.
func (r *live) alarm(busy map[flow.StepID]bool) time.Time {
	if r.state.fatal != nil {
		return time.Time{}
	}
	return r.state.wakes(func(i int) bool { return !busy[r.plan.steps[i].ID] })
}

// wakes tells when a moment has come. stop ends the timer.
func wakes(at time.Time, stop *func() bool) <-chan time.Time {
	if at.IsZero() {
		return nil
	}
	timer := time.NewTimer(min(max(time.Until(at), 0), longestSleep))
	*stop = timer.Stop
	return timer.C
}

// isOver says whether a run has ended, and where it has not, has r told when it does. One
// that is not there any more gives nothing more either.
func (l *Local) isOver(ctx context.Context, id flow.RunID, r *live) bool {
	l.mu.Lock()
	if l.awaited == nil {
		l.awaited = map[flow.RunID][]*live{}
	}
	if !slices.Contains(l.awaited[id], r) {
		l.awaited[id] = append(l.awaited[id], r)
	}
	_, running := l.live[id]
	l.mu.Unlock()
	if running {
		return false
	}
	row, err := l.options.History.Run(ctx, id)
	return err != nil && ctx.Err() == nil || err == nil && row.State.Ended()
}

// tellWaiting tells those that wait for a run that it has ended. l.mu is held.
func (l *Local) tellWaiting(ended *live) {
	for _, r := range l.awaited[ended.id] {
		select {
		case r.poke <- struct{}{}:
		default: // it was told already, and looks at all that it waits for
		}
	}
	delete(l.awaited, ended.id)
	for _, id := range ended.state.awaits() {
		l.awaited[id] = slices.DeleteFunc(l.awaited[id], func(r *live) bool { return r == ended })
	}
}

// layWaiting puts the records that wait behind one another, those that wait for the same
// together, and tells what for.
func layWaiting(waiters []*item, out *sheaf) []flow.Wait {
	slices.SortStableFunc(waiters, func(a, b *item) int {
		return cmp.Or(cmp.Compare(a.wait.Run, b.wait.Run), a.wait.Until.Compare(b.wait.Until))
	})
	var waits []flow.Wait
	for _, it := range waiters {
		out.add(flow.Waiting, it.came())
		if n := len(waits); n > 0 && waits[n-1].Run == it.wait.Run && waits[n-1].Until.Equal(it.wait.Until) {
			waits[n-1].Count++
			continue
		}
		waits = append(waits, flow.Wait{Until: it.wait.Until, Run: it.wait.Run, Count: 1})
	}
	return waits
}

func waits(own []*unit) bool {
	return slices.ContainsFunc(own, func(u *unit) bool { return u.result.Wait != nil })
}

func asks(own []*unit) bool {
	return slices.ContainsFunc(own, func(u *unit) bool { return u.result.Ask != nil })
}
