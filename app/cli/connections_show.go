package cli

import (
	"context"
	"strings"

	"jackfield/app"
	"jackfield/flow"
)

// connectionsShow tells all of one connection: its settings, how it has fared, who uses it.
func connectionsShow(ctx context.Context, p *Program, c *call) error {
	args, err := c.plain(c.flags(), 1, 1)
	if err != nil {
		return err
	}
	return c.with(ctx, func(svc app.Service) error {
		conn, err := findConnection(ctx, svc, args[0])
		if err != nil {
			return err
		}
		h, err := svc.Health(ctx, conn.Name)
		if err != nil {
			return p.refused(err, flow.Flow{})
		}
		if c.json {
			return p.printJSON(struct {
				flow.Connection
				Health app.Health `json:"health"`
			}{conn, h})
		}
		rows := [][]string{{"connector", conn.Connector}, {"settings", settingsInWords(conn)}}
		for _, f := range h.Facts() {
			rows = append(rows, []string{strings.ToLower(f.Label), f.Text})
		}
		if h.Standing.Asks {
			rows = append(rows, []string{"sign-in", standingInWords(h.Standing)})
		}
		for _, u := range h.Uses {
			text := u.Name + ", " + u.Title
			if u.Enabled {
				text += " (enabled)"
			}
			rows = append(rows, []string{"used by", text})
		}
		if h.Warning != nil {
			rows = append(rows, []string{"warning", h.Warning.What + "; " + h.Warning.Fix})
		}
		return p.printTable("name|"+conn.Name, rows)
	})
}
