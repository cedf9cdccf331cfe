package engine

import (
	"iter"

	"jackfield/flow"
)

// origin is where a batch came from: the step run that made it and, through from,
// everything before that. It holds no data, only the way to it.
type origin struct {
	ref  flow.Ref
	step int // place in the plan; atStart for the start of a flow without a trigger
	from []*origin
	item int // of a container's items: the place of the first one

	brought bool // by a replay, with what it descends from
}

const atStart = -1

// arrival is a batch that came to a step by an edge and is not wholly taken yet.
type arrival struct {
	origin *origin
	edge   int // place in the flow; -1 where it came by none
	count  int
	nth    int               // how many of its records were taken
	again  bool              // the step itself had let these records rest
	by     int               // the edge that such records had come by; -1 for several or none
	cut    int               // how often it was begun anew because the program had ended
	kind   flow.QuestionKind // of a record that waited for an answer: what was asked
	answer *flow.Answer
	woken  bool // its records have waited for their time, or for a run
	place
	loop *flow.Loop // where a container stands in it; nil where it has not begun
}

// place is where a source stands inside one record that came to it.
type place struct {
	first int // the page it began with; not 0 where an earlier attempt had got further
	page  int
	after flow.Cursor
	given int // records it gave so far
}

// queue is a list of arrivals, first in first out. It is a value: push and pop give
// a new one and leave the old one as it was, at a cost that is constant over time.
type queue struct {
	front, back *cell // back is in reverse
	len         int
}

type cell struct {
	arrival
	next *cell
}

func (q queue) push(a arrival) queue {
	q.len++
	if q.front == nil {
		q.front = &cell{arrival: a}
		return q
	}
	q.back = &cell{arrival: a, next: q.back}
	return q
}

func (q queue) head() (arrival, bool) {
	if q.front == nil {
		return arrival{}, false
	}
	return q.front.arrival, true
}

func (q queue) pop() queue {
	q.len--
	q.front = q.front.next
	if q.front == nil {
		for c := q.back; c != nil; c = c.next {
			q.front = &cell{arrival: c.arrival, next: q.front}
		}
		q.back = nil
	}
	return q
}

// swapHead puts a in place of the head.
func (q queue) swapHead(a arrival) queue {
	q.front = &cell{arrival: a, next: q.front.next}
	return q
}

// first yields the first n arrivals in order.
func (q queue) first(n int) iter.Seq[arrival] {
	return func(yield func(arrival) bool) {
		left := n
		for a := range q.all() {
			if left--; left < 0 || !yield(a) {
				return
			}
		}
	}
}

// all yields the arrivals in order.
func (q queue) all() iter.Seq[arrival] {
	return func(yield func(arrival) bool) {
		for c := q.front; c != nil; c = c.next {
			if !yield(c.arrival) {
				return
			}
		}
		var rest []*cell
		for c := q.back; c != nil; c = c.next {
			rest = append(rest, c)
		}
		for i := len(rest) - 1; i >= 0; i-- {
			if !yield(rest[i].arrival) {
				return
			}
		}
	}
}
