package cli

import (
	"context"
	"fmt"

	"jackfield/flow"
)

// checkFiles needs no home folder of its own, so that it works beside an open window.
func checkFiles(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 10_000)
	if err != nil {
		return err
	}
	all := []flow.Problem{}
	for _, path := range args {
		if err := readable(path); err != nil {
			return err
		}
		all = append(all, p.Check(ctx, c.home, path)...)
	}
	if c.json {
		err = p.printJSON(all)
	} else {
		printProblems(p.Out, all)
		if len(all) == 0 {
			fmt.Fprintf(p.Out, "%s, no problems\n", plural(len(args), "flow", "flows"))
		}
	}
	if err == nil && errorsAmong(all) {
		return exit(BadUsage)
	}
	return err
}
