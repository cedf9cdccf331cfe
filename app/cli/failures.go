package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

// failure is why one record failed, and the record.
type failure struct {
	problem flow.Problem
	data    string // the beginning of it as JSON; "" where it is not known
}

// failures gives the problems of records that failed and were not taken again since,
// at most so many.
func failures(ctx context.Context, svc app.Service, steps []flow.StepRun, most int) ([]failure, error) {
	var found []failure
	again := takenAgain(steps)
	for _, s := range steps {
		failed := s.Out[flow.Failed]
		if s.Mark == flow.Rest || failed == 0 || again[s.Seq] >= failed || inherited(s) || len(found) == most {
			continue
		}
		batch, err := svc.Records(ctx, flow.Ref{Run: s.Run, Seq: s.Seq, Outlet: flow.Failed})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // of a store that was rescued
			return nil, err
		}
		for _, p := range s.Problems[:min(len(s.Problems), most-len(found))] {
			found = append(found, failure{p, dataOf(batch, p.Record)})
		}
	}
	return found, nil
}

// inherited says whether what left a container by failed are records that failed inside
// it, where they are told already.
func inherited(s flow.StepRun) bool {
	return len(s.Problems) > 0 && !slices.ContainsFunc(s.Problems, func(p flow.Problem) bool { return p.Step == s.Step })
}

// takenAgain counts the records that later step runs took out of the failed outlet of
// each step run.
func takenAgain(steps []flow.StepRun) map[int]int {
	step := map[int]flow.StepID{}
	again := map[int]int{}
	for _, s := range steps {
		step[s.Seq] = s.Step
		for _, ref := range s.From {
			if ref.Outlet == flow.Failed && step[ref.Seq] == s.Step {
				again[ref.Seq] += s.In
			}
		}
	}
	return again
}

func dataOf(batch flow.Batch, id flow.RecordID) string {
	at := slices.IndexFunc(batch, func(rec flow.Record) bool { return rec.ID == id })
	if at < 0 {
		return ""
	}
	if object, is := batch[at].Data.(map[string]any); is && len(object) == 0 {
		return "" // nothing came; it only says that the step is to begin
	}
	const most = 160
	text := []rune(string(value.Append(nil, batch[at].Data)))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// printFailures says what failed, with the records.
func (p *Program) printFailures(found []failure, total int) {
	if len(found) == 0 {
		return
	}
	fmt.Fprintln(p.Out, "\nwhat failed:")
	for _, f := range found {
		fmt.Fprintf(p.Out, "  %s\n", f.problem.Error())
		if f.data != "" {
			fmt.Fprintf(p.Out, "    %s\n", f.data)
		}
	}
	if more := total - len(found); more > 0 {
		fmt.Fprintf(p.Out, "  … and %d more\n", more)
	}
}

// resumable says whether a resume would find something to do: the run did not come to
// its end, or failed records rest where no edge takes them on. What a source could not
// read it does not read again; all other steps take their failed records again.
func (a account) resumable(set kit.Set) bool {
	switch a.run.State {
	case flow.RunFailed, flow.RunStopped:
		return true
	case flow.RunPartial:
	default:
		return false
	}
	for _, s := range a.flow.Steps {
		if a.Steps[s.ID][flow.Failed] == 0 {
			continue
		}
		_, op, known := set.Op(s.Uses)
		if known && op.Role() != kit.SourceRole && !a.caught(s) {
			return true
		}
	}
	return false
}

// caught says whether an edge takes on what fails at a step: its own, or one from a
// container around it.
func (a account) caught(s flow.Step) bool {
	if a.edgeFrom(s.ID, flow.Failed) {
		return true
	}
	for range a.flow.Steps { // no container is in itself; a file that says so ends too
		around, ok := a.flow.Step(s.In)
		if !ok {
			return false
		}
		if a.edgeFrom(around.ID, flow.Failed) || a.edgeFrom(around.ID, flow.Finally) {
			return true
		}
		s = around
	}
	return false
}

func (a account) edgeFrom(id flow.StepID, o flow.Outlet) bool {
	return slices.ContainsFunc(a.flow.Edges, func(e flow.Edge) bool { return e.From == id && e.Leaves() == o })
}
