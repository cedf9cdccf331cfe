package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"jackfield/app"
	"jackfield/flow"
)

func flowsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		all, err := svc.Flows(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.Overview{}, all...))
		}
		if len(all) == 0 {
			return p.nothing("no flows; jackfield run FILE or jackfield flows import FILE takes one in")
		}
		var rows [][]string
		for _, o := range all {
			on := ""
			if o.Enabled {
				on = "on"
			}
			rows = append(rows, []string{string(o.ID), o.Name, strconv.Itoa(o.Steps), strconv.Itoa(o.Version), on, string(o.State), o.Path})
		}
		return p.printTable("id|name|steps|version|enabled|last run|file", rows)
	})
}

func flowsShow(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	version := fs.Int("version", 0, "`n` counts from 1; 0 is the newest")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := versionOf(ctx, p, svc, args[0], *version)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(f)
		}
		_, err = p.Out.Write(flow.WriteFile(f))
		return err
	})
}

func versionOf(ctx context.Context, p *Program, svc app.Service, name string, version int) (flow.Flow, error) {
	newest, err := findFlow(ctx, p, svc, name)
	if err != nil || version == 0 {
		return newest, err
	}
	f, err := svc.Flow(ctx, newest.ID, version)
	if errors.Is(err, fs.ErrNotExist) {
		return f, usagef("flow %q has no version %d; its newest is %d", newest.ID, version, newest.Version)
	}
	return f, err
}

func flowsImport(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	if err := readable(args[0]); err != nil {
		return err
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read the flow file: %w", err)
	}
	f, problems := flow.ReadFile(data, args[0])
	if errorsAmong(problems) {
		printProblems(p.Err, problems)
		return exit(BadUsage)
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := svc.Save(ctx, f)
		if err != nil {
			return err
		}
		if problems := svc.Check(ctx, f); len(problems) > 0 {
			printProblems(p.Err, flow.Locate(data, problems, args[0]))
		}
		return p.say(c, f.ID, "imported %q as %s; run it: jackfield run %s", f.Name, f.ID, f.ID)
	})
}

func flowsExport(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	version := fs.Int("version", 0, "`n` counts from 1; 0 is the newest")
	args, err := c.plain(fs, 1, 2)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := versionOf(ctx, p, svc, args[0], *version)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			_, err = p.Out.Write(flow.WriteFile(f))
			return err
		}
		if err := writeNew(args[1], flow.WriteFile(f)); err != nil {
			return err
		}
		return p.say(c, args[1], "exported version %d of %s to %s", f.Version, f.ID, args[1])
	})
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already; choose another name, or remove it first", path)
	}
	if err != nil {
		return fmt.Errorf("export to %s: %w", path, err)
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

func flowsEnable(ctx context.Context, p *Program, c *call) error {
	return setEnabled(ctx, p, c, true)
}

func flowsDisable(ctx context.Context, p *Program, c *call) error {
	return setEnabled(ctx, p, c, false)
}

func setEnabled(ctx context.Context, p *Program, c *call, on bool) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.Enable(ctx, f.ID, on); err != nil {
			return p.refused(err, f)
		}
		if on {
			defer p.sayTriggers(ctx, svc, f.ID)
			return p.say(c, f.ID, "%s is enabled; its triggers are live while the window is open or jackfield serve runs", f.ID)
		}
		return p.say(c, f.ID, "%s is disabled", f.ID)
	})
}

// sayTriggers tells of a flow that was enabled what will never start it, and when its
// schedules start it next.
func (p *Program) sayTriggers(ctx context.Context, svc app.Service, id flow.ID) {
	all, err := svc.Triggers(ctx)
	if err != nil {
		return // it is enabled all the same
	}
	for _, t := range only(all, id) {
		switch {
		case t.Problem != nil:
			fmt.Fprintln(p.Err, t.Problem.Error())
		case len(t.Next) > 0:
			fmt.Fprintf(p.Err, "step %q starts it next on %s\n", t.Step, t.Next[0].Format(slotFormat))
		}
	}
}

func flowsRemove(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.RemoveFlow(ctx, f.ID); err != nil {
			return err
		}
		return p.say(c, f.ID, "removed %s from this machine; its file and its runs stay", f.ID)
	})
}

func flowsDiff(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 3)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		newer, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		from, to := newer.Version-1, newer.Version
		for i, at := range []*int{&from, &to} {
			if len(args) > i+1 {
				if *at, err = strconv.Atoi(args[i+1]); err != nil {
					return usagef("%q is not a version", args[i+1])
				}
			}
		}
		if from < 1 {
			return p.say(c, []string{}, "there is only one version")
		}
		old, err := versionOf(ctx, p, svc, string(newer.ID), from)
		if err != nil {
			return err
		}
		if newer, err = versionOf(ctx, p, svc, string(newer.ID), to); err != nil {
			return err
		}
		changes := flow.Diff(old, newer)
		if c.json {
			return p.printJSON(append([]flow.Change{}, changes...))
		}
		if len(changes) == 0 {
			return p.nothing("nothing changed")
		}
		for _, change := range changes {
			fmt.Fprintln(p.Out, change)
		}
		return nil
	})
}

// say prints what was done, or v as JSON.
func (p *Program) say(c *call, v any, format string, args ...any) error {
	if c.json {
		return p.printJSON(v)
	}
	_, err := fmt.Fprintf(p.Out, format+"\n", args...)
	return err
}
