package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"jackfield/app"
	"jackfield/flow"
	"jackfield/flow/value"
)

// runFlow starts a flow and waits for its end. An interrupt stops the run, so that
// it is known as stopped and can be resumed.
func runFlow(ctx context.Context, p *Program, c *call) error {
	var set settings
	fs := c.flags()
	fs.Var(&set, "set", "step.key=value for this run; the value is JSON or else a text")
	input := fs.String("input", "", "a `file` of JSON records for the trigger; - is standard input")
	limit := fs.Int("limit", 0, "the most records that each source gives")
	trigger := fs.String("trigger", "", "the `step` to start at")
	args, err := c.plain(fs, 1, 1, "FLOW|FILE [--set step.key=value] [--input FILE|-] [--limit N] [--json]")
	if err != nil {
		return err
	}
	start := app.Start{Trigger: flow.StepID(*trigger), Set: set, Limit: *limit, Cause: "command line"}
	if *limit < 0 {
		return usagef("--limit must not be negative")
	}
	if *input != "" {
		if start.Input, err = p.records(*input); err != nil {
			return err
		}
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		start.Flow = f.ID
		return p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return svc.Start(ctx, start) })
	})
}

// runToItsEnd starts or resumes a run, shows how it goes and prints what came of it.
func (p *Program) runToItsEnd(ctx context.Context, svc app.Service, asJSON bool, begin func(context.Context) (flow.RunID, error)) error {
	// What outlives an interrupt: the stop itself and the last look.
	after := context.WithoutCancel(ctx)
	watching, enough := context.WithCancel(after)
	defer enough()
	events := svc.Watch(watching)
	id, err := begin(ctx)
	if err != nil {
		return p.refused(err)
	}
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		showProgress(p, id, events)
	}()
	r, err := svc.Wait(ctx, id)
	if errors.Is(err, context.Canceled) {
		if err = svc.Stop(after, id); err == nil {
			r, err = svc.Wait(after, id)
		}
	}
	enough()
	<-shown
	if err != nil {
		return err
	}
	s, r, steps, err := summarize(after, svc, r.ID)
	if err != nil {
		return err
	}
	if asJSON {
		err = p.printJSON(s)
	} else if err = s.print(p, r, inOrder(steps)); err == nil {
		printFailures(p, steps, r)
	}
	if err != nil {
		return err
	}
	return exitWith(s.code())
}

func exitWith(code int) error {
	if code == Done {
		return nil
	}
	return exit(code)
}

// refused prints why a flow cannot start.
func (p *Program) refused(err error) error {
	problems, ok := errors.AsType[app.Problems](err)
	if !ok {
		return err
	}
	printProblems(p.Err, problems)
	return exit(BadUsage)
}

// printFailures says what failed, a few of each step.
func printFailures(p *Program, steps []flow.StepRun, r flow.Run) {
	const most = 5
	shown, left := 0, 0
	for _, s := range steps {
		for _, problem := range s.Problems {
			if shown == most {
				left++
				continue
			}
			if shown == 0 {
				fmt.Fprintln(p.Out, "\nwhat failed:")
			}
			fmt.Fprintf(p.Out, "  %s\n", problem.Error())
			shown++
		}
	}
	if left > 0 {
		fmt.Fprintf(p.Out, "  … and %d more\n", left)
	}
	if shown > 0 {
		fmt.Fprintf(p.Out, "look closer: jackfield runs show %s\n", r.ID)
	}
}

// findFlow takes a file's path, a flow's id or its name.
func findFlow(ctx context.Context, p *Program, svc app.Service, name string) (flow.Flow, error) {
	if looksLikeFile(name) {
		path, err := filepath.Abs(name)
		if err != nil {
			return flow.Flow{}, err
		}
		f, problems, err := svc.Open(ctx, path)
		if err != nil {
			return f, err
		}
		if errorsAmong(problems) {
			printProblems(p.Err, problems)
			return f, exit(BadUsage)
		}
		return f, nil
	}
	f, err := svc.Flow(ctx, flow.ID(name), 0)
	if err == nil {
		return f, nil
	}
	all, listErr := svc.Flows(ctx)
	if listErr != nil {
		return f, listErr
	}
	var names []string
	for _, o := range all {
		if o.Name == name {
			return svc.Flow(ctx, o.ID, 0)
		}
		names = append(names, string(o.ID))
	}
	if near, ok := flow.Nearest(name, names); ok {
		return f, usagef("there is no flow %q; did you mean %q?", name, near)
	}
	return f, usagef("there is no flow %q; jackfield flows ls lists them, a file needs its path", name)
}

func looksLikeFile(name string) bool {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// records reads JSON records: documents one after the other, or one list of them.
func (p *Program) records(path string) ([]any, error) {
	in := p.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read input: %w", err)
		}
		defer f.Close()
		in = f
	}
	records := []any{}
	for r := value.NewReader(in); ; {
		v, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read input %s: %w", path, err)
		}
		records = append(records, v)
	}
	if len(records) == 1 {
		if list, ok := records[0].([]any); ok {
			return list, nil
		}
	}
	return records, nil
}

// settings collects --set.
type settings []flow.Setting

func (s *settings) String() string { return "" }

func (s *settings) Set(text string) error {
	name, raw, ok := strings.Cut(text, "=")
	step, key, dotted := strings.Cut(name, ".")
	if !ok || !dotted || step == "" || key == "" {
		return fmt.Errorf("%q is not step.key=value", text)
	}
	v, err := value.Decode([]byte(raw))
	if err != nil {
		v = raw
	}
	*s = append(*s, flow.Setting{Step: flow.StepID(step), Key: key, Value: v})
	return nil
}
