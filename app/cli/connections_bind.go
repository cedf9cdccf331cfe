package cli

import (
	"context"
	"fmt"

	"jackfield/app"
	"jackfield/flow"
)

// connectionsSlots lists what flows name, and what serves for it here.
func connectionsSlots(ctx context.Context, p *Program, c *call) error {
	if _, err := c.plain(c.flags(), 0, 0); err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		all, err := svc.ConnectionSlots(ctx)
		if err != nil {
			return err
		}
		if c.json {
			return p.printJSON(append([]app.Slot{}, all...))
		}
		var rows [][]string
		for _, s := range all {
			serves := s.Connection
			if serves == "" {
				serves = "nothing yet"
			}
			rows = append(rows, []string{s.Name, s.Connector, fmt.Sprint(len(s.Flows)), serves})
		}
		return p.printTable("slot|connector|flows|connection", rows)
	})
}

// connectionsBind lets a connection serve for what flows name.
func connectionsBind(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 2)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		if len(args) == 1 {
			if err := svc.Bind(ctx, args[0], ""); err != nil {
				return p.refused(err, flow.Flow{})
			}
			return p.say(c, args[0], "%s is bound to nothing; a connection of that name serves", args[0])
		}
		conn, err := findConnection(ctx, svc, args[1])
		if err != nil {
			return err
		}
		if err := svc.Bind(ctx, args[0], conn.Name); err != nil {
			return p.refused(err, flow.Flow{})
		}
		return p.say(c, args[0], "%s is %s on this machine", args[0], conn.Name)
	})
}
