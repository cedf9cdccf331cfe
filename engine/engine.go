// Package engine plans a flow, performs its tasks, folds what came of them, and
// keeps schedules and listeners alive.
//
// Its nouns: a Plan is a flow that was checked and compiled; a State is how a run
// stands; a Task is the next thing to do; a Worker does one; a History keeps what
// came of it; a Local runs flows on this machine. Its rules stand in
// docs/architecture.md under "How a run works". The most important: what a run is
// follows from its stored step runs alone, so that the live loop, recovery after a
// crash and a look at an old run all call the same Plan.After.
package engine

import (
	"errors"
	"strings"

	"jackfield/flow"
)

// Problems are what stands in the way of a run, as one error.
type Problems []flow.Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Blocking is the part of ps that is more than a warning.
func (ps Problems) Blocking() Problems {
	var found Problems
	for _, p := range ps {
		if !p.Warning {
			found = append(found, p)
		}
	}
	return found
}

// errParked says that a task was left undone because the program ends. The run goes
// on when it starts again.
var errParked = errors.New("the program is ending; the run goes on when it starts again")
