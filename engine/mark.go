package engine

import (
	"encoding/json"
	"slices"
	"time"

	"jackfield/flow"
)

// mark is what a schedule remembers of its slots.
type mark struct {
	Spec  string    `json:"spec,omitempty"`  // the schedule whose slots these are
	Slot  time.Time `json:"slot"`            // the last one that was dealt with, or when the schedule began to count
	Fresh bool      `json:"fresh,omitempty"` // no slot has come yet
	Gaps  []span    `json:"gaps,omitempty"`  // times whose slots got no run, oldest first
	Ahead []span    `json:"ahead,omitempty"` // times behind Slot whose slots were dealt with before the clock went back
}

// span is a stretch of time, without its begin and with its end.
type span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func (s span) covers(t time.Time) bool { return t.After(s.From) && !t.After(s.To) }

// mostGaps is how many gaps are remembered.
const mostGaps = 100

func (m mark) cursor() (flow.Cursor, error) {
	return json.Marshal(m) // a year beyond 9999 cannot be written
}

// leaveOut notes that the slots of a span got no run. One that goes on where another
// one ends is a part of that.
func (m *mark) leaveOut(from, to time.Time) {
	at := len(m.Gaps)
	for at > 0 && m.Gaps[at-1].To.After(to) {
		at--
	}
	gaps := slices.Clone(m.Gaps)
	if at > 0 && !gaps[at-1].To.Before(from) {
		gaps[at-1].To = to
	} else {
		gaps = slices.Insert(gaps, at, span{from, to})
	}
	m.Gaps = gaps[max(0, len(gaps)-mostGaps):]
}

// goBack is the mark once the clock was set back to a moment before Slot: what was
// dealt with behind that moment stays so, and what was left out there has its chance
// again.
func (m mark) goBack(t *timetable, now time.Time) mark {
	back := mark{Spec: m.Spec, Fresh: true, Slot: t.rewind(m.Slot, now)}
	dealt := back.Slot
	for _, g := range m.Gaps {
		switch {
		case !g.To.After(now):
			back.Gaps = append(back.Gaps, g)
			continue
		case g.From.Before(now):
			back.Gaps = append(back.Gaps, span{g.From, now})
			dealt = g.To
			continue
		case g.From.After(dealt):
			back.Ahead = append(back.Ahead, span{dealt, g.From})
		}
		dealt = g.To
	}
	if m.Slot.After(dealt) {
		back.Ahead = append(back.Ahead, span{dealt, m.Slot})
	}
	back.Ahead = append(back.Ahead, m.Ahead...)
	return back
}

// rewind is where a schedule stands that had come to slot, at an earlier moment. An
// interval keeps its rhythm.
func (t *timetable) rewind(slot, now time.Time) time.Time {
	if t.every == 0 || !t.from.IsZero() {
		return now
	}
	return slot.Add(-(slot.Sub(now) + t.every - 1) / t.every * t.every)
}

// after is the first slot behind the mark that was not dealt with.
func (m mark) after(t *timetable) (time.Time, error) {
	slot, err := t.next(m.Slot)
	for _, done := range m.Ahead {
		for err == nil && done.covers(slot) {
			slot, err = t.next(slot)
		}
	}
	return slot, err
}

// moveTo moves the mark on to a slot.
func (m *mark) moveTo(slot time.Time) {
	m.Slot, m.Fresh = slot, false
	for len(m.Ahead) > 0 && !m.Ahead[0].To.After(slot) {
		m.Ahead = m.Ahead[1:]
	}
}

// left lists the newest slots that got no run, up to n, oldest first.
func (m mark) left(t *timetable, n int) []time.Time {
	var slots []time.Time
	for i := len(m.Gaps) - 1; i >= 0 && len(slots) < n; i-- {
		g := m.Gaps[i]
		first, err := t.next(g.From)
		if err != nil || first.After(g.To) {
			continue // the schedule was changed since
		}
		slots = append(t.newest(first, g.To, n-len(slots)), slots...)
	}
	return slots
}
