package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func connectionsCommand(ctx context.Context, p *Program, c *call) error {
	sub, err := c.sub("ls", "add", "test", "rm")
	if err != nil {
		return err
	}
	perform := map[string]func(context.Context, *Program, *call) error{
		"ls": connectionsList, "add": connectionsAdd, "test": connectionsTest, "rm": connectionsRemove,
	}
	return perform[sub](ctx, p, c)
}

func connectionsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0, "[--json]"); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		all, err := svc.Connections(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]flow.Connection{}, all...))
		}
		var rows [][]string
		for _, one := range all {
			text := string(value.Append(nil, map[string]any(one.Values)))
			if one.BuiltIn {
				text += " (built in)"
			}
			rows = append(rows, []string{one.Name, one.Connector, text})
		}
		return p.printTable("name|connector|settings", rows)
	})
}

// connectionsAdd takes settings as key=value. A secret is never an argument, where
// the list of processes would show it: key=- reads it from standard input.
func connectionsAdd(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 2, 100, "NAME CONNECTOR [key=value ...]   (key=- reads the value from standard input)")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn := flow.Connection{Name: args[0], Connector: args[1], Values: flow.Values{}}
		set, err := svc.Connectors(ctx)
		if err != nil {
			return err
		}
		declared, ok := set.Connector(conn.Connector)
		if !ok || declared.Connection == nil {
			return usagef("connector %q has no connections", conn.Connector)
		}
		fields := declared.Connection().Fields()
		for _, pair := range args[2:] {
			if err := p.setting(conn.Values, fields, pair); err != nil {
				return err
			}
		}
		if problems := fields.Bind("", conn.Values); len(problems) > 0 {
			printProblems(p.Err, problems)
			return exit(BadUsage)
		}
		if err := svc.SaveConnection(ctx, conn); err != nil {
			return err
		}
		return p.say(c, conn.Name, "saved connection %s; try it: jackfield connections test %s", conn.Name, conn.Name)
	})
}

func (p *Program) setting(values flow.Values, fields kit.Fields, pair string) error {
	key, raw, ok := strings.Cut(pair, "=")
	if !ok {
		return usagef("%q is not key=value", pair)
	}
	f, known := fields.Field(key)
	if known && f.Kind == kit.SecretField && raw != "-" {
		return usagef("%q is a secret; write %s=- and give it on standard input", key, key)
	}
	if raw == "-" {
		text, err := io.ReadAll(io.LimitReader(p.In, 1<<20))
		if err != nil {
			return fmt.Errorf("read %s: %w", key, err)
		}
		values[key] = strings.TrimRight(string(text), "\r\n")
		return nil
	}
	if v, err := value.Decode([]byte(raw)); err == nil {
		values[key] = v
		return nil
	}
	values[key] = raw
	return nil
}

func connectionsTest(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1, "NAME [--json]")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		checks, err := svc.TestConnection(ctx, conn)
		if err != nil {
			return err
		}
		return p.printChecks(c, checks)
	})
}

func findConnection(ctx context.Context, svc app.Service, name string) (flow.Connection, error) {
	all, err := svc.Connections(ctx)
	if err != nil {
		return flow.Connection{}, err
	}
	var names []string
	for _, one := range all {
		if one.Name == name {
			return one, nil
		}
		names = append(names, one.Name)
	}
	return flow.Connection{}, usagef("there is no connection %q; there are %s", name, strings.Join(names, ", "))
}

func connectionsRemove(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1, "NAME")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		if err := svc.RemoveConnection(ctx, conn.Name); err != nil {
			return err
		}
		return p.say(c, conn.Name, "removed connection %s", conn.Name)
	})
}

// printChecks writes one line a check, and fails when one of them did.
func (p *Program) printChecks(c *call, checks []kit.Check) error {
	ok := true
	for _, one := range checks {
		ok = ok && one.OK
	}
	if c.json {
		if err := p.printJSON(append([]kit.Check{}, checks...)); err != nil {
			return err
		}
	} else {
		for _, one := range checks {
			sign := "✓"
			if !one.OK {
				sign = "✗"
			}
			fmt.Fprintf(p.Out, "%s %-14s %s\n", sign, one.Name, one.What)
			if !one.OK && one.Fix != "" {
				fmt.Fprintf(p.Out, "  %-14s %s\n", "", one.Fix)
			}
		}
	}
	if !ok {
		return exit(RunFailed)
	}
	return nil
}
