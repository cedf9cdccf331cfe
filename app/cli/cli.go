// Package cli is the command line: one file for each subcommand, each a face of
// the same door that the window stands before.
//
// Its rules: results go to standard output and progress to standard error, so that
// a pipe stays clean; every listing takes --json; the exit code says how it went.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

// The exit codes.
const (
	Done      = 0 // all records done
	RunFailed = 1 // the run failed, or the command could not be carried out
	BadUsage  = 2 // bad usage or an invalid flow
	SomeFail  = 3 // finished, some records failed
)

// Program is the command line with all that it needs from outside.
type Program struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal bool // Err is a terminal that a person looks at
	Version  string
	// Open opens the home folder; close lets go of it.
	Open func(ctx context.Context, home string) (svc app.Service, close func() error, err error)
	// Serve lets runs that were cut off go on and makes the triggers live.
	Serve func(ctx context.Context, svc app.Service) error
	// Check checks a flow file without opening the home folder.
	Check func(ctx context.Context, home, path string) []flow.Problem
	// Doctor looks at the machine and the home folder.
	Doctor func(ctx context.Context, home string) []kit.Check
	// Rescue saves what can be read of a damaged store, and says what that was.
	Rescue func(ctx context.Context, home string) ([]string, error)
	// Window opens the window, on a flow file where path is given. It is nil in a headless build.
	Window func(ctx context.Context, home, path string) error
}

// command is one subcommand.
type command struct {
	name, args, summary string
	run                 func(ctx context.Context, p *Program, c *call) error
}

func commands() []command {
	return []command{
		{"run", "FLOW|FILE [--set step.key=value] [--input FILE|-] [--limit N] [--json]", "run a flow and wait for its end", runFlow},
		{"check", "FILE... [--json]", "list the problems of flow files", checkFiles},
		{"flows", "ls|show|import|export|enable|disable|rm|diff", "the flows of this machine", flowsCommand},
		{"runs", "ls|show|logs|records|resume|replay|stop|rm|diff", "what happened", runsCommand},
		{"connections", "ls|add|test|rm", "accounts on services", connectionsCommand},
		{"connectors", "ls|show", "what steps can do", connectorsCommand},
		{"serve", "", "schedules and listeners, without a window", serve},
		{"doctor", "[--rescue] [--json]", "look at this machine and the home folder", doctor},
		{"version", "", "print the version", printVersion},
	}
}

// Main performs one command line and gives the exit code.
func (p *Program) Main(ctx context.Context, args []string) int {
	err := p.perform(ctx, args)
	if err == nil {
		return Done
	}
	var code exit
	if errors.As(err, &code) {
		return int(code)
	}
	var wrong *usageError
	if errors.As(err, &wrong) {
		fmt.Fprintf(p.Err, "jackfield: %s\n", wrong.text)
		return BadUsage
	}
	fmt.Fprintf(p.Err, "jackfield: %s\n", describe(err))
	return RunFailed
}

func (p *Program) perform(ctx context.Context, args []string) error {
	c := &call{p: p}
	args, err := c.global(args)
	if err != nil {
		return err
	}
	if len(args) == 0 || strings.HasSuffix(args[0], ".yaml") || strings.HasSuffix(args[0], ".yml") {
		return p.window(ctx, c, args)
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		p.usage(p.Out)
		return nil
	}
	for _, cmd := range commands() {
		if cmd.name == args[0] {
			c.name, c.args = cmd.name, args[1:]
			return cmd.run(ctx, p, c)
		}
	}
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
	}
	if near, ok := flow.Nearest(args[0], names); ok {
		return usagef("there is no command %q; did you mean %q?", args[0], near)
	}
	return usagef("there is no command %q; try jackfield help", args[0])
}

func (p *Program) window(ctx context.Context, c *call, args []string) error {
	if p.Window == nil {
		return usagef("this build has no window; try jackfield help")
	}
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	return p.Window(ctx, c.home, path)
}

func (p *Program) usage(w io.Writer) {
	fmt.Fprintln(w, "Jackfield connects systems without a cloud.")
	fmt.Fprintln(w, "\n  jackfield [FILE]                 open the window")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  jackfield %-12s %-44s\n  %33s%s\n", cmd.name, cmd.args, "", cmd.summary)
	}
	fmt.Fprintln(w, "\n  --home DIR or JACKFIELD_HOME holds everything.")
	fmt.Fprintln(w, "  Exit code: 0 all records done, 1 the run failed, 2 bad usage or an invalid flow,")
	fmt.Fprintln(w, "  3 finished and some records failed.")
}

func printVersion(_ context.Context, p *Program, _ *call) error {
	_, err := fmt.Fprintln(p.Out, "jackfield", p.Version)
	return err
}

// exit ends the program with a code, everything having been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// describe says an error with what to do about it, where that is known.
func describe(err error) string {
	var fixed interface{ Fix() string }
	if errors.As(err, &fixed) && fixed.Fix() != "" {
		return err.Error() + "\n  " + fixed.Fix()
	}
	if f, ok := errors.AsType[*kit.Failure](err); ok && f.Fix != "" {
		return err.Error() + "\n  " + f.Fix
	}
	return err.Error()
}
