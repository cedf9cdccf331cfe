package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/flow/value"
)

func runsCommand(ctx context.Context, p *Program, c *call) error {
	sub, err := c.sub("ls", "show", "logs", "records", "resume", "replay", "stop", "rm", "diff")
	if err != nil {
		return err
	}
	perform := map[string]func(context.Context, *Program, *call) error{
		"ls": runsList, "show": runsShow, "logs": runsLogs, "records": runsRecords, "resume": runsResume,
		"replay": runsReplay, "stop": runsStop, "rm": runsRemove, "diff": runsDiff,
	}
	return perform[sub](ctx, p, c)
}

func runsList(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	of := fs.String("flow", "", "only of this flow")
	state := fs.String("state", "", "only done, partial, failed, stopped or running")
	limit := fs.Int("limit", 20, "how many")
	if _, err := c.plain(fs, 0, 0, "[--flow F] [--state S] [--limit N] [--json]"); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		runs, err := svc.Runs(ctx, app.Query{Flow: flow.ID(*of), State: flow.RunState(*state), Limit: *limit})
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.Run{}, runs...))
		}
		var rows [][]string
		for _, r := range runs {
			rows = append(rows, []string{string(r.ID), r.Name, mark(r.State) + " " + string(r.State), when(r.Started),
				took(r.Took(time.Now())), strconv.Itoa(r.Given), strconv.Itoa(r.Failures), r.Cause})
		}
		return p.printTable("run|flow|state|started|took|records|failed|by", rows)
	})
}

// runCommand is what the commands about one run share: flags, the run, the door.
func runCommand(ctx context.Context, c *call, do func(svc app.Service, r flow.Run, rest []string) error, most int, what string) error {
	args, err := c.plain(c.flags(), 1, 1+most, what)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		r, err := findRun(ctx, svc, args[0])
		if err != nil {
			return err
		}
		return do(svc, r, args[1:])
	})
}

// findRun takes a run's id, the beginning of it, or "last".
func findRun(ctx context.Context, svc app.Service, name string) (flow.Run, error) {
	r, err := svc.Run(ctx, flow.RunID(name))
	if err == nil {
		return r, nil
	}
	runs, listErr := svc.Runs(ctx, app.Query{Limit: 1000})
	if listErr != nil {
		return r, listErr
	}
	if name == "last" && len(runs) > 0 {
		return runs[0], nil
	}
	var found []flow.Run
	for _, one := range runs {
		if strings.HasPrefix(string(one.ID), name) {
			found = append(found, one)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return r, usagef("there is no run %q; jackfield runs ls lists them", name)
	}
	return r, usagef("%d runs begin with %q; write more of it", len(found), name)
}

// shown is what runs show prints: the summary of the run, and how it came about.
type shown struct {
	summary
	FlowID   flow.ID        `json:"flow_id"`
	Version  int            `json:"version"`
	Cause    string         `json:"cause"`
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended,omitzero"`
	Resumed  int            `json:"resumed"`
	Problem  *flow.Problem  `json:"problem,omitempty"`
	StepRuns []flow.StepRun `json:"step_runs"`
}

func runsShow(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		s, r, steps, err := summarize(ctx, svc, r.ID)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(shown{summary: s, FlowID: r.Flow, Version: r.Version, Cause: r.Cause, Started: r.Started,
				Ended: r.Ended, Resumed: r.Resumed, Problem: r.Problem, StepRuns: steps})
		}
		if err := s.print(p, r, inOrder(steps)); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "\nstarted %s by %s, version %d", when(r.Started), r.Cause, r.Version)
		if r.Resumed > 0 {
			fmt.Fprintf(p.Out, ", resumed %s", plural(r.Resumed, "time", "times"))
		}
		fmt.Fprintln(p.Out)
		printFailed(p, steps)
		return nil
	}, 0, "RUN [--json]")
}

// printFailed lists where failed records lie and how to look at them.
func printFailed(p *Program, steps []flow.StepRun) {
	for _, s := range steps {
		for _, problem := range s.Problems {
			fmt.Fprintf(p.Out, "  %s\n", problem.Error())
		}
		if n := s.Out[flow.Failed]; n > 0 {
			fmt.Fprintf(p.Out, "  %s of step %q: jackfield runs records %s %s --outlet failed\n", plural(n, "failed record", "failed records"), s.Step, s.Run, s.Step)
		}
	}
}

func runsLogs(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		lines, err := svc.Log(ctx, r.ID)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.LogLine{}, lines...))
		}
		for _, l := range lines {
			fmt.Fprintf(p.Out, "%s %-5s %-16s %s\n", l.Time.Local().Format("15:04:05.000"), l.Level, l.Step, l.Text)
		}
		return nil
	}, 0, "RUN [--json]")
}

// runsRecords prints records as JSON Lines: their data, or with --json all of them.
func runsRecords(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	outlet := fs.String("outlet", "", "only those that left by this outlet")
	input := fs.Bool("input", false, "what the step took instead of what it gave")
	args, err := c.plain(fs, 2, 2, "RUN STEP [--outlet O] [--input] [--json]")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		r, err := findRun(ctx, svc, args[0])
		if err != nil {
			return err
		}
		refs, err := refsOf(ctx, svc, r.ID, flow.StepID(args[1]), flow.Outlet(*outlet), *input)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			batch, err := svc.Records(ctx, ref)
			if err != nil {
				return err
			}
			for _, rec := range batch {
				if err := p.printRecord(rec, c.json); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func refsOf(ctx context.Context, svc app.Service, id flow.RunID, step flow.StepID, outlet flow.Outlet, input bool) ([]flow.Ref, error) {
	steps, err := svc.StepRuns(ctx, id)
	if err != nil {
		return nil, err
	}
	var refs []flow.Ref
	seen := false
	for _, s := range steps {
		if s.Step != step {
			continue
		}
		seen = true
		if input {
			refs = append(refs, s.From...)
			continue
		}
		var outlets []flow.Outlet
		for o, n := range s.Out {
			if n > 0 && (outlet == "" || o == outlet) {
				outlets = append(outlets, o)
			}
		}
		slices.SortFunc(outlets, flow.CompareOutlets)
		for _, o := range outlets {
			refs = append(refs, flow.Ref{Run: id, Seq: s.Seq, Outlet: o})
		}
	}
	if !seen {
		var names []string
		for _, s := range inOrder(steps) {
			names = append(names, string(s))
		}
		return nil, usagef("step %q did nothing in this run; these did: %s", step, strings.Join(names, ", "))
	}
	return refs, nil
}

func (p *Program) printRecord(rec flow.Record, whole bool) error {
	var line []byte
	if whole {
		m := map[string]any{"id": string(rec.ID), "data": rec.Data}
		if rec.Problem != nil {
			m["problem"] = rec.Problem.Error()
		}
		line = value.Append(nil, m)
	} else {
		line = value.Append(nil, rec.Data)
	}
	_, err := p.Out.Write(append(line, '\n'))
	return err
}

func runsResume(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		return p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return r.ID, svc.Resume(ctx, r.ID) })
	}, 0, "RUN [--json]")
}

func runsReplay(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		return p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return svc.Replay(ctx, r.ID) })
	}, 0, "RUN [--json]")
}

func runsStop(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		if err := svc.Stop(ctx, r.ID); err != nil {
			return err
		}
		return p.say(c, r.ID, "stopped %s; jackfield runs resume %s takes it up again", r.ID, r.ID)
	}, 0, "RUN")
}

func runsRemove(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, r flow.Run, _ []string) error {
		if err := svc.RemoveRun(ctx, r.ID); err != nil {
			return err
		}
		return p.say(c, r.ID, "removed %s", r.ID)
	}, 0, "RUN")
}

// difference is what runs diff prints of one step and outlet.
type difference struct {
	Step   flow.StepID `json:"step"`
	Outlet flow.Outlet `json:"outlet"`
	A      int         `json:"a"`
	B      int         `json:"b"`
}

func runsDiff(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, func(svc app.Service, a flow.Run, rest []string) error {
		if len(rest) == 0 {
			return usagef("usage: jackfield runs diff RUN RUN")
		}
		b, err := findRun(ctx, svc, rest[0])
		if err != nil {
			return err
		}
		one, _, stepsA, err := summarize(ctx, svc, a.ID)
		if err != nil {
			return err
		}
		two, _, stepsB, err := summarize(ctx, svc, b.ID)
		if err != nil {
			return err
		}
		diffs := compare(one, two, inOrder(append(stepsA, stepsB...)))
		if c.json {
			return p.printJSON(diffs)
		}
		fmt.Fprintf(p.Out, "%s %s  version %d  %s\n%s %s  version %d  %s\n", mark(a.State), a.ID, a.Version, when(a.Started), mark(b.State), b.ID, b.Version, when(b.Started))
		if len(diffs) == 0 {
			fmt.Fprintln(p.Out, "the same number of records left every step")
			return nil
		}
		var rows [][]string
		for _, d := range diffs {
			rows = append(rows, []string{string(d.Step), string(d.Outlet), strconv.Itoa(d.A), strconv.Itoa(d.B), fmt.Sprintf("%+d", d.B-d.A)})
		}
		return p.printTable("step|outlet|first|second|more", rows)
	}, 1, "RUN RUN [--json]")
}

func compare(a, b summary, order []flow.StepID) []difference {
	diffs := []difference{}
	for _, step := range order {
		var outlets []flow.Outlet
		for _, counts := range []map[flow.Outlet]int{a.Steps[step], b.Steps[step]} {
			for o := range counts {
				if !slices.Contains(outlets, o) {
					outlets = append(outlets, o)
				}
			}
		}
		slices.SortFunc(outlets, flow.CompareOutlets)
		for _, o := range outlets {
			if x, y := a.Steps[step][o], b.Steps[step][o]; x != y {
				diffs = append(diffs, difference{step, o, x, y})
			}
		}
	}
	return diffs
}
