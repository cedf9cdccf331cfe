package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"jackfield/app"
)

// call is one subcommand being carried out: its name, what follows it, and the
// home folder.
type call struct {
	p    *Program
	name string
	args []string
	home string
	json bool
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
		}
	}
	return rest, nil
}

// flags makes a flag set with --json.
func (c *call) flags() *flag.FlagSet {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
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
			return nil, usagef("jackfield %s: %v", c.name, err)
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

func (c *call) help(fs *flag.FlagSet) error {
	fmt.Fprintf(c.p.Out, "jackfield %s\n", c.name)
	fs.SetOutput(c.p.Out)
	fs.PrintDefaults()
	return exit(Done)
}

// sub takes the second word of commands such as "runs ls".
func (c *call) sub(known ...string) (string, error) {
	if len(c.args) == 0 {
		return "", usagef("jackfield %s: say one of %s", c.name, strings.Join(known, ", "))
	}
	for _, k := range known {
		if c.args[0] == k {
			c.name, c.args = c.name+" "+k, c.args[1:]
			return k, nil
		}
	}
	return "", usagef("jackfield %s: there is no %q; say one of %s", c.name, c.args[0], strings.Join(known, ", "))
}

// plain parses flags and wants a number of plain arguments.
func (c *call) plain(fs *flag.FlagSet, least, most int, what string) ([]string, error) {
	args, err := c.parse(fs)
	if err != nil {
		return nil, err
	}
	if len(args) < least || len(args) > most {
		return nil, usagef("usage: jackfield %s %s", c.name, what)
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
