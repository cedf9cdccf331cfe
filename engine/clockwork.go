package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// clockwork decides what a schedule does. It is pure: what it goes by stands in a
// position, and what is to be done in a move.
type clockwork struct {
	table *timetable
	spec  kit.Schedule
	seed  string // of the jitter
}

// position is all that a move hangs on, beside the time.
type position struct {
	mark    mark
	waiting []flow.Planned
	going   int // runs of this trigger that go on
}

// move is what a schedule does next. What is put and dropped and the mark are written
// before anything starts.
type move struct {
	mark  mark
	put   []flow.Planned
	drop  []string
	start []flow.Planned // in this order
	stop  bool           // the runs that go on are to be stopped
	say   []string       // what a person should know
	wake  time.Time      // when the next slot starts; zero where none comes any more
	over  error          // why none comes
}

const (
	// grace is how late a slot may be noticed and still count as met.
	grace = 2 * time.Minute
	// mostMadeUp is how many missed slots are made up for. What came before them is a
	// matter for a backfill.
	mostMadeUp = 1000
)

// decide is pure.
func (c clockwork) decide(p position, now time.Time) move {
	now = now.Round(0) // what counts is what the clock shows
	m := move{mark: p.mark}
	if p.mark.Slot.After(now) {
		m.mark = p.mark.goBack(c.table, now)
		m.tell("goes by a clock that went back from %s or later to %s: slots that had their turn are not fired again", stamp(p.mark.Slot), stamp(now))
	}
	c.lookBack(&m, p, now)
	fresh := c.due(&m, p, now)
	c.choose(&m, p, fresh)
	next, err := m.mark.after(c.table)
	if m.over = err; err == nil {
		m.wake = c.table.start(c.seed, next)
	}
	return m
}

func (m *move) tell(format string, args ...any) { m.say = append(m.say, fmt.Sprintf(format, args...)) }

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// grace is never so long that several slots of a short interval would count as met.
func (c clockwork) grace() time.Duration {
	if every := c.table.every; every > 0 {
		return min(grace, every)
	}
	return grace
}

// lookBack deals with slots that passed while nobody looked: the program was off, or
// the machine slept.
func (c clockwork) lookBack(m *move, p position, now time.Time) {
	met := now.Add(-c.grace() - c.table.jitter)
	first, err := m.mark.after(c.table)
	if err != nil || first.After(met) {
		return
	}
	last := c.table.latest(first, met)
	from := m.mark.Slot
	m.mark.moveTo(last)
	var made []time.Time
	switch c.spec.Missed {
	case "all":
		made = c.table.newest(first, last, mostMadeUp)
	case "last":
		if due, err := m.mark.after(c.table); err != nil || due.After(now) {
			made = []time.Time{last}
		}
	}
	made = slices.DeleteFunc(made, func(slot time.Time) bool {
		return slices.ContainsFunc(p.mark.Ahead, func(s span) bool { return s.covers(slot) })
	})
	for _, slot := range made {
		m.plan(p, slot, flow.Missed, now)
	}
	to := last
	if len(made) > 0 {
		if !made[0].After(first) {
			return
		}
		to = made[0].Add(-time.Nanosecond)
	}
	m.mark.leaveOut(from, to)
	if c.spec.Missed == "all" {
		m.tell("missed more slots than the %d that are made up for, those from %s on; to make up for earlier ones too, from %s on, backfill them",
			mostMadeUp, stamp(made[0]), stamp(first))
		return
	}
	m.tell("missed its slots from %s to %s while nothing ran", stamp(first), stamp(last))
}

// plan puts a slot among those that are planned, unless it is there.
func (m *move) plan(p position, slot time.Time, why flow.Reason, now time.Time) {
	if key := slotKey(slot); !known(p.waiting, key) {
		m.put = append(m.put, flow.Planned{Key: key, Why: why, Slot: slot, Since: now})
	}
}

// dueSlot is a slot that has come, behind another one.
type dueSlot struct {
	flow.Planned
	behind time.Time
}

// due moves on over the slots that have come, and gives those that are not planned
// already. A run starts when its share of the jitter has passed, and never before that
// of an earlier slot.
func (c clockwork) due(m *move, p position, now time.Time) []dueSlot {
	var fresh []dueSlot
	for {
		slot, err := m.mark.after(c.table)
		if err != nil || c.table.start(c.seed, slot).After(now) {
			return fresh
		}
		behind := m.mark.Slot
		m.mark.moveTo(slot)
		if key := slotKey(slot); !known(p.waiting, key) {
			fresh = append(fresh, dueSlot{flow.Planned{Key: key, Why: flow.Queued, Slot: slot, Since: now}, behind})
		}
	}
}

func known(all []flow.Planned, key string) bool {
	return slices.ContainsFunc(all, func(one flow.Planned) bool { return one.Key == key })
}

// room is how many runs may go on at a time, and how many slots may wait for one.
func (c clockwork) room() (runs, waiting int) {
	switch c.spec.Overlap {
	case kit.Parallel:
		return cmp.Or(c.spec.Most, 2), 1
	case kit.Skip, kit.Replace:
		return 1, 0
	}
	return 1, cmp.Or(c.spec.Most, 1)
}

// choose decides which slots start now, which go on waiting, and which are left out.
func (c clockwork) choose(m *move, p position, fresh []dueSlot) {
	runs, room := c.room()
	free := max(0, runs-p.going)
	line := slices.Concat(p.waiting, m.put)
	slices.SortStableFunc(line, inTurn)
	for _, one := range fresh {
		before := slices.IndexFunc(line, func(other flow.Planned) bool { return other.Why == flow.Backfilled })
		if before < 0 {
			before = len(line)
		}
		if before >= free && !c.mayWait(m, &line, &before, free, room, one) {
			continue
		}
		line = slices.Insert(line, before, one.Planned)
		m.put = append(m.put, one.Planned)
	}
	m.start = line[:min(free, len(line))]
	m.stop = m.stop && p.going > 0
}

// mayWait says whether a slot for which there is no room now is kept. The first ones of
// the line, before them the backfilled ones, have their turn before it.
func (c clockwork) mayWait(m *move, line *[]flow.Planned, before *int, free, room int, one dueSlot) bool {
	queued, madeUp := 0, 0
	for _, other := range (*line)[min(free, *before):*before] {
		if other.Why == flow.Queued {
			queued++
		} else {
			madeUp++
		}
	}
	switch {
	case c.spec.Overlap == kit.Skip:
		m.leaveOut(one, "a run goes on")
		return false
	case c.spec.Missed == "all" && madeUp > 0 && madeUp+queued < 2*mostMadeUp:
		return true // while all that was missed is made up for, what comes meanwhile is part of it
	case c.spec.Overlap == kit.Replace:
		*line = slices.DeleteFunc(*line, func(other flow.Planned) bool {
			if other.Why == flow.Queued {
				m.replaced(other, one)
			}
			return other.Why == flow.Queued
		})
		*before -= queued
		m.stop = true
		m.tell("stops the run that goes on, for its slot of %s", stamp(one.Slot))
	case queued >= room:
		m.leaveOut(one, "a run goes on and another slot waits for its end")
		return false
	default:
		m.tell("lets its slot of %s wait: the run before goes on", stamp(one.Slot))
	}
	return true
}

func (m *move) leaveOut(one dueSlot, why string) {
	m.mark.leaveOut(one.behind, one.Slot)
	m.tell("left out its slot of %s: %s", stamp(one.Slot), why)
}

// replaced takes a slot that waits away, for a later one.
func (m *move) replaced(old flow.Planned, by dueSlot) {
	m.put = slices.DeleteFunc(m.put, func(one flow.Planned) bool { return one.Key == old.Key })
	m.drop = append(m.drop, old.Key)
	m.leaveOut(dueSlot{old, old.Slot.Add(-time.Nanosecond)}, "a later one takes its place")
}

// inTurn orders planned slots as they start: by their time, those that a person asked
// for behind the others.
func inTurn(a, b flow.Planned) int {
	asked := func(p flow.Planned) int {
		if p.Why == flow.Backfilled {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(asked(a), asked(b)), a.Slot.Compare(b.Slot))
}
