package http

import (
	"context"

	"jackfield/connectors/kit"
)

// connection is the settings as a connection of their own.
type connection struct{ settings }

func (c *connection) Fields() kit.Fields {
	return append(kit.Fields{c.urlField()}, append(c.accessFields(), c.secretField().More())...)
}

// Test goes the way that a request goes, step by step, and stops where it ends.
func (c *connection) Test(ctx context.Context, env kit.Env) []kit.Check {
	return c.Try(ctx, env, c.Signer(env))
}
