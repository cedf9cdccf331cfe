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
	return listedOp{flow.OpID(c.ID + "." + o.ID), o.Title, o.Summary, o.Role(), o.Effect, outlets(o), o.New().Fields().Schema()}
}

// outlets are where records leave the operation, failed among them.
func outlets(o kit.Op) []flow.Outlet {
	outlets := o.Outlets
	if len(outlets) == 0 {
		outlets = []flow.Outlet{flow.Done}
	}
	return append(outlets[:len(outlets):len(outlets)], flow.Failed)
}

func connectorsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
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
	args, err := c.plain(c.flags(), 1, 1)
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
	var known []string
	for _, conn := range set {
		known = append(known, conn.ID)
	}
	for _, id := range set.OpIDs() {
		known = append(known, string(id))
	}
	if near, ok := flow.Nearest(name, known); ok {
		return kit.Connector{}, nil, usagef("there is no %q; did you mean %q?", name, near)
	}
	return kit.Connector{}, nil, usagef("there is no %q; jackfield connectors ls lists them", name)
}

func (p *Program) printOp(conn kit.Connector, o kit.Op) {
	fmt.Fprintf(p.Out, "\n%s.%s  (%s, %s)\n  %s\n", conn.ID, o.ID, o.Role(), o.Effect, o.Summary)
	fields := o.New().Fields()
	wide := 0
	for _, f := range fields {
		wide = max(wide, len(f.Name))
	}
	for _, f := range fields {
		fmt.Fprintf(p.Out, "    %-*s  %-8s  %s%s\n", wide, f.Name, f.Kind, f.Label, needed(f))
		for _, line := range fieldNotes(f) {
			fmt.Fprintf(p.Out, "    %-*s  %-8s    %s\n", wide, "", "", line)
		}
	}
	fmt.Fprintf(p.Out, "  records leave by %s\n", leaves(o))
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

func leaves(o kit.Op) string {
	var names []string
	for _, outlet := range outlets(o) {
		names = append(names, string(outlet))
	}
	return strings.Join(names, ", ")
}

// needed says in brackets whether the field must be set, or else what it is at first.
func needed(f kit.Field) string {
	switch {
	case f.Required && f.Matters():
		return " (needed)"
	case f.Required:
		return " (needed with some settings)"
	}
	if initial := initialOf(f); initial != "" {
		return " (" + initial + ")"
	}
	return ""
}

func initialOf(f kit.Field) string {
	if f.Kind == kit.SecretField || f.Evaluated() {
		return ""
	}
	switch v := f.Get().(type) {
	case string:
		return v
	case bool, int, float64:
		return fmt.Sprint(v)
	}
	return ""
}

// fieldNotes says more of a field: its hint and its choices.
func fieldNotes(f kit.Field) []string {
	var lines []string
	if f.Hint != "" {
		lines = append(lines, f.Hint)
	}
	for _, c := range f.Choices {
		if c.Label == "" || strings.EqualFold(c.Label, c.Value) {
			lines = append(lines, "- "+c.Value)
		} else {
			lines = append(lines, "- "+c.Value+": "+c.Label)
		}
	}
	return lines
}
