package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// Secrecy tells how the secrets stand.
func (l *Local) Secrecy(ctx context.Context) (flow.Secrecy, error) { return l.vault.Standing(ctx) }

// UnlockSecrets opens the vault. What waited for that goes on.
func (l *Local) UnlockSecrets(ctx context.Context, passphrase string) error {
	if err := l.vault.Unlock(ctx, passphrase); err != nil {
		return err
	}
	l.opened()
	return nil
}

// opened lets go on what waited for the vault.
func (l *Local) opened() {
	l.unlock.Do(func() { close(l.unlocked) })
	l.watchers.tell(flow.Event{Kind: flow.SecretsChanged})
}

// awaitUnlock returns when the vault is open.
func (l *Local) awaitUnlock(ctx context.Context) error {
	s, err := l.vault.Standing(ctx)
	if err != nil || !s.Locked {
		return err
	}
	if l.vault.Unlock(ctx, "") == nil {
		l.opened()
		return nil
	}
	select {
	case <-l.unlocked:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ProtectSecrets moves the key of the vault.
func (l *Local) ProtectSecrets(ctx context.Context, by flow.Protection, passphrase string, forget bool) error {
	do := l.vault.Protect
	if forget {
		do = l.vault.Forget
	}
	if err := do(ctx, by, passphrase); err != nil {
		return err
	}
	l.opened()
	return nil
}

// RotateSecrets seals all secrets anew.
func (l *Local) RotateSecrets(ctx context.Context, passphrase string) error {
	if err := l.vault.Rotate(ctx, passphrase); err != nil {
		return err
	}
	l.opened()
	return nil
}

// CheckSecrets opens every secret and names those that do not open.
func (l *Local) CheckSecrets(ctx context.Context) ([]kit.Check, error) {
	began := time.Now()
	good, bad, err := l.vault.Check(ctx)
	if err != nil {
		return nil, err
	}
	checks := []kit.Check{{Name: "secrets", OK: len(bad) == 0, Took: time.Since(began), What: fmt.Sprintf("%d open, %d do not", good, len(bad))}}
	for _, ref := range bad {
		c := kit.Check{Name: strings.ReplaceAll(ref, "/~", "/"), What: "it does not open with the key of the vault", Fix: "put the right key back, or enter the secret again"}
		if connection, _, ok := strings.Cut(strings.TrimPrefix(ref, "connection/"), "/~"); ok {
			c.Fix = "put the right key back, or sign in again: jackfield connections sign-in " + connection
		}
		checks = append(checks, c)
	}
	return checks, nil
}
