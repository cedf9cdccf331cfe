package cli

import "context"

func doctor(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0, "[--json]"); err != nil {
		return err
	}
	return p.printChecks(c, p.Doctor(ctx, c.home))
}
