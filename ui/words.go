package ui

import (
	"errors"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// inWords says an error as a person should read it: what, and what to do about it.
func inWords(err error) string {
	if problems, ok := errors.AsType[app.Problems](err); ok && len(problems) > 0 {
		return problems[0].Error()
	}
	if p, ok := errors.AsType[flow.Problem](err); ok {
		return p.Error()
	}
	if f := kit.AsFailure(err); f.Fix != "" {
		return f.What + "; " + f.Fix
	}
	return err.Error()
}

// stateWord is a run's state in a word.
func stateWord(s flow.RunState) string {
	switch s {
	case flow.RunDone:
		return "Done"
	case flow.RunPartial:
		return "Done, some records failed"
	case flow.RunFailed:
		return "Failed"
	case flow.RunStopped:
		return "Stopped"
	}
	return "Running"
}
