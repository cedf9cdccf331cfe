package cli

import (
	"context"
	"errors"
	"fmt"

	"jackfield/app"
	"jackfield/flow"
)

// serve holds the home folder open, so that schedules and listeners of enabled flows
// are live, until it is interrupted. Runs that are under way then go on at the next start.
func serve(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.bare(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		events := svc.Watch(ctx)
		if err := p.Serve(ctx, svc); err != nil {
			return err
		}
		all, err := svc.Flows(ctx)
		if err != nil {
			return err
		}
		live := 0
		for _, o := range all {
			if o.Enabled {
				live++
			}
		}
		if live == 0 {
			fmt.Fprintln(p.Err, "no flow is enabled, so nothing will start; end this with Ctrl+C and enable one: jackfield flows enable FLOW")
		} else {
			fmt.Fprintf(p.Err, "%s live; Ctrl+C ends\n", plural(live, "flow is", "flows are"))
		}
		for e := range events {
			switch e.Kind {
			case flow.RunChanged:
				fmt.Fprintf(p.Err, "%s run %s of %s: %s\n", mark(e.Run.State), e.Run.ID, e.Run.Name, e.Run.State)
			case flow.Logged:
				if e.Run.ID == "" { // a listener says where it listens
					fmt.Fprintf(p.Err, "flow %s, step %q: %s\n", e.Flow, e.Line.Step, e.Line.Text)
				}
			case flow.Trouble:
				fmt.Fprintln(p.Err, e.What)
			}
		}
		if err := ctx.Err(); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	})
}
