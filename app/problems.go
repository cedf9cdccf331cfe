package app

import (
	"strings"

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
