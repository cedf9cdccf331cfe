package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
	"jackfield/flow/value"
)

func connectionsList(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
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
			rows = append(rows, []string{one.Name, one.Connector, settingsInWords(one)})
		}
		return p.printTable("name|connector|settings", rows)
	})
}

// settingsInWords shows secrets as dots.
func settingsInWords(c flow.Connection) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		text, isText := c.Values[name].(string)
		if !isText {
			text = string(value.Append(nil, c.Values[name]))
		}
		words = append(words, name+"="+text)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Secrets)) {
		words = append(words, name+"=•••")
	}
	if !c.Rate.IsZero() {
		words = append(words, "(at most "+c.Rate.String()+")")
	}
	if c.BuiltIn {
		words = append(words, "(built in)")
	}
	return strings.Join(words, " ")
}

// connectionsAdd takes settings as key=value. A secret is never an argument, where
// the list of processes would show it: key=- reads it from standard input.
func connectionsAdd(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	limit := fs.String("rate", "", "use it at most so often, all flows together: `10/s`, 600/m, 1000/h")
	paste := fs.Bool("paste", false, "fill it from what comes on standard input: a command line of cURL, an address with user and password, lines of NAME=value")
	args, err := c.plain(fs, 2, 100)
	if err != nil {
		return err
	}
	rate, err := flow.ParseRate(*limit)
	if err != nil {
		return usagef("--rate: %v", err)
	}
	return c.with(ctx, func(svc app.Service) error {
		conn := flow.Connection{Name: args[0], Connector: args[1], Values: flow.Values{}, Rate: rate}
		set, err := svc.Connectors(ctx)
		if err != nil {
			return err
		}
		fields, err := connectionFields(set, conn.Connector)
		if err != nil {
			return err
		}
		if *paste {
			if conn.Values, err = p.pasted(set, conn.Connector); err != nil {
				return err
			}
		}
		if err := p.settings(conn.Values, fields, args[2:]); err != nil {
			return err
		}
		if problems := fields.Bind("", conn.Values); len(problems) > 0 {
			printProblems(p.Err, problems)
			return exit(BadUsage)
		}
		if err := svc.SaveConnection(ctx, conn); err != nil {
			return p.refused(err, flow.Flow{})
		}
		return p.say(c, conn.Name, "saved connection %s; try it: jackfield connections test %s", conn.Name, conn.Name)
	})
}

// pasted reads standard input as what a person would paste into the form.
func (p *Program) pasted(set kit.Set, connector string) (flow.Values, error) {
	text, err := io.ReadAll(io.LimitReader(p.In, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read what is pasted: %w", err)
	}
	declared, _ := set.Connector(connector)
	values, ok := kit.Paste(declared.Connection(), string(text))
	if !ok {
		return nil, usagef("what came on standard input fills no connection of %q; give a command line of cURL, an address, or lines of NAME=value", connector)
	}
	return values, nil
}

func connectionFields(set kit.Set, connector string) (kit.Fields, error) {
	var have []string
	for _, one := range set {
		if one.Connection == nil {
			continue
		}
		if one.ID == connector {
			return one.Connection().Fields(), nil
		}
		have = append(have, one.ID)
	}
	if near, ok := flow.Nearest(connector, have); ok {
		return nil, usagef("connector %q has no connections; did you mean %q?", connector, near)
	}
	return nil, usagef("connector %q has no connections; those that have are %s", connector, strings.Join(have, ", "))
}

// settings takes key=value pairs. What comes on standard input is one value whole, or
// one line for each where several ask for it.
func (p *Program) settings(values flow.Values, fields kit.Fields, pairs []string) error {
	var asked []string
	for _, pair := range pairs {
		key, raw, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return usagef("%q is not key=value", pair)
		}
		f, known := fields.Field(key)
		switch {
		case raw == "-":
			asked = append(asked, key)
		case known && f.Kind == kit.SecretField:
			return usagef("%q is a secret; write %s=- and give it on standard input", key, key)
		default:
			values[key] = valueOf(raw)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(p.In, 1<<20))
	if err != nil {
		return fmt.Errorf("read %s: %w", asked[0], err)
	}
	given := []string{strings.TrimRight(string(text), "\r\n")}
	if len(asked) > 1 {
		given = strings.Split(strings.ReplaceAll(given[0], "\r\n", "\n"), "\n")
	}
	for i, key := range asked {
		if i >= len(given) || given[i] == "" {
			return usagef("nothing came on standard input for %q; give one line for each of %s", key, strings.Join(asked, ", "))
		}
		values[key] = given[i]
	}
	if len(given) > len(asked) {
		return usagef("%d lines came on standard input for %s", len(given), strings.Join(asked, ", "))
	}
	return nil
}

// valueOf takes a setting for JSON, or else for a text.
func valueOf(raw string) any {
	if v, err := value.Decode([]byte(raw)); err == nil {
		return v
	}
	return raw
}

func connectionsTest(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		return p.printChecks(c, svc.TestConnection(ctx, conn))
	})
}

func findConnection(ctx context.Context, svc app.Service, name string) (flow.Connection, error) {
	all, err := svc.Connections(ctx)
	if err != nil {
		return flow.Connection{}, err
	}
	var known []string
	for _, one := range all {
		if one.Name == name {
			return one, nil
		}
		known = append(known, one.Name)
	}
	if near, ok := flow.Nearest(name, known); ok {
		return flow.Connection{}, usagef("there is no connection %q; did you mean %q?", name, near)
	}
	return flow.Connection{}, usagef("there is no connection %q; jackfield connections ls lists them", name)
}

func connectionsRemove(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		if conn.BuiltIn {
			return usagef("connection %q is built in and stays", conn.Name)
		}
		if err := svc.RemoveConnection(ctx, conn.Name); err != nil {
			return err
		}
		return p.say(c, conn.Name, "removed connection %s", conn.Name)
	})
}

// printChecks writes each check as it is made, and fails when one of them did.
func (p *Program) printChecks(c *call, checks iter.Seq2[kit.Check, error]) error {
	ok, all := true, []kit.Check{}
	for one, err := range checks {
		if err != nil {
			return p.refused(err, flow.Flow{})
		}
		ok, all = ok && one.OK, append(all, one)
		if !c.json {
			p.printCheck(one)
		}
	}
	if c.json {
		if err := p.printJSON(all); err != nil {
			return err
		}
	}
	if !ok {
		return exit(RunFailed)
	}
	return nil
}

// made gives checks that have been made already.
func made(all []kit.Check) iter.Seq2[kit.Check, error] {
	return func(yield func(kit.Check, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func (p *Program) printCheck(one kit.Check) {
	sign := "✓"
	if !one.OK {
		sign = "✗"
	}
	took := ""
	if ms := one.Took.Milliseconds(); ms > 0 {
		took = fmt.Sprintf("  (%d ms)", ms)
	}
	fmt.Fprintf(p.Out, "%s %-12s %s%s\n", sign, one.Name, one.What, took)
	if one.Fix != "" {
		fmt.Fprintf(p.Out, "  %-12s %s\n", "", one.Fix)
	}
}
