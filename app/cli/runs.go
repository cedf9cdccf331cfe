package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/flow/value"
)

// states are what --state takes.
var states = []string{"done", "partial", "failed", "stopped", "running"}

func runsList(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	of := fs.String("flow", "", "only those of this `flow`")
	state := fs.String("state", "", "only those in this `state`: "+strings.Join(states, ", "))
	limit := fs.Int("limit", 20, "the newest `n`")
	if _, err := c.plain(fs, 0, 0); err != nil {
		return err
	}
	if *state != "" && !slices.Contains(states, *state) {
		return usagef("--state: %q is none of %s", *state, strings.Join(states, ", "))
	}
	if *limit < 1 {
		return usagef("--limit: %d is less than one", *limit)
	}
	return c.with(ctx, func(svc app.Service) error {
		if *of != "" {
			if _, err := svc.Flow(ctx, flow.ID(*of), 0); err != nil {
				f, err := findFlow(ctx, p, svc, *of)
				if err != nil {
					return err
				}
				*of = string(f.ID)
			}
		}
		runs, err := svc.Runs(ctx, app.Query{Flow: flow.ID(*of), State: flow.RunState(*state), Limit: *limit})
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.Run{}, runs...))
		}
		if len(runs) == 0 {
			return p.nothing("no runs; jackfield run FILE starts one")
		}
		var rows [][]string
		for _, r := range runs {
			rows = append(rows, []string{
				string(r.ID), r.Name, mark(r.State) + " " + stateOf(r) + waiting(r), when(r.Started),
				took(r.Took(time.Now())), strconv.Itoa(r.Given), strconv.Itoa(r.Failures), flow.ShowSize(r.Bytes), r.Cause,
			})
		}
		if err := p.printTable("run|flow|state|started|took|records|failed|takes|by", rows); err != nil {
			return err
		}
		if slices.ContainsFunc(runs, func(r flow.Run) bool { return r.Interrupted }) {
			fmt.Fprintln(p.Err, howInterrupted)
		}
		return nil
	})
}

// howInterrupted is what to do about runs whose program has ended before them.
const howInterrupted = "interrupted: the program ended before the run did. It goes on where it was when the window opens or jackfield serve runs; jackfield runs resume RUN takes it up now"

// stateOf is the state of a run in a word.
func stateOf(r flow.Run) string {
	if r.Interrupted {
		return "interrupted"
	}
	return string(r.State)
}

// waiting says that a run waits for answers, or for a moment.
func waiting(r flow.Run) string {
	text := ""
	if r.Questions > 0 {
		text = ", asks " + plural(r.Questions, "question", "questions")
	}
	if !r.Wakes.IsZero() {
		text += ", waits until " + when(r.Wakes)
	}
	if r.Queued {
		text += ", waits its turn"
	}
	if r.GivenUp {
		text += ", given up"
	}
	return text
}

// runCommand is what the commands about one run share: flags, the run and so many more
// arguments, the door.
func runCommand(ctx context.Context, c *call, more int, do func(svc app.Service, r flow.Run, rest []string) error) error {
	return runCommandWith(ctx, c, c.flags(), more, do)
}

// runCommandWith is runCommand with flags of the command's own.
func runCommandWith(ctx context.Context, c *call, fs *flag.FlagSet, more int, do func(svc app.Service, r flow.Run, rest []string) error) error {
	args, err := c.plain(fs, 1+more, 1+more)
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

// shown is what runs show prints: the summary of the run, and how it came about.
type shown struct {
	summary
	FlowID    flow.ID        `json:"flow_id"`
	Version   int            `json:"version"`
	Cause     string         `json:"cause"`
	Started   time.Time      `json:"started"`
	Ended     time.Time      `json:"ended,omitzero"`
	Resumed   int            `json:"resumed"`
	Problem   *flow.Problem  `json:"problem,omitempty"`
	Questions int            `json:"questions"`
	Wakes     time.Time      `json:"wakes,omitzero"`
	Idle      bool           `json:"interrupted,omitempty"`
	Bytes     int64          `json:"bytes"`
	Trimmed   bool           `json:"trimmed,omitempty"`
	StepRuns  []flow.StepRun `json:"step_runs"`
}

func runsShow(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 0, func(svc app.Service, r flow.Run, _ []string) error {
		a, err := tell(ctx, svc, r.ID)
		if err != nil {
			return err
		}
		r = a.run
		if c.json {
			if a.steps, err = svc.StepRuns(ctx, r.ID); err != nil {
				return err
			}
			return p.printJSON(shown{
				summary: a.summary, FlowID: r.Flow, Version: r.Version, Cause: r.Cause, Started: r.Started,
				Ended: r.Ended, Resumed: r.Resumed, Problem: r.Problem, Questions: r.Questions, Wakes: r.Wakes, Idle: r.Interrupted,
				Bytes: r.Bytes, Trimmed: r.Trimmed, StepRuns: a.steps,
			})
		}
		const most = 20
		if err := a.print(ctx, p, svc, most); err != nil {
			return err
		}
		if r.Interrupted {
			fmt.Fprintf(p.Out, "\n%s\n", howInterrupted)
		}
		if r.Questions > 0 {
			fmt.Fprintf(p.Out, "\nit asks %s: jackfield runs questions %s\n", plural(r.Questions, "question", "questions"), r.ID)
		}
		if !r.Wakes.IsZero() {
			fmt.Fprintf(p.Out, "\nit waits until %s\n", when(r.Wakes))
		}
		resumed := ""
		if r.Resumed > 0 {
			resumed = ", resumed " + plural(r.Resumed, "time", "times")
		}
		takes := ""
		if r.Bytes > 0 {
			takes = ", takes " + flow.ShowSize(r.Bytes)
		}
		fmt.Fprintf(p.Out, "\nstarted %s, by: %s, version %d%s%s\n", when(r.Started), r.Cause, r.Version, resumed, takes)
		if r.Trimmed {
			fmt.Fprintln(p.Out, "of its records only the first of each outlet are left, and it cannot go on; jackfield history says what is kept")
		}
		for _, id := range a.order() {
			if n := a.Steps[id][flow.Failed]; n > 0 {
				fmt.Fprintf(p.Out, "%s of step %q: jackfield runs records %s %s --outlet failed\n", plural(n, "failed record", "failed records"), id, r.ID, id)
			}
		}
		return nil
	})
}

func runsLogs(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 0, func(svc app.Service, r flow.Run, _ []string) error {
		lines, err := svc.Log(ctx, r.ID)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.LogLine{}, lines...))
		}
		if len(lines) == 0 {
			return p.nothing("the run wrote nothing into its log")
		}
		for _, l := range lines {
			fmt.Fprintf(p.Out, "%s %-5s %-16s %s\n", l.Time.Local().Format("15:04:05.000"), l.Level, l.Step, l.Text)
		}
		return nil
	})
}

// runsRecords prints records as JSON Lines: their data, or with --json all of them.
func runsRecords(ctx context.Context, p *Program, c *call) error {
	flags := c.flags()
	outlet := flags.String("outlet", "", "only those that left by this `outlet`")
	input := flags.Bool("input", false, "what the step took instead of what it gave")
	args, err := c.plain(flags, 2, 2)
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
			if r.Trimmed && err != nil {
				continue // said below
			}
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w; these records are lost, and jackfield doctor says what else is", err)
			}
			if err != nil {
				return err
			}
			for _, rec := range batch {
				if err := p.printRecord(rec, c.json); err != nil {
					return err
				}
			}
		}
		if r.Trimmed {
			return p.nothing("of the records of this run only the first of each outlet are left")
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
		var did []string
		for _, s := range (account{steps: steps}).order() {
			did = append(did, string(s))
		}
		if near, ok := flow.Nearest(string(step), did); ok {
			return nil, usagef("step %q did nothing in this run; did you mean %q?", step, near)
		}
		return nil, usagef("step %q did nothing in this run; these did: %s", step, strings.Join(did, ", "))
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
	flags := c.flags()
	by := versionFlags(flags)
	return runCommandWith(ctx, c, flags, 0, func(svc app.Service, r flow.Run, _ []string) error {
		which, err := by()
		if err != nil {
			return err
		}
		if err := p.takeIn(ctx, svc, r.Flow); err != nil {
			return err
		}
		err = p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return r.ID, svc.Resume(ctx, r.ID, which) })
		return p.refusedOf(ctx, svc, err, r)
	})
}

// versionFlags are the two that say by which version of its flow a run goes on.
func versionFlags(fs *flag.FlagSet) func() (flow.Which, error) {
	old := fs.Bool("old", false, "with the version of the flow that the run began with")
	newest := fs.Bool("new", false, "with the newest version of the flow")
	return func() (flow.Which, error) {
		switch {
		case *old && *newest:
			return "", usagef("--old and --new say two things; choose one")
		case *old:
			return flow.Old, nil
		case *newest:
			return flow.Newest, nil
		}
		return flow.Fitting, nil
	}
}

func runsGiveUp(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 0, func(svc app.Service, r flow.Run, _ []string) error {
		if err := svc.GiveUp(ctx, r.ID); err != nil {
			return p.refusedOf(ctx, svc, err, r)
		}
		return p.say(c, r.ID, "gave up %s; jackfield runs resume %s still takes it up again", r.ID, r.ID)
	})
}

// takeIn stores what the file of a flow holds now, so that a run goes on by that.
func (p *Program) takeIn(ctx context.Context, svc app.Service, id flow.ID) error {
	f, err := svc.Flow(ctx, id, 0)
	if err != nil || f.Path == "" || readable(f.Path) != nil {
		return nil // the run goes on by what is stored, or says why it cannot
	}
	_, err = p.openFlow(ctx, svc, shortest(f.Path))
	return err
}

func runsReplay(ctx context.Context, p *Program, c *call) error {
	flags := c.flags()
	from := flags.String("from", "", "begin at this `step`, with the records that came to it")
	failed := flags.Bool("failed", false, "only the records that failed; they are sent under the same idempotency keys")
	by := versionFlags(flags)
	return runCommandWith(ctx, c, flags, 0, func(svc app.Service, r flow.Run, _ []string) error {
		which, err := by()
		if err != nil {
			return err
		}
		if which == flow.Newest {
			if err := p.takeIn(ctx, svc, r.Flow); err != nil {
				return err
			}
		}
		again := app.Replay{Run: r.ID, From: flow.StepID(*from), Failed: *failed, By: which}
		err = p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return svc.Replay(ctx, again) })
		return p.refusedOf(ctx, svc, err, r)
	})
}

// refusedOf prints why a run cannot go on or begin again.
func (p *Program) refusedOf(ctx context.Context, svc app.Service, err error, r flow.Run) error {
	if _, ok := err.(exit); ok || err == nil {
		return err
	}
	f, unknown := svc.Flow(ctx, r.Flow, r.Version)
	if errors.Is(unknown, fs.ErrNotExist) {
		return usagef("flow %q is not on this machine any more, so its runs cannot go on; jackfield run FILE takes it in again", r.Name)
	}
	return p.refused(err, f)
}

func runsStop(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 0, func(svc app.Service, r flow.Run, _ []string) error {
		if err := svc.Stop(ctx, r.ID); err != nil {
			return p.refusedOf(ctx, svc, err, r)
		}
		return p.say(c, r.ID, "stopped %s; jackfield runs resume %s takes it up again", r.ID, r.ID)
	})
}

func runsRemove(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 0, func(svc app.Service, r flow.Run, _ []string) error {
		if err := svc.RemoveRun(ctx, r.ID); err != nil {
			return err
		}
		return p.say(c, r.ID, "removed %s", r.ID)
	})
}

// difference is what runs diff prints of one step and outlet.
type difference struct {
	Step   flow.StepID `json:"step"`
	Outlet flow.Outlet `json:"outlet"`
	A      int         `json:"a"`
	B      int         `json:"b"`
}

func runsDiff(ctx context.Context, p *Program, c *call) error {
	return runCommand(ctx, c, 1, func(svc app.Service, a flow.Run, rest []string) error {
		b, err := findRun(ctx, svc, rest[0])
		if err != nil {
			return err
		}
		one, err := tell(ctx, svc, a.ID)
		if err != nil {
			return err
		}
		two, err := tell(ctx, svc, b.ID)
		if err != nil {
			return err
		}
		diffs := compare(one, two)
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
	})
}

func compare(a, b account) []difference {
	diffs := []difference{}
	steps := a.order()
	for _, id := range b.order() {
		if !slices.Contains(steps, id) {
			steps = append(steps, id)
		}
	}
	for _, step := range steps {
		outlets := outletsOf(a.Steps[step])
		for o := range b.Steps[step] {
			if !slices.Contains(outlets, o) {
				outlets = append(outlets, o)
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
