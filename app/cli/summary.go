package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"jackfield/app"
	"jackfield/flow"
)

// summary is the one object that a run prints.
type summary struct {
	Run    flow.RunID                          `json:"run"`
	Flow   string                              `json:"flow"`
	State  flow.RunState                       `json:"state"`
	TookMS int64                               `json:"took_ms"`
	Steps  map[flow.StepID]map[flow.Outlet]int `json:"steps"`
}

// summarize counts what left each step of a run. The words of its state are those
// of the command line: done, partial, failed, and stopped or running for a run that
// did not end by itself.
func summarize(ctx context.Context, svc app.Service, id flow.RunID) (summary, flow.Run, []flow.StepRun, error) {
	r, err := svc.Run(ctx, id)
	if err != nil {
		return summary{}, r, nil, err
	}
	steps, err := svc.StepRuns(ctx, id)
	if err != nil {
		return summary{}, r, nil, err
	}
	s := summary{Run: r.ID, Flow: r.Name, State: r.State, TookMS: r.Took(time.Now()).Milliseconds(), Steps: flow.Totals(steps)}
	return s, r, steps, nil
}

func (s summary) code() int {
	switch s.State {
	case flow.RunDone:
		return Done
	case flow.RunPartial:
		return SomeFail
	}
	return RunFailed
}

// print writes the summary for a person.
func (s summary) print(p *Program, r flow.Run, order []flow.StepID) error {
	fmt.Fprintf(p.Out, "%s %s: %s in %s  (run %s)\n", mark(s.State), s.Flow, outcome(s.State), took(time.Duration(s.TookMS)*time.Millisecond), s.Run)
	if r.Problem != nil {
		fmt.Fprintf(p.Out, "  %s\n", r.Problem.Error())
	}
	var rows [][]string
	for _, id := range order {
		counts := s.Steps[id]
		outlets := make([]flow.Outlet, 0, len(counts))
		for o := range counts {
			outlets = append(outlets, o)
		}
		slices.SortFunc(outlets, flow.CompareOutlets)
		for i, o := range outlets {
			name := string(id)
			if i > 0 {
				name = ""
			}
			rows = append(rows, []string{"  " + name, string(o), fmt.Sprint(counts[o])})
		}
	}
	return p.printTable("  step|outlet|records", rows)
}

func outcome(s flow.RunState) string {
	switch s {
	case flow.RunDone:
		return "done"
	case flow.RunPartial:
		return "done, some records failed"
	case flow.RunFailed:
		return "failed"
	case flow.RunStopped:
		return "stopped"
	}
	return string(s)
}

// inOrder lists the steps in the order in which they first ran.
func inOrder(steps []flow.StepRun) []flow.StepID {
	var order []flow.StepID
	for _, s := range steps {
		if s.Step != "" && !slices.Contains(order, s.Step) {
			order = append(order, s.Step)
		}
	}
	return order
}
