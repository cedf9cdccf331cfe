package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"jackfield/app"
	"jackfield/flow"
)

func flowsCommand(ctx context.Context, p *Program, c *call) error {
	sub, err := c.sub("ls", "show", "import", "export", "enable", "disable", "rm", "diff")
	if err != nil {
		return err
	}
	perform := map[string]func(context.Context, *Program, *call) error{
		"ls": flowsList, "show": flowsShow, "import": flowsImport, "export": flowsExport,
		"enable": flowsEnable, "disable": flowsEnable, "rm": flowsRemove, "diff": flowsDiff,
	}
	return perform[sub](ctx, p, c)
}

func flowsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0, "[--json]"); err != nil {
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
	version := fs.Int("version", 0, "which version; 0 is the newest")
	args, err := c.plain(fs, 1, 1, "FLOW [--version N] [--json]")
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
	f, err := findFlow(ctx, p, svc, name)
	if err != nil || version == 0 {
		return f, err
	}
	return svc.Flow(ctx, f.ID, version)
}

func flowsImport(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1, "FILE")
	if err != nil {
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
		return p.say(c, f.ID, "imported as %s", f.ID)
	})
}

func flowsExport(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	version := fs.Int("version", 0, "which version; 0 is the newest")
	args, err := c.plain(fs, 1, 2, "FLOW [FILE] [--version N]")
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
		file, err := os.OpenFile(filepath.Clean(args[1]), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("export to %s: %w", args[1], err)
		}
		_, err = file.Write(flow.WriteFile(f))
		if closed := file.Close(); err == nil {
			err = closed
		}
		return err
	})
}

func flowsEnable(ctx context.Context, p *Program, c *call) error {
	on := c.name == "flows enable"
	args, err := c.plain(c.flags(), 1, 1, "FLOW")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		f, err := findFlow(ctx, p, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.Enable(ctx, f.ID, on); err != nil {
			return p.refused(err)
		}
		if on {
			return p.say(c, f.ID, "%s is enabled; its triggers are live while the window is open or jackfield serve runs", f.ID)
		}
		return p.say(c, f.ID, "%s is disabled", f.ID)
	})
}

func flowsRemove(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1, "FLOW")
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
	args, err := c.plain(c.flags(), 1, 3, "FLOW [VERSION [VERSION]]")
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
		old, err := svc.Flow(ctx, newer.ID, from)
		if err != nil {
			return err
		}
		if newer, err = svc.Flow(ctx, newer.ID, to); err != nil {
			return err
		}
		changes := flow.Diff(old, newer)
		if c.json {
			return p.printJSON(changes)
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
