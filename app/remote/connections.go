package remote

import (
	"context"
	"maps"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Connections lists the connections, without their secrets.
func (c *Client) Connections(ctx context.Context) ([]flow.Connection, error) {
	return one[[]flow.Connection](ctx, c, "Connections", harmless)
}

// SaveConnection stores a connection; its secrets go to the vault over there.
func (c *Client) SaveConnection(ctx context.Context, conn flow.Connection) error {
	return c.do(ctx, "SaveConnection", harmless, []any{revealed(conn)})
}

// TestConnection tries a connection out.
func (c *Client) TestConnection(ctx context.Context, conn flow.Connection) ([]kit.Check, error) {
	return one[[]kit.Check](ctx, c, "TestConnection", harmless, revealed(conn))
}

// RemoveConnection forgets a connection.
func (c *Client) RemoveConnection(ctx context.Context, name string) error {
	return c.do(ctx, "RemoveConnection", lasting, []any{name})
}

// revealed lets secrets go through the socket, which only their owner can open.
func revealed(conn flow.Connection) flow.Connection {
	conn.Values = maps.Clone(conn.Values)
	for name, v := range conn.Values {
		if s, hidden := v.(kit.Secret); hidden {
			conn.Values[name] = s.Reveal()
		}
	}
	return conn
}
