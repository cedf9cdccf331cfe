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
	// Hold opens the home folder for jackfield serve; while another process has it open,
	// it tells which and waits. telemetry is on, off, an address for metrics, or "".
	Hold func(ctx context.Context, home, telemetry string, tell func(pid int)) (Host, error)
	// Check checks a flow file without opening the home folder.
	Check func(ctx context.Context, home, path string) []flow.Problem
	// Doctor looks at the machine and the home folder.
	Doctor func(ctx context.Context, home string) []kit.Check
	// Rescue saves what can be read of a damaged store, and says what that was.
	Rescue func(ctx context.Context, home string) ([]string, error)
	// Password asks at the terminal for what must not be seen there; nil where nobody sits.
	Password func(prompt string) (string, error)
	// Browse opens an address in this machine's browser.
	Browse func(url string) error
	// Window opens the window, on a flow file where path is given. It is nil in a headless build.
	Window func(ctx context.Context, home, path string) error
}

// Host is a home folder that this very process has open.
type Host interface {
	app.Service
	// Serve lets runs that were cut off go on and makes the triggers live.
	Serve(ctx context.Context) error
	// Drain lets nothing start by itself any more and waits for the runs that go on.
	Drain(ctx context.Context) (left int)
	// CloseHome lets go of the home folder, once the commands that go through this
	// process have ended or ctx has.
	CloseHome(ctx context.Context) error
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
		p.complain(wrong.text)
		return BadUsage
	}
	p.complain(describe(err))
	return RunFailed
}

// complain says on standard error who speaks and what is wrong.
func (p *Program) complain(text string) {
	if !strings.HasPrefix(text, "usage: ") {
		text = "jackfield: " + text
	}
	fmt.Fprintln(p.Err, text)
}

func (p *Program) perform(ctx context.Context, args []string) error {
	c := &call{p: p}
	args, err := c.global(args)
	if err != nil {
		return err
	}
	if len(args) == 0 || isFlowFile(args[0]) {
		return p.window(ctx, c, args)
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	if isHelp(args[0]) {
		if len(args) == 1 {
			return p.overview(p.Out)
		}
		if len(args) == 2 && args[1] == "file" {
			_, err := io.WriteString(p.Out, fileHelp)
			return err
		}
		args = append(args[1:], "--help")
	}
	if err := c.find(args); err != nil {
		return err
	}
	if c.command.subs != nil {
		return c.group()
	}
	return c.command.run(ctx, p, c)
}

func isFlowFile(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func (p *Program) window(ctx context.Context, c *call, args []string) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	switch {
	case len(args) > 1:
		return usagef("%q is one too many\nusage: jackfield [FILE]", args[1])
	case p.Window != nil:
		return p.Window(ctx, c.home, path)
	case path != "":
		return usagef("this build has no window; jackfield run %s runs the flow", path)
	}
	if err := p.overview(p.Err); err != nil {
		return err
	}
	return usagef("this build has no window; say what to do")
}

func printVersion(_ context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return p.say(c, p.Version, "jackfield %s", p.Version)
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
	text := err.Error()
	f := kit.AsFailure(err)
	if f.Fix == "" || strings.Contains(text, f.Fix) {
		return text
	}
	if _, bare := errors.AsType[*kit.Failure](err); !bare && f.Kind == kit.Missing {
		return text // what AsFailure says then is for the paths of a flow
	}
	return text + "; " + f.Fix
}
