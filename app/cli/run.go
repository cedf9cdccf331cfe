package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	fs.Var(&set, "set", "`step.key=value` for this run; the value is JSON or else a text")
	input := fs.String("input", "", "a `file` of JSON records to start with; - is standard input")
	limit := fs.Int("limit", 0, "take at most `n` records of each source")
	trigger := fs.String("trigger", "", "the `step` to start at, where a flow has several triggers")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	start := app.Start{Trigger: flow.StepID(*trigger), Set: set, Limit: *limit, Cause: "command line"}
	if *limit < 0 {
		return usagef("--limit: %d is less than none", *limit)
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
		err = p.runToItsEnd(ctx, svc, c.json, func(ctx context.Context) (flow.RunID, error) { return svc.Start(ctx, start) })
		return p.refused(err, f, set...)
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
		return err
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
	if err := p.waitForReport(ctx, svc, r); err != nil {
		return err
	}
	a, err := tell(after, svc, r.ID)
	if err != nil {
		return err
	}
	if asJSON {
		err = p.printJSON(a.summary)
	} else {
		const most = 5
		err = a.print(after, p, svc, most)
	}
	if err != nil {
		return err
	}
	return exitWith(a.code())
}

// waitForReport lets the run come to its end that tells of a bad one: it goes on in this
// process, which is about to end.
func (p *Program) waitForReport(ctx context.Context, svc app.Service, r flow.Run) error {
	if r.State != flow.RunFailed && r.State != flow.RunPartial {
		return nil
	}
	told, err := svc.Run(ctx, r.Report())
	if errors.Is(err, fs.ErrNotExist) {
		return p.nobodyHears(ctx, svc, r)
	}
	if err == nil {
		told, err = svc.Wait(ctx, told.ID)
	}
	if errors.Is(err, context.Canceled) {
		return nil // it goes on with the next start of the program
	}
	if err == nil {
		fmt.Fprintf(p.Err, "the end of the run was told to %s: %s (run %s)\n", told.Name, told.State, told.ID)
	}
	return err
}

// nobodyHears says so where the flow names one that is to hear of a bad end, and that
// one was not started.
func (p *Program) nobodyHears(ctx context.Context, svc app.Service, r flow.Run) error {
	f, err := svc.Flow(ctx, r.Flow, r.Version)
	if err != nil || f.Settings.OnFailure == "" {
		return nil // the end of the run is told in any case
	}
	why := fmt.Sprintf("try it: jackfield run %q", string(f.Settings.OnFailure))
	if _, err := findFlow(ctx, p, svc, string(f.Settings.OnFailure)); err != nil {
		why = describe(err)
	}
	return p.nothing(fmt.Sprintf("the end of the run was told to nobody: on_failure names %q, which could not be started: %s", f.Settings.OnFailure, why))
}

func exitWith(code int) error {
	if code == Done {
		return nil
	}
	return exit(code)
}

// records reads JSON records: documents one after the other, or one list of them.
func (p *Program) records(path string) ([]any, error) {
	in, err := p.input(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
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

// input opens a file to read; "-" is the standard input.
func (p *Program) input(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(p.In), nil
	}
	if err := readable(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read input: %w", err)
	}
	return f, nil
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
	*s = append(*s, flow.Setting{Step: flow.StepID(step), Key: key, Value: valueOf(raw)})
	return nil
}
