package cli

import (
	"context"
	"errors"
	"flag"
	"io"
	"regexp"
	"strings"

	"jackfield/app"
	"jackfield/flow"
)

// call is one command being carried out: its name, what follows it, and the home
// folder.
type call struct {
	p       *Program
	command command
	name    string // all of it: "runs ls"
	args    []string
	home    string
	json    bool
}

// global takes --home from wherever it stands.
func (c *call) global(args []string) ([]string, error) {
	var rest []string
	for i := 0; i < len(args); i++ {
		value, inline := strings.CutPrefix(args[i], "--home=")
		switch {
		case inline:
			c.home = value
		case args[i] == "--home":
			if i+1 == len(args) {
				return nil, usagef("--home needs a folder")
			}
			i++
			c.home = args[i]
		default:
			rest = append(rest, args[i])
			continue
		}
		if c.home == "" {
			return nil, usagef("--home needs a folder")
		}
	}
	return rest, nil
}

// bare makes a flag set without flags.
func (c *call) bare() *flag.FlagSet {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// flags makes a flag set with --json.
func (c *call) flags() *flag.FlagSet {
	fs := c.bare()
	fs.BoolVar(&c.json, "json", false, "print JSON")
	return fs
}

// parse takes flags and plain arguments in any order and gives the plain ones.
func (c *call) parse(fs *flag.FlagSet) ([]string, error) {
	var plain []string
	args := c.args
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, c.help(fs)
			}
			return nil, c.badFlag(fs, err)
		}
		if fs.NArg() == 0 {
			return plain, nil
		}
		if len(args) > len(fs.Args()) && args[len(args)-fs.NArg()-1] == "--" {
			return append(plain, fs.Args()...), nil
		}
		plain = append(plain, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

// What package flag says, whose words are for programmers.
var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -+(.*)$`)
	bareFlag    = regexp.MustCompile(`^flag needs an argument: -+(.*)$`)
	wrongFlag   = regexp.MustCompile(`(?s)^invalid (?:boolean )?value "(.*)" for (?:flag )?-+(\S+): (.*)$`)
)

func (c *call) badFlag(fs *flag.FlagSet, err error) error {
	text := err.Error()
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		var known []string
		fs.VisitAll(func(f *flag.Flag) { known = append(known, f.Name) })
		known = append(known, "home")
		if near, ok := flow.Nearest(m[1], known); ok {
			return usagef("there is no flag --%s; did you mean --%s?", m[1], near)
		}
		return usagef("there is no flag --%s; jackfield %s takes --%s", m[1], c.name, strings.Join(known, ", --"))
	}
	if m := bareFlag.FindStringSubmatch(text); m != nil {
		return usagef("--%s needs a value", m[1])
	}
	if m := wrongFlag.FindStringSubmatch(text); m != nil {
		if strings.Contains(text, "boolean") {
			return usagef("--%s: %q is neither true nor false", m[2], m[1])
		}
		if m[3] == "parse error" || m[3] == "value out of range" {
			return usagef("--%s: %q is not a whole number", m[2], m[1])
		}
		return usagef("--%s: %s", m[2], m[3])
	}
	return usagef("%s: %v", c.name, err)
}

// help says what the command takes.
func (c *call) help(fs *flag.FlagSet) error {
	if _, err := io.WriteString(c.p.Out, c.usage()+"\n"+c.command.summary+"\n\n"); err != nil {
		return err
	}
	var rows [][2]string
	fs.VisitAll(func(f *flag.Flag) {
		kind, what := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "false" {
			what += " (" + f.DefValue + " where it is not given)"
		}
		if !strings.Contains(kind, "=") {
			kind = strings.ToUpper(kind)
		}
		rows = append(rows, [2]string{strings.TrimSpace("--" + f.Name + " " + kind), what})
	})
	rows = append(rows, [2]string{"--home DIR", "where everything is kept"})
	printPairs(c.p.Out, rows)
	return exit(Done)
}

// plain parses flags and wants a number of plain arguments.
func (c *call) plain(fs *flag.FlagSet, least, most int) ([]string, error) {
	args, err := c.parse(fs)
	if err != nil {
		return nil, err
	}
	switch {
	case len(args) < least && len(args) == 0:
		return nil, usagef("%s", c.usage())
	case len(args) < least:
		return nil, usagef("something is missing behind %q\n%s", args[len(args)-1], c.usage())
	case len(args) > most:
		return nil, usagef("%q is one too many\n%s", args[most], c.usage())
	}
	return args, nil
}

// with opens the home folder for the length of do.
func (c *call) with(ctx context.Context, do func(svc app.Service) error) error {
	svc, closeHome, err := c.p.Open(ctx, c.home)
	if err != nil {
		return err
	}
	err = do(svc)
	if closed := closeHome(); err == nil {
		err = closed
	}
	return err
}
