package remote

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Secrecy tells how the secrets stand.
func (c *Client) Secrecy(ctx context.Context) (flow.Secrecy, error) {
	return one[flow.Secrecy](ctx, c, "Secrecy", harmless)
}

// UnlockSecrets opens the vault over there. The passphrase goes through the socket, which
// only its owner can open.
func (c *Client) UnlockSecrets(ctx context.Context, passphrase string) error {
	return c.do(ctx, "UnlockSecrets", harmless, []any{passphrase})
}

// ProtectSecrets moves the key of the vault.
func (c *Client) ProtectSecrets(ctx context.Context, by flow.Protection, passphrase string, forget bool) error {
	return c.do(ctx, "ProtectSecrets", lasting, []any{by, passphrase, forget})
}

// RotateSecrets seals all secrets anew.
func (c *Client) RotateSecrets(ctx context.Context, passphrase string) error {
	return c.do(ctx, "RotateSecrets", lasting, []any{passphrase})
}

// CheckSecrets opens every secret.
func (c *Client) CheckSecrets(ctx context.Context) ([]kit.Check, error) {
	return one[[]kit.Check](ctx, c, "CheckSecrets", harmless)
}
