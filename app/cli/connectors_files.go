package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"jackfield/app"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

func connectorsAdd(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 2)
	if err != nil {
		return err
	}
	from, name := args[0], ""
	if len(args) > 1 {
		name = args[1]
	}
	if !strings.Contains(from, "://") {
		if from, err = filepath.Abs(from); err != nil {
			return fmt.Errorf("find %s: %w", args[0], err)
		}
	}
	return c.with(ctx, func(svc app.Service) error {
		added, err := svc.AddConnector(ctx, from, name)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(added)
		}
		p.warn(added.Problems)
		fmt.Fprintf(p.Out, "added connector %s with %s: %s; jackfield connectors show %s tells of them\n",
			added.Connector, plural(added.Ops, "operation", "operations"), added.Title, added.Connector)
		return nil
	})
}

// connectorsNew drafts a manifest from an example request, which is sent where it only
// looks, and takes it as a connector.
func connectorsNew(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	from := fs.String("from", "", "the request: a command line of curl in quotes; `-` reads it from standard input, so that its keys do not stand in the list of processes")
	args, err := c.plain(fs, 1, 1)
	if err != nil {
		return err
	}
	example := strings.TrimSpace(*from)
	if example == "-" {
		text, err := io.ReadAll(io.LimitReader(p.In, 1<<20))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		example = strings.TrimSpace(string(text))
	}
	if !strings.HasPrefix(example, "curl ") {
		return usagef("%s", "--from wants a command line of curl, such as --from 'curl https://api.example.com/v1/orders -H \"Authorization: Bearer …\"'")
	}
	return c.with(ctx, func(svc app.Service) error {
		made, err := svc.AddConnector(ctx, example, args[0])
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(made)
		}
		p.warn(made.Problems)
		fmt.Fprintf(p.Out, "made connector %s with %s: look at %s, which is read again when it changes\n", made.Connector, plural(made.Ops, "operation", "operations"), made.Path)
		fmt.Fprintf(p.Out, "the keys of the example are not in it: jackfield connections add NAME %s takes them\n", made.Connector)
		return nil
	})
}

func connectorsFiles(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		all, err := svc.DescribedConnectors(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]kit.Described{}, all...))
		}
		var rows [][]string
		for _, d := range all {
			rows = append(rows, []string{d.Path, d.Kind, d.Connector, plural(d.Ops, "operation", "operations"), troubles(d.Problems)})
		}
		if err := p.printTable("file|kind|connector|holds|problems", rows); err != nil {
			return err
		}
		for _, d := range all {
			p.warn(d.Problems)
		}
		return nil
	})
}

func troubles(problems []flow.Problem) string {
	if len(problems) == 0 {
		return "none"
	}
	return plural(len(problems), "problem", "problems")
}

// warn tells on standard error what is wrong.
func (p *Program) warn(problems []flow.Problem) {
	for _, one := range problems {
		fmt.Fprintln(p.Err, one.Error())
	}
}

func connectorsRemove(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		if err := svc.RemoveConnector(ctx, args[0]); err != nil {
			return err
		}
		return p.say(c, args[0], "removed connector %s", args[0])
	})
}
