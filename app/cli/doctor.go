package cli

import (
	"context"
	"fmt"
)

func doctor(ctx context.Context, p *Program, c *call) error {
	fs := c.flags()
	save := fs.Bool("rescue", false, "move a damaged store aside and save what can be read of it")
	if _, err := c.plain(fs, 0, 0); err != nil {
		return err
	}
	if *save {
		lines, err := p.Rescue(ctx, c.home)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(lines)
		}
		for _, line := range lines {
			fmt.Fprintln(p.Out, line)
		}
		return nil
	}
	return p.printChecks(c, made(p.Doctor(ctx, c.home)))
}
