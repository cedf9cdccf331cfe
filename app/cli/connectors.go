package cli

import (
	"context"
	"fmt"
	"strings"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func connectorsCommand(ctx context.Context, p *Program, c *call) error {
	sub, err := c.sub("ls", "show")
	if err != nil {
		return err
	}
	if sub == "ls" {
		return connectorsList(ctx, p, c)
	}
	return connectorsShow(ctx, p, c)
}

// listedOp is one operation as JSON.
type listedOp struct {
	ID      flow.OpID     `json:"id"`
	Title   string        `json:"title"`
	Summary string        `json:"summary"`
	Role    kit.Role      `json:"role"`
	Effect  kit.Effect    `json:"effect"`
	Outlets []flow.Outlet `json:"outlets"`
	Input   flow.Schema   `json:"input"`
}

func listOp(c kit.Connector, o kit.Op) listedOp {
	outlets := o.Outlets
	if len(outlets) == 0 {
		outlets = []flow.Outlet{flow.Done}
	}
	return listedOp{flow.OpID(c.ID + "." + o.ID), o.Title, o.Summary, o.Role(), o.Effect, append(outlets[:len(outlets):len(outlets)], flow.Failed), o.New().Fields().Schema()}
}

func connectorsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0, "[--json]"); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		set, err := svc.Connectors(ctx)
		if err != nil {
			return err
		}
		ops := []listedOp{}
		var rows [][]string
		for _, conn := range set {
			for _, o := range conn.Ops {
				l := listOp(conn, o)
				ops = append(ops, l)
				rows = append(rows, []string{string(l.ID), string(l.Role), string(l.Effect), l.Summary})
			}
		}
		if c.json {
			return p.printJSON(ops)
		}
		return p.printTable("operation|role|effect|what it does", rows)
	})
}

func connectorsShow(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1, "CONNECTOR[.OPERATION] [--json]")
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		set, err := svc.Connectors(ctx)
		if err != nil {
			return err
		}
		conn, ops, err := opsNamed(set, args[0])
		if err != nil {
			return err
		}
		if c.json {
			listed := []listedOp{}
			for _, o := range ops {
				listed = append(listed, listOp(conn, o))
			}
			return p.printJSON(listed)
		}
		fmt.Fprintf(p.Out, "%s: %s\n", conn.Title, conn.Summary)
		for _, o := range ops {
			p.printOp(conn, o)
		}
		return nil
	})
}

func opsNamed(set kit.Set, name string) (kit.Connector, []kit.Op, error) {
	if strings.Contains(name, ".") {
		conn, o, ok := set.Op(flow.OpID(name))
		if ok {
			return conn, []kit.Op{o}, nil
		}
	} else if conn, ok := set.Connector(name); ok {
		return conn, conn.Ops, nil
	}
	names := []string{}
	for _, conn := range set {
		names = append(names, conn.ID)
	}
	for _, id := range set.OpIDs() {
		names = append(names, string(id))
	}
	if near, ok := flow.Nearest(name, names); ok {
		return kit.Connector{}, nil, usagef("there is no %q; did you mean %q?", name, near)
	}
	return kit.Connector{}, nil, usagef("there is no %q; jackfield connectors ls lists them", name)
}

func (p *Program) printOp(conn kit.Connector, o kit.Op) {
	fmt.Fprintf(p.Out, "\n%s.%s  (%s, %s)\n  %s\n", conn.ID, o.ID, o.Role(), o.Effect, o.Summary)
	for _, f := range o.New().Fields() {
		needed := ""
		if f.Required {
			needed = " (needed)"
		}
		fmt.Fprintf(p.Out, "    %-14s %-9s %s%s\n", f.Name, f.Kind, f.Label, needed)
		if f.Hint != "" {
			fmt.Fprintf(p.Out, "    %-14s %-9s   %s\n", "", "", f.Hint)
		}
	}
	for _, e := range o.Examples {
		fmt.Fprintf(p.Out, "  example: %s\n", e.Title)
		if len(e.With) > 0 {
			fmt.Fprintf(p.Out, "    with: %s\n", value.Append(nil, map[string]any(e.With)))
		}
		if e.Map != "" {
			fmt.Fprintf(p.Out, "    map: %s\n", e.Map)
		}
	}
}
