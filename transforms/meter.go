package transforms

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"

	"github.com/itchyny/gojq"

	"jackfield/flow/value"
)

// A meter runs compiled code under limits. It is the context that gojq asks for its
// end before every instruction, which makes it a counter of them: there is no timer
// and no second goroutine, and a limit holds inside of the most endless of programs.
//
// What is bounded: time, by looking at the clock every checkEvery instructions; the
// number of values; memory that the program holds, by weighing it when the heap has
// grown a good part of the limit or a guard has counted much; the size of what it
// gives. What is not: one single instruction that is slow by itself, such as sorting
// a huge array or comparing two values that share their parts a million times over.
type meter struct {
	context.Context
	limits Limits
	guard  *guard
	in     []any // what the program was given, which does not count
	growth growth

	steps    uint
	began    uint      // steps at the beginning of this record
	deadline time.Time // of this record; zero until it is first looked at
	given    int       // values for this record
	weight   int       // of those values that were weighed
	over     error

	iter     gojq.Iter
	heap     uint64 // when memory was last weighed
	produced int64  // of the guard, then
	looked   int64  // of the guard, when it was last looked at
	rest     time.Time
	sample   []metrics.Sample
}

// checkEvery is the number of instructions from one look at the clock to the next:
// about 50 microseconds. The heap is looked at every fourth time.
const checkEvery = 1 << 11

func (p *Program) newMeter(ctx context.Context) *meter {
	return &meter{Context: ctx, limits: p.limits, guard: p.guard, growth: p.growth}
}

func (m *meter) start(code *gojq.Code, in any, vars []any) {
	m.in = append(vars, in)
	m.produced = m.guard.produced.Load()
	m.looked = m.produced
	m.iter = code.RunWithContext(m, in, vars...)
}

// record begins the count for the next record of a batch.
func (m *meter) record() {
	m.began, m.deadline, m.given, m.weight = m.steps, time.Time{}, 0, 0
}

var ended = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done is asked before every instruction.
func (m *meter) Done() <-chan struct{} {
	if m.steps++; m.steps%checkEvery == 0 || m.guard.produced.Load() != m.looked {
		m.check()
	}
	if m.over != nil {
		return ended
	}
	return nil
}

// Err says why the program had to end.
func (m *meter) Err() error {
	if m.over != nil {
		return m.over
	}
	return m.Context.Err()
}

func (m *meter) check() {
	if err := m.Context.Err(); err != nil {
		m.over = err
		return
	}
	now := time.Now()
	if m.deadline.IsZero() {
		m.deadline = now.Add(m.limits.Time)
	} else if now.After(m.deadline) {
		m.over = &limitError{what: fmt.Sprintf("the program still worked after %v", m.limits.Time), fix: "look for a loop without end; a step can be given more time"}
		return
	}
	m.looked = m.guard.produced.Load()
	if m.steps%(4*checkEvery) == 0 || m.looked-m.produced >= int64(m.limits.Bytes/4) {
		m.checkMemory(now)
	}
}

// checkMemory weighs what the program holds, if there is reason to.
func (m *meter) checkMemory(now time.Time) {
	if m.sample == nil {
		m.sample = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	}
	metrics.Read(m.sample)
	heap := m.sample[0].Value.Uint64()
	if m.heap == 0 || heap < m.heap {
		m.heap = heap
	}
	reason := int64(heap-m.heap) > int64(m.limits.Bytes/2) || m.looked-m.produced >= int64(m.limits.Bytes/4)
	if !reason || now.Before(m.rest) {
		return
	}
	m.heap, m.produced = heap, m.looked
	held, deep := heldBy(m.iter, m.in, m.limits.Bytes)
	// A program that holds much is weighed less often, so that weighing takes at
	// most a tenth of its time.
	m.rest = now.Add(10 * time.Since(now))
	switch {
	case deep:
		m.over = errTooDeep
	case held > m.limits.Bytes:
		m.over = &limitError{what: fmt.Sprintf("the program holds more than %s of values", inBytes(m.limits.Bytes)), fix: limitFix}
	}
}

// next gives the next value. A panic inside of gojq is an error.
func (m *meter) next() (v any, ok bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, ok, err = nil, false, fmt.Errorf("jq broke down on this record: %v", r)
		}
	}()
	if v, ok = m.iter.Next(); !ok {
		return nil, false, nil
	}
	if err, isErr := v.(error); isErr {
		return nil, false, err
	}
	if _, mark := v.(endMark); mark {
		return v, true, nil
	}
	if m.growth.reads {
		if v, err = value.Normal(v); err != nil {
			return nil, false, err
		}
	}
	if m.given++; m.given > m.limits.Outputs {
		return nil, false, &limitError{what: fmt.Sprintf("the program gave more than %d values", m.limits.Outputs), fix: "look for a loop without end, or take fewer with limit(n; …)"}
	}
	return v, true, m.weigh(v)
}

// weigh bounds the size of what the program gives. It costs a look at all of the
// value, so that those are left out that cannot be far bigger than what went in: the
// first few of a record that took few instructions without feeding on its results.
func (m *meter) weigh(v any) error {
	if !m.growth.feeds && m.given <= 16 && m.steps-m.began < checkEvery {
		return nil
	}
	size, deep := treeSize(v, m.limits.Bytes)
	if deep {
		return errTooDeep
	}
	if m.weight += size; m.weight > m.limits.Bytes {
		return &limitError{what: fmt.Sprintf("the program gave more than %s of values", inBytes(m.limits.Bytes)), fix: limitFix}
	}
	return nil
}

// A limitError says which limit ended a program.
type limitError struct{ what, fix string }

func (e *limitError) Error() string { return e.what }

const limitFix = "look for a value that grows with every turn of a loop, or take the data in smaller records"

var errTooDeep = &limitError{what: "the value is nested deeper than 10,000 levels", fix: limitFix}

// inBytes writes a size for people.
func inBytes(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
