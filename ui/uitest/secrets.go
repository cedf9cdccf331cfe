package uitest

import (
	"context"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Secrecy gives how the secrets of the door stand.
func (d *Door) Secrecy(context.Context) (flow.Secrecy, error) { return d.Secret, d.Err }

// UnlockSecrets is written down, without the passphrase. "right" is the right one.
func (d *Door) UnlockSecrets(_ context.Context, passphrase string) error {
	if passphrase != "right" {
		return flow.Problem{Field: "passphrase", Code: "locked", What: "the passphrase does not open the vault", Fix: "try again"}
	}
	d.Secret.Locked = false
	return d.note("unlock the secrets")
}

// ProtectSecrets is written down.
func (d *Door) ProtectSecrets(_ context.Context, by flow.Protection, _ string, forget bool) error {
	return d.note("protect the secrets by %s, forget %t", by, forget)
}

// RotateSecrets is written down.
func (d *Door) RotateSecrets(context.Context, string) error { return d.note("rotate the secrets") }

// CheckSecrets finds nothing wrong.
func (d *Door) CheckSecrets(context.Context) ([]kit.Check, error) {
	return []kit.Check{{Name: "secrets", OK: true, What: "1 open, 0 do not"}}, d.Err
}
