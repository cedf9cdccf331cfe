package app

import (
	"errors"
	"strings"

	"jackfield/engine"
	"jackfield/flow"
)

// Problems is why something cannot be done, one or more reasons.
type Problems []flow.Problem

func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// asProblems makes the engine's problems the door's.
func asProblems(err error) error {
	if problems, ok := errors.AsType[engine.Problems](err); ok {
		return Problems(problems)
	}
	return err
}
