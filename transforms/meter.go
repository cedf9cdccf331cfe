package transforms

import (
	"context"
	"fmt"
	"time"

	"github.com/itchyny/gojq"
)

// A meter runs compiled code under limits. It is the context that gojq asks for its
// end before every instruction, which makes it a counter of them: no timer, no
// second goroutine, and a limit holds inside of the most endless of programs.
type meter struct {
	context.Context
	limits   Limits
	deadline time.Time
	steps    uint
	given    int
	over     error
	iter     gojq.Iter
}

func newMeter(ctx context.Context, l Limits) *meter {
	return &meter{Context: ctx, limits: l}
}

func (m *meter) start(code *gojq.Code, in any, vars []any) {
	m.deadline = time.Now().Add(m.limits.Time)
	m.iter = code.RunWithContext(m, in, vars...)
}

// checkEvery is the number of instructions from one look at the clock to the next:
// about 50 microseconds.
const checkEvery = 1 << 11

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// Done is asked before every instruction.
func (m *meter) Done() <-chan struct{} {
	if m.steps++; m.steps%checkEvery == 0 {
		m.check()
	}
	if m.over != nil {
		return closed
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
	} else if time.Now().After(m.deadline) {
		m.over = &limitError{what: fmt.Sprintf("it still worked after %v", m.limits.Time)}
	}
}

type limitError struct{ what string }

func (e *limitError) Error() string { return e.what }

// next gives the next value. A panic inside of gojq is an error.
func (m *meter) next() (v any, ok bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, ok, err = nil, false, fmt.Errorf("jq broke down: %v", r)
		}
	}()
	if v, ok = m.iter.Next(); !ok {
		return nil, false, nil
	}
	if err, isErr := v.(error); isErr {
		return nil, false, err
	}
	if m.given++; m.given > m.limits.Outputs {
		return nil, false, &limitError{what: fmt.Sprintf("it gave more than %d values", m.limits.Outputs)}
	}
	return v, true, nil
}
