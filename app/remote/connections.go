package remote

import (
	"context"
	"maps"

	"jackfield/app"
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

// RemoveConnection forgets a connection.
func (c *Client) RemoveConnection(ctx context.Context, name string) error {
	return c.do(ctx, "RemoveConnection", lasting, []any{name})
}

// SignIn begins a sign-in.
func (c *Client) SignIn(ctx context.Context, connection string, way kit.Way) (kit.Invitation, error) {
	return one[kit.Invitation](ctx, c, "SignIn", lasting, connection, way)
}

// AwaitSignIn waits for the end of a sign-in.
func (c *Client) AwaitSignIn(ctx context.Context, id string) (kit.Standing, error) {
	return one[kit.Standing](ctx, c, "AwaitSignIn", lasting, id)
}

// PasteSignIn brings the address that the browser ended at.
func (c *Client) PasteSignIn(ctx context.Context, id, address string) error {
	return c.do(ctx, "PasteSignIn", lasting, []any{id, address})
}

// SignOut forgets what a sign-in gave.
func (c *Client) SignOut(ctx context.Context, connection string) error {
	return c.do(ctx, "SignOut", harmless, []any{connection})
}

// Standing tells how a connection's sign-in stands.
func (c *Client) Standing(ctx context.Context, connection string) (kit.Standing, error) {
	return one[kit.Standing](ctx, c, "Standing", harmless, connection)
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

// Health tells how a connection has fared.
func (c *Client) Health(ctx context.Context, name string) (app.Health, error) {
	return one[app.Health](ctx, c, "Health", harmless, name)
}

// ConnectionSlots lists what flows name as connections.
func (c *Client) ConnectionSlots(ctx context.Context) ([]app.Slot, error) {
	return one[[]app.Slot](ctx, c, "ConnectionSlots", harmless)
}

// Bind lets a connection serve for what flows name.
func (c *Client) Bind(ctx context.Context, slot, connection string) error {
	return c.do(ctx, "Bind", harmless, []any{slot, connection})
}
