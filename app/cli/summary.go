package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// account is a run with all that is told of it.
type account struct {
	summary
	run   flow.Run
	steps []flow.StepRun
	flow  flow.Flow // the version that ran; empty where it is not stored any more
}

// tell counts what left each step of a run. The words of its state are those of the
// command line: done, partial, failed, and stopped or running for a run that did not
// end by itself.
func tell(ctx context.Context, svc app.Service, id flow.RunID) (account, error) {
	r, err := svc.Run(ctx, id)
	if err != nil {
		return account{}, err
	}
	steps, err := svc.Digest(ctx, id)
	if err != nil {
		return account{}, err
	}
	f, err := svc.Flow(ctx, r.Flow, r.Version)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return account{}, err
	}
	s := summary{Run: r.ID, Flow: r.Name, State: r.State, TookMS: r.Took(time.Now()).Milliseconds(), Steps: flow.Totals(steps)}
	return account{s, r, steps, f}, nil
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

// failed counts the records that left by a failed outlet, each where it failed first.
func (a account) failed() int {
	n := 0
	for _, counts := range a.Steps {
		n += counts[flow.Failed]
	}
	for _, s := range a.steps {
		if inherited(s) {
			n -= s.Out[flow.Failed]
		}
	}
	return n
}

// print writes the account for a person, with so many of its failures.
func (a account) print(ctx context.Context, p *Program, svc app.Service, most int) error {
	found, err := failures(ctx, svc, a.steps, most)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "%s %s: %s in %s  (run %s)\n", mark(a.State), a.Flow, outcome(a.run), took(time.Duration(a.TookMS)*time.Millisecond), a.Run)
	why := a.run.Problem
	if why != nil && !slices.ContainsFunc(found, func(f failure) bool { return f.problem == *why }) {
		fmt.Fprintf(p.Out, "  %s\n", why.Error())
	}
	if err := a.printCounts(p); err != nil {
		return err
	}
	p.printFailures(found, a.failed())
	set, err := svc.Connectors(ctx)
	if err == nil && a.resumable(set) {
		fmt.Fprintf(p.Out, "\nto go on: jackfield runs resume %s\n", a.Run)
	}
	return err
}

func (a account) printCounts(p *Program) error {
	var rows [][]string
	for _, id := range a.order() {
		name := string(id)
		for _, o := range outletsOf(a.Steps[id]) {
			rows = append(rows, []string{"  " + name, string(o), fmt.Sprint(a.Steps[id][o])})
			name = ""
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return p.printTable("  step|outlet|records", rows)
}

// outletsOf lists the outlets that have a count, in the order for a person.
func outletsOf(counts map[flow.Outlet]int) []flow.Outlet {
	outlets := make([]flow.Outlet, 0, len(counts))
	for o := range counts {
		outlets = append(outlets, o)
	}
	slices.SortFunc(outlets, flow.CompareOutlets)
	return outlets
}

// order lists the steps that did something, in the order of the flow; those that it
// does not have any more come last.
func (a account) order() []flow.StepID {
	ran := map[flow.StepID]bool{}
	var order []flow.StepID
	add := func(id flow.StepID) {
		if ran[id] && !slices.Contains(order, id) {
			order = append(order, id)
		}
	}
	for _, s := range a.steps {
		ran[s.Step] = s.Step != ""
	}
	for _, s := range a.flow.Steps {
		add(s.ID)
	}
	for _, s := range a.steps {
		add(s.Step)
	}
	return order
}

func outcome(r flow.Run) string {
	if r.State == flow.RunPartial {
		return "done, some records failed"
	}
	return stateOf(r)
}
